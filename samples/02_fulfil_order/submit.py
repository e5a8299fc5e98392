"""Hands the orders in, in batches, until amendsd has acknowledged every one of them."""

import hashlib
import http.client
import json
import threading
import time

from rest import Engine, Refused

BATCH = 25


def ahead_max(orders):
    """So many orders may be under way at a time: few enough that a kill hits submissions and steps alike."""
    return max(2 * BATCH, min(600, len(orders) // 8))


class Submitter(threading.Thread):
    """The key of a start is the order's id: handing an order in twice is the same as once, so that whoever has heard
    no answer simply does it again."""

    def __init__(self, orders, amendsd, count_finished, batch=BATCH, by_turns=False):
        super().__init__(name="submitter", daemon=True)
        self.orders = orders
        self.amendsd = amendsd  # its `url` changes with every start
        self.by_turns = by_turns  # each batch goes to whichever engine `url` names then
        self.batch = batch
        self.count_finished = count_finished  # orders that have come to their end, as far as is known
        self.saga_of = {}       # order id: saga id, of everything acknowledged
        self.unanswered = 0     # batches that went out and heard nothing: amendsd was killed meanwhile
        self.known_already = 0  # orders of theirs that amendsd had taken all the same: "200, the same again"
        self.history = []       # a line per start and try: when it was asked, and what was heard
        self.error = None
        self.give_up = threading.Event()
        self.engine = None      # the connection, kept from batch to batch

    def run(self):
        try:
            position = 0
            while position < len(self.orders) and not self.give_up.is_set():
                if len(self.saga_of) - self.count_finished() > ahead_max(self.orders):
                    time.sleep(0.01)
                    continue
                self.submit(self.orders[position:position + self.batch])
                position += self.batch
        except Exception as error:  # shown by the main thread, which ends the sample
            self.error = error

    def submit(self, orders):
        """Returns when all of them are acknowledged."""
        left = orders
        while left and not self.give_up.is_set():
            try:
                self.engine = self.engine or Engine(self.amendsd.url)
                left = self.hand_in(left)
                if self.by_turns:
                    self.engine.close()
                    self.engine = None
            except ConnectionRefusedError:
                self.engine = None  # it is not up again yet
            except (OSError, http.client.HTTPException):
                # amendsd is gone, perhaps after it took the batch and before it said so.
                self.engine = None
                self.unanswered += 1
            except Refused as refused:
                if refused.status not in (429, 503, 507):
                    raise
            if left:
                time.sleep(0.05)

    def ask(self, saga):
        """A line of the history; whoever hears nothing does not know what became of it."""
        body = json.dumps(saga["input"], sort_keys=True).encode()
        self.history.append({"client": "submitter", "op": "start", "call_at": time.time_ns() // 1_000, "outcome": "info",
                             "workflow": saga["workflow"], "key": saga["key"], "body_hash": hashlib.sha256(body).hexdigest()})
        return self.history[-1]

    @staticmethod
    def hear(line, result):
        taken = result["status"] in (200, 201)
        line.update(return_at=time.time_ns() // 1_000, outcome="ok" if taken else "info", status=result["status"])
        if taken:
            line["saga"] = result["id"]

    def hand_in(self, orders):
        """Returns those that were not taken and may be later."""
        sagas = [{"workflow": "fulfil-order", "key": order["order_id"], "input": order} for order in orders]
        left = []
        asked = [self.ask(saga) for saga in sagas]
        for order, line, result in zip(orders, asked, self.engine.start_batch(sagas), strict=True):
            self.hear(line, result)
            if result["status"] in (200, 201):
                self.known_already += result["status"] == 200
                self.saga_of[order["order_id"]] = result["id"]
            elif result["status"] in (429, 503, 507):
                left.append(order)
            else:
                raise RuntimeError(f"{order['order_id']} was refused: {result}")
        return left
