#!/usr/bin/env python3
"""Kills amendsd at the nth time it comes to a failpoint, starts it again, and holds the invariants.

    sweep.py --build build/debug FAILPOINT [--hits 1 2 3 4 5] [--seed N]
"""

import argparse
import pathlib
import sys
import time

from world import Failed, World, run_case


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
    parser.add_argument("--hits", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    play_of = while_coming_back if arguments.failpoint == "recovery_midload" else at_work

    failed = False
    for hit in arguments.hits:
        begin = time.monotonic()
        world = World(arguments.build.resolve(), arguments.seed + hit)
        wrong = run_case(world, play_of(arguments.failpoint, hit))
        failed = failed or bool(wrong)
        verdict = "WRONG" if wrong else "good"
        print(f"{arguments.failpoint}, hit {hit}: {verdict}, {time.monotonic() - begin:.1f} s", flush=True)
        for sentence in wrong:
            print(f"    {sentence}")
        if wrong:
            print(f"    again: {' '.join(sys.argv[:1])} --build {arguments.build} {arguments.failpoint} --hits {hit} "
                  f"--seed {arguments.seed}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
