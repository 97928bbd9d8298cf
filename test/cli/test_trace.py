"""Trace rings found in memory and drawn for Perfetto, from rings made by hand."""
import json
import os
import struct
import tempfile
import unittest

from tools import trace, trace_rings
from tools.common import Refused

KINDS = {name: number for number, name in enumerate(trace_rings.kinds())}
ONE_TO_ONE = 1 << 32    # clock multiplier: a tick is a nanosecond


def ring(core, domain, events, capacity=16, name=b"", offset=0, error=0, written=None):
    """A ring in memory: events are (ticks, kind name, argument), the first at its place 0."""
    header = trace_rings.magic() + struct.pack("<5QqQ3Q32s", capacity, len(events) if written is None else written,
                                               core, domain, 0 if domain else ONE_TO_ONE, offset, error, 0, 0, 0, name)
    return header + b"".join(struct.pack("<QQ", ticks << 8 | KINDS[kind], argument)
                             for ticks, kind, argument in events).ljust(16 * capacity, b"\0")


class Memory(unittest.TestCase):
    def found(self, *pieces):
        """Rings at places of their own, in a file with holes."""
        file = os.memfd_create("memory")
        self.addCleanup(os.close, file)
        os.ftruncate(file, 1 << 22)
        for place, data in enumerate(pieces):
            os.pwrite(file, data, (place + 1) * 200 * 1024 + 64)
        return trace_rings.find([file])

    def test_rings_are_found(self):
        rings = self.found(ring(1, 0, [(5, "idle", 0)]), ring(1, 1 << 32 | 4, [], name=b"hello"))
        self.assertEqual([(each.core, each.domain, each.name, each.events) for each in rings],
                         [(1, 0, "", [(5, KINDS["idle"], 0)]), (1, 1 << 32 | 4, "hello", [])])

    def test_what_only_looks_like_one_is_passed_over(self):
        good = ring(1, 0, [(5, "idle", 0)])
        self.assertEqual(self.found(trace_rings.magic(), b"\0" + good, ring(0, 0, []),
                                    ring(0, 0, [(1, "idle", 0)], capacity=1 << 17)), [])

    def test_the_oldest_are_overwritten(self):
        events = [(100 + i, "timer", i) for i in range(16)]
        [found] = self.found(ring(0, 0, events, written=16 + 0))
        self.assertEqual((len(found.events), found.lost), (16, 0))
        [found] = self.found(ring(0, 0, [(200, "timer", 16), *events[1:]], written=17))
        self.assertEqual([event[2] for event in found.events], list(range(2, 17)))  # one may be half written
        self.assertEqual(found.lost, 2)

    def test_nonsense_is_counted(self):
        [found] = self.found(ring(0, 0, [(5, "idle", 0), (4, "idle", 0), (7, "none", 0), (8, "idle", 0)]))
        self.assertEqual((len(found.events), found.damaged), (2, 2))

    def test_one_ring_a_domain(self):
        rings = self.found(ring(0, 0, [(5, "idle", 0)]), ring(0, 0, [(5, "idle", 0), (6, "timer", 0)]))
        self.assertEqual([each.written for each in rings], [2])

    def test_no_driver_no_file(self):
        said = []
        recorder = trace.Recorder("/nonexistent/t.json")
        self.assertFalse(recorder.write(said.append))
        self.assertIn("no CPU driver had started", said[0])


class Drawing(Memory):
    A, B = 1, 1 << 32 | 1

    def two_cores(self, sends, receipts, error=0, offset=0):
        """Domain A on core 0 sends, B on core 1 receives; both lists are (ticks, key)."""
        return trace.chrome(self.found(
            ring(0, 0, [(1, "switch", self.A)]), ring(1, 0, [(1, "switch", self.B)], offset=offset),
            ring(0, self.A, [(ticks, "urpc send", key) for ticks, key in sends], name=b"a"),
            ring(1, self.B, [(ticks, "urpc receive", key) for ticks, key in receipts], name=b"b", error=error)))

    def arrows(self, picture):
        ends = {}
        for event in picture["traceEvents"]:
            if event["ph"] in "sf":
                ends.setdefault(event["id"], {})[event["ph"]] = round(event["ts"] * 1000)
        return sorted((end["s"], end["f"]) for end in ends.values())

    def test_ends_are_joined_by_key(self):
        picture = self.two_cores([(10, 7), (20, 8), (30, 9)], [(40, 8), (50, 7)])
        self.assertEqual(self.arrows(picture), [(10, 50), (20, 40)])
        self.assertEqual(picture["otherData"]["sends without receipt"], 1)

    def test_a_receipt_whose_send_is_overwritten(self):
        picture = self.two_cores([(60, 7)], [(40, 7)])
        self.assertEqual(self.arrows(picture), [])
        self.assertEqual(picture["otherData"]["receipts without send"], 1)
        self.assertEqual(picture["otherData"]["sends without receipt"], 1)

    def test_a_key_that_came_round_again(self):
        picture = self.two_cores([(10, 7), (100, 7)], [(20, 7), (110, 7)])
        self.assertEqual(self.arrows(picture), [(10, 20), (100, 110)])

    def test_clocks_that_are_known_to_be_wrong(self):
        picture = self.two_cores([(60, 7)], [(55, 7)], error=10)
        self.assertEqual(self.arrows(picture), [(60, 55)])
        self.assertEqual(picture["otherData"]["farthest back ns"], 5)

    def test_offsets_count_from_the_beginning(self):
        self.assertEqual(self.arrows(self.two_cores([(1000, 7)], [(20, 7)], offset=1000)), [(1000, 1020)])

    def test_same_core_messages(self):
        picture = trace.chrome(self.found(
            ring(0, 0, [(1, "switch", 1), (5, "send", 3 << 32), (9, "send straight", 2), (12, "receive", 3 << 32),
                        (20, "idle", 0)])))
        self.assertEqual(self.arrows(picture), [(5, 12), (8, 9)])
        runs = [(event["tid"], event["ts"], event["dur"]) for event in picture["traceEvents"]
                if event["name"] == "runs"]
        self.assertEqual(runs, [(1, 0.001, 0.008), (2, 0.009, 0.011)])
        json.dumps(picture)

    def test_a_programs_ring_without_its_cores(self):
        picture = trace.chrome(self.found(ring(0, 0, [(1, "idle", 0)]), ring(3, 3 << 32 | 1, [(1, "urpc send", 1)])))
        self.assertEqual(picture["otherData"]["rings without a clock"], 1)


class File(unittest.TestCase):
    def test_refused_before_anything_is_booted(self):
        with tempfile.TemporaryDirectory() as folder:
            for path in (folder, os.path.join(folder, "no", "t.json"), ""):
                with self.subTest(path=path), self.assertRaises(Refused):
                    trace.check_file(path)
            trace.check_file(os.path.join(folder, "t.json"))
