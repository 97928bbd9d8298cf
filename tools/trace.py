"""`boot --trace FILE`: the trace rings of all cores as Chrome's trace format, which Perfetto (ui.perfetto.dev) reads.

    pid = core, tid = dispatcher; tid 0 = the core itself
    slices     which dispatcher runs; a message at each of its ends
    instants   system calls, faults, interrupts, timer, pokes
    arrows     from each send to its receipt (flow events "s" and "f"), by the message's key

Times are ns of the machine's one clock. `otherData` says how much is missing, and how wrong clocks may be.
"""
import bisect
import json
import os
from collections import defaultdict

from . import trace_rings
from .common import Refused, say

SLICE_MOST = 200        # ns; how long a message is drawn, if the next event leaves room
FOREIGN = 1_000_000     # tids of dispatchers of another core's domain start here, times that core


def check_file(path):
    """Refuses before anything is booted what could not be written after."""
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path) or not path:
        raise Refused(f"--trace {path}: not a file")
    if not os.path.isdir(folder):
        raise Refused(f"--trace {path}: there is no folder {folder}")
    if not os.access(path if os.path.exists(path) else folder, os.W_OK):
        raise Refused(f"--trace {path}: may not be written")


def message_words(key):
    """A message's key, in words: core, domain and channel of the ring are those of its writer."""
    return {"id": key >> 48, "line": key >> 32 & 0xffff,
            "ring": f"{key >> 24 & 0xff}:{key >> 12 & 0xfff}.{key & 0xfff}"}


class Core:
    """One core: its clock, and the tracks that its events are drawn on."""

    def __init__(self, driver, error):
        self.number = driver.core
        self.driver = driver
        self.error = error      # ns

    def time(self, ticks):
        return (ticks * self.driver.multiplier >> 32) + self.driver.offset

    def track(self, domain):
        """(pid, tid) of a dispatcher on this core; domain 0: the core itself."""
        home, counter = domain >> 32, domain & 0xffffffff
        return self.number, counter if home == self.number or domain == 0 else (home + 1) * FOREIGN + counter


class Drawing:
    """Collects events for Chrome; times in ns until the end."""

    def __init__(self, rings):
        self.kinds = trace_rings.kinds()
        errors = {ring.core: ring.error for ring in rings if ring.error}
        self.cores = {ring.core: Core(ring, errors.get(ring.core, 0)) for ring in rings if ring.domain == 0}
        self.rings = [ring for ring in rings if ring.core in self.cores]
        self.left_out = len(rings) - len(self.rings)    # a core's programs without its driver: no clock
        self.names = {ring.domain: ring.name for ring in rings if ring.domain}
        self.events = []
        self.tracks = {}                # (pid, tid) -> name
        self.ends = defaultdict(list)   # key -> [(time, track, is it the receipt, core)]
        self.runs = defaultdict(list)   # track -> [(begin, end)] of its slices, in order
        self.marks = defaultdict(list)  # track -> [(time, name, arguments)]: messages, drawn as short slices

    def draw(self):
        for ring in self.rings:
            if ring.domain == 0:
                self._driver(self.cores[ring.core], ring)
            else:
                self._program(self.cores[ring.core], ring)
        self._messages()
        report = self._arrows()
        for (pid, tid), name in self.tracks.items():
            self.events.append({"ph": "M", "name": "thread_name", "pid": pid, "tid": tid, "args": {"name": name}})
        for number in self.cores:
            self.events.append({"ph": "M", "name": "process_name", "pid": number, "tid": 0,
                                "args": {"name": f"core {number}"}})
            self.events.append({"ph": "M", "name": "process_sort_index", "pid": number, "tid": 0,
                                "args": {"sort_index": number}})
        return report

    def _track(self, core, domain):
        track = core.track(domain)
        if track not in self.tracks:
            self.tracks[track] = (f"{self.names.get(domain, 'domain')} {domain >> 32}:{domain & 0xffffffff}"
                                  if domain else "core")
        return track

    def _add(self, phase, track, time, name, **more):
        self.events.append({"ph": phase, "pid": track[0], "tid": track[1], "ts": time, "name": name, **more})

    def _run(self, track, since, end):
        self._add("X", track, since, "runs" if track[1] else "idle", dur=end - since)
        self.runs[track].append((since, end))

    def _end_of(self, key, time, track, received, core):
        self.ends[key].append((time, track, received, core))

    def _driver(self, core, ring):
        """Who runs, from one change to the next; what happens meanwhile is on the track of who runs."""
        idle = self._track(core, 0)
        running, since = idle, None
        for ticks, number, argument in ring.events:
            time, kind = core.time(ticks), self.kinds[number]
            if kind in ("switch", "send straight", "idle", "fault"):
                before = running
                if since is not None:
                    self._run(running, since, time)
                running = self._track(core, argument) if kind in ("switch", "send straight") else idle
                since = time
                if kind == "send straight":
                    key = ("straight", core.number, ticks)
                    self.marks[before].append((time - 1, "LRPC send", {}))
                    self.marks[running].append((time, "LRPC receive", {}))
                    self._end_of(key, time - 1, before, False, core)
                    self._end_of(key, time, running, True, core)
                elif kind == "fault":
                    self._add("i", before, time, "fault", s="t", args={"kind": argument})
            elif kind in ("send", "receive"):
                word = "badge" if kind == "send" else "token"
                self.marks[running].append((time, f"LRPC {kind}", {"number": argument >> 32,
                                                                   word: argument & 0xffffffff}))
                self._end_of(("queued", core.number, argument >> 32), time, running, kind == "receive", core)
            elif kind in ("timer", "poke", "interrupt"):
                self._add("i", idle, time, kind, s="t", args={"value": argument})
            elif kind == "poke message":
                self._add("i", running, time, kind, s="t", args=message_words(argument))
            elif kind == "poke sent":
                self._add("i", running, time, kind, s="t", args={"core": argument >> 32,
                                                                  "notify": argument & 0xffffffff})
            else:
                self._add("i", running, time, kind, s="t", args={"value": hex(argument)})
        if since is not None:
            last = max(core.time(other.events[-1][0]) for other in self.rings
                       if other.core == core.number and other.events)
            self._run(running, since, max(last, since))

    def _program(self, core, ring):
        track = self._track(core, ring.domain)
        for ticks, number, argument in ring.events:
            kind = self.kinds[number]
            if kind not in ("urpc send", "urpc receive"):
                continue
            time = core.time(ticks)
            self.marks[track].append((time, kind.replace("urpc", "URPC"), message_words(argument)))
            self._end_of(("urpc", argument), time, track, kind == "urpc receive", core)

    def _messages(self):
        """A short slice for each end of a message: arrows can only be tied to slices."""
        for track, marks in self.marks.items():
            marks.sort(key=lambda mark: mark[0])
            runs = self.runs[track]
            for (time, name, arguments), after in zip(marks, marks[1:] + [None]):
                room = after[0] - time if after else SLICE_MOST
                place = bisect.bisect_right(runs, (time, float("inf"))) - 1
                if place >= 0 and time < runs[place][1]:
                    room = min(room, runs[place][1] - time)     # slices must lie within each other
                self._add("X", track, time, name, dur=min(SLICE_MOST, max(1, room)), args=arguments)

    def _arrows(self):
        """Joins the ends. A key can come again only after the ring's credits have passed it: the latest send that
        is not after the receipt, give or take the clocks' error, is the one."""
        report = {"arrows": 0, "sends without receipt": 0, "receipts without send": 0, "arrows back in time": 0,
                  "farthest back ns": 0}
        for key, ends in self.ends.items():
            sends = sorted((end for end in ends if not end[2]), key=lambda end: end[0])
            for time, track, _, core in sorted((end for end in ends if end[2]), key=lambda end: end[0]):
                limits = [start - core.error - sender.error for start, _, _, sender in sends]
                place = bisect.bisect_right(limits, time) - 1
                if place < 0:
                    report["receipts without send"] += 1
                    continue
                start, origin, _, _ = sends.pop(place)
                self._arrow(report, key[0], (start, origin), (time, track))
            report["sends without receipt"] += len(sends)
        return report

    def _arrow(self, report, kind, start, end):
        report["arrows"] += 1
        if end[0] < start[0]:
            report["arrows back in time"] += 1
            report["farthest back ns"] = max(report["farthest back ns"], start[0] - end[0])
        name = "URPC" if kind == "urpc" else "LRPC"
        for phase, (time, track), more in (("s", start, {}), ("f", end, {"bp": "e"})):
            self._add(phase, track, time, name, cat="message", id=report["arrows"], **more)


