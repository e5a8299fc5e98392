#!/usr/bin/env python3
"""The command line: what each command prints, and what it ends with. PYTHONPATH names tests/rest/api, for the world."""

import http.server
import json
import re
import sqlite3
import subprocess
import threading

from world import ApiTest, Daemon, main  # first: it finds what follows
from processes import environment

NO_SAGA = "0192d3a4-5b6c-7000-8000-000000000000"
OK, FAILED, USAGE, FOUND, NOT_FOUND, NOT_ALLOWED, UNAVAILABLE = range(7)


def copy_store(source, target, seconds_older):
    """What the store would be if it had all happened earlier."""
    micros = seconds_older * 1_000_000
    target.mkdir(mode=0o700)
    with sqlite3.connect(source / "amends.db") as live, sqlite3.connect(target / "amends.db") as copy:
        live.backup(copy)
        copy.execute("update saga set created_at = created_at - ?, updated_at = updated_at - ?", (micros, micros))
        for rowid, body in copy.execute("select rowid, body from journal").fetchall():
            body = re.sub(r'"at":(\d+)', lambda at: f'"at":{int(at[1]) - micros}', body)
            copy.execute("update journal set body = ? where rowid = ?", (body, rowid))


class Cli(ApiTest):
    def run_cli(self, *arguments, stdin=None, url=None):
        return subprocess.run([self.build / "bin/amends", *arguments], input=stdin, capture_output=True, text=True,
                              timeout=60, env={**environment(), "AMENDS_URL": url or self.daemon.url, "USER": "ada"})

    def amends(self, *arguments, ends=OK, **more):
        """What it prints, after it ended as expected. Success says nothing on stderr, failure one sentence there."""
        ended = self.run_cli(*arguments, **more)
        self.assertEqual(ended.returncode, ends, (arguments, ended.stdout, ended.stderr))
        if ends in (FAILED, NOT_FOUND, NOT_ALLOWED, UNAVAILABLE):
            self.assertRegex(ended.stderr, r"\Aamends: [^\n]+\n\Z")
        elif ends == OK:
            self.assertEqual(ended.stderr, "")
        self.assertNotIn("\x1b", ended.stdout + ended.stderr)
        return ended.stdout

    def json(self, *arguments, **more):
        return json.loads(self.amends("-o", "json", *arguments, **more))

    def ended_badly(self, *arguments):
        """What it prints when it did what it was told and the saga did not complete: no sentence on stderr."""
        ended = self.run_cli(*arguments)
        self.assertEqual((ended.returncode, ended.stderr), (FAILED, ""))
        return ended.stdout

    def start(self, name="Ada", *arguments):
        return self.json("start", "hello", "--input", json.dumps({"name": name, "text": "hi"}), "--wait", "20s",
                         *arguments)["id"]


