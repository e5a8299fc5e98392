"""A real amendsd on a PostgreSQL of the test's own. PYTHONPATH names tests/rest/api."""

import os
import pathlib
import signal
import subprocess

from world import ApiTest, Daemon, Desk  # first: it finds what follows
from postgres import Postgres
from processes import Process, environment


class PostgresDaemon(Daemon):
    def __init__(self, build, desk, url, starts=True, flags=()):
        super().__init__(build, desk, starts=False)
        self.process = Process("amendsd", [build / "bin/amendsd", "--config", self.configuration, "--port", 0, "--store",
                                           url, *flags], self.directory)
        if starts:
            self.process.start()

    def log(self):
        return self.process.log_file.read_text()


class OnPostgres(ApiTest):
    """One server for the class. What a test wants of a database is its own."""

    settings = ()  # of the server, "name=value"

    @classmethod
    def setUpClass(cls):
        cls.desk = Desk()
        cls.postgres = Postgres(cls.settings)
        cls.postgres.start()

    @classmethod
    def tearDownClass(cls):
        cls.desk.close()
        cls.postgres.close()

    @classmethod
    def migrate(cls, database):
        subprocess.run([cls.build / "bin/amends", "db", "migrate", "--store", cls.url(database)], check=True,
                       env=environment(), stdout=subprocess.DEVNULL)

    @classmethod
    def url(cls, database, user="postgres", directory=None):
        return f"postgres://{user}@/{database}?host={directory or cls.postgres.directory}"

    @classmethod
    def psql(cls, database, *words, user="postgres"):
        """The command of a client of the test's own."""
        return [*cls.postgres.as_nobody, "psql", "-X", "-h", str(cls.postgres.directory), "-U", user, "-d", database,
                "-qAt", "-v", "ON_ERROR_STOP=1", *words]

    def ask(self, statement, database="postgres"):
        asked = subprocess.run(self.psql(database, "-c", statement), cwd="/", env=environment(), capture_output=True,
                               text=True, check=False)
        self.assertEqual(asked.returncode, 0, asked.stderr)
        return asked.stdout.strip()

    def session(self, database="postgres", user="postgres"):
        one = Session(self.psql(database, user=user))
        self.addCleanup(one.close)
        return one

    def daemon_on(self, database, user="postgres", flags=(), starts=True):
        one = PostgresDaemon(self.build, self.desk, self.url(database, user), starts, flags)
        self.addCleanup(one.close)
        return one

    def postgres_processes(self):
        """Of this server, whoever is their parent by now."""
        data = str(self.postgres.directory / "data")
        return [entry for entry in pathlib.Path("/proc").iterdir() if entry.name.isdigit() and lives_in(entry, data)]

    def signal_all(self, which):
        for process in self.postgres_processes():
            os.kill(int(process.name), which)

    def kill_server(self):
        self.postgres.process.send_signal(signal.SIGKILL)
        self.postgres.process.wait()
        # Its processes notice by themselves and end; the next server waits for them.
        self.wait_until(lambda: not self.postgres_processes())

    def assert_not_now(self, answer, says=""):
        self.assert_problem(answer, 503, "unavailable", says)
        self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)


class Session:
    """A connection that stays, and with it its transaction."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, cwd="/", env=environment(), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1)

    def run(self, statement):
        """Returns what it answers, once it has."""
        self.process.stdin.write(f"{statement};\n\\echo .\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line == ".\n":
                return "".join(lines).strip()
            lines.append(line)
        raise AssertionError(f"{statement}: {''.join(lines)}")

    def close(self):
        if self.process.stdin.closed:
            return
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def lives_in(process, directory):
    try:
        return os.readlink(process / "cwd") == directory
    except OSError:
        return False
