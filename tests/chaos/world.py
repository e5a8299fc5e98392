"""The sample's companies, one to three amendsd, and clients that never stop, for as long as a run lasts."""

import http.client
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT / "samples/support"), str(ROOT / "samples/02_fulfil_order"), str(ROOT / "tests/crash"),
                str(ROOT / "tests/faults"), str(HERE)]

from commands import Commander  # noqa: E402
from drive import World as SampleWorld, all_ended  # noqa: E402
from fleet import Fleet, Member, failing_syncs  # noqa: E402
from generate_orders import make_orders  # noqa: E402
from link import Link  # noqa: E402
from postgres import Postgres  # noqa: E402
from processes import Failed  # noqa: E402
from rest import Refused  # noqa: E402
from submit import Submitter, ahead_max  # noqa: E402

ORDERS_MAX = 40_000
BATCH = 5
CANCELLED = .15
CONVERGE_S = 90  # of a machine that is busy with other things; the plan's back-offs end at 2 s
DISK = "80m"  # the store of a minute, its log, and what it keeps in reserve
SETTINGS = '[engine]\nlease = "1s"\ndrain_limit = "2s"\n'
MISCHIEF = {"--threads": 64, "--slow": .1, "--slow-ms": 30, "--late": .003, "--late-ms": 2_400, "--drop": .05, "--garbage": .01,
            "--error": .03, "--too-many": .01, "--repeat": .04}
REFUSING = {**MISCHIEF, "--refuse": .08}
KINDS = {"inventory": REFUSING, "payments": REFUSING, "shipping": MISCHIEF, "mail": MISCHIEF}


class World(SampleWorld):
    def __init__(self, build, seed, postgres, engines, rate):
        (build / "chaos").mkdir(exist_ok=True)
        directory = pathlib.Path(tempfile.mkdtemp(prefix=f"seed-{seed}-", dir=build / "chaos"))
        super().__init__(build, seed, ["--log-calls"], directory, KINDS, Postgres() if postgres else None, settings=SETTINGS)
        self.seed = seed
        self.rate = rate
        self.kills = 0
        self.wrong = []  # sentences that are not the checker's
        self.data_directory = directory / "amends-data"
        self.is_mounted = not postgres and self.mount()
        # Where the server's own user finds them as well.
        self.no_sync = (self.postgres.directory if postgres else directory) / "no-sync"
        library = pathlib.Path(shutil.copy(build / "preload/sync_fails.so", self.no_sync.parent))
        self.sync_variables = failing_syncs(library, self.no_sync)
        if postgres:
            self.postgres.variables = self.sync_variables
        self.links = [Link(self.postgres.directory) for _ in range(engines)] if postgres else []
        self.fleet = Fleet([self.member(number) for number in range(engines)])
        self.engines = self.amendsd = self.fleet
        self.orders = make_orders(ORDERS_MAX, seed)
        self.began = None
        self.submitter = Submitter(self.orders, self.fleet, self.as_if_finished, batch=BATCH, by_turns=engines > 1)
        self.commander = Commander(self, CANCELLED)

    def mount(self):
        """A disk that can be full; only root has one."""
        self.data_directory.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0700", "tmpfs", self.data_directory],
                                 capture_output=True, check=False)
        return mounted.returncode == 0

    def member(self, number):
        name = f"amendsd-{number + 1}"
        store = ["--data-dir", self.data_directory]
        if self.links:
            store = ["--store", f"postgres://postgres@/postgres?host={self.links[number].directory}", "--engine-id", name]
        return Member(name, [self.build / "bin/amendsd", "--config", self.directory / "amendsd.toml", "--port", 0, *store],
                      self.directory, {} if self.links else self.sync_variables)

    def as_if_finished(self):
        """Paces the submitter: so many orders a second, as if as many had come to their end."""
        return int((time.monotonic() - self.began) * self.rate) - ahead_max(self.orders)

    def open(self):
        super().open()
        for participant in self.participants:  # where they are looked for when they come back
            command = participant.command
            command[command.index("--port") + 1] = participant.url.rsplit(":", 1)[1]
        self.began = time.monotonic()
        self.submitter.start()
        self.commander.start()

    def ask(self, statement):
        asked = self.postgres.run("psql", "-h", self.postgres.directory, "-U", "postgres", "-d", "postgres", "-v",
                                  "ON_ERROR_STOP=1", "-qAt", "-c", statement)
        if asked.returncode != 0:
            raise Failed(f"psql: {asked.stderr.strip()}")
        return asked.stdout.strip()

    def expect(self, holds, sentence):
        if not holds:
            self.wrong.append(sentence)

    def check(self):
        if self.submitter.error:
            raise Failed(f"handing in failed: {self.submitter.error}")
        self.check_alive()

    def converge(self):
        """Nothing is broken any more. No new orders; every old one comes to its end. Returns in how many seconds."""
        begin = time.monotonic()
        del self.orders[len(self.submitter.saga_of) + 2 * BATCH:]
        self.rate = 1e9
        while not self.is_over():
            self.check()
            if time.monotonic() - begin > CONVERGE_S:
                raise Failed(f"not every saga came to its end within {CONVERGE_S} s of the last fault")
            time.sleep(.05)
        self.commander.stop()
        return time.monotonic() - begin

    def is_over(self):
        try:
            return not self.submitter.is_alive() and all_ended(self)
        except (OSError, http.client.HTTPException, Refused):  # the store is still being taken over
            return False

    def stop_all(self):
        for member in self.fleet.all:
            member.stop()
            self.expect(member.process.returncode == 0, f"{member.name} ended with {member.process.returncode} at the end")
        for participant in self.participants:
            participant.stop()

    def close(self):
        self.submitter.give_up.set()
        self.commander.give_up.set()
        for link in self.links:
            link.heal()
        super().close()
        for link in self.links:
            link.close()

    def unmount(self):
        if self.is_mounted:
            subprocess.run(["umount", "-l", self.data_directory], check=False)
