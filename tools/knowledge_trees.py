"""Multicast trees as the knowledge base chooses them for a simulated machine: its messages are measured, the prices told as
facts, and skb/rules/logp.pl asked; the likeliest shapes and the plainest are tried out, the best with its rings elsewhere and
with a line that children share, and what that took decides.
"""
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass

from . import bench
from .common import BUILD, ROOT

HOST_TARGET = "test/skb/skb_host"
MODEL = os.path.join(BUILD, "platforms/simulated/model/skerry_model")
RULES = [os.path.join(ROOT, "skb", name) for name in ("facts.pl", "words.pl", "rules/multicast.pl", "rules/logp.pl")]
POOL_MIB = "256"
SECONDS = 600
STAR = 6            # children with which an occupancy is measured
TRIED, TRIED_OF_LARGE = 4, 2    # shapes; of large machines, where one takes half a second
LARGE = 512         # cores
ALL, PACKAGES = 999, (0, 0, 0, "reader")    # of skb/rules/logp.pl: so many at once, and the tree of packages and distances
SAMPLES_OF_A_PRICE = 4


@dataclass
class Shape:
    """Of a machine: what facts need. `distance(one, other)` is between packages, in hops."""
    name: str
    packages: int
    cores_per_package: int
    hops: list

    @property
    def cores(self):
        return self.packages * self.cores_per_package

    def package(self, core):
        return core // self.cores_per_package

    def distance(self, one, other):
        return 10 + 6 * self.hops[one][other]


