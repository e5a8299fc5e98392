#!/usr/bin/env python3
"""An owner that dies with a command through the store in its hands: its successor decides it, unless it was decided."""

import threading

from several import EnginesTest, main


class AnOwnerThatDies(EnginesTest):
    """Its first flush of this life is the one that carries the decision: all its sagas are parked."""

    def play(self, failpoint, hand_in):
        """`hand_in(b, parked)` posts commands that `a` decides; `parked` are the sagas of `a`, {name: id}."""
        a, b = self.engines("a", "b")
        sagas = a.start_sagas([f"refuse-letter {n}" for n in range(20)]) | \
            b.start_sagas([f"refuse-letter b-{n}" for n in range(20)])
        self.wait_until("all to be parked", lambda: self.states(sagas.values()) == {"needs_operator": len(sagas)})
        a.stop()
        a.variables = {"AMENDS_FAILPOINT": f"{failpoint}:1:0"}
        a.start()
        self.await_even([a, b])
        parked = self.of_engine(sagas, a)
        self.assertGreater(len(parked), 0)
        self.life = a.hold_on_the_store()

        hand_in(b, parked)
        self.wait_until("a to die", lambda: a.process.poll() is not None)

        self.assertEqual(a.process.returncode, -9)
        self.wait_until("every command to be decided", lambda: self.undecided() == 0)
        self.assertEqual(a.hold_on_the_store()[0], self.life[0])
        self.assert_journals_are_whole()
        return b

    def undecided(self):
        return int(self.ask("select count(*) from amends.command where answered_at is null"))

    def abandon(self, b, parked):
        """Returns while the engine that was asked is still waiting for the decision."""
        self.saga = next(iter(parked.values()))
        self.heard = []
        self.asking = threading.Thread(
            target=lambda: self.heard.append(b.give(self.saga, "abandon", "moved away")["answer"]), daemon=True)
        self.asking.start()

    def assert_abandoned_once(self, by):
        self.asking.join(20)
        self.assertEqual(self.heard, ["accepted"])
        self.assertEqual(self.states([self.saga]), {"abandoned": 1})
        rows = self.ask_rows(f"select writer_id, epoch from amends.journal where saga_id = '{self.saga}' "
                             "and body like '%moved away%'")
        self.assertEqual([(row["writer_id"], row["epoch"]) for row in rows], [by])

    def test_before_the_flush_of_its_decision(self):
        b = self.play("before_commit_sent", self.abandon)

        self.assert_abandoned_once(b.hold_on_the_store())

    def test_after_the_flush_of_its_decision(self):
        self.play("after_commit_ack", self.abandon)

        self.assert_abandoned_once(self.life)

    def starts(self, _, __):
        """In one transaction: some are in shards of `a`, some in those of `b`."""
        self.ask("""begin; select amends.start('hello', 'sql ' || n, '{"name": "x", "text": "hi"}')
                    from generate_series(1, 20) n; commit""")

    def assert_all_started_once(self):
        self.wait_until("all starts to complete", lambda: self.ask(
            "select count(*) from amends.saga where key like 'sql %' and state = 'completed'") == "20")
        self.assertEqual(self.ask("select count(*) from amends.saga where key like 'sql %'"), "20")
        wrong = self.ask("select count(*) from amends.saga s where key like 'sql %' and not exists "
                         "(select from amends.start_key k where k.key = s.key and k.saga_id = s.saga_id)")
        self.assertEqual(wrong, "0")
        self.assertEqual(self.ask("select count(*) from amends.command where verdict <> 'accepted'"), "0")

    def test_before_the_flush_of_starts(self):
        self.play("before_commit_sent", self.starts)

        self.assert_all_started_once()

    def test_after_the_flush_of_starts(self):
        self.play("after_commit_ack", self.starts)

        self.assert_all_started_once()


if __name__ == "__main__":
    main()
