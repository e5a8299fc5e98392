"""What the nemesis does. Each fault is a generator of a world and dice: until its yield it strikes, after it, it mends.

A fault yields for how many seconds it lasts, and is registered with the stores that it can strike, and in which order faults
that last at the same time are mended: the store first, the engines last, since they do not start without one.
"""

import os
import signal
import time

from fleet import FAKETIME, processes_in
from wire import Wire

LEASE_S = 1
FAULTS = {}  # name: (generator function, stores, rank)
SQLITE, POSTGRES = "sqlite", "postgres"
FIRST, SECOND, LAST = range(3)


def fault(rank, *stores):
    def register(function):
        FAULTS[function.__name__] = (function, stores or (SQLITE, POSTGRES), rank)
        return function
    return register


def someone(world, dice):
    """An engine that is not away already, and is so from now on; nothing when there is none."""
    there = [member for member in world.fleet.all if not member.away]
    member = dice.choice(there) if there else None
    if member:
        member.away = True
    return member


@fault(LAST)
def engine_kill(world, dice):
    member = someone(world, dice)
    if member:
        member.kill()
        world.kills += 1
    yield dice.choice((0, .3, 2.5))
    if member:
        member.come_back()


@fault(LAST)
def engine_kill_often(world, dice):
    """Dead again before it has done much."""
    member = someone(world, dice)
    for _ in range(5 if member else 0):
        member.kill()
        world.kills += 1
        member.come_back()
        time.sleep(dice.uniform(0, .25))
    yield 0
    if member:
        member.away = False


@fault(LAST)
def engine_stop(world, dice):
    """For longer than its lease: others take over, and it wakes believing that all is its own."""
    member = someone(world, dice)
    if member:
        member.pause()
    yield dice.uniform(1.5, 3) * LEASE_S
    if member:
        member.resume()
        member.away = False


@fault(LAST)
def engine_terminate(world, dice):
    member = someone(world, dice)
    if member:
        member.stop()
        world.expect(member.process.returncode == 0, f"{member.name} ended with {member.process.returncode} on SIGTERM")
    yield dice.choice((0, .5))
    if member:
        member.come_back()


@fault(LAST)
def clock_jump(world, dice):
    """The wall clock of an engine goes forward or back, and some time later to where it was."""
    member = dice.choice(world.fleet.all)
    member.clock(dice.choice((-3, -1, 1, 3)))
    yield dice.uniform(1, 3)
    member.clock(0)


@fault(SECOND)
def timers_at_once(world, dice):
    """All who wait are due in one instant: nobody answers for a while, and then the engines stand still past every back-off."""
    there = [member for member in world.fleet.all if not member.away]
    for participant in world.participants:
        participant.process.send_signal(signal.SIGSTOP)
    time.sleep(dice.uniform(2, 3))
    for member in there:
        member.pause()
    yield 2.5
    for process in [*world.participants, *there]:
        if process.process.poll() is None:
            process.process.send_signal(signal.SIGCONT)


@fault(SECOND)
def participant_kill(world, dice):
    participant = dice.choice(world.participants)
    if participant.process.poll() is None:
        participant.kill()
        world.kills += 1
    yield dice.uniform(0, 1.5)
    if participant.process.poll() is not None:
        participant.start()


@fault(SECOND)
def participant_stop(world, dice):
    """Its callers give up; some of what they asked is done afterwards."""
    participant = dice.choice(world.participants)
    participant.process.send_signal(signal.SIGSTOP)
    yield dice.uniform(.5, 3)
    participant.process.send_signal(signal.SIGCONT)


@fault(FIRST)
def sync_fails(world, dice):
    """The disk takes no sync, EIO: what SQLite wrote is in doubt, a PostgreSQL panics and recovers from its log."""
    world.no_sync.touch()
    yield dice.uniform(.02, .5)
    world.no_sync.unlink()
    if world.postgres:
        wait_for_store(world)


