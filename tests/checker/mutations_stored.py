"""Breaks of what is stored and delivered: D, H, V, A, O."""

from mutations import breaks


@breaks("D1")
def a_start_is_lost(run):
    run.operate("start", 99, key="order-99", workflow="order", body_hash="x")


@breaks("D1")
def a_start_is_acknowledged_before_its_commit(run):
    run.clients[0]["return_at"] = run.rows(1)[0]["landed"] - 1


@breaks("D1")
def a_start_is_gone_later(run):
    run.clients.append({"client": "c2", "op": "get", "call_at": run.run["ended_at"], "outcome": "fail", "status": 404, "saga": run.id(1)})


@breaks("D2")
def a_key_starts_two_sagas(run):
    for line in (run.entry(6, "started"), run.saga_row(6), *run.start_keys, *run.clients):
        if line.get("key") == "order-6":
            line["key"] = "order-5"


@breaks("D3")
def a_command_is_lost(run):
    run.operate("command", 1, verb="retry", command_id="command-9", answer="accepted")


@breaks("D3")
def a_posted_command_is_lost(run):
    run.commands.append({"command_id": "command-8", "saga": run.id(1), "kind": "cancel", "answered": True, "verdict": "accepted"})


@breaks("D4")
def somebody_sees_what_never_came_to_be(run):
    run.operate("get", 5, seq=99)


@breaks("D5")
def a_row_lags_behind_its_state(run):
    run.saga_row(2)["state"] = "compensating"


@breaks("D6")
def a_row_is_missing(run):
    run.rows(6)[-1]["seq"] += 1
    run.saga_row(6)["seq"] += 1


@breaks("D6")
def a_row_cannot_be_read(run):
    run.rows(6)[-1]["entries"].append({"e": "miracle"})


@breaks("D6")
def a_commit_is_missing(run):
    run.writers[0]["commit"] += 1


@breaks("D7")
def a_reader_goes_back_in_time(run):
    run.operate("get", 1, seq=3)


@breaks("H1")
def a_request_leaves_under_an_epoch_that_was_not_committed(run):
    run.call(5, "charge")["epoch"] = 7


@breaks("H1")
def a_request_arrives_that_nobody_intended(run):
    run.participants.append({**run.call(5, "check"), "number": 2, "rseq": 900, "effect": "none", "code": "replayed"})
    run.network.append({**run.send(5, "check"), "number": 2})


@breaks("H1")
def a_byte_is_sent_before_the_commit(run):
    send = run.send(5, "charge")
    send["first_byte_at"] = run.row_of(run.entry(5, "attempt", "charge"))["landed"] - 1


@breaks("H2")
def a_second_attempt_carries_another_request(run):
    [call for call in run.participants if call["key"] == run.key(4, "reserve")][1]["body_hash"] = "another"


@breaks("H2")
def a_key_is_prepared_twice(run):
    prepared = run.entry(6, "prepared", "reserve")
    run.row_of(run.entry(6, "transient"))["entries"].append({**prepared, "body": {"another": 1}})


@breaks("H3")
def an_attempt_arrives_more_often_than_it_was_sent(run):
    run.participants.append({**run.call(5, "check"), "rseq": 900, "effect": "none", "code": "replayed"})


@breaks("H3")
def more_is_attempted_than_the_plan_allows(run):
    run.plans[0]["graph"]["steps"][0]["retry"]["attempts_max"] = 1


@breaks("H4")
def a_result_is_made_up(run):
    run.call(5, "pack")["result_hash"] = "another"


@breaks("H4")
def a_success_is_made_up(run):
    run.call(5, "check").update(status=500)


@breaks("V1")
def a_saga_changes_its_plan(run):
    run.entry(5, "started")["shape"] = "another"


@breaks("V1")
def a_step_goes_where_no_table_leads(run):
    run.entry(6, "transient")["to"] = "undone"


@breaks("V1")
def a_graph_changes_under_its_fingerprint(run):
    run.plans[0]["graph"]["steps"][2]["result"] = "another"


@breaks("A1")
def a_command_has_no_name(run):
    run.entry(3, "command")["id"] = ""
    next(op for op in run.clients if op["op"] == "command").pop("command_id")


@breaks("O1")
def an_epoch_is_beyond_the_store(run):
    run.writers[0]["epoch"] = 1


@breaks("O1")
def two_processes_have_one_epoch(run):
    run.engines.append({**run.event("begin"), "engine": "engine-3"})


@breaks("O1")
def a_stranger_writes(run):
    run.event("gained")["at"] = run.rows(5)[0]["landed"] - 1


@breaks("O2")
def an_old_commit_lands_late(run):
    newer = run.rows(5)[0]
    run.journal.remove(newer)
    run.journal.insert(0, newer)


@breaks("O3")
def a_fenced_commit_lands(run):
    run.event("fenced")["commit"] -= 1


@breaks("O3")
def a_fenced_engine_goes_on_sending(run):
    fenced = run.event("fenced")
    run.send(5, "reserve")["sent_at"] = run.send(5, "reserve")["first_byte_at"] = fenced["at"] + 5_000_000
    run.engines[:] = [event for event in run.engines if event["event"] != "gained" and (event["event"] != "begin" or event["epoch"] < 3)]


@breaks("O4")
def a_stranger_sends(run):
    run.run["limits"]["owner_lag_us"] = 0
    run.send(5, "ship")["writer"] = 1


@breaks("O4")
def a_zombie_sends(run):
    send = run.send(1, "charge")
    send["sent_at"] = send["first_byte_at"] = run.run["ended_at"] + 5_000_000
