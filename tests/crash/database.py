"""One PostgreSQL for all cases of a sweep, with a database for each: making a server takes longer than a case."""

from postgres import PROGRAMS, Postgres
from processes import Failed
from wire import Wire


class Server(Postgres):
    def ask(self, database, statement):
        asked = self.run("psql", "-h", self.directory, "-U", "postgres", "-d", database, "-v", "ON_ERROR_STOP=1",
                         "-qAt", "-c", statement)
        if asked.returncode != 0:
            raise Failed(f"{PROGRAMS / 'psql'}: {asked.stderr.strip()}")
        return asked.stdout.strip()


class Database:
    """What a case needs of it: to be made, to be asked, an address."""

    def __init__(self, server, name, wired=False):
        """`wired`: amendsd reaches it over a wire that stops where it is told to."""
        self.server = server
        self.name = name
        self.wire = Wire(server.directory) if wired else None
        self.made = False
        self.url = f"postgres://postgres@/{name}?host={(self.wire or server).directory}"

    def start(self):
        if self.server.process is None:
            self.server.start()
        if not self.made:
            self.server.ask("postgres", f"create database {self.name}")
        self.made = True

    def ask(self, statement):
        return self.server.ask(self.name, statement)

    def close(self):
        """The server goes with the sweep."""
        if self.wire:
            self.wire.close()
