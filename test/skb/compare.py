"""The differential test: the same programs and questions to the knowledge base and to SWI-Prolog; answers as sets.

    python3 test/skb/compare.py [PROGRAMS [SEED]]      2,000 programs without a number

Prints `ok NAME` or `not ok NAME: reason` a check. A failure names the seed and leaves the program's text behind.
"""
import glob
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [ROOT, HERE]

import generate  # noqa: E402
from tools import machine, skb  # noqa: E402

HOST = os.path.join(ROOT, "build", "x86_64", "test", "skb", "skb_host")
PRELUDE = os.path.join(ROOT, "skb", "prolog", "prelude.pl")
RULES = os.path.join(ROOT, "skb", "rules")
FACTS = os.path.join(ROOT, "skb", "facts.pl")
WORDS = os.path.join(ROOT, "skb", "words.pl")
OURS = [HOST, "256"]
SWI = ["swipl", "--stack-limit=2g", "--table-space=2g", PRELUDE, os.path.join(HERE, "oracle.pl")]
BATCH = 100
SECONDS = 100
USUAL = 2000
MOST_CORES = 64     # prices are told for all pairs


def answers(command, lines):
    """For each command line its block of output lines, without the time."""
    done = subprocess.run(command, input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=SECONDS,
                          check=False)
    blocks, block = [], []
    for line in done.stdout.splitlines():
        if line.startswith("time "):
            blocks.append(block)
            block = []
        else:
            block.append(line)
    if len(blocks) != len(lines):
        raise ValueError(f"{command[0]} answered {len(blocks)} of {len(lines)} commands: {done.stderr[-400:]}")
    return blocks, done.stderr


def compare(lines):
    """(number of questions that had answers, what differs as lines)."""
    (ours, said), (theirs, complaints) = answers(OURS, lines), answers(SWI, lines)
    differences, full = [], 0
    for line, one, other in zip(lines, ours, theirs):
        if not line.startswith("ask"):
            same = one == other == ["ok"]
        else:
            same = one[:1] == other[:1] and one != ["error"] and sorted(one) == sorted(other)
        full += len(one) > 1
        if not same:
            differences.append(f"{line}: ours {one[:4]}, SWI-Prolog's {other[:4]}")
    if differences:
        differences += [said[-300:], complaints[-600:]]
    return full, differences


def changes(program):
    """Facts told and retracted, and the questions again."""
    pick = random.Random(program.number)
    lines = []
    for _ in range(2):
        lines.append("tell " + program.fact(pick.choice(program.bases)))
        lines.append("retract " + pick.choice(sorted(program.facts)))
    return lines + [f"ask {question}" for question in program.questions]


def generated(programs, seed, folder):
    full = 0
    for first in range(0, programs, BATCH):
        text, batch = generate.batch(first, min(BATCH, programs - first), seed)
        path = os.path.join(folder, f"programs_{first}.pl")
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        lines = [f"load {path}"]
        for program in batch:
            lines += [f"ask {question}" for question in program.questions]
        for program in batch:
            lines += changes(program)
        answered, differences = compare(lines)
        full += answered
        if differences:
            kept = os.path.join(tempfile.gettempdir(), os.path.basename(path))
            os.replace(path, kept)
            return full, [f"seed {seed}, text in {kept}", *differences]
    return full, []


QUESTIONS = os.path.join(HERE, "questions")


def everything(chosen):
    """A machine's facts with made-up prices of messages, free memory, devices and wishes."""
    lines = [f"free({node}, {1 << 20 + node % 3})." for node in range(chosen.nodes)]
    lines += [f"apic({core}, {2 * core})." for core in range(chosen.cores)]
    lines += [f"interrupt({source}, line, {source})." for source in range(4)]
    lines += [f"device_node({source}, {source % chosen.nodes})." for source in (1, 2)]
    lines += ["reserved(1).", "load(0, 3)."]
    groups = {"all": range(chosen.cores), "odd": range(1, chosen.cores, 2), "last": range(chosen.cores // 2, chosen.cores)}
    lines += [f"group_member({group}, {core})." for group, members in groups.items() for core in members]
    return skb.facts(chosen) + skb.messages(chosen) + "\n".join(lines) + "\n"


def rule_files(name, folder, more=""):
    """All rule files over one machine's facts, and `more`."""
    path = os.path.join(folder, name + ".pl")
    with open(path, "w", encoding="ascii") as file:
        file.write(everything(machine.load(name)) + more)
    with open(QUESTIONS, encoding="ascii") as file:
        questions = [line.strip() for line in file if line.strip() and not line.startswith("%")]
    loads = [f"load {each}" for each in [FACTS, path, WORDS, *sorted(glob.glob(os.path.join(RULES, "*.pl")))]]
    return compare(loads + [f"ask {question}" for question in questions])

TRIED = ("most_children(3). tree_measured(0, 0, 0, 0, reader, 700). tree_measured(0, 2, 1, 4, reader, 710).\n"
         "tree_measured(1, 2, 1, 4, reader, 900). tree_measured(1, 999, 1, 999, shared, 800).\n")


def report(name, full, differences, least):
    if not differences and full < least:
        differences = [f"only {full} questions had answers"]
    if not differences:
        print(f"ok {name}: {full} questions with answers", flush=True)
        return True
    print(f"not ok {name}: {differences[0]}", *differences[1:12], sep="\n    ", flush=True)
    return False


def main():
    programs = int(sys.argv[1]) if len(sys.argv) > 1 else USUAL
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    good = True
    with tempfile.TemporaryDirectory(prefix="skerry-skb-") as folder:
        good &= report(f"skb: {programs} generated programs, seed {seed}", *generated(programs, seed, folder), programs // 2)
        for name in machine.names():
            if machine.load(name).cores > MOST_CORES:
                continue
            good &= report(f"skb: all rule files on {name}", *rule_files(name, folder), 10)
            good &= report(f"skb: all rule files on {name}, at most 3 children, trees tried", *rule_files(name, folder, TRIED), 10)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
