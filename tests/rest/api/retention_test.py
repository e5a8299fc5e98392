#!/usr/bin/env python3
"""Finished sagas leave a real amendsd's store and stand in its archive; their keys stay, and so does who is not over."""

import json
import pathlib
import shutil
import subprocess
import tempfile

from world import ApiTest, Daemon, Desk, main

RETENTION = '[retention]\nfinished = "1s"\nshare = 0.5\n'


class Retention(ApiTest):
    @classmethod
    def setUpClass(cls):
        cls.desk = Desk()
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="amends-retention-"))
        cls.archive = cls.directory / "archive"
        cls.daemon = Daemon(cls.build, cls.desk, directory=cls.directory,
                            more=RETENTION + f'archive = "{cls.archive}"\n')

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        shutil.rmtree(cls.directory, ignore_errors=True)

    def archived(self):
        lines = [line for file in sorted(self.archive.glob("*.jsonl")) for line in file.read_text().splitlines()]
        return {saga["id"]: saga for saga in map(json.loads, lines)}

    def gone(self, saga):
        return self.daemon.get(f"/v1/sagas/{saga}").status == 404

    def test_a_finished_saga_leaves_whole_and_its_key_stays(self):
        saga = self.daemon.start("Ada", key="k-ada", wait="10s", tags={"shop": "graz"})
        self.wait_until(lambda: self.gone(saga))

        for path in ("", "/journal", "/rollback"):
            self.assert_problem(self.daemon.get(f"/v1/sagas/{saga}{path}"), 404, "not-found",
                                "finished sagas leave 1s after their end")
        self.assert_problem(self.daemon.command(saga, "cancel", reason="r"), 404, "not-found")
        self.assertEqual(self.daemon.get("/v1/sagas?tag.shop=graz").json["sagas"], [])
        self.assertGreaterEqual(self.daemon.metric("amends_retired_sagas_total"), 1)

        kept = self.archived()[saga]
        self.assertEqual((kept["workflow"], kept["key"], kept["state"], kept["tags"]),
                         ("hello", "k-ada", "completed", {"shop": "graz"}))
        self.assertEqual([row["seq"] for row in kept["journal"]], list(range(1, len(kept["journal"]) + 1)))
        self.assertEqual(kept["journal"][0]["entries"][0]["e"], "started")

        again = self.daemon.post("/v1/sagas", {"workflow": "hello", "input": {"name": "Ada", "text": "hi"},
                                               "key": "k-ada", "tags": {"shop": "graz"}})
        self.assertEqual((again.status, again.json["id"]), (200, saga))
        other = self.daemon.post("/v1/sagas", {"workflow": "hello", "input": {"name": "Bob", "text": "hi"}, "key": "k-ada"})
        self.assert_problem(other, 422, "key-conflict")

    def test_who_is_not_over_stays(self):
        runs = self.daemon.start("hold Eve")
        parked = self.daemon.start("refuse-letter Pat", wait="10s")
        later = self.daemon.start("Ada", wait="10s")
        self.wait_until(lambda: self.gone(later))

        self.assertEqual(self.daemon.show(runs)["state"], "running")
        self.assertNotEqual(self.daemon.show(parked)["state"], "completed")
        self.assertNotIn(runs, self.archived())

    def test_an_id_that_never_was_is_just_not_there(self):
        answer = self.daemon.get("/v1/sagas/ffffffff-ffff-7000-8000-000000000000")
        self.assertNotIn("leave", answer.json["detail"])

    def test_what_cannot_be_archived_stays_until_it_can(self):
        moved = self.directory / "moved"
        self.archive.rename(moved)
        self.archive.write_text("in the way")
        saga = self.daemon.start("Kim", wait="10s")
        failures = self.daemon.metric("amends_archive_failures_total")
        self.wait_until(lambda: self.daemon.metric("amends_archive_failures_total") > failures)
        self.assertEqual(self.daemon.show(saga)["state"], "completed")
        self.assertIn("cannot be archived", self.daemon.process.log_file.read_text())
        self.assertEqual(self.daemon.metric("amends_retention_stuck"), 1)
        self.assertIn("finished sagas or old keys cannot leave", self.doctor())

        self.archive.unlink()
        moved.rename(self.archive)
        self.wait_until(lambda: self.gone(saga))
        self.assertIn(saga, self.archived())
        self.wait_until(lambda: self.daemon.metric("amends_retention_stuck") == 0)
        self.assertIn("finished sagas and old keys leave", self.doctor())

    def doctor(self):
        return subprocess.run([self.build / "bin/amends", "--url", self.daemon.url, "doctor"], capture_output=True,
                              text=True, timeout=30, check=False).stdout


if __name__ == "__main__":
    main()
