"""A PostgreSQL 15 of the sample's own: in a temporary folder, on a unix socket only, as an unprivileged user."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from processes import Failed, environment

PROGRAMS = pathlib.Path("/usr/lib/postgresql/15/bin")


class Postgres:
    """Made by the first `start`, gone with `close`. The server refuses to run as root; as root it becomes `nobody`."""

    def __init__(self, settings=()):
        self.settings = [word for setting in settings for word in ("-c", setting)]  # "name=value"
        self.as_nobody = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "--"]
        if os.geteuid() != 0:
            self.as_nobody = []
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="amends-postgres-"))
        self.log_file = self.directory / "log"
        self.variables = {}  # of its environment, beside ours
        self.process = None
        if self.as_nobody:
            shutil.chown(self.directory, "nobody", "nogroup")
        self.url = f"postgres://postgres@/postgres?host={self.directory}"

    def make(self):
        if not (PROGRAMS / "postgres").exists():
            raise Failed("there is no PostgreSQL 15 here: apt-get install postgresql-15")
        made = self.run("initdb", "-D", self.directory / "data", "-U", "postgres", "--auth=trust", "--encoding=UTF8",
                        "--locale=C", "--no-sync")
        if made.returncode != 0:
            raise Failed(f"initdb failed: {made.stderr.strip() or 'it said nothing'}")

    def run(self, program, *words):
        return subprocess.run([*self.as_nobody, PROGRAMS / program, *words], cwd="/", env=environment(),
                              capture_output=True, text=True, check=False)

    def start(self, patience=30):
        if self.process is None:
            self.make()
        # pdeathsig after the change of user, which clears it: even if this script is killed, the server ends.
        command = [*self.as_nobody, "setpriv", "--pdeathsig", "QUIT", "--", PROGRAMS / "postgres", "-D",
                   self.directory / "data", "-k", self.directory, "-c", "listen_addresses=", "-c", "fsync=on",
                   *self.settings]
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                            start_new_session=True, env={**environment(), **self.variables})
        deadline = time.monotonic() + patience
        while self.run("pg_isready", "-q", "-h", self.directory).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Failed(f"PostgreSQL does not start; see {self.log_file}")
            time.sleep(0.02)

    def crash(self):
        """Ends every process of the server at once, without a checkpoint: it has to recover from its log."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.crash()
        shutil.rmtree(self.directory, ignore_errors=True)