def shape_of(path):
    """From a machine's file, of any size; hops between packages over the nodes that they are next to."""
    values, links = {}, []
    with open(path, encoding="utf-8") as file:
        for line in file:
            key, _, value = line.partition("#")[0].partition("=")
            if key.strip() == "link":
                links.append(tuple(map(int, value.split())))
            elif not key.startswith("cost") and value.strip().isdigit():
                values[key.strip()] = int(value)
    nodes, packages = values["nodes"], values["packages"]
    per_package = max(1, nodes // packages)
    ways = [_hops_from(node * per_package, nodes, links) for node in range(packages)] if nodes > 1 else None
    hops = [[0 if one == other else ways[one].get(other * per_package, 1) if ways else 1 for other in range(packages)]
            for one in range(packages)]
    return Shape(os.path.basename(path), packages, values["dies_per_package"] * values["cores_per_die"], hops)


def _hops_from(start, nodes, links):
    found, border = {start: 0}, [start]
    next_to = [[] for _ in range(nodes)]
    for one, other in links:
        next_to[one].append(other)
        next_to[other].append(one)
    for node in border:
        for other in next_to[node]:
            if other not in found:
                found[other] = found[node] + 1
                border.append(other)
    return found


class Partner:
    """A program of the host that answers line by line."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(SECONDS)
        self.process.stdout.close()
        self.process.stderr.close()

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def ended(self):
        return bench.fail("", self.process.stderr.read().strip() or f"{self.process.args[0]} ended")


class Model(Partner):
    """One simulated machine that measures one tree after another. A tree: [(child, parent, down_at, up_at)], parents first;
    `shared`: the children of one parent hear of it in one line that all of them poll."""

    def __init__(self, path, samples):
        super().__init__(MODEL, path, "plans", f"samples={samples}")

    def cycles(self, tree, shared=False):
        self.say(" ".join([*(["shared"] if shared else []), *(":".join(map(str, edge)) for edge in tree)]))
        words = self.process.stdout.readline().split(",")
        return float(words[2]) if words[0] == "plan" else self.ended()


def star(children):
    return [(child, 0, child, 0) for child in children]


def prices(model, shape, cores):
    """Facts message_latency(0, Core, Cycles) and message_occupancy: of core 0 with one core of its package and of each
    distance."""
    groups = {"near": range(1, min(cores, shape.cores_per_package))}
    for package in range(1, -(-cores // shape.cores_per_package)):
        first = package * shape.cores_per_package
        groups.setdefault(shape.hops[0][package], []).extend(range(first, min(first + shape.cores_per_package, cores)))
    latencies, occupancies, known = [], [], None
    for children in sorted((list(group) for group in groups.values() if len(group)), key=len, reverse=True):
        one = model.cycles(star(children[:1]))
        if len(children) > 1:
            most = min(STAR, len(children))
            known = (model.cycles(star(children[:most])) - one) / (most - 1)
        occupancy = min(known if known is not None else one / 3, one / 2)
        latencies.append(f"message_latency(0, {children[0]}, {round((one - occupancy) / 2)}).")
        occupancies.append(f"message_occupancy(0, {children[0]}, {round(occupancy)}).")
    return latencies + occupancies


def facts(shape, cores):
    packages, each = range(-(-cores // shape.cores_per_package)), range(cores)
    return [*(f"core({core}, {shape.package(core)}, {shape.package(core)})." for core in each),
            *(f"running({core})." for core in each), *(f"package({package})." for package in packages),
            *(f"node({package})." for package in packages),
            *(f"node_distance({one}, {other}, {shape.distance(one, other)})." for one in packages for other in packages)]


class Base(Partner):
    """The knowledge base on the host, asked for what numbers its answers are."""

    def __init__(self, lines):
        super().__init__(os.path.join(BUILD, HOST_TARGET), POOL_MIB)
        with tempfile.NamedTemporaryFile("w", suffix=".pl", encoding="utf-8") as told:
            told.write("\n".join(lines) + "\n")
            told.flush()
            for path in (*RULES, told.name):
                self.command(f"load {path}")

    def command(self, line):
        self.say(line)
        answers = []
        for word in iter(self.process.stdout.readline, ""):
            if word.startswith("time "):
                return answers
            if word.startswith("error"):
                bench.fail("", f"the knowledge base refused '{line}'")
            answers.append(word.split())
        return self.ended()

    def ask(self, goals):
        return [tuple(map(int, row)) for row in self.command("ask " + goals)[1:]]


def tree_of(rows, rings="reader"):
    """Answers (Parent, Child, Turn) as edges: a parent before its children, in sending order."""
    children = {}
    for parent, child, turn in sorted(rows, key=lambda row: row[2]):
        children.setdefault(parent, []).append(child)
    edges, border = [], [0]
    for parent in border:
        for child in children.get(parent, ()):
            edges.append((child, parent, child if rings == "reader" else parent, parent))
            border.append(child)
    return edges


@dataclass
class Choice:
    tree: list
    cycles: float
    shape: tuple        # Fan, Direct, Within, Rings
    measuring: float    # seconds of the host: to measure prices and to try shapes
    choosing: float     # seconds of the host: for the knowledge base


class Trial:
    """Asks for shapes, tries them on the machine, tells what they took. A shape: (Fan, Direct, Within, Rings)."""

    def __init__(self, base, model):
        self.base, self.model = base, model
        self.found = {}         # shape -> (cycles, (tree, whether a line is shared))
        self.seconds = 0.0      # of the model

    def tree(self, shape):
        told = f"tree_measured(0, {', '.join(map(str, shape))}, 0)."
        self.base.command(f"tell {told}")
        tree = tree_of(self.base.ask("fast_tree(0, P, C, T)"), shape[3])
        self.base.command(f"retract {told}")
        return tree

    def measure(self, shape):
        """Unless another shape was the same tree."""
        tree = self.tree(shape), shape[3] == "shared"
        if any(tree == other for _, other in self.found.values()):
            return
        began = time.monotonic()
        self.found[shape] = self.model.cycles(*tree), tree
        self.seconds += time.monotonic() - began

    def more(self, cores, others):
        """Behind the likeliest: everybody sent to by the root itself, and the tree of packages; and the best of all these with
        its rings elsewhere."""
        if cores < LARGE:
            star = (ALL, others, ALL)
            for shape in ((*star, "reader"), (*star, "shared"), PACKAGES):
                self.measure(shape)
        best = self.best()[:3]
        for rings in ("parent", "shared") if cores < LARGE else ("parent",):
            self.measure((*best, rings))

    def best(self):
        return min(self.found, key=lambda shape: self.found[shape][0])

    def tell(self):
        for shape, (cycles, _) in self.found.items():
            self.base.command(f"tell tree_measured(0, {', '.join(map(str, shape))}, {round(cycles)}).")


def choose(path, cores, samples):
    """The tree that the rules choose for root 0 on the first `cores` cores."""
    shape = shape_of(path)
    began = time.monotonic()
    with Model(path, samples) as model:
        told = prices(model, shape, cores)
        priced = time.monotonic() - began
        with Base(facts(shape, cores) + told) as base:
            trial = Trial(base, model)
            estimates = sorted(base.ask("estimate(0, F, D, W, T)"), key=lambda row: (row[3], row[1], row[0], row[2]))
            for fan, direct, within, _ in estimates:
                if len(trial.found) == (TRIED if cores < LARGE else TRIED_OF_LARGE):
                    break
                trial.measure((fan, direct, within, "reader"))
            trial.more(cores, -(-cores // shape.cores_per_package) - 1)
            trial.tell()
            *numbers, rings = base.command("ask chosen(0, F, D, W, R)")[1]
            tree = tree_of(base.ask("fast_tree(0, P, C, T)"), rings)
            measuring = priced + trial.seconds
            choosing = time.monotonic() - began - measuring
        return Choice(tree, model.cycles(tree, rings == "shared"), (*map(int, numbers), rings), measuring, choosing)


def row(experiment, machine, variant, cores, metric, value, unit):
    text = f"{value:.6g}"
    return {"experiment": experiment, "platform": "simulated", "machine": machine, "system": "skerry", "variant": variant,
            "cores": str(cores), "metric": metric, "median": text, "min": text, "p99": text, "unit": unit, "samples": "1"}


def rows(machine, path, counts, samples):
    """The variant `tree` of bench shootdown."""
    return [row("shootdown", machine, "tree", cores, "latency", choose(path, cores, samples).cycles, "cycles") for cores in counts]