def chrome(rings):
    """The rings as the object that becomes the file."""
    drawing = Drawing(rings)
    report = drawing.draw()
    order = {"M": 0, "X": 1}
    drawing.events.sort(key=lambda event: (event.get("ts", -1), order.get(event["ph"], 2), -event.get("dur", 0)))
    for event in drawing.events:
        for key in ("ts", "dur"):
            if key in event:
                event[key] /= 1000      # Chrome's unit is the microsecond
    report |= {"cores": len(drawing.cores), "rings": len(drawing.rings), "rings without a clock": drawing.left_out,
               "events": sum(len(ring.events) for ring in drawing.rings),
               "overwritten events": sum(ring.lost for ring in drawing.rings),
               "damaged events": sum(ring.damaged for ring in drawing.rings),
               "clock error ns": {core.number: core.error for core in drawing.cores.values()},
               "overwritten by ring": {f"{ring.core} {ring.name or 'driver'} {ring.domain >> 32}:"
                                       f"{ring.domain & 0xffffffff}": ring.lost for ring in drawing.rings}}
    return {"displayTimeUnit": "ns", "otherData": report, "traceEvents": drawing.events}


class Recorder:
    """Keeps what the rings of the last machine say when it ends, and writes it down."""

    def __init__(self, path):
        self.path = path
        self.rings = []
        self.machines = 0

    def take(self, files):
        """Called with the memory of a machine that has just ended."""
        self.rings = trace_rings.find(files)
        self.machines += 1

    def write(self, complain=say):
        """Writes the file; one line says what is in it. False if nothing could be written."""
        if not any(ring.domain == 0 for ring in self.rings):
            complain(f"trace: {self.path} is not written: no CPU driver had started")
            return False
        picture = chrome(self.rings)
        try:
            with open(self.path, "w", encoding="ascii") as file:
                json.dump(picture, file, separators=(",", ":"))
                file.write("\n")
        except OSError as problem:
            complain(f"trace: {self.path} is not written: {problem.strerror}")
            return False
        report = picture["otherData"]
        complain(f"trace: {self.path}: {report['cores']} cores, {report['events']} events "
                 f"({report['overwritten events']} older ones were overwritten), {report['arrows']} arrows, "
                 f"{report['sends without receipt'] + report['receipts without send']} messages lack their other end"
                 + (f"; of the last of {self.machines} boots" if self.machines > 1 else ""))
        return True
