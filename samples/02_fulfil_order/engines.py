"""The engines of the sample: one amendsd, or several over one PostgreSQL, of which any may be dead for a while."""

import random
import time

from processes import Failed, Process

DOWN_S = 1.5  # how long one of several stays dead, while the others go on


class Engines:
    """`url` names another living one each time; everything else is about all of them."""

    def __init__(self, command, directory, count, seed):
        names = ["amendsd"] if count == 1 else [f"amendsd-{number + 1}" for number in range(count)]
        self.all = [Process(name, [*command, *(["--engine-id", name] if count > 1 else [])], directory) for name in names]
        self.random = random.Random(seed)
        self.down = {}  # engine: when it comes back
        self.turn = 0

    def start(self):
        for engine in self.all:
            engine.start()

    def stop(self):
        for engine in self.all:
            engine.stop()

    @property
    def url(self):
        alive = [engine for engine in self.all if engine not in self.down]
        self.turn += 1
        return alive[self.turn % len(alive)].url

    def check_alive(self):
        for engine in self.all:
            if engine not in self.down:
                engine.check_alive()

    def kill_one(self):
        """Any of them, unless one is dead already. A lone one comes back at once. Returns its name, or nothing."""
        if self.down:
            return None
        victim = self.random.choice(self.all)
        victim.kill()
        if len(self.all) == 1:
            victim.start()
        else:
            self.down[victim] = time.monotonic() + DOWN_S
        return victim.name

    def revive(self, all_of_them=False):
        """Starts those whose time has come; returns their names."""
        due = [engine for engine, at in self.down.items() if all_of_them or at <= time.monotonic()]
        for engine in due:
            engine.start()
            del self.down[engine]
        return [engine.name for engine in due]


def check_options(count, postgres):
    if count > 1 and not postgres:
        raise Failed("several engines share a PostgreSQL: add --postgres")
