"""./skerry reproduce [FIGURE...]: tables and figures from scratch, in build/reproduce: NAME.csv, NAME.svg, report.html."""
import html
import os

from . import bench, bench_booted, bench_simulated, published
from .common import BUILD_ROOT, Refused, say, shown

FOLDER = os.path.join(BUILD_ROOT, "reproduce")
GROWTH_MACHINE, GROWTH_COUNTS = "synthetic-256x16", (16, 64, 256, 1024, 4096)
STYLE = ("body{font:15px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}td,th{padding:2px 10px;text-align:right}"
         "td:first-child,th:first-child{text-align:left}table{border-collapse:collapse}tr:nth-child(even){background:#f4f4f4}"
         ".out{color:#b3261e}")


def _table(head, lines):
    cells = "".join(f"<th>{html.escape(cell)}</th>" for cell in head)
    rows = "".join("<tr>" + "".join(f"<td{' class=out' if cell == 'outside' else ''}>{html.escape(str(cell))}</td>" for cell in line)
                   + "</tr>" for line in lines)
    return f"<table><tr>{cells}</tr>{rows}</table>"


def _points(rows, band):
    """A table of predicted points beside the paper's."""
    lines = []
    for row in rows:
        if row["metric"] not in ("latency", "operation"):
            continue
        experiment, variant, cores, value = row["experiment"], row["variant"], int(row["cores"]), float(row["median"]) / 1000
        low, high = (edge / 1000 for edge in band.get(bench_simulated.key_of(row), (1000 * value, 1000 * value)))
        paper = published.point(experiment, row["machine"], variant, cores)
        verdict = paper is not None and published.within(experiment, variant, cores, value, paper)
        lines.append([variant, cores, f"{value:.2f}", f"{low:.2f} to {high:.2f}", "" if paper is None else f"{paper:.2f}",
                      "" if paper is None else f"{100 * value / paper - 100:+.0f}%",
                      {True: "within", False: "outside", None: ""}[verdict if paper is not None else None]])
    return _table(("variant", "cores", "kcycles", "band", "paper", "error", "bound"), lines)


def table2():
    rows, lines, told = [], [], []
    for name in published.TABLE2:
        found, _, more = bench_simulated.simulate("table2", name, with_bands=False)
        rows += found
        told += more
        for row in found:
            paper = published.TABLE2[name].get(row["variant"])
            value = None if paper is None else paper[0] if row["metric"] == "latency" else paper[1]
            lines.append([name, row["variant"], row["metric"], f"{float(row['median']):.2f}", "" if value is None else f"{value:.2f}",
                          "" if value is None else f"{100 * float(row['median']) / value - 100:+.1f}%"])
    return rows, None, _table(("machine", "relation", "metric", "ours", "paper", "error"), lines), told


def _figure(experiment, name, counts, variants, title, with_bands=True):
    rows, band, told = bench_simulated.simulate(experiment, name, counts, variants, with_bands)
    picture = bench_simulated.picture(rows, band, title)
    laws = "".join(f"<li>{html.escape(law)}</li>" for law in bench_simulated.laws(rows))
    return rows, picture, _points(rows, band) + f"<p>How they grow:</p><ul>{laws}</ul>", told


def fig3():
    return _figure("shared", published.FIG3_MACHINE, published.FIG3_CORES, list(published.FIG3), "Updating shared state, 4x4-amd")


def fig6():
    return _figure("shootdown", published.FIG6_MACHINE, published.FIG6_CORES, [*published.FIG6, "tree"],
                   "Messages of a shootdown, 8x4-amd")


def _booted(name, title):
    rows = bench_booted.simulate(name, published.FIG7_MACHINE, published.FIG7_CORES)
    curves = bench_booted.curves_of(rows)
    head = ("cores", *curves, *(f"{system}, paper" for system in published.FIG7))
    lines = []
    for index, cores in enumerate(published.FIG7_CORES):
        lines.append([cores, *(f"{dict(points)[cores]:.2f}" for points in curves.values()),
                      *(f"{values[index]:.1f}" for values in published.FIG7.values())])
    goals = "".join(f"<li>{html.escape(line)}</li>" for line in bench_booted.judge(rows, name))
    return rows, bench_booted.picture(rows, name, title), _table(head, lines) + f"<p>kcycles. Goals, and how they grow:</p><ul>{goals}</ul>", []


def fig7():
    return _booted("unmap", "Unmap of a page that all cores use, 8x4-amd")


def fig8():
    return _booted("retype", "Two-phase retype, 8x4-amd")


def growth():
    return _figure("shootdown", GROWTH_MACHINE, GROWTH_COUNTS, [*published.FIG6, "tree"],
                   f"Messages of a shootdown, {GROWTH_MACHINE}", with_bands=False)


FIGURES = {
    "table2": (table2, "Table 2: messages between two cores",
               "The real ring on each machine. These are what the machines are calibrated with."),
    "fig3": (fig3, "Figure 3: state that cores update together", "Predicted from the machine file; nothing is fitted to this figure."),
    "fig6": (fig6, "Figure 6: the messages of a shootdown",
             "Predicted: the group's source on a machine calibrated with Table 2. Dashed: the paper. Shaded: what the costs "
             "without a published value could make of it, one at a time."),
    "fig7": (fig7, "Figure 7: a page is unmapped on all cores",
             "A system that boots on the machine, its drivers and programs charged what the file says; nothing is fitted to this "
             "figure. Ours: programs that share a page and poll, as the paper's monitors do, an order down the group's tree, a "
             "system call at each; `ipi`: drivers that are interrupted and drop the translation alone. Dashed: the paper."),
    "fig8": (fig8, "Figure 8: retype in two phases",
             "The same system: memory that a program on every core holds is retyped by agreement of all monitors; `latency`: one at "
             "a time; `in_flight_N`: N under way, cost of each. Dashed: Linux's and Windows' interrupts of figure 7, which the paper "
             "says its own stays below."),
    "growth": (growth, "To 4,096 cores", f"{GROWTH_MACHINE}: a mesh that nobody built; its costs are guesses, its laws are the point."),
}


def run(asked):
    names = asked.figure or list(FIGURES)
    for name in names:
        if name not in FIGURES:
            raise Refused(f"reproduce {name}: not there yet; there are: {' '.join(FIGURES)}")
    bench_simulated.make(not asked.no_install)
    if not {"fig7", "fig8"}.isdisjoint(names):
        bench_booted.make(not asked.no_install)
    os.makedirs(FOLDER, exist_ok=True)
    parts = []
    for name in dict.fromkeys(names):
        make, title, words = FIGURES[name]
        try:
            rows, picture, table, told = make()
        except bench.Failed as failure:
            return failure.status
        _write(f"{name}.csv", bench.csv(rows) + "\n")
        if picture:
            _write(f"{name}.svg", picture)
        parts.append(f"<h2>{html.escape(title)}</h2><p>{html.escape(words)}</p>" + (picture or "") + table
                     + "".join(f"<p><small>{html.escape(line)}</small></p>" for line in told))
        say(f"{name}: done")
    _write("report.html", f"<!doctype html><meta charset=utf-8><title>Skerry: reproduced</title><style>{STYLE}</style>"
           f"<h1>Skerry: reproduced</h1><p>./skerry reproduce {' '.join(names)}</p>" + "\n".join(parts) + "\n")
    print(shown(os.path.join(FOLDER, "report.html")))
    return 0


def _write(name, text):
    with open(os.path.join(FOLDER, name), "w", encoding="utf-8") as file:
        file.write(text)
