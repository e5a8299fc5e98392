"""Clients that never stop: each starts sagas, one after the other, and asks again until it has been told."""

import http.client
import json
import threading
import time


class Load:
    """Start it, do something to the engines, `finish` it, and `check` that everybody was told the truth."""

    def __init__(self, daemons, clients=6, name="load"):
        self.daemons = daemons
        self.name = name
        self.lock = threading.Lock()
        self.told = {}  # key: saga, as first told
        self.lies = []
        self.answers = []  # (status, seconds)
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(n,), daemon=True) for n in range(clients)]
        for thread in self.threads:
            thread.start()

    def run(self, client):
        number = 0
        while not self.is_over.is_set():
            self.start(client, f"{self.name} {client} {number}")
            number += 1

    def start(self, client, key):
        body = {"workflow": "hello", "key": key, "input": {"name": key, "text": "hi"}}
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            began = time.monotonic()
            try:
                answer = self.daemons[client % len(self.daemons)].post("/v1/sagas", body)
            except (OSError, http.client.HTTPException):
                time.sleep(0.01)  # the client's pause
                continue
            with self.lock:
                self.answers.append((answer.status, time.monotonic() - began))
                if answer.status in (200, 201):
                    self.told[key] = json.loads(answer.text)["id"]
                    return
                if answer.status != 503 or int(answer.headers["Retry-After"]) < 1:
                    self.lies.append((key, answer.status, answer.text))
                    return
            time.sleep(0.01)
        self.lies.append((key, "never", ""))

    def count(self):
        with self.lock:
            return len(self.told)

    def worst(self):
        """The answers of now on begin anew."""
        with self.lock:
            answers, self.answers = self.answers, []
        return max((seconds for _, seconds in answers), default=0), [status for status, _ in answers]

    def finish(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join()

    def check(self, test, database):
        """Everything acknowledged is there once and done, and there is nothing else."""
        test.assertEqual(self.lies, [])
        test.assertGreater(len(self.told), 0)
        test.wait_until(lambda: test.ask("select count(*) from amends.saga where active", database) == "0")
        rows = test.ask("select key || '=' || saga_id || '=' || state from amends.saga where key <> ''", database)
        test.assertEqual(sorted(rows.splitlines()),
                         sorted(f"{key}={saga}=completed" for key, saga in self.told.items()))
