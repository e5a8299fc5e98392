#!/usr/bin/env python3
"""Makes a directory of evidence out of a real run: amendsd's store, its log, and the participants' own databases.

    collect.py --out DIR --kind sample (--sqlite amends.db | --postgres URL) [--participant FILE.db...] [--log FILE...]
               [--clients FILE.jsonl] [--quiescent]

A participant's database holds the table `calls`, as samples/participants keep it with --log-calls. As a module: `collect`.
"""

import argparse
import datetime
import json
import pathlib
import sqlite3
import subprocess
import sys
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from plans import digest  # noqa: E402

TABLES = ("journal", "saga", "writer", "plan", "start_key")
POSTGRES_ONLY = ("flush", "command")
TIMES = {"journal": ("at",), "saga": ("created_at", "updated_at", "wake_at"), "command": ("at",)}
SAYS = {  # what amendsd's log says: the event, and more about it
    "a flush in doubt turned out to be durable": ("settled", {"landed": True}),
    "a flush in doubt turned out to be lost": ("settled", {"landed": False}),
    "another engine has taken over this store; this one has stopped": ("fenced", {}),
    "this engine has lost its hold on the store; it dropped its sagas and joins again": ("fenced", {}),
}


def read_sqlite(file):
    """{table: rows}; ids are text, the journal in order."""
    database = sqlite3.connect(f"{pathlib.Path(file).resolve().as_uri()}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    try:
        tables = {name: [dict(row) for row in database.execute(f"select * from {name}")] for name in TABLES}
        tables["integrity"] = database.execute("pragma integrity_check").fetchone()[0]
    finally:
        database.close()
    for name in ("journal", "saga", "start_key"):
        for row in tables[name]:
            row["saga_id"] = str(uuid.UUID(bytes=bytes(row["saga_id"])))
    return tables


def read_postgres(ask):
    """`ask`: runs one statement and returns the text of its one value."""
    tables = {"integrity": "ok"}
    for name in (*TABLES, *POSTGRES_ONLY):
        times = ", ".join(f"'{column}', amends.micros(t.{column})" for column in TIMES.get(name, ()))
        tables[name] = json.loads(ask(f"select coalesce(jsonb_agg(to_jsonb(t) || jsonb_build_object({times})), '[]') from amends.{name} t"))
    last = {}
    for row in tables["flush"]:
        last[row["writer_id"]] = max(last.get(row["writer_id"], 0), row["commit_seq"])
    tables["writer"] = [{**row, "commit_seq": last[row["writer_id"]]} for row in tables["writer"] if row["writer_id"] in last]
    return tables


def store_lines(tables):
    lines = {
        "journal": [{"saga": row["saga_id"], "seq": row["seq"], "writer": row["writer_id"], "epoch": row["epoch"],
                     "commit": row["commit_seq"], "at": row["at"], "entries": json.loads(row["body"])}
                    for row in sorted(tables["journal"], key=lambda row: (row["saga_id"], row["seq"]))],
        "plans": [{"plan_id": row["plan_id"], "shape": row["shape"], "graph": json.loads(row["graph"])} for row in tables["plan"]],
        "sagas": [{"saga": row["saga_id"], "plan_id": row["plan_id"], "key": row["key"], "state": row["state"],
                   "active": bool(row["active"]), "seq": row["seq"], "step": row["step"], "wake_at": row["wake_at"]}
                  for row in tables["saga"]],
        "start_keys": [{"workflow": row["workflow"], "key": row["key"], "saga": row["saga_id"], "body_hash": row["body_hash"]}
                       for row in tables["start_key"]],
        "writers": [{"writer": row["writer_id"], "engine": row["engine_id"], "epoch": row["epoch"], "commit": row["commit_seq"]}
                    for row in tables["writer"]],
    }
    if "flush" in tables:
        lines["flushes"] = [{"writer": row["writer_id"], "epoch": row["epoch"], "commit": row["commit_seq"]} for row in tables["flush"]]
        lines["commands"] = [{"command_id": row["command_id"], "saga": row["saga_id"], "kind": row["kind"],
                              "answered": row["answered_at"] is not None, "verdict": row["verdict"]} for row in tables["command"]]
    return lines


def participant_lines(file):
    database = sqlite3.connect(f"{pathlib.Path(file).resolve().as_uri()}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    who = pathlib.Path(file).stem
    try:
        for row in database.execute("select * from calls order by rseq"):
            yield {"who": who, "rseq": row["rseq"], "at": row["at_us"], "key": row["key"], "number": number(row["attempt"]),
                   "arrival": row["arrival"], "epoch": number(row["epoch"]), "not_after": number(row["not_after"]) * 1_000,
                   "body_hash": request_hash(row), "code": row["code"], "status": row["status"], "effect": row["effect"],
                   "result_hash": result_hash(row["answer"])}
    finally:
        database.close()


def number(text):
    return int(text) if text.isdigit() else 0


def request_hash(row):
    """Of the journal's `prepared.body` for HTTP."""
    request = {"method": row["method"], "path": row["path"]}
    if row["body"]:
        request["body"] = json.loads(row["body"])
    return digest(request)


def result_hash(answer):
    try:
        return digest(json.loads(answer) if answer else None)
    except ValueError:
        return None


def engine_lines(file):
    """What the log of one amendsd says; a last line may be cut off."""
    engine = pathlib.Path(file).stem
    for line in pathlib.Path(file).read_text(errors="replace").splitlines():
        try:
            said = json.loads(line)
            event, more = SAYS.get(said.get("msg"), (None, None))
            if event:
                yield {"at": micros(said["ts"]), "engine": engine, "event": event, **more}
        except (ValueError, AttributeError, KeyError):
            continue


def micros(text):
    at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return int(at.timestamp()) * 1_000_000 + at.microsecond


def collect(out, kind, tables, participants=(), logs=(), clients=None, **about):
    """Writes the directory `out`; `about` goes into run.json."""
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    lines = store_lines(tables)
    if participants:
        lines["participants"] = [line for file in participants for line in participant_lines(file)]
    if logs:
        lines["engines"] = [line for file in logs for line in engine_lines(file)]
    if clients is not None:
        lines["clients"] = clients
    times = [row["at"] for row in lines["journal"]] or [0]
    run = {"kind": kind, "hashes": "canonical", "began_at": min(times), "ended_at": max(times), "quiescent": False, **about}
    (out / "run.json").write_text(json.dumps(run))
    for name, rows in lines.items():
        (out / f"{name}.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return out


def psql(url):
    def ask(statement):
        return subprocess.run(["psql", url, "-v", "ON_ERROR_STOP=1", "-qAt", "-c", statement], check=True, capture_output=True,
                              text=True).stdout
    return ask


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", required=True)
    parser.add_argument("--kind", choices=("crash", "chaos", "sample"), required=True)
    store = parser.add_mutually_exclusive_group(required=True)
    store.add_argument("--sqlite", metavar="FILE")
    store.add_argument("--postgres", metavar="URL")
    parser.add_argument("--participant", nargs="*", default=[], metavar="FILE")
    parser.add_argument("--log", nargs="*", default=[], metavar="FILE")
    parser.add_argument("--clients", metavar="FILE", help="the clients' history, as clients.jsonl")
    parser.add_argument("--quiescent", action="store_true", help="everything was left to come to rest")
    options = parser.parse_args()
    tables = read_sqlite(options.sqlite) if options.sqlite else read_postgres(psql(options.postgres))
    clients = None
    if options.clients:
        clients = [json.loads(line) for line in pathlib.Path(options.clients).read_text().splitlines()]
    collect(options.out, options.kind, tables, options.participant, options.log, clients, quiescent=options.quiescent)
    return 0


if __name__ == "__main__":
    sys.exit(main())
