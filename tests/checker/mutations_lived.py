"""Breaks of what sagas do: F, C, T, R, L."""

from mutations import breaks


@breaks("F1")
def completed_without_its_last_step(run):
    run.drop_rows(5, after=9)
    run.rows(5)[-1]["entries"].append({"e": "saga", "to": "completed"})
    run.forget(5, "ship")


@breaks("F1")
def a_step_took_no_effect(run):
    run.call(5, "charge")["effect"] = "none"


@breaks("F1")
def a_step_took_effect_twice(run):
    run.call(4, "reserve")
    [call for call in run.participants if call["key"] == run.key(4, "reserve")][1].update(effect="did", code="applied")


@breaks("F2")
def an_undo_does_something_new(run):
    run.call(6, "reserve", undo=True)["effect"] = "did"


@breaks("F3")
def what_was_refused_took_effect(run):
    run.call(6, "pack")["effect"] = "did"


def compensate_without_undo(run):
    """Saga 3 ends with its cancel; its reservation is not undone."""
    run.drop_rows(3, after=4, before=7)
    run.rows(3)[-1]["entries"] = [{"e": "saga", "to": "compensated"}]
    run.forget(3, "reserve", undo=True)


@breaks("C1")
def compensated_while_a_step_waits(run):
    compensate_without_undo(run)
    run.entry(3, "unknown")["e"] = "transient"


@breaks("C1")
def an_undo_took_no_effect(run):
    run.call(2, "pack", undo=True)["effect"] = "none"


@breaks("C1")
def an_effect_comes_after_its_undo_was_empty(run):
    """At a participant without a barrier: nothing could have refused it."""
    for undo in (False, True):
        run.entry(2, "prepared", "reserve", undo)["idem"] = "key"
    run.call(2, "reserve")["rseq"] = 900


@breaks("C2")
def undone_before_what_came_after_it(run):
    rows = run.rows(2)
    at = rows.index(run.row_of(run.entry(2, "done", "pack", undo=True)))
    rows[at]["entries"], rows[at + 1]["entries"] = rows[at + 1]["entries"], rows[at]["entries"]


@breaks("C2")
def a_participant_sees_undos_forwards(run):
    first, second = run.call(2, "pack", undo=True), run.call(2, "reserve", undo=True)
    first["rseq"], second["rseq"] = second["rseq"], first["rseq"]


@breaks("C3")
def a_doubt_is_forgotten(run):
    compensate_without_undo(run)
    run.rows(3)[-1]["entries"].insert(0, {"e": "step", "s": 0, "to": "skipped", "doubt": 1})


@breaks("C4")
def undone_without_having_been_asked_for(run):
    attempt, done = run.entry(3, "attempt", "reserve", undo=True), run.entry(3, "done", "reserve", undo=True)
    prepared = run.entry(3, "prepared", "reserve", undo=True)
    row = run.row_of(attempt)
    row["entries"] += [{**prepared, "s": 1}, {**attempt, "s": 1}]
    run.row_of(done)["entries"].insert(0, {**done, "s": 1})
    for lines in (run.participants, run.network):
        line = next(line for line in lines if line["key"] == run.key(3, "reserve", undo=True))
        lines.append({**line, "key": run.key(3, "pack", undo=True), "rseq": 900})


@breaks("C5")
def a_run_takes_effect_after_its_undo(run):
    run.call(6, "reserve", undo=True)["effect"] = "undid"
    [call for call in run.participants if call["key"] == run.key(6, "reserve")][1]["rseq"] = 900


@breaks("C6")
def turned_back_behind_the_pivot(run):
    rows = run.rows(5)
    rows[-2]["entries"] = [{"e": "saga", "to": "compensating", "class": "cancelled"}]
    rows[-1]["entries"] = [{"e": "saga", "to": "needs_operator", "s": 0, "class": "stuck"}]
    run.forget(5, "ship")
    run.saga_row(5).update(state="needs_operator", active=True)


@breaks("C7")
def stuck_without_a_reason(run):
    move = run.rows(6)[-1]["entries"][-1]
    del move["s"], move["class"]


