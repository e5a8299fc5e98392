"""The sample's two databases: where they are, how they are made, and what stands in them afterwards."""

import pathlib
import sqlite3
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

from postgres import Postgres  # noqa: E402
from processes import Failed  # noqa: E402


class SqliteDatabase:
    def __init__(self, directory, name):
        self.file = directory / f"{name}.db"
        self.url = f"sqlite:{self.file}"
        with sqlite3.connect(self.file) as database:
            database.execute("pragma journal_mode = wal")
            database.executescript((HERE / f"{name}.sql").read_text())
        database.close()

    def ask(self, sql):
        """Rows as lists of strings."""
        database = sqlite3.connect(self.file)
        try:
            return [[str(value) for value in row] for row in database.execute(sql)]
        finally:
            database.close()

    def close(self):
        pass


class PostgresDatabase:
    def __init__(self, name):
        self.server = Postgres()
        self.server.start()
        self.url = self.server.url
        self.psql((HERE / f"{name}.sql").read_text())

    def ask(self, sql):
        return [line.split("|") for line in self.psql(sql).splitlines()]

    def psql(self, sql):
        made = self.server.run("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, self.url)
        if made.returncode != 0:
            raise Failed(f"psql: {made.stderr.strip()}")
        return made.stdout

    def close(self):
        self.server.close()


def audit(shop, bank, sales, ended):
    """What does not agree, one sentence each. Only the databases are asked, not Amends."""
    booked = {order: int(count) for order, count in shop.ask("select order_id, count(*) from sale group by order_id")}
    paid = {order: int(count) for order, count in bank.ask("select order_id, count(*) from entry group by order_id")}
    out = [f"{order} was booked {n} times" for order, n in booked.items() if n > 1]
    out += [f"{order} was paid {n} times" for order, n in paid.items() if n > 1]
    completed = {order for order, state in ended.items() if state == "completed"}
    out += [f"{order} was paid and not booked, or booked and not paid" for order in sorted(set(booked) ^ set(paid))]
    out += [f"{order} is completed and not booked" for order in sorted(completed - set(booked))]
    out += [f"{order} is booked and not completed" for order in sorted(set(booked) - completed)]
    asked = {sale["order_id"]: sale for sale in sales}
    for sku, free in shop.ask("select sku, free from stock"):
        sold = sum(asked[order]["quantity"] for order in booked if asked[order]["sku"] == sku)
        had = {"lamp": 300, "chair": 40}[sku]
        if int(free) + sold != had:
            out.append(f"of {had} {sku}s {sold} are sold and {free} are free")
    taken = sum(int(cents) for (cents,) in bank.ask("select cents from entry"))
    left = sum(int(cents) for (cents,) in bank.ask("select cents from account"))
    if taken + left != 100200000:
        out.append(f"{taken} cents were taken, and {left} of 100200000 are left")
    return out
