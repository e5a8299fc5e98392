"""Somebody who changes his mind: gives cancels while everything goes on, and notes what he was told."""

import http.client
import json
import random
import threading
import time

from rest import Engine, Refused


class Commander(threading.Thread):
    """Cancels a share of the orders that were acknowledged, each once, and adds a line to the submitter's history for it."""

    def __init__(self, world, share):
        super().__init__(name="commander", daemon=True)
        self.world = world
        self.share = share
        self.dice = random.Random(world.seed)
        self.given = 0
        self.seen = 0
        self.give_up = threading.Event()

    def run(self):
        while not self.give_up.wait(.003):
            known = list(self.world.submitter.saga_of.values())
            for saga in known[self.seen:]:
                if self.dice.random() < self.share and not self.give_up.is_set():
                    self.cancel(saga)
            self.seen = len(known)

    def cancel(self, saga):
        self.given += 1
        line = {"client": "commander", "op": "command", "verb": "cancel", "saga": saga, "outcome": "info",
                "call_at": time.time_ns() // 1_000}
        heard = {}
        try:
            engine = Engine(self.world.amendsd.url)
            try:
                body = {"command": "cancel", "reason": "changed my mind", "actor": "ada"}
                heard = {"outcome": "ok", **engine.call("POST", f"/v1/sagas/{saga}/commands", body)}
            finally:
                engine.close()
        except Refused as refused:
            if refused.status == 409:
                problem = json.loads(refused.body)["type"]
                heard = {"outcome": "fail", "answer": "too_late" if problem.endswith("/too-late") else "refused"}
        except (OSError, http.client.HTTPException):
            pass
        self.world.submitter.history.append({**line, **heard, "return_at": time.time_ns() // 1_000})

    def stop(self):
        self.give_up.set()
        self.join(40)
