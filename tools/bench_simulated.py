"""./skerry bench NAME --platform simulated: the same ring and group sources as the booted system, on a machine that is data.

    table2      one message between two cores, and a stream with 16 in flight, for each relation of the machine
    shootdown   figure 6: the messages of a shootdown, by variant and number of cores
    shared      figure 3: state that cores update together, in shared memory (SHMk) or by message (MSGk)
    trees       what the knowledge base chooses, beside all variants and the best that a search finds (bench_trees.py)

What has no published value is swept over its range, one cost at a time: the band. The paper's points stand beside ours.
"""
import importlib
import os
import re
import subprocess

from . import bench, bench_shootdown, build, growth, knowledge_trees, machine, options, packages, plot, published, synthetic
from .common import BUILD, Refused, say

TARGET = "platforms/simulated/model/skerry_model"
PROGRAM = os.path.join(BUILD, TARGET)
EXPERIMENTS = ("table2", "shootdown", "shared", "trees")
SHARED_VARIANTS = tuple(published.FIG3)
SAMPLES = {"table2": 1, "shootdown": 16, "shared": 200}
SAMPLES_OF_LARGE, LARGE = 4, 512        # cores
LARGE_COUNTS = (16, 64, 256, 1024, 4096)
BAND_CORES_MOST = 64                    # above, a band takes too long


def path_of(name):
    """The file of a machine; Refused, with the line, if it is none."""
    if synthetic.shape(name):
        return synthetic.ensure(name)
    machine.load(name)
    return os.path.join(machine.FOLDER, name)


def cores_of(name):
    shape = synthetic.shape(name)
    return shape[0] * shape[1] if shape else machine.load(name).cores


def make(install):
    new = packages.ensure([*packages.BUILD, *packages.HOSTED], install)
    with build.lock():
        build.configure(again=new)
        build.ninja([TARGET, knowledge_trees.HOST_TARGET])


