"""./skerry bench shootdown: what the messages of a TLB shootdown cost, by variant and number of cores.

Two runs for each number of cores. Cycles come from QEMU with one host thread, and say how they spread. Messages and
instructions come from the deterministic run, where a plugin counts each vCPU's instructions outside of poll loops; these
are the same in every run.
"""
import os
import re
import subprocess
import tempfile

from . import bench, build, machine, options, qemu
from .common import BUILD, ROOT, Refused

COMMAND = "run bench_shootdown"
VARIANTS = os.path.join(ROOT, "urpc", "group", "variants", "meson.build")
PROGRAM = os.path.join(BUILD, "platforms", "x86_64", "archive", "bench_shootdown")
PLUGIN_TARGET = "test/instructions/instructions.so"
# Where nothing else was asked for, this many cores are these packages.
SHAPES = {2: "2x1", 4: "2x2", 8: "4x2", 16: "4x4"}
LEAST = 2


def known_variants():
    """Their names, from the one place that registers them."""
    with open(VARIANTS, encoding="utf-8") as file:
        block = re.search(r"group_variants = \[(.*?)\]", file.read(), re.DOTALL).group(1)
    return re.findall(r"'(\w+)'", block)


def choose_variants(text):
    known = known_variants()
    if text is None:
        return known
    chosen = text.split(",")
    for name in chosen:
        if name not in known:
            raise Refused(f"--variants {name}: there is no such variant; there are: {' '.join(known)}")
    return chosen


def choose_guests(asked):
    """(cores, machine) for each count that was asked for."""
    if asked.machine is not None:
        chosen = machine.load(asked.machine)
        counts = (asked.cores or str(chosen.cores)).split(",")
        return [(_count(text, chosen.cores, f" ({chosen.name} has no more)"), chosen) for text in counts]
    counts = [_count(text, max(SHAPES), "") for text in (asked.cores or "2,4,8,16").split(",")]
    for count in counts:
        if count not in SHAPES:
            raise Refused(f"--cores {count}: without --machine there are {', '.join(map(str, SHAPES))} cores")
    return [(count, machine.load(SHAPES[count])) for count in counts]


def _count(text, most, why):
    return options.whole_number("--cores", text, LEAST, most, why or " (a shootdown takes two)")


def symbols():
    """Addresses and sizes in the benchmark program: {name: (address, size)}."""
    text = subprocess.run(["nm", "-S", PROGRAM], capture_output=True, text=True, check=True).stdout
    return {name: (int(address, 16), int(size, 16))
            for address, size, name in re.findall(r"^([0-9a-f]+) ([0-9a-f]+) [Tt] (skerry_shootdown_\w+)$", text, re.MULTILINE)}


def plugin_arguments(report):
    found = symbols()
    begin, end, wait = (found[f"skerry_shootdown_{name}"] for name in ("begin", "end", "wait"))
    return ["-plugin", f"file={os.path.join(BUILD, PLUGIN_TARGET)},report={report},begin={begin[0]:#x},end={end[0]:#x},"
            f"skip={wait[0]:#x}-{wait[0] + wait[1]:#x}"]
