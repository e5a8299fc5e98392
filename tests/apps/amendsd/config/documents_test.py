#!/usr/bin/env python3
"""The pages for users name everything that the sources know: each key, variable, flag, route and problem.

    documents_test.py SOURCE_DIRECTORY
"""

import pathlib
import re
import sys
import unittest


def sources(folder):
    return "\n".join(file.read_text() for file in sorted(pathlib.Path(ROOT, folder).rglob("*.cpp")))


def words(text):
    """What stands between backticks, whole and in its parts."""
    out = set()
    for block in re.findall(r"```.*?```|`[^`\n]+`", text, re.S):
        found = re.findall(r"[A-Za-z0-9_./{}:\-]+", block)
        out.update(found, *(one.split(".") for one in found))
    return out


class Documents(unittest.TestCase):
    def hold(self, page, known):
        self.assertGreater(len(known), 3, "the sources are written otherwise now: this test finds nothing")
        self.assertEqual(sorted(known - words(pathlib.Path(ROOT, "docs", page).read_text())), [])

    def test_every_key_of_the_file(self):
        text = sources("apps/amendsd/config")
        self.hold("configuration.md", set(re.findall(r'(?:s|root)\.(?:read|find_table|find)\("([a-z_]+)"', text)))

    def test_every_variable_and_flag_of_amendsd(self):
        text = sources("apps/amendsd/config")
        self.hold("configuration.md", set(re.findall(r'"(AMENDS_[A-Z_]+)"', text)) - {"AMENDS_FAILPOINT"})
        self.hold("configuration.md", set(re.findall(r'add_(?:option|flag)\("(--[a-z-]+)', text)))

    def test_every_command_and_flag_of_amends(self):
        text = sources("apps/amends")
        self.hold("cli.md", set(re.findall(r'add_(?:option|flag)\(\s*"(--[a-z-]+)', text)))
        commands = re.findall(r'(?:add_subcommand\(|declare\(app, context, |step_of\()\s*"([a-z]+)"', text)
        self.hold("cli.md", set(commands))

    def test_every_route_and_problem(self):
        routes = sources("apps/amendsd/rest/routes")
        self.hold("rest.md", set(re.findall(r'"(/[a-zA-Z0-9{}/:.]+)",\s*"[A-Z]', routes)))
        slugs = re.findall(r'\{\s*(?:[0-9]{3}|[a-z.]*status), "([a-z-]+)"', sources("apps/amendsd/rest"))
        slugs += re.findall(r'overloaded\("([a-z-]+)"', sources("apps/amendsd/rest"))
        self.hold("rest.md", set(slugs))


if __name__ == "__main__":
    ROOT = sys.argv.pop(1)
    unittest.main()
