"""A saga as its journal tells it: the fold, and beside it the facts that invariants are held against.

Written from docs/journal.md and docs/lifecycle.md. An entry names the state that it leads to, so the fold never decides
anything; what it notes is what was so at the moment of each entry.
"""

TERMINAL = {"completed", "compensated", "abandoned"}
FINISHED = {"succeeded", "skipped"}
OUTCOMES = ("done", "rejected", "transient", "unknown")


class Leg:
    """One direction of one step."""

    __slots__ = ("attempts", "spent", "revision", "in_flight", "in_doubt", "may_stand", "wake", "wake_row", "until",
                 "stray_until", "request", "idem", "decided", "operator", "adapter")

    def __init__(self):
        self.attempts = self.spent = 0
        self.revision = 1
        self.in_flight = self.in_doubt = False
        self.may_stand = False   # it happened, or may have
        self.wake = self.wake_row = None
        self.until = self.stray_until = 0
        self.request = None      # what the `prepared` entry says
        self.idem = self.adapter = None
        self.decided = None      # (revision, outcome) once done, or refused by who knows its key
        self.operator = None     # the last verb that an operator used on it

    def knows_keys(self):
        return self.idem in ("key", "barrier")


class Step:
    __slots__ = ("state", "run", "undo", "result")

    def __init__(self):
        self.state = "pending"
        self.run, self.undo = Leg(), Leg()
        self.result = None

    def legs(self):
        return (("run", self.run), ("undo", self.undo))


class Fact:
    """Something that an entry said, and what was so before it; fields as the fold gives them."""

    def __init__(self, row, entry, **known):
        self.row = row
        self.entry = entry
        self.__dict__.update(known)


class Saga:
    def __init__(self, saga_id):
        self.id = saga_id
        self.rows = []
        self.entries = 0
        self.fault = None        # why its journal cannot be read, and in which row
        self.started = None
        self.plan = None
        self.state = None
        self.steps = []
        self.states = []         # after each row
        self.attempts, self.outcomes, self.lates = [], [], []
        self.moves, self.step_moves, self.commands = [], [], []
        self.prepared, self.agains = [], []
        self.stuck_and_moving = []  # rows after which an undo has failed and nobody was told
        self.calls, self.sends = [], []  # what participants and network say about it
        self.effects = None      # the same by step, once somebody asks

    @property
    def key(self):
        return self.started.get("key", "") if self.started else ""

    @property
    def is_over(self):
        return self.state in TERMINAL

    def name(self, step):
        return self.plan.steps[step].name if self.plan else str(step)

    def effect_key(self, step, direction, revision):
        return f"{self.id}/{self.name(step)}/{direction}/{revision}"


class Unreadable(Exception):
    """A row is not of the form that docs/journal.md describes."""


