"""Invariants by name, and what was found against each.

An invariant is a function of a run and a judge: it says what it looked at (`judge.saw`) and what is wrong with it
(`judge.wrong`). What has no subject yet is a gap with its reason, and is printed as such.
"""

import collections

INVARIANTS = []
GAPS = []


class Invariant:
    def __init__(self, name, sentence, needs, check):
        self.name, self.sentence, self.needs, self.check = name, sentence, needs, check


def invariant(name, sentence, needs=("journal",)):
    """`needs`: the kinds of evidence without which there is nothing to judge. One name may have several parts."""
    def register(check):
        INVARIANTS.append(Invariant(name, sentence, needs, check))
        return check
    return register


def gap(name, reason):
    GAPS.append((name, reason))


class Finding:
    def __init__(self, name, sentence, run, saga, seq):
        self.name, self.sentence, self.run, self.saga, self.seq = name, sentence, run, saga, seq

    @property
    def size(self):
        """Smaller is easier to understand; what is about no saga at all explains least."""
        return self.saga.entries if self.saga else float("inf")


class Verdict:
    """About one invariant, over all runs: how much was looked at, what is wrong, what was missing."""

    def __init__(self, one):
        self.name, self.sentence = one.name, one.sentence
        self.judged = 0
        self.findings = []
        self.missing = collections.Counter()


class Judge:
    """What an invariant speaks to while it looks at one run."""

    def __init__(self, verdict, run):
        self.verdict, self.run = verdict, run

    def saw(self, count=1):
        self.verdict.judged += count

    def wrong(self, sentence, saga=None, row=None):
        self.verdict.findings.append(Finding(self.verdict.name, sentence, self.run, saga, row["seq"] if row else None))


def verdicts():
    return {one: Verdict(one) for one in INVARIANTS}


def judge(run, into):
    for one in INVARIANTS:
        missing = [kind for kind in one.needs if not run.evidence.has(kind)]
        if missing:
            into[one].missing.update(missing)
        else:
            one.check(run, Judge(into[one], run))
