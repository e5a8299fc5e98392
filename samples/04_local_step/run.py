#!/usr/bin/env python3
"""Sends parcels by local steps alone, kills amendsd meanwhile, and counts the files. Leaves no process behind.

Exit: 0 everything agrees, 1 something does not or failed."""

import argparse
import pathlib
import shutil
import signal
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

from processes import Failed, Process  # noqa: E402
from rest import hand_in, wait_for_end  # noqa: E402


def make_parcels(count):
    """Every seventh is too heavy, and one has a name that must not become a file's."""
    for number in range(count):
        yield {"parcel_id": f"p-{number:05}", "country": "AT" if number % 3 else "JP",
               "grams": 31_000 if number % 7 == 0 else 200 + number}
    yield {"parcel_id": "../../etc/passwd", "country": "AT", "grams": 1}


def starts_of(parcels):
    return [{"workflow": "send-parcel", "key": one["parcel_id"], "input": one} for one in parcels]


def wait_for_work(folder, patience=30):
    """Until the first parcels are booked, with most of the others under way."""
    deadline = time.monotonic() + patience
    while not (folder / "diary").exists():
        if time.monotonic() > deadline:
            raise Failed("nothing is booked")
        time.sleep(0.001)


def files_in(folder):
    return {file.name: file.read_text() for file in folder.iterdir()} if folder.is_dir() else {}


def audit(folder, ended):
    """Asks only the files: one sentence for each thing that does not agree."""
    sent = {parcel for parcel, state in ended.items() if state == "completed"}
    booked = [text.split()[0] for text in files_in(folder / "books").values()]
    calls = (folder / "diary").read_text().split()
    print(f"  {len(sent)} sent, {len(ended) - len(sent)} not taken; "
          f"{len(booked)} bookings by {len(calls)} calls", flush=True)
    if "needs_operator" in ended.values():
        yield "a saga is stuck"
    if files_in(folder / "labels").keys() != sent:
        yield "the labels are not those of the parcels that were sent"
    if files_in(folder / "van").keys() != sent:
        yield "the van does not hold the parcels that were sent"
    if sorted(booked) != sorted(sent):
        yield "not every parcel that was sent is booked once"
    if any(parcel.startswith("..") for parcel in sent):
        yield "a parcel got out of its folder"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent.parent / "build/release")
    parser.add_argument("--parcels", type=int, default=500)
    options = parser.parse_args()
    build = options.build.resolve()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that `finally` runs
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it

    directory = pathlib.Path(tempfile.mkdtemp(prefix="amends-local-step-"))
    folder = directory / "parcels"
    configuration = (HERE / "amendsd.toml").read_text().replace("../../build/release", str(build))
    (directory / "amendsd.toml").write_text(configuration)
    amendsd = Process("amendsd", [build / "bin/amendsd", "--config", directory / "amendsd.toml", "--port", 0,
                                  "--data-dir", directory / "amends-data"], directory)
    amendsd.variables = {"PARCELS": str(folder)}
    keep = True
    try:
        print(f"04_local_step: {options.parcels} parcels without an outside world, amendsd killed once\n", flush=True)
        amendsd.start()
        parcels = list(make_parcels(options.parcels))
        ids = hand_in(amendsd.url, starts_of(parcels[: len(parcels) // 2]))
        wait_for_work(folder)
        amendsd.kill()
        amendsd.start()
        ids.update(hand_in(amendsd.url, starts_of(parcels)))
        disagreements = list(audit(folder, wait_for_end(amendsd.url, "send-parcel", ids)))
        for one in disagreements:
            print(f"  DISAGREES: {one}", flush=True)
        if not disagreements:
            print("  labels, van and books agree", flush=True)
        keep = bool(disagreements)
        return 1 if disagreements else 0
    except Failed as failed:
        print(f"  failed: {failed}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        keep = False
        return 130
    finally:
        amendsd.stop()
        if not keep:
            shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