class Folder:
    """Folds one saga's rows in their order."""

    def __init__(self, saga, plans):
        self.saga = saga
        self.plans = plans

    def fold(self):
        saga = self.saga
        for row in saga.rows:
            try:
                for entry in row["entries"]:
                    self.take(row, entry)
            except (Unreadable, KeyError, IndexError, TypeError, AttributeError) as error:
                saga.fault = (row["seq"], f"{type(error).__name__}: {error}")
                return
            saga.states.append(saga.state)
            if saga.state == "compensating":
                failed = [i for i, step in enumerate(saga.steps) if step.state == "undo_failed"]
                if failed:
                    saga.stuck_and_moving.append((row, failed))

    def take(self, row, entry):
        saga, kind = self.saga, entry["e"]
        if (kind == "started") != (not saga.steps):
            raise Unreadable("`started` stands first, and nowhere else")
        saga.entries += 1
        if kind not in self.HANDLERS:
            raise Unreadable(f"{kind!r} is no kind of entry")
        self.HANDLERS[kind](self, row, entry)

    def leg_of(self, entry):
        step = self.saga.steps[entry["s"]]
        return step, step.undo if entry.get("d") == "undo" else step.run

    def on_started(self, row, entry):
        saga = self.saga
        saga.started = entry
        saga.plan = self.plans.get(entry["plan"])
        saga.steps = [Step() for _ in range(entry["steps"])]
        if saga.plan and len(saga.plan.steps) != entry["steps"]:
            raise Unreadable(f"{entry['steps']} steps where its plan has {len(saga.plan.steps)}")
        saga.state = "running"

    def on_prepared(self, row, entry):
        _, leg = self.leg_of(entry)
        self.saga.prepared.append(Fact(row, entry, before=leg.request, revision_before=leg.revision))
        leg.revision = entry.get("rev", 1)
        leg.request = entry
        leg.idem = entry["idem"]
        leg.adapter = entry["adapter"]

    def on_attempt(self, row, entry):
        saga = self.saga
        step, leg = self.leg_of(entry)
        undo = leg is step.undo
        saga.attempts.append(Fact(
            row, entry, undo=undo, state=step.state, saga_state=saga.state, due=leg.wake, wake_row=leg.wake_row,
            stray_until=step.run.stray_until if undo else 0, run_idem=step.run.idem, run_in_doubt=step.run.in_doubt,
            run_attempts=step.run.attempts, run_operator=step.run.operator, in_flight=leg.in_flight,
            number_due=leg.attempts + 1, spent=leg.spent, in_doubt=leg.in_doubt, revision=leg.revision,
            request=leg.request, decided=leg.decided,
            unready=self.unready(entry["s"], undo), committed=self.committed()))
        leg.attempts = entry["n"]
        leg.spent += 1
        leg.in_flight = True
        leg.wake = None
        leg.until = entry["until"]
        step.state = "undoing" if undo else "running"

    def unready(self, index, undo):
        """The steps that speak against it now: a run waits for what comes before it, an undo for what came after."""
        saga = self.saga
        if saga.plan is None:
            return []
        if undo:
            return [later for later in saga.plan.later(index) if not self.is_settled(later)]
        return [before for before in saga.plan.steps[index].after if saga.steps[before].state not in FINISHED]

    def is_settled(self, index):
        """Nothing of it stands, or what stands has no undo, and nothing is in flight."""
        state = self.saga.steps[index].state
        if state == "succeeded":
            return self.saga.plan.steps[index].undo is None
        return state in ("pending", "rejected", "skipped", "undone", "undo_empty", "undo_skipped")

    def committed(self):
        """The pivot or, where there is none or it was skipped, a retriable step that happened or may have; or nothing."""
        saga = self.saga
        if saga.plan is None:
            return None
        pivot = saga.plan.pivot
        if pivot is not None and saga.steps[pivot].state != "skipped":
            return pivot if self.happened(pivot) else None
        return next((i for i, step in enumerate(saga.plan.steps) if step.kind == "retriable" and self.happened(i)), None)

    def happened(self, index):
        step = self.saga.steps[index]
        return step.state == "succeeded" or step.run.in_flight or step.run.in_doubt

    def on_outcome(self, row, entry):
        saga, outcome = self.saga, entry["e"]
        step, leg = self.leg_of(entry)
        undo = leg is step.undo
        answered = "unanswered" not in entry
        saga.outcomes.append(Fact(
            row, entry, undo=undo, outcome=outcome, state=step.state, saga_state=saga.state, revision=leg.revision,
            awaited=leg.in_flight and leg.attempts == entry["n"], idem=leg.idem, adapter=leg.adapter, answered=answered,
            until=leg.until))
        leg.in_flight = False
        leg.wake = entry.get("wake")
        leg.wake_row = row
        if "uncounted" in entry:
            leg.spent = max(0, leg.spent - 1)
        if outcome == "unknown":
            leg.in_doubt = leg.may_stand = True
            leg.stray_until = max(leg.stray_until, leg.until)
        elif outcome == "done":
            leg.in_doubt, leg.may_stand = False, True
            leg.decided = (leg.revision, outcome)
        elif outcome == "rejected" and answered and leg.knows_keys():
            leg.in_doubt = leg.may_stand = False
            leg.decided = (leg.revision, outcome)
        if outcome == "done" and not undo:
            step.result = entry["r"]
        self.move_step(row, entry, entry["s"], step, entry["to"], outcome)

    def on_late(self, row, entry):
        step, leg = self.leg_of(entry)
        self.saga.lates.append(Fact(row, entry, awaited=leg.in_flight and leg.attempts == entry["n"], sent=leg.attempts))

    def on_step(self, row, entry):
        step = self.saga.steps[entry["s"]]
        undo = step.state in ("undoing", "undo_failed") or entry["to"] == "undo_failed"
        leg = step.undo if undo else step.run
        leg.wake = None
        if "doubt" not in entry:
            leg.in_doubt = False
            leg.may_stand = entry["to"] in ("succeeded", "undone")
        if "r" in entry:
            step.result = entry["r"]
        self.move_step(row, entry, entry["s"], step, entry["to"], "step")

    def move_step(self, row, entry, index, step, to, why):
        self.saga.step_moves.append(Fact(row, entry, step=index, before=step.state, to=to, why=why))
        step.state = to

    def on_again(self, row, entry):
        _, leg = self.leg_of(entry)
        self.saga.agains.append(Fact(row, entry))
        leg.spent = 0
        leg.wake = None
        if entry["rev"] != leg.revision:
            leg.revision = entry["rev"]
            leg.request = None

    def on_saga(self, row, entry):
        saga = self.saga
        to = entry["to"]
        saga.moves.append(Fact(row, entry, before=saga.state, to=to, committed=self.committed(),
                               steps=[step.state for step in saga.steps],
                               standing=[i for i, step in enumerate(saga.steps) if step.run.may_stand]))
        saga.state = to

    def on_command(self, row, entry):
        self.saga.commands.append(Fact(row, entry, saga_state=self.saga.state))
        if "s" in entry and entry["verb"] in ("skip", "resolve", "retry"):
            _, leg = self.leg_of(entry)
            leg.operator = entry["verb"]

    HANDLERS = {**dict.fromkeys(OUTCOMES, on_outcome), "started": on_started, "prepared": on_prepared,
                "attempt": on_attempt, "late": on_late, "step": on_step, "again": on_again, "saga": on_saga,
                "command": on_command}
