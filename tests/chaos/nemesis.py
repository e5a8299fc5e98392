"""Draws faults from a seed, one or two at a time, and notes what it did."""

import collections
import random
import time

from faults import FAULTS, possible

CALM_S = (.3, 1.5)  # between two of them: what is broken all the time makes no progress to break
TWO_AT_A_TIME = .3


class Nemesis:
    def __init__(self, world, seed, only=()):
        self.world = world
        self.dice = random.Random(seed)
        self.names = [name for name in possible(world) if not only or name in only]
        self.counts = collections.Counter({name: 0 for name in self.names})
        self.lines = []  # faults.jsonl
        self.bag = []

    def draw(self):
        """Every kind once before any comes twice."""
        if not self.bag:
            self.bag = self.dice.sample(self.names, len(self.names))
        return self.bag.pop()

    def play(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(self.dice.uniform(*CALM_S))
            self.world.check()
            self.strike([self.draw()] + ([self.draw()] if self.dice.random() < TWO_AT_A_TIME else []))

    def strike(self, names):
        # One kind is of one instance; two that need each other's subject find it away, or their effect undone earlier.
        names = sorted(set(names), key=lambda name: FAULTS[name][2], reverse=True)
        struck, lasts = [], 0
        for name in names:
            at = time.time_ns() // 1_000
            one = FAULTS[name][0](self.world, self.dice)
            lasts = max(lasts, next(one))
            struck.append(one)
            self.counts[name] += 1
            self.lines.append({"at": at, "kind": name})
        time.sleep(lasts)
        for one in reversed(struck):
            next(one, None)
