"""Judges a report of the plugin (lines.cpp writes it): which lines drivers share, and whether they may.

A line may be shared only if every driver reached it through the window alone, which covers the poke words.
"""
import bisect
import re
from dataclasses import dataclass, field

LINE = 64
DRIVER = re.compile(r"driver (\d+) order (\d+) lines (\d+) loads (\d+) stores (\d+) fetches (\d+)")
SHARED = re.compile(r"shared 0x([0-9a-f]+)")
TOUCH = re.compile(r"  vcpu (\d+) loads (\d+) stores (\d+) fetches (\d+) at 0x([0-9a-f]+) (plain|window)")
END = re.compile(r"end shared (\d+)")


@dataclass
class Touch:
    vcpu: int
    counts: tuple           # loads, stores, fetches
    instruction: int        # the last one's address
    window: bool


@dataclass
class Report:
    drivers: dict = field(default_factory=dict)     # vcpu -> lines touched
    shared: dict = field(default_factory=dict)      # physical address -> [Touch]


def parse(text):
    """A Report; ValueError for text that is none, or not all of one."""
    report, touches, ended = Report(), None, False
    for line in text.splitlines():
        if found := SHARED.fullmatch(line):
            touches = report.shared.setdefault(int(found[1], 16), [])
        elif found := TOUCH.fullmatch(line):
            if touches is None:
                raise ValueError(f"'{line}' belongs to no line of memory")
            touches.append(Touch(int(found[1]), tuple(map(int, found.group(2, 3, 4))), int(found[5], 16),
                                 found[6] == "window"))
        elif found := DRIVER.fullmatch(line):
            report.drivers[int(found[1])] = int(found[3])
        elif found := END.fullmatch(line):
            ended = int(found[1]) == len(report.shared)
        else:
            raise ValueError(f"'{line}' is no line of a report")
    if not ended:
        raise ValueError("the report is cut short")
    return report


class Symbols:
    """Names of addresses from `nm` output; every driver has the same link address."""

    def __init__(self, nm_text=""):
        rows = (line.split(None, 2) for line in nm_text.splitlines())
        self.rows = sorted((int(row[0], 16), row[2]) for row in rows if len(row) == 3)
        self.starts = [start for start, _ in self.rows]

    def name(self, address):
        index = bisect.bisect(self.starts, address) - 1
        return self.rows[index][1] if index >= 0 else f"{address:#x}"


def regions(addresses):
    """Neighbouring lines as (first, how many)."""
    found = []
    for address in sorted(addresses):
        if found and found[-1][0] + found[-1][1] * LINE == address:
            found[-1][1] += 1
        else:
            found.append([address, 1])
    return found


def complaints(report, cores, symbols=Symbols(), images=(), window_allowed=True):
    """What breaks the law, a line a region. `images`: (name, base, size) of regions to call by name."""
    if sorted(report.drivers) != list(range(cores)):
        return [f"drivers ran on {sorted(report.drivers)}, not on {cores} cores: nothing is shown"]
    guilty = {address for address, touches in report.shared.items()
              if not (window_allowed and all(touch.window for touch in touches))}
    lines = []
    for first, count in regions(guilty):
        where = next((f"{name} + {first - base:#x}" for name, base, size in images if base <= first < base + size),
                     f"{first:#x}")
        who = ", ".join(f"core {touch.vcpu} ({'/'.join(map(str, touch.counts))}) in {symbols.name(touch.instruction)}"
                        for touch in report.shared[first])
        lines.append(f"{count} shared line{'s' * (count > 1)} at {where}: {who}")
    return lines


def window_lines(report):
    """How many lines were shared through the window: none would mean that the test has looked at nothing."""
    return sum(all(touch.window for touch in touches) for touches in report.shared.values())
