"""`boot --run`: the frames, the exit statuses, the reasons. Against a pretended QEMU."""
import os
import time
import unittest

from fake_guest import FakeQemu
from tools import bench, qemu, session
from tools.common import Refused


class Run(unittest.TestCase):
    def setUp(self):
        self.fake = self.enterContext(FakeQemu())
        self.output = b""
        self.complaints = []

    def run_commands(self, *commands, seconds=20):
        def sink(data):
            self.output += data
        return session.run(qemu.Guest("x.iso"), list(commands), seconds, sink, self.complaints.append)

    def test_prints_only_what_the_command_prints(self):
        self.assertEqual(self.run_commands("hello"), 0)
        self.assertEqual(self.output, b"hello from core 0\nsecond\n")
        self.assertEqual(self.complaints, [])

    def test_the_last_status_counts(self):
        self.assertEqual(self.run_commands("status 3", "status 42"), 42)
        self.assertEqual(self.run_commands("status 3", "hello"), 0)

    def test_line_ends_across_pieces(self):
        self.assertEqual(self.run_commands("slow"), 0)
        self.assertEqual(self.output, b"first\nsecond")

    def test_a_mark_with_another_token_ends_nothing(self):
        self.assertEqual(self.run_commands("forge"), 0)
        self.assertEqual(self.output, b"after the forged mark\n")

    def test_output_is_untouched(self):
        self.assertEqual(self.run_commands("escapes"), 0)
        self.assertEqual(self.output, b"\x1b[1mbold\x1b[0m \x1b]skerry;\n")

    def test_time_out(self):
        begin = time.monotonic()
        self.assertEqual(self.run_commands("loop", seconds=1), 124)
        self.assertLess(time.monotonic() - begin, 5)
        self.assertIn("timed out after 1 s, in 'loop'", self.complaints[0])

    def test_time_out_before_the_shell(self):
        os.environ["FAKE_BOOT"] = "silent"
        self.assertEqual(self.run_commands("hello", seconds=1), 124)
        self.assertIn("before the shell was there; the last line was: noise of the firmware", self.complaints[0])

    def test_panic(self):
        self.assertEqual(self.run_commands("panic"), 125)
        self.assertEqual(self.complaints, ["the system died: panic: core 3: asked for"])

    def test_triple_fault(self):
        self.assertEqual(self.run_commands("triple"), 125)
        self.assertEqual(self.complaints, ["the system died: triple fault"])

    def test_power_off_is_a_success_only_where_it_was_asked_for(self):
        self.assertEqual(self.run_commands("hello", "poweroff"), 0)
        self.assertEqual(self.run_commands("poweroff", "hello"), 125)
        self.assertEqual(self.complaints, ["the system was powered off before 'hello'"])

    def test_reboot_boots_again(self):
        self.assertEqual(self.run_commands("reboot", "hello"), 0)
        self.assertEqual(self.output, b"hello from core 0\nsecond\n")

    def test_the_boot_loader_gave_up(self):
        os.environ["FAKE_BOOT"] = "grub"
        self.assertEqual(self.run_commands("hello"), 125)
        self.assertIn("GRUB could not boot it: error: file `/boot/x' not found.", self.complaints[0])

    def test_qemu_refuses(self):
        os.environ["FAKE_BOOT"] = "complain"
        self.assertEqual(self.run_commands("hello"), 125)
        self.assertIn("QEMU ended with status 1: qemu: no such machine", self.complaints[0])

    def test_commands_that_are_no_line(self):
        for command in ("", "  ", "a\nb", "a\x01b", "caf\u00e9", "x" * 300):
            with self.assertRaises(Refused):
                session.check_command(command)

    def test_deterministic_arguments(self):
        session.run(qemu.Guest("x.iso", icount=3), ["hello"], 20, lambda data: None, self.complaints.append)
        self.assertIn("shift=3,sleep=off", self.fake.given())

    def test_what_an_image_brings_ends_with_what_ends_the_run(self):
        self.assertEqual(session.frames(["hello", "poweroff"]).count(b"hello"), 1)
        for last in ("reboot", "poweroff"):
            with self.assertRaisesRegex(Refused, f"nothing can be run after '{last}'"):
                session.frames([last, "hello"])


class Bench(unittest.TestCase):
    ROW = "csv,message,,,,lrpc,1,one_way,380,379,391,instructions,1000"

    def test_rows_are_completed(self):
        rows = bench.rows_of("noise\n" + self.ROW + "\n", "4x4-amd")
        self.assertEqual(bench.csv(rows), bench.HEADER + "\n"
                         "message,x86_64,4x4-amd,skerry,lrpc,1,one_way,380,379,391,instructions,1000")

    def test_table(self):
        lines = bench.table(bench.rows_of(self.ROW, "flat")).split("\n")
        self.assertEqual(lines[0].split(), list(bench.SHOWN))
        self.assertEqual(lines[1].split(), "lrpc 1 one_way 380 379 391 instructions 1000".split())

    def test_a_line_that_is_no_row(self):
        with self.assertRaises(ValueError):
            bench.rows_of("csv,message,1\n", "flat")


if __name__ == "__main__":
    unittest.main()
