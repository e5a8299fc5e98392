#!/usr/bin/env python3
"""amends bench: what it says, and that nothing of it is left on the user's server or disk."""

import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent.parent
sys.path.insert(0, str(ROOT / "samples/support"))
BUILD = pathlib.Path(sys.argv.pop())

from postgres import Postgres  # noqa: E402

FAILED, USAGE, UNAVAILABLE = 1, 2, 6
FIGURES = ["sagas", "sagas_per_second", "transitions_per_second", "p50_ms", "p99_ms", "rows_per_flush", "engine_cpu_us",
           "database_alone_sagas_per_second", "database_alone_p50_ms"]


def bench(store, *arguments, seconds="0.2"):
    return [str(BUILD / "bin/amends"), "--store", str(store), "-o", "json", "bench", "--seconds", seconds, *arguments]


class BenchTest(unittest.TestCase):
    def run_bench(self, store, *arguments):
        return subprocess.run(bench(store, *arguments), capture_output=True, text=True, timeout=100)

    def report(self, store, *arguments):
        ended = self.run_bench(store, *arguments)
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        report = json.loads(ended.stdout)
        for load in report["loads"]:
            for figure in FIGURES:
                self.assertGreater(load[figure], 0, (load["live"], figure))
            self.assertLessEqual(load["p50_ms"], load["p99_ms"])
        self.assertGreater(report["commit_ms"], 0)
        self.assertIn("sagas of three steps a second", report["conclusion"][0])
        self.assertIn("4 commits", report["conclusion"][1])
        return report

    def refused(self, ends, sentence, store, *arguments):
        ended = self.run_bench(store, *arguments)
        self.assertEqual(ended.returncode, ends, ended.stderr)
        self.assertRegex(ended.stderr, r"\Aamends: [^\n]+\n\Z")
        self.assertIn(sentence, ended.stderr)

    def stopped(self, store, is_under_way):
        """SIGTERM in the middle of a run that would last for minutes."""
        process = subprocess.Popen(bench(store, seconds="100"), stderr=subprocess.PIPE, text=True)
        for _ in range(3000):
            if is_under_way():
                break
            time.sleep(0.01)  # another process's work shows nowhere else
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)
        self.assertEqual((process.returncode, told), (FAILED, "amends: stopped before it was through\n"))


class OnSqlite(BenchTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.place = pathlib.Path(folder.name)

    def test_it_is_measured_and_nothing_is_left(self):
        report = self.report(self.place, "--live", "7")
        self.assertEqual([load["live"] for load in report["loads"]], [1, 7, 32, 256])
        self.assertEqual(list(self.place.iterdir()), [])

    def test_a_stop_in_the_middle_leaves_nothing(self):
        self.stopped(self.place, lambda: list(self.place.glob("amends-bench-*/raw")) or
                     list(self.place.glob("amends-bench-*/engine/amends.db-wal")))
        self.assertEqual(list(self.place.iterdir()), [])

    def test_what_is_kept_is_named(self):
        report = self.report(self.place, "--keep")
        self.assertEqual([one.name for one in self.place.iterdir()], [report["kept"]])

    def test_what_it_cannot_do_is_said(self):
        self.refused(UNAVAILABLE, "there is no directory", self.place / "none")
        self.refused(USAGE, "--database is for PostgreSQL", self.place, "--database", "x")
        self.assertEqual(subprocess.run(bench(self.place, seconds="601"), capture_output=True).returncode, USAGE)
        self.refused(USAGE, "which database?", "")


class OnPostgres(BenchTest):
    @classmethod
    def setUpClass(cls):
        cls.postgres = Postgres()
        cls.postgres.start()
        cls.ask("create role poor login")

    @classmethod
    def tearDownClass(cls):
        cls.postgres.close()

    @classmethod
    def ask(cls, statement, database="postgres"):
        asked = cls.postgres.run("psql", "-h", cls.postgres.directory, "-U", "postgres", "-d", database, "-qAt", "-c",
                                 statement)
        if asked.returncode != 0:
            raise AssertionError(asked.stderr)
        return asked.stdout.strip()

    def url(self, database="postgres", user="postgres"):
        return f"postgres://{user}@/{database}?host={self.postgres.directory}"

    def own_databases(self):
        return self.ask("select count(*) from pg_database where datname like 'amends%'")

    def test_it_is_measured_and_nothing_is_left(self):
        report = self.report(self.url())
        for load in report["loads"]:
            self.assertGreater(load["wal_bytes"], 500)
            self.assertIn("database_cpu_us", load)  # null where the server's processes cannot be seen
        self.assertEqual(self.own_databases(), "0")
        self.assertEqual(self.ask("select to_regnamespace('amends') is null"), "t")

    def test_a_stop_in_the_middle_leaves_nothing(self):
        self.stopped(self.url(), lambda: self.own_databases() == "1")
        self.assertEqual(self.own_databases(), "0")

    def test_a_role_that_may_make_no_database_names_an_empty_one(self):
        self.refused(UNAVAILABLE, "may not create databases: give it the right with 'alter role ... createdb'",
                     self.url(user="poor"))
        self.ask("create database given owner poor")
        self.report(self.url(user="poor"), "--database", "given")
        self.assertEqual(self.ask("select to_regnamespace('amends') is null", "given"), "t")

    def test_a_database_with_a_store_is_left_alone(self):
        self.ask("create database inhabited")
        self.ask("create schema amends; create table amends.saga (n int); insert into amends.saga values (7)",
                 "inhabited")
        self.refused(USAGE, "may be somebody's store", self.url(), "--database", "inhabited")
        self.assertEqual(self.ask("select n from amends.saga", "inhabited"), "7")

    def test_what_cannot_be_removed_is_named(self):
        process = subprocess.Popen(bench(self.url(), seconds="100"), stderr=subprocess.PIPE, text=True)
        while self.own_databases() == "0":
            time.sleep(0.01)
        name = self.ask("select datname from pg_database where datname like 'amends%'")
        self.ask(f"update pg_database set datistemplate = true where datname = '{name}'")
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)
        self.assertIn(f"drop it with: drop database {name}", told)
        self.ask(f"update pg_database set datistemplate = false where datname = '{name}'")
        self.ask(f"drop database {name}")

    def test_a_server_that_is_not_there_is_said(self):
        self.refused(UNAVAILABLE, "cannot use", "postgres://127.0.0.1:1/nobody")


if __name__ == "__main__":
    unittest.main()
