#!/usr/bin/env python3
"""The long run: simulation, crashes, chaos and fuzzing for so many minutes, with seeds that nobody has drawn before.

    tests/run.sh nightly [--minutes 30] [--only simulation crash chaos fuzz]
    tests/nightly.py --sum [--commit HASH] [--write]      # all nights of one commit; --write puts it into docs/promises.md

Appends a line to build/nightly/report.jsonl and writes build/nightly/report.md; logs stand beside it. Ends 0 when nothing was
violated, 1 when something was. How each part is run and read stands in tests/nightly_parts.py.
"""

import argparse
import collections
import json
import pathlib
import subprocess
import sys
import time

from nightly_parts import PARTS, ROOT, build_for

NIGHTLY = ROOT / "build/nightly"
REPORT = NIGHTLY / "report.jsonl"
PROMISES = ROOT / "docs/promises.md"
BEGIN, END = "<!-- nightly: begin -->", "<!-- nightly: end -->"


def git(*words):
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def commit():
    """Of what is run: a tree with changes is no commit."""
    return git("rev-parse", "--short=12", "HEAD") + ("+changes" if git("status", "--porcelain", "-uno") else "")


def add_up(lines):
    """One line of the sums of several."""
    out = {"nights": len(lines), "minutes": round(sum(line["minutes"] for line in lines), 1), "parts": {}}
    for line in lines:
        for name, part in line["parts"].items():
            into = out["parts"].setdefault(name, {"counts": collections.Counter(), "faults": collections.Counter(),
                                                  "violations": [], "seeds": []})
            into["counts"].update(part["counts"])
            into["faults"].update(part["faults"])
            into["violations"] += part["violations"]
            into["seeds"] += part["seeds"]
    return out


def table(sums, of):
    kills = sum(part["counts"].get("kills", 0) for part in sums["parts"].values())
    violations = [sentence for part in sums["parts"].values() for sentence in part["violations"]]
    rows = [f"Commit `{of}`, {sums['nights']} runs, {sums['minutes']} minutes.", "", "| | |", "|---|---|"]
    for name, part in sums["parts"].items():
        rows += [f"| {name}: {what} | {count:,} |" for what, count in part["counts"].items()]
    rows += [f"| real kills | {kills:,} |", f"| violations | {len(violations):,} |", ""]
    for name, part in sums["parts"].items():
        if part["faults"]:
            told = ", ".join(f"{what} {count:,}" for what, count in sorted(part["faults"].items()))
            rows += [f"Faults in {name}: {told}.", ""]
        if part["seeds"]:
            shown = ", ".join(map(str, part["seeds"][:12])) + (f" and {len(part['seeds']) - 12} more" if len(part["seeds"]) > 12 else "")
            rows += [f"Seeds of {name}: {shown}.", ""]
    rows += [f"* VIOLATED: {sentence}" for sentence in violations]
    return "\n".join(rows).rstrip() + "\n"


def sum_up(options):
    lines = [json.loads(line) for line in REPORT.read_text().splitlines()] if REPORT.exists() else []
    of = options.commit or commit()
    lines = [line for line in lines if line["commit"] == of]
    if not lines:
        print(f"there is no nightly run of {of} in {REPORT.relative_to(ROOT)}", file=sys.stderr)
        return 2
    sums = add_up(lines)
    text = table(sums, of)
    print(text)
    if options.write:
        before, rest = PROMISES.read_text().split(BEGIN)
        PROMISES.write_text(f"{before}{BEGIN}\n{text}{END}{rest.split(END)[1]}")
    return 1 if any(part["violations"] for part in sums["parts"].values()) else 0


def run(options):
    NIGHTLY.mkdir(parents=True, exist_ok=True)
    names = options.only or list(PARTS)
    of, night = commit(), time.strftime("%Y%m%d-%H%M%S")
    logs = NIGHTLY / night
    logs.mkdir()
    build_for(names, logs)
    shares = sum(PARTS[name].share for name in names)
    line = {"commit": of, "began": night, "minutes": 0, "parts": {}}
    begin = time.monotonic()
    for name in names:
        seconds = options.minutes * 60 * PARTS[name].share / shares
        print(f"nightly: {name}, {seconds:.0f} s", flush=True)
        line["parts"][name] = PARTS[name].play(seconds, logs)
        for sentence in line["parts"][name]["violations"]:
            print(f"nightly: VIOLATED: {sentence}", flush=True)
    line["minutes"] = round((time.monotonic() - begin) / 60, 1)
    with REPORT.open("a") as file:
        file.write(json.dumps(line) + "\n")
    text = table(add_up([line]), of)
    (NIGHTLY / "report.md").write_text(text)
    print("\n" + text + f"\nlogs: {logs.relative_to(ROOT)}")
    return 1 if any(part["violations"] for part in line["parts"].values()) else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=30, help="of running; building comes on top")
    parser.add_argument("--only", nargs="+", choices=PARTS)
    parser.add_argument("--sum", action="store_true")
    parser.add_argument("--commit", help="instead of the one checked out")
    parser.add_argument("--write", action="store_true", help="with --sum: into docs/promises.md")
    options = parser.parse_args()
    return sum_up(options) if options.sum else run(options)


if __name__ == "__main__":
    sys.exit(main())
