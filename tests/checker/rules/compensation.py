"""C: what was done is taken back, in reverse, also what only may have been done; never behind the pivot, never silently."""

from judge import invariant
from run import effects_of
from sagas import TERMINAL

SETTLED = {"pending", "rejected", "skipped", "undone", "undo_empty", "undo_skipped"}


@invariant("C1", "nothing stands of a compensated saga")
def nothing_stands(run, judge):
    for saga in run.readable:
        for move in saga.moves:
            if move.to != "compensated" or saga.plan is None:
                continue
            judge.saw()
            left = [saga.name(i) for i, state in enumerate(move.steps) if state not in SETTLED
                    and not (state == "succeeded" and saga.plan.steps[i].kind == "read")]
            if left:
                judge.wrong(f"compensated, while {', '.join(left)} is not taken back", saga, move.row)


@invariant("C1", "each effect of a compensated saga was undone once, after it", needs=("journal", "participants"))
def undone_after(run, judge):
    for saga in run.readable:
        if saga.state != "compensated" or saga.plan is None:
            continue
        judge.saw()
        for index, effects in effects_of(run, saga).items():
            step = saga.steps[index]
            person_spoke = step.state == "undo_skipped" or "resolve" in (step.run.operator, step.undo.operator)
            if effects.lied or person_spoke or not saga.plan.steps[index].changes_something:
                continue
            did, undid, barrier = len(effects.did), len(effects.undid), step.run.idem == "barrier"
            if not barrier and run.evidence.skew_us:
                continue  # only clocks that agree keep a late request away there
            if did and not undid:
                judge.wrong(f"{saga.name(index)} took effect in a compensated saga, and was not undone", saga)
            elif barrier and undid and not did:
                judge.wrong(f"{saga.name(index)} was undone and had never taken effect", saga)
            elif barrier and undid > 1:
                judge.wrong(f"{saga.name(index)} was undone {undid} times", saga)
            elif did and last(effects.did) > last(effects.undid):
                judge.wrong(f"{saga.name(index)} took effect after its undo", saga)


def last(calls):
    return max((call["rseq"] for call in calls), default=0)


@invariant("C2", "a step is undone only once all that came after it is settled")
def undone_in_reverse(run, judge):
    for saga in run.readable:
        for fact in saga.attempts:
            if fact.undo:
                judge.saw()
                if fact.unready:
                    later = ", ".join(f"{saga.name(i)}" for i in fact.unready)
                    judge.wrong(f"{saga.name(fact.entry['s'])} is being undone while {later} still stands", saga, fact.row)


@invariant("C2", "one participant sees undos in reverse", needs=("journal", "participants"))
def seen_in_reverse(run, judge):
    for saga in run.readable:
        if saga.plan is None or not any(fact.undo for fact in saga.attempts):
            continue
        first = {}
        for index, effects in effects_of(run, saga).items():
            if effects.undid:
                first[index] = effects.undid[0]
        for before, undid in first.items():
            for after in saga.plan.later(before):
                if after in first and first[after]["who"] == undid["who"]:
                    judge.saw()
                    if first[after]["rseq"] > undid["rseq"]:
                        judge.wrong(f"{undid['who']} undid {saga.name(before)} before {saga.name(after)}", saga)


@invariant("C3", "what may have happened is undone too before a saga is called compensated")
def doubt_is_undone(run, judge):
    for saga in run.readable:
        for move in saga.moves:
            if move.to != "compensated" or saga.plan is None:
                continue
            for index in move.standing:
                if not saga.plan.steps[index].changes_something:
                    continue
                judge.saw()
                if move.steps[index] not in ("undone", "undo_empty", "undo_skipped"):
                    judge.wrong(f"{saga.name(index)} may have happened, and the saga was compensated without its undo "
                                f"(it is {move.steps[index]})", saga, move.row)


@invariant("C4", "nothing is undone that was never asked for")
def undo_of_nothing(run, judge):
    for saga in run.readable:
        for fact in saga.attempts:
            if fact.undo:
                judge.saw()
                if fact.run_attempts == 0 and fact.run_operator is None:
                    judge.wrong(f"{saga.name(fact.entry['s'])} is being undone and was never attempted", saga, fact.row)


@invariant("C5", "no run takes effect after its undo was heard", needs=("journal", "participants"))
def hanging(run, judge):
    for saga in run.readable:
        for index, effects in effects_of(run, saga).items():
            barrier = saga.steps[index].run.idem == "barrier"
            undone = [call["rseq"] for key, call in effects.calls if key.direction == "undo" and
                      (call["effect"] == "undid" or call["code"] == "empty_undo")]
            if not undone or effects.lied or not barrier:
                continue
            judge.saw()
            late = [call for call in effects.did if call["code"] == "applied" and call["rseq"] > min(undone)]
            if late:
                judge.wrong(f"{late[0]['who']} did {late[0]['key']} after its undo", saga)


@invariant("C6", "behind the pivot nothing is undone, and the saga is not turned back")
def pivot(run, judge):
    for saga in run.readable:
        for fact in saga.attempts:
            if fact.undo and fact.committed is not None:
                judge.wrong(f"{saga.name(fact.entry['s'])} is being undone, though {saga.name(fact.committed)} has happened or may "
                            "have", saga, fact.row)
        for move in saga.moves:
            judge.saw()
            if move.to in ("compensating", "compensated") and move.committed is not None:
                judge.wrong(f"{move.to}, though {saga.name(move.committed)} has happened or may have", saga, move.row)


@invariant("C7", "an undo that failed is an operator's, with the step and the error")
def never_silently(run, judge):
    for saga in run.readable:
        for row, failed in saga.stuck_and_moving:
            judge.wrong(f"the undo of {saga.name(failed[0])} has failed, and the saga goes on compensating", saga, row)
        for move in saga.moves:
            if move.to == "needs_operator" and move.before == "compensating":
                judge.saw()
                if "s" not in move.entry or not move.entry.get("class"):
                    judge.wrong("it needs an operator, and does not say for which step and why", saga, move.row)


@invariant("C8", "a saga that is over stays as it is")
def absorbing(run, judge):
    for saga in run.readable:
        over = next((row for row, state in zip(saga.rows, saga.states) if state in TERMINAL), None)
        if over is None:
            continue
        judge.saw()
        if over is not saga.rows[-1]:
            judge.wrong(f"row {over['seq']} ended it, and {len(saga.rows) - over['seq']} rows follow", saga, over)
        elif over["entries"][-1]["e"] != "saga":
            judge.wrong("entries follow the one that ended it", saga, over)


@invariant("C9", "what moved adds up to nothing once a saga is over", needs=("journal", "participants"))
def conservation(run, judge):
    for saga in run.readable:
        moved = [call["moved"] for call in saga.calls if "moved" in call]
        touched = any(step.run.operator or step.undo.operator for step in saga.steps)
        if not moved or saga.state not in ("completed", "compensated") or touched:
            continue
        if any(effects.lied for effects in effects_of(run, saga).values()):
            continue
        judge.saw()
        if sum(moved) != 0:
            judge.wrong(f"{saga.state}, and {sum(moved)} is missing or too much", saga)
