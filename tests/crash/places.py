"""Where amendsd is killed: every failpoint, on which stores it exists, and what has to happen for amendsd to come there."""

import dataclasses
import typing

import plays

SQLITE, POSTGRES = "sqlite", "postgres"
BOTH = (SQLITE, POSTGRES)


@dataclasses.dataclass(frozen=True)
class Place:
    play: typing.Callable  # of (failpoint, hit): what is done to a world, as in plays.py
    stores: tuple = BOTH
    settings: str = ""  # of amendsd.toml


# A flush to SQLite is many statements in a transaction; to PostgreSQL it is one, and amendsd is at no place inside it. There
# what can be cut in two is the way: the statement has left and its answer has not come, which SQLite, a call, does not know. A
# head and its body leave in one write (bodies above 64 KB apart), so that between them there is no place either.
PLACES = {
    "before_begin": Place(plays.at_work),
    "after_begin": Place(plays.at_work, (SQLITE,)),
    "after_cas": Place(plays.at_work, (SQLITE,)),
    "after_state_rows": Place(plays.at_work, (SQLITE,)),
    "after_journal_rows": Place(plays.at_work, (SQLITE,)),
    "before_commit_sent": Place(plays.at_work),
    "after_commit_sent": Place(plays.on_the_wire, (POSTGRES,)),
    "after_commit_ack": Place(plays.at_work),
    "before_handout": Place(plays.at_work),
    "before_send": Place(plays.at_work),
    "after_send_body": Place(plays.at_work),
    "after_reply_recv": Place(plays.at_work),
    "before_reply_journal": Place(plays.at_work),
    "timer_pop": Place(plays.at_work),
    "start_before_ack": Place(plays.at_work),
    "command_before_ack": Place(plays.under_commands),
    "recovery_midload": Place(plays.while_coming_back),
    "takeover_after_epoch": Place(plays.while_taking_over),
    # A store that is one engine's alone has no lease.
    "lease_before_renew": Place(plays.while_renewing, (POSTGRES,), '[engine]\nlease = "1s"\n'),
    "lease_after_renew": Place(plays.while_renewing, (POSTGRES,), '[engine]\nlease = "1s"\n'),
    "shutdown_mid": Place(plays.while_stopping),
    "migration_mid": Place(plays.while_migrating),
}
