#!/usr/bin/env python3
"""What capability operations take, against what capability.csv keeps.

    python3 test/instructions/capability.py [--cores 1,2,4]
    python3 test/instructions/capability.py --renew

Needs the built image and plugin. Instructions (of remote operations those of all cores outside of poll loops) may be 5% more
than kept; lines between monitors are the same to the line. Who changes either renews the file, and says in the commit why.
Prints `ok` and `not ok` lines like the scripts in test/tidy; exit status 1 if a check failed.
"""
import argparse
import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.dirname(os.path.dirname(HERE)))

from tools import bench, bench_capability, iso, kept    # noqa: E402
from tools.common import verdict       # noqa: E402

KEPT = os.path.join(HERE, "capability.csv")
SECONDS = 120
MOST_GROWTH = 5     # percent


def key(row):
    return row["variant"], row["cores"], row["metric"]


def to_keep(rows):
    """Local instructions, those of remote operations outside of poll loops, and all lines: what else is measured depends on who
    polls how long."""
    return [row for row in rows if row["unit"] == "messages" or row["cores"] == "1" or row["metric"].endswith("_path")]


def differences(rows, wanted):
    """What is not as it was kept."""
    found = []
    for row in to_keep(rows):
        before = wanted.get(key(row))
        name = f"{row['metric']} {row['variant']} on {row['cores']} cores"
        if before is None or before["unit"] != row["unit"]:
            found.append(f"{name}: {row['median']} {row['unit']}, nothing kept")
        elif row["unit"] == "messages" and row["median"] != before["median"]:
            found.append(f"{name}: {row['median']} lines, kept {before['median']}")
        elif row["unit"] != "messages" and 100 * int(row["median"]) > (100 + MOST_GROWTH) * int(before["median"]):
            found.append(f"{name}: {row['median']} {row['unit']}, kept {before['median']}")
    return found


def steady(rows):
    """Lines of every sample were the same."""
    return "; ".join(f"{' '.join(key(row))}: {row['min']} to {row['p99']}" for row in rows
                     if row["unit"] == "messages" and row["min"] != row["p99"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cores", default=bench_capability.USUAL_CORES)
    parser.add_argument("--renew", action="store_true")
    asked = parser.parse_args()
    counts = [int(count) for count in (bench_capability.USUAL_CORES if asked.renew else asked.cores).split(",")]
    try:
        image = iso.ensure()
        rows = [row for cores in counts for row in bench_capability.counted(image, cores, SECONDS)]
    except bench.Failed as failure:
        return int(verdict("capability: the benchmark runs", f"status {failure.status}"))
    wrong = "ticks are not instructions" if any(row["unit"] == "cycles" for row in rows) else None
    failed = verdict("capability: a tick is an instruction", wrong)
    failed |= verdict("capability: an operation takes the same lines each time", steady(rows))
    if asked.renew:
        kept.write(KEPT, to_keep(rows))
    else:
        found = differences(rows, {key(row): row for row in kept.read(KEPT)})
        failed |= verdict("capability: instructions and lines of each operation", found and "\n    ".join(["if that is meant, --renew", *found]))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
