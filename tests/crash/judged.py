"""What is wrong after a crash: by the checker, which reads what the run left behind, and by the participants' own books."""

import json
import pathlib
import subprocess
import sys

CHECKER = pathlib.Path(__file__).resolve().parent.parent / "checker"
sys.path.insert(0, str(CHECKER))

from collect import collect, read_postgres, read_sqlite  # noqa: E402
from ledger import Audit, Ledger  # noqa: E402


def read_tables(world):
    """amendsd's tables as {name: rows}."""
    if world.postgres:
        return read_postgres(getattr(world, "ask", None) or world.postgres.ask)
    return read_sqlite(next((world.directory / "amends-data").glob("*.db")))


def lives_at_work(world):
    """In how many of its lives amendsd wrote anything."""
    return len({row["epoch"] for row in read_tables(world)["journal"]})


def verified(world):
    """What `amends verify` says about the store: whether the journals are such as deciding leads to."""
    store = world.postgres.url if world.postgres else next(world.directory.glob("amends-data"))
    ended = subprocess.run([world.build / "bin/amends", "--store", store, "verify"], capture_output=True, text=True, check=False)
    return [] if ended.returncode == 0 else [f"amends verify: {line}" for line in (ended.stdout + ended.stderr).splitlines()]


def findings(world, kind="crash", faults=(), **about):
    """Sentences about everything that is wrong, none when all is well. The evidence stays in the world's directory. `faults` and
    `about` are those of faults.jsonl and run.json."""
    tables = read_tables(world)
    evidence = collect(world.directory / "evidence", kind, tables,
                       [world.directory / f"{participant.name}.db" for participant in world.participants],
                       world.directory.glob("amendsd*.log"), world.submitter.history, seed=world.seed, quiescent=True, **about)
    (evidence / "faults.jsonl").write_text("".join(json.dumps(line) + "\n" for line in faults))
    judged = subprocess.run([sys.executable, "-B", str(CHECKER / "check.py"), "--part", "--brief", str(evidence)], capture_output=True, text=True,
                            check=False)
    out = [] if judged.returncode == 0 else (judged.stdout + judged.stderr).splitlines()
    out += verified(world)
    if tables["integrity"] != "ok":
        out.append(f"the store's own check: {tables['integrity']}")
    never = [order["order_id"] for order in world.orders if order["order_id"] not in world.submitter.saga_of]
    if never:
        out.append(f"{len(never)} orders were never acknowledged, for example {never[0]}")
    sagas = [{"key": row["key"], "state": row["state"]} for row in tables["saga"]]
    return out + Audit(world.orders, Ledger(world.directory), sagas).disagreements
