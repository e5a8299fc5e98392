"""Who may include whom, and who may link whom."""
import re

import rules


def layer_of(path):
    if path.startswith(rules.OUTSIDE):
        return None
    if re.match(rules.MAIN_FILES, path):
        return "main"
    found = [(len(prefix), name) for name, (prefix, _) in rules.LAYERS.items() if path.startswith(prefix) and name != "main"]
    return max(found)[1] if found else None


def sees(layer):
    return set(rules.LAYERS[layer][1].split()) | {layer}


def layer_of_include(target):
    for prefix, layer in rules.FOREIGN_LAYERS.items():
        if target.startswith(prefix):
            return layer
    return layer_of(target)


def adapter_of(path):
    """adapters/store/sqlite/x.hpp -> adapters/store/sqlite: one adapter never includes another."""
    return "/".join(path.split("/")[:-1])


def check_includes(source):
    own = layer_of(source.path)
    for line, target, quoted in source.includes():
        if quoted and (target.startswith(".") or "/" not in target):
            yield line, f'"{target}": includes are written from the root of the repository'
            continue
        other = layer_of_include(target)
        if own and other and other not in sees(own):
            yield line, f"{own} may not include {other} ({target})"
        elif own == other == "adapter" and not adapter_of(target).startswith(adapter_of(source.path)) \
                and not adapter_of(source.path).startswith(adapter_of(target)):
            yield line, f"an adapter may not include another adapter ({target})"
        for table in (rules.FOREIGN_HEADERS, rules.OWN_HEADERS):
            for header, places in table.items():
                if re.match(header, target) and not any(re.match(p, source.path) for p in places):
                    yield line, f"{target} may not be included here"


def check_header(source):
    if source.path.endswith(".hpp") and not re.search(r"^#pragma once$", source.text, re.M):
        yield 1, "a header without #pragma once"


def check_links(source):
    if not source.path.endswith("CMakeLists.txt"):
        return
    layer = layer_of(source.path)
    if layer is None:
        return
    text = re.sub(r"#[^\n]*", "", source.text)
    for m in re.finditer(r"\b(amends_layer|amends_plugin|target_link_libraries)\s*\(([^)]*)\)", text):
        words = re.sub(r"\$\{[^}]*\}", "", m.group(2)).split()
        if not words or re.match(rules.PROGRAMS, words[0]):
            continue
        line = source.line_of(m.start())
        own = rules.TARGET_LAYERS.get(words[0], layer)
        for library in words[1:]:
            other = rules.TARGET_LAYERS.get(library)
            if other and (other not in sees(own) or other == own == "adapter"):
                yield line, f"target {words[0]} ({own}) may not link {library} ({other})"
            for name, places in rules.LIBRARY_PLACES.items():
                if re.search(name, library) and not any(re.match(p, source.path) for p in places):
                    yield line, f"target {words[0]} may not link {library}"
