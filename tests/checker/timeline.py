"""One saga told in order: what was journalled, what was sent, and what the participants did, side by side."""

WIDTH = 64
ENTRIES_MAX = 120


def tell(saga, seq=None):
    """Lines of text. `seq`: the row that is wrong, marked."""
    try:
        return tell_all(saga, seq)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        return [f"saga {saga.id} cannot be told: {type(error).__name__} {error}"]


def tell_all(saga, seq):
    events = []
    for row in saga.rows:
        events.append((row.get("landed", row["at"]), 0, row["seq"], journal_lines(saga, row), row["seq"] == seq))
    for send in saga.sends:
        events.append((send.get("first_byte_at") or send["sent_at"], 1, 0, [send_line(send)], False))
    for number, call in enumerate(saga.calls):
        events.append((call["at"], 2, number, [call_line(call)], False))
    events.sort(key=lambda event: event[:3])
    first = events[0][0] if events else 0
    out = [f"saga {saga.id}, {saga.started['plan'] if saga.started else 'no plan'}, key {saga.key!r}: {saga.state}",
           f"  {'ms':>10}  {'journal: row, writer.epoch, commit':<{WIDTH}} | on the way and at the participants"]
    for at, column, _, lines, marked in events[:ENTRIES_MAX]:
        for number, line in enumerate(lines):
            when = f"{(at - first) / 1_000:10.1f}" if number == 0 else " " * 10
            left, right = (line, "") if column == 0 else ("", line)
            out.append(f"{'>>' if marked else '  '}{when}  {left:<{WIDTH}} | {right}".rstrip().rstrip("|").rstrip())
    if len(events) > ENTRIES_MAX:
        out.append(f"  and {len(events) - ENTRIES_MAX} more")
    return out


def journal_lines(saga, row):
    head = f"{row['seq']:>3} w{row['writer']}.{row['epoch']} c{row['commit']}  "
    texts = [entry_text(saga, entry) for entry in row["entries"]]
    return [(head if number == 0 else " " * len(head)) + text for number, text in enumerate(texts)]


def entry_text(saga, entry):
    try:
        kind = entry.get("e")
        step = saga.name(entry["s"]) if "s" in entry else ""
        if "d" in entry:
            step = f"undo of {step}"
        parts = [kind, step]
        parts += [f"#{entry['n']}"] if "n" in entry else []
        parts += [f"-> {entry['to']}"] if "to" in entry else []
        parts += [entry[name] for name in ("verb", "answer", "o", "class", "idem") if name in entry]
        parts += [f"revision {entry['rev']}"] if "rev" in entry else []
        parts += [f"wakes at {entry['wake']}"] if "wake" in entry else []
        return " ".join(str(part) for part in parts if part)
    except (AttributeError, IndexError, TypeError, KeyError):
        return repr(entry)[:WIDTH]


def send_line(send):
    return (f"sent {send['key'].partition('/')[2]} #{send['number']} by {send.get('engine', '?')} epoch {send['epoch']}: request "
            f"{send['request']} x{send['copies']}, reply {send['reply']}")


def call_line(call):
    did = f", {call['effect']}" if call["effect"] != "none" else ""
    return f"{call['who']} {call['rseq']}: {call['key'].partition('/')[2]} #{call['number']} {call['code']} {call['status']}{did}"
