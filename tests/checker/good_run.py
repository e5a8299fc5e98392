"""A small run in which all is well and every kind of outcome occurs, made by hand. Tests break one thing in it.

Two engines, six sagas of one plan: `reserve` and `pack` (both at the stock, with undos), beside them `check`, then the pivot
`charge`, then `ship`. Participants have barriers, but for mail, which `ship` asks by natural keys.
"""

import copy
import json
import pathlib

from plans import digest, fingerprint

BEGAN = 1_700_000_000_000_000
STEP_US = 10_000
TIMEOUT_US = 2_000_000
STEPS = {  # name: (kind, after, undo, participant, idempotency)
    "reserve": ("reversible", [], "release", "stock", "barrier"),
    "pack": ("reversible", ["reserve"], "unpack", "stock", "barrier"),
    "check": ("read", [], None, "bank", "barrier"),
    "charge": ("pivot", ["pack", "check"], None, "bank", "barrier"),
    "ship": ("retriable", ["charge"], None, "mail", "natural"),
}
NAMES = list(STEPS)
STATES_RUN = {"done": "succeeded", "unknown": "backing_off", "transient": "backing_off", "rejected": "rejected"}


def make_plan():
    steps = []
    for name, (kind, after, undo, participant, _) in STEPS.items():
        step = {"name": name, "kind": kind, "result": f"{name}{{}}", "after": after, "uses": ["input"], "timeout_ms": 2_000,
                "adapter": "http", "endpoint": participant,
                "retry": {"attempts_max": "unlimited" if kind in ("pivot", "retriable") else 3}}
        if undo:
            step["undo"] = {"name": undo, "uses": ["input"], "retry": {"attempts_max": "unlimited"}, "timeout_ms": 2_000}
        steps.append(step)
    graph = {"workflow": "order", "version": 1, "input": "Order{}", "steps": steps, "point_of_no_return": "charge"}
    graph["shape"] = fingerprint(graph)
    return {"plan_id": "order@1", "shape": graph["shape"], "graph": graph}


