"""./skerry bench message: what a message costs, and with --vs linux what Linux's ways to pass one cost in the same QEMU.

    exact   one virtual clock, a tick is an instruction          2 cores      instructions
    timed   a host thread a core, each bound to a core of its own  2 cores    cycles of the host's counter

The timed run is left out where the host has fewer cores than the guest, or where counting is all that --cores asks for.
"""
import os
import statistics
import time

from . import bare, bench, bench_host, build, linux, machine, options, qemu, session
from .common import TIMED_OUT, Refused
from .wire import Ended, TimedOut

COMMAND = "run bench_message"
SYSTEMS = ("linux",)
PAIRS = 5               # Skerry between two rounds of Linux, so many times
SAMPLES = 1000          # of each row in each round
BOOT_SECONDS = 40
# What is compared with what: our rows, Linux's rows, the goal. The best of Linux's counts.
GOALS = (
    ("raw URPC between two cores", ("urpc_raw", "2", "round_trip"), ("2", ("round_trip_threads", "round_trip_processes")), 0.05),
    ("typed URPC call between two cores", ("urpc_call", "2", "round_trip"), ("2", ("round_trip_threads", "round_trip_processes")), 0.10),
    ("LRPC on one core", ("lrpc", "1", "round_trip"), ("1", ("round_trip_processes",)), 0.50),
)
MECHANISMS = ("pipe", "futex", "eventfd", "unix_stream", "unix_datagram")


def measure(asked, make_image):
    bench.refuse(asked, "variants")
    if asked.platform == "hosted":
        return bench_host.measure(asked)
    if asked.vs is not None:
        options.check_choice("--vs", asked.vs, SYSTEMS)
        if asked.cores is not None or asked.machine is not None:
            raise Refused("--vs linux compares two cores of one package: leave out --cores and --machine")
        return [row for round_ in versus(options.seconds(asked.timeout), make_image, not asked.no_install) for row in round_]
    chosen = machine.load(asked.machine) if asked.machine is not None else None
    most, what = (chosen.cores, f" ({chosen.name} has no more)") if chosen else (options.CORES_MOST, "")
    counts = [options.cores(text, most, what) for text in (asked.cores or "2").split(",")]
    seconds = options.seconds(asked.timeout)
    image = make_image(not asked.no_install)
    rows = []
    for cores in counts:
        rows += exact(qemu.Guest(image, cores, chosen, icount=bench.EXACT_SHIFT), seconds)
        if len(host_cores()) >= cores:
            rows += timed(qemu.Guest(image, cores, chosen, accelerator="tcg,thread=multi"), seconds)
    if asked.cores is None and chosen is None:
        rows += bare.beside_bare(image, seconds)
    return rows


def host_cores():
    return sorted(os.sched_getaffinity(0))


def place(guest):
    return guest.machine.name if guest.machine else "flat"


def rows_of(output, where, what):
    rows = bench.rows_of(output, where)
    if not rows:
        bench.fail(output, f"{what} printed no measurement")
    return rows


def exact(guest, seconds):
    what = f"bench message on {guest.cores} cores"
    return rows_of(bench.measure_exactly(guest, [COMMAND], seconds, what), place(guest), what)


def run_pinned(system, command, what):
    """What `command` prints in a booted system whose virtual cores have host cores of their own."""
    system.qemu.pin(host_cores())
    return bench.command(system, command, what)


def timed(guest, seconds):
    what = f"bench message on {guest.cores} cores, timed"
    with session.Session(guest, seconds) as system:
        bench.boot(system, what)
        return rows_of(run_pinned(system, COMMAND, what), place(guest), what)


