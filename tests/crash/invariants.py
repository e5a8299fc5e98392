"""What holds after every crash, read from the store's tables, the participants' tables and what arrived there.

An independent reading: nothing in here uses the engine's code or asks amendsd.
"""

import collections
import json
import pathlib
import sqlite3
import uuid

from ledger import Audit, Ledger

TERMINAL = {"completed", "compensated"}  # nobody parks or abandons anything in these tests
SHOWN_MAX = 3  # of the same kind; the rest are counted


def findings(store, directory, orders, acknowledged, known_already):
    """Sentences about everything that is wrong, none when all is well. `acknowledged`: {order: saga id};
    `known_already`: how many starts were answered "200, the same again"."""
    out = []
    out += some("starts", check_starts(store, orders, acknowledged))
    out += some("rows", check_rows(store))
    out += some("journals", check_journals(store, known_already))
    out += some("deliveries", check_deliveries(store, arrivals(directory)))
    sagas = [{"key": saga["key"], "state": saga["state"]} for saga in store.sagas.values()]
    out += Audit(orders, Ledger(directory), sagas).disagreements
    return out


def some(what, sentences):
    sentences = list(sentences)
    more = [f"and {len(sentences) - SHOWN_MAX} more about {what}"] if len(sentences) > SHOWN_MAX else []
    return sentences[:SHOWN_MAX] + more


class Store:
    """amendsd's tables: sagas by id, and their journals as [(seq, epoch, commit_seq, [entry])]."""

    def __init__(self, tables, integrity="ok"):
        """`tables`: the rows of each, as dictionaries; ids are text, the journal is in order."""
        self.writer = max(tables["writer"], key=lambda row: row["commit_seq"])
        self.sagas = {row["saga_id"]: row for row in tables["saga"]}
        self.keys = {row["key"]: row["saga_id"] for row in tables["start_key"]}
        self.graphs = {row["plan_id"]: json.loads(row["graph"]) for row in tables["plan"]}
        self.journals = collections.defaultdict(list)
        for row in tables["journal"]:
            self.journals[row["saga_id"]].append((row["seq"], row["epoch"], row["commit_seq"], json.loads(row["body"])))
        self.integrity = integrity

    def lives_at_work(self):
        """In how many of its lives amendsd wrote anything."""
        return len({epoch for journal in self.journals.values() for _, epoch, _, _ in journal})

    def step_name(self, saga, step):
        return self.graphs[self.sagas[saga]["plan_id"]]["steps"][step]["name"]


TABLES = {"writer": "writer_id", "saga": "saga_id", "start_key": "saga_id", "plan": "plan_id",
          "journal": "saga_id, seq"}  # and their order


def read_sqlite(directory):
    file = next(pathlib.Path(directory, "amends-data").glob("*.db"))
    database = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    tables = {name: [with_text_id(dict(row)) for row in database.execute(f"select * from {name} order by {order}")]
              for name, order in TABLES.items()}
    integrity = database.execute("pragma integrity_check").fetchone()[0]
    database.close()
    return Store(tables, integrity)


def with_text_id(row):
    return {**row, "saga_id": str(uuid.UUID(bytes=bytes(row["saga_id"])))} if "saga_id" in row else row


def read_postgres(database):
    """`database`: asks one statement and returns what it says."""
    tables = {name: json.loads(database.ask(
        f"select coalesce(json_agg(t order by {order}), '[]') from amends.{name} t")) for name, order in TABLES.items()}
    tables["writer"] = json.loads(database.ask(
        "select json_agg(t) from (select w.*, (select max(f.commit_seq) from amends.flush f"
        " where f.writer_id = w.writer_id) as commit_seq from amends.writer w) t"))
    return Store(tables)


def arrivals(directory):
    for file in pathlib.Path(directory).glob("*.arrivals"):
        for line in file.read_text().splitlines():
            yield json.loads(line)


def check_starts(store, orders, acknowledged):
    """What was acknowledged is there, once, under its id, and over."""
    by_key = collections.defaultdict(list)
    for saga, row in store.sagas.items():
        by_key[row["key"]].append(saga)
    for order in orders:
        key = order["order_id"]
        if key not in acknowledged:
            yield f"{key} was never acknowledged"
        elif by_key[key] != [acknowledged[key]]:
            yield f"{key} was acknowledged as {acknowledged[key]}, the store holds {by_key[key] or 'nothing'}"
        elif store.keys.get(key) != acknowledged[key]:
            yield f"{key}: its key leads to {store.keys.get(key)} and not to {acknowledged[key]}"
        elif store.sagas[acknowledged[key]]["state"] not in TERMINAL:
            yield f"{key} is {store.sagas[acknowledged[key]]['state']}: it did not end"