class Story:
    """Writes the files of a run line by line, with a clock that moves 10 ms a row."""

    def __init__(self):
        self.files = {name: [] for name in ("journal", "sagas", "start_keys", "participants", "network", "clients", "engines",
                                            "faults", "writers", "flushes", "commands")}
        self.plan = make_plan()
        self.files["plans"] = [self.plan]
        self.now = self.healed_at = BEGAN
        self.epochs, self.commits, self.rseqs = {}, {}, {}
        self.keys, self.seqs, self.states, self.homes, self.attempts = {}, {}, {}, {}, {}

    # ---- engines

    def begin(self, writer, engine):
        self.epochs[writer] = self.epochs.get(writer, 0) + 1
        self.commits.setdefault(writer, 0)
        self.event(writer, engine, "begin")

    def event(self, writer, engine, event, **more):
        self.files["engines"].append({"at": self.now, "engine": engine, "writer": writer, "epoch": self.epochs[writer],
                                      "event": event, **more})

    # ---- the journal

    def row(self, saga, *entries):
        self.now += STEP_US
        writer = self.homes[saga]
        self.commits[writer] += 1
        self.seqs[saga] = self.seqs.get(saga, 0) + 1
        for entry in entries:
            if entry["e"] == "saga":
                self.states[saga] = entry["to"]
        self.files["journal"].append({
            "saga": saga, "seq": self.seqs[saga], "writer": writer, "epoch": self.epochs[writer],
            "commit": self.commits[writer], "at": self.now, "landed": self.now + 500, "entries": list(entries)})

    def start(self, number, writer):
        saga = f"01890000-0000-7000-8000-{number:012d}"
        self.homes[saga], self.keys[saga], self.states[saga] = writer, f"order-{number}", "running"
        self.row(saga, {"e": "started", "plan": "order@1", "shape": self.plan["shape"], "steps": len(STEPS), "at": self.now,
                        "key": f"order-{number}", "input": {}})
        self.operation("start", saga, status=201, key=f"order-{number}", workflow="order", body_hash=f"body-{number}")
        return saga

    def operation(self, op, saga, outcome="ok", **more):
        self.files["clients"].append({"client": "c1", "op": op, "call_at": self.now - 100, "return_at": self.now + 900,
                                      "outcome": outcome, "saga": saga, "seq": self.seqs[saga], **more})

    def go(self, saga, name, undo=False, again=False, before=()):
        """A row with an attempt; with its request the first time. `before`: entries that stand in front of it."""
        leg = (saga, name, undo)
        self.attempts[leg] = self.attempts.get(leg, 0) + 1
        index, direction = NAMES.index(name), {"d": "undo"} if undo else {}
        entries = list(before)
        if not again:
            entries.append({"e": "prepared", "s": index, **direction, "adapter": "http", "endpoint": STEPS[name][3],
                            "body": self.body(saga, name, undo), "idem": STEPS[name][4]})
        entries.append({"e": "attempt", "s": index, **direction, "n": self.attempts[leg], "at": self.now + STEP_US,
                        "until": self.now + STEP_US + TIMEOUT_US})
        self.row(saga, *entries)

    def body(self, saga, name, undo):
        return {"method": "DELETE" if undo else "POST", "path": f"/{name}", "body": {"order": self.keys[saga]}}

    def came(self, saga, name, outcome, undo=False, to=None, then=(), **more):
        index, direction = NAMES.index(name), {"d": "undo"} if undo else {}
        entry = {"e": outcome, "s": index, **direction, "n": self.attempts[saga, name, undo],
                 "to": to or ("undone" if undo else STATES_RUN[outcome]), **more}
        if outcome == "done":
            entry["r"] = {"of": name}
        else:
            entry["class"] = outcome
        self.row(saga, entry, *then)

    # ---- participants

    def deliver(self, saga, name, code="applied", effect=None, undo=False, reply="delivered", refused=False, after_us=0,
                moved=None):
        """The request goes out after the last row of its saga and arrives `after_us` later than usual."""
        leg, who = (saga, name, undo), STEPS[name][3]
        last = [row for row in self.files["journal"] if row["saga"] == saga][-1]
        key = f"{saga}/{name}/{'undo' if undo else 'run'}/1"
        self.rseqs[who] = self.rseqs.get(who, 0) + 1
        barrier = "none" if STEPS[name][4] == "natural" else code
        if effect is None:
            effect = ("undid" if undo else "did") if code == "applied" and not refused and name != "check" else "none"
        self.files["network"].append({
            "at": last["landed"] + 100, "engine": f"engine-{last['writer']}", "writer": last["writer"], "epoch": last["epoch"],
            "saga": saga, "key": key, "number": self.attempts[leg], "sent_at": last["landed"] + 50,
            "first_byte_at": last["landed"] + 100, "copies": 1, "request": "delivered", "reply": reply})
        line = {"who": who, "rseq": self.rseqs[who], "at": last["landed"] + 300 + after_us, "key": key,
                "number": self.attempts[leg], "epoch": last["epoch"],
                "not_after": (last["at"] + TIMEOUT_US) // 1_000 * 1_000, "body_hash": digest(self.body(saga, name, undo)),
                "code": barrier, "status": 409 if refused or code in ("fenced", "expired") else 200, "effect": effect,
                "result_hash": digest({"of": name})}
        if moved is not None:
            line["moved"] = moved
        self.files["participants"].append(line)

    def step(self, saga, name, undo=False, **more):
        """Asked, done, answered."""
        self.go(saga, name, undo)
        self.deliver(saga, name, undo=undo, **more)
        self.came(saga, name, "done", undo=undo)

    def end(self):
        self.now += STEP_US
        for saga, state in self.states.items():
            self.files["sagas"].append({"saga": saga, "plan_id": "order@1", "key": self.keys[saga], "state": state,
                                        "active": state not in ("completed", "compensated", "abandoned"),
                                        "seq": self.seqs[saga], "wake_at": None})
            self.files["start_keys"].append({"workflow": "order", "key": self.keys[saga], "saga": saga, "body_hash": "b"})
        for writer, epoch in self.epochs.items():
            self.files["writers"].append({"writer": writer, "engine": f"engine-{writer}", "epoch": epoch,
                                          "commit": self.commits[writer]})
            self.files["flushes"] += [{"writer": writer, "epoch": epoch, "commit": n + 1} for n in range(self.commits[writer])]
        run = {"kind": "simulation", "seed": 1, "hashes": "canonical", "began_at": BEGAN, "healed_at": self.healed_at, "ended_at": self.now,
               "quiescent": True, "limits": {"converge_us": 60_000_000, "settle_us": 0}}
        pace = [{"from": 0, "to": 10, "poisoned": poisoned, "ended": 100} for poisoned in (False, True)]
        resources = [{"at": at, "engine": "engine-1", "rss": 50_000_000, "fds": 20, "threads": 8} for at in (BEGAN, self.now)]
        return {"run": run, **self.files, "pace": pace, "resources": resources}


def good_run():
    from good_sagas import STORIES
    story = Story()
    story.begin(1, "engine-1")
    story.begin(2, "engine-2")
    for tell in STORIES:
        tell(story)
    return story.end()


def write(files, directory):
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        if name == "run":
            (directory / "run.json").write_text(json.dumps(content))
        elif content is not None:
            (directory / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in content))
    return directory


def copy_of(files):
    return copy.deepcopy(files)
