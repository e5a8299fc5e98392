"""One run, put together from its evidence: its sagas folded, and what others say about each of them beside it."""

import collections

from plans import Plan
from sagas import Folder, Saga


class Run:
    def __init__(self, evidence):
        self.evidence = evidence
        self.plans = {row["plan_id"]: Plan(row) for row in evidence.plans}
        self.sagas = {}
        for row in evidence.journal:
            self.saga(row["saga"]).rows.append(row)
        for saga in self.sagas.values():
            Folder(saga, self.plans).fold()
        self.strangers = []  # calls and sends that name no saga of the journal
        self.lies = {(fault["saga"], fault["step"]) for fault in evidence.faults if fault["kind"] == "lie"}
        self.calls_of = collections.defaultdict(list)  # key: the participants' lines
        for call in evidence.participants:
            self.calls_of[call["key"]].append(call)
            self.put(call, "calls")
        for send in evidence.network:
            self.put(send, "sends")

    def saga(self, saga_id):
        if saga_id not in self.sagas:
            self.sagas[saga_id] = Saga(saga_id)
        return self.sagas[saga_id]

    def put(self, line, where):
        saga = self.sagas.get(line["key"].partition("/")[0])
        if saga is None:
            self.strangers.append(line)
        else:
            getattr(saga, where).append(line)

    @property
    def readable(self):
        """The sagas that could be folded to their end."""
        return [saga for saga in self.sagas.values() if saga.fault is None and saga.started]


class Key:
    """A key taken apart: {saga}/{step}/{run or undo}/{revision}."""

    def __init__(self, text):
        parts = text.rsplit("/", 3)
        self.good = len(parts) == 4 and parts[2] in ("run", "undo") and parts[3].isdigit()
        self.saga, self.step, self.direction, revision = parts if len(parts) == 4 else ("", "", "", "0")
        self.revision = int(revision) if self.good else 0


class Effects:
    """What participants did for one step of a saga, in their order; about what they lied nothing is known."""

    def __init__(self):
        self.did, self.undid, self.calls = [], [], []
        self.lied = False

    def take(self, key, call, lied):
        self.lied = lied
        self.calls.append((key, call))
        if call["effect"] == "did":
            self.did.append(call)
        elif call["effect"] == "undid":
            self.undid.append(call)


def effects_of(run, saga):
    """{step: Effects}, gathered once."""
    if saga.effects is None:
        index_of = {saga.name(index): index for index in range(len(saga.steps))}
        saga.effects = {index: Effects() for index in range(len(saga.steps))}
        for call in saga.calls:
            key = Key(call["key"])
            if key.step in index_of:
                saga.effects[index_of[key.step]].take(key, call, (saga.id, key.step) in run.lies)
    return saga.effects
