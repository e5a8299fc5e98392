"""R: of two that race one wins, the journal says which, and the other changes nothing."""

from judge import gap, invariant

gap("S1", "signals do not exist yet")
gap("S2", "signals do not exist yet")
gap("S3", "signals do not exist yet")
gap("K1", "ordering keys do not exist yet")


@invariant("R1", "who was told that a cancel counts does not see the saga completed, and who was told too late sees it kept",
           needs=("journal", "clients"))
def cancel_or_complete(run, judge):
    for op in run.evidence.clients:
        saga = run.sagas.get(op.get("saga"))
        if op["op"] != "command" or op.get("verb") != "cancel" or saga is None:
            continue
        judge.saw()
        if op["outcome"] == "ok" and op.get("answer") == "accepted" and saga.state == "completed":
            judge.wrong("its cancel was accepted, and it completed", saga)
        if op.get("answer") == "too_late" and saga.state in ("compensating", "compensated"):
            judge.wrong(f"its cancel came too late, and it is {saga.state}", saga)


@invariant("R1", "an accepted cancel turns the saga back, a remembered one only when nothing has happened behind the pivot")
def cancel_counts(run, judge):
    for saga in run.readable:
        for fact in saga.commands:
            if fact.entry["verb"] == "cancel" and fact.entry["answer"] == "accepted":
                judge.saw()
                turned = any(move.to == "compensating" and move.row["seq"] <= fact.row["seq"] for move in saga.moves)
                if not turned:
                    judge.wrong("a cancel was accepted, and did not turn the saga back", saga, fact.row)


@invariant("R2", "the first outcome of an attempt counts; what comes later is late and changes nothing")
def first_wins(run, judge):
    for saga in run.readable:
        judge.saw(len(saga.outcomes) + len(saga.lates))
        for fact in saga.outcomes:
            if not fact.awaited:
                judge.wrong(f"an outcome of attempt {fact.entry['n']} of {saga.name(fact.entry['s'])}, which was not in flight", saga, fact.row)
        for fact in saga.lates:
            if fact.awaited or fact.entry["n"] > fact.sent:
                judge.wrong(f"attempt {fact.entry['n']} of {saga.name(fact.entry['s'])} is called late, and was awaited or never sent",
                            saga, fact.row)


@invariant("R3", "what was decided under a key is not asked again under it")
def decided_once(run, judge):
    for saga in run.readable:
        for fact in saga.attempts:
            if fact.decided is not None:
                judge.saw()
                revision, outcome = fact.decided
                if revision == fact.revision:
                    judge.wrong(f"{saga.name(fact.entry['s'])} was {outcome} under revision {revision}, and is asked again under it",
                                saga, fact.row)


@invariant("R4", "a step runs once all before it are behind, and only while the saga goes forward")
def join_and_fail(run, judge):
    for saga in run.readable:
        for fact in saga.attempts:
            judge.saw()
            name = saga.name(fact.entry["s"])
            expected = "compensating" if fact.undo else "running"
            if fact.saga_state != expected:
                judge.wrong(f"{name} is {'undone' if fact.undo else 'run'} while the saga is {fact.saga_state}", saga, fact.row)
            elif not fact.undo and fact.unready:
                judge.wrong(f"{name} is run before {', '.join(saga.name(i) for i in fact.unready)}", saga, fact.row)
