#!/usr/bin/env python3
"""An owner that is stopped for longer than its lease, or killed: who goes on, when, and what the old one still does."""

import signal
import time

from several import EnginesTest, main

HELD, SLOW = 60, 40


class AStoppedOwner(EnginesTest):
    def test_commits_and_sends_nothing_once_others_took_over(self):
        """More of its sagas are under way than its endpoint takes at once: the rest waits inside it to be sent."""
        a, b, c = self.engines("a", "b", "c")
        sagas = a.start_sagas([f"hold {n}" for n in range(HELD)] + [f"slow {n}" for n in range(SLOW)])
        self.assertEqual(self.of_engine(sagas, a), sagas)
        self.wait_until("requests of a", lambda: len(self.books.arrived("a")) >= 8)
        writer, epoch = a.hold_on_the_store()

        a.signal(signal.SIGSTOP)
        self.wait_until("others to take over", lambda: self.owned_by(writer) == 0 and b.shards() + c.shards() == 64)
        last = self.last_flush(writer)
        before = self.rows(writer, epoch)
        self.assertGreater(before, 0)
        self.wait_until("others to ask again", lambda: len(self.books.arrived("b")) and len(self.books.arrived("c")))
        # What it finds when it wakes: answers to what it sent, and starts.
        self.books.release()
        late = [a.call_later("POST", "/v1/sagas", {"workflow": "hello", "input": {"name": f"late {n}", "text": "hi"}})
                for n in range(20)]
        time.sleep(.1)  # so that all of it is in its sockets; a shorter time makes the test no redder
        resumed = time.monotonic()
        a.signal(signal.SIGCONT)
        for answer in late:
            answer.join(30)

        self.await_completed(sagas.values())
        self.await_even([a, b, c])
        self.assertEqual(self.rows(writer, epoch), before)
        self.assertEqual(self.ask(f"select count(*) from amends.flush where writer_id = {writer} and epoch = {epoch} "
                                  f"and commit_seq > {last}"), "0")
        self.assertEqual(self.books.arrived("a", epoch, since=resumed), [])
        self.assert_journals_are_whole()
        self.assert_each_happened_once(sagas)

        self.assertGreater(a.hold_on_the_store()[1], epoch)
        again = a.start_sagas([f"again {n}" for n in range(20)])
        self.await_completed(again.values())
        self.assertEqual({r["engine"] for r in self.books.arrived() if r["name"] in again}, {"a"})

    def owned_by(self, writer):
        return int(self.ask(f"select count(*) from amends.shard where writer_id = {writer}"))

    def rows(self, writer, epoch):
        return int(self.ask(f"select count(*) from amends.journal where writer_id = {writer} and epoch = {epoch}"))

    def last_flush(self, writer):
        return int(self.ask(f"select max(commit_seq) from amends.flush where writer_id = {writer}"))


class AKilledOwner(EnginesTest):
    LEASE_S = 2
    NOISE_S = 2  # of a busy machine

    def test_no_saga_pauses_for_much_longer_than_the_lease(self):
        engines = self.engines("a", "b", "c", lease=f"{self.LEASE_S}s")
        sagas = {}
        for number, engine in enumerate(engines):
            sagas |= engine.start_sagas([f"slow {number}-{n}" for n in range(80)])
        self.wait_until("work of a", lambda: len(self.books.arrived("a")) > 10)

        inherited = self.unfinished_of(engines[0])
        engines[0].kill()

        self.await_completed(sagas.values())
        pauses = self.longest_pauses()
        longest = max(pauses[saga] for saga in inherited)
        self.assertGreater(longest, self.LEASE_S / 2, "nothing was inherited")
        self.assertLessEqual(longest, self.LEASE_S + 2 + self.NOISE_S)
        self.assert_journals_are_whole()
        self.assert_each_happened_once(sagas)

    def unfinished_of(self, engine):
        return [row["saga_id"] for row in self.ask_rows(
            "select saga_id from amends.saga join amends.shard using (shard_id) join amends.writer using (writer_id) "
            f"where engine_id = '{engine.name}' and active")]

    def longest_pauses(self):
        """Between two rows of a saga, by the engines' clocks."""
        return {row["saga_id"]: row["pause"] for row in self.ask_rows(
            "select saga_id, extract(epoch from max(at - before))::float pause from (select saga_id, at, lag(at) over "
            "(partition by saga_id order by seq) before from amends.journal) t group by saga_id")}


if __name__ == "__main__":
    main()
