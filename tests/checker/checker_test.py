#!/usr/bin/env python3
"""The checker finds every break that it is there to find, says which it is, and is silent about a good run."""

import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import check  # noqa: E402
from good_run import copy_of, good_run, write  # noqa: E402
from mutations import MUTATIONS, Files  # noqa: E402
import mutations_lived  # noqa: E402, F401
import mutations_stored  # noqa: E402, F401

GOOD = good_run()


class CheckerTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="amends-checker-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def evidence(self, change=None, name="run"):
        files = copy_of(GOOD)
        if change:
            change(Files(files))
        return str(write(files, self.directory / name))

    def check(self, *arguments):
        """(exit code, what it printed, what it complained)"""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = check.main(list(arguments))
            except SystemExit as ended:
                code = ended.code
        return code, out.getvalue(), err.getvalue()

    def violated(self, directory):
        code, text, _ = self.check("--json", "--part", directory)
        data = json.loads(text)
        parts = {(one["invariant"], one["sentence"]): one for one in data["invariants"] if one["found"]}
        self.assertEqual(code, 1 if parts else 0)
        return parts


class EveryInvariant(CheckerTest):
    def test_finds_its_breaks_and_nobody_elses(self):
        for number, (name, mutate) in enumerate(MUTATIONS):
            with self.subTest(invariant=name, mutation=mutate.__name__):
                found = self.violated(self.evidence(mutate, f"run{number}"))
                self.assertEqual({invariant for invariant, _ in found}, {name}, shown(found))

    def test_was_seen_red_in_each_of_its_parts(self):
        red = set()
        for number, (_, mutate) in enumerate(MUTATIONS):
            red |= self.violated(self.evidence(mutate, f"run{number}")).keys()
        self.assertEqual({(one.name, one.sentence) for one in check.verdicts()} - red, set())

    def test_looks_at_something_in_the_good_run(self):
        _, text, _ = self.check("--json", self.evidence())
        idle = {one["invariant"] for one in json.loads(text)["invariants"]} - \
               {one["invariant"] for one in json.loads(text)["invariants"] if one["judged"]}
        self.assertEqual(idle, {"L2", "R3"}, "nothing waits at the end of the good run, and nothing is asked again after a refusal")


class WhatItSays(CheckerTest):
    def test_a_good_run_is_clean(self):
        code, text, complaint = self.check(self.evidence())

        self.assertEqual((code, complaint), (0, ""), text)
        self.assertIn("1 runs, 6 sagas", text)
        self.assertIn("S1        gap  signals do not exist yet", text)
        self.assertEqual(text.splitlines()[-1], "clean")

    def test_a_run_that_saw_too_little_is_void_but_may_be_a_part(self):
        def without_a_late_reply(run):
            run.entry(3, "late").update(e="command", verb="retry", id="c-9", answer="accepted")

        directory = self.evidence(without_a_late_reply)
        code, text, _ = self.check(directory)

        self.assertEqual(code, 3)
        self.assertIn("VOID: never seen: a late reply", text)
        self.assertEqual(self.check("--part", directory)[0], 0)
        self.assertEqual(self.check(directory, self.evidence(name="another"))[0], 0, "together they saw everything")

    def test_the_smallest_offending_saga_is_told_with_journal_and_participants_side_by_side(self):
        def two_effects_are_lost(run):
            run.call(1, "charge")["effect"] = run.call(4, "charge")["effect"] = "none"

        code, text, _ = self.check(self.evidence(two_effects_are_lost))

        self.assertEqual(code, 1)
        told = text[text.index("F1 VIOLATED"):]
        self.assertIn(f"saga {Files.id(1)}: charge took effect 0 times in a completed saga", told)
        lines = told.splitlines()
        attempt = next(n for n, line in enumerate(lines) if "attempt charge #1" in line)
        self.assertIn("| sent charge/run/1 #1 by engine-1 epoch 1: request delivered x1, reply delivered", lines[attempt + 1])
        self.assertIn("| bank 2: charge/run/1 #1 applied 200", lines[attempt + 2])
        self.assertNotIn(f"saga {Files.id(4)}, order@1", told)

    def test_what_was_not_gathered_is_named_and_not_judged(self):
        def without_participants(run):
            run.all["participants"] = None

        code, text, _ = self.check(self.evidence(without_participants))

        self.assertEqual(code, 3)
        self.assertRegex(text, r"F2  not judged .* \[no participants in 1 runs\]")

    def test_evidence_of_another_form_is_broken_and_says_where(self):
        for change, sentence in ((lambda run: run.journal[4].pop("commit"), "journal.jsonl:5 lacks commit"),
                                 (lambda run: run.participants[0].update(code="maybe"), "participants.jsonl:1: code is 'maybe'"),
                                 (lambda run: run.all.update(journal=None), "without journal.jsonl and plans.jsonl")):
            with self.subTest(sentence=sentence):
                code, _, complaint = self.check(self.evidence(change, sentence[:7]))
                self.assertEqual(code, 2)
                self.assertIn(sentence, complaint)
        self.assertEqual(self.check(str(self.directory / "nowhere"))[0], 2)
        self.assertEqual(self.check()[0], 2)

    def test_a_last_line_that_was_cut_off_is_left_out(self):
        directory = pathlib.Path(self.evidence())
        with (directory / "participants.jsonl").open("a") as file:
            file.write('{"who":"stock","rs')

        self.assertEqual(self.check(str(directory))[0], 0)


def shown(found):
    return {name: [finding["sentence"] for finding in one["findings"]] for (name, _), one in found.items()}


if __name__ == "__main__":
    unittest.main()
