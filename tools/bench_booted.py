"""./skerry bench unmap|retype --platform simulated --machine M: benchmark programs in a whole system that boots on a machine
that is data: its drivers, monitors and programs are charged what the file says (platforms/simulated/model).

    unmap     figure 7: a page that a program on every core has mapped and read goes from all their spaces: an order down the
              group's tree, a system call on its own space at each, one answer up it. `ipi`: their drivers, interrupted core by
              core, drop the translation alone
    retype    figure 8: memory that programs on all cores hold is retyped, in two phases, by the monitors
"""
from . import bench, build, growth, machine, options, packages, plot, published, simulated
from .common import Refused, say

VARIANTS = ("unicast", "multicast", "numa_multicast", "ipi")
ASKED = (*VARIANTS, "tree")     # along the rules' tree, only where it is asked for
METRICS = {"unmap": ("unmap", "latency"), "retype": ("latency", "in_flight_1", "in_flight_2", "in_flight_4")}
LEAST = 2
SECONDS = 600


def make(install):
    new = packages.ensure([*packages.BUILD, *packages.HOSTED], install)
    with build.lock():
        build.configure(again=new)
        build.ninja([simulated.TARGET, simulated.MODEL_TARGET])


def commands(name, variants):
    """What is run for an experiment. Drivers are asked through the Flush capability that a member otherwise has for itself."""
    if name == "retype":
        return ["run bench_retype samples=32"]
    lines = [variant for variant in variants if variant != "ipi"]
    found = ["run bench_shootdown unmap samples=24 " + " ".join(lines)] if lines else []
    return found + ["run bench_shootdown samples=24 ipi"] * ("ipi" in variants)


def simulate(name, machine_name, counts, variants=VARIANTS, seconds=SECONDS):
    """Rows on the first so many cores of the machine, for each count. Cycles of the machine."""
    chosen = machine.load(machine_name)
    rows = []
    for cores in counts:
        guest = simulated.Guest(cores=cores, machine=chosen)
        printed = bench.measure(guest, commands(name, variants), seconds, f"bench {name} on {cores} cores of {machine_name}, simulated")
        for row in bench.rows_of(printed, machine_name):
            if row["metric"] in METRICS[name]:
                rows.append(dict(row, platform="simulated", experiment=name))
    return rows


def curves_of(rows):
    """{curve: [(cores, kcycles)]}"""
    curves = {}
    for row in rows:
        name = row["variant"] if row["experiment"] == "unmap" else row["metric"]
        curves.setdefault(name, []).append((int(row["cores"]), float(row["median"]) / 1000))
    return curves


def picture(rows, name, title):
    curves = [{"name": curve, "points": points} for curve, points in curves_of(rows).items()]
    counts = sorted({int(row["cores"]) for row in rows})
    paper = published.FIG7 if name == "unmap" else {"Linux": published.FIG7["Linux"], "Windows": published.FIG7["Windows"]}
    for system, values in paper.items():
        points = [(cores, value) for cores, value in zip(published.FIG7_CORES, values) if cores in counts]
        if points:
            curves.append({"name": f"{system}, paper", "points": points, "dashed": True})
    return plot.svg(curves, title, "cores", "kcycles")


def judge(rows, name):
    """Lines about the goals."""
    found = {(curve, cores): value for curve, points in curves_of(rows).items() for cores, value in points}
    goals = {"unmap": published.FIG7_GOALS, "retype": published.FIG8_GOALS}[name]
    curves = [curve for curve in curves_of(rows) if name == "unmap" or curve.startswith("in_flight")]
    lines = []
    for cores, goal in goals.items():
        values = {curve: found[curve, cores] for curve in curves if (curve, cores) in found}
        lines += [f"{curve} on {cores} cores: {value:.2f} k, goal {goal} k: {'met' if value <= goal else 'MISSED'}"
                  for curve, value in values.items()]
    laws = [f"{curve}: {growth.text([(x, 1000 * y) for x, y in points])}" for curve, points in curves_of(rows).items() if len(points) >= 5]
    return lines + laws


def check(asked):
    if asked.machine is None:
        raise Refused(f"--platform simulated needs --machine M: {' '.join(machine.names())}")
    bench.refuse(asked, "vs", "tries")
    chosen = machine.load(asked.machine)
    if asked.name == "retype":
        bench.refuse(asked, "variants")
    variants = asked.variants.split(",") if asked.variants else VARIANTS
    for variant in variants:
        options.check_choice("--variants", variant, ASKED)
    text = asked.cores or ",".join(str(count) for count in published.FIG7_CORES if count <= chosen.cores)
    counts = [options.whole_number("--cores", part, LEAST, chosen.cores, f" ({chosen.name} has {chosen.cores})") for part in text.split(",")]
    return counts, variants


def run(asked):
    counts, variants = check(asked)
    seconds = options.seconds(asked.timeout) if asked.timeout != "120" else SECONDS
    make(not asked.no_install)
    try:
        rows = simulate(asked.name, asked.machine, counts, variants, seconds)
    except bench.Failed as failure:
        return failure.status
    print(bench.table(rows))
    for line in judge(rows, asked.name):
        say(line)
    print()
    bench.deliver(asked, rows, lambda: picture(rows, asked.name, f"{asked.name}, {asked.machine}, simulated"))
    return 0
