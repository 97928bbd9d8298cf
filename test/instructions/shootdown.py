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

SECONDS = 120
ROOT = 0
OPERATIONS = bench_shootdown.EXACT_SAMPLES + 200         # and the warm-up; groups have one more, which ends them
STEADY = 8      # operations come in several counts by turns (of 100 on 8 cores 50, 25 and 25): one in so many is the same
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


def say(name, wrong):
    print(f"not ok {name}: {wrong}" if wrong else f"ok {name}", flush=True)
    return bool(wrong)


def check_variant(variant, shape, output, rows):
    failed = False
    found = printed_edges(output, variant)
    where = f"shootdown: {variant} on {shape.cores} cores"
    if variant in KNOWN:
        wanted = expected_edges(variant, shape)
        differ = {edge: (found[edge], wanted[edge]) for edge in found | wanted if found[edge] != wanted[edge]}
        failed |= say(f"{where}: who sends to whom", differ and f"(from, to): (lines, expected) {differ}")
    else:
        reached = {to for sender, to in found if sender < to or sender == ROOT}
        failed |= say(f"{where}: everybody is reached and answers",
                      len(reached) < shape.cores - 1 and f"only {sorted(reached)}")
    messages = [row["median"] for row in rows if (row["variant"], row["metric"]) == (variant, "messages")]
    wanted = [str(expected_messages(variant, shape))]
    return failed | say(f"{where}: messages", messages != wanted and f"{messages}, not {wanted}")


def check_differences(shape, output):
    """Where one package's cores are several, multicast is not unicast; a shared line is one line."""
    edges = {variant: printed_edges(output, variant) for variant in KNOWN}
    same = edges["multicast"] == edges["unicast"]
    return say(f"shootdown: multicast against unicast on {shape.cores} cores",
               same != (shape.cores_per_package == 1) and ("they are the same" if same else "they differ"))


def usual(report, cores, variants):
    """{variant: (each core's instructions in the most operations, how many these were)}. In a run a timer falls into one
    operation or two; into which, depends on when the host typed the command."""
    found = bench_shootdown.intervals(report, cores)
    each = len(found) // len(variants)
    return {variant: Counter(tuple(counts) for _, counts in found[index * each:(index + 1) * each]).most_common(1)[0]
            for index, variant in enumerate(variants)}


def counted_lines(output):
    """What a guest printed, without times."""
    return [line for line in output.splitlines() if line.startswith("edge,") or ",messages," in line]


def run(image, cores, variants):
    shape = machine.load(bench_shootdown.SHAPES[cores])
    output, report = bench_shootdown.exact(image, cores, shape, variants, SECONDS, "edges")
    return shape, output, report


def check_count(cores, variants, shape, output, report):
    rows = bench.rows_of(output, shape.name)
    failed = False
    for variant in variants:
        failed |= check_variant(variant, shape, output, rows)
    failed |= check_differences(shape, output)
    rare = [variant for variant, (_, times) in usual(report, cores, variants).items()
            if times < bench_shootdown.EXACT_SAMPLES // STEADY]
    return failed | say(f"shootdown: instructions of an operation on {cores} cores",
                        rare and f"no count is that of one operation in {STEADY}: {rare}")


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
        failed |= say("shootdown: two deterministic runs count the same messages",
                      counted_lines(first[1]) != counted_lines(second[1]) and "they do not")
        paths = [{variant: counts for variant, (counts, _) in usual(each[2], counts[-1], variants).items()}
                 for each in (first, second)]
        failed |= say("shootdown: two deterministic runs take the same instructions on every core",
                      paths[0] != paths[1] and f"they do not: {paths}")
    except bench.Failed as failure:
        failed |= say("shootdown: the benchmark runs", f"status {failure.status}")
    except ValueError as problem:
        failed |= say("shootdown: the plugin's report", str(problem))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
