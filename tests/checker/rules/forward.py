"""F: what completed happened exactly once, nothing happened out of nothing, and what was refused did not happen."""

from judge import invariant
from run import Key, effects_of
from sagas import FINISHED


@invariant("F1", "a completed saga has every step behind it")
def every_step(run, judge):
    for saga in run.readable:
        for move in saga.moves:
            if move.to == "completed":
                judge.saw()
                left = [saga.name(i) for i, state in enumerate(move.steps) if state not in FINISHED]
                if left:
                    judge.wrong(f"completed without {', '.join(left)}", saga, move.row)


@invariant("F1", "each step of a completed saga took effect exactly once", needs=("journal", "participants"))
def exactly_once(run, judge):
    for saga in run.readable:
        if saga.state != "completed" or saga.plan is None:
            continue
        judge.saw()
        for index, effects in effects_of(run, saga).items():
            step = saga.steps[index]
            if not saga.plan.steps[index].changes_something or effects.lied or step.run.adapter == "local":
                continue
            if step.run.operator in ("skip", "resolve"):
                continue  # a person said what became of it
            expected = 1 if step.state == "succeeded" else 0
            found = len(effects.did)
            if found > 1 and not step.run.knows_keys():
                found = 1  # who knows no keys does it once more for each copy
            if step.run.idem != "barrier" and run.evidence.skew_us:
                continue  # only clocks that agree keep a late request away there
            if found != expected:
                judge.wrong(f"{saga.name(index)} took effect {len(effects.did)} times in a completed saga", saga)


@invariant("F2", "no effect is out of nothing: each belongs to an attempt of the journal", needs=("journal", "participants"))
def no_effect_out_of_nothing(run, judge):
    for saga in run.readable:
        intended = {(saga.effect_key(f.entry["s"], "undo" if f.undo else "run", f.revision)) for f in saga.attempts}
        for call in saga.calls:
            if call["effect"] == "none":
                continue
            judge.saw()
            if call["key"] not in intended:
                judge.wrong(f"{call['who']} {call['effect']} {call['key']}, which no journal ever intended", saga)
            if (call["effect"] == "undid") != (Key(call["key"]).direction == "undo"):
                judge.wrong(f"{call['who']} {call['effect']} something under the key {call['key']}", saga)
    for call in run.strangers:
        if call.get("effect", "none") != "none":
            judge.wrong(f"{call['who']} {call['effect']} {call['key']}, which is of no saga of the journal")


@invariant("F3", "what a participant that knows its keys refused did not happen", needs=("journal", "participants"))
def refused(run, judge):
    for saga in run.readable:
        for fact in saga.outcomes:
            knows = fact.idem in ("key", "barrier") and fact.answered
            if fact.outcome != "rejected" or fact.undo or not knows:
                continue
            judge.saw()
            key = saga.effect_key(fact.entry["s"], "run", fact.revision)
            lied = (saga.id, saga.name(fact.entry["s"])) in run.lies
            if not lied and any(call["effect"] == "did" for call in run.calls_of[key]):
                judge.wrong(f"{key} was refused according to the journal, and took effect", saga, fact.row)
