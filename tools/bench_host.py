"""./skerry bench message --platform hosted: our ring on the host's own cores, beside other ways to pass a message.

The cores of a virtual host move: the same two are near each other or far apart, from one second to the next. So all ways
are measured by turns, in short samples with a probe before and after each (a line there and back), and samples are told
apart by what the probes say. One whose probes disagree, or whose threads were taken off their cores, is dropped. A core may
also be lent to another guest's thread at the same time, which then takes a part of it: told by how long a fixed piece of work took.
"""
import collections
import itertools
import os
import statistics

from . import bench, build, options, packages
from .common import BUILD, Refused

TARGET = "usr/bench/host/bench_host"
SECONDS = 40            # without --timeout
AGREE = 0.20            # two probes agree when they differ by no more of the larger one
LEAST_SAMPLES = 5       # fewer of a class are not reported
# Probe below so many cycles. A host's probes lie in two heaps: of 120 to 350 and of 690 to 1,000, or of 1,100 to 1,450 cycles.
PLACES = (("near", 400), ("middle", 600), ("far", float("inf")))
SLOWED = 1.15           # a core is shared when its work takes so many times the least of the run, on either core
SHARED = "_shared"
CLASSES = tuple(place + suffix for place, _ in PLACES for suffix in ("", SHARED))
PEERS = ("boost_spsc", "cached_index", "futex", "pipe", "eventfd")
# A bare loop, with the processor's pause, with a fence that lets one load out at a time.
WAITS = ("", "_pause", "_fence")
OURS = ("urpc_ring", "urpc_channel")
RESTED = "_rested"      # metrics of rounds in which ways that sleep come between those that poll


def host_cores():
    return sorted(os.sched_getaffinity(0))


def placement(before, after):
    """The class of a sample by its two probes, in cycles; None if they disagree."""
    low, high = sorted((before, after))
    if high - low > AGREE * high:
        return None
    found = [next(name for name, limit in PLACES if probe < limit) for probe in (low, high)]
    return found[0] if found[0] == found[1] else None


def parse(text):
    """({(class, metric, variant): {round: value}}, probes by class, how many were dropped, how many there were)."""
    samples, probes = collections.defaultdict(dict), collections.defaultdict(list)
    dropped = 0
    lines = [line.split(",") for line in text.splitlines()]
    for words in lines:
        if len(words) != 10 or words[0] != "sample":
            raise ValueError(f"'{','.join(words)}' is no sample")
    least = min((float(work) for words in lines for work in words[8:]), default=0)
    for words in lines:
        value, before, after = map(float, words[4:7])
        where = placement(before, after)
        if where is None or words[7] != "0":
            dropped += 1
            continue
        if max(map(float, words[8:])) > SLOWED * least:
            where += SHARED
        samples[where, words[3], words[2]][int(words[1])] = value
        probes[where].append(before)
    return samples, probes, dropped, len(lines)


def best_waiting(samples, where, metric, variant):
    """A polling way's samples with its best way to wait."""
    found = [samples[key] for wait in WAITS if len(samples.get(key := (where, metric, variant + wait), ())) >= LEAST_SAMPLES]
    return min(found, key=lambda each: statistics.median(each.values()), default={})


def ratio(ours, theirs):
    """Median over the rounds that have both, and quartiles: (median, low, high); None without such rounds."""
    both = sorted(ours[turn] / theirs[turn] for turn in ours.keys() & theirs.keys())
    if len(both) < LEAST_SAMPLES:
        return None
    return statistics.median(both), both[len(both) // 4], both[-1 - len(both) // 4]


def compare(samples, where):
    """Lines: our ways beside the bare lines and beside the best peer, metric by metric."""
    def of(metric, variant):
        return best_waiting(samples, where, metric, variant)
    lines = []
    for metric in ("round_trip", "round_trip" + RESTED):
        for ours, limit in itertools.product(OURS, ("bare_two_lines", "bare_one_line", "bare_ring")):
            found = ratio(of(metric, ours), of(metric, limit))
            if found:
                lines.append(f"  {metric}: {ours} / {limit}: {found[0]:.2f} ({found[1]:.2f} to {found[2]:.2f})"
                             + (" goal 1.10" if limit == "bare_two_lines" else ""))
    for metric in dict.fromkeys(key[1] for key in samples):
        peers = {name: statistics.median(each.values()) for name in PEERS if (each := of(metric, name))}
        if not peers:
            continue
        best = min(peers, key=peers.get)
        for ours in OURS:
            found = ratio(of(metric, ours), of(metric, best))
            if found:
                lines.append(f"  {metric}: {ours} / {best}, the best peer: {found[0]:.2f} ({found[1]:.2f} to {found[2]:.2f})")
    return lines


def rows(samples, where):
    """Rows of the table and the CSV: cycles a round trip, or a message there and back, or one way."""
    found = []
    for (place, metric, variant), values in samples.items():
        if place != where or len(values) < LEAST_SAMPLES:
            continue
        ordered = sorted(values.values())
        system = "skerry" if variant.startswith("urpc") else "hardware" if variant.startswith("bare") else "linux"
        found.append({"experiment": "message", "platform": "hosted", "machine": f"host_{where}", "system": system,
                      "variant": variant, "cores": "2", "metric": metric, "median": f"{statistics.median(ordered):.1f}",
                      "min": f"{ordered[0]:.1f}", "p99": f"{ordered[-1 - len(ordered) // 100]:.1f}", "unit": "cycles",
                      "samples": str(len(ordered))})
    order = list(dict.fromkeys(row["metric"] for row in found))
    return sorted(found, key=lambda row: (order.index(row["metric"]), float(row["median"])))


def report(text, tell):
    """Rows of all classes; tells how they compare."""
    samples, probes, dropped, total = parse(text)
    found = []
    tell(f"{total} samples, {dropped} dropped: their probes disagreed, or a thread was taken off its core")
    for where in CLASSES:
        if not rows(samples, where):
            continue
        values = sorted(probes[where])
        tell(f"cores {where.replace(SHARED, ', one shared with another thread')}: a line there and back {statistics.median(values):.0f} cycles "
             f"({values[0]:.0f} to {values[-1]:.0f}), {len(values)} samples")
        for line in compare(samples, where):
            tell(line)
        found += rows(samples, where)
    return found


def measure(asked):
    for name in ("vs", "machine", "cores"):
        if getattr(asked, name) is not None:
            raise Refused(f"--{name}: bench message --platform hosted compares what two cores of this host do")
    cores = host_cores()
    if len(cores) < 2:
        raise Refused("bench message --platform hosted: needs a host with two cores")
    seconds = min(options.seconds(asked.timeout) / 3, SECONDS)
    new = packages.ensure([*packages.BUILD, *packages.HOSTED], not asked.no_install)
    with build.lock():
        build.configure(again=new)
        build.ninja([TARGET])
    text = bench.run_program([os.path.join(BUILD, TARGET), str(cores[0]), str(cores[1]), f"{seconds:.0f}"],
                             options.seconds(asked.timeout))
    return report(text, print)
