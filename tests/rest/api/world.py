"""A real amendsd with the hello workflow, and a desk in this process that does what a test tells it to."""

import collections
import http.client
import http.server
import json
import pathlib
import shutil
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent.parent
sys.path.insert(0, str(ROOT / "samples/support"))

from processes import Process  # noqa: E402

CONFIGURATION = """
[plugins]
paths = ["{plugin}"]
[endpoints.desk]
url = "{url}"
idempotency = "key"
allow_private = ["127.0.0.0/8"]
[endpoints.letterbox]
url = "{url}"
idempotency = "key"
allow_private = ["127.0.0.0/8"]
"""


class Desk:
    """Writes cards and takes letters. What it does is the first word of the card's name: `hold` answers the card once
    `release` was called, `hold-letter` the letter; `refuse` refuses the card, `refuse-letter` the letter."""

    def __init__(self):
        desk = self
        self.gate = threading.Event()
        self.arrived = collections.Counter()  # (path, name): requests
        self.refuses_letters = True

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                name = body.get("for") or body["card"]
                desk.arrived[self.path, name] += 1
                word = name.split(" ")[0]
                at_cards = self.path == "/cards"
                if word == ("hold" if at_cards else "hold-letter"):
                    desk.gate.wait(60)
                if word == ("refuse" if at_cards else "refuse-letter") and (at_cards or desk.refuses_letters):
                    return self.answer(409, {"detail": "no \x1b[31m thanks"})
                return self.answer(200, {"card_id": name})

            def do_DELETE(self):
                desk.arrived["undo", urllib.parse.unquote(self.path.removeprefix("/cards/"))] += 1
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

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def release(self):
        self.gate.set()

    def close(self):
        self.release()
        self.server.shutdown()
        self.server.server_close()


ORDER = {"order_id": "o-1", "customer_id": "c", "sku": "s", "email": "a@b.c", "quantity": 1, "total_cents": 5,
         "address": {"name": "A", "street": "B 1", "postcode": "8010", "city": "Graz", "country": "AT"}}


class OrderDesk(http.server.ThreadingHTTPServer):
    """All participants of fulfil-order. They agree to everything; shipments are answered once `gate` is set."""

    daemon_threads = True

    def __init__(self):
        desk = self
        self.gate = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                if self.path == "/shipments":
                    desk.gate.wait(60)
                text = json.dumps({"warehouse": "w", "score": 1, "charge_id": "c", "tracking_code": "t"}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def configuration(self, plugin):
        endpoints = ("inventory", "risk", "payments", "shipping", "mail")
        return f'[plugins]\npaths = ["{plugin}"]\n' + "".join(
            f'[endpoints.{name}]\nurl = "{self.url}"\nidempotency = "key"\nallow_private = ["127.0.0.0/8"]\n'
            for name in endpoints)

    def close(self):
        self.gate.set()
        self.shutdown()
        self.server_close()


class Answer:
    def __init__(self, reply):
        self.status = reply.status
        self.headers = reply.headers
        self.text = reply.read()

    @property
    def json(self):
        return json.loads(self.text)


class Daemon:
    """amendsd on a directory of its own; `more` is added to its configuration."""

    def __init__(self, build, desk, directory=None, flags=(), starts=True, more=""):
        self.build = build
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="amends-rest-"))
        self.data_dir = self.directory / "amends-data"
        self.configuration = self.directory / "amendsd.toml"
        self.configuration.write_text(CONFIGURATION.format(plugin=build / "plugins/hello.so", url=desk.url) + more)
        self.process = Process("amendsd", [build / "bin/amendsd", "--config", self.configuration, "--port", 0,
                                           "--data-dir", self.data_dir, *flags], self.directory)
        if starts:
            self.process.start()

    def close(self):
        self.process.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def url(self):
        return self.process.url

    def connect(self, timeout=30):
        where = urllib.parse.urlsplit(self.url)
        return http.client.HTTPConnection(where.hostname, where.port, timeout=timeout)

    def call(self, method, path, body=None, headers=None, timeout=30):
        """`body`: bytes go as they are, anything else as JSON."""
        connection = self.connect(timeout)
        headers = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, body, headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def post(self, path, body, **more):
        return self.call("POST", path, body, **more)

    def start(self, name="Ada", key=None, wait=None, **more):
        """The id of a new saga that writes a card for `name`."""
        body = {"workflow": "hello", "input": {"name": name, "text": "hi"}, **more, **({"key": key} if key else {})}
        answer = self.post("/v1/sagas" + (f"?wait={wait}" if wait else ""), body)
        assert answer.status in (200, 201), answer.text
        return answer.json["id"]

    def show(self, saga, wait=None):
        return self.get(f"/v1/sagas/{saga}" + (f"?wait={wait}" if wait else "")).json

    def command(self, saga, verb, timeout=30, **more):
        return self.post(f"/v1/sagas/{saga}/commands", {"command": verb, **more}, timeout=timeout)

    def metric(self, name):
        for line in self.get("/metrics").text.decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[-1])
        raise KeyError(name)


class ApiTest(unittest.TestCase):
    """One desk and one daemon for the class."""

    build = None
    flags = ()

    @classmethod
    def setUpClass(cls):
        cls.desk = Desk()
        cls.daemon = Daemon(cls.build, cls.desk, flags=cls.flags)

    @classmethod
    def tearDownClass(cls):
        cls.desk.release()
        cls.daemon.close()
        cls.desk.close()

    def assert_problem(self, answer, status, slug, says=""):
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (status, "application/problem+json"),
                         answer.text[:300])
        problem = answer.json
        self.assertEqual((problem["type"], problem["status"]), (f"/problems/{slug}", status), problem)
        self.assertTrue(problem["title"] and problem["detail"])
        self.assertIn(says, problem["detail"])

    def wait_until(self, condition, patience=20):
        """Polls what happens in another process."""
        deadline = time.monotonic() + patience
        while not condition():
            self.assertLess(time.monotonic(), deadline, "waited in vain")
            time.sleep(0.01)


def main():
    """`TEST.py BUILD [unittest's arguments]`"""
    ApiTest.build = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
