"""V, A, L: the plan a saga began with, who said what, and that everything comes to rest."""

import collections

from judge import gap, invariant
from sagas import TERMINAL

gap("V1", "sagas cannot be moved to another plan yet; what is judged is that they stay on theirs")
gap("A1", "no chain of hashes exists, and refused commands leave nothing in the store; what is judged is the accepted ones")
gap("D6", "no chain of hashes exists")

STEP_MOVES = {
    "pending": {"running", "rejected", "skipped"},
    "running": {"succeeded", "rejected", "backing_off", "skipped"},
    "backing_off": {"running", "skipped", "undoing", "undo_failed", "succeeded", "rejected"},
    "rejected": {"running", "rejected", "succeeded", "skipped"},
    "succeeded": {"undoing", "undo_failed"},
    "undoing": {"undoing", "undone", "undo_empty", "undo_failed"},
    "undo_failed": {"undoing", "undo_failed", "undone", "undo_skipped"},
}
SAGA_MOVES = {
    "running": {"completed", "compensating", "needs_operator", "abandoned"},
    "compensating": {"compensated", "needs_operator", "abandoned"},
    "needs_operator": {"running", "compensating", "abandoned"},
}
LEADS_TO = {  # outcome: where it may leave its run, its undo
    "done": ({"succeeded"}, {"undone", "undo_empty"}),
    "rejected": ({"rejected", "backing_off"}, {"undo_failed"}),
    "transient": ({"backing_off", "rejected", "skipped"}, {"undoing", "undo_failed"}),
    "unknown": ({"backing_off", "rejected", "skipped"}, {"undoing", "undo_failed"}),
}
GROWTH_MAX = 1.2   # of what was there before the first fault
PACE_LEAST = 0.8


@invariant("V1", "a saga stays on the plan that it began with, and that plan is what its fingerprint says")
def own_plan(run, judge):
    for plan in run.plans.values():
        if plan.shape != plan.shape_of_graph:
            judge.wrong(f"the plan {plan.id} has the shape {plan.shape[:12]}, its graph {plan.shape_of_graph[:12]}")
    for saga in run.readable:
        judge.saw()
        if saga.plan is None:
            judge.wrong(f"its plan {saga.started['plan']} is not known", saga)
        elif saga.started["shape"] != saga.plan.shape:
            judge.wrong(f"it began with the shape {saga.started['shape'][:12]}, and its plan has {saga.plan.shape[:12]}", saga)


@invariant("V1", "states follow each other as the tables of the lifecycle allow")
def tables(run, judge):
    for saga in run.readable:
        judge.saw(len(saga.step_moves) + len(saga.moves))
        for move in saga.step_moves:
            name = saga.name(move.step)
            if move.to not in STEP_MOVES.get(move.before, ()):
                judge.wrong(f"{name} went from {move.before} to {move.to}", saga, move.row)
            elif move.why != "step" and move.to not in LEADS_TO[move.why][move.entry.get("d") == "undo"]:
                judge.wrong(f"{name} is {move.to} after {move.why}", saga, move.row)
        for move in saga.moves:
            if move.before not in TERMINAL and move.to not in SAGA_MOVES[move.before]:
                judge.wrong(f"the saga went from {move.before} to {move.to}", saga, move.row)


@invariant("A1", "each accepted command says who, and its id stands in one entry")
def commands(run, judge):
    times = collections.Counter()
    for saga in run.readable:
        for fact in saga.commands:
            judge.saw()
            entry = fact.entry
            times[entry.get("id")] += 1
            if not entry.get("id") or times[entry["id"]] > 1:
                judge.wrong(f"{entry['verb']} has the id {entry.get('id')!r}, which is not its own", saga, fact.row)
            if entry["answer"] not in ("accepted", "remembered"):
                judge.wrong(f"{entry['verb']} was {entry['answer']}, and stands in the journal", saga, fact.row)
            needs_reason = entry["verb"] in ("skip", "resolve", "abandon")
            if needs_reason and not (entry.get("reason") and entry.get("actor")):
                judge.wrong(f"{entry['verb']} does not say who or why", saga, fact.row)


