#!/usr/bin/env python3
"""Kills amendsd at the nth time it comes to a failpoint, starts it again, and holds the invariants.

    sweep.py --build build/debug [--postgres] FAILPOINT [--hits 1 2 3 4 5] [--seed N]

AMENDS_CRASH_HITS="1 2 3 4 5" says which hits are played where --hits does not.
"""

import argparse
import os
import pathlib
import sys
import time

from world import Failed, World, run_case  # first: it finds what follows
from database import Database, Server


LINGER_MS = 30  # at every other hit the other threads go on for so long: what they were given too early gets out


def armed(failpoint, hit):
    return {"AMENDS_FAILPOINT": f"{failpoint}:{hit}:{LINGER_MS if hit % 2 == 0 else 0}"}


def at_work(failpoint, hit):
    """amendsd comes to the failpoint while it takes orders and drives them."""
    def play(world):
        world.amendsd.variables = armed(failpoint, hit)
        world.open()
        world.submitter.start()
        world.wait_for_death(f"{failpoint}, hit {hit}")
        world.heal()
    return play


def while_coming_back(failpoint, hit):
    """amendsd is killed half-way, and again while it reads back what it was doing."""
    def play(world):
        world.open()
        world.submitter.start()
        world.wait_for("most orders to be taken", lambda: len(world.submitter.saga_of) >= 9)
        world.amendsd.kill()
        world.amendsd.variables = armed(failpoint, hit)
        try:
            world.amendsd.start()
        except Failed:
            pass  # it died before it was ready, which is what the next line asks for
        world.wait_for_death(f"{failpoint}, hit {hit}")
        world.heal()
    return play


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("failpoint")
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of the test's own")
    parser.add_argument("--hits", type=int, nargs="+")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    play_of = while_coming_back if arguments.failpoint == "recovery_midload" else at_work

    # PostgreSQL has its share of CI, and no more: fewer hits.
    usual = "1 2" if arguments.postgres else "1 2 3 4 5"
    hits = arguments.hits or [int(hit) for hit in os.environ.get("AMENDS_CRASH_HITS", usual).split()]
    failed = False
    server = Server() if arguments.postgres else None
    try:
        for hit in hits:
            failed = play_hit(arguments, play_of, hit, server) or failed
    finally:
        if server:
            server.close()
    return 1 if failed else 0


def play_hit(arguments, play_of, hit, server):
    """Whether anything was wrong."""
    begin = time.monotonic()
    database = Database(server, f"hit_{hit}") if server else None
    world = World(arguments.build.resolve(), arguments.seed + hit, database=database)
    wrong = run_case(world, play_of(arguments.failpoint, hit))
    verdict = "WRONG" if wrong else "good"
    print(f"{arguments.failpoint}, hit {hit}: {verdict}, {time.monotonic() - begin:.1f} s", flush=True)
    for sentence in wrong:
        print(f"    {sentence}")
    if wrong:
        store = " --postgres" if server else ""
        print(f"    again: {sys.argv[0]} --build {arguments.build}{store} {arguments.failpoint} --hits {hit} "
              f"--seed {arguments.seed}", flush=True)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
