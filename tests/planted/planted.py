#!/usr/bin/env python3
"""Plants one bug after the other into the simulated world, and tells who found it: the simulation, while it runs, and the
checker, from evidence alone. Ends 0 when each bug was found by somebody and the same seeds are clean without one, else 1.

    planted.py SIMULATE [--seeds N] [--seconds S] [--checked N] [--jobs N] [PLANT...]
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

CHECK = pathlib.Path(__file__).resolve().parents[1] / "checker" / "check.py"


class Found:
    """By one of the two: after how many seeds and seconds, and in which words. Without words it was not found."""

    def __init__(self, seeds, began, words="", seed=0):
        self.seeds, self.seconds, self.words, self.seed = seeds, time.monotonic() - began, words, seed

    def cells(self, seeds_max):
        return (f"{self.seeds:4}", f"{self.seconds:6.1f}") if self.words else (f">{min(self.seeds, seeds_max)}".rjust(4), f"{self.seconds:6.1f}")


def run(command):
    return subprocess.run(command, capture_output=True, check=False, timeout=300)


def text(ended):
    return (ended.stdout + ended.stderr).decode(errors="replace")


def simulated(options, plant):
    """What breaks first, in the seeds from 1 on."""
    began = time.monotonic()
    ended = run([options.simulate, *plant, "--seeds", f"1..{options.seeds}", "--seconds", str(options.seconds), "--jobs", "1", "--no-shrink"])
    broken = re.search(r"^seed (\d+): BROKEN: (?:saga \S+: )?(.*)", text(ended), re.MULTILINE)
    if broken:
        return Found(int(broken[1]), began, broken[2], int(broken[1]))
    if ended.returncode != 0:
        raise RuntimeError(f"{' '.join(plant)}: simulate ended with {ended.returncode}\n{text(ended)}")
    return Found(options.seeds, began)


def judged(options, plant, seed):
    """The invariants that the checker calls violated in one seed whose own judges held their peace."""
    with tempfile.TemporaryDirectory(prefix="amends-planted-") as directory:
        ended = run([options.simulate, *plant, "--seed", str(seed), "--unjudged", "--evidence", directory])
        if ended.returncode not in (0, 1):
            return ""  # the engine has stopped itself: nothing was left to judge
        ended = run([sys.executable, "-B", CHECK, "--part", "--brief", directory])
        verdict = re.search(r"^VIOLATED: (.*)", text(ended), re.MULTILINE)
        if verdict is None and ended.returncode != 0:
            raise RuntimeError(f"{' '.join(plant)}, seed {seed}: the checker ended with {ended.returncode}\n{text(ended)}")
        return verdict[1] if verdict else ""


def checked(options, plant, hint):
    """Tries the seed first in which the simulation found it, and counts those that it tried."""
    began = time.monotonic()
    seeds = [hint] + [seed for seed in range(1, options.checked + 1) if seed != hint]
    tried = 0
    for tried, seed in enumerate(seeds[: options.checked], 1):
        if words := judged(options, plant, seed):
            return Found(tried, began, words, seed)
        if time.monotonic() - began > options.seconds:
            break
    return Found(tried, began)


def examined(options, name):
    plant = ["--plant", name]
    by_simulation = simulated(options, plant)
    return name, by_simulation, checked(options, plant, by_simulation.seed or 1)


def shortened(words, width=72):
    return words if len(words) <= width else words[: width - 3] + "..."


def print_row(options, name, by_simulation, by_checker):
    print(f"{name:26}", *by_simulation.cells(options.seeds), *by_checker.cells(options.checked),
          f"{shortened(by_checker.words, 18) or '-':18}", shortened(by_simulation.words) or "-", sep="  ", flush=True)


def clean_without(options, seeds):
    """What finds bugs where there are none has found nothing."""
    wrong = [f"seed {seed}: {words}" for seed in sorted(seeds) if (words := judged(options, [], seed))]
    last = max(seeds, default=1)
    ended = run([options.simulate, "--seeds", f"1..{last}", "--no-shrink"])
    if ended.returncode != 0:
        wrong.append(text(ended))
    print(f"without a bug: seeds 1..{last} simulated, {len(seeds)} of them checked:", "clean" if not wrong else "; ".join(wrong))
    return not wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("simulate")
    parser.add_argument("plants", nargs="*", metavar="PLANT")
    parser.add_argument("--seeds", type=int, default=500, help="simulated at most for each bug")
    parser.add_argument("--checked", type=int, default=40, help="judged by the checker at most for each bug")
    parser.add_argument("--seconds", type=float, default=30, help="spent at most on each bug, by each of the two")
    parser.add_argument("--jobs", type=int, default=min(os.cpu_count() or 1, 8))
    options = parser.parse_args()
    began = time.monotonic()
    plants = options.plants or [line.split("\t")[0] for line in text(run([options.simulate, "--plants"])).splitlines()]
    print(f"{'':26}  {'simulation':12}  checker")
    print(f"{'planted bug':26}", "seed", "     s", "tried", "    s", f"{'invariants':18}", "what the simulation says", sep="  ")
    missed, seeds, counts = [], set(), [0, 0]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for name, by_simulation, by_checker in pool.map(lambda plant: examined(options, plant), plants):
            print_row(options, name, by_simulation, by_checker)
            counts[0] += bool(by_simulation.words)
            counts[1] += bool(by_checker.words)
            seeds.update(found.seed for found in (by_simulation, by_checker) if found.words)
            if not by_simulation.words and not by_checker.words:
                missed.append(name)
    clean = clean_without(options, seeds)
    print(f"{len(plants) - len(missed)} of {len(plants)} planted bugs found, {counts[0]} by the simulation, {counts[1]} by the checker, in "
          f"{time.monotonic() - began:.0f} s" + (f"; NOT FOUND: {', '.join(missed)}" if missed else ""))
    return 0 if clean and not missed and plants else 1


if __name__ == "__main__":
    sys.exit(main())
