#!/usr/bin/env python3
"""Law 1 on metal: boots four cores under the plugin, uses them, and asks which lines their drivers share.

    python3 test/law1/law1.py [--cores N] [--keep REPORT]

Needs the built image and plugin (targets boot.archive, cpudriver, test/law1/law1.so). Prints `ok` and `not ok` lines
like the scripts in test/tidy; exit status 1 if a check failed.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.dirname(os.path.dirname(HERE)), HERE]

import check                                                        # noqa: E402
from tools import iso, qemu, session, wire                          # noqa: E402
from tools.common import BUILD, ROOT, KERNEL                        # noqa: E402

PLUGIN = os.path.join(BUILD, "test", "law1", "law1.so")
LAYOUT = os.path.join(ROOT, "platforms", "x86_64", "platform", "layout.hpp")
SECONDS = 120
MISBEHAVES = "oncore {} faulty_read"


def constant(name):
    """A constant of layout.hpp: the poke words' address has one place."""
    with open(LAYOUT, encoding="utf-8") as file:
        found = re.search(rf"constexpr uint64_t {name} = ([^;]+);", file.read())
    value = 1
    for factor in found[1].replace("'", "").split("*"):
        value *= int(factor.strip(), 0)
    return value


def commands(cores):
    """What a person might do: programs on every core, questions to every monitor, a program that dies."""
    return (["help", "ps", "mem", "caps"] + [f"oncore {core} hello" for core in range(cores)]
            + [MISBEHAVES.format(cores - 1), "ps"])


def watch(cores, report):
    """Runs the system under the plugin: (text of `cores`, commands that failed). The report is in the file `report`."""
    begin = constant("poke_address")
    plugin = f"file={PLUGIN},lines={report},window={begin:#x}-{begin + constant('poke_area_size'):#x}"
    guest = qemu.Guest(iso.ensure(), cores, extra=["-plugin", plugin])
    output, failed = bytearray(), []
    with session.Session(guest, SECONDS) as system:
        system.boot()
        system.command("cores", output.extend)
        for command in commands(cores):
            status = system.command(command, lambda data: None)
            if status != 0 and command != MISBEHAVES.format(cores - 1):
                failed.append(f"'{command}' ended with status {status}")
        system.command("poweroff", lambda data: None)   # QEMU must end by itself: the plugin writes at its exit
        system.qemu.process.wait(10)
    return output.decode(errors="replace"), failed


def images(text):
    """(name, base, size) of each kernel's physical copy, by the `cores` command."""
    size = constant("image_limit")
    return [(f"core {core}'s image", int(base, 16), size)
            for core, base in re.findall(r"^core (\d+) online .* kernel (0x[0-9a-f]+)", text, re.MULTILINE)]


def say(name, wrong):
    print(f"not ok {name}: " + "\n    ".join(wrong) if wrong else f"ok {name}", flush=True)
    return bool(wrong)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cores", type=int, default=4)
    parser.add_argument("--keep")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="skerry-law1-") as folder:
        path = asked.keep or os.path.join(folder, "report")
        try:
            text, refused = watch(asked.cores, path)
            with open(path, encoding="ascii") as file:
                report = check.parse(file.read())
        except (wire.TimedOut, wire.Ended, subprocess.TimeoutExpired, OSError, ValueError) as problem:
            say("law1: the system runs under the plugin", [str(problem) or type(problem).__name__])
            return 1
    names = check.Symbols(subprocess.run(["nm", "-C", KERNEL], capture_output=True, text=True, check=True).stdout)
    found = images(text)
    failed = say("law1: the system works under the plugin", refused)
    failed |= say("law1: every core runs a copy of its own",
                 [] if len({base for _, base, _ in found}) == asked.cores else [text])
    failed |= say("law1: drivers share no line but poke words",
                  check.complaints(report, asked.cores, names, found))
    # The same report without the exception: if pokes went unseen, so would everything else.
    strict = check.complaints(report, asked.cores, names, found, window_allowed=False)
    failed |= say("law1: the poke words are seen to be shared",
                  [] if strict and check.window_lines(report) else ["not one poke was seen: the plugin is blind"])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
