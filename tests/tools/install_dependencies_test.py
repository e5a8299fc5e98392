#!/usr/bin/env python3
"""tools/install_dependencies.sh in a made-up Debian: apt and dpkg are small stand-ins that keep their world in a folder."""
import os
import pathlib
import re
import shutil
import stat
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "tools/install_dependencies.sh"

STAND_INS = {
    "id": 'echo "${WORLD_UID:-0}"',
    "dpkg-query": 'grep -qx "${@: -1}" "$WORLD/installed" && echo "ii "',
    "apt-cache": 'grep -qx "${@: -1}" "$WORLD/known"',
    "apt-get": '''
echo "apt-get $*" >>"$WORLD/log"
case " $* " in
  *" update "*) [ ! -e "$WORLD/offline" ] || exit 100; cp "$WORLD/archive" "$WORLD/known" ;;
  *" -s "*) if grep -qx libboost1.74-dev "$WORLD/installed"; then echo "Remv libboost1.74-dev [1.74]"; fi ;;
  *" download "*) touch libboost1.81-dev_1.81_amd64.deb ;;
  *" install "*)
    if [ -e "$WORLD/stale" ]; then rm "$WORLD/stale"; exit 100; fi
    for word in "$@"; do if grep -qx -- "$word" "$WORLD/archive"; then echo "$word" >>"$WORLD/installed"; fi; done ;;
esac''',
    "dpkg": 'mkdir -p "$3/usr/include/boost" && touch "$3/usr/include/boost/version.hpp"',
}


class InstallDependencies(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        (self.root / "tools").mkdir()
        self.script = shutil.copy(SCRIPT, self.root / "tools")
        self.bin = self.root / "bin"
        self.bin.mkdir()
        for name, body in STAND_INS.items():
            file = self.bin / name
            file.write_text(f"#!/bin/bash\n{body}\n")
            file.chmod(file.stat().st_mode | stat.S_IXUSR)
        text = SCRIPT.read_text()
        groups = text[text.index("packages_of()"):text.index("*) echo \"usage")]
        self.packages = [w for w in groups.replace("\\\n", " ").split() if w.replace("-", "").replace(".", "").replace("+", "").isalnum()]
        self.world("archive", self.packages)
        self.world("known", self.packages)
        self.world("installed", [])

    def world(self, name, lines):
        (self.root / name).write_text("".join(f"{line}\n" for line in lines))

    def run_script(self, *groups, **environment):
        env = {"PATH": f"{self.bin}:/usr/bin:/bin", "WORLD": str(self.root), **environment}
        return subprocess.run([self.script, *groups], env=env, capture_output=True, text=True, timeout=30)

    def log(self):
        path = self.root / "log"
        return path.read_text() if path.exists() else ""

    def installed(self):
        return (self.root / "installed").read_text().split()

    def test_installs_what_is_missing_and_says_so(self):
        done = self.run_script("build", "tests")

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("libboost1.81-dev", self.installed())
        self.assertIn("libgtest-dev", self.installed())
        self.assertNotIn("nginx-light", self.installed())
        self.assertIn("installing", done.stdout)

    def test_every_installation_forbids_removals(self):
        self.run_script("build", "tests", "lint", "bench")

        installs = [line for line in self.log().splitlines() if " install " in line and " -s " not in line]
        self.assertTrue(installs)
        for line in installs:
            self.assertIn("--no-remove", line)

    def test_the_second_run_asks_apt_nothing(self):
        self.run_script()
        before = self.log()

        again = self.run_script()

        self.assertEqual(again.returncode, 0)
        self.assertEqual(self.log(), before)

    def test_another_boost_stays_and_the_headers_are_unpacked(self):
        self.world("installed", ["libboost1.74-dev"])

        done = self.run_script("build")

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("would remove libboost1.74-dev", done.stdout)
        self.assertTrue((self.root / "build/deps/usr/include/boost/version.hpp").exists())
        self.assertNotIn("libboost1.81-dev", self.installed())
        self.assertIn("cmake", self.installed())
        self.assertRegex(self.run_script("build").stdout, r"\Adependencies: all \d+ packages are there\n\Z")

    def test_empty_lists_are_read_once(self):
        self.world("known", [])

        done = self.run_script("build")

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.log().count("apt-get update"), 1)

    def test_stale_lists_are_read_again(self):
        self.world("stale", [])

        done = self.run_script("build")

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.log().count("apt-get update"), 1)

    def test_without_a_network_it_says_so(self):
        self.world("known", [])
        self.world("offline", [])

        done = self.run_script("build")

        self.assertEqual(done.returncode, 1)
        self.assertIn("could not be reached", done.stderr)

    def test_it_knows_the_groups_that_the_scripts_ask_for(self):
        for caller in ("samples/run.sh", "tests/run.sh"):
            text = (SCRIPT.parents[1] / caller).read_text()
            for line in re.findall(r"install_dependencies\.sh ([a-z ]+)$|packages\+?=\(([a-z ]+)\)", text, re.M):
                done = self.run_script(*" ".join(line).split())

                self.assertEqual(done.returncode, 0, f"{caller}: {line}: {done.stderr}")

    def test_an_unknown_group_is_usage(self):
        done = self.run_script("everything")

        self.assertEqual(done.returncode, 2)
        self.assertIn("usage:", done.stderr)
        self.assertEqual(self.log(), "")


if __name__ == "__main__":
    unittest.main()
