"""What happens in a case: amendsd comes to a failpoint for the nth time and dies of it, and everything is healed again.

Each makes a function of a world, in which hits are counted from 1.
"""

import subprocess
import threading

from commands import Commander
from processes import Failed, environment

LINGER_MS = 30  # at every other hit the other threads go on for so long: what they were given too early gets out


def armed(failpoint, hit):
    return {"AMENDS_FAILPOINT": f"{failpoint}:{hit}:{LINGER_MS if hit % 2 == 0 else 0}"}


def at_work(failpoint, hit):
    """amendsd comes to the failpoint while it takes orders and drives them."""
    def play(world):
        world.amendsd.variables = armed(failpoint, hit)
        world.open()
        world.submitter.start()
        world.wait_for_death(f"{failpoint}, hit {hit}")
        world.heal()
    return play


def under_commands(failpoint, hit):
    """While somebody cancels orders."""
    def play(world):
        world.amendsd.variables = armed(failpoint, hit)
        world.open()
        world.submitter.start()
        commander = Commander(world, share=.8)
        commander.start()
        try:
            world.wait_for_death(f"{failpoint}, hit {hit}")
            world.heal()
        finally:
            commander.stop()
    return play


def start_to_die(world, failpoint, hit):
    world.amendsd.variables = armed(failpoint, hit)
    try:
        world.amendsd.start()
    except Failed:
        pass  # it died before it was ready, which is what the next line asks for
    world.wait_for_death(f"{failpoint}, hit {hit}")


def half_way(world):
    world.open()
    world.submitter.start()
    world.wait_for("most orders to be taken", lambda: len(world.submitter.saga_of) >= 9)
    world.amendsd.kill()


def while_coming_back(failpoint, hit):
    """amendsd is killed half-way, and again while it reads back what it was doing."""
    def play(world):
        half_way(world)
        start_to_die(world, failpoint, hit)
        world.heal()
    return play


def while_taking_over(failpoint, hit):
    """So many lives in a row end as soon as the store is theirs; and on PostgreSQL one whose connections were cut."""
    def play(world):
        half_way(world)
        for _ in range(hit):
            start_to_die(world, failpoint, 1)
        if world.postgres:
            world.amendsd.variables = armed(failpoint, 2)
            world.amendsd.start()
            world.wait_for("its next take-over", lambda: world.amendsd.process.poll() is not None or cut_off(world))
            world.check_killed(f"{failpoint} at its second take-over")
        world.heal()
    return play


def cut_off(world):
    world.postgres.ask("select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'amends'")


def while_renewing(failpoint, hit):
    """The lease is renewed whether or not there is anything to do, first before amendsd is ready."""
    def play(world):
        world.amendsd.variables = armed(failpoint, hit)
        try:
            world.open()
            world.submitter.start()
        except Failed:
            pass  # before it was ready
        world.wait_for(f"amendsd to die at {failpoint}", lambda: world.amendsd.process.poll() is not None)
        world.check_killed(f"{failpoint}, hit {hit}")
        world.amendsd.variables = {}
        world.amendsd.start()
        if world.submitter.ident is None:
            world.submitter.start()
        world.heal(running=True)
    return play


def while_stopping(failpoint, hit):
    """amendsd is asked to end while it works. How many turns it takes for that is not ours to say: after the third hit it may
    have ended before the next."""
    def play(world):
        world.amendsd.variables = armed(failpoint, hit)
        world.open()
        world.submitter.start()
        world.wait_for("some orders to be taken", lambda: len(world.submitter.saga_of) >= 6)
        world.amendsd.process.terminate()
        world.wait_for("amendsd to end", lambda: world.amendsd.process.poll() is not None)
        if hit <= 3 or world.amendsd.process.returncode != 0:
            world.check_killed(f"{failpoint}, hit {hit}")
        world.heal()
    return play


def while_migrating(failpoint, hit):
    """Whoever makes the tables dies between two statements. SQLite's are made by amendsd, those of PostgreSQL by amends."""
    def play(world):
        if world.postgres:
            world.postgres.start()
            migrate = [world.build / "bin/amends", "db", "migrate", "--store", world.postgres.url]
            died = subprocess.run(migrate, env={**environment(), **armed(failpoint, hit)}, capture_output=True, check=False)
            if died.returncode != -9:
                raise Failed(f"amends db migrate ended with {died.returncode} and not at {failpoint}, hit {hit}")
            world.open()
        else:
            world.amendsd.variables = armed(failpoint, hit)
            try:
                world.open()
            except Failed:
                pass
            world.check_killed(f"{failpoint}, hit {hit}")
            world.amendsd.variables = {}
            world.amendsd.start()
        world.submitter.start()
        world.heal(running=True)
    return play


def on_the_wire(failpoint, hit):
    """The statement of a flush has left. At every other hit PostgreSQL has done it before amendsd dies, else it may have."""
    def play(world):
        flushes = []
        wire = world.postgres.wire

        def die():
            world.amendsd.process.kill()

        def strike(kind, body):
            if kind != b"B" or b"\0flush" not in body[:64]:
                return True
            flushes.append(body)
            if len(flushes) != hit:
                return True
            if hit % 2 == 0:
                wire.on_lost = die
            else:
                threading.Timer(.001, die).start()
            return wire.SWALLOW
        world.open()
        wire.on_message = strike
        world.submitter.start()
        world.wait_for_death(f"{failpoint}, flush {hit}")
        world.heal()
    return play
