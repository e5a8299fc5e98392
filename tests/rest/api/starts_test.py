#!/usr/bin/env python3
"""Starting sagas: one and many, once and again, and everything that is no start."""

import json
import unittest

from world import ApiTest, main

NOT_TEXT = {  # what no string of ours may hold, as it stands in a JSON body
    "NUL": rb"a\u0000b", "a raw NUL": b"a\x00b", "broken UTF-8": b"a\xffb", "half a character": b"a\xc3",
    "overlong": b"\xc0\xaf", "a lone surrogate": rb"\ud800", "an encoded surrogate": b"\xed\xa0\x80",
}


def start(**members):
    return {"workflow": "hello", "input": {"name": "Ada", "text": "hi"}, **members}


class OneStart(ApiTest):
    def test_a_start_is_answered_201_with_its_place(self):
        answer = self.daemon.post("/v1/sagas", start())
        self.assertEqual(answer.status, 201)
        self.assertEqual(answer.headers["Location"], f"/v1/sagas/{answer.json['id']}")
        self.assertEqual(answer.json, {"id": answer.json["id"], "existing": False})
        self.assertEqual(self.daemon.show(answer.json["id"], wait="20s")["state"], "completed")

    def test_the_same_start_again_is_answered_200_with_the_same_id(self):
        first = self.daemon.post("/v1/sagas", start(key="again", tags={"a": "1", "b": "2"}))
        second = self.daemon.post("/v1/sagas", start(tags={"b": "2", "a": "1"}, key="again"))
        self.assertEqual((first.status, second.status), (201, 200))
        self.assertEqual(second.json, {"id": first.json["id"], "existing": True})
        self.assertEqual(second.headers["Location"], first.headers["Location"])

    def test_another_start_under_the_key_is_a_conflict(self):
        self.daemon.start(key="taken")
        for other in (start(key="taken", tags={"x": "y"}), start(key="taken", version=1),
                      start(key="taken", input={"name": "Bob", "text": "hi"})):
            self.assert_problem(self.daemon.post("/v1/sagas", other), 422, "key-conflict")

    def test_the_header_is_a_key_too(self):
        with_header = self.daemon.post("/v1/sagas", start(), headers={"Idempotency-Key": "from-header"})
        with_member = self.daemon.post("/v1/sagas", start(key="from-header"))
        self.assertEqual((with_header.status, with_member.status), (201, 200))
        both = self.daemon.post("/v1/sagas", start(key="one"), headers={"Idempotency-Key": "two"})
        self.assert_problem(both, 400, "invalid-request", "Idempotency-Key")
        same = self.daemon.post("/v1/sagas", start(key="from-header"), headers={"Idempotency-Key": "from-header"})
        self.assertEqual(same.status, 200)

    def test_a_key_that_is_there_but_empty_is_a_mistake(self):
        self.assert_problem(self.daemon.post("/v1/sagas", start(key="")), 400, "invalid-request", "key")
        answer = self.daemon.post("/v1/sagas", start(), headers={"Idempotency-Key": ""})
        self.assert_problem(answer, 400, "invalid-request", "Idempotency-Key")

    def test_waiting_answers_with_the_end(self):
        answer = self.daemon.post("/v1/sagas?wait=20s", start())
        self.assertEqual((answer.status, answer.json["state"], answer.json["time_up"]), (201, "completed", False))
        refused = self.daemon.post("/v1/sagas?wait=20s", start(input={"name": "refuse", "text": "hi"}))
        self.assertEqual((refused.status, refused.json["state"]), (201, "compensated"))

    def test_waiting_ends_when_the_time_is_up(self):
        answer = self.daemon.post("/v1/sagas?wait=50ms", start(input={"name": "hold starts", "text": "hi"}))
        self.assertEqual((answer.status, answer.json["state"], answer.json["time_up"]), (201, "running", True))

    def test_workflows_and_versions_that_are_not_there(self):
        self.assert_problem(self.daemon.post("/v1/sagas", start(workflow="casino")), 422, "unknown-workflow", "casino")
        self.assert_problem(self.daemon.post("/v1/sagas", start(version=9)), 422, "unknown-version", "9")
        self.assert_problem(self.daemon.post("/v1/sagas", start(version=0)), 422, "unknown-version", "0")

    def test_keys_and_tags_have_bounds(self):
        for members, says in [({"key": "k" * 10_240}, "200 bytes"), ({"key": "k" * 201}, "200 bytes"),
                              ({"key": "é" * 101}, "200 bytes"), ({"key": "a\nb"}, "control"),
                              ({"tags": {f"t{n}": "" for n in range(33)}}, "32 tags"), ({"tags": {"T": ""}}, "name"),
                              ({"tags": {"t": "v" * 257}}, "256"), ({"tags": {"t": "a\tb"}}, "control")]:
            with self.subTest(says=says):
                self.assert_problem(self.daemon.post("/v1/sagas", start(**members)), 400, "invalid-request", says)
        for key in ("k" * 200, "é" * 100, "' or 1=1 --", "🎻 / %2e%2e"):
            self.assertEqual(self.daemon.post("/v1/sagas", start(key=key)).status, 201)

    def test_wrong_types_name_the_member(self):
        for member, values in {"workflow": [None, 1, [], {}], "input": [None, 1, [], "x", {"name": 1, "text": "x"}, {}],
                               "key": [None, 1, [], {}], "version": [None, "1", 1.5, -1, 2**32, True],
                               "tags": [None, [], "x", {"a": 1}, {"a": None}]}.items():
            for value in values:
                with self.subTest(member=member, value=value):
                    answer = self.daemon.post("/v1/sagas", start(**{member: value}))
                    self.assert_problem(answer, 400, "invalid-request", member)

    def test_missing_and_unknown_members_are_named(self):
        for body, says in [({"input": {}}, "workflow"), ({"workflow": "hello"}, "input"), ({}, "workflow"),
                           (start(wrkflow=1), "wrkflow"), (start(**{"a\x1b[31m": 1}), "not a known member")]:
            with self.subTest(body=body):
                self.assert_problem(self.daemon.post("/v1/sagas", body), 400, "invalid-request", says)

    def test_no_string_holds_what_is_no_text(self):
        template = {"workflow": "hello", "key": "k", "tags": {"t": "v"}, "input": {"name": "n", "text": "x"}}
        for place in ("workflow", "key", "hello", "v", "t", "n", "name"):
            for what, raw in NOT_TEXT.items():
                with self.subTest(place=place, what=what):
                    body = json.dumps(template).encode().replace(f'"{place}"'.encode(), b'"' + raw + b'"', 1)
                    self.assert_problem(self.daemon.post("/v1/sagas", body), 400, "invalid-request",
                                        "the body is refused: " + ("a string holds a NUL" if what == "NUL" else ""))
        answer = self.daemon.post("/v1/sagas", start(), headers={"Idempotency-Key": b"a\xffb"})
        self.assertEqual(answer.status, 400)

    def test_what_is_no_json(self):
        good = json.dumps(start())
        deep = '{"workflow":"hello","input":' + "[" * 64 + "]" * 64 + "}"  # and the object: 65
        for body in (b"", b"{", b"[]", b"null", b'"x"', b"{'a':1}", good.encode() + b"x", good.encode() + good.encode(),
                     deep.encode(), b"[" * 500_000, b'{"a":1,"a":2}', b'{"input":NaN}',
                     good.replace('"hi"', "1e400").encode(), good.replace('"hi"', "-1e400").encode(),
                     b'{"workflow":"hello","input":{"name":"a","name":"b","text":"c"}}', b'{"workflow":"hello",}',
                     good.replace(":", ":/**/").encode(), good.encode("utf-16")):
            with self.subTest(body=body[:60]):
                self.assert_problem(self.daemon.post("/v1/sagas", body), 400, "invalid-request")

    def test_only_json_is_taken_and_not_too_much_of_it(self):
        for type_ in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
            with self.subTest(type=type_):
                answer = self.daemon.post("/v1/sagas", start(), headers={"Content-Type": type_})
                self.assert_problem(answer, 415, "not-json")
        huge = self.daemon.connect()
        huge.putrequest("POST", "/v1/sagas")
        huge.putheader("Content-Type", "application/json")
        huge.putheader("Content-Length", str(100 << 20))
        huge.endheaders()
        try:
            for _ in range(100):
                huge.send(b" " * (1 << 20))
        except ConnectionError:
            pass  # it does not read on, and need not
        reply = huge.getresponse()
        self.assertEqual((reply.status, json.loads(reply.read())["type"]), (413, "/problems/body-too-large"))
        huge.close()

    def test_queries_are_checked(self):
        for query in ("wait=abc", "wait=10", "wait=61s", "wait=-1s", "wait=1e3s", "wait=s", "wait=1s&wait=2s", "wat=1s",
                      "wait=99999999999s", "wait=ms"):
            with self.subTest(query=query):
                self.assert_problem(self.daemon.post("/v1/sagas?" + query, start()), 400, "invalid-request")


