"""D: what was acknowledged is there, once, and the tables say what the journal says."""

import bisect
import collections

from judge import invariant
from sagas import TERMINAL


@invariant("D1", "an acknowledged start is in the journal, was durable before it was acknowledged, and stays",
           needs=("journal", "clients"))
def acknowledged_starts(run, judge):
    acknowledged = {}
    for op in run.evidence.clients:
        if op["op"] != "start" or op["outcome"] != "ok":
            continue
        judge.saw()
        saga = run.sagas.get(op["saga"])
        acknowledged[op["saga"]] = min(op["return_at"], acknowledged.get(op["saga"], op["return_at"]))
        if saga is None:
            judge.wrong(f"the start of {op['saga']} (key {op.get('key', '')!r}) was acknowledged, and there is no journal of it")
        elif saga.started and op.get("key", saga.key) != saga.key:
            judge.wrong(f"acknowledged under the key {op['key']!r}, journalled under {saga.key!r}", saga)
        elif saga.rows[0].get("landed", 0) > op["return_at"]:
            judge.wrong(f"acknowledged at {op['return_at']}, before it was durable at {saga.rows[0]['landed']}", saga, saga.rows[0])
    for op in run.evidence.clients:
        if op["op"] != "get" or op.get("status") not in (404, "not_found"):
            continue
        saga = run.sagas.get(op["saga"])
        retired = run.evidence.run.get("retires") and saga is not None and saga.is_over
        if op["call_at"] > acknowledged.get(op["saga"], op["call_at"]) and not retired:
            judge.wrong(f"{op['saga']} was acknowledged, and later answered 404", saga)


@invariant("D2", "one start key is one saga, and another body under it is refused")
def start_keys(run, judge):
    sagas_of, told = collections.defaultdict(set), {}
    for saga in run.readable:
        if saga.key:
            sagas_of[saga.started["plan"].partition("@")[0], saga.key].add(saga.id)
    for (workflow, key), ids in sagas_of.items():
        judge.saw()
        if len(ids) > 1:
            judge.wrong(f"the key {key!r} of {workflow} started {len(ids)} sagas: {', '.join(sorted(ids))}", run.sagas[min(ids)])
    for row in run.evidence.start_keys:
        judge.saw()
        saga = run.sagas.get(row["saga"])
        if saga is not None and saga.started and saga.key != row["key"]:
            judge.wrong(f"the key {row['key']!r} leads to a saga of the key {saga.key!r}", saga)
    for op in run.evidence.clients:
        if op["op"] != "start" or op["outcome"] != "ok" or not op.get("key"):
            continue
        saga, body = told.setdefault((op.get("workflow"), op["key"]), (op["saga"], op.get("body_hash")))
        if saga != op["saga"]:
            judge.wrong(f"the key {op['key']!r} was answered with {saga} and with {op['saga']}", run.sagas.get(op["saga"]))
        if body != op.get("body_hash"):
            judge.wrong(f"two bodies were taken under the key {op['key']!r}", run.sagas.get(saga))


@invariant("D3", "an acknowledged command is in the journal exactly once; a refused one is not",
           needs=("journal", "clients"))
def acknowledged_commands(run, judge):
    entries = command_entries(run)
    for op in run.evidence.clients:
        if op["op"] != "command" or op["outcome"] == "info":
            continue
        judge.saw()
        saga = run.sagas.get(op.get("saga"))
        taken = op["outcome"] == "ok" and op.get("answer") in ("accepted", "remembered")
        if "command_id" in op:
            found = entries.get(op["command_id"], [])
        else:
            found = [fact for fact in (saga.commands if saga else []) if fact.entry["verb"] == op.get("verb")] if taken else []
        if taken and (not found or ("command_id" in op and len(found) != 1)):
            judge.wrong(f"{op.get('verb')} was acknowledged, and stands in the journal {len(found)} times", saga)
        elif not taken and found:
            judge.wrong(f"{op.get('verb')} was answered {op.get('answer')}, and stands in the journal", saga, found[0].row)
        elif taken and found[0].row.get("landed", 0) > op["return_at"]:
            judge.wrong(f"{op.get('verb')} was acknowledged before it was durable", saga, found[0].row)


@invariant("D3", "a command of the table that was answered well is in the journal exactly once",
           needs=("journal", "commands"))
def posted_commands(run, judge):
    entries = command_entries(run)
    for row in run.evidence.commands:
        if row["kind"] == "start" or not row["answered"]:
            continue
        judge.saw()
        times = len(entries.get(row["command_id"], []))
        if row.get("verdict") in ("accepted", "remembered") and times != 1:
            judge.wrong(f"the posted {row['kind']} {row['command_id']} was {row['verdict']}, and stands in the journal {times} times",
                        run.sagas.get(row["saga"]))


def command_entries(run):
    entries = collections.defaultdict(list)
    for saga in run.sagas.values():
        for fact in saga.commands:
            entries[fact.entry.get("id")].append(fact)
    return entries


@invariant("D4", "what nobody heard an answer to happened once or not at all, and all who looked later agree",
           needs=("journal", "clients"))
def unanswered(run, judge):
    entries = command_entries(run)
    by_key = collections.defaultdict(set)
    for saga in run.readable:
        by_key[saga.key].add(saga.id)
    for op in run.evidence.clients:
        if op["outcome"] == "info":
            judge.saw()
            if op["op"] == "command" and len(entries.get(op.get("command_id"), [])) > 1:
                judge.wrong(f"{op.get('verb')}, which was not answered, stands in the journal more than once", run.sagas.get(op.get("saga")))
            if op["op"] == "start" and op.get("key") and len(by_key[op["key"]]) > 1:
                judge.wrong(f"the start {op['key']!r}, which was not answered, happened {len(by_key[op['key']])} times",
                            run.sagas[min(by_key[op["key"]])])
        elif op["op"] == "get" and op["outcome"] == "ok":
            judge.saw()
            saga = run.sagas.get(op["saga"])
            if saga is None or op.get("seq", 0) > saga.rows[-1]["seq"]:
                judge.wrong(f"somebody was shown {op['saga']} at {op.get('seq')}, which never came to be", saga)


