#!/usr/bin/env python3
"""Sells until stock and money run out, over two databases, and kills amendsd meanwhile; then counts.

Leaves no process behind. Exit: 0 everything agrees, 1 something does not or failed."""

import argparse
import pathlib
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

from databases import PostgresDatabase, SqliteDatabase, audit  # noqa: E402
from processes import Failed, Process, environment  # noqa: E402
from rest import hand_in, wait_for_end  # noqa: E402


def write_configuration(file, build, shop, bank):
    """The sample's own, with the databases that were made and the plugin that was built."""
    text = (HERE / "amendsd.toml").read_text()
    text = text.replace("sqlite:/tmp/amends-shop.db", shop.url).replace("sqlite:/tmp/amends-bank.db", bank.url)
    file.write_text(text.replace("../../build/release", str(build)))


def make_sales(count):
    dice = random.Random(1)
    for number in range(count):
        yield {"order_id": f"o-{number:04}", "sku": dice.choice(["lamp", "lamp", "lamp", "chair"]),
               "account": dice.choice(["ada", "ada", "bob"]), "quantity": dice.randint(1, 3)}


def starts_of(sales):
    return [{"workflow": "sell", "key": one["order_id"], "input": one} for one in sales]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent.parent / "build/release")
    parser.add_argument("--sales", type=int, default=300)
    parser.add_argument("--postgres", action="store_true", help="the bank is a PostgreSQL of its own")
    options = parser.parse_args()
    build = options.build.resolve()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that `finally` runs
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it

    directory = pathlib.Path(tempfile.mkdtemp(prefix="amends-sql-steps-"))
    amendsd = Process("amendsd", [build / "bin/amendsd", "--config", directory / "amendsd.toml", "--port", 0,
                                  "--data-dir", directory / "amends-data"], directory)

    def amends(*arguments):
        """Runs the command line as a user would, and says what it runs."""
        print("  $ amends " + shlex.join(arguments), flush=True)
        ended = subprocess.run([build / "bin/amends", *arguments], env=environment(), check=False)
        if ended.returncode != 0:
            raise Failed(f"amends {arguments[0]} ended with {ended.returncode}; see {amendsd.log_file}")

    keep, bank = True, None
    try:
        print(f"03_sql_steps: {options.sales} sales over two databases, amendsd killed once\n", flush=True)
        shop = SqliteDatabase(directory, "shop")
        bank = PostgresDatabase("bank") if options.postgres else SqliteDatabase(directory, "bank")
        for database in (shop, bank):
            amends("db", "barrier", "--endpoint-url", database.url)
        write_configuration(directory / "amendsd.toml", build, shop, bank)
        amendsd.start()
        sales = list(make_sales(options.sales))
        ids = hand_in(amendsd.url, starts_of(sales[: len(sales) // 2]))
        amendsd.kill()
        amendsd.start()
        ids.update(hand_in(amendsd.url, starts_of(sales)))
        ended = wait_for_end(amendsd.url, "sell", ids)
        states = list(ended.values())
        print(f"\n  {states.count('completed')} completed, {states.count('compensated')} compensated", flush=True)
        disagreements = audit(shop, bank, sales, ended)
        for sentence in disagreements[:20]:
            print(f"  DISAGREES: {sentence}", flush=True)
        refused = next((order for order, state in ended.items() if state == "compensated"), None)
        if refused:
            amends("--url", amendsd.url, "show", ids[refused])
        if disagreements:
            return 1
        if "completed" not in states or "compensated" not in states:
            raise Failed("the sales show nothing: none was completed, or none was refused")
        print("  stock, sales, accounts and sagas agree", flush=True)
        keep = False
        return 0
    except Failed as failed:
        print(f"  failed: {failed}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        keep = False
        return 130
    finally:
        amendsd.stop()
        if bank is not None:
            bank.close()
        if not keep:
            shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