@breaks("C7")
def stuck_and_nobody_is_told(run):
    move = run.rows(6)[-1]["entries"].pop()
    run.append_row(6, move)


@breaks("C8")
def something_happens_to_what_is_over(run):
    run.append_row(5, {"e": "late", "s": 0, "n": 1, "o": "done"})


@breaks("C9")
def money_is_lost(run):
    run.call(1, "ship")["moved"] = 9


@breaks("T1")
def a_timer_fires_early(run):
    run.entry(6, "transient")["wake"] += 10_000_000


@breaks("T1")
def a_timer_fires_early_by_the_stores_clock(run):
    for row in run.journal:
        row["landed"] -= 40_000
    for line in (*run.participants, *run.network):
        for name in {"at", "sent_at", "first_byte_at"} & line.keys():
            line[name] -= 40_000


@breaks("T1")
def an_undo_does_not_wait_for_strays(run):
    for undo in (False, True):
        run.entry(3, "prepared", "reserve", undo)["idem"] = "natural"


@breaks("T2")
def a_timer_fires_twice(run):
    attempt = run.entry(5, "attempt", "check")
    run.row_of(attempt)["entries"].append({**attempt, "n": 2})
    run.entry(5, "done", "check")["n"] = 2


@breaks("T3")
def a_timer_fires_late(run):
    run.run["limits"]["timer_late_us"] = 1_000


@breaks("T4")
def something_happens_after_its_not_after(run):
    call = run.call(5, "charge")
    call["at"] = call["not_after"] + 5_000


@breaks("R1")
def too_late_and_turned_back_all_the_same(run):
    run.operate("command", 2, verb="cancel", answer="too_late", status=409)
    run.clients[-1]["outcome"] = "fail"


@breaks("R1")
def a_cancel_turns_nothing_back(run):
    row = run.row_of(run.entry(3, "command"))
    run.rows(3)[row["seq"]]["entries"].insert(0, row["entries"].pop())


@breaks("R2")
def an_outcome_of_what_was_not_in_flight(run):
    run.entry(5, "done", "check")["n"] = 7


@breaks("R2")
def late_though_it_was_awaited(run):
    run.rows(6)[1]["entries"].append({"e": "late", "s": 0, "n": 1, "o": "done"})


@breaks("R3")
def asked_again_though_it_was_done(run):
    attempt, done = run.entry(5, "attempt", "check"), run.entry(5, "done", "check")
    run.row_of(run.entry(5, "attempt", "charge"))["entries"].insert(0, {**attempt, "n": 2})
    run.row_of(run.entry(5, "attempt", "charge"))["entries"].insert(1, {**done, "n": 2})


@breaks("R4")
def a_join_does_not_wait(run):
    run.plans[0]["graph"]["steps"][2]["after"] = ["pack"]
    run.reshape()


@breaks("R4")
def a_step_is_run_while_the_saga_is_undone(run):
    prepared, attempt = run.entry(6, "prepared", "pack"), run.entry(6, "attempt", "reserve")
    run.row_of(run.entry(6, "prepared", "reserve", undo=True))["entries"] += [{**prepared, "s": 2}, {**attempt, "s": 2}]


@breaks("L1")
def it_took_too_long(run):
    run.run["limits"]["converge_us"] = 1


@breaks("L2")
def nothing_will_move_it(run):
    run.run["quiescent"] = False
    run.rows(5)[-1]["entries"].pop()
    run.saga_row(5).update(state="running", active=True)


@breaks("L2")
def it_oversleeps(run):
    run.run["quiescent"] = False
    run.drop_rows(6, after=3)
    for name, undo in (("reserve", True), ("pack", False), ("reserve", False)):
        run.forget(6, name, undo)
    run.saga_row(6).update(state="running", wake_at=run.entry(6, "transient")["wake"] + 1_000_000)


@breaks("L3")
def poison_slows_the_healthy_down(run):
    run.pace[1]["ended"] = 79


@breaks("L4")
def descriptors_leak(run):
    run.resources[1]["fds"] = 33
