#!/usr/bin/env python3
"""Two deterministic runs of hostile programs on four cores print the same, and no reservation is missed.

    python3 test/replay/replay.py

Needs the built image. Prints `ok` and `not ok` lines like the scripts in test/tidy; exit status 1 if a check failed.
"""
import os
import re
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.dirname(os.path.dirname(HERE)))

from tools import images, launcher, qemu, session       # noqa: E402

COMMANDS = {"calls": "run siege 7 4000 judge", "rings": "run siege 3 3000 rings judge"}
CORES, MEMORY, SECONDS = 4, 1024, 240


def run(image, command):
    """(exit status, everything printed) of one boot."""
    output = bytearray()
    guest = qemu.Guest(image, CORES, None, MEMORY, accelerator="tcg,thread=single", icount=launcher.DETERMINISTIC_SHIFT,
                       brings_commands=True)
    complaints = []
    status = session.run(guest, [command], SECONDS, output.extend, complaints.append)
    return status, output.decode(errors="replace") + "\n".join(complaints)


def say(name, wrong):
    print(f"not ok {name}: {wrong}" if wrong else f"ok {name}", flush=True)
    return bool(wrong)


def main():
    failed = False
    for what, command in COMMANDS.items():
        with tempfile.TemporaryDirectory(prefix="skerry-replay-") as folder:
            image = images.with_commands(folder, session.frames([command]))
            first, second = run(image, command), run(image, command)
        failed |= say(f"replay: {what}: twice the same", first != second and f"{first[1][-300:]} and {second[1][-300:]}")
        periods = re.search(r"canary deadline: (\d+) periods, (\d+) missed", first[1])
        failed |= say(f"replay: {what}: nobody is harmed", first[0] != 0 and f"status {first[0]}: {first[1][-600:]}")
        failed |= say(f"replay: {what}: no reservation is missed",
                      not (periods and int(periods[1]) >= 20 and periods[2] == "0") and "see above")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