def run_model(path, experiment, *more, seconds=600):
    """The lines that the program prints, as (kind, rest)."""
    try:
        done = subprocess.run([PROGRAM, path, experiment, *more], capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise Refused(f"{experiment} on {os.path.basename(path)}: not done in {seconds:g} s") from None
    if done.returncode == 2:
        raise Refused(done.stderr.strip().removeprefix("skerry_model: "))
    if done.returncode != 0:
        bench.fail(done.stdout, done.stderr.strip() or f"skerry_model ended with status {done.returncode}")
    return [tuple(line.split(",", 1)) for line in done.stdout.splitlines()]


def rows_of(lines):
    return [dict(zip(bench.FIELDS, rest.split(","))) for kind, rest in lines if kind == "csv"]


def reports(lines):
    return [rest for kind, rest in lines if kind == "report"]


def choose_variants(experiment, text):
    if experiment == "shootdown":
        known = bench_shootdown.known_variants()
    else:
        known = SHARED_VARIANTS
    chosen = text.split(",") if text else list(known)
    for name in chosen:
        if name not in known and not (experiment == "shared" and re.fullmatch(r"(SHM|MSG)([1-9]|[1-5]\d|6[0-4])", name)):
            raise Refused(f"--variants {name}: there is no such variant; there are: {' '.join(known)}")
    return chosen


def choose_counts(experiment, name, text):
    most = cores_of(name)
    if text:
        return [options.whole_number("--cores", part, 2, most, f" ({name} has {most})") for part in text.split(",")]
    usual = {"shootdown": published.FIG6_CORES, "shared": published.FIG3_CORES}[experiment]
    if most > BAND_CORES_MOST:
        usual = LARGE_COUNTS
    return sorted({count for count in usual if count <= most} | ({most} if most < 64 else set())) or [most]


def swept(path):
    """[(cost, low, high)] of the costs that have no published value."""
    found = []
    for kind, rest in run_model(path, "costs"):
        fields = rest.split(",")
        if kind == "cost" and float(fields[2]) < float(fields[3]):
            found.append((fields[0], fields[2], fields[3]))
    return found


def key_of(row):
    return row["variant"], int(row["cores"]), row["metric"]


def bands(path, experiment, arguments):
    """{(variant, cores, metric): (least, most)} over one swept cost after another. A value that contradicts the table is left
    out."""
    found = {}
    for cost, *values in swept(path):
        for value in values:
            try:
                rows = rows_of(run_model(path, experiment, *arguments, f"set:{cost}={value}"))
            except Refused:
                continue
            for row in rows:
                low, high = found.get(key_of(row), (float("inf"), 0.0))
                found[key_of(row)] = min(low, float(row["median"])), max(high, float(row["median"]))
    return found


def simulate(experiment, name, counts=(), variants=(), with_bands=True, seconds=600):
    """(rows, bands, reports) of one experiment."""
    path = path_of(name)
    samples = SAMPLES[experiment] if not counts or max(counts) < LARGE else SAMPLES_OF_LARGE
    arguments = [f"samples={samples}"] if experiment != "table2" else []
    if variants:
        arguments += ["cores=" + ",".join(map(str, counts)), "variants=" + ",".join(variants)]
    chosen = []
    if experiment == "shootdown" and "tree" in variants:
        chosen = knowledge_trees.rows(name, path, counts, samples)
        arguments[-1] = "variants=" + ",".join(variant for variant in variants if variant != "tree")
    lines = run_model(path, experiment, *arguments, seconds=seconds)
    band = bands(path, experiment, arguments) if with_bands and (not counts or max(counts) <= BAND_CORES_MOST) else {}
    return rows_of(lines) + chosen, band, reports(lines)


def compare(rows, band):
    """Lines that set each point beside the paper's."""
    metric = {"shootdown": "latency", "shared": "operation"}
    lines = []
    for row in rows:
        experiment, variant, cores = row["experiment"], row["variant"], int(row["cores"])
        if row["metric"] != metric.get(experiment):
            continue
        value, paper = float(row["median"]) / 1000, published.point(experiment, row["machine"], variant, cores)
        low, high = (edge / 1000 for edge in band.get(key_of(row), (float(row["median"]),) * 2))
        line = f"{variant:15} {cores:4} cores  {value:8.2f} k  band {low:.2f} to {high:.2f}"
        if paper is not None:
            verdict = {True: "within its bound", False: "outside its bound", None: ""}[
                published.within(experiment, variant, cores, value, paper)]
            line += f"  paper {paper:5.2f} k  error {100 * value / paper - 100:+4.0f}%  {verdict}"
        lines.append(line.rstrip())
    return lines


def compare_table2(rows):
    lines = []
    for row in rows:
        paper = published.TABLE2.get(row["machine"], {}).get(row["variant"])
        line = f"{row['variant']:8} {row['metric']:24} {float(row['median']):7.2f}"
        if paper:
            value = paper[0] if row["metric"] == "latency" else paper[1]
            line += f"  paper {value:7.2f}  error {100 * float(row['median']) / value - 100:+5.1f}%"
        lines.append(line)
    return lines


def laws(rows):
    """How each variant grows, where there are points enough."""
    curves = curves_of(rows)
    return [f"{name}: {growth.text([(x, 1000 * y) for x, y in points])}" for name, points in curves.items()
            if len(points) >= 5 and rows[0]["experiment"] == "shootdown"]


def curves_of(rows):
    """{variant: [(cores, kcycles)]}"""
    curves = {}
    for row in rows:
        if row["metric"] in ("latency", "operation"):
            curves.setdefault(row["variant"], []).append((int(row["cores"]), float(row["median"]) / 1000))
    return curves


def picture(rows, band, title, y_label="kcycles"):
    curves = []
    for name, points in curves_of(rows).items():
        metric = "operation" if rows[0]["experiment"] == "shared" else "latency"
        edges = [(x, *(edge / 1000 for edge in band[name, x, metric])) for x, _ in points if (name, x, metric) in band]
        curves.append({"name": name, "points": points, "band": edges})
        paper = [(x, published.point(rows[0]["experiment"], rows[0]["machine"], name, x)) for x, _ in points]
        if paper and all(y is not None for _, y in paper):
            curves.append({"name": f"{name}, paper", "points": paper, "dashed": True, "like": name})
    large = max(x for curve in curves for x, _ in curve["points"]) > 64
    return plot.svg(curves, title, "cores", y_label, logarithmic=large)


def check(asked):
    """Refuses what is wrong before anything is built; returns (counts, variants)."""
    if asked.name not in EXPERIMENTS:
        raise Refused(f"bench {asked.name}: not there on a simulated machine; there are: {' '.join(EXPERIMENTS)}")
    if asked.machine is None:
        raise Refused(f"--platform simulated needs --machine M: {' '.join(machine.names())}, or synthetic-PxC")
    bench.refuse(asked, "vs")
    path_of(asked.machine)
    if asked.name == "table2":
        bench.refuse(asked, "cores", "variants", "plot", "tries")
        return (), ()
    if asked.name == "trees":
        bench.refuse(asked, "variants", "plot")
        return choose_counts("shootdown", asked.machine, asked.cores), ()
    bench.refuse(asked, "tries")
    return (choose_counts(asked.name, asked.machine, asked.cores), choose_variants(asked.name, asked.variants))


def run(asked):
    counts, variants = check(asked)
    if asked.name == "trees":
        return importlib.import_module(".bench_trees", __package__).run(asked, counts)
    seconds = options.seconds(asked.timeout) if asked.timeout != "120" else 600
    make(not asked.no_install)
    try:
        rows, band, told = simulate(asked.name, asked.machine, counts, variants, seconds=seconds)
    except bench.Failed as failure:
        return failure.status
    print("\n".join(compare_table2(rows) if asked.name == "table2" else compare(rows, band)))
    for line in [*laws(rows), *told]:
        say(line)
    print()
    bench.deliver(asked, rows, lambda: picture(rows, band, f"{asked.name}, {asked.machine}, simulated"))
    return 0
