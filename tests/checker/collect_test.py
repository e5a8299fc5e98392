#!/usr/bin/env python3
"""What a real run left is told as it was. The stores themselves are read by every crash test."""

import json
import pathlib
import sqlite3
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from collect import engine_lines, participant_lines  # noqa: E402
from plans import digest, fingerprint  # noqa: E402

COLUMNS = "rseq, at_us, arrival, key, attempt, epoch, not_after, method, path, body, code, status, effect, answer"


class Collected(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="amends-checker-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def calls(self, *rows):
        file = self.directory / "inventory.db"
        database = sqlite3.connect(file)
        database.execute(f"create table calls ({COLUMNS})")
        database.executemany(f"insert into calls values ({', '.join('?' * 14)})", rows)
        database.commit()
        database.close()
        return list(participant_lines(file))

    def test_a_request_has_the_hash_of_what_was_prepared(self):
        post, delete = self.calls(
            (1, 1_700_000_000_000_000, 1, "s/a/run/1", "2", "3", "1700000002000", "POST", "/a", '{"b": 1, "a": "ü"}', "applied", 201,
             "did", '{"id": 7}'),
            (2, 1_700_000_000_000_001, 2, "s/a/undo/1", "1", "3", "1700000002000", "DELETE", "/a/1", "", "replayed", 200, "none", ""))

        self.assertEqual(post["body_hash"], digest({"method": "POST", "path": "/a", "body": {"a": "ü", "b": 1}}))
        self.assertEqual(post["result_hash"], digest({"id": 7}))
        self.assertEqual((post["who"], post["number"], post["epoch"], post["not_after"]), ("inventory", 2, 3, 1_700_000_002_000_000))
        self.assertEqual(delete["body_hash"], digest({"method": "DELETE", "path": "/a/1"}))
        self.assertEqual(delete["result_hash"], digest(None))

    def test_what_an_engine_logged_about_its_commits_becomes_events(self):
        file = self.directory / "amendsd-1.log"
        said = {"level": "warning", "ts": "2026-11-24T20:20:28.806789Z"}
        file.write_text("\n".join([json.dumps({**said, "msg": "a flush in doubt turned out to be lost"}), "not JSON",
                                   json.dumps({**said, "msg": "something else"}),
                                   json.dumps({**said, "msg": "this engine has lost its hold on the store; it dropped its sagas "
                                                              "and joins again"}), '{"level":"warn']))

        self.assertEqual([(line["event"], line.get("landed"), line["engine"], line["at"]) for line in engine_lines(file)],
                         [("settled", False, "amendsd-1", 1_795_551_628_806_789), ("fenced", None, "amendsd-1", 1_795_551_628_806_789)])

    def test_the_fingerprint_is_not_about_delays_and_endpoints(self):
        graph = {"input": "I{}", "steps": [{"name": "a", "kind": "reversible", "result": "R{}", "after": [], "uses": ["input"],
                                            "timeout_ms": 1, "endpoint": "x", "undo": {"name": "u", "uses": ["a"], "timeout_ms": 1}}]}
        slower = json.loads(json.dumps(graph).replace('"timeout_ms": 1', '"timeout_ms": 2').replace('"x"', '"y"'))
        other = json.loads(json.dumps(graph).replace('"reversible"', '"read"'))

        self.assertEqual(fingerprint(graph), fingerprint(slower))
        self.assertNotEqual(fingerprint(graph), fingerprint(other))


if __name__ == "__main__":
    unittest.main()
