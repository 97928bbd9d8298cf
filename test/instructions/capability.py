#!/usr/bin/env python3
"""What capability operations take, against what capability.csv keeps.

    python3 test/instructions/capability.py [--cores 1,2,4]
    python3 test/instructions/capability.py --renew

Instructions of local operations may be 5% more than kept; lines between monitors are the same to the line. Who changes either
renews the file, and says in the commit why. Prints `ok` and `not ok` lines like the scripts in test/tidy; exit status 1 if a
check failed.
"""
import argparse
import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.dirname(os.path.dirname(HERE)))

from tools import bench, bench_capability, iso    # noqa: E402

KEPT = os.path.join(HERE, "capability.csv")
FIELDS = ("variant", "cores", "metric", "unit", "median")
SECONDS = 120
MOST_GROWTH = 5     # percent


def key(row):
    return row["variant"], row["cores"], row["metric"]


def to_keep(rows):
    """Local instructions and all lines: what else is measured depends on who polls how long."""
    return [row for row in rows if row["unit"] == "messages" or row["cores"] == "1"]


def text_of(rows):
    return "\n".join([",".join(FIELDS), *(",".join(row[field] for field in FIELDS) for row in rows)]) + "\n"


def kept():
    with open(KEPT, encoding="ascii") as file:
        names, *lines = (line.split(",") for line in file.read().splitlines())
    rows = [dict(zip(names, line)) for line in lines]
    return {key(row): row for row in rows}


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


def say(name, wrong):
    print(f"not ok {name}: {wrong}" if wrong else f"ok {name}", flush=True)
    return bool(wrong)


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
        return int(say("capability: the benchmark runs", f"status {failure.status}"))
    wrong = "ticks are not instructions" if any(row["unit"] == "cycles" for row in rows) else None
    failed = say("capability: a tick is an instruction", wrong)
    failed |= say("capability: an operation takes the same lines each time", steady(rows))
    if asked.renew:
        with open(KEPT, "w", encoding="ascii") as file:
            file.write(text_of(to_keep(rows)))
    else:
        found = differences(rows, kept())
        failed |= say("capability: instructions and lines of each operation", found and "\n    ".join(["if that is meant, --renew", *found]))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