class EachCommand(Cli):
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
        self.amends(*many, stdin='{"name":1}\n', ends=USAGE)

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

    def test_usage(self):
        for wrong in ([], ["explode"], ["list", "--nonsense"], ["-o", "xml", "list"]):
            self.amends(*wrong, ends=USAGE)
        self.assertIn("did you mean 'start'?", self.run_cli("strat").stderr)
        with open("/dev/full", "w") as full:
            ended = subprocess.run([self.build / "bin/amends", "--help"], stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(ended.returncode, FAILED)
        self.assertIn("Exit codes", self.amends("--help"))
        self.assertIn("amends", self.amends("--version"))


class AroundTheDaemon(Cli):
    def test_data_does_not_steer_the_terminal(self):
        hostile = "refuse \x1b[2J\x07\x9b31m"
        saga = self.daemon.start(hostile, wait="20s")  # the desk refuses it with an escape sequence of its own
        for command in (["show", saga], ["journal", saga], ["list"], ["-o", "json", "show", saga],
                        ["-o", "jsonl", "journal", saga]):
            printed = self.amends(*command)
            self.assertFalse({"\x1b", "\x07", "\x9b"} & set(printed), command)
        self.assertIn("\\x1b", self.amends("show", saga))

    def test_a_store_is_read_with_and_without_a_daemon(self):
        saga = self.start("Ada", "--key", "stored", "--tag", "a=b")
        for _ in ("running", "stopped"):
            store = ["--store", str(self.daemon.data_dir)]
            self.assertEqual([one["id"] for one in self.json(*store, "list", "--key", "stored")], [saga])
            self.assertEqual([one["id"] for one in self.json(*store, "list", "--tag", "a=b")], [saga])
            self.assertEqual(self.json(*store, "show", saga)["state"], "completed")
            self.assertTrue(self.json(*store, "journal", saga)["rows"])
            self.assertIn("write-card", self.amends(*store, "show", saga))
            self.assertIn("completed", self.amends(*store, "doctor"))
            self.amends(*store, "show", NO_SAGA, ends=NOT_FOUND)
            self.amends(*store, "show", "no-id", ends=USAGE)
            self.amends(*store, "list", "--since", "yesterday", ends=USAGE)
            for writing in (["start", "hello"], ["cancel", saga], ["workflows"]):
                self.amends(*store, *writing, ends=USAGE)
            self.daemon.process.stop()
        self.daemon.process.start()
        self.amends("--store", "/no/such/dir", "list", ends=UNAVAILABLE)
        self.assertIn("no Amends store in /tmp", self.run_cli("--store", "/tmp", "list").stderr)

    def test_doctor_names_who_has_asked_for_long(self):
        saga = self.daemon.start("hold for long")
        self.wait_until(lambda: self.desk.arrived["/cards", "hold for long"])
        self.assertIn("no saga has asked for more than 5 minutes", self.amends("doctor"))
        older = Daemon(self.build, self.desk, starts=False)
        self.addCleanup(older.close)
        self.addCleanup(self.desk.release)  # before that, so that no attempt is waited for
        copy_store(self.daemon.data_dir, older.data_dir, seconds_older=600)
        for daemon in (False, True):
            with self.subTest(daemon=daemon):
                if daemon:
                    older.process.start()
                store = [] if daemon else ["--store", str(older.data_dir)]
                told = self.amends(*store, "doctor", ends=FOUND, url=older.url)
                self.assertIn("found 1 saga has asked for more than 5 minutes", told)
                self.assertRegex(told, f"\n        {saga}: write-card has asked 'desk' for 1[01] min")
                checks = self.json(*store, "doctor", ends=FOUND, url=older.url)["checks"]
                self.assertEqual([len(check["details"]) for check in checks if not check["ok"]], [1])

    def test_nobody_is_there(self):
        for command in (["list"], ["show", NO_SAGA], ["start", "hello"], ["workflows"], ["doctor"]):
            self.amends(*command, ends=UNAVAILABLE, url="http://127.0.0.1:1")


class SomebodyElse(Cli):
    def test_whoever_answers_is_not_believed(self):
        class Other(http.server.BaseHTTPRequestHandler):
            status, text = 200, b""

            def do_GET(self):
                self.send_response(Other.status)
                self.end_headers()
                self.wfile.write(Other.text)

            def log_message(self, *_):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Other)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        try:
            for Other.status, Other.text, ends in [
                    (200, b"<html>", FAILED), (200, b"[1]", FAILED), (200, b'{"sagas":7}', FAILED),
                    (200, b"{}", FAILED), (403, b"", NOT_ALLOWED), (401, b'{"detail":"who \x1b[1m"}', NOT_ALLOWED),
                    (503, b"", UNAVAILABLE), (500, b"", FAILED), (507, b'{"detail":"no room"}', UNAVAILABLE),
                    (404, b"", NOT_FOUND), (302, b"", FAILED)]:
                with self.subTest(status=Other.status, text=Other.text):
                    self.amends("list", ends=ends, url=url)
        finally:
            server.shutdown()
            server.server_close()


if __name__ == "__main__":
    main()
