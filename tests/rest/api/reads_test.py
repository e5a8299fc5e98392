#!/usr/bin/env python3
"""Looking at sagas: lists with their filters and cursors, one saga, its journal, the preview of its rollback."""

import threading
import time
import urllib.parse

from world import ApiTest, main

NO_SAGA = "0192d3a4-5b6c-7000-8000-000000000000"


class Lists(ApiTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.done = cls.daemon.start(key="done", wait="20s", tags={"shop": "graz", "kind": "a b&c"})
        cls.undone = cls.daemon.start("refuse", key="undone", wait="20s", tags={"shop": "graz"})
        cls.parked = cls.daemon.start("refuse-letter", wait="20s")
        cls.running = cls.daemon.start("hold lists")

    def ids(self, **query):
        answer = self.daemon.get("/v1/sagas?" + urllib.parse.urlencode(query))
        self.assertEqual(answer.status, 200, answer.text)
        return [saga["id"] for saga in answer.json["sagas"]]

    def test_the_newest_comes_first(self):
        self.assertEqual(self.ids(before=self.created(self.running)), [self.parked, self.undone, self.done])
        row = self.daemon.get("/v1/sagas?key=undone").json["sagas"][0]
        self.assertEqual((row["workflow"], row["state"], row["plan"]), ("hello", "compensated", self.show()["plan"]))

    def show(self):
        return self.daemon.show(self.done)

    def created(self, saga):
        return self.daemon.show(saga)["created_at"]

    def test_each_filter(self):
        self.assertEqual(self.ids(state="completed"), [self.done])
        self.assertEqual(self.ids(state="compensated"), [self.undone])
        self.assertEqual(self.ids(state="needs_operator"), [self.parked])
        self.assertIn(self.running, self.ids(state="running"))
        self.assertEqual(self.ids(state="abandoned"), [])
        self.assertEqual(self.ids(key="done"), [self.done])
        self.assertEqual(self.ids(key="done", workflow="hello"), [self.done])
        self.assertEqual(self.ids(workflow="casino"), [])
        self.assertEqual(self.ids(**{"tag.shop": "graz"}), [self.undone, self.done])
        self.assertEqual(self.ids(**{"tag.shop": "graz", "tag.kind": "a b&c"}), [self.done])
        self.assertEqual(self.ids(**{"tag.shop": "graz", "state": "compensated"}), [self.undone])
        self.assertEqual(self.ids(**{"tag.shop": "linz"}), [])
        self.assertEqual(self.ids(since=self.created(self.undone), before=self.created(self.running)),
                         [self.parked, self.undone])
        self.assertEqual(self.ids(since="2099-01-01T00:00:00Z"), [])

    def test_a_filter_that_is_none_is_named(self):
        for query in ("state=over", "since=yesterday", "limit=0", "limit=501", "limit=-1", "limit=x", "cursor=7",
                      "colour=red", "state=running&state=completed", "key=%00", "key=%ff", "workflow=%c0%af",
                      "tag.a=%ff", "%ff=1", "cursor=%00", "since=2026-13-01T00:00:00Z"):
            with self.subTest(query=query):
                answer = self.daemon.get("/v1/sagas?" + query)
                self.assertEqual((answer.status, answer.headers["Content-Type"]), (400, "application/problem+json"),
                                 answer.text)

    def test_pages_hold_every_saga_once_while_others_are_started(self):
        before = {self.daemon.start(tags={"page": "me"}) for _ in range(25)}
        stop = threading.Event()

        def go_on_starting():
            while not stop.is_set():
                self.daemon.start(tags={"page": "me"})

        other = threading.Thread(target=go_on_starting)
        other.start()
        try:
            seen, cursor = [], ""
            while True:
                page = self.daemon.get(f"/v1/sagas?tag.page=me&limit=4{cursor}").json
                self.assertLessEqual(len(page["sagas"]), 4)
                seen += [saga["id"] for saga in page["sagas"]]
                if "next_cursor" not in page:
                    break
                cursor = "&cursor=" + page["next_cursor"]
        finally:
            stop.set()
            other.join()
        self.assertEqual(len(seen), len(set(seen)))
        self.assertEqual(seen, sorted(seen, reverse=True))
        self.assertLessEqual(before, set(seen))


class OneSaga(ApiTest):
    def test_show_says_what_each_step_did(self):
        shown = self.daemon.show(self.daemon.start("Ada", tags={"a": "b"}), wait="20s")
        self.assertEqual((shown["state"], shown["tags"], shown["input"]["name"]), ("completed", {"a": "b"}, "Ada"))
        write, post = shown["steps"]
        self.assertEqual((write["name"], write["kind"], write["state"], write["attempts"], write["result"]),
                         ("write-card", "reversible", "succeeded", 1, {"card_id": "Ada"}))
        self.assertEqual((post["name"], post["state"], post["log"][0]["outcome"]), ("post-card", "succeeded", "done"))
        self.assertEqual(write["undo"]["name"], "tear-up-card")

    def test_show_says_why_it_was_taken_back(self):
        shown = self.daemon.show(self.daemon.start("refuse"), wait="20s")
        self.assertEqual(shown["state"], "compensated")
        self.assertEqual(shown["cause"]["step"], "write-card")
        self.assertEqual(shown["steps"][0]["state"], "rejected")

    def test_waiting_for_a_saga_that_ended_answers_at_once(self):
        saga = self.daemon.start(wait="20s")
        begin = time.monotonic()
        shown = self.daemon.show(saga, wait="20s")
        self.assertLess(time.monotonic() - begin, 5)
        self.assertEqual((shown["state"], shown["time_up"]), ("completed", False))
        self.assertNotIn("existing", shown)

    def test_the_journal_tells_all_in_order(self):
        saga = self.daemon.start(wait="20s")
        rows = self.daemon.get(f"/v1/sagas/{saga}/journal").json["rows"]
        self.assertEqual([row["seq"] for row in rows], list(range(1, len(rows) + 1)))
        entries = [entry for row in rows for entry in row["entries"]]
        self.assertEqual(entries[0]["e"], "started")
        self.assertEqual(entries[-1]["e"], "saga")
        self.assertEqual(entries[-1]["to"], "completed")
        self.assertEqual([entry["step"] for entry in entries if entry["e"] == "attempt"], ["write-card", "post-card"])
        after = self.daemon.get(f"/v1/sagas/{saga}/journal?after={rows[1]['seq']}").json["rows"]
        self.assertEqual(after, rows[2:])
        answer = self.daemon.get(f"/v1/sagas/{saga}/journal?after=x")
        self.assert_problem(answer, 400, "invalid-request", "after")

    def test_an_id_is_found_by_how_it_begins(self):
        saga = self.daemon.start("prefix", wait="20s")
        for chars in (35, 20, 13):
            answer = self.daemon.get(f"/v1/sagas?id_prefix={saga[:chars]}").json
            self.assertEqual([one["id"] for one in answer["sagas"]], [saga], chars)
            self.assertNotIn("next_cursor", answer)
        older, newer = f"{int(saga[:8], 16) - 1:08x}", f"{int(saga[:8], 16) + 1:08x}"
        for nobody in (older, newer):
            self.assertEqual(self.daemon.get(f"/v1/sagas?id_prefix={nobody}").json, {"sagas": []})
        everybody, after = set(), ""
        while True:
            page = self.daemon.get(f"/v1/sagas?id_prefix={saga[:6]}&limit=2{after}").json
            everybody |= {one["id"] for one in page["sagas"]}
            if "next_cursor" not in page:
                break
            after = "&cursor=" + page["next_cursor"]
        self.assertEqual(everybody, {one["id"] for one in self.daemon.get("/v1/sagas?limit=500").json["sagas"]})
        for bad in ("0192d", "0192d3g4", saga, "0192d3a4&state=running"):
            self.assert_problem(self.daemon.get(f"/v1/sagas?id_prefix={bad}"), 400, "invalid-request", "'id_prefix'")

    def test_the_rollback_is_a_preview(self):
        saga = self.daemon.start("hold rollback")
        self.wait_until(lambda: self.desk.arrived["/cards", "hold rollback"])
        preview = self.daemon.get(f"/v1/sagas/{saga}/rollback").json
        self.assertTrue(preview["possible"])
        self.assertEqual([(one["step"], one["undo"], one["may_not_have_happened"]) for one in preview["undos"]],
                         [("write-card", "tear-up-card", True)])
        self.assertEqual(self.daemon.show(saga)["state"], "running")
        over = self.daemon.get(f"/v1/sagas/{self.daemon.start(wait='20s')}/rollback").json
        self.assertEqual((over["possible"], over["undos"]), (False, []))
        self.assertTrue(over["why_not"])

    def test_a_saga_that_is_not_there(self):
        for path in ("", "?wait=1s", "/journal", "/rollback"):
            with self.subTest(path=path):
                self.assert_problem(self.daemon.get(f"/v1/sagas/{NO_SAGA}{path}"), 404, "not-found")
        self.assert_problem(self.daemon.command(NO_SAGA, "cancel"), 404, "not-found")

    def test_what_is_no_id(self):
        for id_ in ("x", NO_SAGA + "0", "%00", "%ff", "0192d3a4-5b6c-7000-8000-00000000000g", "%2e%2e"):
            with self.subTest(id=id_):
                answer = self.daemon.get(f"/v1/sagas/{id_}")
                self.assertEqual((answer.status, answer.headers["Content-Type"]), (400, "application/problem+json"))


class Workflows(ApiTest):
    def test_what_is_loaded(self):
        answer = self.daemon.get("/v1/workflows").json
        self.assertEqual(answer["refused"], [])
        self.assertEqual([(one["workflow"], one["version"], one["steps"]) for one in answer["workflows"]],
                         [("hello", 1, 2)])

    def test_one_as_data_and_as_a_picture(self):
        for version in ("1", "latest"):
            plan = self.daemon.get(f"/v1/workflows/hello/{version}").json
            self.assertEqual([step["name"] for step in plan["steps"]], ["write-card", "post-card"])
            self.assertIn("write-card", plan["picture"])

    def test_what_is_not_loaded(self):
        self.assert_problem(self.daemon.get("/v1/workflows/casino/1"), 404, "not-found", "casino")
        self.assert_problem(self.daemon.get("/v1/workflows/hello/2"), 404, "not-found", "version")
        for version in ("0", "x", "-1", "1.0", "4294967296"):
            self.assert_problem(self.daemon.get(f"/v1/workflows/hello/{version}"), 400, "invalid-request", "version")


if __name__ == "__main__":
    main()
