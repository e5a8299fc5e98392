"""A progress bar on a terminal, a line now and then elsewhere."""

import os
import shutil
import sys
import time


class Progress:
    def __init__(self, total, out=sys.stdout):
        self.total = total
        self.out = out
        self.live = out.isatty() and os.environ.get("TERM") != "dumb"
        self.begin = time.monotonic()
        self.last_line = self.begin
        self.drawn = False

    def show(self, done, note=""):
        done = min(done, self.total)
        share = done / self.total if self.total else 1
        if self.live:
            width = max(10, min(40, shutil.get_terminal_size().columns - 60))
            filled = int(width * share)
            bar = "█" * filled + "░" * (width - filled)
            self.out.write(f"\r  {bar} {share:4.0%}  {done}/{self.total}  {self.seconds():.0f} s  {note}\x1b[K")
            self.drawn = True
        elif time.monotonic() - self.last_line >= 5:
            self.last_line = time.monotonic()
            self.out.write(f"  {share:4.0%}  {done}/{self.total}  {self.seconds():.0f} s  {note}\n")
        self.out.flush()

    def say(self, text):
        """A line that stays, above the bar."""
        if self.drawn:
            self.out.write("\r\x1b[K")
            self.drawn = False
        self.out.write(f"  {text}\n")
        self.out.flush()

    def seconds(self):
        return time.monotonic() - self.begin
