"""./skerry bench: runs one experiment, prints its rows as a table and as CSV.

An experiment is a module bench_NAME.py with measure(asked, make_image) -> rows; it raises Failed when a guest did not do
its part. A guest's line is `csv,` and then the twelve fields of HEADER. `platform`, `machine` and `system` may be empty
there: the guest does not know what it was booted on, and we do.
"""
import importlib
import io
import subprocess

from . import images, options, session
from .common import SYSTEM_DIED, TIMED_OUT, Refused, say
from .wire import Ended, TimedOut

HEADER = "experiment,platform,machine,system,variant,cores,metric,median,min,p99,unit,samples"
FIELDS = HEADER.split(",")
SHOWN = ("variant", "cores", "metric", "median", "min", "p99", "unit", "samples")
EXPERIMENTS = ("capability", "message", "shootdown", "skb", "traffic", "unmap")
PLATFORMS = {"message": ("x86_64", "hosted")}
BOOTED = ("unmap", "retype")    # in a whole system on a simulated machine
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


class Failed(Exception):
    """The guest did not do its part, which has been said; `status` is the launcher's."""

    def __init__(self, status):
        super().__init__(status)
        self.status = status


def deliver(asked, rows, picture=None):
    """Prints the CSV, and writes it and the picture (an SVG's text) where they were asked for."""
    print(csv(rows))
    if asked.csv:
        with open(asked.csv, "w", encoding="utf-8") as file:
            file.write(csv(rows) + "\n")
    if picture and asked.plot:
        with open(asked.plot, "w", encoding="utf-8") as file:
            file.write(picture())


def refuse(asked, *names):
    """Refuses options that an experiment does not have."""
    for name in names:
        if getattr(asked, name) is not None:
            raise Refused(f"--{name}: not there yet for bench {asked.name}")


def measure(guest, commands, seconds, what):
    """What commands print in a guest, as text; Failed, after saying why, unless the last ends with status 0."""
    output = io.BytesIO()
    status = session.run(guest, commands, seconds, output.write, say)
    text = output.getvalue().decode(errors="replace")
    if status != 0:
        fail(text, f"{what} ended with status {status}", status)
    return text


def measure_exactly(guest, commands, seconds, what):
    """The same in a deterministic run: what is printed, and what a plugin counts, is the same every time."""
    with images.bringing(guest, commands) as bringing:
        return measure(bringing, commands, seconds, what)


def boot(system, what):
    """Boots a session's guest; Failed, after saying why, if it does not come up."""
    try:
        system.boot()
    except TimedOut:
        fail(system.boot_text.decode(errors="replace"), f"{what}: timed out while booting", TIMED_OUT)
    except Ended as end:
        fail(system.boot_text.decode(errors="replace"), f"{what}: the system died: {end.reason}", SYSTEM_DIED)


def command(system, line, what):
    """What a command prints in a session that stays; Failed, after saying why, unless it ends with status 0."""
    output = bytearray()
    try:
        status = system.command(line, output.extend)
    except TimedOut:
        fail(output.decode(errors="replace"), f"{what}: timed out", TIMED_OUT)
    except Ended as end:
        fail(output.decode(errors="replace"), f"{what}: the system died: {end.reason}", SYSTEM_DIED)
    text = output.decode(errors="replace")
    if status != 0:
        fail(text, f"{what} ended with status {status}", status)
    return text


def run_program(command, seconds):
    """What a program of the host prints; Failed, after saying why, unless it ends with status 0 in time."""
    try:
        done = subprocess.run(["setpriv", "--pdeathsig", "TERM", *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        fail("", f"{command[0]}: timed out", TIMED_OUT)
    if done.returncode != 0:
        fail("", f"{command[0]} ended with status {done.returncode}")
    return done.stdout


def fail(output, why, status=1):
    print(output, end="")
    say(why)
    raise Failed(status if status in (SYSTEM_DIED, TIMED_OUT) else 1)


def run(asked, make_image):
    if asked.name == "topology":    # draws, and has no rows
        return importlib.import_module(".bench_topology", __package__).run(asked, make_image)
    if asked.platform == "simulated" and asked.name in BOOTED:
        return importlib.import_module(".bench_booted", __package__).run(asked)
    if asked.platform == "simulated":
        return importlib.import_module(".bench_simulated", __package__).run(asked)
    if asked.name not in EXPERIMENTS:
        raise Refused(f"bench {asked.name}: not there yet; there is: {' '.join(EXPERIMENTS)} topology")
    options.check_platform(asked.platform, PLATFORMS.get(asked.name, ("x86_64",)))
    refuse(asked, "plot", "tries")
    try:
        rows = importlib.import_module(f".bench_{asked.name}", __package__).measure(asked, make_image)
    except Failed as failure:
        return failure.status
    print(table(rows), "", sep="\n")
    deliver(asked, rows)
    return 0
