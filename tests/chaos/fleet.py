"""The engines of a chaos run: any of them may be dead, stopped or cut off for a while, and comes back."""

import os
import pathlib
import resource
import signal
import time

from processes import Failed, Process

FAKETIME = pathlib.Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")


def failing_syncs(library, switch):
    """Variables of a process whose syncs fail as long as the file `switch` is there."""
    return {"LD_PRELOAD": str(library), "SYNC_FAILS_WHILE": str(switch)}


class Member(Process):
    """One amendsd. `clock` moves its wall clock by so many seconds, where libfaketime is installed."""

    def __init__(self, name, command, directory, variables):
        super().__init__(name, command, directory)
        self.variables = dict(variables)
        self.away = False  # nobody is sent to it, and nobody wonders that it is dead
        self.offset_file = pathlib.Path(directory, f"{name}.clock")
        self.clock(0)
        if FAKETIME.exists():
            preloaded = " ".join(filter(None, (self.variables.get("LD_PRELOAD"), str(FAKETIME))))
            self.variables |= {"LD_PRELOAD": preloaded, "FAKETIME_TIMESTAMP_FILE": str(self.offset_file),
                               "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_CACHE_DURATION": "1"}

    def clock(self, seconds):
        half = self.offset_file.with_suffix(".half")
        half.write_text(f"{seconds:+d}s\n")
        half.rename(self.offset_file)

    def limit_descriptors(self, most):
        """Of new files and connections; None: as many as the system gives. Returns whether it could be done."""
        try:
            hard = resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE)[1]
            resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, (hard if most is None else most, hard))
            return True
        except ProcessLookupError:
            return False

    def descriptors(self):
        """The highest that is open."""
        return max(map(int, os.listdir(f"/proc/{self.process.pid}/fd")), default=0)

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)

    def come_back(self, patience=40):
        """Whatever it was turned away for at first: a store that is not up, a lease that its dead self still has."""
        deadline = time.monotonic() + patience
        while True:
            try:
                self.start()
                self.away = False
                return
            except Failed:
                if time.monotonic() > deadline:
                    raise
                time.sleep(.2)

    def stop(self, patience=15):
        if self.process is not None:
            self.resume()
        super().stop(patience)


class Fleet:
    """What samples' Engines are, of Members. `url` names another one each time, of those that are not away."""

    def __init__(self, members):
        self.all = members
        self.turn = 0

    @property
    def url(self):
        there = [member for member in self.all if not member.away] or self.all
        self.turn += 1
        return there[self.turn % len(there)].url

    def start(self):
        for member in self.all:
            member.start()

    def stop(self):
        for member in self.all:
            member.stop()

    def check_alive(self):
        for member in self.all:
            if not member.away:
                member.check_alive()


def processes_in(directory):
    """Process ids whose working directory it is: those of a PostgreSQL, whoever is their parent by now."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.readlink(entry / "cwd") == str(directory):
                found.append(int(entry.name))
        except OSError:
            continue
    return found
