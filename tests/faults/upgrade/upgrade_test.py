#!/usr/bin/env python3
"""Schema upgrades while real engines run and write, by migrations that are real processes and get killed."""

import pathlib
import subprocess
import tempfile

from postgres_world import OnPostgres
from load import Load
from processes import environment
from wire import Wire
from world import main

TABLES = ("writer", "plan", "saga", "journal", "start_key", "tag", "shard", "engine", "command", "flush")
# Clients look every 10 ms; a migration that waits for a table pauses for 0.75 s.
UNDER_A_LONG_WAIT = 1.0


class Upgrade(OnPostgres):
    settings = ("max_connections=60", "client_min_messages=warning", "fsync=off")  # nothing here ends the machine

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="next-", dir=self.postgres.directory))

    def database(self, name, migrated=True):
        self.ask(f"create database {name}")
        if migrated:
            self.migrate(name)
            self.newest = int(self.ask("select max(version) from amends.schema_version", name))
        return name

    def next_version(self, schema, indexes="", since=None):
        """The command that brings a database to the version after this one."""
        since = f"-- engines since: {since}\n" if since else ""
        (self.folder / f"schema_{self.newest + 1}.sql").write_text(since + schema)
        (self.folder / f"indexes_{self.newest + 1}.sql").write_text(indexes)
        return lambda url: [self.build / "bin/next_migration", url, self.folder, str(self.newest + 1)]

    def begin(self, command):
        process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, env=environment())
        self.addCleanup(process.kill)
        return process

    def must_migrate(self, command):
        process = self.begin(command)
        said = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, said)

    def migrate_command(self, url):
        return [self.build / "bin/amends", "db", "migrate", "--store", url]

    def waits_for(self, database, what):
        return self.ask("select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                        f" and datname = '{database}' and query like '%{what}%'") != "0"

    def valid(self, index, database):
        return self.ask(f"select indisvalid from pg_index where indexrelid = to_regclass('amends.{index}')", database)

    def more_starts(self, load, count=20):
        before = load.count()
        self.wait_until(lambda: load.count() >= before + count)


class RunningEngines(Upgrade):
    def expanding(self):
        """New columns of every table, one with a default, a table, and indexes on what is written most."""
        schema = "".join(f"alter table amends.{table} add column note text, add column hue integer not null default 7;\n"
                         for table in TABLES) + "create table amends.extra (a integer);"
        indexes = "".join(f"-- index: {table}_hue\ncreate index concurrently {table}_hue on amends.{table} (hue);\n"
                          for table in ("saga", "journal", "flush"))
        return self.next_version(schema, indexes, since=self.newest)

    def test_an_expansion_is_not_noticed_by_engines_that_run_and_an_old_one_may_start_afterwards(self):
        base = self.database("expanding")
        a, b = (self.daemon_on(base, flags=("--engine-id", name)) for name in "ab")
        self.assertEqual(self.ask("select string_agg(engine_id || schema_newest, ',' order by engine_id)"
                                  " from amends.engine where schema_oldest <= schema_newest", base),
                         f"a{self.newest},b{self.newest}")
        load = Load([a, b])
        self.more_starts(load)

        self.must_migrate(self.expanding()(self.url(base)))

        self.more_starts(load)
        c = self.daemon_on(base, flags=("--engine-id", "c"))
        load.daemons = [a, b, c]
        self.more_starts(load)
        b.process.stop()
        b.process.start()
        self.more_starts(load)
        load.finish()
        load.check(self, base)
        self.assertEqual(self.ask(f"select is_ready from amends.schema_version where version = {self.newest + 1}", base), "t")
        self.assertEqual(self.valid("journal_hue", base), "t")
        for daemon in (a, b, c):
            self.assertNotIn("lost its hold", daemon.log())
            self.assertNotIn("cannot be", daemon.log())

    def test_a_transaction_that_keeps_a_table_does_not_make_the_engine_wait_behind_the_migration(self):
        base = self.database("kept")
        load = Load([self.daemon_on(base)])
        self.more_starts(load)
        reader = self.session(base)
        reader.run("begin; select count(*) from amends.saga")
        migration = self.begin(self.expanding()(self.url(base)))
        load.worst()
        for _ in range(3):  # tries
            self.wait_until(lambda: self.waits_for(base, "alter table"))
            self.more_starts(load, 50)
        worst, statuses = load.worst()
        self.assertLess(worst, UNDER_A_LONG_WAIT)
        self.assertLessEqual(set(statuses), {200, 201})
        self.assertIsNone(migration.poll())

        reader.run("commit")
        self.assertEqual(migration.wait(30), 0, migration.stderr.read())
        load.finish()
        load.check(self, base)

    def test_a_version_that_contracts_refuses_the_engines_that_run_and_those_that_start(self):
        base = self.database("contracting")
        daemon = self.daemon_on(base)
        load = Load([daemon])
        self.more_starts(load)

        contract = self.next_version("update amends.writer set epoch = epoch + 1; alter table amends.plan drop column graph;")
        self.must_migrate(contract(self.url(base)))

        self.wait_until(lambda: "newer Amends" in daemon.log())
        self.assert_not_now(daemon.get("/readyz"))
        self.assert_not_now(daemon.post("/v1/sagas", {"workflow": "hello", "input": {"name": "n", "text": "t"}}),
                            f"schema version {self.newest + 1} and this program knows {self.newest}")
        load.is_over.set()
        said = self.refusal(base)
        self.assertIn(f"schema version {self.newest + 1} and this program knows {self.newest}", said)
        self.assertEqual(self.begin(self.migrate_command(self.url(base))).wait(30), 6)

    def refusal(self, base):
        daemon = self.daemon_on(base, starts=False, flags=("--engine-id", "late"))
        ended = subprocess.run(daemon.process.command, env=environment(), capture_output=True, text=True, timeout=30,
                               check=False)
        self.assertEqual(ended.returncode, 1, ended.stderr)
        self.assertEqual(len(ended.stderr.splitlines()), 1, ended.stderr)
        return ended.stderr


class KilledMigrations(Upgrade):
    def test_two_at_once_make_one_schema(self):
        base = self.database("twice", migrated=False)
        both = [self.begin(self.migrate_command(self.url(base))) for _ in range(3)]
        said = [one.communicate(timeout=60) for one in both]
        self.assertEqual([one.returncode for one in both], [0, 0, 0], said)
        self.assertEqual(sorted(text.split(" from ")[0].split(" has ")[0] for text, _ in said),
                         ["the schema", "the schema", "the schema went"])
        self.daemon_on(base).start(wait="20s")

    def test_killed_at_any_of_its_statements_it_is_finished_by_the_next_one(self):
        """From nothing to the newest version, killed when its first statement, its second one, ... was just sent."""
        wire = Wire(self.postgres.directory)
        self.addCleanup(wire.close)
        base = self.database("killed")
        admin = self.session(base)
        whole = self.shape(admin)
        kills, killed = 0, True
        while killed:
            admin.run("drop schema amends cascade")
            killed = self.killed_at(wire, base, kills)
            self.must_migrate(self.migrate_command(self.url(base)))
            self.assertEqual(self.shape(admin), whole)
            kills += 1
        self.assertGreater(kills, 20)
        self.daemon_on(base).start(wait="20s")

    def killed_at(self, wire, base, number):
        """Whether there was such a statement: an Execute or a Query, for to prepare one changes nothing."""
        seen = []

        def watch(kind, _):
            if kind in (b"E", b"Q"):
                seen.append(kind)
            if len(seen) == number + 1:
                migration.kill()  # again and again, while it still speaks
            return True
        wire.on_message = watch
        migration = self.begin(self.migrate_command(self.url(base, directory=wire.directory)))
        return migration.wait(60) != 0

    def shape(self, session):
        """What there is, and that all of it is ready."""
        return session.run("select string_agg(table_name || '.' || column_name || data_type, ',' order by table_name,"
                           " column_name) from information_schema.columns where table_schema = 'amends'"
                           " union all select string_agg(indexrelid::regclass::text || indisvalid, ',' order by"
                           " indexrelid::regclass::text) from pg_index where indrelid in (select oid from pg_class where"
                           " relnamespace = 'amends'::regnamespace)"
                           " union all select string_agg(version::text || is_ready, ',' order by version)"
                           " from amends.schema_version")

    def test_an_index_whose_build_was_ended_is_dropped_and_built_again_beside_a_running_engine(self):
        base = self.database("halfway")
        load = Load([self.daemon_on(base)])
        self.more_starts(load)
        old = self.session(base)
        old.run("begin isolation level repeatable read; select count(*) from amends.saga")
        command = self.next_version("", "-- index: saga_colour\ncreate index concurrently saga_colour on amends.saga (step);",
                                    since=self.newest)
        cut = self.begin(command(self.url(base)))
        self.wait_until(lambda: self.waits_for(base, "create index"))
        self.assertEqual(self.ask("select count(pg_terminate_backend(pid, 20000)) from pg_stat_activity where query like"
                                  f" '%create index%' and datname = '{base}' and pid <> pg_backend_pid()"), "1")
        self.assertEqual(cut.wait(30), 1)
        self.assertIn("the connection was lost", cut.stderr.read())
        self.assertEqual(self.valid("saga_colour", base), "f")
        broken = self.ask("select 'amends.saga_colour'::regclass::oid", base)
        self.more_starts(load)

        again = self.begin(command(self.url(base)))
        self.wait_until(lambda: self.waits_for(base, "index concurrently"))
        old.run("commit")

        self.assertEqual(again.wait(30), 0, again.stderr.read())
        self.assertEqual(self.valid("saga_colour", base), "t")
        self.assertNotEqual(self.ask("select 'amends.saga_colour'::regclass::oid", base), broken)
        load.finish()
        load.check(self, base)

    def test_an_index_whose_migration_was_killed_is_finished_by_the_server_and_the_next_one_waits_for_it(self):
        base = self.database("orphaned")
        old = self.session(base)
        old.run("begin isolation level repeatable read; select count(*) from amends.saga")
        command = self.next_version("", "-- index: saga_colour\ncreate index concurrently saga_colour on amends.saga (step);",
                                    since=self.newest)
        killed = self.begin(command(self.url(base)))
        self.wait_until(lambda: self.waits_for(base, "create index"))
        killed.kill()
        again = self.begin(command(self.url(base)))
        self.wait_until(lambda: self.ask("select count(*) from pg_stat_activity where query like '%pg_try_advisory_lock%'"
                                         f" and datname = '{base}' and pid <> pg_backend_pid()") == "1")
        self.assertIsNone(again.poll())
        old.run("commit")

        self.assertEqual(again.wait(30), 0, again.stderr.read())
        self.assertEqual(self.valid("saga_colour", base), "t")


if __name__ == "__main__":
    main()
