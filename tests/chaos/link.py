"""The way from one engine to PostgreSQL, on which everything may happen."""

import threading

from wire import Wire


class Link(Wire):
    """Passes all on until it is told otherwise."""

    def __init__(self, server_directory):
        super().__init__(server_directory)
        self.passes = threading.Event()
        self.passes.set()
        self.after_pause = True  # what waited in a partition: True arrives late, CUT is lost
        self.next_flush = None   # CUT or SWALLOW: what becomes of the next flush, once
        self.broken = 0          # connections and flushes
        self.on_message = self.decide

    def decide(self, kind, body):
        if not self.passes.is_set():
            self.passes.wait(30)
            if self.after_pause == Wire.CUT:
                self.broken += 1
                return Wire.CUT
        if self.next_flush and kind == b"B" and b"\0flush" in body[:64]:
            verdict, self.next_flush = self.next_flush, None
            self.broken += 1
            return verdict
        return True

    def part(self, arrives_late):
        self.after_pause = True if arrives_late else Wire.CUT
        self.passes.clear()

    def heal(self):
        self.next_flush = None
        self.passes.set()
