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


class Desk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        length = int(self.headers.get("Content-Length", "0"))
        if length > BODY_BYTES_MAX:
            return self.answer(413, {})
        body = json.loads(self.rfile.read(length))
        with lock:
            status, out = self.once(lambda: self.take(body))
        if self.path == "/cards" and body.get("for") == "lost":
            self.close_connection = True
            return None
        return self.answer(status, out)

    def do_DELETE(self):
        with lock:
            torn = cards.pop(unquote(self.path.removeprefix("/cards/")), None)
        print("desk: tore up", torn, flush=True)
        self.answer(200, {})

    def take(self, body):
        if self.path == "/cards":
            cards[body["for"]] = card = f"card-{len(answers) + 1}"
            print("desk: wrote", card, "for", ascii(body["for"]), flush=True)
            return 200, {"card_id": card}
        if self.path == "/letters":
            print("letterbox: took", ascii(body["card"]), flush=True)
            return 200, {}
        return 404, {}

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
