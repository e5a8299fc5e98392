#!/usr/bin/env python3
"""Fulfils a file of orders while everything goes wrong, and audits the outcome from the participants' own books.

Starts four participants and amendsd, hands the orders in, kills amendsd with SIGKILL while it works, starts it again,
waits until every order came to its end, and compares. Exit 0: all agrees. Leaves no process behind, however it ends.
"""

import argparse
import json
import pathlib
import shutil
import signal
import string
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "support"))

from engines import Engines, check_options  # noqa: E402
from generate_orders import make_orders  # noqa: E402
from ledger import Audit, Ledger, count_finished  # noqa: E402
from postgres import Postgres  # noqa: E402
from processes import Failed, Process, environment  # noqa: E402
from progress import Progress  # noqa: E402
from rest import Engine  # noqa: E402
from submit import Submitter  # noqa: E402

# Shares of all requests. Only inventory and payments (with its risk desk) refuse; whoever comes after the charge may
# be slow, late, silent or broken, and must be driven to success.
EVERYONE = {"--slow": .08, "--slow-ms": 40, "--late": .004, "--late-ms": 2_400, "--drop": .03, "--garbage": .004,
            "--error": .012, "--too-many": .004, "--repeat": .02, "--storm-every-ms": 5_000, "--storm-ms": 150}
PARTICIPANTS = {
    "inventory": {**EVERYONE, "--refuse": .04},
    "payments": {**EVERYONE, "--refuse": .04},
    "shipping": {**EVERYONE, "--slow": .15},
    "mail": {**EVERYONE, "--drop": .05},
}
STALLED_S = 90  # without any order coming to its end


class World:
    """The processes of the sample and the directory they live in."""

    def __init__(self, build, seed, flags_for_all=(), directory=None, participants=PARTICIPANTS, postgres=None,
                 engines=1, settings=""):
        """`settings`: more of the configuration, as text."""
        self.build = build
        self.settings = settings
        self.postgres = postgres
        self.directory = directory or pathlib.Path(tempfile.mkdtemp(prefix="amends-fulfil-order-"))
        self.participants = []
        for kind, flags in participants.items():
            command = [build / "bin/participant", "--kind", kind, "--db", self.directory / f"{kind}.db", "--port", 0,
                       "--seed", seed, *(part for flag in flags.items() for part in flag), *flags_for_all]
            self.participants.append(Process(kind, command, self.directory))
        store = ["--store", postgres.url] if postgres else ["--data-dir", self.directory / "amends-data"]
        self.engines = Engines([build / "bin/amendsd", "--config", self.directory / "amendsd.toml", "--port", 0, *store],
                               self.directory, engines, seed)
        self.amendsd = self.engines.all[0] if engines == 1 else self.engines

    def open(self):
        if self.postgres:
            self.postgres.start()
            migrated = subprocess.run([self.build / "bin/amends", "db", "migrate", "--store", self.postgres.url],
                                      env=environment(), stdout=subprocess.DEVNULL, check=False)
            if migrated.returncode != 0:
                raise Failed(f"amends db migrate ended with {migrated.returncode}")
        for participant in self.participants:
            participant.start()
        template = string.Template((HERE / "amendsd.toml.in").read_text())
        urls = {participant.name: participant.url for participant in self.participants}
        plugin = self.build / "plugins/fulfil_order.so"
        (self.directory / "amendsd.toml").write_text(template.substitute(urls, plugin=plugin) + self.settings)
        self.amendsd.start()

    def check_alive(self):
        for process in (*self.participants, self.amendsd):
            process.check_alive()

    def close(self):
        self.amendsd.stop()
        for participant in self.participants:
            participant.stop()
        if self.postgres:
            self.postgres.close()


def run(world, orders, kills, progress):
    """Until every order is acknowledged and every saga is at its end. Returns the submitter."""
    finished = 0
    submitter = Submitter(orders, world.engines, lambda: finished, by_turns=len(world.engines.all) > 1)
    submitter.start()
    killed, moved = 0, time.monotonic()
    try:
        while True:
            began = time.monotonic()
            now_finished = count_finished(world.directory)
            pause = max(0.03, 4 * (time.monotonic() - began))  # looking on must not slow the others down
            if now_finished != finished:
                finished, moved = now_finished, time.monotonic()
            progress.show(finished, f"killed {killed} of {kills}" if kills else "")
            if submitter.error:
                raise Failed(f"handing in failed: {submitter.error}")
            world.check_alive()
            for name in world.engines.revive():
                progress.say(f"{name} is up again")
            if killed < kills and finished >= len(orders) * (killed + 1) / (kills + 1):
                killed += kill_and_restart(world, progress, finished, len(orders))
            elif not submitter.is_alive() and killed == kills and all_ended(world):
                return submitter
            if time.monotonic() - moved > STALLED_S and not all_ended(world):
                raise Failed(f"no order came to its end for {STALLED_S} s; {finished} of {len(orders)} had")
            time.sleep(pause)
    finally:
        submitter.give_up.set()