@fault(LAST)
def descriptors_out(world, dice):
    """No new file and no new connection: EMFILE, for clients, participants and the store."""
    member = dice.choice(world.fleet.all)
    try:
        member.limit_descriptors(member.descriptors() + dice.choice((1, 1, 3)))
    except OSError:  # it is dead just now
        pass
    yield dice.uniform(.5, 2)
    if member.process.poll() is None:
        member.limit_descriptors(None)


@fault(FIRST, POSTGRES)
def store_kill(world, dice):
    """SIGKILL to the postmaster: its processes notice and end, the next one recovers."""
    world.postgres.process.send_signal(signal.SIGKILL)
    world.postgres.process.wait()
    world.kills += 1
    yield dice.choice((0, 1.5 * LEASE_S))
    start_store(world)


@fault(FIRST, POSTGRES)
def store_immediate(world, dice):
    world.postgres.crash()
    world.kills += 1
    yield dice.choice((0, 1.5 * LEASE_S))
    start_store(world)


@fault(FIRST, POSTGRES)
def store_stop(world, dice):
    """Every process of the server stands still for longer than a lease."""
    signal_store(world, signal.SIGSTOP)
    yield dice.uniform(1.5, 3) * LEASE_S
    signal_store(world, signal.SIGCONT)


@fault(FIRST, POSTGRES)
def backends_terminate(world, dice):
    try:
        world.ask("select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'amends' and random() < .6")
    except Exception:  # the store is struck by another fault at the same time
        pass
    yield 0


@fault(FIRST, POSTGRES)
def commit_lost(world, dice):
    """The connection breaks before the flush has arrived."""
    yield from strike_flushes(world, dice, Wire.CUT)


@fault(FIRST, POSTGRES)
def commit_answer_lost(world, dice):
    """The flush is durable, and nobody hears of it."""
    yield from strike_flushes(world, dice, Wire.SWALLOW)


def strike_flushes(world, dice, verdict):
    for link in world.links:
        link.next_flush = verdict
    yield dice.uniform(.5, 1)
    for link in world.links:
        link.next_flush = None


@fault(FIRST, POSTGRES)
def partition_late(world, dice):
    """What an engine says to the store waits on the way for longer than its lease, and arrives all the same."""
    yield from part(world, dice, arrives_late=True)


@fault(FIRST, POSTGRES)
def partition_lost(world, dice):
    yield from part(world, dice, arrives_late=False)


def part(world, dice, arrives_late):
    link = dice.choice(world.links)
    link.part(arrives_late)
    yield dice.uniform(1.5, 3) * LEASE_S
    link.heal()


@fault(FIRST, SQLITE)
def disk_full(world, dice):
    filler = world.data_directory / "filler"
    try:
        with filler.open("wb", buffering=0) as file:
            while file.write(bytes(1 << 16)):
                pass
    except OSError:
        pass
    yield dice.uniform(.5, 2)
    filler.unlink(missing_ok=True)


def start_store(world):
    deadline = time.monotonic() + 30
    while processes_in(world.postgres.directory / "data") and time.monotonic() < deadline:
        time.sleep(.02)
    world.postgres.start()


def wait_for_store(world):
    """It recovers by itself, or gives up and is started anew."""
    deadline = time.monotonic() + 30
    while world.postgres.run("pg_isready", "-q", "-h", world.postgres.directory).returncode != 0 and time.monotonic() < deadline:
        if world.postgres.process.poll() is not None:
            start_store(world)
        time.sleep(.05)


def signal_store(world, which):
    for process in processes_in(world.postgres.directory / "data"):
        try:
            os.kill(process, which)
        except ProcessLookupError:
            pass


def possible(world):
    """Names of the faults that this world can suffer, in order."""
    out = [name for name, (_, stores, _) in FAULTS.items() if (POSTGRES if world.postgres else SQLITE) in stores]
    missing = ([] if FAKETIME.exists() else ["clock_jump"]) + ([] if world.is_mounted else ["disk_full"])
    return [name for name in out if name not in missing]
