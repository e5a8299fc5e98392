#!/usr/bin/env python3
"""The command line over a store, over hostile data, over nobody and over somebody else."""

import http.server
import json
import re
import sqlite3
import threading

from world import Daemon, main  # first: it finds what follows
from cli_world import FAILED, FOUND, NO_SAGA, NOT_ALLOWED, NOT_FOUND, UNAVAILABLE, USAGE, CliTest


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


class AroundTheDaemon(CliTest):
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

        older.process.kill()
        older.configuration.write_text("")
        older.process.start()
        told = self.amends("doctor", ends=FOUND, url=older.url)
        self.assertIn("found 1 saga is set aside", told)
        self.assertIn("\n        1 saga of hello@1 (definition_missing)\n", told)
        self.assertIn("no saga has asked for more than 5 minutes", told)

    def test_nobody_is_there(self):
        for command in (["list"], ["show", NO_SAGA], ["start", "hello"], ["workflows"], ["doctor"]):
            self.amends(*command, ends=UNAVAILABLE, url="http://127.0.0.1:1")


class Other(http.server.BaseHTTPRequestHandler):
    status, text = 200, b""
    texts = {}  # by path

    def do_GET(self):
        self.send_response(Other.status)
        self.end_headers()
        self.wfile.write(Other.texts.get(self.path, Other.text))

    def log_message(self, *_):
        pass


class SomebodyElse(CliTest):
    def setUp(self):
        self.server = http.server.HTTPServer(("127.0.0.1", 0), Other)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()

    def test_what_takes_no_starts_is_said(self):
        refused = {"workflow": "hello", "version": 1, "steps": 2, "shape": "ab" * 32, "refused": "no endpoint 'desk'"}
        Other.status, Other.text = 200, b'{"sagas":[]}'
        Other.texts = {"/v1/workflows": json.dumps({
            "workflows": [refused], "refused": [{"plugin": "/opt/bad.so", "reason": "no such file"}]}).encode()}
        listed = self.amends("workflows", url=self.url)
        self.assertIn("STARTS", listed)
        self.assertIn("it takes no starts: no endpoint 'desk'", listed)
        told = self.amends("doctor", ends=FOUND, url=self.url)
        self.assertIn("found a plugin was refused: /opt/bad.so: no such file", told)
        self.assertIn("found a workflow takes no starts: no endpoint 'desk'", told)
        self.assertNotIn("1 workflow", told)
        Other.texts = {}

    def test_whoever_answers_is_not_believed(self):
        for Other.status, Other.text, ends in [
                (200, b"<html>", FAILED), (200, b"[1]", FAILED), (200, b'{"sagas":7}', FAILED),
                (200, b"{}", FAILED), (403, b"", NOT_ALLOWED), (401, b'{"detail":"who \x1b[1m"}', NOT_ALLOWED),
                (503, b"", UNAVAILABLE), (500, b"", FAILED), (507, b'{"detail":"no room"}', UNAVAILABLE),
                (404, b"", NOT_FOUND), (302, b"", FAILED)]:
            with self.subTest(status=Other.status, text=Other.text):
                self.amends("list", ends=ends, url=self.url)


if __name__ == "__main__":
    main()