@invariant("L1", "whoever was left in peace came to rest, within its bound")
def comes_to_rest(run, judge):
    about = run.evidence.run
    if not about["quiescent"]:
        return
    bound = about.get("healed_at", 0) + run.evidence.limits.get("converge_us", 0)
    for saga in run.readable:
        judge.saw()
        last = saga.rows[-1]
        if saga.state not in TERMINAL and saga.state != "needs_operator":
            judge.wrong(f"it is {saga.state}, and everybody waited for it to end", saga, last)
        elif "healed_at" in about and "converge_us" in run.evidence.limits and last.get("landed", last["at"]) > bound:
            judge.wrong(f"it ended {last.get('landed', last['at']) - about['healed_at']} us after all was well again", saga, last)


@invariant("L2", "what is not over has something that will move it")
def no_orphan(run, judge):
    for saga in run.readable:
        if saga.state in TERMINAL or saga.state == "needs_operator" or saga.plan is None:
            continue
        judge.saw()
        if not any(leg.in_flight or leg.wake for step in saga.steps for _, leg in step.legs()) and not has_next(saga):
            judge.wrong(f"it is {saga.state}, and nothing is in flight, armed or next", saga, saga.rows[-1])


def has_next(saga):
    """A step whose request may be in the making."""
    for index, step in enumerate(saga.steps):
        if saga.state == "running":
            ready = all(saga.steps[before].state in ("succeeded", "skipped") for before in saga.plan.steps[index].after)
            if ready and step.state in ("pending", "rejected", "backing_off"):
                return True
        elif step.run.may_stand and step.state in ("succeeded", "backing_off", "undoing") and saga.plan.steps[index].undo:
            return True
    return False


@invariant("L2", "a saga that sleeps in the store is woken in time", needs=("journal", "sagas"))
def sleeps(run, judge):
    for row in run.evidence.sagas:
        saga = run.sagas.get(row["saga"])
        if saga is None or saga.fault or row["seq"] != saga.rows[-1]["seq"] or saga.state not in ("running", "compensating"):
            continue
        wakes = [leg.wake for step in saga.steps for _, leg in step.legs() if leg.wake]
        if row.get("wake_at") and wakes:
            judge.saw()
            if row["wake_at"] > min(wakes) + 1_000:
                judge.wrong(f"it sleeps until {row['wake_at']}, and is due at {min(wakes)}", saga)


@invariant("L3", "poison does not slow the healthy down", needs=("pace",))
def pace(run, judge):
    ended, spent = collections.Counter(), collections.Counter()
    for line in run.evidence.pace:
        judge.saw()
        ended[line["poisoned"]] += line["ended"]
        spent[line["poisoned"]] += line["to"] - line["from"]
    if spent[True] and spent[False]:
        share = (ended[True] / spent[True]) / max(ended[False] / spent[False], 1e-12)
        if share < PACE_LEAST:
            judge.wrong(f"with poison in the system the healthy ended at {share:.0%} of their pace without it")


@invariant("L4", "memory, descriptors and threads come back to where they were", needs=("resources", "faults"))
def no_growth(run, judge):
    first_fault = min((fault["at"] for fault in run.evidence.faults), default=None)
    samples = collections.defaultdict(list)
    for line in run.evidence.resources:
        samples[line["engine"]].append(line)
    for engine, lines in samples.items():
        before = [line for line in lines if first_fault is None or line["at"] < first_fault]
        for what, slack in (("rss", 16 << 20), ("fds", 8), ("threads", 2)):
            if before and lines[-1] not in before:
                judge.saw()
                most = max(line[what] for line in before)
                if lines[-1][what] > most * GROWTH_MAX + slack:
                    judge.wrong(f"{engine} ends with {what} {lines[-1][what]}, and had {most} before the first fault")
