#!/usr/bin/env python3
"""Steering sagas: each command where it fits, and where it does not."""

from starts_test import NOT_TEXT
from world import ORDER, ApiTest, Daemon, OrderDesk, main


class Commands(ApiTest):
    def setUp(self):
        self.desk.gate.clear()

    def running(self, name):
        saga = self.daemon.start(f"hold {name}")
        self.wait_until(lambda: self.desk.arrived["/cards", f"hold {name}"])
        return saga

    def parked(self, name="x"):
        saga = self.daemon.start(f"refuse-letter {name}", wait="20s")
        self.assertEqual(self.daemon.show(saga)["state"], "needs_operator")
        return saga

    def accepted(self, saga, verb, answer="accepted", **more):
        reply = self.daemon.command(saga, verb, **more)
        self.assertEqual((reply.status, reply.json), (200, {"answer": answer}), reply.text)

    def test_cancel_takes_back_what_was_done(self):
        saga = self.running("cancel")
        self.accepted(saga, "cancel", reason="changed my mind", actor="ada")
        self.accepted(saga, "cancel", actor="bob")  # again: it is being done
        self.desk.release()
        self.assertEqual(self.daemon.show(saga, wait="20s")["state"], "compensated")
        self.assertTrue(self.desk.arrived["undo", "hold cancel"])
        self.assert_problem(self.daemon.command(saga, "cancel"), 409, "already-over")

    def test_cancel_is_remembered_while_the_point_of_no_return_is_in_the_air(self):
        saga = self.daemon.start("hold-letter cancel")
        self.wait_until(lambda: self.desk.arrived["/letters", "hold-letter cancel"])
        self.accepted(saga, "cancel", answer="remembered")
        self.desk.release()
        self.assertEqual(self.daemon.show(saga, wait="20s")["state"], "completed")

    def test_cancel_is_too_late_behind_the_point_of_no_return(self):
        desk = OrderDesk()
        self.addCleanup(desk.close)
        daemon = Daemon(self.build, desk, starts=False)
        self.addCleanup(daemon.close)
        self.addCleanup(desk.gate.set)
        daemon.configuration.write_text(desk.configuration(self.build / "plugins/fulfil_order.so"))
        daemon.process.start()
        saga = daemon.post("/v1/sagas", {"workflow": "fulfil-order", "input": ORDER}).json["id"]
        charged = lambda: [step["state"] for step in daemon.show(saga)["steps"] if step["name"] == "charge-card"]
        self.wait_until(lambda: charged() == ["succeeded"])

        self.assert_problem(daemon.command(saga, "cancel"), 409, "too-late", "the point of no return was passed")

        desk.gate.set()
        self.assertEqual(daemon.show(saga, wait="20s")["state"], "completed")

    def test_cancel_takes_back_what_was_refused_at_the_point_of_no_return(self):
        saga = self.parked("cancel")
        self.accepted(saga, "cancel")
        self.assertEqual(self.daemon.show(saga, wait="20s")["state"], "compensated")

    def test_retry_tries_again(self):
        saga = self.parked("retry")
        self.desk.refuses_letters = False
        try:
            self.accepted(saga, "retry", reason="the letterbox was emptied")
            self.assertEqual(self.daemon.show(saga, wait="20s")["state"], "completed")
        finally:
            self.desk.refuses_letters = True

    def test_skip_passes_over_the_stuck_step(self):
        saga = self.parked("skip")
        self.assert_problem(self.daemon.command(saga, "skip", actor="ada"), 409, "refused", "reason")
        self.accepted(saga, "skip", reason="told by telephone", actor="ada")
        shown = self.daemon.show(saga, wait="20s")
        self.assertEqual((shown["state"], shown["steps"][1]["state"]), ("completed", "skipped"))

    def test_resolve_says_what_became_of_it(self):
        saga = self.parked("resolve")
        self.assert_problem(self.daemon.command(saga, "resolve", reason="x", actor="ada"), 400, "invalid-request", "happened")
        self.accepted(saga, "resolve", happened=True, reason="seen in the letterbox", step="post-card", actor="ada")
        shown = self.daemon.show(saga, wait="20s")
        self.assertEqual((shown["state"], shown["steps"][1]["state"]), ("completed", "succeeded"))

    def test_abandon_ends_it_as_it_stands(self):
        saga = self.parked("abandon")
        self.assert_problem(self.daemon.command(saga, "abandon", actor="ada"), 409, "refused", "reason")
        self.accepted(saga, "abandon", reason="written off", actor="ada")
        self.assertEqual(self.daemon.show(saga)["state"], "abandoned")
        self.assert_problem(self.daemon.command(saga, "retry"), 409, "already-over")

    def test_what_is_offered_is_accepted(self):
        offers = self.daemon.show(self.parked("offers"))["next"]
        self.assertEqual({offer["command"] for offer in offers}, {"retry", "resolve", "skip", "cancel", "abandon"})
        for n, offer in enumerate(offers):
            with self.subTest(offer=offer):
                body = {**offer, "reason": "x", "actor": "ada"}
                self.accepted(self.parked(f"offer {n}"), body.pop("command"), **body)
        self.assertNotIn("next", self.daemon.show(self.running("nothing is wrong")))

    def test_what_speaks_for_a_participant_names_who_says_so(self):
        saga = self.parked("nobody")
        for verb, more in (("abandon", {}), ("skip", {}), ("resolve", {"happened": True})):
            with self.subTest(verb=verb):
                self.assert_problem(self.daemon.command(saga, verb, reason="x", **more), 400, "invalid-request",
                                    "actor")
        self.assertEqual(self.daemon.show(saga)["state"], "needs_operator")

    def test_a_step_that_does_not_fit(self):
        saga = self.parked("steps")
        self.assert_problem(self.daemon.command(saga, "retry", step="no-such-step"), 409, "refused")
        self.assert_problem(self.daemon.command(saga, "retry", step="write-card"), 409, "refused")
        self.assert_problem(self.daemon.command(saga, "retry", step="s" * 65), 400, "invalid-request")

    def test_a_running_saga_is_neither_skipped_nor_resolved(self):
        saga = self.running("running")
        self.assert_problem(self.daemon.command(saga, "skip", reason="x", actor="ada"), 409, "refused")
        self.assert_problem(self.daemon.command(saga, "resolve", reason="x", happened=True, actor="ada"), 409, "refused")

    def test_what_is_no_command(self):
        saga = self.parked("malformed")
        for body in ({}, {"command": "explode"}, {"command": 1}, {"command": None}, {"command": "cancel", "why": ""}, [],
                     {"command": "cancel", "reason": 1}, {"command": "cancel", "reason": "r" * 1_025},
                     {"command": "cancel", "actor": "a" * 257}, {"command": "cancel", "actor": "a\nb"},
                     {"command": "resolve", "happened": "yes"}, {"command": "retry", "result": 1},
                     {"command": "resolve", "happened": False, "result": {}, "reason": "x", "actor": "ada"}):
            with self.subTest(body=body):
                self.assert_problem(self.daemon.post(f"/v1/sagas/{saga}/commands", body), 400, "invalid-request")
        self.assertEqual(self.daemon.show(saga)["state"], "needs_operator")

    def test_no_string_holds_what_is_no_text(self):
        saga = self.parked("text")
        for member in ("command", "reason", "actor", "step"):
            for what, raw in NOT_TEXT.items():
                with self.subTest(member=member, what=what):
                    body = b'{"%s":"%s"%s}' % (member.encode(), raw,
                                               b"" if member == "command" else b',"command":"retry"')
                    self.assert_problem(self.daemon.post(f"/v1/sagas/{saga}/commands", body), 400, "invalid-request")


if __name__ == "__main__":
    main()
