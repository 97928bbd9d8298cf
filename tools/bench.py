"""Experiments in the guest: runs a program there, turns its lines into a table and CSV.

A guest line is `csv,` and then the twelve fields of HEADER. `platform`, `machine` and `system` may be empty there: the
guest does not know what it was booted on, and we do.
"""
import io

from . import machine, options, qemu, session
from .common import SYSTEM_DIED, TIMED_OUT, Refused, say

HEADER = "experiment,platform,machine,system,variant,cores,metric,median,min,p99,unit,samples"
FIELDS = HEADER.split(",")
SHOWN = ("variant", "cores", "metric", "median", "min", "p99", "unit", "samples")
PROGRAMS = {"message": "run bench_message"}
EXACT_SHIFT = 0         # one instruction is one nanosecond of the guest's clock: path lengths can be read off it


def rows_of(output, machine_name):
    """The measured rows in a guest's output, as dictionaries; ValueError for a `csv,` line that is none."""
    rows = []
    for line in output.splitlines():
        if not line.startswith("csv,"):
            continue
        values = line[len("csv,"):].split(",")
        if len(values) != len(FIELDS):
            raise ValueError(f"'{line}' has {len(values)} fields, not {len(FIELDS)}")
        row = dict(zip(FIELDS, values))
        for key, value in (("platform", "x86_64"), ("machine", machine_name), ("system", "skerry")):
            row[key] = row[key] or value
        rows.append(row)
    return rows


def table(rows):
    """Rows as a table in plain text: words to the left, numbers to the right."""
    cells = [list(SHOWN)] + [[row[key] for key in SHOWN] for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(SHOWN))]

    def aligned(text, width):
        return text.rjust(width) if text[:1].isdigit() else text.ljust(width)
    return "\n".join("  ".join(map(aligned, line, widths)).rstrip() for line in cells)


def csv(rows):
    return "\n".join([HEADER, *(",".join(row[key] for key in FIELDS) for row in rows)])


def _measure(guest, command, seconds):
    """Output of `command` in a guest; raises Refused-like failure as (status, None)."""
    output = io.BytesIO()
    status = session.run(guest, [command], seconds, output.write, say)
    return status, output.getvalue().decode(errors="replace")


def run(asked, make_image):
    options.check_platform(asked.platform)
    if asked.name not in PROGRAMS:
        raise Refused(f"bench {asked.name}: not there yet; there is: {' '.join(sorted(PROGRAMS))}")
    for option in ("vs", "plot"):
        if getattr(asked, option) is not None:
            raise Refused(f"--{option}: not there yet")
    chosen = machine.load(asked.machine) if asked.machine is not None else None
    most, what = (chosen.cores, f" ({chosen.name} has no more)") if chosen else (options.CORES_MOST, "")
    counts = [options.cores(text, most, what) for text in (asked.cores or "1").split(",")]
    seconds = options.seconds(asked.timeout)
    image = make_image(not asked.no_install)
    rows = []
    for cores in counts:
        guest = qemu.Guest(image, cores, chosen, icount=EXACT_SHIFT)
        status, output = _measure(guest, PROGRAMS[asked.name], seconds)
        found = rows_of(output, chosen.name if chosen else "flat")
        if status != 0 or not found:
            print(output, end="")
            say(f"bench {asked.name} on {cores} cores " +
                (f"ended with status {status}" if status else "printed no measurement"))
            return status if status in (SYSTEM_DIED, TIMED_OUT) else 1
        rows += found
    print(table(rows), csv(rows), sep="\n\n")
    if asked.csv:
        with open(asked.csv, "w", encoding="utf-8") as file:
            file.write(csv(rows) + "\n")
    return 0
