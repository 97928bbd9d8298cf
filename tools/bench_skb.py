"""./skerry bench skb: the knowledge base on the host, each figure beside SWI-Prolog (tabled) in the same run.

Both get the same files and commands, by turns; times are each program's own, without starting it. Facts and rules of
made-up machines and a random graph come from a seed.
"""
import os
import random
import subprocess
import tempfile

from . import bench, build, packages, skb
from .common import BUILD, ROOT

HOST_TARGET = "test/skb/skb_host"
HERE = os.path.join(ROOT, "skb")
RULES = [os.path.join(HERE, "rules", name) for name in sorted(os.listdir(os.path.join(HERE, "rules"))) if name.endswith(".pl")]
OURS = [os.path.join(BUILD, HOST_TARGET), "2048"]
SWI = ["swipl", "--stack-limit=6g", "--table-space=6g", os.path.join(HERE, "prolog", "prelude.pl"),
       os.path.join(ROOT, "test", "skb", "oracle.pl")]
SECONDS = 600
EDGES, VERTICES, FACTS = 10_000, 2_000, 1_000_000


class Experiment:
    """What is prepared, what is timed, and how often."""

    def __init__(self, metric, prepare, timed, times, unit="ns"):
        self.metric, self.prepare, self.timed, self.times, self.unit = metric, prepare, timed, times, unit


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    return path


def graph(pick):
    edges = set()
    while len(edges) < EDGES:
        edges.add((pick.randrange(VERTICES), pick.randrange(VERTICES)))
    return (":- table reach/2.\nreach(X, Y) :- edge(X, Y).\nreach(X, Y) :- reach(X, Z), edge(Z, Y).\n"
            + "".join(f"edge({one}, {other}).\n" for one, other in sorted(edges)))


def experiments(folder):
    pick = random.Random(1)
    base = [os.path.join(HERE, "facts.pl")]
    rules = [os.path.join(HERE, "words.pl"), *RULES]
    small = write(folder, "8x4.pl", skb.facts_of("8x4-amd"))
    large = write(folder, "64x16.pl", skb.facts(skb.ring_machine(64, 16)))
    edges = write(folder, "graph.pl", graph(pick))
    million = write(folder, "million.pl", "".join(f"f({i}, {pick.randrange(1000)}, {i % 7}).\n" for i in range(FACTS)))

    def load(*paths):
        return [f"load {path}" for path in paths]
    return [
        Experiment("load_rules", load(*base, small), load(*rules), 9),
        Experiment("tree_8x4", load(*base, small, *rules), ["count tree(5, P, C, T)"], 9),
        Experiment("trees_8x4_all_roots", load(*base, small, *rules), ["count tree(R, P, C, T)"], 5),
        Experiment("tree_64x16", load(*base, large, *rules), ["count tree(100, P, C, T)"], 5),
        Experiment("load_million_facts", [], load(million), 1),
        Experiment("ask_million_facts", load(million), ["count f(X, 17, 3)"], 5),
        Experiment("aggregate_million_facts", load(million), ["ask aggregate_all(max(X), f(X, 500, _), M)"], 5),
        Experiment("closure_10000_edges", load(edges), ["count reach(X, Y)"], 1),
        Experiment("reach_from_one_of_2000", load(edges), ["count reach(3, Y)"], 5),
    ]


def measure_one(command, experiment):
    """(samples in ns, answers): one process; answers that were kept are forgotten before each sample."""
    lines = list(experiment.prepare)
    for _ in range(experiment.times):
        lines += ["forget ."] + experiment.timed
    done = subprocess.run(command, input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=SECONDS,
                          check=False)
    blocks = [block.split("\n") for block in done.stdout.strip().split("\ntime ")]
    # Each block but the first begins with the time of the block before.
    times = [int(block[0]) for block in blocks[1:]]
    words = ["\n".join(block[1:] if index else block) for index, block in enumerate(blocks)]
    if len(times) != len(lines) or any("error" in word for word in words):
        raise ValueError(f"{command[0]}: {len(times)} of {len(lines)} commands were answered: {done.stderr[-300:]}")
    samples, at = [], len(experiment.prepare)
    for _ in range(experiment.times):
        samples.append(1000 * sum(times[at + 1:at + 1 + len(experiment.timed)]))
        at += 1 + len(experiment.timed)
    return samples, [word for line, word in zip(lines, words) if line.startswith(("ask", "count"))]


def measure(asked, _):
    bench.refuse(asked, "vs", "machine", "cores")
    packages.ensure([*packages.BUILD, *packages.PROLOG], not asked.no_install)
    with build.lock():
        build.configure()
        build.ninja([HOST_TARGET])
    rows = []
    with tempfile.TemporaryDirectory(prefix="skerry-skb-") as folder:
        for experiment in experiments(folder):
            found = []
            for system, command in (("skerry", OURS), ("swi-prolog", SWI)):
                try:
                    samples, answers = measure_one(command, experiment)
                except (ValueError, subprocess.TimeoutExpired) as problem:
                    bench.fail("", f"bench skb: {experiment.metric}: {problem}")
                found.append(answers)
                samples.sort()
                rows.append({"experiment": "skb", "platform": "hosted", "machine": "host", "system": system,
                             "variant": system, "cores": "1", "metric": experiment.metric,
                             "median": str(samples[len(samples) // 2]), "min": str(samples[0]), "p99": str(samples[-1]),
                             "unit": experiment.unit, "samples": str(len(samples))})
            if found[0] != found[1]:
                bench.fail("", f"bench skb: {experiment.metric}: the two disagree: {found[0][:1]} and {found[1][:1]}")
    return rows
