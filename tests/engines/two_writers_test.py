#!/usr/bin/env python3
"""An engine with two writers: both rows are its own again at once after a kill, and every saga agrees."""

import time

from several import EnginesTest, Engine, SHARDS, main

LEASE_S = 20  # so long that nothing in these tests waits for its end


class TwoWriters(EnginesTest):
    def engine(self, name):
        engine = Engine(self, name, f"{LEASE_S}s")
        configuration = self.directory / f"{name}.toml"
        configuration.write_text(configuration.read_text().replace("[engine]", "[engine]\nwriters = 2"))
        engine.start()
        self.wait_until("both writers to have their share", lambda: self.held(name) == [SHARDS // 2, SHARDS // 2])
        return engine

    def held(self, name):
        """The shards of each writer."""
        return [row["n"] for row in self.ask_rows(
            "select count(shard_id) n from amends.writer left join amends.shard using (writer_id) "
            f"where engine_id in ('{name}', '{name}/2') group by engine_id order by engine_id")]

    def epochs(self):
        return self.ask_rows("select engine_id, writer_id, epoch from amends.writer where writer_id > 0 order by engine_id")

    def test_a_restart_takes_over_both_rows_at_once(self):
        a = self.engine("a")
        names = [f"hold {n}" for n in range(8)] + [f"slow {n}" for n in range(60)]
        sagas = a.start_sagas(names, keyed=True)
        self.wait_until("requests of both writers",
                        lambda: int(self.ask("select count(distinct writer_id) from amends.journal")) == 2)
        before = self.epochs()

        a.kill()
        begin = time.monotonic()
        a.start()
        self.assertEqual(self.held("a"), [SHARDS // 2, SHARDS // 2])
        self.books.release()
        self.assertEqual(a.start_sagas(names, keyed=True, status=200), sagas)  # whoever asks again hears of the same
        self.await_completed(sagas.values())

        self.assertLess(time.monotonic() - begin, LEASE_S / 2)
        self.assertEqual(self.epochs(), [{**row, "epoch": row["epoch"] + 1} for row in before])
        self.assertEqual(self.ask("select count(*) from amends.saga"), str(len(names)))
        self.assert_journals_are_whole()
        self.assert_each_happened_once(sagas)

    def test_a_stop_gives_all_shards_back(self):
        a = self.engine("a")
        sagas = a.start_sagas([f"slow {n}" for n in range(40)])

        a.stop()

        self.assertEqual(a.process.returncode, 0)
        self.assertEqual(self.held("a"), [0, 0])
        b, = self.engines("b")
        self.await_completed(sagas.values())
        self.assertEqual(b.shards(), SHARDS)
        self.assert_journals_are_whole()
        self.assert_each_happened_once(sagas)


if __name__ == "__main__":
    main()
