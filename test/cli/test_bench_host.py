"""Samples of the host's benchmark: told apart by their probes, compared round by round."""
import unittest

from tools import bench_host


def sample(turn, variant, metric, value, before=500.0, after=510.0, interrupted=0, works=(1000, 1010)):
    return f"sample,{turn},{variant},{metric},{value:.1f},{before:.1f},{after:.1f},{interrupted},{works[0]},{works[1]}"


class Samples(unittest.TestCase):
    def test_placements(self):
        self.assertEqual(bench_host.placement(130, 140), "near")
        self.assertEqual(bench_host.placement(500, 510), "middle")
        self.assertEqual(bench_host.placement(1300, 1100), "far")
        self.assertIsNone(bench_host.placement(130, 1300))
        self.assertIsNone(bench_host.placement(390, 410))   # they agree, but not on the class

    def test_dropped_are_counted(self):
        text = "\n".join([sample(0, "pipe", "round_trip", 5), sample(1, "pipe", "round_trip", 6, interrupted=1),
                          sample(2, "pipe", "round_trip", 7, after=900)])
        samples, probes, dropped, total = bench_host.parse(text)
        self.assertEqual((dropped, total), (2, 3))
        self.assertEqual(samples["middle", "round_trip", "pipe"], {0: 5.0})
        self.assertEqual(probes["middle"], [500.0])

    def test_shared_cores_are_a_class_of_their_own(self):
        text = "\n".join([sample(0, "pipe", "round_trip", 5), sample(1, "pipe", "round_trip", 6, works=(1000, 1300)),
                          sample(2, "pipe", "round_trip", 7, works=(1200, 1000)), sample(3, "pipe", "round_trip", 8, works=(1100, 1149))])
        samples, _, dropped, _ = bench_host.parse(text)
        self.assertEqual(dropped, 0)
        self.assertEqual(samples["middle", "round_trip", "pipe"], {0: 5.0, 3: 8.0})
        self.assertEqual(samples["middle_shared", "round_trip", "pipe"], {1: 6.0, 2: 7.0})

    def test_wrong_line(self):
        with self.assertRaises(ValueError):
            bench_host.parse("sample,1,2")

    def test_ratio_is_of_the_same_round(self):
        ours = {turn: 2.0 * turn for turn in range(1, 8)}
        theirs = {turn: float(turn) for turn in range(3, 20)}
        self.assertEqual(bench_host.ratio(ours, theirs), (2.0, 2.0, 2.0))
        self.assertIsNone(bench_host.ratio(ours, {1: 1.0}))

    def test_report(self):
        lines = []
        text = "\n".join(sample(turn, variant, metric, value, before, before)
                         for metric in ("round_trip", "round_trip_rested") for before in (500, 1300) for turn in range(before, before + 6)
                         for variant, value in (("bare_two_lines", 600), ("bare_two_lines_pause", 500),
                                                ("urpc_ring", 900), ("urpc_ring_pause", 600), ("urpc_ring_fence", 550),
                                                ("boost_spsc", 1100)))
        rows = bench_host.report(text, lines.append)
        self.assertEqual({row["machine"] for row in rows}, {"host_middle", "host_far"})
        self.assertEqual(len(rows), 24)
        # Each way with its better way to wait.
        self.assertIn("  round_trip: urpc_ring / bare_two_lines: 1.10 (1.10 to 1.10) goal 1.10", lines)
        self.assertIn("  round_trip_rested: urpc_ring / bare_two_lines: 1.10 (1.10 to 1.10) goal 1.10", lines)
        self.assertIn("  round_trip: urpc_ring / boost_spsc, the best peer: 0.50 (0.50 to 0.50)", lines)


if __name__ == "__main__":
    unittest.main()
