"""The judge must be able to condemn: reports made up for the purpose."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

import check    # noqa: E402

DRIVERS = """driver 0 order 1 lines 100 loads 10 stores 10 fetches 10
driver 1 order 2 lines 100 loads 10 stores 10 fetches 10
"""
POKE = """shared 0x1000
  vcpu 0 loads 1 stores 2 fetches 0 at 0xffffffff80001000 window
  vcpu 1 loads 3 stores 4 fetches 0 at 0xffffffff80001010 window
"""
TEXT = """shared 0x200040
  vcpu 0 loads 0 stores 0 fetches 9 at 0xffffffff80002000 plain
  vcpu 1 loads 0 stores 0 fetches 8 at 0xffffffff80002000 plain
"""
HALF = POKE.replace("80001010 window", "80001010 plain")


def report(*shared):
    return check.parse("".join(shared) + DRIVERS + f"end shared {len(shared)}\n")


class Judge(unittest.TestCase):
    def test_nothing_shared(self):
        self.assertEqual(check.complaints(report(), 2), [])

    def test_poke_words_may_be_shared(self):
        self.assertEqual(check.complaints(report(POKE), 2), [])
        self.assertEqual(check.window_lines(report(POKE)), 1)

    def test_poke_words_are_reported_without_the_exception(self):
        self.assertEqual(len(check.complaints(report(POKE), 2, window_allowed=False)), 1)

    def test_a_poke_word_reached_another_way_is_guilty(self):
        self.assertEqual(len(check.complaints(report(HALF), 2)), 1)

    def test_shared_text_is_guilty_and_named(self):
        symbols = check.Symbols("ffffffff80002000 T the_function\nffffffff80003000 T another\n")
        [line] = check.complaints(report(POKE, TEXT), 2, symbols, [("core 0's image", 0x200000, 0x40000)])
        self.assertIn("core 0's image + 0x40", line)
        self.assertIn("the_function", line)

    def test_neighbours_are_one_region(self):
        self.assertEqual(check.regions([0x1080, 0x1000, 0x1040, 0x2000]), [[0x1000, 3], [0x2000, 1]])

    def test_a_driver_that_never_ran_proves_nothing(self):
        self.assertEqual(len(check.complaints(report(), 3)), 1)

    def test_half_a_report_is_none(self):
        for text in ("", DRIVERS, TEXT + DRIVERS + "end shared 0\n", "shared 0x\n", TEXT.splitlines()[1]):
            with self.assertRaises(ValueError):
                check.parse(text)


if __name__ == "__main__":
    unittest.main()
