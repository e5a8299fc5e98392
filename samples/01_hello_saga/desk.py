#!/usr/bin/env python3
"""The outside world of the hello saga: a desk that writes cards and a letterbox, on one port of 127.0.0.1.

Both answer a key that they have seen with the answer they gave. For the name "lost" the desk writes the card and
hangs up without an answer, so that the saga has to undo what it never heard of.
"""
import argparse
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

lock = threading.Lock()
answers = {}  # by Idempotency-Key
cards = {}  # by name
BODY_BYTES_MAX = 1 << 16
WANTED = {"/cards": "for", "/letters": "card"}  # the member that each body must have


class Desk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > BODY_BYTES_MAX:
            self.close_connection = True  # the body stays unread
            return self.answer(400, {})
        name = self.named(self.rfile.read(int(length)))
        if self.path not in WANTED or name is None:
            return self.answer(404 if self.path not in WANTED else 400, {"detail": f"POST one of {WANTED}"})
        with lock:
            status, out = self.once(lambda: self.take(name))
        if self.path == "/cards" and name == "lost":
            self.close_connection = True
            return None
        return self.answer(status, out)

    def named(self, text):
        """Whom or what the body is about; nothing when it does not say so."""
        try:
            name = json.loads(text).get(WANTED.get(self.path))
        except (ValueError, AttributeError, RecursionError):
            return None
        return name if isinstance(name, str) else None

    def do_DELETE(self):
        with lock:
            torn = cards.pop(unquote(self.path.removeprefix("/cards/")), None)
        print("desk: tore up", torn, flush=True)
        self.answer(200, {})

    def take(self, name):
        if self.path == "/cards":
            cards[name] = card = f"card-{len(answers) + 1}"
            print("desk: wrote", card, "for", ascii(name), flush=True)
            return 200, {"card_id": card}
        print("letterbox: took", ascii(name), flush=True)
        return 200, {}

    def once(self, act):
        key = self.headers.get("Idempotency-Key", "")
        if key not in answers:
            answers[key] = act()
        return answers[key]

    def answer(self, status, out):
        text = json.dumps(out).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=9080, help="0 takes a free one")
    options.add_argument("--ready-file", help="gets the address, once there is one")
    options = options.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Desk)
    address = f"http://127.0.0.1:{server.server_port}"
    print(f"desk: {address}", flush=True)
    if options.ready_file:
        with open(options.ready_file, "w", encoding="ascii") as file:
            file.write(address + "\n")
    server.serve_forever()
