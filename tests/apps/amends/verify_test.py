#!/usr/bin/env python3
"""amends verify over stores that a real engine filled: nothing is found beside it, each damage is named, each safe repair
brings the store back."""

import json
import pathlib
import shutil
import sqlite3
import threading

from world import Daemon, Desk, main  # first: it finds what follows
from cli_world import FAILED, FOUND, NO_SAGA, NOT_FOUND, OK, UNAVAILABLE, USAGE, CliTest
from postgres import Postgres

OF = "saga_id = (select saga_id from saga where {} limit 1)"
COMPLETED, PARKED, RUNNING = OF.format("state = 'completed'"), OF.format("state = 'needs_operator'"), \
    OF.format("state = 'running'")
KEYED = OF.format("key = 'first'")
YES = "(1 = 1)"

# What is written where, what is found, and whether it can be put right. One text for both databases.
DAMAGES = [
    (f"update saga set state = 'running', active = {YES} where {COMPLETED}", {"row_differs"}, True),
    (f"update saga set step = 'nowhere', error_class = 'e' where {PARKED}", {"row_differs"}, True),
    (f"update saga set seq = 99 where {COMPLETED}", {"row_ahead"}, True),
    (f"update saga set state = 'running', active = {YES}, seq = 1, updated_at = created_at where {COMPLETED}",
     {"row_behind"}, True),
    (f"update saga set wake_at = {{later}} where {RUNNING}", {"row_differs"}, True),
    (f"delete from saga where {COMPLETED}", {"no_saga"}, True),
    (f"update saga set workflow = 'other' where {KEYED}", {"row_differs", "misplaced"}, False),
    (f"delete from journal where seq = 2 and {COMPLETED}", {"sequence"}, False),
    (f"update journal set body = '[{{{{\"e\":' where seq = 2 and {COMPLETED}", {"journal_unreadable"}, False),
    (f"update journal set body = '[]' where seq = 2 and {COMPLETED}", {"journal_unreadable"}, False),
    ("update journal set body = '[{{\"e\":\"attempt\",\"s\":0,\"n\":99999999999999999999,\"at\":1,\"until\":1}}]' "
     f"where seq = 2 and {COMPLETED}", {"journal_unreadable"}, False),
    ("update journal set body = '[{{\"e\":\"attempt\",\"s\":0,\"n\":1,\"at\":9223372036854775807,\"until\":1}}]' "
     f"where seq = 2 and {COMPLETED}", {"journal_unreadable"}, False),
    (f"update journal set body = '[{{{{\"e\":\"saga\",\"to\":\"completed\"}}}}]' where seq = 2 and {COMPLETED}",
     {"impossible_entry"}, False),
    (f"update journal set body = replace(body, '\"shape\":\"', '\"shape\":\"f') where seq = 1 and {COMPLETED}",
     {"plan_differs"}, False),
    (f"delete from journal where {PARKED}", {"no_journal"}, False),
    ("delete from plan", {"no_plan"}, False),
    ("update plan set graph = '{{}}'", {"plan_damaged"}, False),
    (f"update journal set epoch = 77 where seq = 1 and {COMPLETED}", {"epoch_backwards", "unknown_flush"}, False),
    (f"update journal set commit_seq = 99999 where seq = 1 and {RUNNING}", {"unknown_flush"}, False),
    ("delete from start_key", {"no_start_key"}, False),
    (f"insert into tag select shard_id, saga_id, 'a', 'b' from saga where {COMPLETED};"
     f"delete from journal where {COMPLETED}; delete from saga where {COMPLETED}", {"no_saga"}, False),
]
IN_SQLITE = [
    (f"update saga set seq = 'many' where {COMPLETED}", {"row_unreadable"}, True),
    (f"update saga set updated_at = 1e300 where {COMPLETED}", {"row_unreadable"}, True),
    (f"update journal set body = x'00ff' where seq = 2 and {COMPLETED}", {"journal_unreadable"}, False),
    (f"update journal set seq = -1 where seq = 2 and {COMPLETED}", {"journal_unreadable"}, False),
    (f"update saga set shard_id = 7 where {COMPLETED}", {"misplaced", "no_saga"}, True),
    (f"update saga set saga_id = 'text' where {COMPLETED}", {"misplaced", "no_saga"}, True),
]
IN_POSTGRES = [
    (f"update saga set updated_at = 'infinity' where {COMPLETED}", {"row_unreadable"}, True),
    (f"update saga set seq = -7 where {COMPLETED}", {"row_unreadable"}, True),
    (f"update journal set at = '-infinity' where seq = 2 and {COMPLETED}", {"journal_unreadable"}, False),
    (f"update saga set shard_id = 4000 where {COMPLETED}", {"misplaced", "no_saga"}, True),
    ("update start_key set shard_id = (shard_id + 1) % 64", {"misplaced", "no_start_key"}, False),
]


