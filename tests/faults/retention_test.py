#!/usr/bin/env python3
"""Two amendsd of the engine's role let finished sagas leave one PostgreSQL, into one archive."""

import collections
import json
import pathlib
import shutil
import subprocess
import tempfile

from postgres_world import OnPostgres, PostgresDaemon
from processes import environment
from world import main


class TwoEngines(OnPostgres):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.migrate("postgres")
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="amends-retention-"))

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        shutil.rmtree(cls.directory, ignore_errors=True)

    def setUp(self):
        self.ask("create role an_engine login; create role a_reader login")
        grants = subprocess.run([self.build / "bin/amends", "db", "grants", "--engine", "an_engine", "--reader", "a_reader"],
                                check=True, env=environment(), capture_output=True, text=True).stdout
        self.ask(grants)
        self.engines = [self.engine(name) for name in ("one", "two")]
        self.addCleanup(self.desk.release)
        self.wait_until(lambda: self.ask("select min(n) > 30 and count(*) = 2 from"
                                         " (select count(*) n from amends.shard group by writer_id) s") == "t")
        self.wait_until(lambda: all(one.get("/readyz").status == 200 for one in self.engines))

    def engine(self, name):
        one = PostgresDaemon(self.build, self.desk, self.url("postgres", "an_engine"), False, ("--engine-id", name))
        self.addCleanup(one.close)
        with one.configuration.open("a") as file:
            file.write(f'[retention]\nfinished = "1s"\nshare = 0.5\narchive = "{self.directory}"\n')
        one.process.start()
        return one

    def archived(self):
        return [json.loads(line) for file in self.directory.glob("*.jsonl") for line in file.read_text().splitlines()]

    def test_each_saga_leaves_once_with_all_that_is_its(self):
        held = self.engines[0].start("hold Eve", key="k-held", tags={"shop": "graz"})
        sagas = [self.engines[n % 2].start(f"Ada {n}", key=f"k-{n}", tags={"n": str(n)}) for n in range(40)]
        by_sql = self.ask("""select amends.start('hello', 'k-sql', '{"name": "Kim", "text": "hi"}')""")
        self.wait_until(lambda: self.ask("select count(*) from amends.saga") == "1"
                        and self.ask("select verdict from amends.command where kind = 'start'") == "accepted")

        counted = collections.Counter(saga["id"] for saga in self.archived())
        self.assertEqual(counted, collections.Counter([*sagas, by_sql]))
        self.assertTrue(all(saga["journal"] and saga["state"] == "completed" for saga in self.archived()))
        for table in ("journal", "tag"):
            self.assertEqual(self.ask(f"select distinct saga_id from amends.{table}"), held)
        self.assertEqual(sum(one.metric("amends_retired_sagas_total") for one in self.engines), 41)
        self.assertTrue(all(one.metric("amends_retired_sagas_total") > 0 for one in self.engines))

        self.assertEqual(self.engines[1].start("Ada 0", key="k-0", tags={"n": "0"}), sagas[0])
        self.assertEqual(self.ask("""select amends.start('hello', 'k-sql', '{"name": "Kim", "text": "hi"}')"""), by_sql)
        self.assertEqual(self.ask("select count(*) from amends.start_key"), "42")
        self.assertNotIn("cannot", "".join(one.log() for one in self.engines))


if __name__ == "__main__":
    main()
