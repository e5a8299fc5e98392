"""definition, journal and lifecycle compute, and the runtime does without its threads what it does with them: no
clock, no thread, no chance, no environment, no I/O, and no order that differs from run to run."""
import re

import rules


def is_pure(path):
    driven = path.startswith(rules.DRIVEN) and path not in rules.WHERE_THREADS_MEET
    return (driven or path.startswith(rules.PURE)) and path.endswith((".cpp", ".hpp"))


def what(path):
    return "a pure layer" if path.startswith(rules.PURE) else "what a simulation drives"


def check_purity(source):
    if not is_pure(source.path):
        return
    for line, target, _ in source.includes():
        for thing, headers in rules.IMPURE_HEADERS.items():
            if re.search(headers, target):
                yield line, f"{what(source.path)} may not name {thing} (<{target}>)"
    code = source.code()
    for thing, words in rules.IMPURE_WORDS.items():
        for m in re.finditer(words, code):
            yield source.line_of(m.start()), f"{what(source.path)} may not name {thing} ({m.group().strip()})"
    for m in re.finditer(rules.ADDRESS_ORDER, code):
        yield source.line_of(m.start()), f"{what(source.path)} may not order by address"


def unordered_names(sources):
    """Names of variables and members that are unordered containers, in all pure files: a member is declared elsewhere."""
    names = set()
    for source in sources:
        if not is_pure(source.path):
            continue
        code = source.code()
        for m in re.finditer(r"\bunordered_(?:multi)?(?:map|set)\s*<", code):
            depth, at = 1, m.end()
            while at < len(code) and depth:
                depth += {"<": 1, ">": -1}.get(code[at], 0)
                at += 1
            name = re.match(r"\s*[&*]?\s*(\w+)\s*[;={(,)]", code[at:])
            if name:
                names.add(name.group(1))
    return names


def check_iteration(source, names):
    if not is_pure(source.path) or not names:
        return
    code = source.code()
    either = "|".join(sorted(map(re.escape, names)))
    for m in re.finditer(rf"\bfor\s*\([^;()]*:\s*[\w.>-]*\b({either})\s*\)|\b({either})\s*(?:\.|->)\s*c?begin\s*\(", code):
        yield source.line_of(m.start()), f"{what(source.path)} may not iterate an unordered container ({m.group(1) or m.group(2)})"
