#!/usr/bin/env python3
"""Everything that can happen to a database under a running amendsd, as its clients and probes see it: no start is
acknowledged, and each hears 503 with Retry-After; readyz is red, the log says why, and all goes on by itself."""

import subprocess

from postgres_world import OnPostgres, PostgresDaemon
from processes import environment
from world import main


class Accidents(OnPostgres):
    settings = ("max_connections=16", "superuser_reserved_connections=4")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The engine's role needs a password, everybody else is trusted.
        rules = cls.postgres.directory / "data/pg_hba.conf"
        rules.write_text("local all clerk scram-sha-256\n" + rules.read_text())
        cls.migrate("postgres")
        granted = subprocess.run([cls.build / "bin/amends", "db", "grants", "--engine", "clerk", "--reader", "clerk"],
                                 capture_output=True, text=True, env=environment(), check=True).stdout
        cls.execute("create role crowd login; create role clerk login password 'hunter2'; select pg_reload_conf();" + granted)
        cls.daemon = PostgresDaemon(cls.build, cls.desk, cls.url("postgres", "clerk:hunter2"))

    @classmethod
    def tearDownClass(cls):
        cls.daemon.close()
        super().tearDownClass()

    @classmethod
    def execute(cls, sql):
        subprocess.run(cls.psql("postgres"), cwd="/", env=environment(), input=sql, text=True, check=True,
                       stdout=subprocess.DEVNULL)

    def terminate(self):
        self.ask("select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where usename = 'clerk'")

    def play(self, strike, mend, says, is_cut=True):
        """`strike` and `mend` are SQL, or do it themselves; `is_cut`: the engine has to connect anew."""
        name = self.id().split(".")[-1]
        start = {"workflow": "hello", "key": name, "input": {"name": name, "text": "hi"}}
        self.wait_until(lambda: self.daemon.get("/readyz").status == 200)
        held = self.daemon.start(f"hold {name}")
        self.wait_until(lambda: self.desk.arrived["/cards", f"hold {name}"] == 1)
        self.addCleanup(self.desk.gate.clear)

        try:
            self.do(strike)
            if is_cut:
                self.terminate()
            self.assert_unavailable(start, held, says)
        finally:
            self.do(mend)

        self.wait_until(lambda: self.daemon.get("/readyz").status == 200)
        again = self.daemon.post("/v1/sagas?wait=20s", start)
        self.assertEqual((again.status, again.json["state"]), (201, "completed"), again.text)
        self.assertEqual(self.daemon.show(held, wait="20s")["state"], "completed")
        self.assertEqual(self.ask(f"select count(*) from amends.saga where key = '{name}'"), "1")
        self.assertEqual(self.desk.arrived["/cards", name], 1)

    def assert_unavailable(self, start, held, says):
        self.assert_not_now(self.daemon.post("/v1/sagas", start))
        self.assert_not_now(self.daemon.get("/readyz"))
        self.assertEqual(self.daemon.get("/livez").status, 200)
        self.desk.release()
        self.wait_until(lambda: says in self.daemon.log())
        self.assert_not_now(self.daemon.post("/v1/sagas", start), says)
        self.assert_not_now(self.daemon.get("/readyz"))
        self.assert_not_now(self.daemon.command(held, "cancel"))
        self.assertNotIn("hunter2", self.daemon.log())

    def do(self, what):
        self.ask(what) if isinstance(what, str) else what()

    def test_no_connection_left_for_the_role(self):
        self.play("alter role clerk connection limit 0", "alter role clerk connection limit -1", "too many connections")

    def test_no_connection_left_on_the_server(self):
        crowd = []

        def fill():
            # Or the engine would take one of the last places.
            self.ask("alter role clerk connection limit 0")
            self.terminate()
            try:
                while True:
                    crowd.append(self.session("postgres", "crowd"))
                    crowd[-1].run("select 1")
            except (AssertionError, BrokenPipeError):
                self.ask("alter role clerk connection limit -1")

        self.play(fill, lambda: [one.close() for one in crowd], "remaining connection slots are reserved", is_cut=False)

    def test_the_role_may_not_log_in(self):
        self.play("alter role clerk nologin", "alter role clerk login", "not permitted to log in")

    def test_the_password_is_another_one(self):
        self.play("alter role clerk password 'changed'", "alter role clerk password 'hunter2'",
                  "password authentication failed")

    def test_the_database_became_read_only(self):
        self.play("alter database postgres set default_transaction_read_only = on",
                  lambda: self.ask("alter database postgres reset default_transaction_read_only", "template1"),
                  "read-only transaction")

    def test_a_table_is_missing(self):
        self.play("alter table amends.journal rename to moved", "alter table amends.moved rename to journal",
                  "does not exist", is_cut=False)

    def test_a_right_is_missing(self):
        self.play("revoke insert on amends.journal from clerk", "grant insert on amends.journal to clerk",
                  "permission denied", is_cut=False)

    def test_a_schema_of_a_newer_version(self):
        self.play("insert into amends.schema_version (version, engines_since, is_ready) values (99, 99, true)",
                  "delete from amends.schema_version where version = 99", "newer Amends")

    def test_a_schema_of_an_older_version(self):
        self.play("update amends.schema_version set is_ready = false", "update amends.schema_version set is_ready = true",
                  "amends db migrate")


if __name__ == "__main__":
    main()
