"""What goes between a client and PostgreSQL, message by message: a proxy that stops where a test says so."""

import pathlib
import shutil
import socket
import struct
import tempfile
import threading


class Wire:
    """Listens on a unix socket of its own, `directory`. `on_message(kind, body)` is asked before a message of any client
    is passed on, from the thread of that connection: True lets it go, CUT ends the connection instead, SWALLOW passes it on
    and ends the connection when the server answers, so that the answer is lost; before that, `on_lost` is told."""

    CUT, SWALLOW = "cut", "swallow"

    def __init__(self, server_directory):
        self.server_socket = str(pathlib.Path(server_directory, ".s.PGSQL.5432"))
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="amends-wire-"))
        self.on_message = lambda kind, body: True
        self.on_lost = lambda: None
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.directory / ".s.PGSQL.5432"))
        self.listener.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            Connection(self, client)


class Connection:
    def __init__(self, wire, client):
        self.wire = wire
        self.client = client
        self.server = socket.socket(socket.AF_UNIX)
        self.swallows = False
        try:
            self.server.connect(wire.server_socket)
        except OSError:
            return self.end()
        for way in (self.there, self.back):
            threading.Thread(target=self.carry, args=(way,), daemon=True).start()

    def carry(self, way):
        try:
            way()
        except (OSError, struct.error):
            pass
        self.end()

    def end(self):
        for one in (self.client, self.server):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def there(self):
        stream = self.client.makefile("rb")
        kind = b""  # the first message has none
        while True:
            length = stream.read(4)
            body = stream.read(struct.unpack("!i", length)[0] - 4)
            verdict = self.wire.on_message(kind, body)
            if verdict == Wire.CUT:
                return
            self.swallows = self.swallows or verdict == Wire.SWALLOW
            self.server.sendall(kind + length + body)
            kind = stream.read(1)
            if not kind:
                return

    def back(self):
        while data := self.server.recv(65536):
            if self.swallows:
                return self.wire.on_lost()
            self.client.sendall(data)
