#!/usr/bin/env python3
"""Kills amendsd every 50 to 300 ms, twenty times, at no place in particular, and holds the invariants at the end.

    kill_loop.py --build build/debug [--seed 1 2]
"""

import argparse
import pathlib
import random
import sys
import time

from world import Failed, World, run_case  # first: it finds what follows
from judged import lives_at_work

KILLS = 20
ORDERS_A_LIFE = 6  # so that every life of amendsd finds something to take and something to go on with


def kill_again_and_again(seed):
    dice = random.Random(seed)

    def play(world):
        world.taken_max = 0
        world.open()
        world.submitter.start()
        for life in range(1, KILLS + 1):
            world.taken_max = life * ORDERS_A_LIFE
            time.sleep(dice.uniform(.05, .3))  # the time is the chance in this test, not a signal waited for
            world.check_alive()
            world.amendsd.kill()
            world.amendsd.start()
        world.heal(running=True)
        lives = lives_at_work(world)
        if lives < KILLS * 3 // 4:
            raise Failed(f"only {lives} of {KILLS} lives of amendsd wrote anything: this run proves nothing")
    return play


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, nargs="+", default=[1, 2])
    arguments = parser.parse_args()

    failed = False
    for seed in arguments.seed:
        begin = time.monotonic()
        world = World(arguments.build.resolve(), seed, KILLS * ORDERS_A_LIFE)
        wrong = run_case(world, kill_again_and_again(seed))
        failed = failed or bool(wrong)
        verdict = "WRONG" if wrong else "good"
        print(f"seed {seed}: {KILLS} kills, {verdict}, {time.monotonic() - begin:.1f} s", flush=True)
        for sentence in wrong:
            print(f"    {sentence}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
