"""./skerry bench capability: copy, mint, delete, retype and revoke of memory of which 1 to 10,000 things were made.

Deterministic runs, where a tick of the cycle counter is an instruction of any core. On one core: local operations, exact. On
--cores 2,4 (usual): memory that programs on all other cores hold, and of which those have made the things. Lines that monitors
write to each other are exact; instructions are those of all cores until the operation has returned, with poll loops, and as
`..._path` without, from the plugin of test/instructions.
"""
import os
import tempfile

from . import bench, bench_shootdown, build, options, qemu
from .common import BUILD

COMMAND = "run bench_capability"
USUAL_CORES, LEAST, MOST = "1,2,4", 1, 16


def measure(asked, make_image):
    bench.refuse(asked, "vs", "variants", "machine")
    counts = [options.whole_number("--cores", text, LEAST, MOST) for text in (asked.cores or USUAL_CORES).split(",")]
    seconds = options.seconds(asked.timeout)
    image = make_image(not asked.no_install)
    with build.lock():
        build.ninja([bench_shootdown.PLUGIN_TARGET])
    return [row for cores in counts for row in counted(image, cores, seconds)]


def path_rows(report, rows, cores):
    """Rows about the instructions of all cores outside of poll loops, of the operations of `rows`; ValueError if the plugin's
    report is not of those."""
    found = [sum(counts) for _, counts in bench_shootdown.intervals(report, cores)]
    operations = [row for row in rows if row["unit"] != "messages"]
    if sum(int(row["samples"]) for row in operations) != len(found):
        raise ValueError(f"{len(found)} operations were counted, not those that were measured")
    paths = []
    for row in operations:
        part, found = found[:int(row["samples"])], found[int(row["samples"]):]
        median, least, p99 = map(str, bench_shootdown.summary(part))
        paths.append(dict(row, metric=row["metric"] + "_path", median=median, min=least, p99=p99))
    return paths


def counted(image, cores, seconds, most=None):
    """Rows of one deterministic run; of revokes those of at most `most` descendants. Needs the plugin."""
    what = f"bench capability on {cores} cores"
    words = [COMMAND, "local" if cores == 1 else "remote", *([] if most is None or cores == 1 else [str(most)])]
    with tempfile.TemporaryDirectory(prefix="skerry-capability-") as folder:
        report = os.path.join(folder, "report")
        plugin = ["-plugin", f"file={os.path.join(BUILD, bench_shootdown.PLUGIN_TARGET)},report={report},marks=all"]
        guest = qemu.Guest(image, cores, icount=bench.EXACT_SHIFT, extra=plugin if cores > 1 else [])
        printed = bench.measure_exactly(guest, [" ".join(words), "poweroff"], seconds, what)
        rows = bench.rows_of(printed, "flat")
        if cores == 1:
            return rows
        try:
            with open(report, encoding="ascii") as file:
                return rows + path_rows(file.read(), rows, cores)
        except (OSError, ValueError) as problem:
            bench.fail(printed, f"{what}: {problem}")
