"""The command line as a script runs it. PYTHONPATH names tests/rest/api, for the world around it."""

import json
import subprocess

from world import ApiTest  # first: it finds what follows
from processes import environment

NO_SAGA = "0192d3a4-5b6c-7000-8000-000000000000"
OK, FAILED, USAGE, FOUND, NOT_FOUND, NOT_ALLOWED, UNAVAILABLE = range(7)


class CliTest(ApiTest):
    def run_cli(self, *arguments, stdin=None, url=None):
        return subprocess.run([self.build / "bin/amends", *arguments], input=stdin, capture_output=True, text=True,
                              timeout=60, env={**environment(), "AMENDS_URL": url or self.daemon.url, "USER": "ada"})

    def amends(self, *arguments, ends=OK, **more):
        """What it prints, after it ended as expected. Success says nothing on stderr, failure one sentence there."""
        ended = self.run_cli(*arguments, **more)
        self.assertEqual(ended.returncode, ends, (arguments, ended.stdout, ended.stderr))
        if ends in (FAILED, NOT_FOUND, NOT_ALLOWED, UNAVAILABLE):
            self.assertRegex(ended.stderr, r"\Aamends: [^\n]+\n\Z")
        elif ends == OK:
            self.assertEqual(ended.stderr, "")
        self.assertNotIn("\x1b", ended.stdout + ended.stderr)
        return ended.stdout

    def json(self, *arguments, **more):
        return json.loads(self.amends("-o", "json", *arguments, **more))

    def ended_badly(self, *arguments):
        """What it prints when it did what it was told and the saga did not complete: no sentence on stderr."""
        ended = self.run_cli(*arguments)
        self.assertEqual((ended.returncode, ended.stderr), (FAILED, ""))
        return ended.stdout

    def start(self, name="Ada", *arguments):
        return self.json("start", "hello", "--input", json.dumps({"name": name, "text": "hi"}), "--wait", "20s",
                         *arguments)["id"]