class ManyStarts(ApiTest):
    def batch(self, *sagas):
        return self.daemon.post("/v1/sagas:batch", {"sagas": list(sagas)})

    def test_each_start_has_its_own_answer(self):
        self.daemon.start(key="old")
        answer = self.batch(start(key="new"), start(key="old"), start(key="new"), start(key="new", version=1),
                            start(workflow="casino"), start(key="k" * 201), start())
        self.assertEqual(answer.status, 200)
        results = answer.json["results"]
        self.assertEqual([one["status"] for one in results], [201, 200, 200, 422, 422, 400, 201])
        self.assertEqual(results[2]["id"], results[0]["id"])
        self.assertEqual(results[4]["type"], "/problems/unknown-workflow")
        self.assertNotIn("id", results[5])

    def test_a_malformed_start_does_not_keep_the_others_from_starting(self):
        bad = [7, None, [], {}, {"workflow": "hello"}, start(wrkflow=1), start(key=1), start(tags=[]), start(key="")]
        answer = self.batch(start(key="first"), *bad, start(key="last"))
        self.assertEqual(answer.status, 200)
        results = answer.json["results"]
        self.assertEqual([one["status"] for one in results], [201, *[400] * len(bad), 201])
        for number, one in enumerate(results[1:-1], 1):
            self.assertEqual(one["type"], "/problems/invalid-request")
            self.assertIn(f"sagas[{number}]", one["detail"])
        for one in (results[0], results[-1]):
            self.assertEqual(self.daemon.show(one["id"], wait="20s")["state"], "completed")

    def test_nothing_but_malformed_starts(self):
        answer = self.batch(1, 2)
        self.assertEqual((answer.status, [one["status"] for one in answer.json["results"]]), (200, [400, 400]))

    def test_what_is_no_batch_starts_nothing(self):
        before = self.daemon.metric("amends_sagas_started_total")
        for body in ({}, {"sagas": None}, {"sagas": {}}, {"sagas": []}, {"sagas": [start()], "more": 1}, [start()],
                     {"sagas": [start()] * 1_001}, b'{"sagas":[', b'{"sagas":[{"workflow":"hello","input":1e400}]}'):
            with self.subTest(body=str(body)[:60]):
                self.assert_problem(self.daemon.post("/v1/sagas:batch", body), 400, "invalid-request")
        self.assertEqual(self.daemon.metric("amends_sagas_started_total"), before)

    def test_a_thousand_at_once(self):
        results = self.batch(*[start(key=f"thousand-{n}") for n in range(1_000)]).json["results"]
        self.assertEqual({one["status"] for one in results}, {201})
        self.assertEqual(len({one["id"] for one in results}), 1_000)


if __name__ == "__main__":
    main()
