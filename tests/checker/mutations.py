"""One break for each check: what it does to the good run, and the invariant that must find it, and no other."""

from good_run import NAMES
from plans import fingerprint

MUTATIONS = []


def breaks(name):
    def register(mutate):
        MUTATIONS.append((name, mutate))
        return mutate
    return register


class Files:
    """The good run's files, with ways to find a thing in them. Sagas are named by their numbers, steps by their names."""

    def __init__(self, files):
        self.all = files

    def __getattr__(self, name):
        return self.__dict__["all"][name]

    @staticmethod
    def id(number):
        return f"01890000-0000-7000-8000-{number:012d}"

    def rows(self, number):
        return [row for row in self.journal if row["saga"] == self.id(number)]

    def entry(self, number, kind, name=None, undo=False):
        """The first of its kind."""
        return next(entry for row in self.rows(number) for entry in row["entries"] if entry["e"] == kind and
                    (name is None or (entry["s"] == NAMES.index(name) and ("d" in entry) == undo)))

    def row_of(self, entry):
        return next(row for row in self.journal if any(one is entry for one in row["entries"]))

    def key(self, number, name, undo=False):
        return f"{self.id(number)}/{name}/{'undo' if undo else 'run'}/1"

    def call(self, number, name, undo=False):
        return next(call for call in self.participants if call["key"] == self.key(number, name, undo))

    def send(self, number, name, undo=False):
        return next(send for send in self.network if send["key"] == self.key(number, name, undo))

    def saga_row(self, number):
        return next(row for row in self.sagas if row["saga"] == self.id(number))

    def forget(self, number, name, undo=False):
        """Nobody asked a participant."""
        for lines in (self.participants, self.network):
            lines[:] = [line for line in lines if line["key"] != self.key(number, name, undo)]

    def drop_rows(self, number, after, before=None):
        """Rows of a saga by number, exclusive; their flushes stay known."""
        rows = [row for row in self.rows(number) if row["seq"] > after and (before is None or row["seq"] < before)]
        for row in rows:
            self.journal.remove(row)
        for seq, row in enumerate(self.rows(number), 1):
            row["seq"] = seq
        self.saga_row(number)["seq"] = len(self.rows(number))

    def append_row(self, number, *entries):
        last = self.rows(number)[-1]
        writer = next(row for row in self.writers if row["writer"] == last["writer"])
        writer["commit"] += 1
        self.flushes.append({"writer": writer["writer"], "epoch": writer["epoch"], "commit": writer["commit"]})
        at = self.journal[-1]["at"] + 10_000
        self.journal.append({**last, "seq": last["seq"] + 1, "epoch": writer["epoch"], "commit": writer["commit"], "at": at,
                             "landed": at + 500, "entries": list(entries)})
        self.saga_row(number)["seq"] += 1

    def operate(self, op, number, **more):
        at = self.run["ended_at"]
        self.clients.append({"client": "c2", "op": op, "call_at": at, "return_at": at + 1, "outcome": "ok",
                             "saga": self.id(number), **more})

    def event(self, which):
        return next(event for event in self.engines if event["event"] == which)

    def reshape(self):
        plan = self.plans[0]
        plan["shape"] = plan["graph"]["shape"] = fingerprint(plan["graph"])
        for row in self.journal:
            for entry in row["entries"]:
                if entry["e"] == "started":
                    entry["shape"] = plan["shape"]
