"""Pairs of capability operations on a simulated machine of two cores, each in every order of messages and driver entries
(platforms/simulated/pairs.hpp)."""
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from . import hosted, simulated
from .common import ROOT, Refused

# As usr/test/juggle/pairs.cpp names them.
OPERATIONS = ("copy", "mint", "move", "delete", "delete_frame", "delete_tree", "retype", "retype_frame", "revoke",
              "revoke_frame", "map", "unmap", "give", "give_frame", "give_out_of_tree", "give_into_tree", "give_back")
ALL = [f"{one}:{other}" for one in OPERATIONS for other in OPERATIONS]
RUNS = 20_000   # of a pair: one that has more is left there, and has failed
CHUNK = 4       # pairs that a process plays one after the other
HEAD = """# Pairs of capability operations at two cores: ONE:OTHER, what came of it (all: all orders were had, and all were right; left:
# there are more; wrong: some were), orders, runs left early, histories, states; in how many orders came what ONE, OTHER alone
# brings, what OTHER, ONE alone, what both. Written by `./skerry test simulate --pairs all`.
"""
FIGURES = os.path.join(ROOT, "test", "simulate", "pairs.txt")
LINE = re.compile(r"^(ok|not ok) (\w+:\w+): (\d+) orders, (\d+) runs left early, (\d+) states, up to (\d+) steps, ([\d.]+) s; "
                  r"(all|LEFT, not all); as ONE, OTHER (\d+), as OTHER, ONE (\d+), as either (\d+); (\d+) histories(?:, by chance \d+ "
                  r"that were not explored)?(.*)$")


@dataclass
class Explored:
    name: str
    passed: bool
    orders: int
    early: int
    states: int
    steps: int
    seconds: float
    whole: bool     # all orders were had
    came: tuple     # in how many runs what one order alone brings came, what the other alone, what both
    histories: int  # different ones of what programs did on each core
    problem: str

    def row(self):
        end = "all" if self.passed else "wrong" if " failed, first" in self.problem else "left"
        return " ".join([self.name, end, *map(str, (self.orders, self.early, self.histories, self.states, *self.came))])


def parse(line):
    found = LINE.match(line)
    if not found:
        return None
    told, name, orders, early, states, steps, seconds, whole, one, other, either, histories, rest = \
        found.groups()
    return Explored(name, told == "ok", int(orders), int(early), int(states), int(steps), float(seconds), whole == "all",
                    (int(one), int(other), int(either)), int(histories), rest.lstrip("; "))


def names(text):
    """`all`, or pairs as people type them: ONE:OTHER,ONE:OTHER."""
    if text == "all":
        return ALL
    chosen = text.split(",")
    for pair in chosen:
        if pair not in ALL:
            raise Refused(f"--pairs {pair}: there is no such pair; ONE:OTHER are two of: {' '.join(OPERATIONS)}; or all")
    return chosen


def command(pairs, runs, chance, program):
    return [program, "--pairs", ",".join(pairs), "--runs", str(runs), "--chance", str(chance),
            *hosted.shape_arguments(None, 2, 512)]


def explore(pairs, runs=RUNS, chance=0, program=simulated.PROGRAM, seconds=None):
    """Yields an Explored for each, in their order, two processes at a time. `chance`: so many runs more of each that take turns
    by chance, and must all be known."""
    def play(chunk):
        try:
            done = subprocess.run(command(chunk, runs, chance, program), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  errors="replace", check=False, timeout=seconds)
            text = done.stdout
        except subprocess.TimeoutExpired as expired:
            text = (expired.stdout or b"").decode(errors="replace")
        found = [each for each in map(parse, text.splitlines()) if each]
        told = {each.name for each in found}
        silent = [Explored(pair, False, 0, 0, 0, 0, 0.0, False, (0, 0, 0), 0, f"no word of it: {text[-200:]}")
                  for pair in chunk if pair not in told]
        return found + silent

    chunks = [pairs[first:first + CHUNK] for first in range(0, len(pairs), CHUNK)]
    with ThreadPoolExecutor(max(1, min(2, len(os.sched_getaffinity(0))))) as pool:
        for found in pool.map(play, chunks):
            yield from found


def tell_pair(each, tell):
    end = "all" if each.whole else "left, not all"
    one, other, either = each.came
    tell(f"  {'ok' if each.passed else 'not ok'} {each.name}: {each.orders} orders, {end}, {each.histories} histories; one after the other {one}, the "
         f"other way round {other}, either {either}; {each.states} states, {each.early} runs left early, {each.seconds:.1f} s"
         + (f"; {each.problem}" if each.problem else ""))


CHANCE = 30    # of each, when people ask for pairs


def run(chosen, tell, program=simulated.PROGRAM):
    """Explores them, tells of each; all pairs go into the file of figures. Returns (passed, failed)."""
    found = []
    for each in explore(chosen, RUNS, CHANCE, program):
        tell_pair(each, tell)
        found.append(each)
    failed = sum(not each.passed for each in found)
    left = sum(not each.whole for each in found)
    tell(f"  {len(found)} pairs, {sum(each.orders for each in found)} orders, {sum(each.states for each in found)} states; {failed} "
         f"failed, {left} left before all orders were had")
    if chosen is ALL:
        with open(FIGURES, "w", encoding="ascii") as file:
            file.write(HEAD)
            file.writelines(each.row() + "\n" for each in found)
    return len(found) - failed, failed