def kill_and_restart(world, progress, finished, total):
    """Whether it could: of several engines, only one is dead at a time."""
    if len(world.engines.all) > 1:
        name = world.engines.kill_one()
        if name:
            progress.say(f"SIGKILL to {name} at {finished} of {total} orders; the others go on")
        return name is not None
    if world.postgres:
        # Under a living amendsd, which has to find out what became of its last commit.
        world.postgres.crash()
        world.postgres.start()
        progress.say(f"PostgreSQL crashed at {finished} of {total} orders, and runs again")
    begin = time.monotonic()
    world.engines.kill_one()
    milliseconds = (time.monotonic() - begin) * 1_000
    progress.say(f"SIGKILL to amendsd at {finished} of {total} orders; up again after {milliseconds:.0f} ms")
    return True


def all_ended(world):
    engine = Engine(world.amendsd.url)
    try:
        return not any(engine.any(workflow="fulfil-order", state=state)
                       for state in ("running", "compensating"))
    finally:
        engine.close()


def show(world, order, saga_id):
    """The picture of one saga, by the command that a user would type."""
    print(f"\n  amends show {saga_id}    # {order}\n", flush=True)
    shown = subprocess.run([world.build / "bin/amends", "--url", world.amendsd.url, "show", saga_id], env=environment())
    if shown.returncode != 0:
        raise Failed(f"amends show ended with {shown.returncode}")


def report(world, orders, submitter, progress):
    """Prints the table and the pictures; returns the disagreements."""
    world.engines.revive(all_of_them=True)
    engine = Engine(world.amendsd.url)
    sagas = list(engine.list(workflow="fulfil-order"))
    engine.close()
    for participant in world.participants:
        participant.stop()  # each leaves its tally when it is asked to end
    ledger = Ledger(world.directory)
    audit = Audit(orders, ledger, sagas)
    progress.say(f"every order came to its end after {progress.seconds():.1f} s; "
                 f"{submitter.unanswered} batches heard no answer and were handed in again, "
                 f"{submitter.known_already} of their orders amendsd knew already")
    accidents = sum(times for what, times in ledger.tally.items()
                    if not what.startswith("barrier: ") and what != "plain answer")
    print(f"\n  What {accidents} of {accidents + ledger.tally['plain answer']} requests to the participants met:\n")
    for what, times in ledger.tally.most_common():
        print(f"  {what:<40}{times:>8}")
    print("\n  According to the participants' own databases:\n")
    print(audit.table(len(orders)), flush=True)

    for kind, some in (("completed", audit.completed), ("compensated", audit.compensated)):
        order = most_eventful(world, submitter, some)
        if order:
            show(world, order, submitter.saga_of[order])
        elif len(orders) >= 200:
            audit.disagreements.append(f"no order was {kind}: this run proves nothing")
    return audit.disagreements


def most_eventful(world, submitter, some):
    """Of the first few, the one with the most attempts: the others' pictures have less to show."""
    few = sorted(some)[:40]
    attempts = {}
    engine = Engine(world.amendsd.url)
    for order in few:
        steps = engine.show(submitter.saga_of[order])["steps"]
        attempts[order] = sum(step["attempts"] + step.get("undo", {}).get("attempts", 0) for step in steps)
    engine.close()
    return max(few, key=attempts.get, default=None)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--orders", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=2, help="how often amendsd is killed while it works")
    parser.add_argument("--seed", type=int, default=1, help="of the orders and of the participants' mischief")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--without-barrier", action="store_true",
                        help="participants take every delivery for a new one: see what the barrier is for")
    parser.add_argument("--postgres", action="store_true",
                        help="on a PostgreSQL of the sample's own, which is killed as often as amendsd")
    parser.add_argument("--engines", type=int, default=1, choices=range(1, 10), metavar="N",
                        help="so many amendsd over the one PostgreSQL; a random one is killed, the others go on")
    parser.add_argument("--keep", action="store_true", help="keep databases and logs")
    arguments = parser.parse_args()
    sys.stdout.reconfigure(errors="replace")  # a bar in a terminal that cannot draw it must not end the run
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that `finally` runs
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it

    flags_for_all = ["--without-barrier"] if arguments.without_barrier else []
    world = World(arguments.build.resolve(), arguments.seed, flags_for_all,
                  postgres=Postgres() if arguments.postgres else None, engines=arguments.engines)
    keep = True
    try:
        check_options(arguments.engines, arguments.postgres)
        orders_file = world.directory / "orders.jsonl"
        orders_file.write_text("".join(json.dumps(order, ensure_ascii=False) + "\n"
                                       for order in make_orders(arguments.orders, arguments.seed)), "utf-8")
        orders = [json.loads(line) for line in orders_file.read_text("utf-8").splitlines()]
        several = f"one of {arguments.engines} engines" if arguments.engines > 1 else "amendsd"
        print(f"02_fulfil_order: {len(orders)} orders, four participants, {several} killed "
              f"{arguments.kills} times\n", flush=True)
        world.open()
        progress = Progress(len(orders))
        submitter = run(world, orders, arguments.kills, progress)
        disagreements = report(world, orders, submitter, progress)
        print()
        for sentence in disagreements:
            print(f"  DISAGREES: {sentence}")
        keep = arguments.keep or (bool(disagreements) and not arguments.without_barrier)
        print("  " + ("Everything agrees." if not disagreements else "Not everything agrees."))
        return 1 if disagreements else 0
    except Failed as failed:
        print(f"\n  failed: {failed}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        keep = arguments.keep
        print("\n  interrupted", file=sys.stderr)
        return 130
    finally:
        world.close()
        if keep:
            print(f"  Databases and logs: {world.directory}", file=sys.stderr)
        else:
            shutil.rmtree(world.directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
