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
EXACT_SAMPLES = 100


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
    """-plugin that counts instructions between the program's marks, outside its poll loop."""
    found = symbols()
    begin, end, wait = (found[f"skerry_shootdown_{name}"] for name in ("begin", "end", "wait"))
    return ["-plugin", f"file={os.path.join(BUILD, PLUGIN_TARGET)},report={report},begin={begin[0]:#x},end={end[0]:#x},"
            f"skip={wait[0]:#x}-{wait[0] + wait[1]:#x}"]


def intervals(text, cores):
    """Each measured operation's instructions by core, from a plugin's report; ValueError for what is none."""
    lines = text.splitlines()
    if not lines or lines[-1] != f"end {len(lines) - 1}":
        raise ValueError("the plugin's report is cut short")
    found = []
    for line in lines[:-1]:
        words = line.split()
        counts = [int(word) for word in words[2:]]
        if words[0] != "interval" or len(counts) > cores:
            raise ValueError(f"'{line}' is no line of the plugin's report")
        found.append((int(words[1]), counts + [0] * (cores - len(counts))))
    return found


def summary(values):
    """As samples.hpp does: median, least, 99th percentile."""
    values = sorted(values)
    return values[len(values) // 2], values[0], values[len(values) - 1 - len(values) // 100]


def instruction_rows(text, cores, variants, template):
    """Rows about instructions: of the root, of the busiest other core, of all together."""
    found = intervals(text, cores)
    if len(found) % len(variants) != 0 or not found:
        raise ValueError(f"{len(found)} operations were counted for {len(variants)} variants")
    each = len(found) // len(variants)
    rows = []
    for index, variant in enumerate(variants):
        part = found[index * each:(index + 1) * each]
        metrics = {"root": [counts[root] for root, counts in part],
                   "busiest_other": [max(counts[:root] + counts[root + 1:]) for root, counts in part],
                   "all_cores": [sum(counts) for _, counts in part]}
        for name, values in metrics.items():
            median, least, p99 = summary(values)
            rows.append(dict(template, variant=variant, metric=f"path_{name}", median=str(median), min=str(least),
                             p99=str(p99), unit="instructions", samples=str(each)))
    return rows


def exact(image, cores, chosen, variants, seconds, more=""):
    """One deterministic run: (what it printed, the plugin's report)."""
    with tempfile.TemporaryDirectory(prefix="skerry-shootdown-") as folder:
        report = os.path.join(folder, "report")
        guest = qemu.Guest(image, cores, chosen, icount=bench.EXACT_SHIFT, extra=plugin_arguments(report))
        what = f"bench shootdown on {cores} cores, deterministic"
        commands = [" ".join([COMMAND, *variants, f"samples={EXACT_SAMPLES}", more]).strip(), "poweroff"]
        output = bench.measure_exactly(guest, commands, seconds, what)
        try:
            with open(report, encoding="ascii") as file:
                return output, file.read()
        except OSError as problem:
            bench.fail(output, f"{what}: the plugin wrote no report ({problem.strerror})")


def measure(asked, make_image):
    bench.refuse(asked, "vs")
    variants = choose_variants(asked.variants)
    guests = choose_guests(asked)
    seconds = options.seconds(asked.timeout)
    image = make_image(not asked.no_install)
    with build.lock():
        build.ninja([PLUGIN_TARGET])
    rows = []
    for cores, chosen in guests:
        what = f"bench shootdown on {cores} cores"
        output = bench.measure(qemu.Guest(image, cores, chosen), [" ".join([COMMAND, *variants])], seconds, what)
        found = bench.rows_of(output, chosen.name)
        printed, report = exact(image, cores, chosen, variants, seconds)
        try:
            counted = instruction_rows(report, cores, variants, dict(found[0]) if found else {})
        except ValueError as problem:
            bench.fail(printed, f"{what}: {problem}")
        # Times from the first run, numbers of messages from the second.
        found = ([row for row in found if row["unit"] == "cycles"]
                 + [row for row in bench.rows_of(printed, chosen.name) if row["unit"] == "messages"] + counted)
        rows += sorted(found, key=lambda row: variants.index(row["variant"]))
    return rows
