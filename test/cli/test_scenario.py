"""The reader and the judge of boot scenarios, and the suites' counting."""
import glob
import os
import unittest

from tools import checks, scenario, suites
from tools.common import ROOT
from fake_guest import FakeQemu

TEXT = """# Shows a thing.
cores: 2
time limit: 9

| early
$ hello
| hello from
~ ^sec
lines 2
exits 0
$ status 4
exits nonzero
"""


def step(text):
    return scenario.parse("# t\n$ x\n" + text).steps[1]


class Parse(unittest.TestCase):
    def test_all_of_it(self):
        plan = scenario.parse(TEXT)
        self.assertEqual((plan.title, plan.cores, plan.seconds, plan.alone), ("Shows a thing.", 2, 9, False))
        self.assertEqual([(each.kind, each.text) for each in plan.steps],
                         [("boot", ""), ("command", "hello"), ("command", "status 4")])
        self.assertEqual(plan.steps[1].lines, [("|", "hello from"), ("~", "^sec")])

    def test_by_name(self):
        self.assertFalse(scenario.parse("# t\n$ x").by_name)
        self.assertTrue(scenario.parse("# t\nby name: yes\n$ x").by_name)
        names = [os.path.basename(path) for path, _ in suites.scenarios()]
        self.assertNotIn("cores_255.scenario", names)
        self.assertEqual(len(suites.scenarios("cores_255")), 1)

    def test_threads(self):
        self.assertEqual(scenario.parse("# t\n$ x").threads, [None])
        self.assertEqual(scenario.parse("# t\nthreads: single multi\n$ x").threads, ["single", "multi"])

    def test_wrong_lines_are_named(self):
        for line in ("frob", "~ (", "lines many", "image: nosuch", "colour: red", "threads: many", "threads:",
                     "icount: 3\nthreads: single"):
            with self.assertRaises(ValueError):
                scenario.parse("# t\n" + line)

    def test_all_files_can_be_read(self):
        for path in glob.glob(os.path.join(ROOT, "test", "boot", "*.scenario")):
            with open(path, encoding="utf-8") as file, self.subTest(path=path):
                plan = scenario.parse(file.read())
                self.assertGreater(len(plan.steps), 1)
                self.assertLess(len(plan.title), 160)


class Judge(unittest.TestCase):
    GOOD = [("| b\n| d", "a\nb\nc\nd\n"), ("~ ^c$\nlines 3", "a\nb\nc"), ("! x\nlines 0", ""),
            ("contains ps help", "help ps"), ("different k(.)", "k1\nk2\n"), ("| a\n| a", "a\na\n")]
    BAD = [("| d\n| b", "a\nb\nc\nd\n"), ("lines 2", "a\n"), ("! x", "axb"), ("contains ps", "pst help"),
           ("different k(.)", "k1\nk1\n"), ("different k(.)", "k1\nl2\n"), ("| a\n| a", "a\n"), ("~ ^b", "ab")]

    def test_good(self):
        for text, output in self.GOOD:
            with self.subTest(text=text):
                scenario.check_output(step(text), output)

    def test_bad(self):
        for text, output in self.BAD:
            with self.subTest(text=text), self.assertRaises(scenario.Failed):
                scenario.check_output(step(text), output)


class Play(unittest.TestCase):
    """Against a pretended QEMU."""

    def play(self, text):
        said = []
        with FakeQemu():
            scenario.Player(scenario.parse(text), said.append).play()
        return said

    def test_good(self):
        self.play(TEXT.replace("early", "noise of"))

    def test_what_fails(self):
        for text, complaint in ((TEXT, "early"), ("# t\n$ status 4", "exit status 4, not 0"),
                                ("# t\n$ panic", "panic: core 3"), ("# t\ntime limit: 1\n$ loop", "time limit"),
                                ("# t\n$ panic\ndies core 4", "died"), ("# t\nmeasure prompt 0", "is over 0")):
            with self.subTest(text=text), self.assertRaises(scenario.Failed) as raised:
                self.play(text)
            self.assertIn(complaint, str(raised.exception))

    def test_death_that_is_expected(self):
        self.play("# t\n$ panic\ndies core 3: asked")

    def test_an_expected_death_that_does_not_come(self):
        with self.assertRaises(scenario.Failed):
            self.play("# t\ntime limit: 1\n$ hello\ndies core 3")

    def test_keeping(self):
        self.play("# t\n$ hello\nkeep core (\\d)\n$ status KEPT\n")
        with self.assertRaises(scenario.Failed):
            self.play("# t\n$ hello\nkeep core (x)\n")

    def test_what_comes_by_itself(self):
        self.play("# t\n$ count\n| 1\n$$ count\n| 4\nlines 1\n$ count\n| 5\n")
        for wrong in ("$$ count\n| x", "$$ status 4"):
            with self.subTest(wrong=wrong), self.assertRaises(scenario.Failed):
                self.play("# t\ntime limit: 1\n" + wrong)

    def test_typing(self):
        self.play('# t\n> "ab\\r\\n"\n| typed ab\n')

    def test_measuring(self):
        said = self.play("# t\nmeasure idle 50 0.2")
        self.assertIn("of a host core while idle", said[0])


class Counting(unittest.TestCase):
    def test_catch2(self):
        for text, expected in (("All tests passed (12 assertions in 3 test cases)\n", (3, 0, 0)),
                               ("All tests passed (1 assertion in 1 test case)\n", (1, 0, 0)),
                               ("test cases: 10 | 8 passed | 2 failed\nassertions: 99 | 97 passed | 2 failed\n", (8, 2, 0)),
                               ("test cases:  4 |  3 passed | 1 skipped\nassertions: 9 | 9 passed\n", (3, 0, 1)),
                               ("No tests ran\n", (0, 0, 0))):
            with self.subTest(text=text):
                totals = checks.catch2_totals(text)
                self.assertEqual((totals.passed, totals.failed, totals.skipped), expected)
        self.assertIsNone(checks.catch2_totals("Segmentation fault\n"))

    def test_unittest(self):
        for text, expected in (("Ran 5 tests in 1s\n\nOK\n", (5, 0, 0)),
                               ("Ran 5 tests in 1s\n\nFAILED (failures=1, errors=2, skipped=1)\n", (1, 3, 1))):
            totals = checks.unittest_totals(text)
            self.assertEqual((totals.passed, totals.failed, totals.skipped), expected)


if __name__ == "__main__":
    unittest.main()
