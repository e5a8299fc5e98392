#!/usr/bin/env python3
"""Accidents at any moment, under clients that never stop: whoever was told that a saga was started finds it, once and done;
and a start that was not acknowledged is there at most once."""

import random
import subprocess
import threading

from load import Load
from postgres_world import OnPostgres, PostgresDaemon  # first: it finds what follows
from postgres import PROGRAMS, Postgres
from processes import environment
from wire import Wire
from world import main


class Moments(OnPostgres):
    settings = ("max_connections=80", "fsync=off")  # nothing here ends the machine

    def database(self, name):
        self.ask(f"create database {name}")
        self.migrate(name)
        return name

    def until_started(self, load, count):
        self.wait_until(lambda: load.count() >= count, patience=60)

    def test_every_backend_of_two_engines_is_terminated_again_and_again(self):
        base = self.database("terminated")
        engines = [self.daemon_on(base, flags=("--engine-id", name)) for name in "ab"]
        load = Load(engines)
        admin = self.session("postgres")
        dice = random.Random(7)
        for _ in range(60):
            # One of them, or all: in the middle of whatever they do.
            some = "true" if dice.random() < 0.3 else "random() < 0.3"
            admin.run(f"select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = '{base}'"
                      f" and application_name = 'amends' and {some}")
            self.until_started(load, load.count() + dice.randrange(3))
        self.until_started(load, load.count() + 20)
        load.finish()
        load.check(self, base)
        self.assertIn("it is not known whether the flush was written", engines[0].log() + engines[1].log())

    def test_a_commit_is_cut_off_on_its_way_there_and_its_answer_on_its_way_back(self):
        base = self.database("cut")
        wire = Wire(self.postgres.directory)
        self.addCleanup(wire.close)
        daemon = PostgresDaemon(self.build, self.desk, self.url(base, directory=wire.directory))
        self.addCleanup(daemon.close)
        load = Load([daemon], clients=4)
        for verdict, said in ((Wire.CUT, "turned out to be lost"), (Wire.SWALLOW, "turned out to be durable")):
            for _ in range(5):
                self.until_started(load, load.count() + 5)
                happened = threading.Event()

                def strike(kind, body, verdict=verdict, happened=happened):
                    if kind != b"B" or b"\0flush" not in body[:64] or happened.is_set():
                        return True
                    happened.set()
                    return verdict
                wire.on_message = strike
                self.assertTrue(happened.wait(20))
            self.until_started(load, load.count() + 5)
            self.wait_until(lambda said=said: said in daemon.log())
        load.finish()
        load.check(self, base)

    def test_the_server_is_killed_and_started_under_load(self):
        base = self.database("killed")
        load = Load([self.daemon_on(base)])
        for _ in range(2):
            self.until_started(load, load.count() + 20)
            self.kill_server()
            self.postgres.start()
        self.until_started(load, load.count() + 20)
        load.finish()
        load.check(self, base)


class AReplica(OnPostgres):
    """A primary that waits for its replica, and a fail-over to it."""

    settings = ("max_connections=60", "fsync=off")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.migrate("postgres")
        cls.replica = Postgres(("max_connections=60", "hot_standby=on"))
        subprocess.run([*cls.postgres.as_nobody, PROGRAMS / "pg_basebackup", "-h", cls.postgres.directory, "-U", "postgres",
                        "-D", cls.replica.directory / "data", "-R", "--checkpoint=fast", "--no-sync"], cwd="/",
                       env=environment(), check=True)
        conf = cls.replica.directory / "data/postgresql.auto.conf"
        conf.write_text(conf.read_text().replace("user=postgres", "application_name=replica user=postgres"))
        cls.replica.make = lambda: None
        cls.replica.start()

    @classmethod
    def tearDownClass(cls):
        cls.replica.close()
        super().tearDownClass()

    def test_an_engine_on_a_standby_says_so_and_one_that_knows_both_follows_the_fail_over(self):
        self.ask("alter system set synchronous_standby_names = 'replica'")
        self.ask("select pg_reload_conf()")
        self.wait_until(lambda: self.ask("select sync_state from pg_stat_replication") == "sync")
        refused = PostgresDaemon(self.build, self.desk, self.url("postgres", directory=self.replica.directory), starts=False)
        self.addCleanup(refused.close)
        ended = subprocess.run(refused.process.command, env=environment(), capture_output=True, text=True, timeout=60,
                               check=False)
        self.assertEqual((ended.returncode, len(ended.stderr.splitlines())), (1, 1), ended.stderr)
        self.assertIn("read-only transaction", ended.stderr)

        both = f"{self.postgres.directory},{self.replica.directory}&target_session_attrs=read-write"
        daemon = PostgresDaemon(self.build, self.desk, self.url("postgres", directory=both))
        self.addCleanup(daemon.close)
        load = Load([daemon])
        self.wait_until(lambda: load.count() > 20)
        self.kill_server()
        self.wait_until(lambda: daemon.get("/readyz").status == 503)
        promoted = self.replica.run("pg_ctl", "promote", "-w", "-D", self.replica.directory / "data")
        self.assertEqual(promoted.returncode, 0, promoted.stderr)
        type(self).postgres, type(self).replica = self.replica, self.postgres  # for what follows
        before = load.count()
        self.wait_until(lambda: load.count() > before + 20)
        load.finish()
        load.check(self, "postgres")
        self.assertEqual(daemon.get("/readyz").status, 200)


if __name__ == "__main__":
    main()
