"""What every part of the launcher needs: where things lie, and how it refuses."""
import os
import sys
from itertools import zip_longest

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
BUILD_ROOT = os.path.join(ROOT, "build")
BUILD = os.path.join(BUILD_ROOT, "x86_64")
KERNEL_TARGET = "platforms/x86_64/cpudriver"
ARCHIVE_TARGET = "platforms/x86_64/archive/boot.archive"
TURNS_TARGET = "tools/turns/turns.so"
BOOT_TARGETS = (KERNEL_TARGET, ARCHIVE_TARGET, TURNS_TARGET)    # what an image is made of, and what runs it
KERNEL = os.path.join(BUILD, KERNEL_TARGET)
# The one for images: GRUB reads all that is in the file. It is made with the archive.
STRIPPED_KERNEL = os.path.join(BUILD, "platforms/x86_64/archive/cpudriver.stripped")
ARCHIVE = os.path.join(BUILD, ARCHIVE_TARGET)
TURNS = os.path.join(BUILD, TURNS_TARGET)
GDB_SCRIPT = os.path.join(ROOT, "tools", "gdb", "skerry.py")
GDB_COMMANDS = os.path.join(BUILD, "gdbinit")
ISO = os.path.join(BUILD, "skerry.iso")

# Exit statuses of ./skerry itself; any other is the last guest command's.
WRONG_INPUT = 2
TIMED_OUT = 124
SYSTEM_DIED = 125


class Refused(Exception):
    """Input or surroundings that cannot work: the message is the one line that is printed, the exit status 2."""


class BuildFailed(Exception):
    """The compiler or a tool said why already; the message names the step."""


def say(text):
    """Tells the person something. Never on stdout, which belongs to what was asked for."""
    print(f"skerry: {text}", file=sys.stderr, flush=True)


def shown(path):
    """A path as the person would type it from where they are."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


def verdict(name, wrong):
    """One check's line, as suites read it; True if it failed. `wrong`: why; empty, None or False if it did not."""
    print(f"not ok {name}: {wrong}" if wrong else f"ok {name}", flush=True)
    return bool(wrong)


def first_difference(first, second):
    """Of two texts that should be the same, said in one line; None if they are."""
    for number, (one, other) in enumerate(zip_longest(first.splitlines(), second.splitlines()), 1):
        if one != other:
            return f"line {number}: '{one}' and '{other}'"
    return None
