#!/usr/bin/env python3
"""What operators see of several engines: amends engines, amends doctor and /metrics, with and without a daemon."""

import json
import re
import subprocess
import urllib.request

from several import EnginesTest, environment, main

OK, FOUND = 0, 3


class WhatOperatorsSee(EnginesTest):
    def amends(self, *arguments, ends=OK):
        ended = subprocess.run([self.build / "bin/amends", *arguments], capture_output=True, text=True, timeout=60,
                               env=environment())
        self.assertEqual(ended.returncode, ends, (arguments, ended.stdout, ended.stderr))
        return ended.stdout

    def listed(self, *where):
        listed = json.loads(self.amends(*where, "-o", "json", "engines"))["engines"]
        return {one["engine"]: one for one in listed}

    def metrics(self, engine):
        with urllib.request.urlopen(engine.url + "/metrics", timeout=20) as answer:
            page = answer.read().decode()
        return {name: float(value) for name, value in re.findall(r"^(amends_\S+) (\S+)$", page, re.M)}

    def test_engines_say_where_they_serve_and_who_is_gone(self):
        a, b, c = self.engines("a", "b", "c")
        over = ["--url", b.url]
        self.wait_until("all to have said where they serve", lambda: all("address" in one for one in self.listed(*over).values()))
        for where in (over, ["--store", self.store_url]):
            listed = self.listed(*where)
            self.assertEqual({name: one["address"] for name, one in listed.items()}, {e.name: e.url for e in (a, b, c)})
            self.assertEqual({one["state"] for one in listed.values()}, {"alive"})
            self.assertGreater(min(one["lease_left_ms"] for one in listed.values()), 0)
            self.assertEqual(sum(one["shards"] for one in listed.values()), 64)
            self.assertTrue(all(one["backend"] > 0 and one["schema"]["newest"] >= one["schema"]["oldest"] > 0
                                for one in listed.values()))
            self.assertEqual(len(self.amends(*where, "engines").splitlines()), 4)
            self.assertEqual(len(self.amends(*where, "-o", "jsonl", "shards").splitlines()), 64)
            told = self.amends(*where, "doctor")
            self.assertIn("ok    3 engines are alive: a, b, c\n", told)
            self.assertIn("ok    all 64 shards have owners, at most 22 to an engine\n", told)
            self.assertIn("ok    no command waits for its owner\n", told)

        a.stop()
        c.kill()
        self.await_even([b])

        for where in (over, ["--store", self.store_url]):
            self.assertEqual({name: one["state"] for name, one in self.listed(*where).items()},
                             {"a": "left", "b": "alive", "c": "dead"})
            told = self.amends(*where, "doctor", ends=FOUND)
            self.assertIn("found 1 engine is gone without having left", told)
            self.assertRegex(told, f"\n        c, at {c.url}: heard of [0-9]+ s ago")
        b.kill()
        self.wait_until("its lease to be over", lambda: self.listed("--store", self.store_url)["b"]["state"] == "dead")
        self.assertIn("found no engine is alive", self.amends("--store", self.store_url, "doctor", ends=FOUND))

    def test_a_twin_is_told_where_the_first_one_serves(self):
        a, = self.engines("a", lease="20s")
        self.wait_until("it to say so", lambda: "address" in self.listed("--url", a.url)["a"])
        twin = subprocess.run(a.command, env=environment(), capture_output=True, text=True, timeout=30)
        self.assertIn(f"is alive, at {a.url}: ", twin.stderr)

    def test_metrics_count_engines_shards_and_commands(self):
        a, b = self.engines("a", "b")
        self.wait_until("both to be counted", lambda: self.metrics(a).get('amends_engines{state="alive"}') == 2)
        self.wait_until("its share", lambda: self.metrics(a)["amends_shards_owned"] == 32)
        self.assertEqual(self.metrics(a)["amends_shards_fair_share"], 32)
        self.ask("select amends.start('nobody', null, '{}') from generate_series(1, 3)")

        self.wait_until("the starts to be counted", lambda: self.metrics(a)["amends_commands_waiting"] == 3)
        b.kill()
        self.wait_until("b to be counted", lambda: self.metrics(a)['amends_engines{state="dead"}'] == 1)

        now = self.metrics(a)
        self.assertGreater(now["amends_commands_oldest_seconds"], 0)
        self.assertLess(now["amends_sharing_read_age_seconds"], 10)
        self.assertIn("amends_shards_free", now)
        self.assertIn("amends_shards_free_seconds", now)

    def test_doctor_finds_starts_that_no_saga_comes_of(self):
        a, = self.engines("a")
        unfit = self.ask("select amends.start('hello', null, '{\"name\": 7}')")
        self.ask("select amends.start('nobody', null, '{}', version => 3)")
        self.wait_until("an answer", lambda: self.ask("select count(*) from amends.command where verdict = 'invalid'") == "1")

        for where in (["--url", a.url], ["--store", self.store_url]):
            told = self.amends(*where, "doctor", ends=FOUND)
            self.assertRegex(told, "found 1 command waits for the shard's owner, the oldest for [0-9]+ s")
            self.assertIn("\n        1 start of nobody version 3: no engine has ever had it", told)
            self.assertIn("found 1 command was refused as invalid in the last hour", told)
            self.assertRegex(told, f"\n        start of {unfit}, [0-9]+ s ago: .+")

    def test_how_many_shards_is_said_once(self):
        said = subprocess.run([self.build / "bin/amends", "db", "migrate", "--shards", "16", "--store", self.store_url],
                              env=environment(), capture_output=True, text=True)
        self.assertEqual((said.returncode, said.stdout), (1, ""), said.stderr)
        self.assertIn("the store has 64 shards, and that is fixed", said.stderr)
        self.psql("postgres", f"create database {self.database}_of_16")
        other = self.store_url.replace(self.database, self.database + "_of_16")
        self.amends("db", "migrate", "--shards", "16", "--store", other)
        self.assertEqual(len(json.loads(self.amends("--store", other, "-o", "json", "shards"))["shards"]), 16)

    def test_a_client_may_start_sagas_and_nothing_else(self):
        self.engines("a")
        for role in ("amends_engine", "amends_reader", "shop"):
            self.psql("postgres", f"drop role if exists {role}; create role {role} login")
        self.assertNotIn("shop", self.amends("db", "grants"))
        self.ask(self.amends("db", "grants", "--client", "shop"))

        saga = self.ask("set role shop; select amends.start('hello', null, '{\"name\": \"Ada\", \"text\": \"hi\"}')")

        self.await_completed([saga])
        with self.assertRaisesRegex(Exception, "permission denied"):
            self.ask("set role shop; select * from amends.command")


if __name__ == "__main__":
    main()