class Verified(CliTest):
    """One engine fills a store; each damage is done to a copy of it."""

    def fill(self):
        for n in range(3):
            self.daemon.start(f"Ada {n}", wait="20s")
            self.daemon.start(f"refuse {n}", wait="20s")
            self.daemon.start(f"refuse-letter {n}", wait="20s")
        self.start("Grace", "--key", "first", "--tag", "a=b")
        held = self.json("start", "hello", "--input", '{"name":"hold on","text":"hi"}', "--key", "held")["id"]
        self.wait_until(lambda: self.desk.arrived["/cards", "hold on"])
        return held

    def verify(self, store, *arguments, ends=OK):
        return self.json("--store", str(store), "verify", *arguments, ends=ends)

    def hold_damages(self, damages, later, copy):
        """`copy()`: a store that is whole, as (address, what runs SQL in it)."""
        for statement, kinds, repairable in damages:
            with self.subTest(statement):
                store, run = copy()
                self.assertEqual(self.verify(store)["findings"], [])
                run(statement.format(later=later))
                journal = run("select seq, body from journal order by saga_id, seq")
                found = self.verify(store, ends=FOUND)
                self.assertLessEqual(kinds, {one["kind"] for one in found["findings"]}, found)
                self.assertEqual(found["repairable"] > 0, repairable, found)
                self.assertTrue(all(one["sentence"] for one in found["findings"]))
                told = self.amends("--store", str(store), "verify", "--repair", ends=FOUND)
                self.assertIn(f"\n{found['sagas']} sagas, ", "\n" + told)
                self.assertEqual("\nrepair  saga " in "\n" + told, repairable, told)
                self.assertEqual(self.verify(store, ends=FOUND)["findings"], found["findings"])  # nothing was written
                if repairable and "misplaced" not in kinds:
                    mended = self.verify(store, "--repair", "--yes")
                    self.assertEqual((mended["repaired"], mended["after_repair"]["ok"]), (found["repairable"], True))
                    self.assertEqual(self.verify(store)["findings"], [])
                self.assertEqual(run("select seq, body from journal order by saga_id, seq"), journal)


class OnSqlite(Verified):
    def test_nothing_is_found_beside_an_engine_and_nothing_is_repaired(self):
        self.fill()
        store, is_over = self.daemon.data_dir, threading.Event()

        def work():
            for n in range(60):
                self.daemon.start(f"Ada {n}")
            is_over.set()

        worker = threading.Thread(target=work)
        worker.start()
        looks = 0
        while not is_over.is_set() or looks < 3:
            self.assertEqual(self.verify(store)["findings"], [])
            looks += 1
        worker.join()
        told = self.amends("--store", str(store), "verify")
        self.assertRegex(told, r"\A\d+ sagas, \d+ entries, no finding\n\Z")
        self.amends("--store", str(store), "verify", "--repair", "--yes", ends=FAILED)
        self.amends("verify", ends=USAGE)
        self.amends("--store", str(store), "verify", "--yes", ends=USAGE)
        self.amends("--store", str(store), "verify", "--saga", NO_SAGA, ends=NOT_FOUND)
        self.amends("--store", str(store), "verify", "--saga", "no-id", ends=USAGE)
        self.amends("--store", "/no/such/dir", "verify", ends=UNAVAILABLE)

    def test_each_damage_is_named_and_what_can_be_is_put_right(self):
        desk = Desk()
        self.addCleanup(desk.close)
        self.desk = desk
        other = Daemon(self.build, desk)
        self.addCleanup(other.close)
        self.daemon = other
        held = self.fill()
        other.process.kill()
        copies = iter(range(1000))

        def copy():
            place = other.directory / f"copy-{next(copies)}"
            shutil.copytree(other.data_dir, place)
            return place, lambda statement: self.run_in(place, statement)

        self.hold_damages(DAMAGES + IN_SQLITE, 9 * 10 ** 15, copy)
        self.assertEqual(self.verify(other.data_dir, "--saga", held)["sagas"], 1)
        self.assertEqual(self.verify(other.data_dir, "--limit", "2")["sagas"], 2)
        self.assertEqual(self.verify(other.data_dir, "--since", "2999-01-01T00:00:00Z")["sagas"], 0)

    @staticmethod
    def run_in(place, statements):
        database = sqlite3.connect(place / "amends.db")
        try:
            for statement in statements.split(";"):
                rows = database.execute(statement).fetchall()
            database.commit()
            return rows
        finally:
            database.close()


class OnPostgres(Verified):
    def ask(self, database, statement):
        asked = self.server.run("psql", "-h", self.server.directory, "-U", "postgres", "-d", database, "-v",
                                "ON_ERROR_STOP=1", "-qAt", "-c", statement)
        self.assertEqual(asked.returncode, 0, asked.stderr)
        return asked.stdout

    def address(self, database):
        return f"postgres://postgres@/{database}?host={self.server.directory}"

    def test_each_damage_is_named_and_what_can_be_is_put_right(self):
        self.server = Postgres()
        self.addCleanup(self.server.close)
        self.server.start()
        self.ask("postgres", "create database filled")
        store = self.address("filled")
        self.amends("--store", store, "db", "migrate")
        desk = Desk()
        self.addCleanup(desk.close)
        self.desk = desk
        other = Daemon(self.build, desk, flags=("--store", store))
        self.addCleanup(other.close)
        self.daemon = other
        self.fill()
        self.ask("filled", "create role amends_engine login; create role amends_reader login;" +
                 self.amends("db", "grants"))
        self.assertEqual(self.verify(store.replace("postgres@", "amends_reader@"))["findings"], [])  # beside it
        self.assertIn("stop all engines", self.run_cli("--store", store, "verify", "--repair", "--yes").stderr)
        other.process.kill()
        self.wait_until(lambda: self.ask("postgres", "select count(*) from pg_stat_activity where datname = 'filled'")
                        .strip() == "0")
        self.wait_until(lambda: self.ask("filled", "select count(*) from amends.writer where lease_until >= now()")
                        .strip() == "0")
        copies = iter(range(1000))

        def copy():
            name = f"copy_{next(copies)}"
            self.ask("postgres", f"create database {name} template filled")
            return self.address(name), lambda statement: self.ask(name, "set search_path = amends, public; " + statement)

        self.hold_damages(DAMAGES + IN_POSTGRES, "now() + interval '9 hours'", copy)


if __name__ == "__main__":
    main()
