"""./skerry bench trees --platform simulated --machine M: the tree that the knowledge base chooses, beside every variant of
urpc/group in the same model and beside the best that an offline search finds (--tries N; tools/tree_search.py).
"""

from . import bench, bench_simulated, knowledge_trees, options, tree_search
from .common import say

USUAL_TRIES = {64: 3000, 256: 300}      # by cores at most; above none: one tree of 1,024 cores takes half a second
MOST_TRIES = 1_000_000
SEED = 1
LARGE = 512


def usual_tries(cores):
    return next((tries for most, tries in USUAL_TRIES.items() if cores <= most), 0)


def measure(name, cores, tries):
    """Rows for one number of cores."""
    path = bench_simulated.path_of(name)
    samples = bench_simulated.SAMPLES["shootdown"] if cores < LARGE else bench_simulated.SAMPLES_OF_LARGE
    choice = knowledge_trees.choose(path, cores, samples)
    variants = [variant for variant in bench_simulated.choose_variants("shootdown", None) if variant not in ("tree", "ipi")]
    lines = bench_simulated.run_model(path, "shootdown", f"samples={samples}", f"cores={cores}", "variants=" + ",".join(variants))
    rows = [knowledge_trees.row("trees", name, found["variant"], cores, "latency", float(found["median"]), "cycles")
            for found in bench_simulated.rows_of(lines) if found["metric"] == "latency"]
    rows.append(knowledge_trees.row("trees", name, "tree", cores, "latency", choice.cycles, "cycles"))
    if tries:
        with knowledge_trees.Model(path, samples) as model:
            best, _ = tree_search.search(model.cycles, choice.tree, tries, SEED)
        rows.append(knowledge_trees.row("trees", name, "search", cores, "latency", best, "cycles"))
    rows.append(knowledge_trees.row("trees", name, "tree", cores, "measuring", 1e9 * choice.measuring, "ns"))
    rows.append(knowledge_trees.row("trees", name, "tree", cores, "choosing", 1e9 * choice.choosing, "ns"))
    return rows, choice


def described(fan, direct, within, rings):
    where = "a line that children share" if rings == "shared" else f"rings at the {rings}"
    if fan == 0:
        return f"by packages and distances, {where}"
    return f"fan {fan}, {direct} packages by the root itself, {within} within a package, {where}"


def verdict(rows, choice):
    latency = {found["variant"]: float(found["median"]) for found in rows if found["metric"] == "latency"}
    cores = rows[0]["cores"]
    others = {name: value for name, value in latency.items() if name not in ("tree", "search")}
    near = min(others, key=others.get)
    line = (f"{cores} cores: tree {latency['tree'] / 1000:.2f} k ({described(*choice.shape)}): "
            f"{latency['tree'] / latency['numa_multicast']:.3f} of numa_multicast, "
            f"{latency['tree'] / latency[near]:.3f} of the best other variant, {near}")
    if "search" in latency:
        line += f", {latency['tree'] / latency['search']:.3f} of the best that the search found"
    return line + f"; measured and chosen in {choice.measuring:.2f} + {choice.choosing:.2f} s of the host"


def run(asked, counts):
    tries = options.whole_number("--tries", asked.tries, 0, MOST_TRIES) if asked.tries else None
    bench_simulated.make(not asked.no_install)
    rows = []
    try:
        for cores in counts:
            found, choice = measure(asked.machine, cores, usual_tries(cores) if tries is None else tries)
            rows += found
            say(verdict(found, choice))
    except bench.Failed as failure:
        return failure.status
    print(bench.table(rows), "", sep="\n")
    bench.deliver(asked, rows)
    return 0
