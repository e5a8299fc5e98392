"""The audit: what happened according to the participants' own databases, held against what amendsd says.

Nothing in here asks amendsd anything. It reads the tables of four companies that have never heard of each other.
"""

import collections
import json
import pathlib
import sqlite3

EFFECTS = {  # effect: (participant, columns of its table beside order_id)
    "reservations": ("inventory", "sku, quantity, state"),
    "releases": ("inventory", "0"),
    "assessments": ("payments", "customer"),
    "charges": ("payments", "amount_cents"),
    "shipments": ("shipping", "warehouse, address"),
    "messages": ("mail", "recipient, tracking"),
}


def read_database(directory, participant, sql):
    file = pathlib.Path(directory, f"{participant}.db").resolve()
    database = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=10)
    try:
        return database.execute(sql).fetchall()
    finally:
        database.close()


def count_finished(directory):
    """Orders that have come to their end, or are about to: told by mail, or refused by someone. Cheap."""
    told = read_database(directory, "mail", "select count(*) from messages")[0][0]
    refused = set()
    for participant in ("inventory", "payments"):
        refused.update(read_database(directory, participant,
                                     "select distinct saga from amends_barrier where code = 'rejected'"))
    return told + len(refused)


class Ledger:
    """Every effect by order: ledger.charges["SO-2026-000001"] is a list of rows, one per time it happened."""

    def __init__(self, directory):
        for effect, (participant, columns) in EFFECTS.items():
            by_order = collections.defaultdict(list)
            for order_id, *row in read_database(directory, participant, f"select order_id, {columns} from {effect}"):
                by_order[order_id].append(tuple(row))
            setattr(self, effect, dict(by_order))
        self.active = {order for order, rows in self.reservations.items()
                       if any(state == "active" for _, _, state in rows)}
        self.tally = collections.Counter()
        for participant in ("inventory", "payments", "shipping", "mail"):
            self.tally.update(dict(read_database(directory, participant, "select what, times from tally")))

    def touched(self):
        return set().union(*(getattr(self, effect) for effect in EFFECTS))

    def effects_applied_twice(self):
        return sum(len(rows) - 1 for effect in EFFECTS for rows in getattr(self, effect).values())

    def is_completed(self, order_id):
        return (order_id in self.active and order_id in self.charges and order_id in self.shipments
                and order_id in self.messages)

    def leaves_nothing(self, order_id):
        """A compensated order: nothing is held, nothing was charged, sent or said. An assessment changes nothing."""
        return not (order_id in self.active or order_id in self.charges or order_id in self.shipments
                    or order_id in self.messages)


class Audit:
    """The table's rows, and a sentence for everything that does not agree; none at all is what the sample is about."""

    def __init__(self, orders, ledger, sagas):
        """`orders` as submitted, `sagas` as amendsd lists them: [{"key", "state", ...}]."""
        ids = {order["order_id"] for order in orders}
        self.completed = {order for order in ids if ledger.is_completed(order)}
        self.compensated = {order for order in ids if ledger.leaves_nothing(order)}
        self.parked = ids - self.completed - self.compensated
        self.zeros = {
            "orders parked half-way": len(self.parked),
            "active reservations without a charge": len(ledger.active - set(ledger.charges)),
            "charges without a shipment": len(set(ledger.charges) - set(ledger.shipments)),
            "shipments without a message": len(set(ledger.shipments) - set(ledger.messages)),
            "effects applied twice": ledger.effects_applied_twice(),
        }
        self.disagreements = [f"{count} {what}" for what, count in self.zeros.items() if count]
        self.compare_with_amendsd(ids, sagas)
        self.compare_contents(orders, ledger)
        strangers = ledger.touched() - ids
        if strangers:
            self.disagreements.append(f"{len(strangers)} orders that nobody submitted, {example(strangers)}")

    def compare_with_amendsd(self, ids, sagas):
        by_state = collections.defaultdict(set)
        seen = collections.Counter(saga.get("key") for saga in sagas)
        for saga in sagas:
            by_state[saga["state"]].add(saga.get("key"))
        for state, ours in (("completed", self.completed), ("compensated", self.compensated)):
            theirs = by_state.pop(state, set())
            for order in sorted(theirs - ours)[:3]:
                self.disagreements.append(f"amendsd says {order} is {state}, the participants' databases do not")
            for order in sorted(ours - theirs)[:3]:
                self.disagreements.append(f"the participants' databases say {order} is {state}, amendsd does not")
        for state, orders in sorted(by_state.items()):
            self.disagreements.append(f"amendsd lists {len(orders)} sagas as {state}, {example(orders)}")
        twice = {order for order, count in seen.items() if count > 1}
        if twice:
            self.disagreements.append(f"amendsd started {len(twice)} orders twice, {example(twice)}")
        lost = ids - set(seen)
        if lost:
            self.disagreements.append(f"amendsd does not know {len(lost)} orders that it took, {example(lost)}")

    def compare_contents(self, orders, ledger):
        """The right amounts, addresses and recipients: a name must come through every hop as it was written."""
        garbled = set()
        for order in orders:
            number = order["order_id"]
            for cents, in ledger.charges.get(number, []):
                garbled.update({number} if cents != order["total_cents"] else ())
            for sku, quantity, _ in ledger.reservations.get(number, []):
                garbled.update({number} if (sku, quantity) != (order["sku"], order["quantity"]) else ())
            for _, address in ledger.shipments.get(number, []):
                garbled.update({number} if json.loads(address) != order["address"] else ())
            for recipient, _ in ledger.messages.get(number, []):
                garbled.update({number} if recipient != order["email"] else ())
        if garbled:
            self.disagreements.append(f"{len(garbled)} orders arrived garbled, {example(garbled)}")

    def table(self, submitted):
        rows = [("orders submitted", submitted), ("orders completed", len(self.completed)),
                ("orders compensated", len(self.compensated)), *self.zeros.items()]
        return "\n".join(f"  {what:<40}{count:>8}" for what, count in rows)


def example(orders):
    return f"for example {sorted(map(str, orders))[0]}"
