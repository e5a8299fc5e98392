"""The sagas of the good run, one function each. Their numbers are the last digits of their ids."""

RETRY_US = 5_000


def completes(story):
    """1: straight to its end; money leaves the customer and reaches the shop."""
    saga = story.start(1, 1)
    story.step(saga, "reserve")
    story.step(saga, "check")
    story.step(saga, "pack")
    story.step(saga, "charge", moved=-10)
    story.go(saga, "ship")
    story.deliver(saga, "ship", moved=10)
    story.came(saga, "ship", "done", then=[{"e": "saga", "to": "completed"}])
    story.operation("get", saga, state="completed")


def is_refused(story):
    """2: the pivot is refused, and both reservations are undone in reverse."""
    saga = story.start(2, 1)
    story.step(saga, "reserve", moved=-1)
    story.step(saga, "pack")
    story.step(saga, "check")
    story.go(saga, "charge")
    story.deliver(saga, "charge", refused=True)
    story.came(saga, "charge", "rejected", then=[{"e": "saga", "to": "compensating", "s": 3, "class": "http_402"}])
    story.step(saga, "pack", undo=True)
    story.go(saga, "reserve", undo=True)
    story.deliver(saga, "reserve", undo=True, moved=1)
    story.came(saga, "reserve", "done", undo=True, then=[{"e": "saga", "to": "compensated"}])


def is_cancelled(story):
    """3: nobody hears of its reservation, a cancel comes, the undo overtakes it and is empty; then it arrives, and its answer
    is late."""
    saga = story.start(3, 1)
    story.go(saga, "reserve")
    story.came(saga, "reserve", "unknown", wake=story.now + 30 * RETRY_US)
    command = {"e": "command", "verb": "cancel", "id": "command-1", "actor": "ada", "reason": "ordered twice", "answer": "accepted"}
    story.row(saga, command, {"e": "saga", "to": "compensating", "class": "cancelled"})
    story.operation("command", saga, verb="cancel", command_id="command-1", answer="accepted")
    story.go(saga, "reserve", undo=True)
    story.deliver(saga, "reserve", undo=True, code="empty_undo")
    late_request(story, saga)
    story.row(saga, {"e": "late", "s": 0, "n": 1, "o": "rejected"})
    story.came(saga, "reserve", "done", undo=True, to="undo_empty", then=[{"e": "saga", "to": "compensated"}])


def late_request(story, saga):
    """Its first request arrives now."""
    story.deliver(saga, "reserve", code="fenced", reply="late")
    first = next(row for row in story.files["journal"] if row["saga"] == saga and row["entries"][-1]["e"] == "attempt")
    story.files["participants"][-1]["not_after"] = first["entries"][-1]["until"] // 1_000 * 1_000
    story.files["network"][-1].update(sent_at=first["landed"] + 50, first_byte_at=first["landed"] + 100)


def survives_a_restart(story):
    """4: its reservation is asked for again after its engine was killed and began anew."""
    saga = story.start(4, 1)
    story.go(saga, "reserve")
    story.deliver(saga, "reserve", reply="lost")
    story.came(saga, "reserve", "unknown", wake=story.now + RETRY_US)
    story.event(1, "engine-1", "unknown", commit=story.commits[1])
    story.event(1, "engine-1", "crash")
    story.begin(1, "engine-1")
    story.event(1, "engine-1", "settled", commit=story.commits[1], landed=True)
    story.files["faults"].append({"at": story.now, "kind": "crash"})
    story.go(saga, "reserve", again=True)
    story.deliver(saga, "reserve", code="replayed")
    story.came(saga, "reserve", "done")
    finish(story, saga)


def moves(story):
    """5: begins at engine 1 under epoch 2, moves to engine 2 under epoch 1; what engine 1 still wrote was fenced."""
    saga = story.start(5, 1)
    story.step(saga, "reserve")
    story.event(1, "engine-1", "unknown", commit=story.commits[1] + 1)
    story.event(1, "engine-1", "settled", commit=story.commits[1] + 1, landed=False)
    story.now += RETRY_US
    story.event(2, "engine-2", "gained", shards=[0])
    story.event(1, "engine-1", "fenced", commit=story.commits[1] + 1)
    story.begin(1, "engine-1")
    story.homes[saga] = 2
    finish(story, saga)


def is_busy(story):
    """6: its first attempt comes too late to be taken; refused later, its undo is refused too, and it rests with an operator."""
    story.healed_at = story.now
    saga = story.start(6, 2)
    story.go(saga, "reserve")
    story.deliver(saga, "reserve", code="expired", reply="delivered")
    story.came(saga, "reserve", "transient", wake=story.now + RETRY_US)
    story.go(saga, "reserve", again=True)
    story.deliver(saga, "reserve")
    story.came(saga, "reserve", "done")
    story.go(saga, "pack")
    story.deliver(saga, "pack", refused=True)
    story.came(saga, "pack", "rejected", then=[{"e": "saga", "to": "compensating", "s": 1, "class": "http_409"}])
    story.go(saga, "reserve", undo=True)
    story.deliver(saga, "reserve", undo=True, refused=True, code="none")
    story.came(saga, "reserve", "rejected", undo=True, to="undo_failed",
               then=[{"e": "saga", "to": "needs_operator", "s": 0, "class": "http_404", "error": "no such reservation"}])


def finish(story, saga):
    for name in ("pack", "check", "charge"):
        story.step(saga, name)
    story.go(saga, "ship")
    story.deliver(saga, "ship")
    story.came(saga, "ship", "done", then=[{"e": "saga", "to": "completed"}])


STORIES = (completes, is_refused, is_cancelled, survives_a_restart, moves, is_busy)
