"""Trace rings in the memory of a machine, found from outside (capabilities/interface/trace.hpp says what lies in them).

Nothing in the machine helps: its memory is a file without a name that QEMU maps, so a system that hangs, panicked or
was powered off tells as much as one that answers.
"""
import mmap
import os
import re
import struct
from dataclasses import dataclass, field

from .common import ROOT

LAYOUT = os.path.join(ROOT, "capabilities", "interface", "trace.hpp")
HEADER = struct.Struct("<2Q5QqQ3Q32s")    # magic, capacity to clock_multiplier, clock_offset, error, unused, name
EVENT = struct.Struct("<QQ")
ALIGNMENT = 64
CAPACITY_MOST = 1 << 16
CORES_MOST = 1 << 16


def _source():
    with open(LAYOUT, encoding="utf-8") as file:
        return file.read()


def kinds():
    """Names of the kinds of events, by number: the table in the source."""
    return re.findall(r'\{TraceKind::\w+, "([^"]+)"\}', _source())


def magic():
    words = re.search(r"trace_magic\[2\] = \{([^}]*)\}", _source())[1]
    return struct.pack("<2Q", *(int(word.replace("'", ""), 0) for word in words.split(",")))


@dataclass
class Ring:
    """One ring: a CPU driver's (domain 0) or a program's. Events are (ticks, kind, argument), oldest first."""
    core: int
    domain: int
    name: str
    written: int
    multiplier: int = 0
    offset: int = 0
    error: int = 0          # ns by which the core's clock may be wrong; monitors know it
    events: list = field(default_factory=list)
    lost: int = 0           # overwritten
    damaged: int = 0        # told nothing sensible: memory in use for something else, or an event half written


def _events(ring, data, capacity):
    """Fills in the events of `data`, the whole ring, and what is missing."""
    first = max(0, ring.written - capacity)
    if first:
        first += 1          # the oldest may be half overwritten by the next
    known, before = len(kinds()), 0
    for number in range(first, ring.written):
        stamp, argument = EVENT.unpack_from(data, number % capacity * EVENT.size)
        ticks, kind = stamp >> 8, stamp & 0xff
        if ticks < before or not 0 < kind < known:
            ring.damaged += 1
            continue
        before = ticks
        ring.events.append((ticks, kind, argument))
    ring.lost = first


def _ring_at(memory, at):
    """The ring whose header lies at `at`, or None if that only looks like one."""
    if at % ALIGNMENT or at + HEADER.size > len(memory):
        return None
    (_, _, capacity, written, core, domain, multiplier, offset, error, _, _, _, name) = HEADER.unpack_from(memory, at)
    begin, end = at + HEADER.size, at + HEADER.size + capacity * EVENT.size
    if not 0 < capacity <= CAPACITY_MOST or end > len(memory) or core >= CORES_MOST:
        return None
    ring = Ring(core, domain, name.split(b"\0", 1)[0].decode("ascii", "replace"), written, multiplier, offset, error)
    _events(ring, memory[begin:end], capacity)
    return ring if ring.events or (ring.domain and not written) else None   # a program that is silent has a name


def _extents(file, size):
    """(begin, end) of what was ever touched: the rest of such a file takes no memory and holds nothing."""
    at = 0
    while at < size:
        try:
            begin = os.lseek(file, at, os.SEEK_DATA)
        except OSError:
            return
        at = os.lseek(file, begin, os.SEEK_HOLE)
        yield begin, at


def find(files):
    """All rings in the memory files: at most one a core and domain, the one that has seen most."""
    rings, mark = {}, magic()
    for file in files:
        size = os.fstat(file).st_size
        if size == 0:
            continue
        with mmap.mmap(file, size, prot=mmap.PROT_READ) as memory:
            for begin, end in _extents(file, size):
                at = memory.find(mark, begin, end)
                while at >= 0:
                    ring = _ring_at(memory, at)
                    if ring:
                        other = rings.get((ring.core, ring.domain))
                        if other is None or other.written < ring.written:
                            rings[ring.core, ring.domain] = ring
                    at = memory.find(mark, at + 1, end)
    return [rings[key] for key in sorted(rings)]
