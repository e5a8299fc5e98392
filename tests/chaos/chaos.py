#!/usr/bin/env python3
"""Real engines, real participants, and a nemesis with a seed: everything goes wrong for a while, is healed, and is judged.

    chaos.py --build build/debug --seed N --seconds S [--postgres [--engines K]] [--only FAULT...] [--rate ORDERS_A_SECOND]
             [--report FILE]

Ends 0 clean, 1 violated. The seed gives the same faults in the same order; what they meet is the machine's own. What was
wrong leaves its directory, with the evidence, and the command that plays it again.
"""

import argparse
import json
import pathlib
import shutil
import signal
import sys
import time
import traceback

from world import Failed, World  # first: it finds what follows
from faults import FAULTS
from judged import findings
from nemesis import Nemesis

SKEW_US = 6_000_000  # clocks go 3 s forward or back


def play(world, nemesis, seconds):
    """Returns the sentences that say what is wrong."""
    began = time.time_ns() // 1_000
    try:
        world.open()
        nemesis.play(seconds)
        converged = world.converge()
        healed = time.time_ns() // 1_000 - int(converged * 1e6)
        world.stop_all()
        about = {"began_at": began, "healed_at": healed, "ended_at": time.time_ns() // 1_000}
        wrong = world.wrong + findings(world, "chaos", nemesis.lines, limits={"clock_skew_us": SKEW_US}, **about)
        print(f"  at rest {converged:.1f} s after the last fault", flush=True)
        return wrong
    except Failed as failed:
        return [*world.wrong, str(failed)]
    except Exception:  # the seed and the evidence are worth more than the trace alone
        return [*world.wrong, traceback.format_exc()]
    finally:
        world.close()


def report(arguments, world, nemesis, wrong):
    """One line for whoever adds runs up."""
    return {"kind": "chaos", "seed": arguments.seed, "seconds": arguments.seconds, "engines": arguments.engines,
            "store": "postgres" if arguments.postgres else "sqlite", "sagas": len(world.submitter.saga_of),
            "commands": world.commander.given, "faults": dict(nemesis.counts), "kills": world.kills, "violations": wrong}


def command_of(arguments):
    words = [sys.argv[0], "--build", arguments.build, "--seed", arguments.seed, "--seconds", arguments.seconds, "--rate", arguments.rate]
    words += ["--postgres", "--engines", arguments.engines] if arguments.postgres else []
    words += ["--only", *arguments.only] if arguments.only else []
    return " ".join(map(str, words))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--seconds", type=int, default=30, help="of faults; healing and judging come on top")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--engines", type=int, default=1, choices=(1, 2, 3))
    parser.add_argument("--rate", type=int, default=30, help="orders a second")
    parser.add_argument("--only", nargs="+", choices=FAULTS, default=[])
    parser.add_argument("--report", type=pathlib.Path, help="append a JSON line to it")
    arguments = parser.parse_args()
    if arguments.engines > 1 and not arguments.postgres:
        parser.error("several engines share a PostgreSQL: add --postgres")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that `finally` runs

    world = World(arguments.build.resolve(), arguments.seed, arguments.postgres, arguments.engines, arguments.rate)
    wrong = ["it did not get to its end"]
    try:
        nemesis = Nemesis(world, arguments.seed, arguments.only)
        store = f"PostgreSQL, {arguments.engines} engines" if arguments.postgres else "SQLite"
        print(f"seed {arguments.seed}: {arguments.seconds} s of faults on {store}", flush=True)
        wrong = play(world, nemesis, arguments.seconds)
        line = report(arguments, world, nemesis, wrong)
        for name, count in nemesis.counts.items():
            print(f"  {name:<22} {count:>4}")
        print(f"  {line['sagas']} sagas, {line['commands']} cancels, {line['kills']} kills: "
              f"{'VIOLATED' if wrong else 'clean'}", flush=True)
        if arguments.report:
            with arguments.report.open("a") as file:
                file.write(json.dumps(line) + "\n")
    finally:
        keep(world, wrong)
    for sentence in wrong:
        print(f"    {sentence}")
    if wrong:
        print(f"    kept: {world.directory}\n    again: {command_of(arguments)}", flush=True)
    return 1 if wrong else 0


def keep(world, wrong):
    if wrong and world.is_mounted:
        shutil.copytree(world.data_directory, world.directory / "amends-data.kept", dirs_exist_ok=True)
    world.unmount()
    if not wrong:
        shutil.rmtree(world.directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
