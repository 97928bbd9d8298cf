#!/usr/bin/env python3
"""Does what usr/bench/README.md says, in a copy of the tree, and looks whether it works.

    python3 test/walkthrough/walkthrough.py

Needs the built image: all programs but those that change are taken from it. Prints `ok` and `not ok` lines like the
scripts in test/tidy; exit status 1 if a check failed.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.dirname(os.path.dirname(HERE)))

from tools import images, iso, machine, qemu, session               # noqa: E402
from tools.common import ARCHIVE_TARGET, ROOT, STRIPPED_KERNEL      # noqa: E402

PAGE = os.path.join("usr", "bench", "README.md")
BLOCK = re.compile(r"^```\w+ file=(\S+)(?: after=([^\n]*))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRAMS = ("tally", "bench_shootdown")
SECONDS = 90


class Wrong(Exception):
    """The walk-through does not work: why."""


def blocks(text):
    """(file, line to go below or None, text) of each block that says where it belongs."""
    return [(match[1], match[2], match[3]) for match in BLOCK.finditer(text)]


def copy_tree(to):
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if os.path.exists(os.path.join(ROOT, name)):
            os.makedirs(os.path.dirname(os.path.join(to, name)), exist_ok=True)
            shutil.copy2(os.path.join(ROOT, name), os.path.join(to, name))


def apply(tree, name, after, text):
    path = os.path.join(tree, name)
    if after is None:
        if os.path.exists(path):
            raise Wrong(f"{name} is there already")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    if lines.count(after) != 1:
        raise Wrong(f"'{after}' is {lines.count(after)} times in {name}")
    at = lines.index(after) + 1
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines[:at] + [text.rstrip("\n")] + lines[at:]))


def run(command, tree):
    done = subprocess.run(command, cwd=tree, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Wrong(f"{' '.join(command[:2])} failed:\n" + (done.stdout + done.stderr)[-3000:])


def build(tree):
    """The programs that change, built in the copy: {name: file}."""
    run(["meson", "setup", "build", "."], tree)
    folder = os.path.dirname(ARCHIVE_TARGET)
    run(["ninja", "-C", "build", *(f"{folder}/{name}.stripped" for name in PROGRAMS)], tree)
    return {name: os.path.join(tree, "build", folder, f"{name}.stripped") for name in PROGRAMS}


def boot(tree, programs):
    """What the new programs print on four cores."""
    archive = images.make_archive(tree, {**images.archive_parts(), **programs})
    image = os.path.join(tree, "walkthrough.iso")
    iso.make(image, {"cpudriver": STRIPPED_KERNEL, "archive": archive})
    output, complaints = bytearray(), []
    commands = ["oncore 3 tally serve &", "run tally", "run bench_shootdown chain samples=50 edges"]
    status = session.run(qemu.Guest(image, 4, machine.load("2x2")), commands, SECONDS, output.extend, complaints.append)
    text = output.decode(errors="replace")
    if status != 0:
        raise Wrong(f"status {status}: {' '.join(complaints)}\n{text}")
    return text


def check(output):
    lines = output.splitlines()
    if "tally: 42" not in lines:
        raise Wrong(f"no 'tally: 42' in:\n{output}")
    edges = {tuple(line.split(",")[3:5]) for line in lines if line.startswith("edge,chain,4,")}
    if edges != {("0", "1"), ("1", "2"), ("2", "3"), ("1", "0"), ("2", "1"), ("3", "2")}:
        raise Wrong(f"the chain is none: {sorted(edges)}")
    if not re.search(r"^csv,shootdown,,,,chain,4,messages,6,6,6,messages,", output, re.MULTILINE):
        raise Wrong(f"no row with 6 messages in:\n{output}")


def main():
    with open(os.path.join(ROOT, PAGE), encoding="utf-8") as file:
        steps = blocks(file.read())
    with tempfile.TemporaryDirectory(prefix="skerry-walkthrough-") as tree:
        try:
            if len(steps) < 7:
                raise Wrong(f"{PAGE} has {len(steps)} blocks with file=")
            copy_tree(tree)
            for step in steps:
                apply(tree, *step)
            check(boot(tree, build(tree)))
        except Wrong as wrong:
            print(f"not ok walkthrough: {wrong}")
            return 1
    print("ok walkthrough: a protocol, a program and a shootdown variant, added as the page says")
    return 0


if __name__ == "__main__":
    sys.exit(main())
