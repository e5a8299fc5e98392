#!/usr/bin/env python3
"""Every snippet of corpus/ that ends in .bad must be found, with its sentence; none that ends in .good may be.

A snippet is two or three lines of header (the path it pretends to have, and what must be found), a blank line, the text.
"""
import os
import sys

from check import findings
from source import Source

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")


def read_snippet(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        head, _, text = file.read().partition("\n\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    return Source(fields["path"], text), fields.get("finds")


def judge(name):
    source, expected = read_snippet(name)
    found = [sentence for _, _, sentence in findings([source])]
    if name.endswith(".good"):
        return f"found {found}" if found else None
    if not any(expected in sentence for sentence in found):
        return f"expected '{expected}', found {found}"
    return None


def main():
    names = sorted(n for n in os.listdir(FOLDER) if n.endswith((".bad", ".good")))
    failed = 0
    for name in names:
        problem = judge(name)
        if problem:
            print(f"{name}: {problem}")
            failed += 1
    print(f"tidy self-test: {len(names)} snippets, {failed} failed")
    return 1 if failed or len(names) < 40 else 0


if __name__ == "__main__":
    sys.exit(main())