def check_rows(store):
    """The saga's row says what its journal says."""
    if store.integrity != "ok":
        yield f"the store's own check: {store.integrity}"
    for saga, row in store.sagas.items():
        journal = store.journals[saga]
        if not journal:
            yield f"saga {saga} has no journal"
            continue
        state = "running"
        for _, _, _, entries in journal:
            for entry in entries:
                state = entry["to"] if entry["e"] == "saga" else state
        for column, folded in (("state", state), ("active", int(state not in TERMINAL)), ("seq", journal[-1][0]),
                               ("key", journal[0][3][0].get("key", ""))):
            if row[column] != folded:
                yield f"saga {saga}: its row says {column} {row[column]}, its journal {folded}"
    for saga in store.journals.keys() - store.sagas.keys():
        yield f"saga {saga} has a journal and no row"


def check_journals(store, known_already):
    """seq is dense in a saga, commit_seq dense in the store, and no epoch comes after a later one."""
    epoch_of = {}
    for saga, journal in store.journals.items():
        if [seq for seq, *_ in journal] != list(range(1, len(journal) + 1)):
            yield f"saga {saga}: seq is not dense: {[seq for seq, *_ in journal]}"
        commits = [commit for _, _, commit, _ in journal]
        if commits != sorted(set(commits)):
            yield f"saga {saga}: commit_seq does not grow with seq: {commits}"
        for _, epoch, commit, _ in journal:
            if epoch_of.setdefault(commit, epoch) != epoch:
                yield f"commit {commit} holds rows of the epochs {epoch} and {epoch_of[commit]}"
        yield from check_attempts(saga, journal)
    # A flush of nothing but starts that were known already writes no row.
    missing = set(range(1, store.writer["commit_seq"] + 1)) - set(epoch_of)
    if len(missing) > known_already or max(epoch_of, default=0) > store.writer["commit_seq"]:
        yield (f"commit_seq is not dense up to {store.writer['commit_seq']}: {sorted(missing)[:5]} are missing, "
               f"and only {known_already} starts were known already")
    epochs = [epoch for _, epoch in sorted(epoch_of.items())]
    if epochs != sorted(epochs) or (epochs and epochs[-1] > store.writer["epoch"]):
        yield f"the epoch falls: {epochs}"


def check_attempts(saga, journal):
    """Attempts of a step are numbered densely, one at a time, and each was prepared before and ended."""
    count, open_, prepared = collections.Counter(), {}, set()
    for _, _, _, entries in journal:
        for entry in entries:
            leg = (entry.get("s"), entry.get("d", "run"))
            if entry["e"] == "prepared":
                prepared.add(leg)
            elif entry["e"] == "attempt":
                count[leg] += 1
                if entry["n"] != count[leg]:
                    yield f"saga {saga}: attempt {entry['n']} of {leg} comes where {count[leg]} is due"
                if leg in open_:
                    yield f"saga {saga}: two attempts of {leg} at once"
                if leg not in prepared:
                    yield f"saga {saga}: an attempt of {leg} without its request"
                open_[leg] = entry["n"]
            elif entry["e"] in ("done", "rejected", "transient", "unknown") and open_.pop(leg, None) != entry["n"]:
                yield f"saga {saga}: an outcome of {leg} for attempt {entry['n']}, which was not in flight"
    for leg in open_:
        yield f"saga {saga} is over, and an attempt of {leg} has no outcome"


def check_deliveries(store, arrived):
    """Each delivery was journalled first, under the epoch that it names, went out once, and carried the same bytes
    as every other attempt under its key."""
    journalled = {}
    for saga, journal in store.journals.items():
        for _, epoch, _, entries in journal:
            for entry in entries:
                if entry["e"] == "attempt":
                    step = store.step_name(saga, entry["s"])
                    journalled[saga, step, entry.get("d", "run"), entry["n"]] = epoch, entry["until"] // 1_000
    bytes_of, seen = {}, set()
    for one in arrived:
        attempt = (one["Amends-Saga"], one["Amends-Step"], one["Amends-Direction"], int(one["Amends-Attempt"]))
        name = f"attempt {attempt[3]} of {attempt[1]} ({attempt[2]}) of saga {attempt[0]}"
        if attempt not in journalled:
            yield f"{name} was delivered and is in no journal"
        elif (epoch := int(one["Amends-Epoch"])) != journalled[attempt][0]:
            yield (f"{name} was delivered under epoch {epoch} and journalled under {journalled[attempt][0]}: "
                   "it went out before its commit")
        elif int(one["Amends-Not-After"]) != journalled[attempt][1]:
            yield f"{name} was delivered with another Not-After than was journalled"
        if attempt in seen:
            yield f"{name} was delivered twice"
        seen.add(attempt)
        key = one["Idempotency-Key"]
        if not key.startswith(f"{attempt[0]}/"):
            yield f"{name} came with the key {key}"
        bytes_ = (one["method"], one["path"], one["body"])
        if bytes_of.setdefault(key, bytes_) != bytes_:
            yield f"{key} was delivered with other bytes: {bytes_} and {bytes_of[key]}"
