#!/usr/bin/env python3
"""The command line: what each command prints, and what it ends with."""

import json
import pathlib
import sqlite3
import subprocess
import tempfile

from world import main  # first: it finds what follows
from cli_world import FAILED, FOUND, NO_SAGA, NOT_FOUND, UNAVAILABLE, USAGE, CliTest


class EachCommand(CliTest):
    def test_start(self):
        one = ["start", "hello", "--input", '{"name":"Ada","text":"hi"}']
        self.assertRegex(self.amends(*one), r"\A[0-9a-f-]{36}\n\Z")
        self.assertRegex(self.amends(*one, "--wait", "20s", "--key", "k"), r"\A[0-9a-f-]{36}  completed\n\Z")
        self.assertIn("started before", self.amends(*one, "--key", "k"))
        self.amends(*one, "--key", "k", "--tag", "a=b", ends=FAILED)
        self.amends("start", "casino", ends=NOT_FOUND)
        self.amends(*one, "--wait", "5", ends=USAGE)
        parked = ["start", "hello", "--input", '{"name":"refuse-letter wait","text":""}', "--wait", "20s"]
        self.assertIn("needs_operator", self.ended_badly(*parked))
        self.amends("start", "hello", "--input", "{", ends=USAGE)
        self.amends(*one, "--tag", "novalue", ends=USAGE)
        self.amends("start", "hello", "--input-file", "/no/such/file", ends=USAGE)
        self.amends("start", "hello", "--input-file", "/tmp", ends=USAGE)
        self.amends("start", "hello", "--input", "{}", "--inputs", "-", ends=USAGE)
        self.assertEqual(self.json("start", "hello", "--input-file", "-", stdin='{"name":"A","text":""}')["existing"],
                         False)

    def test_start_many(self):
        lines = "".join(json.dumps({"name": f"n{n}", "text": "x"}) + "\n" for n in range(150))
        many = ["start", "hello", "--inputs", "-", "--key-field", "name"]
        self.assertEqual(self.amends(*many, stdin=lines), "150 sagas started, 0 started before under their keys, 0 failed\n")
        self.assertEqual(self.json(*many, stdin=lines), {"created": 0, "existing": 150, "failed": 0})
        lines = '{"name":"a","text":"b"}\n{"no":1}\n'
        ended = self.run_cli("-o", "jsonl", "start", "hello", "--inputs", "-", stdin=lines)
        self.assertEqual(ended.returncode, FAILED)
        self.assertEqual([json.loads(line)["status"] for line in ended.stdout.splitlines()], [201, 400])
        self.assertIn("line 2", ended.stderr)
        ended = self.run_cli("start", "hello", "--inputs", "-", stdin='\n{"name":"a","text":"b"}\n\n{"no":1}\n')
        self.assertIn("line 4: ", ended.stderr)  # blank lines count
        self.amends(*many, stdin='{"name":1}\n', ends=USAGE)
        self.assertIn("leave --wait out", self.run_cli(*many, "--wait", "1s", stdin="").stderr)

    def test_list(self):
        saga = self.start("Ada", "--key", "listed", "--tag", "shop=graz", "--tag", "empty=")
        for flags in (["--key", "listed"], ["--tag", "shop=graz"], ["--tag", "shop=graz", "--state", "completed"],
                      ["--tag", "empty=", "--workflow", "hello", "--since", "2026-01-01T00:00:00Z"]):
            with self.subTest(flags=flags):
                self.assertEqual([one["id"] for one in self.json("list", *flags)], [saga])
        line = json.loads(self.amends("-o", "jsonl", "list", "--key", "listed"))
        self.assertEqual(line["id"], saga)
        table = self.amends("list", "--key", "listed").splitlines()
        self.assertEqual(table[0].split(), ["ID", "PLAN", "STATE", "STARTED", "KEY", "STEP", "ERROR"])
        self.assertIn(saga, table[1])
        self.assertEqual(self.json("list", "--key", "nobody's"), [])
        for flags in (["--state", "over"], ["--tag", "x"], ["--limit", "0"], ["--colour", "red"]):
            self.amends("list", *flags, ends=USAGE)
        self.amends("list", "--since", "yesterday", ends=USAGE)
        self.assertEqual(self.amends("list", "--key", "nobody's"), "no sagas\n")

    def test_list_says_what_a_running_saga_is_at(self):
        saga = self.daemon.start("hold list", key="at-work")
        self.wait_until(lambda: self.desk.arrived["/cards", "hold list"])
        for store in ([], ["--store", str(self.daemon.data_dir)]):
            with self.subTest(store=store):
                one, = self.json(*store, "list", "--key", "at-work")
                self.assertEqual((one["step"], one["endpoint"], one["asked_since"] > one["created_at"]),
                                 ("write-card", "desk", True))
                self.assertIn("write-card", self.amends(*store, "list", "--key", "at-work"))
                self.assertIn("\nnext: write-card: attempt 1 is in flight", self.amends(*store, "show", saga))
        self.assertEqual(self.json("show", saga)["steps"][0]["state"], "running")

    def test_show_and_journal(self):
        saga = self.start()
        picture = self.amends("show", saga)
        self.assertIn("write-card", picture)
        self.assertIn("completed", picture)
        self.assertTrue(self.amends("--ascii", "show", saga).isascii())
        self.assertEqual(self.json("show", saga)["id"], saga)
        self.assertEqual(json.loads(self.amends("-o", "jsonl", "show", saga))["state"], "completed")
        self.assertRegex(self.amends("journal", saga), r"\n2 +2\S+Z  write-card +attempt 1: done\n")
        rows = self.json("journal", saga)["rows"]
        self.assertEqual([json.loads(row) for row in self.amends("-o", "jsonl", "journal", saga).splitlines()], rows)
        for command in ("show", "journal"):
            self.amends(command, NO_SAGA, ends=NOT_FOUND)
            self.amends(command, "no-id", ends=USAGE)
            self.amends(command, ends=USAGE)

    def test_an_id_is_known_by_how_it_begins(self):
        saga = self.start()
        self.start("Bob")
        for store in ([], ["--store", str(self.daemon.data_dir)]):
            with self.subTest(store=store):
                self.assertEqual(self.json(*store, "show", saga[:13])["id"], saga)
                self.assertTrue(self.json(*store, "journal", saga[:20])["rows"])
                self.assertEqual(self.run_cli(*store, "rollback", saga[:35]).returncode, FOUND)
                self.amends(*store, "show", "ffffff", ends=NOT_FOUND)
                self.amends(*store, "show", saga[:5], ends=USAGE)
                ended = self.run_cli(*store, "show", saga[:6])
                self.assertEqual((ended.returncode, ended.stdout), (USAGE, ""))
                self.assertRegex(ended.stderr, f"sagas begin with {saga[:6]}:\n  [0-9a-f-]{{36}}  hello@1  ")
        parked = self.daemon.start("refuse-letter prefix", wait="20s")
        self.assertEqual(self.amends("cancel", parked[:13]), "cancel: accepted\n")

    def test_rollback(self):
        over = self.start()
        self.assertIn("not possible", self.amends("rollback", over, ends=FOUND))
        self.daemon.start("hold cli")
        saga = self.json("list", "--state", "running")[0]["id"]
        self.assertIn("tear-up-card", self.amends("rollback", saga))
        self.assertTrue(self.json("rollback", saga)["possible"])
        store = ["--store", str(self.daemon.data_dir)]
        self.assertEqual(self.json(*store, "rollback", saga), self.json("rollback", saga))
        self.assertIn("not possible: the saga is over", self.amends(*store, "rollback", over, ends=FOUND))
        for where in ([], store):
            self.amends(*where, "rollback", NO_SAGA, ends=NOT_FOUND)

    def test_commands(self):
        def parked():
            return self.daemon.start("refuse-letter cli", wait="20s")

        self.assertEqual(self.amends("retry", parked()), "retry: accepted\n")
        self.assertEqual(self.json("cancel", parked(), "--reason", "no"), {"answer": "accepted"})
        self.assertEqual(self.amends("-o", "jsonl", "skip", parked(), "--reason", "x"), '{"answer":"accepted"}\n')
        self.amends("resolve", parked(), "post-card", "--reason", "seen", "--done")
        abandoned = parked()
        self.amends("abandon", abandoned, "--reason", "written off")
        entries = [entry for row in self.json("journal", abandoned)["rows"] for entry in row["entries"]]
        self.assertEqual([entry["actor"] for entry in entries if entry["e"] == "command"], ["ada"])
        self.amends("cancel", abandoned, ends=FAILED)
        self.amends("cancel", NO_SAGA, ends=NOT_FOUND)
        self.amends("cancel", "no-id", ends=USAGE)
        for usage in (["skip"], ["abandon"], ["resolve", "--done"], ["resolve", "--reason", "x"],
                      ["resolve", "--reason", "x", "--done", "--not-done"],
                      ["resolve", "--reason", "x", "--done", "--result", "{"]):
            self.amends(usage[0], parked(), *usage[1:], ends=USAGE)

    def test_workflows(self):
        self.assertIn("hello", self.amends("workflows"))
        self.assertIn("write-card", self.amends("workflows", "hello"))
        self.assertEqual(self.json("workflows", "hello", "1")["version"], 1)
        self.amends("workflows", "casino", ends=NOT_FOUND)

    def test_check(self):
        good, bad = self.build / "plugins/hello.so", self.build / "plugins/test/findings.so"
        self.assertIn("no findings", self.amends("check", good))
        self.assertIn("finding:", self.amends("check", bad, ends=FOUND))
        throws = self.amends("check", self.build / "plugins/test/throws_in_steps.so")
        self.assertIn("note: throws-in-steps@1: 'undo-std' (undo of 'throws-std') threw in the rehearsal", throws)
        self.assertIn("  ? not known before it runs", throws)
        self.assertNotIn("?", self.amends("check", good))
        self.assertIn("(undo of 'other')", self.amends("check", self.build / "plugins/test/crashes_in_undo.so", ends=FOUND))
        self.assertIn("refused", json.dumps(self.json("check", "/etc/passwd", ends=FOUND)))
        self.amends("check", "/no/such.so", ends=FOUND)
        self.amends("check", ends=USAGE)

    def test_doctor(self):
        for saga in self.json("list", "--state", "needs_operator", "--limit", "500"):
            self.amends("abandon", saga["id"], "--reason", "made room for the doctor")
        self.assertIn("no saga needs an operator", self.amends("doctor"))
        self.daemon.start("refuse-letter doctor", wait="20s")
        self.assertIn("needs_operator", self.amends("doctor", ends=FOUND))
        self.assertFalse(json.loads(self.amends("-o", "jsonl", "doctor", ends=FOUND))["ok"])

    def test_db(self):
        self.amends("db", "migrate", ends=USAGE)
        self.amends("--store", "postgres://127.0.0.1:1/nobody", "db", "migrate", ends=UNAVAILABLE)
        self.assertIn("grant", self.amends("db", "grants", "--engine", "e", "--reader", "r").lower())

    def test_db_barrier(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        database = pathlib.Path(folder.name, "participant.db")
        sqlite3.connect(database).close()
        url = f"sqlite:{database}"
        for _ in range(2):
            self.assertIn("amends_barrier", self.amends("db", "barrier", "--endpoint-url", url))
        with sqlite3.connect(database) as made:
            self.assertEqual(made.execute("select count(*) from amends_barrier").fetchone(), (0,))
        made.close()
        for dialect in ("postgres", "sqlite"):
            self.assertIn("create table", self.amends("db", "barrier", "--print", dialect))
        self.amends("db", "barrier", ends=USAGE)
        self.amends("db", "barrier", "--print", "oracle", ends=USAGE)
        self.amends("db", "barrier", "--print", "sqlite", "--endpoint-url", url, ends=USAGE)
        self.amends("db", "barrier", "--endpoint-url", "sqlite:/no/such/file.db", ends=UNAVAILABLE)

    def test_usage(self):
        for wrong in ([], ["explode"], ["list", "--nonsense"], ["-o", "xml", "list"]):
            self.amends(*wrong, ends=USAGE)
        self.assertIn("did you mean 'start'?", self.run_cli("strat").stderr)
        self.assertEqual(self.run_cli("list", "--stat", "running").stderr,
                         "amends: '--stat' was not expected; did you mean '--state'?\n")
        self.assertIn("'extra' was not expected", self.run_cli("db", "migrate", "extra").stderr)
        with open("/dev/full", "w") as full:
            ended = subprocess.run([self.build / "bin/amends", "--help"], stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(ended.returncode, FAILED)
        self.assertIn("Exit codes", self.amends("--help"))
        self.assertIn("amends", self.amends("--version"))


if __name__ == "__main__":
    main()
