#!/usr/bin/env python3
"""Starts and commands at any engine, for sagas of any owner, while owners come and go: each counts once."""

import collections
import concurrent.futures
import http.client
import random
import threading
import time

from several import EnginesTest, Refused, main

KILLS = 4
DOWN_S = 1.3  # longer than the lease: the others inherit first


class Client(threading.Thread):
    """Starts sagas under keys, each at two engines at the same time, and cancels every other one. It asks until it is
    answered, each time an engine of its own choosing."""

    def __init__(self, number, engines):
        super().__init__(daemon=True)
        self.number = number
        self.engines = engines
        self.dice = random.Random(number)
        self.hands = concurrent.futures.ThreadPoolExecutor(2)
        self.enough = threading.Event()
        self.sagas = {}  # key: saga id, as acknowledged
        self.accepted = set()  # reasons of commands that were acknowledged
        self.given = set()  # of all commands, each with a reason of its own
        self.errors = []

    def run(self):
        try:
            count = 0
            while not self.enough.is_set():
                count += 1
                key = f"{'hold' if count % 2 else 'slow'} {self.number}-{count}"
                both = list(self.hands.map(self.start_saga, [key, key]))
                if both[0] != both[1]:
                    raise AssertionError(f"{key} was acknowledged as {both}")
                self.sagas[key] = both[0]
                if count % 2:
                    self.cancel(key)
        except Exception as error:
            self.errors.append(repr(error))

    def start_saga(self, key):
        body = {"workflow": "hello", "key": key, "input": {"name": key, "text": "hi"}}
        return self.until_answered(lambda engine: engine.call("POST", "/v1/sagas", body))["id"]

    def cancel(self, key):
        """Again, with another reason, when nobody knows what became of it. A command has no key."""
        while not self.enough.is_set():
            reason = f"{key}, {len(self.given)}"
            self.given.add(reason)
            try:
                answer = self.dice.choice(self.engines).give(self.sagas[key], "cancel", reason)
                if answer["answer"] == "accepted":
                    self.accepted.add(reason)
                return
            except Refused as refused:
                if refused.status == 409:
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(.02)

    def until_answered(self, call):
        while True:
            try:
                return call(self.dice.choice(self.engines))
            except Refused as refused:
                if refused.status != 503:
                    raise
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(.02)


class AnyEngine(EnginesTest):
    def test_takes_what_another_one_owns_while_owners_come_and_go(self):
        engines = self.engines("a", "b", "c")
        clients = [Client(number, engines) for number in range(4)]
        for client in clients:
            client.start()
        dice = random.Random(7)
        for _ in range(KILLS):
            time.sleep(dice.uniform(.3, .8))  # the time is the chance in this test, not a signal waited for
            victim = dice.choice(engines)
            victim.kill()
            time.sleep(DOWN_S)
            victim.start()
        for client in clients:
            client.enough.set()
        self.books.release()
        for client in clients:
            client.join(30)
            self.assertEqual((client.is_alive(), client.errors), (False, []))

        self.wait_until("every saga to end",
                        lambda: self.ask("select count(*) from amends.saga where active") == "0")
        self.assert_starts({key: saga for client in clients for key, saga in client.sagas.items()})
        self.assert_commands(set().union(*(c.accepted for c in clients)), set().union(*(c.given for c in clients)))
        self.assert_journals_are_whole()
        epochs = int(self.ask("select count(distinct (writer_id, epoch)) from amends.journal"))
        self.assertGreater(epochs, KILLS, "too few lives wrote anything: this run proves nothing")

    def assert_starts(self, acknowledged):
        stored = collections.defaultdict(list)
        for row in self.ask_rows("select key, saga_id from amends.saga"):
            stored[row["key"]].append(row["saga_id"])
        self.assertGreater(len(acknowledged), 20)
        self.assertEqual(stored, {key: [saga] for key, saga in acknowledged.items()})

    def assert_commands(self, accepted, given):
        journalled = collections.Counter(row["reason"] for row in self.ask_rows(
            "select entry->>'reason' reason from amends.journal, jsonb_array_elements(body::jsonb) entry "
            "where entry->>'e' = 'command' and entry->>'answer' = 'accepted'"))
        self.assertGreater(len(accepted), 5)
        self.assertEqual({reason: journalled[reason] for reason in accepted}, dict.fromkeys(accepted, 1))
        self.assertEqual([reason for reason, times in journalled.items() if times > 1 or reason not in given], [])


if __name__ == "__main__":
    main()
