"""T: nothing fires before its time, or twice, or much too late; and no attempt takes effect after its Not-After."""

from judge import gap, invariant

LATE_US = 2_000_000

gap("T4", "sagas have no deadlines yet; what is judged is the Not-After of attempts")


@invariant("T1", "no timer fires early")
def never_early(run, judge):
    skew = run.evidence.skew_us
    for saga in run.readable:
        for fact in saga.attempts:
            if fact.due is None:
                continue
            judge.saw()
            name = f"attempt {fact.entry['n']} of {saga.name(fact.entry['s'])}"
            if fact.entry["at"] < fact.due:
                judge.wrong(f"{name} was due at {fact.due} and decided at {fact.entry['at']}", saga, fact.row)
            elif fact.row.get("landed", fact.due) + skew < fact.due:
                judge.wrong(f"{name} was due at {fact.due} and durable at {fact.row['landed']}, by the store's clock", saga, fact.row)


@invariant("T1", "an undo waits until no attempt can arrive any more that nothing would recognise")
def waits_for_strays(run, judge):
    skew = run.evidence.skew_us  # a clock may have been set back since
    for saga in run.readable:
        for fact in saga.attempts:
            recognised = fact.run_idem == "barrier" or (fact.run_idem == "key" and not fact.run_in_doubt)
            if fact.undo and not recognised and fact.stray_until:
                judge.saw()
                if fact.entry["at"] + skew <= fact.stray_until:
                    judge.wrong(f"{saga.name(fact.entry['s'])} is being undone at {fact.entry['at']}, and an attempt of it may "
                                f"arrive until {fact.stray_until}", saga, fact.row)


@invariant("T2", "a wait ends in one attempt: none while another is in flight")
def fires_once(run, judge):
    for saga in run.readable:
        judge.saw(len(saga.attempts))
        for fact in saga.attempts:
            if fact.in_flight:
                judge.wrong(f"attempt {fact.entry['n']} of {saga.name(fact.entry['s'])} while the one before is in flight", saga, fact.row)


@invariant("T3", "when all is well, a timer fires in time")
def in_time(run, judge):
    healed = run.evidence.run.get("healed_at")
    late_us = run.evidence.limits.get("timer_late_us", LATE_US)
    settle_us = run.evidence.limits.get("settle_us")
    if healed is None or settle_us is None:
        return
    for saga in run.readable:
        for fact in saga.attempts:
            if fact.due is not None and fact.due > healed + settle_us:
                judge.saw()
                if fact.entry["at"] > fact.due + late_us:
                    judge.wrong(f"attempt {fact.entry['n']} of {saga.name(fact.entry['s'])} was due at {fact.due}, and decided "
                                f"{fact.entry['at'] - fact.due} us later", saga, fact.row)


@invariant("T4", "a participant with a barrier does nothing after an attempt's Not-After", needs=("journal", "participants"))
def not_after(run, judge):
    for saga in run.readable:
        barriers = {saga.effect_key(f.entry["s"], "undo" if f.undo else "run", f.revision) for f in saga.attempts
                    if f.request and f.request["idem"] == "barrier"}
        for call in saga.calls:
            if call["code"] == "applied" and "not_after" in call and call["key"] in barriers:
                judge.saw()
                if call["at"] > call["not_after"] + 1_000 + run.evidence.skew_us:
                    judge.wrong(f"{call['who']} applied {call['key']} at {call['at']}, after its Not-After {call['not_after']}", saga)
