#!/usr/bin/env python3
"""What capability operations take, against what capability.csv keeps.

    python3 test/instructions/capability.py [--cores 1,2,4]
    python3 test/instructions/capability.py --renew

Needs the built image and plugin. Instructions of remote operations (those of all cores outside of poll loops) may be 5% more than
kept. So may those of a local one over all numbers of descendants (geometric mean), but 15% with one number: where in the derivation
tree something lies costs or saves up to a tenth, by what happened to be made before it. Lines between monitors are the same to
the line. Who changes either renews the file, and says in the commit why.
Prints `ok` and `not ok` lines like the scripts in test/tidy; exit status 1 if a check failed.
"""
import argparse
import os
import statistics
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.dirname(os.path.dirname(HERE)))

from tools import bench, bench_capability, iso, kept    # noqa: E402
from tools.common import verdict       # noqa: E402

KEPT = os.path.join(HERE, "capability.csv")
SECONDS = 120
MOST_LOCAL, MOST = 15, 5     # percent more than kept: of one local row; of a remote one, and of the mean


def key(row):
    return row["variant"], row["cores"], row["metric"]


def to_keep(rows):
    """Local instructions, those of remote operations outside of poll loops, and all lines: what else is measured depends on who
    polls how long."""
    return [row for row in rows if row["unit"] == "messages" or row["cores"] == "1" or row["metric"].endswith("_path")]


def difference(row, before):
    """What is not as it was kept, or None."""
    name = f"{row['metric']} {row['variant']} on {row['cores']} cores: {row['median']}"
    if before is None or before["unit"] != row["unit"]:
        return f"{name} {row['unit']}, nothing kept"
    if row["unit"] == "messages":
        return None if row["median"] == before["median"] else f"{name} lines, kept {before['median']}"
    most = (100 + (MOST_LOCAL if row["cores"] == "1" else MOST)) * int(before["median"])
    return None if 100 * int(row["median"]) <= most else f"{name} {row['unit']}, kept {before['median']}"


def means(rows, wanted):
    """Each operation's instructions to those kept, over all numbers of descendants: {(cores, metric): geometric mean}."""
    ratios = {}
    for row in rows:
        if row["unit"] != "messages" and key(row) in wanted:
            ratios.setdefault((row["cores"], row["metric"]), []).append(int(row["median"]) / int(wanted[key(row)]["median"]))
    return {operation: statistics.geometric_mean(of) for operation, of in ratios.items()}


def differences(rows, wanted):
    """What is not as it was kept, of the numbers of cores that were measured."""
    rows = to_keep(rows)
    found = [said for said in (difference(row, wanted.get(key(row))) for row in rows) if said]
    measured, cores = {key(row) for row in rows}, {row["cores"] for row in rows}
    found += [f"{' '.join(name)}: kept, not measured" for name in wanted if name[1] in cores and name not in measured]
    found += [f"{metric} on {count} cores: {mean:.3f} of what is kept, mean over all numbers of descendants"
              for (count, metric), mean in means(rows, wanted).items() if mean > 1 + MOST / 100]
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
