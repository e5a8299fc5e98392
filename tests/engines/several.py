"""Several real amendsd over one PostgreSQL, and what the store and the participants' books say about them."""

import http.client
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "samples/support"))

from books import Books  # noqa: E402
from postgres import Postgres  # noqa: E402
from processes import Failed, Process, environment  # noqa: E402
from rest import Engine as Rest, Refused  # noqa: E402

SHARDS = 64  # what a store is made with
PATIENCE_S = 30

CONFIGURATION = """
[engine]
id = "{name}"
lease = "{lease}"
drain_limit = "1s"
[plugins]
paths = ["{plugin}"]
[endpoints.desk]
url = "{url}"
idempotency = "key"
concurrency = 8
allow_private = ["127.0.0.0/8"]
[endpoints.letterbox]
url = "{url}"
idempotency = "key"
concurrency = 8
allow_private = ["127.0.0.0/8"]
"""


class Engine(Process):
    """One amendsd. Its door to the books is its own, so that they know who asked."""

    def __init__(self, test, name, lease):
        configuration = test.directory / f"{name}.toml"
        configuration.write_text(CONFIGURATION.format(name=name, lease=lease, plugin=test.build / "plugins/hello.so",
                                                      url=test.books.door(name)))
        super().__init__(name, [test.build / "bin/amendsd", "--config", configuration, "--port", 0, "--store",
                                test.store_url], test.directory)
        self.test = test
        test.addCleanup(self.stop)

    def signal(self, which):
        self.process.send_signal(which)

    def stop(self, patience=15):
        if self.process is not None and self.process.poll() is None:
            self.signal(signal.SIGCONT)
        super().stop(patience)

    def call(self, method, path, body=None, timeout=20):
        rest = Rest(self.url, timeout)
        try:
            return rest.call(method, path, body)
        finally:
            rest.close()

    def call_later(self, *arguments):
        """A thread that calls and takes whatever it hears."""
        def call():
            try:
                self.call(*arguments)
            except (Refused, OSError):
                pass
        calling = threading.Thread(target=call, daemon=True)
        calling.start()
        return calling

    def start_sagas(self, names, keyed=False, status=201):
        """{name: saga id}, all acknowledged. A batch lies in one shard, so there are many small ones."""
        rest = Rest(self.url)
        starts = [{"workflow": "hello", "input": {"name": name, "text": "hi"},
                   **({"key": name} if keyed else {})} for name in names]
        results = [result for at in range(0, len(starts), 3) for result in rest.start_batch(starts[at:at + 3])]
        rest.close()
        self.test.assertEqual({result["status"] for result in results}, {status}, results[:2])
        return {name: result["id"] for name, result in zip(names, results)}

    def give(self, saga, verb, reason):
        return self.call("POST", f"/v1/sagas/{saga}/commands", {"command": verb, "reason": reason, "actor": "ada"})

    def shards(self):
        return int(self.test.ask(f"select count(*) from amends.shard s join amends.writer w using (writer_id) "
                                 f"where w.engine_id = '{self.name}'"))

    def hold_on_the_store(self):
        """(writer_id, epoch) as the store has it."""
        row = self.test.ask(f"select writer_id, epoch from amends.writer where engine_id = '{self.name}'")
        return tuple(int(number) for number in row.split("|"))


class EnginesTest(unittest.TestCase):
    """A database, books and a directory for each test; one PostgreSQL for all of them."""

    build = None
    postgres = None

    @classmethod
    def setUpClass(cls):
        cls.postgres = Postgres()
        cls.addClassCleanup(cls.postgres.close)
        cls.postgres.start()

    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="amends-engines-"))
        self.addCleanup(self.clear)
        self.database = self.id().rsplit(".", 1)[-1][:60]
        self.psql("postgres", f"create database {self.database}")
        self.store_url = f"postgres://postgres@/{self.database}?host={self.postgres.directory}"
        subprocess.run([self.build / "bin/amends", "db", "migrate", "--store", self.store_url],
                       check=True, env=environment(), stdout=subprocess.DEVNULL)
        self.books = Books()
        self.addCleanup(self.books.close)

    def clear(self):
        if self._outcome.success:
            shutil.rmtree(self.directory, ignore_errors=True)
        else:
            print(f"configurations and logs are kept in {self.directory}", file=sys.stderr)

    def engines(self, *names, lease="1s"):
        """Started one after the other, each with its even share."""
        engines = [Engine(self, name, lease) for name in names]
        for engine in engines:
            engine.start()
        self.await_even(engines)
        return engines

    def await_even(self, engines):
        least = SHARDS - (len(engines) - 1) * -(-SHARDS // len(engines))
        self.wait_until("each engine to have its even share",
                        lambda: all(e.shards() >= least for e in engines) and sum(e.shards() for e in engines) == SHARDS)

    def psql(self, database, statement):
        asked = self.postgres.run("psql", "-h", self.postgres.directory, "-U", "postgres", "-d", database, "-qAt", "-v",
                                  "ON_ERROR_STOP=1", "-c", statement)
        if asked.returncode != 0:
            raise Failed(asked.stderr)
        return asked.stdout.strip()

    def ask(self, statement):
        return self.psql(self.database, statement)

    def ask_rows(self, statement):
        return json.loads(self.ask(f"select coalesce(json_agg(t), '[]') from ({statement}) t"))

    def wait_until(self, what, condition, patience=PATIENCE_S):
        """Polls what happens in other processes. How long it took."""
        begin = time.monotonic()
        while not condition():
            if time.monotonic() - begin > patience:
                self.fail(f"waited {patience} s for {what}")
            time.sleep(.01)
        return time.monotonic() - begin

    def states(self, sagas):
        """How many of these sagas are in which state."""
        ids = ",".join(f"'{saga}'" for saga in sagas)
        return {row["state"]: row["n"] for row in
                self.ask_rows(f"select state, count(*) n from amends.saga where saga_id in ({ids}) group by state")}

    def await_completed(self, sagas, patience=PATIENCE_S):
        return self.wait_until("all sagas to be completed", lambda: self.states(sagas) == {"completed": len(sagas)},
                               patience)

    def of_engine(self, sagas, engine):
        """Of {name: id}, those that the engine owns."""
        ids = ",".join(f"'{saga}'" for saga in sagas.values())
        owned = {row["saga_id"] for row in self.ask_rows(
            f"select saga_id from amends.saga join amends.shard using (shard_id) join amends.writer using (writer_id) "
            f"where engine_id = '{engine.name}' and saga_id in ({ids})")}
        return {name: saga for name, saga in sagas.items() if saga in owned}

    def assert_journals_are_whole(self):
        """Every saga's rows are numbered without a gap, and none was written by a writer that had lost its hold: in the
        order of a saga's rows each writer's epoch and commit number only grow."""
        gaps = self.ask("select count(*) from (select saga_id from amends.journal group by saga_id "
                        "having min(seq) <> 1 or max(seq) <> count(*)) t")
        self.assertEqual(gaps, "0", "journals with a gap")
        back = self.ask("select count(*) from (select commit_seq, epoch, lag(commit_seq) over w before, lag(epoch) over w "
                        "epoch_before from amends.journal window w as (partition by saga_id, writer_id order by seq)) t "
                        "where commit_seq <= before or epoch < epoch_before")
        self.assertEqual(back, "0", "rows that go back")

    def assert_each_happened_once(self, names):
        """By the books: every card once, every letter once."""
        for name in names:
            self.assertEqual((self.books.effects["/cards", name], self.books.effects["/letters", name]), (1, 1), name)


def main():
    """`TEST.py BUILD [unittest's arguments]`"""
    EnginesTest.build = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
