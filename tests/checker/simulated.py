#!/usr/bin/env python3
"""Simulates some seeds with evidence, and has the checker judge them together: clean, and nothing unseen.

    simulated.py SIMULATE FIRST LAST [--part]
"""

import pathlib
import subprocess
import sys
import tempfile

CHECK = pathlib.Path(__file__).resolve().parent / "check.py"


def main():
    simulate, first, last, *options = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="amends-checker-") as directory:
        evidence = []
        for seed in range(int(first), int(last) + 1):
            evidence.append(pathlib.Path(directory, str(seed)))
            evidence[-1].mkdir()
            ended = subprocess.run([simulate, "--seed", str(seed), "--no-shrink", "--evidence", evidence[-1]], capture_output=True,
                                   text=True, check=False)
            if ended.returncode != 0:
                print(f"seed {seed}: the simulation itself says\n{ended.stdout}{ended.stderr}", flush=True)
                return 1
        return subprocess.run([sys.executable, "-B", CHECK, *options, *evidence], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
