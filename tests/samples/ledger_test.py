#!/usr/bin/env python3
"""The audit of 02_fulfil_order must find every kind of disagreement: an auditor that is always content proves nothing.

usage: ledger_test.py SAMPLES_DIRECTORY [unittest arguments]
"""

import copy
import json
import pathlib
import sqlite3
import sys
import tempfile
import unittest

SCHEMA = {
    "inventory": ["create table reservations (order_id, sku, quantity, warehouse, state)",
                  "create table releases (order_id)"],
    "payments": ["create table assessments (order_id, customer, score)", "create table charges (order_id, amount_cents)"],
    "shipping": ["create table shipments (order_id, warehouse, address)"],
    "mail": ["create table messages (order_id, recipient, tracking)"],
}


class Books:
    """Four databases of a run of three orders in which all is well: o1 and o2 completed, o3 compensated."""

    def __init__(self, directory):
        self.directory = directory
        self.orders = generate_orders.make_orders(3, 7)
        self.sagas = []
        for participant, statements in SCHEMA.items():
            for sql in (*statements, "create table tally (what, times)"):
                self.write(participant, sql)
        for number, order in enumerate(self.orders):
            completed = number < 2
            self.reserve(order, "active" if completed else "released")
            self.write("payments", "insert into assessments values (?, 'c', 5)", order["order_id"])
            if completed:
                self.charge(order)
                self.ship(order)
                self.tell(order)
            else:
                self.write("inventory", "insert into releases values (?)", order["order_id"])
            self.sagas.append({"key": order["order_id"], "state": "completed" if completed else "compensated"})

    def write(self, participant, sql, *values):
        database = sqlite3.connect(pathlib.Path(self.directory, f"{participant}.db"))
        database.execute("pragma synchronous = off")
        with database:
            database.execute(sql, values)
        database.close()

    def reserve(self, order, state):
        self.write("inventory", "insert into reservations values (?, ?, ?, 'graz-1', ?)", order["order_id"],
                   order["sku"], order["quantity"], state)

    def charge(self, order):
        self.write("payments", "insert into charges values (?, ?)", order["order_id"], order["total_cents"])

    def ship(self, order):
        self.write("shipping", "insert into shipments values (?, 'graz-1', ?)", order["order_id"],
                   json.dumps(order["address"]))

    def tell(self, order):
        self.write("mail", "insert into messages values (?, ?, 'AM1')", order["order_id"], order["email"])

    def audit(self):
        return ledger.Audit(self.orders, ledger.Ledger(self.directory), self.sagas)


class TheAudit(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.books = Books(directory.name)

    def assert_found(self, *words):
        found = "\n".join(self.books.audit().disagreements)
        for word in words:
            self.assertIn(word, found)

    def test_is_content_when_all_is_well(self):
        audit = self.books.audit()

        self.assertEqual(audit.disagreements, [])
        self.assertEqual((len(audit.completed), len(audit.compensated), len(audit.parked)), (2, 1, 0))

    def test_finds_each_effect_that_was_applied_twice(self):
        first, _, last = self.books.orders
        again = [lambda: self.books.charge(first), lambda: self.books.ship(first), lambda: self.books.tell(first),
                 lambda: self.books.reserve(first, "active"),
                 lambda: self.books.write("payments", "insert into assessments values (?, 'c', 5)", first["order_id"]),
                 lambda: self.books.write("inventory", "insert into releases values (?)", last["order_id"])]
        for count, effect in enumerate(again, 1):
            effect()
            self.assert_found(f"{count} effects applied twice")

    def test_finds_a_reservation_that_was_left_standing(self):
        self.books.write("inventory", "update reservations set state = 'active'")
        self.assert_found("1 active reservations without a charge", "1 orders parked half-way", "is compensated")

    def test_finds_a_charge_without_a_shipment(self):
        self.books.write("shipping", "delete from shipments where order_id = ?", self.books.orders[0]["order_id"])
        self.assert_found("1 charges without a shipment", "1 orders parked half-way", "is completed")

    def test_finds_a_shipment_nobody_was_told_of(self):
        self.books.write("mail", "delete from messages where order_id = ?", self.books.orders[0]["order_id"])
        self.assert_found("1 shipments without a message")

    def test_finds_a_charge_on_an_order_that_was_compensated(self):
        self.books.charge(self.books.orders[2])
        self.assert_found("1 charges without a shipment", "is compensated")

    def test_finds_what_amendsd_says_otherwise(self):
        for state in ("compensated", "running", "needs_operator", "abandoned"):
            with self.subTest(state):
                self.books.sagas[0]["state"] = state
                self.assert_found(f"{self.books.orders[0]['order_id']} is completed, amendsd does not", state)

    def test_finds_a_saga_that_amendsd_lost_or_started_twice(self):
        sagas = copy.deepcopy(self.books.sagas)
        self.books.sagas.append(sagas[0])
        self.assert_found("amendsd started 1 orders twice")
        self.books.sagas = sagas[1:]
        self.assert_found("amendsd does not know 1 orders")

    def test_finds_a_wrong_amount_and_a_garbled_address(self):
        self.books.write("payments", "update charges set amount_cents = amount_cents + 1 where rowid = 1")
        self.assert_found("1 orders arrived garbled")
        self.books.write("shipping", "update shipments set address = replace(address, '\"city\": \"', '\"city\": \"?')"
                         " where rowid = 2")
        self.assert_found("2 orders arrived garbled")

    def test_finds_an_order_that_nobody_submitted(self):
        self.books.write("mail", "insert into messages values ('ghost', 'a@b.example', 'AM1')")
        self.assert_found("1 orders that nobody submitted, for example ghost")


class TheOrders(unittest.TestCase):
    def test_are_the_same_for_the_same_seed_and_each_has_its_own_id(self):
        orders = generate_orders.make_orders(500, 3)

        self.assertEqual(orders, generate_orders.make_orders(500, 3))
        self.assertNotEqual(orders, generate_orders.make_orders(500, 4))
        self.assertEqual(len({order["order_id"] for order in orders}), 500)

    def test_hold_what_breaks_careless_code(self):
        text = json.dumps(generate_orders.make_orders(2_000, 1), ensure_ascii=False)
        for curious in ("Ł", "花", "נ", "प्र", "🎸", "O'Brien", '\\"', "drop table", "<b>", "\\t", "\u0301"):
            self.assertIn(curious, text)


if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(sys.argv.pop(1), "02_fulfil_order")))
    import generate_orders
    import ledger
    unittest.main()
