#!/usr/bin/env python3
"""Judges what runs left behind. Ends 0 clean, 1 violated, 2 usage or broken evidence, 3 void: too little was seen.

    check.py DIR...           a set of runs, which together must have met every kind of outcome
    check.py --part DIR...    a part of such a set: only what is wrong with it
    check.py --json DIR...    the same as data
"""

import argparse
import collections
import gc
import json
import pathlib
import sys
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from evidence import Broken, Evidence  # noqa: E402
from judge import GAPS, judge, verdicts  # noqa: E402
import rules  # noqa: E402, F401: registers the invariants
from run import Run  # noqa: E402
from seen import KINDS, kinds_seen  # noqa: E402
from timeline import tell  # noqa: E402

CLEAN, VIOLATED, USAGE, VOID = 0, 1, 2, 3
SHOWN_MAX = 3  # findings of one invariant; the rest are counted


class Report:
    """What came of a set of directories."""

    def __init__(self):
        self.verdicts = verdicts()
        self.seen = collections.Counter()
        self.faults = collections.Counter()
        self.sizes = collections.Counter()

    def take(self, directory):
        evidence = Evidence(directory)
        try:
            self.judge(Run(evidence))
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            raise Broken(f"{directory}: {type(error).__name__} {error} in {place.name}: a field is missing or of another type") from error

    def judge(self, run):
        judge(run, self.verdicts)
        self.seen += kinds_seen(run)
        self.faults.update(fault["kind"] for fault in run.evidence.faults)
        self.sizes.update({"runs": 1, "sagas": len(run.sagas), "rows": len(run.evidence.journal),
                           "entries": sum(saga.entries for saga in run.sagas.values()),
                           "calls": len(run.evidence.participants), "sends": len(run.evidence.network),
                           "operations": len(run.evidence.clients)})

    @property
    def violated(self):
        return [verdict for verdict in self.verdicts.values() if verdict.findings]

    @property
    def unseen(self):
        return [kind for kind in KINDS if not self.seen[kind]]

    def code(self, part):
        if self.violated:
            return VIOLATED
        return VOID if self.unseen and not part else CLEAN

    def as_data(self, part):
        return {
            "verdict": {CLEAN: "clean", VIOLATED: "violated", VOID: "void"}[self.code(part)],
            "sizes": dict(self.sizes), "seen": {kind: self.seen[kind] for kind in KINDS}, "faults": dict(self.faults),
            "gaps": [{"invariant": name, "reason": reason} for name, reason in GAPS],
            "invariants": [{"invariant": verdict.name, "sentence": verdict.sentence, "judged": verdict.judged,
                            "not_gathered": dict(verdict.missing), "findings": [as_data(f) for f in smallest(verdict.findings)],
                            "found": len(verdict.findings)} for verdict in self.verdicts.values()],
        }


def as_data(finding):
    return {"sentence": finding.sentence, "saga": finding.saga.id if finding.saga else None, "seq": finding.seq,
            "directory": str(finding.run.evidence.directory)}


def smallest(findings):
    return sorted(findings, key=lambda finding: finding.size)[:SHOWN_MAX]


def print_report(report, options):
    if not options.brief:
        print_table(report)
    for verdict in report.violated:
        print_findings(verdict)
    code = report.code(options.part)
    if code == VOID:
        print(f"VOID: never seen: {', '.join(report.unseen)}")
    print({CLEAN: "clean", VIOLATED: "VIOLATED: " + ", ".join(sorted({v.name for v in report.violated})), VOID: "void"}[code])


def print_table(report):
    print(", ".join(f"{count:,} {what}" for what, count in report.sizes.items()))
    if report.faults:
        print("faults: " + ", ".join(f"{kind} {count}" for kind, count in sorted(report.faults.items())))
    for verdict in sorted(report.verdicts.values(), key=lambda verdict: verdict.name):
        judged = f"{verdict.judged:>9,}"
        if verdict.missing and not verdict.judged:
            judged = f"{'not judged':>9}"
        lacks = f"   [no {', '.join(sorted(verdict.missing))} in {max(verdict.missing.values())} runs]" if verdict.missing else ""
        mark = f"   VIOLATED {len(verdict.findings)} times" if verdict.findings else ""
        print(f"  {verdict.name:<3} {judged}  {verdict.sentence}{lacks}{mark}")
    for name, reason in sorted(GAPS):
        print(f"  {name:<3}       gap  {reason}")
    print("seen: " + ", ".join(f"{kind} {report.seen[kind]:,}" for kind in KINDS))


def print_findings(verdict):
    print(f"\n{verdict.name} VIOLATED: {verdict.sentence}")
    shown = smallest(verdict.findings)
    for finding in shown:
        where = f" row {finding.seq}" if finding.seq else ""
        who = f"saga {finding.saga.id}{where}: " if finding.saga else ""
        print(f"  {who}{finding.sentence}")
    if len(verdict.findings) > len(shown):
        print(f"  and {len(verdict.findings) - len(shown)} more")
    first = shown[0]
    about = first.run.evidence.run
    print(f"  in {first.run.evidence.directory} ({about['kind']}, seed {about.get('seed', 'unknown')})")
    for line in tell(first.saga, first.seq) if first.saga else ():
        print(f"  {line}")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("directory", nargs="+")
    parser.add_argument("--part", action="store_true", help="not judged: whether every kind of outcome was seen")
    parser.add_argument("--brief", action="store_true", help="only what is wrong")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    report = Report()
    for directory in options.directory:
        try:
            report.take(directory)
        except Broken as broken:
            print(f"broken evidence: {broken}", file=sys.stderr)
            return USAGE
    if options.json:
        json.dump(report.as_data(options.part), sys.stdout, indent=1)
        print()
    else:
        print_report(report, options)
    return report.code(options.part)


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")
    gc.disable()  # nothing here refers to itself, and looking for what does takes as long as the judging
    sys.exit(main())
