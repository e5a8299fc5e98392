"""H: nothing leaves before its intent is durable, a key means one request, and what is called done was answered so."""

import collections

from judge import invariant
from plans import digest
from run import Key

HEARD = {"applied", "replayed", "empty_undo", "none"}  # codes under which a success may have been answered


def attempts_by_key(saga):
    """{(key, number): the fact of its attempt entry}"""
    out = {}
    for fact in saga.attempts:
        direction = "undo" if fact.undo else "run"
        out[saga.effect_key(fact.entry["s"], direction, fact.revision), fact.entry["n"]] = fact
    return out


@invariant("H1", "what arrives was journalled first, with the same epoch and Not-After", needs=("journal", "participants"))
def intent_first(run, judge):
    skew = run.evidence.skew_us
    for saga in run.readable:
        journalled = attempts_by_key(saga) if saga.calls else {}
        for call in saga.calls:
            judge.saw()
            fact = journalled.get((call["key"], call["number"]))
            name = f"attempt {call['number']} of {call['key']}"
            if fact is None:
                judge.wrong(f"{name} arrived at {call['who']}, and is in no journal", saga)
            elif call["epoch"] != fact.row["epoch"]:
                judge.wrong(f"{name} arrived under epoch {call['epoch']} and was journalled under {fact.row['epoch']}: it left "
                            "before its commit", saga, fact.row)
            elif call.get("not_after", fact.entry["until"]) // 1_000 != fact.entry["until"] // 1_000:
                judge.wrong(f"{name} arrived with another Not-After than was journalled", saga, fact.row)
            elif fact.row.get("landed", 0) > call["at"] + skew:
                judge.wrong(f"{name} arrived at {call['at']}, before its intent was durable at {fact.row['landed']}", saga, fact.row)
    if run.strangers:
        judge.wrong(f"{len(run.strangers)} requests are about no saga of the journal, for example {run.strangers[0]['key']}")


@invariant("H1", "no byte is sent before its intent is durable", needs=("journal", "network"))
def no_byte_before(run, judge):
    for saga in run.readable:
        journalled = attempts_by_key(saga) if saga.sends else {}
        for send in saga.sends:
            judge.saw()
            fact = journalled.get((send["key"], send["number"]))
            first = send.get("first_byte_at") or send["sent_at"]
            if fact is None:
                judge.wrong(f"attempt {send['number']} of {send['key']} was sent, and is in no journal", saga)
            elif fact.row.get("landed", 0) > first:
                judge.wrong(f"attempt {send['number']} of {send['key']} was sent at {first}, before its intent was durable at "
                            f"{fact.row['landed']}", saga, fact.row)


@invariant("H2", "a key is one request: the one that was prepared, byte for byte", needs=("journal", "participants"))
def one_request(run, judge):
    for saga in run.readable:
        prepared = {}
        for fact in saga.prepared:
            entry = fact.entry
            direction = entry.get("d", "run")
            key = saga.effect_key(entry["s"], direction, entry.get("rev", 1))
            if key in prepared and prepared[key] != entry["body"]:
                judge.wrong(f"{key} was prepared twice, with different requests", saga, fact.row)
            prepared.setdefault(key, entry["body"])
        hashes = {}
        for call in saga.calls:
            judge.saw()
            key = call["key"]
            if not Key(key).good:
                judge.wrong(f"{call['who']} was asked under the key {key!r}", saga)
            if "body_hash" not in call:
                continue
            if key not in hashes:
                known = run.evidence.canonical and key in prepared
                hashes[key] = digest(prepared[key]) if known else call["body_hash"]
            if call["body_hash"] != hashes[key]:
                judge.wrong(f"attempt {call['number']} of {key} carried another request than was prepared", saga)


@invariant("H3", "an attempt is delivered as often as the network did it, and no more are made than the plan allows",
           needs=("journal", "participants"))
def deliveries(run, judge):
    for saga in run.readable:
        copies = collections.Counter()
        for send in saga.sends:
            copies[send["key"], send["number"]] += send["copies"]
        arrived = collections.defaultdict(set)
        for number, call in enumerate(saga.calls):
            arrived[call["key"], call["number"]].add(call.get("arrival", f"line {number}"))
        for (key, number), arrivals in arrived.items():
            judge.saw()
            allowed = copies[key, number] if run.evidence.has("network") else 1
            if len(arrivals) > allowed:
                judge.wrong(f"attempt {number} of {key} arrived {len(arrivals)} times and was sent {allowed} times", saga)


@invariant("H3", "attempts are numbered without a gap, and stay within the plan's bound")
def attempts_bounded(run, judge):
    for saga in run.readable:
        judge.saw(len(saga.attempts))
        for fact in saga.attempts:
            index = fact.entry["s"]
            if fact.entry["n"] != fact.number_due:
                judge.wrong(f"attempt {fact.entry['n']} of {saga.name(index)} comes where {fact.number_due} is due", saga, fact.row)
            if fact.request is None:
                judge.wrong(f"an attempt of {saga.name(index)} without its request", saga, fact.row)
            if saga.plan is None:
                continue
            step = saga.plan.steps[index]
            bound = step.undo_attempts_max if fact.undo else step.attempts_max
            asked_for_ever = step.kind == "pivot" and fact.in_doubt
            if bound is not None and fact.spent >= bound and not asked_for_ever:
                judge.wrong(f"attempt {fact.entry['n']} of {saga.name(index)} goes beyond the {bound} that count", saga, fact.row)


@invariant("H4", "what the journal calls done, the participant answered", needs=("journal", "participants"))
def answered(run, judge):
    for saga in run.readable:
        for fact in saga.outcomes:
            if fact.outcome != "done" or fact.adapter == "local":
                continue
            judge.saw()
            direction = "undo" if fact.undo else "run"
            key = saga.effect_key(fact.entry["s"], direction, fact.revision)
            if (saga.id, saga.name(fact.entry["s"])) in run.lies:
                continue
            said = [call for call in run.calls_of[key] if call["code"] in HEARD and call["status"] < 400]
            if not said:
                judge.wrong(f"{key} is done in the journal, and no participant ever said so", saga, fact.row)
                continue
            result = digest(fact.entry["r"]) if run.evidence.canonical else None
            if result and all(call.get("result_hash", result) != result for call in said):
                judge.wrong(f"{key} is done with a result that no participant gave", saga, fact.row)
