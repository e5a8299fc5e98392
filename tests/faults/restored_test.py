#!/usr/bin/env python3
"""A store is restored from an old backup: amendsd that keeps a mark notices, and goes on only when it is told to."""

import json
import pathlib
import shutil
import signal
import subprocess

from postgres_world import OnPostgres, PostgresDaemon
from processes import Failed, environment
from world import ApiTest, Daemon, main

REFUSED = "the store is older than its mark"


class Restored:
    """`backup` and `restore` are the store's own; both while no amendsd is there."""

    def serve(self, *flags):
        self.daemon.process.command = [*self.command, *flags]
        self.daemon.process.start()

    def assert_refused(self, says):
        with self.assertRaises(Failed):
            self.serve()
        self.assertEqual(self.daemon.process.process.returncode, 1)
        self.assertIn(says, self.daemon.process.last_words())

    def finish_sagas(self, *names):
        sagas = [self.daemon.start(name) for name in names]
        self.wait_until(lambda: all(self.daemon.show(saga)["state"] == "completed" for saga in sagas))
        return sagas

    def flushes_marked(self):
        return sum(row["flush"] for row in json.loads(self.mark.read_text())["writers"]) if self.mark.exists() else 0

    def test_it_is_refused_until_it_is_accepted(self):
        self.serve()
        kept, = self.finish_sagas("Ada")
        self.daemon.process.stop()
        marked = self.flushes_marked()
        self.backup()

        self.serve()  # nothing was lost
        lost, = self.finish_sagas("Bob")
        self.wait_until(lambda: self.flushes_marked() > marked)
        self.daemon.process.kill()
        self.serve()  # nor by a crash
        self.daemon.process.kill()

        self.restore()
        before = self.mark.read_text()
        self.assert_refused(REFUSED)
        self.assertIn("--accept-restored", self.daemon.process.last_words())
        self.assertEqual(self.mark.read_text(), before)

        self.serve("--accept-restored")
        self.assertEqual(self.daemon.show(kept)["state"], "completed")
        self.assertEqual(self.daemon.get(f"/v1/sagas/{lost}").status, 404)
        self.finish_sagas("Cyd")
        self.daemon.process.stop()
        self.serve()  # the mark is the restored store's now
        self.finish_sagas("Dee")

    def test_a_mark_that_is_none_is_not_believed(self):
        self.mark.write_text("{}")
        self.assert_refused("cannot be read")
        self.serve("--accept-restored")
        self.wait_until(lambda: '"writers"' in self.mark.read_text())

    def keep(self, daemon):
        self.daemon, self.command = daemon, daemon.process.command
        self.mark = pathlib.Path(daemon.directory, "the.mark")
        with daemon.configuration.open("a") as file:
            file.write(f'\n[store]\nmark = "{self.mark}"\n')
        self.addCleanup(daemon.close)


class OnSqlite(Restored, ApiTest):
    def setUp(self):
        self.keep(Daemon(self.build, self.desk, starts=False))
        self.copy = pathlib.Path(self.daemon.directory, "backup")

    def backup(self):
        shutil.copytree(self.daemon.data_dir, self.copy)

    def restore(self):
        shutil.rmtree(self.daemon.data_dir)
        shutil.copytree(self.copy, self.daemon.data_dir)

    def test_a_mark_within_the_store_is_refused(self):
        checked = subprocess.run([self.build / "bin/amendsd", "--config", self.daemon.configuration, "--data-dir",
                                  self.daemon.directory, "--check"], env=environment(), capture_output=True, text=True, check=False)
        self.assertEqual(checked.returncode, 3)
        self.assertIn("'store.mark' lies in 'store.path', and would be restored with it", checked.stdout)


class OnAPostgres(Restored, OnPostgres):
    def setUp(self):
        self.database = self.id().rsplit(".", 1)[-1][:40]
        self.ask(f"create database {self.database}")
        self.migrate(self.database)
        self.keep(PostgresDaemon(self.build, self.desk, self.url(self.database), False))

    def test_a_server_that_stands_still_does_not_keep_it_from_ending(self):
        self.serve()
        self.finish_sagas("Ada")
        self.addCleanup(self.signal_all, signal.SIGCONT)
        self.signal_all(signal.SIGSTOP)
        self.daemon.process.process.terminate()
        self.daemon.process.process.wait(100)

    def backup(self):
        self.ask(f"create database {self.database}_copy template {self.database}")

    def restore(self):
        self.wait_until(lambda: self.ask(f"select count(*) from pg_stat_activity where datname = '{self.database}'") == "0")
        self.ask(f"drop database {self.database}")
        self.ask(f"alter database {self.database}_copy rename to {self.database}")


if __name__ == "__main__":
    main()
