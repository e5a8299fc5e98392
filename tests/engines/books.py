"""The participants of the hello workflow, in this process: one pair of books, with a door for each engine."""

import collections
import http.server
import json
import threading
import time
import urllib.parse


class Books:
    """Every request is noted when it arrives. What happens then is the first word of the card's name: `hold` waits until
    `release` was called, `slow` takes 100 ms, `refuse-letter` has its letter refused. A key that is known changes nothing."""

    def __init__(self):
        self.gate = threading.Event()
        self.lock = threading.Lock()
        self.requests = []  # {"at", "engine", "epoch", "saga", "key", "path", "name"}, as they arrived
        self.effects = collections.Counter()  # (path, name): times that it was done, not recognised
        self.known = set()
        self.doors = {}

    def door(self, engine):
        """The address under which this engine, and nobody else, knows the participants."""
        if engine not in self.doors:
            self.doors[engine] = Door(self, engine)
        return self.doors[engine].url

    def arrived(self, engine=None, epoch=None, since=0):
        with self.lock:
            return [r for r in self.requests if (engine is None or r["engine"] == engine) and r["at"] >= since
                    and (epoch is None or r["epoch"] == epoch)]

    def names(self):
        """Of the cards that were asked for at least once."""
        return {r["name"] for r in self.arrived() if r["path"] == "/cards"}

    def note(self, engine, path, name, headers):
        with self.lock:
            self.requests.append({"at": time.monotonic(), "engine": engine, "epoch": int(headers["Amends-Epoch"]),
                                  "saga": headers["Amends-Saga"], "key": headers["Idempotency-Key"], "path": path,
                                  "name": name})

    def act(self, path, name, key):
        with self.lock:
            if key not in self.known:
                self.known.add(key)
                self.effects[path, name] += 1

    def release(self):
        self.gate.set()

    def close(self):
        self.release()
        for door in self.doors.values():
            door.shutdown()
            door.server_close()


class Door(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, books, engine):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                name = body.get("for") or body["card"]
                books.note(engine, self.path, name, self.headers)
                word = name.split(" ")[0]
                if self.path == "/cards" and word == "hold":
                    books.gate.wait(60)
                if word == "slow":
                    time.sleep(.1)
                if self.path == "/letters" and word == "refuse-letter":
                    return self.answer(409, {"detail": "no thanks"})
                books.act(self.path, name, self.headers["Idempotency-Key"])
                return self.answer(200, {"card_id": name})

            def do_DELETE(self):
                name = urllib.parse.unquote(self.path.removeprefix("/cards/"))
                books.note(engine, "undo", name, self.headers)
                books.act("undo", name, self.headers["Idempotency-Key"])
                self.answer(200, {})

            def answer(self, status, body):
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

            def handle(self):
                try:
                    super().handle()
                except OSError:
                    pass  # the engine at the other end was killed

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()
