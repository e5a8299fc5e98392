#!/usr/bin/env python3
"""A real amendsd on a PostgreSQL that dies: what clients, probes and the log see. PYTHONPATH names tests/rest/api."""

import signal
import subprocess

from postgres_world import OnPostgres, PostgresDaemon
from processes import environment
from world import main


class ADeadServer(OnPostgres):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.migrate("postgres")
        cls.daemon = PostgresDaemon(cls.build, cls.desk, cls.url("postgres"))

    @classmethod
    def tearDownClass(cls):
        cls.daemon.close()
        super().tearDownClass()

    def play(self, name, strike):
        """Clients hear 503 from the strike until PostgreSQL runs again, and what was under way comes to its end."""
        start = {"workflow": "hello", "key": name, "input": {"name": name, "text": "hi"}}
        held = self.daemon.start(f"hold {name}")
        self.wait_until(lambda: self.desk.arrived["/cards", f"hold {name}"] == 1)

        strike()
        self.assert_not_now(self.daemon.post("/v1/sagas", start))
        self.assert_not_now(self.daemon.get("/readyz"))
        self.assertEqual(self.daemon.get("/livez").status, 200)
        self.wait_until(lambda: "cannot be taken over" in self.daemon.log())
        self.assert_not_now(self.daemon.post("/v1/sagas", start), "cannot be taken over")
        self.assert_not_now(self.daemon.get("/readyz"), "cannot be taken over")
        self.assert_not_now(self.daemon.get("/v1/sagas"))
        self.assert_not_now(self.daemon.command(held, "cancel"))
        self.desk.release()
        self.postgres.start()

        self.wait_until(lambda: self.daemon.get("/readyz").status == 200)
        again = self.daemon.post("/v1/sagas?wait=20s", start)
        self.assertEqual((again.status, again.json["state"]), (201, "completed"), again.text)
        self.assertEqual(self.daemon.show(held, wait="20s")["state"], "completed")
        self.assertEqual(self.ask(f"select count(*) from amends.saga where key = '{name}'"), "1")
        self.assertIn("the store is back", self.daemon.log())
        self.desk.gate.clear()

    def test_killed(self):
        self.play("killed", self.kill_server)

    def test_stopped_at_once(self):
        self.play("immediate", self.postgres.crash)

    def test_stopped_in_good_order(self):
        def stop():
            self.postgres.process.send_signal(signal.SIGINT)
            self.postgres.process.wait()
        self.play("fast", stop)

    def test_stopped_for_longer_than_an_answer_may_take(self):
        """All the while the daemon answers: a start after ten seconds, a probe at once."""
        start = {"workflow": "hello", "key": "paused", "input": {"name": "paused", "text": "hi"}}
        self.signal_all(signal.SIGSTOP)
        try:
            self.assert_not_now(self.daemon.post("/v1/sagas", start, timeout=20))
            self.assert_not_now(self.daemon.get("/readyz", timeout=2))
            self.assert_not_now(self.daemon.get("/v1/sagas", timeout=15))
        finally:
            self.signal_all(signal.SIGCONT)

        self.wait_until(lambda: self.daemon.get("/readyz").status == 200)
        again = self.daemon.post("/v1/sagas?wait=20s", start)
        self.assertIn(again.status, (200, 201))  # the flush of before may have landed late
        self.assertEqual(again.json["state"], "completed")
        self.assertEqual(self.ask("select count(*) from amends.saga where key = 'paused'"), "1")

    def test_a_full_disk_is_507_and_no_start_is_acknowledged_that_is_not_there(self):
        # What PostgreSQL says then, from where it would say it.
        self.ask("create function public.no_room() returns trigger language plpgsql as $$ begin raise exception"
                 " 'could not extend file' using errcode = '53100'; end $$; create trigger no_room before insert on"
                 " amends.flush for each row execute function public.no_room()")
        start = {"workflow": "hello", "input": {"name": "Ada", "text": "x"}, "key": "full"}
        try:
            answer = self.daemon.post("/v1/sagas", start, timeout=15)
            self.assert_problem(answer, 507, "disk-full")
            self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
            self.assert_problem(self.daemon.get("/readyz"), 503, "disk-full")
            self.assertEqual(self.daemon.get("/v1/sagas?limit=1").status, 200)
            self.assertEqual(self.ask("select count(*) from amends.saga where key = 'full'"), "0")
        finally:
            self.ask("drop trigger no_room on amends.flush")

        self.wait_until(lambda: self.daemon.get("/readyz").status == 200)
        again = self.daemon.post("/v1/sagas?wait=20s", start)
        self.assertEqual((again.status, again.json["state"]), (201, "completed"))

    def test_amendsd_and_the_server_die_together(self):
        held = self.daemon.start("hold both")
        self.wait_until(lambda: self.desk.arrived["/cards", "hold both"] == 1)

        self.daemon.process.kill()
        self.postgres.crash()
        self.postgres.start()
        self.desk.release()
        self.daemon.process.start()

        self.assertEqual(self.daemon.show(held, wait="20s")["state"], "completed")
        self.desk.gate.clear()


class AStartThatCannotBe(OnPostgres):
    """amendsd ends with 1 and one sentence: its supervisor tries again, its operator knows what to do."""

    def refusal(self, url):
        daemon = PostgresDaemon(self.build, self.desk, url, starts=False)
        self.addCleanup(daemon.close)
        ended = subprocess.run([str(part) for part in daemon.process.command], env=environment(), capture_output=True,
                               text=True, timeout=60)
        self.assertEqual(ended.returncode, 1, ended.stderr)
        self.assertEqual(len(ended.stderr.splitlines()), 1, ended.stderr)
        return ended.stderr

    def test_nobody_listens(self):
        self.assertIn("No such file or directory", self.refusal("postgres://postgres@/postgres?host=/nonexistent"))

    def test_no_such_database(self):
        self.assertIn("does not exist", self.refusal(self.url("nowhere")))

    def test_no_such_role(self):
        self.assertIn("does not exist", self.refusal(self.url("postgres", user="nobody")))

    def test_no_tables(self):
        self.ask("create database empty")
        self.assertIn("amends db migrate", self.refusal(self.url("empty")))

    def test_a_newer_schema(self):
        self.ask("create database newer")
        self.migrate("newer")
        self.ask("insert into amends.schema_version (version, engines_since, is_ready) values (99, 99, true)", "newer")
        self.assertIn("newer Amends", self.refusal(self.url("newer")))

    def test_an_older_schema(self):
        self.ask("create database older")
        self.migrate("older")
        self.ask("update amends.schema_version set is_ready = false", "older")
        self.assertIn("amends db migrate", self.refusal(self.url("older")))

    def test_a_read_only_database(self):
        self.ask("create database standby")
        self.migrate("standby")
        self.ask("alter database standby set default_transaction_read_only = on")
        self.assertIn("read-only transaction", self.refusal(self.url("standby")))


if __name__ == "__main__":
    main()
