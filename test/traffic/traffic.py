#!/usr/bin/env python3
"""The lines that messages and shootdowns move in the booted system, against those that counts.csv keeps.

    python3 test/traffic/traffic.py [--cores 2,4]
    python3 test/traffic/traffic.py --renew         counts anew, on 2, 4, 8 and 16 cores, and writes the file

Prints `ok` and `not ok` lines like the scripts in test/tidy; exit status 1 if a check failed. Who changes what a message
touches renews the file, and says in the commit why.
"""
import argparse
import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.dirname(os.path.dirname(HERE)))

from tools import bench, bench_shootdown, bench_traffic, build, iso, kept, machine    # noqa: E402
from tools.common import verdict       # noqa: E402

KEPT = os.path.join(HERE, "counts.csv")
SECONDS = 150
INTERRUPTS = ("ipi",)               # shootdowns that are the drivers' own work
RAW_LINES = 2                       # a round trip: one there and one back


def key(row):
    return row["variant"], int(row["cores"]), row["metric"]


def measured(image, counts, variants):
    rows = bench_traffic.messages(image, SECONDS)
    for cores in counts:
        shape = machine.load(bench_shootdown.SHAPES[cores])
        rows += bench_traffic.shootdowns(image, cores, shape, variants, SECONDS)
        rows += bench_traffic.unmaps(image, cores, shape, SECONDS)
    return rows


def medians(rows):
    return {key(row): row["median"] for row in rows}


def differences(rows, wanted):
    """What differs from the kept counts, of the rows that were measured."""
    found = []
    for row in rows:
        before = wanted.get(key(row), "nothing")
        if row["median"] != before:
            found.append(f"{row['variant']} {row['metric']} on {row['cores']} cores: {row['median']}, kept {before}")
    return "\n    ".join(found) and "\n    ".join(["if that is meant, --renew", *found])


def by_drivers(rows):
    """Lines that a driver fetched from another core in what user programs do among themselves (law 1)."""
    return "; ".join(f"{row['variant']} on {row['cores']} cores" for row in rows
                     if row["metric"] in ("round_trip_kernel_transfers", "shootdown_kernel_transfers")
                     and row["variant"] not in INTERRUPTS and row["median"] != "0")


def blind(rows):
    raw = [row["median"] for row in rows if key(row) == ("urpc_raw", 2, "round_trip_transfers")]
    driver = [row["median"] for row in rows if row["metric"] == "shootdown_kernel_transfers"
              and row["variant"] in INTERRUPTS]
    wrong = raw != [str(RAW_LINES)] and f"a bare line and its answer moved {raw} lines, not {RAW_LINES}"
    return wrong or (not all(int(lines) > 0 for lines in driver) and "drivers' own lines were not seen to move")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cores", default="2,4")
    parser.add_argument("--renew", action="store_true")
    asked = parser.parse_args()
    counts = sorted(bench_shootdown.SHAPES) if asked.renew else [int(count) for count in asked.cores.split(",")]
    build.ninja([bench_traffic.PLUGIN_TARGET])
    image, variants, failed = iso.ensure(), bench_shootdown.known_variants(), False
    try:
        rows = measured(image, counts, variants)
        if asked.renew:
            kept.write(KEPT, rows)
        else:
            again = bench_traffic.messages(image, SECONDS)
            failed |= verdict("traffic: two deterministic runs count the same",
                              medians(again) != medians(rows[:len(again)]) and "they do not")
            failed |= verdict("traffic: lines and invalidations of each message and shootdown", differences(rows, medians(kept.read(KEPT))))
        failed |= verdict("traffic: what programs say to each other moves no line for a driver", by_drivers(rows))
        failed |= verdict("traffic: the plugin sees lines move", blind(rows))
    except bench.Failed as failure:
        failed |= verdict("traffic: the benchmark runs", f"status {failure.status}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
