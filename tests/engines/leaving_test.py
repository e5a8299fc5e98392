#!/usr/bin/env python3
"""SIGTERM: what an engine owned is in other hands when it has ended, whatever its lease."""

import time

from several import EnginesTest, main

LEASE_S = 20


class AnOwnerThatIsAskedToStop(EnginesTest):
    def test_hands_over_at_once(self):
        engines = a, b, c = self.engines("a", "b", "c", lease=f"{LEASE_S}s")
        sagas = {}
        for number, engine in enumerate(engines):
            sagas |= engine.start_sagas([f"slow {number}-{n}" for n in range(60)])
        sagas |= a.start_sagas([f"hold {n}" for n in range(4)])  # will not be answered before it has to go
        self.wait_until("requests of a", lambda: len(self.books.arrived("a")) > 8)
        writer, epoch = a.hold_on_the_store()

        a.stop()
        ended = time.monotonic()
        self.assertEqual(a.process.returncode, 0)
        left = int(self.ask(f"select count(*) from amends.shard where writer_id = {writer}"))
        self.assertEqual(left, 0)
        self.await_even([b, c])
        self.assertLess(time.monotonic() - ended, 5)
        self.books.release()

        self.await_completed(sagas.values())
        self.assertLess(time.monotonic() - ended, LEASE_S / 3)
        self.assertTrue({r["name"] for r in self.books.arrived() if r["engine"] != "a"} &
                        {f"hold {n}" for n in range(4)})
        self.assertEqual(self.books.arrived("a", since=ended), [])
        self.assert_journals_are_whole()
        self.assert_each_happened_once(sagas)


if __name__ == "__main__":
    main()
