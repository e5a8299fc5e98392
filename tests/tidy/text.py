"""Rules about text: size, unfinished work, glued SQL, and links between documents."""
import os
import re
import urllib.parse

import rules
from source import LEX


def check_size(source):
    if not source.path.endswith(rules.LINES_COUNTED):
        return
    lines = source.text.count("\n")
    if lines > rules.LINES_MAX:
        yield rules.LINES_MAX + 1, f"{lines} lines; past {rules.LINES_MAX} a file wants to be two"


def check_unfinished(source):
    if source.path.startswith("tests/tidy/"):
        return
    for m in re.finditer(rules.UNFINISHED, source.text):
        yield source.line_of(m.start()), f"{m.group()}: finish it, or write an issue"


def check_sql(source):
    if not source.is_cpp() or not source.path.startswith(rules.SQL_PLACES):
        return
    text = source.without_comments()
    for m in LEX.finditer(text):
        raw = m.group("raw")
        literal = raw or m.group("string")
        if not literal:
            continue
        inside = literal[literal.index("(") + 1:literal.rindex(")")] if raw else literal[1:-1]
        if not re.match(rules.SQL_START, inside, re.I):
            continue
        line = source.line_of(m.start())
        whole = text.splitlines()[line - 1]
        if any(path == source.path and mark in whole for path, mark in rules.SQL_ALLOWED):
            continue
        after = text[m.end():].lstrip()
        before = text[:m.start()].rstrip()
        glued = re.match(r"s?\s*\+", after)
        formatted = re.search(r"\b(format|snprintf|sprintf|mprintf)\s*\([^;]*$", before) and re.search(r"\{\w*\}|%[sdqQ]", inside)
        if glued or formatted:
            yield line, "SQL glued together from strings; bind the value"


def heading_anchors(text):
    anchors = set()
    for m in re.finditer(r"^#{1,6}\s+(.+?)\s*$", text, re.M):
        title = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", lambda x: x.group(1) or "", m.group(1)).lower()
        anchors.add(re.sub(r"[^\w\- ]", "", title).replace(" ", "-"))
    return anchors


def check_doc_links(source, texts):
    """`texts`: path -> text of every file in the tree."""
    if not source.path.endswith(".md"):
        return
    text = re.sub(r"^( *)```.*?^\1```", lambda m: re.sub(r"[^\n]", " ", m.group()), source.text, flags=re.M | re.S)
    text = re.sub(r"`[^`\n]*`", lambda m: " " * len(m.group()), text)
    folders = {os.path.dirname(p) for p in texts}
    folders |= {"/".join(f.split("/")[:n]) for f in folders for n in range(1, f.count("/") + 1)}
    for m in re.finditer(r"\[[^\]]*\]\(\s*<?([^)\s>]+)[^)]*\)|^\[[^\]]+\]:\s*(\S+)", text, re.M):
        target = urllib.parse.unquote(m.group(1) or m.group(2))
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        line = source.line_of(m.start())
        name, _, anchor = target.partition("#")
        path = os.path.normpath(os.path.join(os.path.dirname(source.path), name)) if name else source.path
        if path not in texts and path not in folders:
            yield line, f"the link points nowhere: {target}"
        elif anchor and path.endswith(".md") and anchor not in heading_anchors(texts[path]):
            yield line, f"no heading '{anchor}' in {path}"