class System:
    """One side of a comparison: boots once, is held while another one is measured."""

    def __init__(self, name, guest, where, command, seconds):
        self.name, self.where, self.command_line = name, where, command
        self.seconds = seconds      # for one round
        self.session = session.Session(guest)

    def boot(self):
        """Linux does not always come up under this emulation when the host is busy: it gets a second and a third try."""
        for last in (False, False, True):
            self.session.deadline = time.monotonic() + BOOT_SECONDS
            try:
                self.session.boot()
                break
            except (TimedOut, Ended) as end:
                if last:
                    bench.fail(self.session.boot_text.decode(errors="replace"), f"{self.name} did not boot: {end}", TIMED_OUT)
        self.session.qemu.hold()

    def measure(self):
        self.session.qemu.go_on()
        self.session.deadline = time.monotonic() + self.seconds
        try:
            rows = rows_of(run_pinned(self.session, self.command_line, self.name), self.where, self.name)
        finally:
            self.session.qemu.hold()
        for row in rows:
            row["system"] = self.name
        return rows


def versus(seconds, make_image, install, pairs=PAIRS, samples=SAMPLES, tell=print):
    """Rows of every round, Linux's and ours by turns; tells how they compare."""
    if len(host_cores()) < 2:
        raise Refused("--vs linux needs a host with two cores: each virtual one has one of its own")
    image = make_image(install)
    kernel = linux.ensure_kernel(install)
    with build.lock():
        build.ninja([linux.PROGRAM_TARGET])
        initramfs = linux.ensure_initramfs()
    systems = [System("linux", linux.LinuxGuest(kernel, initramfs, idle=idle), f"flat cpu={linux.CPU} idle={idle or 'halt'}",
                      f"run {samples}", seconds) for idle in ("poll", "")]
    ours = System("skerry", qemu.Guest(image, 2, accelerator="tcg,thread=multi"), f"flat cpu={qemu.CPU} idle=halt",
                  f"run bench_message round_trips {samples}", seconds)
    polling, halting = systems
    rounds = []
    try:
        for system in (*systems, ours):
            system.boot()
        rounds.append(halting.measure())
        rounds.append(polling.measure())
        for _ in range(pairs):
            rounds.append(ours.measure())
            rounds.append(polling.measure())
        rounds.append(halting.measure())
    finally:
        for system in (*systems, ours):
            if system.session.qemu:
                system.session.qemu.go_on()
            system.session.close()
    for line in report(rounds):
        tell(line)
    return rounds


def value(rows, variant, cores, metric):
    for row in rows:
        if (row["variant"], row["cores"], row["metric"]) == (variant, cores, metric):
            return int(row["median"])
    raise Refused(f"no row {variant} {metric} on {cores} cores")


def best_of(rows, cores, metrics):
    """(cycles, name) of Linux's fastest way in one round."""
    return min((value(rows, variant, cores, metric), f"{variant} {metric}") for variant in MECHANISMS for metric in metrics)


def ratios(rounds, ours, theirs):
    """Of each of our rounds and what Linux had best in the rounds before and after it: [ratio], {name of the best}."""
    found, names = [], set()
    for index, rows in enumerate(rounds):
        if rows[0]["system"] != "skerry":
            continue
        near = [best_of(rounds[other], *theirs) for other in (index - 1, index + 1)]
        names |= {name for _, name in near}
        found.append(value(rows, *ours) / statistics.mean(cycles for cycles, _ in near))
    return found, names


def distance(rows):
    """How far apart the host's two cores were in a round of Linux: cycles of one bare line there and back."""
    return value(rows, "bare_line", "2", "round_trip")


def report(rounds):
    lines = [f"bare line between the two cores, round by round: "
             f"{' '.join(str(distance(rows)) for rows in rounds if rows[0]['system'] == 'linux')} cycles"]
    for what, ours, theirs, goal in GOALS:
        found, names = ratios(rounds, ours, theirs)
        lines.append(f"{what} / Linux's best ({', '.join(sorted(names))}): {statistics.median(found):.3f} "
                     f"({min(found):.3f} to {max(found):.3f} in {len(found)} pairs; goal {goal:.2f})")
    return lines
