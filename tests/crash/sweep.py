#!/usr/bin/env python3
"""Kills amendsd at the nth time it comes to a failpoint, starts it again, and holds the invariants.

    sweep.py --build build/debug [--postgres] FAILPOINT [--hits 1 2 3 4 5] [--seed N]
    sweep.py --list      # "store failpoint" a line, of places.py

AMENDS_CRASH_HITS="1 2 3 4 5" says which hits are played where --hits does not.
"""

import argparse
import os
import pathlib
import sys
import time

from world import World, run_case  # first: it finds what follows
from database import Database, Server
from places import PLACES


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("failpoint", choices=PLACES, nargs="?")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--build", type=pathlib.Path)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of the test's own")
    parser.add_argument("--hits", type=int, nargs="+")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(f"{store} {name}" for name, place in PLACES.items() for store in place.stores))
        return 0
    if not arguments.failpoint or not arguments.build:
        parser.error("FAILPOINT and --build are needed")

    # PostgreSQL has its share of CI, and no more: fewer hits.
    usual = "1 2" if arguments.postgres else "1 2 3"
    hits = arguments.hits or [int(hit) for hit in os.environ.get("AMENDS_CRASH_HITS", usual).split()]
    failed = False
    server = Server() if arguments.postgres else None
    try:
        for hit in hits:
            failed = play_hit(arguments, hit, server) or failed
    finally:
        if server:
            server.close()
    return 1 if failed else 0


def play_hit(arguments, hit, server):
    """Whether anything was wrong."""
    begin = time.monotonic()
    place = PLACES[arguments.failpoint]
    database = Database(server, f"hit_{hit}", wired=arguments.failpoint == "after_commit_sent") if server else None
    world = World(arguments.build.resolve(), arguments.seed + hit, database=database, settings=place.settings)
    wrong = run_case(world, place.play(arguments.failpoint, hit))
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
