#!/usr/bin/env python3
"""Holds the tree against tests/tidy/rules.py. Prints `path:line: sentence` for each finding; exit 1 when there is one."""
import os
import sys

from documents import check_documents
from layers import check_header, check_includes, check_links
from purity import check_iteration, check_purity, unordered_names
from source import find_sources
from text import check_doc_links, check_size, check_sql, check_unfinished


def findings(sources):
    texts = {s.path: s.text for s in sources}
    unordered = unordered_names(sources)
    for source in sources:
        checks = [check_size(source), check_unfinished(source), check_links(source), check_doc_links(source, texts)]
        if source.is_cpp():
            checks += [check_header(source), check_includes(source), check_purity(source),
                       check_iteration(source, unordered), check_sql(source)]
        for check in checks:
            for line, sentence in check:
                yield source.path, line, sentence
    yield from check_documents(texts)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
    sources = list(find_sources(root))
    if len(sources) < 50:
        print(f"only {len(sources)} files under {root}: this is not the tree")
        return 2
    count = 0
    for path, line, sentence in findings(sources):
        print(f"{path}:{line}: {sentence}")
        count += 1
    print(f"tidy: {len(sources)} files, {count} findings")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
