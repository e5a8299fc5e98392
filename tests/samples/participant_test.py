#!/usr/bin/env python3
"""A participant against a caller that does what a network does: repeats, reorders, hangs up, comes too late.

usage: participant_test.py PARTICIPANT [unittest arguments]
"""

import concurrent.futures
import http.client
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = ""


class Participant:
    """A running participant. Use it in a `with`, so that it ends with the test."""

    def __init__(self, kind, *flags):
        self.directory = tempfile.mkdtemp(prefix="participant-")
        self.database = os.path.join(self.directory, "own.db")
        ready = pathlib.Path(self.directory, "ready")
        self.process = subprocess.Popen(
            [PROGRAM, "--kind", kind, "--db", self.database, "--port", "0", "--ready-file", str(ready), *flags],
            stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not ready.exists():
            assert self.process.poll() is None, "the participant ended before it was ready"
            assert time.monotonic() < deadline, "the participant is not ready"
            time.sleep(0.01)
        self.port = int(ready.read_text().rsplit(":", 1)[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.directory)

    def call(self, method, path, body, key, not_after=None, timeout=10):
        """Returns (status, code of the barrier, body)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        headers = {"Idempotency-Key": key} if key else {}
        if not_after is not None:
            headers["Amends-Not-After"] = str(not_after)
        text = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            text = body if isinstance(body, str) else json.dumps(body)
        try:
            connection.request(method, path, text, headers)
            reply = connection.getresponse()
            return reply.status, reply.getheader("Amends-Barrier"), json.loads(reply.read())
        finally:
            connection.close()

    def reserve(self, order="o1", key=None, **more):
        body = {"order": order, "sku": "LAMP", "quantity": 2}
        return self.call("POST", "/reservations", body, key or f"{order}/reserve-stock/run/1", **more)

    def release(self, order="o1", key=None, **more):
        return self.call("DELETE", f"/reservations/{order}", None, key or f"{order}/reserve-stock/undo/1", **more)

    def charge(self, order="o1", **more):
        return self.call("POST", "/charges", {"order": order, "amount_cents": 995}, f"{order}/charge-card/run/1",
                         **more)

    def ask(self, sql):
        database = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            return database.execute(sql).fetchone()[0]
        finally:
            database.close()


class WithTheBarrier(unittest.TestCase):
    def test_a_duplicate_hears_the_first_answer_and_has_no_effect(self):
        with Participant("inventory") as inventory:
            first = inventory.reserve()
            second = inventory.reserve()

            self.assertEqual((first[0], first[1]), (201, "applied"))
            self.assertEqual((second[0], second[1]), (201, "replayed"))
            self.assertEqual(first[2], second[2])
            self.assertEqual(inventory.ask("select count(*) from reservations"), 1)

    def test_duplicates_at_the_same_moment_take_effect_once(self):
        with Participant("payments") as payments:
            with concurrent.futures.ThreadPoolExecutor(32) as pool:
                answers = list(pool.map(lambda _: payments.charge(), range(32)))

            self.assertEqual(sorted(code for _, code, _ in answers), ["applied"] + ["replayed"] * 31)
            self.assertEqual(len({body["charge_id"] for _, _, body in answers}), 1)
            self.assertEqual(payments.ask("select count(*) from charges"), 1)

    def test_an_undo_releases_once_and_needs_no_content_length(self):
        with Participant("inventory") as inventory:
            inventory.reserve()
            begin = time.monotonic()
            first = inventory.release()
            second = inventory.release()

            self.assertLess(time.monotonic() - begin, 4)
            self.assertEqual((first[:2], second[:2]), ((200, "applied"), (200, "replayed")))
            self.assertEqual(inventory.ask("select count(*) from reservations where state = 'active'"), 0)
            self.assertEqual(inventory.ask("select count(*) from releases"), 1)

    def test_an_undo_that_overtakes_its_run_is_empty_and_fences_the_run(self):
        with Participant("inventory") as inventory:
            undo = inventory.release()
            run = inventory.reserve()

            self.assertEqual(undo[:2], (200, "empty_undo"))
            self.assertEqual(run[:2], (409, "fenced"))
            self.assertEqual(inventory.ask("select count(*) from reservations"), 0)
            self.assertEqual(inventory.ask("select count(*) from releases"), 0)

    def test_a_call_after_its_time_is_not_executed(self):
        with Participant("inventory") as inventory:
            late = inventory.reserve(not_after=1)
            in_time = inventory.reserve(not_after=int(time.time() * 1000) + 60_000)

            self.assertEqual(late[:2], (409, "expired"))
            self.assertEqual(in_time[:2], (201, "applied"))

    def test_a_refusal_is_kept_for_every_duplicate_and_leaves_nothing(self):
        with Participant("payments", "--refuse", "1") as payments:
            answers = [payments.charge()[:2] for _ in range(2)]

            self.assertEqual(answers, [(402, "applied"), (402, "replayed")])
            self.assertEqual(payments.ask("select count(*) from charges"), 0)

    def test_shipping_and_mail_never_refuse(self):
        with Participant("shipping", "--refuse", "1") as shipping:
            body = {"order": "o1", "from": "graz-1", "address": {"street": "O'Brien \"Gasse\" 1", "city": "Łódź"}}
            status, _, _ = shipping.call("POST", "/shipments", body, "o1/create-shipment/run/1")
            self.assertEqual(status, 201)
        with Participant("mail", "--refuse", "1") as mail:
            status, _, reply = mail.call("POST", "/messages", {"order": "o1", "to": "a@b.example", "tracking": "AM1"},
                                         "o1/notify-customer/run/1")
            self.assertEqual((status, reply), (202, None))

    def test_what_took_effect_outlives_the_process(self):
        with Participant("inventory") as inventory:
            inventory.reserve()
            inventory.process.kill()
            inventory.process.wait()
            self.assertEqual(inventory.ask("select count(*) from reservations"), 1)

    def test_it_ends_at_once_when_asked_though_a_caller_stays_connected(self):
        with Participant("inventory") as inventory:
            connection = http.client.HTTPConnection("127.0.0.1", inventory.port)
            connection.connect()
            inventory.process.send_signal(signal.SIGTERM)
            self.assertEqual(inventory.process.wait(10), 0)
            connection.close()


class TheLogOfCalls(unittest.TestCase):
    """What an independent reader holds against the journal of whoever sent the requests."""

    def log(self, participant):
        return participant.ask("select group_concat(key || ' ' || code || ' ' || status || ' ' || effect, '; ') from "
                               "(select * from calls order by rseq)")

    def test_says_of_each_request_what_became_of_it_in_the_order_of_the_database(self):
        with Participant("inventory", "--log-calls") as inventory:
            inventory.reserve()
            inventory.reserve()
            inventory.release()
            inventory.release("o2")
            inventory.reserve("o2")

            self.assertEqual(self.log(inventory), "o1/reserve-stock/run/1 applied 201 did; o1/reserve-stock/run/1 replayed 201 none; "
                             "o1/reserve-stock/undo/1 applied 200 undid; o2/reserve-stock/undo/1 empty_undo 200 none; "
                             "o2/reserve-stock/run/1 fenced 409 none")
            self.assertEqual(inventory.ask("select group_concat(distinct path) from calls where method = 'DELETE'"),
                             "/reservations/o1,/reservations/o2")

    def test_a_refusal_changed_nothing_and_is_in_it(self):
        with Participant("payments", "--log-calls", "--refuse", "1") as payments:
            payments.charge()

            self.assertEqual(self.log(payments), "o1/charge-card/run/1 applied 402 none")

    def test_what_is_worked_on_twice_is_one_arrival(self):
        with Participant("payments", "--log-calls", "--without-barrier", "--repeat", "1") as payments:
            payments.charge()

            self.assertEqual(self.log(payments), "o1/charge-card/run/1 none 201 did; o1/charge-card/run/1 none 201 did")
            self.assertEqual(payments.ask("select count(distinct arrival) from calls"), 1)

    def test_is_kept_only_where_it_is_asked_for(self):
        with Participant("payments") as payments:
            payments.charge()

            self.assertEqual(payments.ask("select count(*) from sqlite_master where name = 'calls'"), 0)


class WhenThingsGoWrong(unittest.TestCase):
    def test_a_dropped_reply_is_heard_by_the_next_attempt(self):
        with Participant("inventory", "--drop", "1") as inventory:
            dropped = 0
            while inventory.ask("select count(*) from reservations") == 0:  # some are dropped before the effect
                with self.assertRaises((http.client.HTTPException, ConnectionError)):
                    inventory.reserve()
                dropped += 1
                self.assertLess(dropped, 50)
            for _ in range(5):
                with self.assertRaises((http.client.HTTPException, ConnectionError)):
                    inventory.reserve()
            self.assertEqual(inventory.ask("select count(*) from reservations"), 1)

    def test_a_late_call_comes_after_its_own_undo_and_is_fenced(self):
        with Participant("inventory", "--late", "1", "--late-ms", "700", "--seed", "3") as inventory:
            orders = [f"o{number}" for number in range(8)]

            def give_up_soon(order):
                with self.assertRaises(TimeoutError):
                    inventory.reserve(order, timeout=0.2)

            def undo(order):
                self.assertIn(inventory.release(order)[1], ("applied", "empty_undo"))

            def again(order):
                self.assertEqual(inventory.reserve(order)[:2], (409, "fenced"))

            for each in (give_up_soon, undo, again):
                with concurrent.futures.ThreadPoolExecutor(8) as pool:
                    list(pool.map(each, orders))
            self.assertEqual(inventory.ask("select count(*) from reservations where state = 'active'"), 0)

    def test_work_done_twice_takes_effect_once(self):
        with Participant("mail", "--repeat", "1") as mail:
            body = {"order": "o1", "to": "a@b.example", "tracking": "AM1"}
            self.assertEqual(mail.call("POST", "/messages", body, "o1/notify-customer/run/1")[0], 202)
            self.assertEqual(mail.ask("select count(*) from messages"), 1)

    def test_the_tables_show_a_double_effect_when_the_barrier_is_missing(self):
        with Participant("payments", "--without-barrier") as payments:
            payments.charge()
            payments.charge()
            self.assertEqual(payments.ask("select count(*) from charges"), 2)

    def test_every_accident_leaves_at_most_one_effect(self):
        flags = "--slow .1 --late .1 --drop .3 --garbage .1 --error .2 --too-many .1 --repeat .1 --late-ms 50".split()
        with Participant("payments", *flags) as payments:
            seen = set()
            for number in range(300):
                try:
                    seen.add(payments.charge(f"o{number // 4}")[0])
                except json.JSONDecodeError:
                    seen.add("garbage")
                except (http.client.HTTPException, ConnectionError) as error:
                    seen.add("half" if isinstance(error, http.client.IncompleteRead) else "dropped")

            self.assertTrue({201, 429, 500, 502, "garbage", "half", "dropped"} <= seen, seen)
            self.assertEqual(payments.ask("select count(*) - count(distinct order_id) from charges"), 0)

    def test_a_storm_answers_503_and_passes(self):
        with Participant("payments", "--storm-every-ms", "400", "--storm-ms", "80") as payments:
            seen = set()
            deadline = time.monotonic() + 10
            while len(seen) < 2 and time.monotonic() < deadline:
                seen.add(payments.charge()[0])
            self.assertEqual(seen, {201, 503})


class BadInput(unittest.TestCase):
    def test_nonsense_is_answered_400_and_writes_nothing(self):
        with Participant("inventory") as inventory:
            good = {"order": "o1", "sku": "LAMP", "quantity": 2}
            key = "o1/reserve-stock/run/1"
            for body, its_key in [(good, None), (good, "no-key"), ("{", key), ("[]", key), ({"order": 7}, key),
                                  ({"order": "o1", "sku": "LAMP", "quantity": "two"}, key)]:
                with self.subTest(body=body, key=its_key):
                    self.assertEqual(inventory.call("POST", "/reservations", body, its_key)[0], 400)
            self.assertEqual(inventory.ask("select count(*) from amends_barrier"), 0)
            self.assertEqual(inventory.reserve()[:2], (201, "applied"))

    def test_an_unknown_kind_is_refused(self):
        ended = subprocess.run([PROGRAM, "--kind", "casino", "--db", ":memory:"], capture_output=True, text=True)
        self.assertEqual(ended.returncode, 1)
        self.assertIn("no such participant: casino", ended.stderr)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
