"""What documents must keep saying: lists that have their truth elsewhere in the tree."""
import re

from source import Source

GLOSSARY = "docs/GLOSSARY.md"
ENUMS = [("engine/journal/entry.hpp", "SagaState"), ("engine/journal/entry.hpp", "StepState"),
         ("engine/journal/entry.hpp", "Verb"), ("engine/definition/outcome.hpp", "Outcome"),
         ("engine/definition/plan.hpp", "StepKind")]
INSTALLER = "tools/install_dependencies.sh"
DEPENDENCIES = "docs/decisions/0001-dependencies.md"
DECISIONS = "docs/decisions/README.md"


def members(text, enum):
    body = re.search(rf"enum class {enum}\b[^{{]*{{(.*?)}}", Source("", text).code(), re.S)
    return re.findall(r"\w+", body.group(1)) if body else []


def packages(installer):
    found = set()
    for m in re.finditer(r"^\s*\w+\)\s+echo((?:[^;\\]|\\\n)*);;", installer, re.M):
        found |= set(re.findall(r"[a-z0-9][a-z0-9.+-]+", m.group(1)))
    return found


def check_documents(texts):
    """(path, line, sentence); says nothing about a tree that does not hold these files."""
    if GLOSSARY in texts:
        for path, enum in ENUMS:
            words = members(texts.get(path, ""), enum)
            if not words:
                yield path, 1, f"no enum class {enum} that {GLOSSARY} could be held against"
            for word in words:
                if f"`{word}`" not in texts[GLOSSARY]:
                    yield GLOSSARY, 1, f"{enum}::{word} is not defined"
    if INSTALLER in texts:
        found = packages(texts[INSTALLER])
        if not found:
            yield INSTALLER, 1, "no packages found in it"
        for package in sorted(found):
            if f"`{package}`" not in texts.get(DEPENDENCIES, ""):
                yield DEPENDENCIES, 1, f"{package} is installed, but its reason is not here"
    for path in texts:
        name = re.fullmatch(r"docs/decisions/(\d{4}-[\w-]+\.md)", path)
        if name and DECISIONS in texts and f"]({name.group(1)})" not in texts[DECISIONS]:
            yield DECISIONS, 1, f"{name.group(1)} is not in the table"
