"""Reads a directory of evidence. README.md says what stands in it; nothing is judged here but its form."""

import json
import pathlib

FILES = {  # file: fields that each line has
    "plans": ("plan_id", "shape", "graph"),
    "journal": ("saga", "seq", "writer", "epoch", "commit", "at", "entries"),
    "writers": ("writer", "epoch", "commit"),
    "flushes": ("writer", "epoch", "commit"),
    "sagas": ("saga", "plan_id", "key", "state", "active", "seq"),
    "start_keys": ("key", "saga"),
    "commands": ("command_id", "saga", "kind", "answered"),
    "participants": ("who", "rseq", "at", "key", "number", "epoch", "code", "status", "effect"),
    "network": ("epoch", "saga", "key", "number", "sent_at", "copies", "request", "reply"),
    "clients": ("client", "op", "call_at", "outcome"),
    "engines": ("at", "engine", "event"),
    "faults": ("at", "kind"),
    "pace": ("from", "to", "poisoned", "ended"),
    "resources": ("at", "engine", "rss", "fds", "threads"),
}
RUN_FIELDS = ("kind", "began_at", "ended_at", "quiescent")
WORDS = {  # (file, field): the words that it may hold
    ("participants", "code"): {"applied", "replayed", "fenced", "empty_undo", "expired", "none"},
    ("participants", "effect"): {"did", "undid", "none"},
    ("network", "request"): {"delivered", "lost"},
    ("network", "reply"): {"delivered", "lost", "late", "none"},
    ("clients", "op"): {"start", "command", "get"},
    ("clients", "outcome"): {"ok", "fail", "info"},
}


class Broken(Exception):
    """The directory cannot be judged; a sentence."""


class Evidence:
    """`journal`, `participants` and so on: the lines of each file, none for one that is absent; `has` tells those apart."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        if not self.directory.is_dir():
            raise Broken(f"{directory} is no directory")
        self.run = self._read_run()
        self._present = set()
        for name, fields in FILES.items():
            setattr(self, name, self._read_lines(name, fields))
        if not self.has("journal") or not self.has("plans"):
            raise Broken(f"{self.directory}: without journal.jsonl and plans.jsonl there is nothing to judge")
        self.limits = self.run.get("limits", {})

    def has(self, *names):
        return all(name in self._present for name in names)

    @property
    def skew_us(self):
        return self.limits.get("clock_skew_us", 0)

    @property
    def in_commit_order(self):
        """Whether the journal's lines stand in the order in which the store committed."""
        return self.run["kind"] == "simulation"

    @property
    def canonical(self):
        """Whether hashes are those of canonical texts, and so can be held against the journal."""
        return self.run.get("hashes") == "canonical"

    def _read_run(self):
        file = self.directory / "run.json"
        try:
            run = json.loads(file.read_text())
        except (OSError, ValueError) as error:
            raise Broken(f"{file}: {error}") from error
        missing = [field for field in RUN_FIELDS if not isinstance(run, dict) or field not in run]
        if missing:
            raise Broken(f"{file} lacks {', '.join(missing)}")
        return run

    def _read_lines(self, name, fields):
        file = self.directory / f"{name}.jsonl"
        if not file.exists():
            return []
        self._present.add(name)
        words = [(field, allowed) for (where, field), allowed in WORDS.items() if where == name]
        out = []
        with file.open(encoding="utf-8", errors="strict") as lines:
            try:
                for number, line in enumerate(lines, 1):
                    if not line.endswith("\n"):
                        break  # a process was killed over it
                    row = json.loads(line)
                    if "null" in line and name != "journal":
                        row = {field: value for field, value in row.items() if value is not None}
                    for field in fields:
                        if field not in row:
                            raise Broken(f"{file}:{number} lacks {field}")
                    for field, allowed in words:
                        if row[field] not in allowed:
                            raise Broken(f"{file}:{number}: {field} is {row[field]!r}, not one of {', '.join(sorted(allowed))}")
                    out.append(row)
            except (ValueError, TypeError) as error:  # what is not UTF-8 is a ValueError too
                raise Broken(f"{file}:{len(out) + 1}: {error}") from error
        return out