@invariant("D5", "a saga's row is the fold of its journal", needs=("journal", "sagas"))
def rows(run, judge):
    seen = set()
    for row in run.evidence.sagas:
        judge.saw()
        seen.add(row["saga"])
        saga = run.sagas.get(row["saga"])
        if saga is None:
            judge.wrong(f"the saga {row['saga']} has a row and no journal")
        elif saga.fault is None and saga.started:
            for column, told, folded in differences(row, saga):
                judge.wrong(f"its row says {column} {told!r}, its journal {folded!r}", saga)
    for saga in run.sagas.values():
        retired = run.evidence.run.get("retires") and saga.is_over
        if saga.id not in seen and not retired:
            judge.wrong("it has a journal and no row", saga)


def differences(row, saga):
    """(column, row, journal). The row is written when the state changes; until the next change its number may lag."""
    changes = [row["seq"] for row, before, after in zip(saga.rows[1:], saga.states, saga.states[1:]) if before != after]
    last_change = max(changes, default=1)
    told = {"state": row["state"], "active": row["active"], "key": row["key"], "plan_id": row["plan_id"]}
    folded = {"state": saga.state, "active": saga.state not in TERMINAL, "key": saga.key, "plan_id": saga.started["plan"]}
    out = [(name, told[name], folded[name]) for name in told if told[name] != folded[name]]
    last = saga.rows[-1]["seq"]
    if not last_change <= row["seq"] <= last:
        out.append(("seq", row["seq"], f"{last_change} to {last}"))
    return out


@invariant("D6", "a saga's rows are numbered from 1 without a gap, and can be read")
def numbers(run, judge):
    for saga in run.sagas.values():
        judge.saw(len(saga.rows))
        for due, row in enumerate(saga.rows, 1):
            if row["seq"] != due:
                judge.wrong(f"row {row['seq']} stands where row {due} is due", saga, row)
                break
        if saga.fault:
            judge.wrong(f"row {saga.fault[0]} cannot be read: {saga.fault[1]}", saga)
        elif not saga.started:
            judge.wrong("its journal does not begin with `started`", saga)
        last = {}
        for row in saga.rows:
            before = last.get(row["writer"], 0)
            if row["commit"] <= before:
                judge.wrong(f"row {row['seq']} is of commit {row['commit']}, after one of commit {before}", saga, row)
            last[row["writer"]] = row["commit"]


@invariant("D6", "the commits of each writer are numbered without a gap", needs=("journal", "writers"))
def commits(run, judge):
    known, silent, told_from = commits_of(run), silent_flushes(run), oldest_flushes(run)
    for row in run.evidence.writers:
        numbers_ = known[row["writer"]]
        judge.saw(len(numbers_))
        first = 1 if not told_from else min(numbers_, default=row["commit"])
        missing = [number for number in range(first, row["commit"] + 1) if number not in numbers_]
        told = [number for number in missing if number >= told_from.get(row["writer"], row["commit"] + 1)]
        if told or len(missing) > silent:
            judge.wrong(f"writer {row['writer']} committed up to {row['commit']}, and {shown(missing)} are missing")
        if max(numbers_, default=0) > row["commit"]:
            judge.wrong(f"writer {row['writer']} committed up to {row['commit']}, and there is {max(numbers_)}")


def commits_of(run):
    """{writer: its commit numbers} of rows and of flushes without one."""
    known = collections.defaultdict(set)
    for row in (*run.evidence.journal, *run.evidence.flushes):
        known[row["writer"]].add(row["commit"])
    return known


def oldest_flushes(run):
    """{writer: the first flush that the store still tells}: older ones are forgotten from time to time."""
    out = {}
    for row in run.evidence.flushes:
        out[row["writer"]] = min(row["commit"], out.get(row["writer"], row["commit"]))
    return out


def silent_flushes(run):
    """How many flushes may have left no row, as far as clients know."""
    return sum(1 for op in run.evidence.clients if op["op"] == "command" or op.get("status") in (200, "same"))


def shown(numbers_):
    text = ", ".join(map(str, numbers_[:8]))
    return text + (f" and {len(numbers_) - 8} more" if len(numbers_) > 8 else "")


@invariant("D7", "nobody reads less than what somebody was told before", needs=("journal", "clients"))
def read_your_writes(run, judge):
    told = collections.defaultdict(list)  # saga: (when it was told, seq)
    for op in run.evidence.clients:
        if op["outcome"] == "ok" and "seq" in op and "return_at" in op:
            told[op["saga"]].append((op["return_at"], op["seq"]))
    highest = {}
    for saga, answers in told.items():
        answers.sort()
        times, best, most = [], [], 0
        for at, seq in answers:
            most = max(most, seq)
            times.append(at)
            best.append(most)
        highest[saga] = times, best
    for op in run.evidence.clients:
        if op["op"] != "get" or op["outcome"] != "ok" or "seq" not in op:
            continue
        judge.saw()
        times, best = highest.get(op["saga"], ((), ()))
        before = bisect.bisect_left(times, op["call_at"])
        if before and op["seq"] < best[before - 1]:
            judge.wrong(f"at {op['call_at']} somebody read {op['seq']}, after {best[before - 1]} had been told", run.sagas.get(op["saga"]))
