#!/usr/bin/env python3
"""The sample 02_fulfil_order, with a second judge: beside its own audit, the checker reads what the run left behind.

    judged.py --build build/debug [--orders 400] [--kills 2] [--seed 1] [--postgres] [--engines 3]
"""

import argparse
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CHECKER = ROOT / "tests/checker"
sys.path[:0] = [str(ROOT / "samples/support"), str(ROOT / "samples/02_fulfil_order"), str(CHECKER)]

from collect import collect, read_postgres, read_sqlite  # noqa: E402
from drive import World, report, run  # noqa: E402
from generate_orders import make_orders  # noqa: E402
from postgres import PROGRAMS, Postgres  # noqa: E402
from processes import Failed  # noqa: E402
from progress import Progress  # noqa: E402


def ask(postgres, statement):
    asked = postgres.run("psql", "-h", postgres.directory, "-U", "postgres", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-qAt",
                         "-c", statement)
    if asked.returncode != 0:
        raise Failed(f"{PROGRAMS / 'psql'}: {asked.stderr.strip()}")
    return asked.stdout


def judge(world, submitter, seed):
    """Whether the checker is content; prints what it says."""
    if world.postgres:
        tables = read_postgres(lambda statement: ask(world.postgres, statement))
    else:
        tables = read_sqlite(next((world.directory / "amends-data").glob("*.db")))
    evidence = collect(world.directory / "evidence", "sample", tables,
                       [world.directory / f"{participant.name}.db" for participant in world.participants],
                       world.directory.glob("amendsd*.log"), submitter.history, seed=seed, quiescent=True)
    print("\nWhat the checker says:", flush=True)
    return subprocess.run([sys.executable, "-B", CHECKER / "check.py", "--part", evidence], check=False).returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--orders", type=int, default=400)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--engines", type=int, default=1)
    options = parser.parse_args()

    world = World(options.build.resolve(), options.seed, ["--log-calls"], postgres=Postgres() if options.postgres else None,
                  engines=options.engines)
    good = False
    try:
        orders = make_orders(options.orders, options.seed)
        world.open()
        progress = Progress(len(orders))
        submitter = run(world, orders, options.kills, progress)
        disagreements = report(world, orders, submitter, progress)
        for sentence in disagreements:
            print(f"  DISAGREES: {sentence}")
        good = judge(world, submitter, options.seed) and not disagreements
    except Failed as failed:
        print(f"\n  failed: {failed}", file=sys.stderr)
    finally:
        world.close()
        if good:
            shutil.rmtree(world.directory, ignore_errors=True)
        else:
            print(f"  Databases, logs and evidence: {world.directory}", file=sys.stderr)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
