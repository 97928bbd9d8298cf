"""./skerry bench traffic: cache lines that go between cores, and copies that must go, for each message and each shootdown.

A plugin (test/law1, test/traffic) keeps the state of every line of memory while the system runs, and counts what each
sample that a program marks has moved. One virtual clock and one host thread: the counts are the same in every run. With
--vs linux, Debian's kernel runs under the same plugin, with one host thread but no virtual clock, which it does not bear
on several cores: its runs differ, so it runs several times, and the row in the middle counts.
"""
import os
import statistics
import tempfile
from signal import SIGTERM

from . import bench, bench_shootdown, build, images, linux, machine, options, qemu, session
from .common import BUILD, Refused

PLUGIN_TARGET = "test/law1/law1.so"
MESSAGE_SAMPLES, SHOOTDOWN_SAMPLES, LINUX_SAMPLES = 200, 50, 200
LINUX_RUNS = 3
MESSAGE_CORES = 2
USUAL_CORES = "2,4,8,16"
SYSTEMS = ("linux",)
END_SECONDS = 20
# What is counted, in the order of the plugin's report: (suffix of the metric, unit).
COUNTED = (("transfers", "lines"), ("far_transfers", "lines"), ("kernel_transfers", "lines"), ("invalidations", "messages"))
# The guest's rows that have samples behind them, in the order in which it measures, and what we call them.
MARKED = {"round_trip": "round_trip", "server_asleep": "server_asleep", "latency": "shootdown",
          "round_trip_threads": "round_trip_threads", "round_trip_processes": "round_trip_processes", "protect": "protect",
          "unmap": "unmap"}


def measure(asked, make_image):
    variants = bench_shootdown.choose_variants(asked.variants)
    seconds = options.seconds(asked.timeout)
    asked.cores = asked.cores or (None if asked.machine else USUAL_CORES)
    guests = bench_shootdown.choose_guests(asked)
    if asked.vs is not None:
        options.check_choice("--vs", asked.vs, SYSTEMS)
    image = make_image(not asked.no_install)
    with build.lock():
        build.ninja([PLUGIN_TARGET])
    rows = messages(image, seconds)
    for cores, chosen in guests:
        rows += shootdowns(image, cores, chosen, variants, seconds)
        rows += unmaps(image, cores, chosen, seconds)
    if asked.vs is not None:
        rows += of_linux([cores for cores, _ in guests], seconds, not asked.no_install)
    return rows


def plugin_arguments(report, chosen):
    package = f",package={chosen.cores_per_package}" if chosen else ""
    return ["-plugin", f"file={os.path.join(BUILD, PLUGIN_TARGET)},traffic={report}{package}"]


def series_of(text):
    """The samples of each series in a plugin's report; ValueError for what is none."""
    found, lines = [], text.splitlines()
    for line in lines[:-1]:
        words = line.split()
        if words == ["series"]:
            found.append([])
        elif words[:1] == ["sample"] and len(words) == 1 + len(COUNTED) and found:
            found[-1].append(tuple(map(int, words[1:])))
        else:
            raise ValueError(f"'{line}' is no line of the plugin's report")
    if not lines or lines[-1] != f"end {len(found)}":
        raise ValueError("the plugin's report is cut short")
    return found


def rows_of(output, report, where, packages, system="skerry"):
    """Our rows from those that a guest printed and the samples that the plugin saw. Without packages nothing is far."""
    printed = [row for row in bench.rows_of(output, where) if row["metric"] in MARKED]
    series = series_of(report)
    if len(printed) != len(series) or not printed:
        raise ValueError(f"{len(series)} series were marked for {len(printed)} measurements")
    rows = []
    for row, samples in zip(printed, series):
        samples = samples[-int(row["samples"]):]        # what came before was the warm-up
        for (name, unit), values in zip(COUNTED, zip(*samples)):
            if name == "far_transfers" and not packages:
                continue
            median, least, p99 = bench_shootdown.summary(values)
            rows.append(dict(row, experiment="traffic", system=system, metric=f"{MARKED[row['metric']]}_{name}", unit=unit,
                             median=str(median), min=str(least), p99=str(p99), samples=str(len(samples))))
    return rows


def counted(guest, command, where, seconds, what, system="skerry"):
    """Rows of one command in a guest that runs under the plugin."""
    with tempfile.TemporaryDirectory(prefix="skerry-traffic-") as folder:
        report = os.path.join(folder, "report")
        chosen = getattr(guest, "machine", None)
        guest.extra = plugin_arguments(report, chosen)
        output = run_to_the_end(guest, command, seconds, what)
        try:
            with open(report, encoding="ascii") as file:
                return rows_of(output, file.read(), where, chosen is not None, system)
        except (OSError, ValueError) as problem:
            bench.fail(output, f"{what}: {problem}")


def run_to_the_end(guest, command, seconds, what):
    """What a command prints. QEMU then ends by itself, so that the plugin can write."""
    with session.Session(guest, seconds) as system:
        bench.boot(system, what)
        text = bench.command(system, command, what)
        system.qemu.process.send_signal(SIGTERM)
        system.qemu.process.wait(END_SECONDS)
        return text


def messages(image, seconds):
    guest = qemu.Guest(image, MESSAGE_CORES, icount=bench.EXACT_SHIFT)
    command = f"run bench_message round_trips {MESSAGE_SAMPLES}"
    with images.bringing(guest, [command]) as bringing:
        return counted(bringing, command, "flat", seconds, "bench traffic: messages")


def shootdowns(image, cores, chosen, variants, seconds):
    guest = qemu.Guest(image, cores, chosen, icount=bench.EXACT_SHIFT)
    command = " ".join([bench_shootdown.COMMAND, *variants, f"samples={SHOOTDOWN_SAMPLES}"])
    with images.bringing(guest, [command]) as bringing:
        return counted(bringing, command, chosen.name, seconds, f"bench traffic: shootdowns on {cores} cores")


def unmaps(image, cores, chosen, seconds):
    """A page that a program uses on all cores, by usr/span."""
    guest = qemu.Guest(image, cores, chosen, icount=bench.EXACT_SHIFT)
    command = f"run bench_unmap samples={SHOOTDOWN_SAMPLES}"
    with images.bringing(guest, [command]) as bringing:
        return counted(bringing, command, chosen.name, seconds, f"bench traffic: unmap and protect on {cores} cores")


def of_linux(counts, seconds, install):
    kernel = linux.ensure_kernel(install)
    with build.lock():
        build.ninja([linux.PROGRAM_TARGET])
        initramfs = linux.ensure_initramfs()
    rows = []
    for cores in counts:
        runs = [of_linux_once(kernel, initramfs, cores, seconds) for _ in range(LINUX_RUNS)]
        found = [middle(same) for same in zip(*runs)]
        # Its messages are between two cores, however many there are.
        rows += [row for row in found if row["metric"].startswith("shootdown") or cores == counts[0]]
    return rows


def of_linux_once(kernel, initramfs, cores, seconds):
    guest = linux.LinuxGuest(kernel, initramfs, cores, accelerator="tcg,thread=single", idle="")
    return counted(guest, f"traffic {LINUX_SAMPLES}", f"flat cpu={linux.CPU} idle=halt", seconds,
                   f"bench traffic: Linux on {cores} cores", "linux")


def middle(rows):
    """The row whose median is in the middle."""
    wanted = statistics.median_low(int(row["median"]) for row in rows)
    return next(row for row in rows if int(row["median"]) == wanted)
