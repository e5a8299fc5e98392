#!/usr/bin/env python3
"""An id has one living engine: a restart under it goes on at once, a second one beside it is refused."""

import subprocess
import time

from several import EnginesTest, Engine, environment, main

LEASE_S = 20  # so long that nothing in these tests waits for its end


class TheSameId(EnginesTest):
    def lease_left(self, name):
        return float(self.ask("select extract(epoch from lease_until - clock_timestamp()) from amends.writer "
                              f"where engine_id = '{name}'"))

    def test_a_restart_goes_on_long_before_the_lease_ends(self):
        a, b = self.engines("a", "b", lease=f"{LEASE_S}s")
        sagas = a.start_sagas([f"hold {n}" for n in range(20)])
        self.wait_until("requests of a", lambda: len(self.books.arrived("a")) >= 8)
        writer, epoch = a.hold_on_the_store()
        shards = a.shards()
        a.kill()
        self.books.release()
        self.assertGreater(self.lease_left("a"), LEASE_S / 2)

        begin = time.monotonic()
        a.start()
        self.await_completed(sagas.values())

        self.assertLess(time.monotonic() - begin, LEASE_S / 4)
        self.assertEqual(a.hold_on_the_store(), (writer, epoch + 1))
        self.assertEqual((a.shards(), b.shards()), (shards, 64 - shards))
        self.assertEqual({r["engine"] for r in self.books.arrived()}, {"a"})
        self.assert_journals_are_whole()
        self.assert_each_happened_once(sagas)

    def test_a_second_living_one_is_refused_and_told_about_the_first(self):
        a, = self.engines("a", lease=f"{LEASE_S}s")
        hold = a.hold_on_the_store()
        # It has its port before it says so in the store: with the next renewal of its lease.
        self.wait_until("a's address is in the store",
                        lambda: self.ask("select address from amends.engine where engine_id = 'a'") == a.url)

        twin = subprocess.run(a.command, env=environment(), capture_output=True, text=True, timeout=30)

        self.assertEqual(twin.returncode, 1, twin.stderr)
        lines = twin.stderr.splitlines()
        self.assertEqual(len(lines), 1, twin.stderr)
        self.assertIn(f"another engine with the id 'a' is alive, at {a.url}", lines[0])
        pid, since = self.ask("select backend_pid, to_char(taken_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS') "
                              "from amends.writer where engine_id = 'a'").split("|")
        self.assertIn(f"process {pid}", lines[0])
        self.assertIn(since, lines[0])
        self.assertEqual(a.hold_on_the_store(), hold)
        self.await_completed(a.start_sagas(["after"]).values())


if __name__ == "__main__":
    main()
