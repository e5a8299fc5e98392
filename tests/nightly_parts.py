"""The parts of the nightly run: how long each, which commands, and how to read what they print.

A part returns {"counts": {what: number}, "faults": {kind: number}, "violations": [sentence], "seeds": [text]}.
"""

import collections
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import time
import typing

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEBUG, RELEASE = ROOT / "build/debug", ROOT / "build/nightly/release"
JOBS = 2
HIT_MAX = 8
RATIO_MIN = .03  # simulated sagas to calibration loops: half of what it is
BROKEN_MAX = 5  # simulated seeds in a night: whoever has so many has enough to do


def outcome():
    return {"counts": collections.Counter(), "faults": collections.Counter(), "violations": [], "seeds": []}


def call(command, log, **variables):
    """What it printed, and how it ended. All of it is in the log, too."""
    ran = subprocess.run([str(word) for word in command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                         env={**os.environ, **variables}, check=False)
    with log.open("a") as file:
        file.write(f"$ {' '.join(map(str, command))}\n{ran.stdout}ended with {ran.returncode}\n")
    return ran.returncode, ran.stdout


def build_for(names, logs):
    """The daemon and its world with failpoints, the simulation optimised as users have it. Fuzzing builds by itself."""
    steps = []
    if {"crash", "chaos"} & set(names):
        steps += [["cmake", "--preset", "debug"],
                  ["cmake", "--build", DEBUG, "--parallel", JOBS, "--target", "amendsd", "amends", "participant", "fulfil_order"]]
    if "simulation" in names:
        steps += [["cmake", "--preset", "release", "-B", RELEASE, "-DAMENDS_TESTS=ON", "-DAMENDS_FAILPOINTS=ON", "-DAMENDS_BENCH=OFF"],
                  ["cmake", "--build", RELEASE, "--parallel", JOBS, "--target", "simulate"]]
    for step in steps:
        code, said = call(step, logs / "build.log")
        if code != 0:
            sys.exit(f"nightly: {' '.join(map(str, step))} failed\n{said[-2000:]}")


def simulation(seconds, logs):
    """A seed that breaks a promise ends `simulate`; the next one goes on behind it, for the time that is left."""
    out, until = outcome(), time.monotonic() + seconds
    first = time.time_ns() // 1_000_000 * 1_000  # a thousand seeds a millisecond: no two nights share one
    while (left := until - time.monotonic()) > 1 and len(out["violations"]) < BROKEN_MAX:
        simulate(first, int(left), out, logs)
        first += 10**9
    return out


def simulate(first, seconds, out, logs):
    code, said = call([RELEASE / "bin/simulate", "--seeds", f"{first}..{first + 10**9 - 1}", "--seconds", seconds, "--jobs", JOBS, "--ratio-min", RATIO_MIN],
                      logs / "simulation.log")
    tally = re.search(r"^(\d+) seeds, (\d+) sagas, (\d+) events", said, re.M)
    if tally:
        out["counts"].update({"seeds": int(tally[1]), "sagas": int(tally[2]), "events": int(tally[3])})
        out["seeds"].append(f"{tally[1]} from {first}")
    for kind, count in re.findall(r"([a-z_ -]+?) (\d+)(?:, |$)", (re.search(r"^faults: (.*)$", said, re.M) or ["", ""])[1]):
        out["faults"][kind] += int(count)
    broken = re.findall(r"^.*BROKEN.*$|^repeat it: .*$", said, re.M)
    if broken or code != 0 or not tally:
        out["violations"].append("; ".join(broken) or f"simulate ended with {code}: {said.strip().splitlines()[-1:]}")


def side_by_side(seconds, make_command, read):
    """Commands of `make_command`, two at a time, none begun after the time is over."""
    until = time.monotonic() + seconds

    def work():
        while time.monotonic() < until:
            read(*make_command())
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for worker in [pool.submit(work) for _ in range(JOBS)]:
            worker.result()


def crash(seconds, logs):
    """Every place in turn at a few hits, and after each three loops of twenty kills at no place in particular."""
    out, dice = outcome(), random.Random(time.time_ns())
    sweep, loop = ROOT / "tests/crash/sweep.py", ROOT / "tests/crash/kill_loop.py"
    listed = call([sys.executable, "-B", sweep, "--list"], logs / "crash.log")[1].splitlines()
    todo = []

    def make_command():
        if not todo:
            for place in dice.sample(listed, len(listed)):
                store, name = place.split()
                hits = [str(hit) for hit in sorted(dice.sample(range(1, HIT_MAX + 1), 2))]
                todo.append([sweep, "--build", DEBUG, *(["--postgres"] if store == "postgres" else []), name, "--hits", *hits, "--seed",
                             str(dice.randrange(10**6))])
                todo.append([loop, "--build", DEBUG, "--seed", *(str(dice.randrange(10**9)) for _ in range(3))])
        return [todo.pop(0)]

    def read(command):
        _, said = call([sys.executable, "-B", *command], logs / "crash.log")
        for case in re.split(r"^(?=\S)", said, flags=re.M):
            kills = re.search(r"^seed \d+: (\d+) kills, (good|WRONG)|^\w+, hit \d+: (good|WRONG)", case)
            if not kills:
                if case.strip():
                    out["violations"].append(case.strip())
            elif "WRONG" not in case.splitlines()[0]:
                out["counts"].update({"kills": int(kills[1] or 1), "runs": 1})
                out["faults"][command[command.index("--hits") - 1] if "--hits" in command else "at random"] += int(kills[1] or 1)
            elif "was never reached" not in case and "and not at migration_mid" not in case:
                out["violations"].append(" ".join(case.split()))
    side_by_side(seconds, make_command, read)
    return out


def chaos(seconds, logs):
    out, dice = outcome(), random.Random(time.time_ns())
    lines = logs / "chaos.jsonl"
    turns = [[], ["--postgres", "--engines", "3"], ["--postgres", "--engines", "1"], ["--postgres", "--engines", "2"]]
    length = int(max(10, min(60, seconds / 2)))

    def make_command():
        turns.append(turns.pop(0))
        return [["tests/chaos/chaos.py", "--build", DEBUG, "--seed", str(dice.randrange(10**9)), "--seconds", str(length), "--report",
                 lines, *turns[-1]]]

    def read(command):
        code, said = call([sys.executable, "-B", *command], logs / "chaos.log")
        if code != 0 and "VIOLATED" not in said:
            out["violations"].append(f"{' '.join(map(str, command))} ended with {code}: {said.strip()[-300:]}")
    side_by_side(seconds, make_command, read)
    for line in map(json.loads, lines.read_text().splitlines() if lines.exists() else []):
        out["counts"].update({"runs": 1, "sagas": line["sagas"], "commands": line["commands"], "kills": line["kills"]})
        out["faults"].update(line["faults"])
        out["seeds"].append(line["seed"])
        if line["violations"]:
            out["violations"].append(f"chaos, {line['store']}, {line['engines']} engines, seed {line['seed']}: {'; '.join(line['violations'])}")
    return out


def fuzz(seconds, logs):
    out = outcome()
    targets = len(list((ROOT / "tests/fuzz/targets").glob("*.cpp")))
    each = max(5, int(seconds * JOBS / targets))
    code, said = call(["tests/fuzz/run.sh"], logs / "fuzz.log", AMENDS_FUZZ_SECONDS=str(each))
    for target, executions, crashes in re.findall(r"^(\w+) +(\d+) +\S+ +\S+ +(\d+)$", said, re.M):
        out["counts"].update({"targets": 1, "executions": int(executions)})
        if int(crashes):
            out["violations"].append(f"fuzz target {target} broke {crashes} times")
    out["violations"] += re.findall(r"^replay: .*$", said, re.M)
    if code != 0 and not out["violations"]:
        out["violations"].append(f"tests/fuzz/run.sh ended with {code}")
    return out


@dataclasses.dataclass(frozen=True)
class Part:
    share: int  # of thirty minutes
    play: typing.Callable  # of seconds and a directory for logs


PARTS = {"simulation": Part(12, simulation), "crash": Part(7, crash), "chaos": Part(6, chaos), "fuzz": Part(5, fuzz)}
