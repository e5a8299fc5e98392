"""A file of the tree, and its text with comments or strings blanked out. Line numbers stay what they were."""
import os
import re

import rules

LEX = re.compile(r'''
    (?P<comment> //[^\n]* | /\*.*?\*/ )
  | (?P<raw> R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)" )
  | (?P<string> "(?:\\.|[^"\\\n])*" )
  | (?P<char> '(?:\\.|[^'\\\n])' )
''', re.S | re.X)


def blank(text):
    return re.sub(r"[^\n]", " ", text)


class Source:
    def __init__(self, path, text):
        self.path = path
        self.text = text

    def is_cpp(self):
        return self.path.endswith((".cpp", ".hpp"))

    def without_comments(self):
        return LEX.sub(lambda m: blank(m.group()) if m.group("comment") else m.group(), self.text)

    def code(self):
        """Neither comments nor the insides of strings."""
        def replaced(m):
            return blank(m.group()) if m.group("comment") else '"' + blank(m.group()[1:-1]) + '"'
        return LEX.sub(replaced, self.text)

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def includes(self):
        """(line, target, quoted) of each #include."""
        for m in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">\n]+)[">]', self.without_comments(), re.M):
            yield self.line_of(m.start()), m.group(2), m.group(1) == '"'


def find_sources(root):
    """Every text file of the project; what is bad on purpose stays out."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in rules.NOT_OURS)
        for name in sorted(names):
            path = os.path.relpath(os.path.join(folder, name), root)
            if path.startswith(rules.BAD_ON_PURPOSE):
                continue
            try:
                with open(os.path.join(root, path), encoding="utf-8") as file:
                    yield Source(path, file.read())
            except UnicodeDecodeError:
                continue
