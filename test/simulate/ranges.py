"""Plays more seeds about capabilities, from where ranges.txt says that the last run has ended, and notes there what came of them:
each range with the tree that played it. For nights: one process, which may be stopped at any time.

    ranges.py COUNT [PROGRAM]     PROGRAM: a copy of skerry_simulated, so that the tree can be built meanwhile"""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, ROOT)

from tools import simulated  # noqa: E402  pylint: disable=wrong-import-position

RANGES = os.path.join(HERE, "ranges.txt")
CHUNK = 1000
MOST = 999_999_999  # the last seed that there is


def read():
    """[(tree, first, last, failed)]"""
    with open(RANGES, encoding="ascii") as file:
        rows = [line.split() for line in file if not line.startswith("#")]
    return [(row[0], *map(int, row[1:4])) for row in rows]


def write(rows):
    with open(RANGES, encoding="ascii") as file:
        head = [line for line in file if line.startswith("#")]
    with open(RANGES + ".new", "w", encoding="ascii") as file:
        file.writelines(head + [" ".join(map(str, row)) + "\n" for row in rows])
    os.replace(RANGES + ".new", RANGES)


def note(rows, tree, first, last, failed):
    """With the row before, if that is of the same tree and ends where this begins."""
    if rows and rows[-1][0] == tree and rows[-1][2] + 1 == first:
        _, first, _, before = rows.pop()
        failed += before
    rows.append((tree, first, last, failed))


def main(arguments):
    count, program = int(arguments[0]), arguments[1] if len(arguments) > 1 else simulated.PROGRAM
    tree = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    rows = read()
    first = max([row[2] + 1 for row in rows], default=simulated.CAPABILITY_SEEDS)
    end = min(first + count, MOST + 1)
    while first < end:
        size = min(CHUNK, end - first)
        done = subprocess.run([program, *simulated.explore(first, size)[1:]], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, errors="replace", check=False)
        wrong = [line for line in done.stdout.splitlines() if line.startswith(("--seed", "scene"))]
        if not re.search(r"^\d+ schedules from seed", done.stdout, re.MULTILINE):
            print(f"not ok seeds {first} on: status {done.returncode}: {done.stdout[-300:]}", flush=True)
            return 1
        for line in wrong:
            print(f"not ok {line}", flush=True)
        note(rows, tree, first, first + size - 1, len(wrong))
        write(rows)
        first += size
    print(f"ok up to seed {first - 1}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
