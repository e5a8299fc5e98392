#!/usr/bin/env python3
"""Starts one saga of the smallest plugin by the command line, and shows it. Leaves no process behind."""

import argparse
import pathlib
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

from processes import Failed, Process, environment  # noqa: E402


def write_configuration(file, build, desk_url):
    """The sample's own, with a free port in place of the fixed one and the plugin that was built."""
    text = (HERE / "amendsd.toml").read_text()
    text = text.replace("http://127.0.0.1:9080", desk_url)
    file.write_text(text.replace("../../build/release", str(build)))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent.parent / "build/release")
    build = parser.parse_args().build.resolve()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that `finally` runs
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it

    directory = pathlib.Path(tempfile.mkdtemp(prefix="amends-hello-saga-"))
    desk = Process("desk", [sys.executable, HERE / "desk.py", "--port", 0], directory)
    amendsd = Process("amendsd", [build / "bin/amendsd", "--config", directory / "amendsd.toml", "--port", 0,
                                  "--data-dir", directory / "amends-data"], directory)

    def amends(*arguments, listen=False):
        """Runs the command line as a user would, and says what it runs. Returns what it said if we listen."""
        print("  $ amends " + shlex.join(arguments), flush=True)
        ended = subprocess.run([build / "bin/amends", "--url", amendsd.url, *arguments], env=environment(),
                               stdout=subprocess.PIPE if listen else None, text=True)
        if ended.returncode != 0:
            raise Failed(f"amends {arguments[0]} ended with {ended.returncode}; see {amendsd.log_file}")
        return ended.stdout

    keep = True
    try:
        print("01_hello_saga: one card, written and posted\n", flush=True)
        desk.start()
        write_configuration(directory / "amendsd.toml", build, desk.url)
        amendsd.start()
        started = amends("start", "hello", "--key", "first-card", "--wait", "10s",
                         "--input", '{"name": "Ada", "text": "Hello from the other side"}', listen=True)
        print(started)
        saga_id, state = started.split()[:2]
        amends("show", saga_id)
        if state != "completed":
            raise Failed(f"the saga is {state}; see {amendsd.log_file}")
        keep = False
        return 0
    except Failed as failed:
        print(f"  failed: {failed}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        keep = False
        return 130
    finally:
        amendsd.stop()
        desk.stop()
        if not keep:
            shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
