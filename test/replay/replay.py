#!/usr/bin/env python3
"""Two deterministic runs of hostile programs on four cores print the same, and no reservation is missed; a third, whose
QEMU is disturbed (disturb.cpp), prints the same, too.

    python3 test/replay/replay.py

Needs the built image and disturb.so. Prints `ok` and `not ok` lines like the scripts in test/tidy; exit status 1 if a check failed.
"""
import dataclasses
import os
import re
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.dirname(os.path.dirname(HERE)))

from tools import images, launcher, qemu, session       # noqa: E402
from tools.common import BUILD, ISO, first_difference, verdict        # noqa: E402

# One command: the next would come when the host types it. Whether memory comes back is test/boot/hostile_*'s to judge.
COMMANDS = {"calls": ["run siege 7 4000 judge"], "rings": ["run siege 3 3000 rings judge"]}
CORES, MEMORY, SECONDS = 4, 1024, 240
DISTURB = os.path.join(BUILD, "test", "replay", "disturb.so")


def difference(guest, commands, first, second):
    """Where two runs that should be the same are not, and which of them a third one is like; None if they are."""
    if first == second:
        return None
    where = first_difference(first[1], second[1]) or f"status {first[0]} and {second[0]}"
    third = run(guest, commands)
    like = "the first" if third == first else "the second" if third == second else "neither"
    return f"{where}; a third run is like {like}"


def run(guest, commands):
    """(exit status, everything printed) of one boot."""
    output, complaints = bytearray(), []
    status = session.run(guest, commands, SECONDS, output.extend, complaints.append)
    return status, output.decode(errors="replace") + "\n".join(complaints)


def main():
    failed = False
    for what, commands in COMMANDS.items():
        guest = qemu.Guest(ISO, CORES, None, MEMORY, icount=launcher.DETERMINISTIC_SHIFT)
        with images.bringing(guest, commands) as bringing:
            first, second = run(bringing, commands), run(bringing, commands)
            failed |= verdict(f"replay: {what}: twice the same", difference(bringing, commands, first, second))
            disturbed = run(dataclasses.replace(bringing, preload=[DISTURB]), commands)
            failed |= verdict(f"replay: {what}: the same when the main loop wakes at the wrong times",
                              difference(bringing, commands, first, disturbed))
        periods = (re.findall(r"canary deadline: (\d+) periods, (\d+) missed", first[1]) or [None])[-1]
        failed |= verdict(f"replay: {what}: nobody is harmed", first[0] != 0 and f"status {first[0]}: {first[1][-600:]}")
        failed |= verdict(f"replay: {what}: no reservation is missed",
                          not (periods and int(periods[0]) >= 20 and periods[1] == "0") and "see above")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
