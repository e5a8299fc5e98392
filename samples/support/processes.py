"""Processes that a sample starts: each has its log, announces itself in a ready file, and ends with the sample."""

import os
import pathlib
import signal
import subprocess
import time


class Failed(Exception):
    """What the sample cannot go on from, as one sentence for its user."""


class Process:
    """One program of the sample, started by `start` as often as it takes, always with the same arguments."""

    def __init__(self, name, command, directory):
        self.name = name
        self.command = [str(part) for part in command]
        self.ready_file = pathlib.Path(directory, f"{name}.ready")
        self.log_file = pathlib.Path(directory, f"{name}.log")
        self.variables = {}  # of its environment, beside ours
        self.process = None
        self.url = None

    def start(self, patience=30):
        """Returns once the ready file names the address."""
        self.ready_file.unlink(missing_ok=True)
        # pdeathsig: even if this script is killed with SIGKILL, the kernel ends its children. A session of its own:
        # Ctrl-C reaches this script, which then ends them in good order.
        command = ["setpriv", "--pdeathsig", "KILL", "--", *self.command, "--ready-file", str(self.ready_file)]
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True, env={**environment(), **self.variables})
        deadline = time.monotonic() + patience
        while not (self.ready_file.exists() and self.ready_file.read_text().endswith("\n")):
            if self.process.poll() is not None:
                raise Failed(f"{self.name} ended with {self.process.returncode} before it was ready; "
                             f"its log ends with: {self.last_words()}")
            if time.monotonic() > deadline:
                raise Failed(f"{self.name} is not ready after {patience} s; see {self.log_file}")
            time.sleep(0.005)
        self.url = self.ready_file.read_text().strip()

    def check_alive(self):
        if self.process.poll() is not None:
            raise Failed(f"{self.name} ended with {self.process.returncode}, which nobody asked for; "
                         f"its log ends with: {self.last_words()}")

    def kill(self):
        """SIGKILL, as a power cut or the kernel's out-of-memory killer would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, patience=15):
        """SIGTERM, and SIGKILL for what does not listen. Safe at any time, also twice."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()

    def last_words(self):
        lines = self.log_file.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "(nothing)"


def environment():
    """Ours without the settings that the user's own amendsd may have: they are not meant for the sample's."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AMENDS_")}
