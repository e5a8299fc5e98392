"""What a set of runs must have met for its silence to mean anything."""

import collections

KINDS = ("a completed saga", "a compensated saga", "a rejected attempt", "a transient attempt", "an unknown attempt",
         "an empty undo", "a run refused after its undo", "a late reply", "an unknown commit that had landed",
         "an unknown commit that was lost", "a fenced write", "a take-over", "a timer that fired after a restart")


def kinds_seen(run):
    """{kind: how often}"""
    seen = collections.Counter()
    for saga in run.readable:
        seen[f"a {saga.state} saga"] += 1
        seen["a late reply"] += len(saga.lates)
        seen["an empty undo"] += sum(1 for move in saga.step_moves if move.to == "undo_empty")
        for fact in saga.outcomes:
            seen[f"{'an' if fact.outcome == 'unknown' else 'a'} {fact.outcome} attempt"] += 1
        holds = [(row["writer"], row["epoch"]) for row in saga.rows]
        seen["a take-over"] += sum(1 for one, next_ in zip(holds, holds[1:]) if one != next_)
        for fact in saga.attempts:
            if fact.due is not None and hold(fact.wake_row) != hold(fact.row):
                seen["a timer that fired after a restart"] += 1
    for call in run.evidence.participants:
        if call["code"] == "fenced" and "/run/" in call["key"]:
            seen["a run refused after its undo"] += 1
    for event in run.evidence.engines:
        if event["event"] == "fenced":
            seen["a fenced write"] += 1
        elif event["event"] == "settled":
            seen[f"an unknown commit that {'had landed' if event['landed'] else 'was lost'}"] += 1
    return seen


def hold(row):
    return row["writer"], row["epoch"]
