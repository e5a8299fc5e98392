"""The sample's world in small, for crash tests: real participants that misbehave a little, a real amendsd, few orders.

Nothing in here waits longer than it must: back-offs are those of the plan (100 ms), and no accident lasts a second.
"""

import pathlib
import shutil
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "samples/support"), str(ROOT / "samples/02_fulfil_order"), str(ROOT / "tests/faults")]

from drive import World as SampleWorld, all_ended  # noqa: E402
from generate_orders import make_orders  # noqa: E402
from judged import findings  # noqa: E402
from processes import Failed  # noqa: E402
from submit import Submitter, ahead_max  # noqa: E402

ORDERS = 15
BATCH = 3  # a start after the other, so that flushes of starts and of steps mix
PATIENCE_S = 30

MISCHIEF = {"--threads": 24, "--slow": .15, "--slow-ms": 25, "--drop": .08, "--garbage": .02, "--error": .06,
            "--repeat": .04}
REFUSING = {**MISCHIEF, "--refuse": .12}
KINDS = {"inventory": REFUSING, "payments": REFUSING, "shipping": MISCHIEF, "mail": MISCHIEF}


class World(SampleWorld):
    def __init__(self, build, seed, orders=ORDERS, database=None, settings=""):
        """On the `database` of a PostgreSQL, or on a store of its own in SQLite."""
        (build / "crash").mkdir(exist_ok=True)
        directory = pathlib.Path(tempfile.mkdtemp(prefix="case-", dir=build / "crash"))
        super().__init__(build, seed, ["--log-calls"], directory=directory, participants=KINDS, postgres=database,
                         settings=settings)
        self.seed = seed
        self.orders = make_orders(orders, seed)
        self.taken_max = orders  # so many and no more are handed in for now
        self.submitter = Submitter(self.orders, self.amendsd, self.as_if_finished, batch=BATCH)

    def as_if_finished(self):
        """Told to the submitter, so that it is never further ahead than taken_max."""
        return self.taken_max - ahead_max(self.orders)

    def wait_for(self, what, condition):
        """Polls: what is awaited happens in other processes."""
        deadline = time.monotonic() + PATIENCE_S
        while self.submitter.error or not condition():
            if self.submitter.error:
                raise Failed(f"handing in failed: {self.submitter.error}")
            if time.monotonic() > deadline:
                raise Failed(f"waited {PATIENCE_S} s for {what}")
            time.sleep(0.01)

    def wait_for_death(self, why):
        """Until amendsd killed itself; that it ended in any other way, or did not end, is a failure."""
        self.wait_for(f"amendsd to die at {why}", lambda: self.amendsd.process.poll() is not None or self.is_over())
        self.check_killed(why)

    def check_killed(self, why):
        code = self.amendsd.process.poll()
        if code is None:
            raise Failed(f"{why} was never reached: every order came to its end")
        if code != -9:
            raise Failed(f"amendsd ended with {code} and not by SIGKILL at {why}; its log ends with: "
                         f"{self.amendsd.last_words()}")

    def is_over(self):
        try:
            return not self.submitter.is_alive() and all_ended(self)
        except OSError:
            return False

    def is_healed(self):
        self.check_alive()
        return self.is_over()

    def heal(self, running=False):
        """amendsd as everybody runs it, until every order was taken and came to its end. Then all is stopped."""
        self.amendsd.variables = {}
        if not running:
            self.amendsd.start()
        self.wait_for("every order to come to its end", self.is_healed)
        self.amendsd.stop()
        if self.amendsd.process.returncode != 0:
            raise Failed(f"amendsd ended with {self.amendsd.process.returncode} when asked to stop")
        for participant in self.participants:
            participant.stop()

    def close(self):
        self.submitter.give_up.set()
        super().close()


def run_case(world, play):
    """Plays one case and holds the invariants after it. Returns the sentences that say what is wrong."""
    wrong = []
    try:
        play(world)
        wrong = findings(world)
    except Failed as failed:
        wrong = [str(failed)]
    except Exception as error:
        wrong = [f"{type(error).__name__}: {error}"]
    finally:
        world.close()
    if wrong:
        wrong.append(f"databases and logs are kept in {world.directory}")
    else:
        shutil.rmtree(world.directory, ignore_errors=True)
    return wrong
