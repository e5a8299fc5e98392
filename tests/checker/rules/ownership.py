"""O: who has lost a writer's epoch writes nothing and sends nothing. One fence row a writer; a saga's rows may come with a
lower epoch after it moved to another writer, because each writer counts its own."""

import bisect
import collections

from judge import invariant

DROP_US = 1_000_000  # from a fenced write to the last send, where run.json says nothing else


@invariant("O1", "in the order of a writer's commits its epoch never falls, and a commit has one epoch")
def epochs_rise(run, judge):
    epoch_of = collections.defaultdict(dict)  # writer: {commit: (epoch, a row)}
    for saga in run.sagas.values():
        for row in saga.rows:
            judge.saw()
            epoch, _, _ = epoch_of[row["writer"]].setdefault(row["commit"], (row["epoch"], saga, row))
            if epoch != row["epoch"]:
                judge.wrong(f"commit {row['commit']} of writer {row['writer']} holds rows of the epochs {epoch} and {row['epoch']}",
                            saga, row)
    final = {row["writer"]: row["epoch"] for row in run.evidence.writers}
    for writer, commits in epoch_of.items():
        highest = 0
        for commit in sorted(commits):
            epoch, saga, row = commits[commit]
            if epoch < highest:
                judge.wrong(f"commit {commit} of writer {writer} is of epoch {epoch}, after one of epoch {highest}", saga, row)
            if epoch > final.get(writer, epoch):
                judge.wrong(f"commit {commit} of writer {writer} is of epoch {epoch}, and the store knows {final[writer]}", saga, row)
            highest = max(highest, epoch)


@invariant("O1", "a writer's epoch belongs to one process", needs=("journal", "engines"))
def one_process(run, judge):
    began = collections.defaultdict(set)
    for event in run.evidence.engines:
        if event["event"] == "begin":
            judge.saw()
            hold = (event["writer"], event["epoch"])
            if hold in began:
                judge.wrong(f"epoch {hold[1]} of writer {hold[0]} was begun twice, the second time by {event['engine']}")
            began[hold].add(event["engine"])


@invariant("O2", "once a writer has written under an epoch, no earlier one of its writes lands")
def nothing_lands_late(run, judge):
    highest = {}
    for row in run.evidence.journal if run.evidence.in_commit_order else ():
        judge.saw()
        before = highest.get(row["writer"], row["epoch"])
        if row["epoch"] < before:
            judge.wrong(f"a row of epoch {row['epoch']} of writer {row['writer']} landed after one of epoch {before}",
                        run.sagas[row["saga"]], row)
        highest[row["writer"]] = max(before, row["epoch"])


@invariant("O3", "a fenced write left nothing, and its engine lets go at once", needs=("journal", "engines"))
def fenced(run, judge):
    commits = collections.defaultdict(dict)
    for row in run.evidence.journal:
        commits[row["writer"], row["epoch"]][row["commit"]] = row
    sends = sends_of(run)
    drop_us = run.evidence.limits.get("drop_us", DROP_US)
    for event in run.evidence.engines:
        if event["event"] != "fenced" or "epoch" not in event:
            continue  # a log that does not say of which epoch
        judge.saw()
        hold = (event["writer"], event["epoch"])
        for commit, row in commits[hold].items():
            if commit >= event.get("commit", commit + 1):
                judge.wrong(f"commit {commit} of writer {hold[0]} was fenced under epoch {hold[1]}, and there is a row of it",
                            run.sagas[row["saga"]], row)
        for send in sends[hold]:
            if send["sent_at"] > event["at"] + drop_us:
                judge.wrong(f"{event['engine']} was fenced at {event['at']}, and sent {send['key']} at {send['sent_at']}",
                            run.sagas.get(send["saga"]))


def sends_of(run):
    """{(writer, epoch): sends}"""
    sends = collections.defaultdict(list)
    for send in run.evidence.network:
        sends[send.get("writer"), send["epoch"]].append(send)
    return sends


def lag_of(run):
    """So long may a writer send after it has lost what it sends for: where clocks and logs are exact, not at all."""
    limits = run.evidence.limits
    lag_us = limits.get("owner_lag_us")
    return limits.get("drop_us", DROP_US) if lag_us is None else lag_us


@invariant("O4", "an engine whose writer was taken over sends nothing new once its lease is over",
           needs=("journal", "engines", "network"))
def nothing_from_the_old(run, judge):
    begins = collections.defaultdict(list)  # writer: when which epoch began
    for event in run.evidence.engines:
        if event["event"] == "begin":
            begins[event["writer"]].append((event["epoch"], event["at"]))
    lag_us = lag_of(run)
    for (writer, epoch), sends in sends_of(run).items():
        taken_at = min((at for later, at in begins[writer] if later > epoch), default=float("inf"))
        for send in sends:
            judge.saw()
            if send["sent_at"] > taken_at + lag_us:
                judge.wrong(f"writer {writer} was taken over at {taken_at}, and epoch {epoch} of it sent {send['key']} at "
                            f"{send['sent_at']}", run.sagas.get(send["saga"]))


def gains_of(run):
    """{shard: [(when, writer)]}: who became its owner, in order."""
    gains = collections.defaultdict(list)
    for event in run.evidence.engines:
        if event["event"] == "gained":
            for shard in event["shards"]:
                gains[shard].append((event["at"], str(event["writer"])))
    return {shard: sorted(events) for shard, events in gains.items()}


def owners_at(gains, saga_id, from_us, to_us):
    """Who owned the saga's shard at any moment of this time; nobody where that is not known."""
    events = gains.get(int(saga_id[15:18], 16), [])
    first = bisect.bisect_left(events, (from_us, ""))
    return {writer for at, writer in events[max(first - 1, 0):] if at <= to_us} if first else set()


@invariant("O1", "who writes a saga's row is the owner of its shard", needs=("journal", "engines"))
def owners_write(run, judge):
    gains = gains_of(run)
    for saga in run.sagas.values() if gains else ():
        for row in saga.rows:
            landed = row.get("landed")
            owners = owners_at(gains, saga.id, landed, landed) if landed else set()
            if owners:
                judge.saw()
                if str(row["writer"]) not in owners:
                    judge.wrong(f"writer {row['writer']} wrote it at {landed}, and the shard was {' or '.join(sorted(owners))}'s", saga, row)


@invariant("O4", "who sends for a saga is the owner of its shard", needs=("journal", "engines", "network"))
def owners_send(run, judge):
    gains = gains_of(run)
    lag_us = lag_of(run)
    for send in run.evidence.network if gains else ():
        owners = owners_at(gains, send["saga"], send["sent_at"] - lag_us, send["sent_at"])
        if owners:
            judge.saw()
            if str(send.get("writer")) not in owners:
                judge.wrong(f"writer {send.get('writer')} sent {send['key']} at {send['sent_at']}, and the shard was "
                            f"{' or '.join(sorted(owners))}'s", run.sagas.get(send["saga"]))
