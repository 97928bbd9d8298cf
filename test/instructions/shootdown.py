#!/usr/bin/env python3
"""Who sends to whom in each shootdown variant, how many lines, and how many instructions: counted in the booted system.

    python3 test/instructions/shootdown.py [--cores 2,8,16,4]     the last one twice

Needs the built image and plugin. Prints `ok` and `not ok` lines like the scripts in test/tidy; exit status 1 if a check
failed. The trees that are expected are worked out here, from the machine file and the words of the paper.
"""
import argparse
import os
import sys
from collections import Counter

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.dirname(os.path.dirname(HERE)))

from tools import bench, bench_shootdown, build, iso, machine       # noqa: E402
from tools.common import first_difference, verdict       # noqa: E402

SECONDS = 120
ROOT = 0
OPERATIONS = bench_shootdown.EXACT_SAMPLES + 200         # and the warm-up; groups have one more, which ends them
KNOWN = ("broadcast", "unicast", "multicast", "numa_multicast", "ipi")


def parents(variant, shape):
    """{member: parent}. All members are cores of `shape`, package by package; the root is the first."""
    each = shape.cores_per_package
    flat = variant in ("broadcast", "unicast", "ipi")
    return {core: ROOT if flat or core % each == 0 else core // each * each for core in range(1, shape.cores)}


def expected_edges(variant, shape):
    """Every (from, to) by which lines go, down and up."""
    tree, lines = parents(variant, shape), OPERATIONS + (variant != "ipi")
    return Counter({**{(parent, child): lines for child, parent in tree.items()},
                    **{(child, parent): lines for child, parent in tree.items()}})


def expected_messages(variant, shape):
    """Lines written in one operation: one up from each, and one down to each or one for all."""
    return shape.cores - 1 + (1 if variant == "broadcast" else shape.cores - 1)


def printed_edges(output, variant):
    edges = Counter()
    for line in output.splitlines():
        fields = line.split(",")
        if fields[:2] == ["edge", variant]:
            edges[int(fields[3]), int(fields[4])] += int(fields[5])
    return edges


def check_variant(variant, shape, output, rows):
    failed = False
    found = printed_edges(output, variant)
    where = f"shootdown: {variant} on {shape.cores} cores"
    if variant in KNOWN:
        wanted = expected_edges(variant, shape)
        differ = {edge: (found[edge], wanted[edge]) for edge in found | wanted if found[edge] != wanted[edge]}
        failed |= verdict(f"{where}: who sends to whom", differ and f"(from, to): (lines, expected) {differ}")
    else:
        reached = {to for sender, to in found if sender < to or sender == ROOT}
        failed |= verdict(f"{where}: everybody is reached and answers",
                          len(reached) < shape.cores - 1 and f"only {sorted(reached)}")
    messages = [row["median"] for row in rows if (row["variant"], row["metric"]) == (variant, "messages")]
    wanted = [str(expected_messages(variant, shape))]
    return failed | verdict(f"{where}: messages", messages != wanted and f"{messages}, not {wanted}")


def check_differences(shape, output):
    """Where one package's cores are several, multicast is not unicast; a shared line is one line."""
    edges = {variant: printed_edges(output, variant) for variant in KNOWN}
    same = edges["multicast"] == edges["unicast"]
    return verdict(f"shootdown: multicast against unicast on {shape.cores} cores",
                   same != (shape.cores_per_package == 1) and ("they are the same" if same else "they differ"))


def run(image, cores, variants):
    shape = machine.load(bench_shootdown.SHAPES[cores])
    output, report = bench_shootdown.exact(image, cores, shape, variants, SECONDS, "edges")
    return shape, output, report


def check_count(cores, variants, shape, output, report):
    rows = bench.rows_of(output, shape.name)
    failed = False
    for variant in variants:
        failed |= check_variant(variant, shape, output, rows)
    counted, wanted = len(bench_shootdown.intervals(report, cores)), bench_shootdown.EXACT_SAMPLES * len(variants)
    failed |= verdict(f"shootdown: operations counted on {cores} cores", counted != wanted and f"{counted}, not {wanted}")
    return failed | check_differences(shape, output)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cores", default="2,8,16,4")
    counts = [int(count) for count in parser.parse_args().cores.split(",")]
    build.ninja([bench_shootdown.PLUGIN_TARGET])
    image, variants, failed = iso.ensure(), bench_shootdown.known_variants(), False
    try:
        for cores in counts:
            first = run(image, cores, variants)
            failed |= check_count(cores, variants, *first)
        second = run(image, counts[-1], variants)
        failed |= verdict("shootdown: two deterministic runs print the same, times too", first_difference(first[1], second[1]))
        failed |= verdict("shootdown: each operation of two deterministic runs takes the same instructions on every core",
                          first_difference(first[2], second[2]))
    except bench.Failed as failure:
        failed |= verdict("shootdown: the benchmark runs", f"status {failure.status}")
    except ValueError as problem:
        failed |= verdict("shootdown: the plugin's report", str(problem))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
