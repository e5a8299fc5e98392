"""Plans as data: what comes after what, and the fingerprint of it, worked out again from the graph."""

import hashlib
import json

INPUT = "input"
UNLIMITED = "unlimited"


def canonical(value):
    """The text that hashes are made of: keys sorted, no blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def digest(value):
    return hashlib.sha256(canonical(value).encode()).hexdigest()


class Step:
    def __init__(self, graph, index_of):
        self.name = graph["name"]
        self.kind = graph["kind"]
        self.after = [index_of[name] for name in graph["after"] if name != INPUT]
        self.undo = graph.get("undo")
        self.timeout_us = graph.get("timeout_ms", 0) * 1_000
        self.attempts_max = _bound(graph)
        self.undo_attempts_max = _bound(self.undo) if self.undo else None

    @property
    def changes_something(self):
        return self.kind != "read"


def _bound(graph):
    bound = graph.get("retry", {}).get("attempts_max", UNLIMITED)
    return None if bound == UNLIMITED else bound


class Plan:
    def __init__(self, row):
        graph = row["graph"]
        self.id = row["plan_id"]
        self.shape = row["shape"]
        index_of = {step["name"]: index for index, step in enumerate(graph["steps"])}
        self.steps = [Step(step, index_of) for step in graph["steps"]]
        self.workflow = graph["workflow"]
        self.shape_of_graph = fingerprint(graph)
        self.next = [[] for _ in self.steps]
        for index, step in enumerate(self.steps):
            for before in step.after:
                self.next[before].append(index)
        self._later = {}
        self.pivot = next((i for i, step in enumerate(self.steps) if step.kind == "pivot"), None)

    def later(self, index):
        """Every step that comes after it, in any number of hops."""
        if index not in self._later:
            open_, seen = list(self.next[index]), set()
            while open_:
                at = open_.pop()
                if at not in seen:
                    seen.add(at)
                    open_ += self.next[at]
            self._later[index] = sorted(seen)
        return self._later[index]


def fingerprint(graph):
    """The shape: what a running saga relies on; not delays, timeouts and endpoints."""
    wiring = []
    for step in graph["steps"]:
        one = {name: step[name] for name in ("name", "kind", "result", "after", "uses")}
        if "undo" in step:
            one["undo"] = {name: step["undo"][name] for name in ("name", "uses")}
        wiring.append(one)
    return digest({"input": graph["input"], "steps": wiring})
