"""The soak: what is a right boot, and what is kept of a wrong one. Against a pretended QEMU."""
import glob
import os
import tempfile
import unittest

from tools import soak
from fake_guest import FakeQemu


class Soak(unittest.TestCase):
    def soak(self, mode, boots=2):
        """(Result, what was said, the table's lines, the logs' texts) of some boots in that mode."""
        said = []
        with FakeQemu(), tempfile.TemporaryDirectory() as folder:
            os.environ["FAKE_BOOT"] = mode
            result = soak.run(soak.Plan("image", 2, "multi", boots, 7, folder), said.append)
            with open(os.path.join(folder, "multi_2.csv"), encoding="utf-8") as file:
                table = file.read().splitlines()
            logs = []
            for path in sorted(glob.glob(os.path.join(folder, "*.log"))):
                with open(path, encoding="utf-8") as file:
                    logs.append(file.read())
            return result, said, table, logs

    def test_right_boots(self):
        result, said, table, logs = self.soak("")
        self.assertEqual((result.passed, result.failed, said, logs), (2, [], [], []))
        self.assertEqual([line.split(",")[1:5] for line in table],
                         [["multi", "2", "7", "right"], ["multi", "2", "8", "right"]])
        self.assertIn("2 right, 0 wrong", str(result))

    def test_a_wrong_answer(self):
        result, said, table, logs = self.soak("timer")
        self.assertEqual((result.passed, result.failed), (0, [7, 8]))
        self.assertIn("seed 7: core 1 online timer failed", said[0])
        self.assertIn("noise of the firmware", logs[0])
        self.assertEqual(table[1].split(",")[4], "wrong")

    def test_a_boot_that_hangs(self):
        before, soak.PATIENCE = soak.PATIENCE, 1
        try:
            result, said, _, logs = self.soak("hang", 1)
        finally:
            soak.PATIENCE = before
        self.assertEqual(result.failed, [7])
        self.assertIn("hangs in 'oncore", said[0])
        self.assertIn("QEMU's monitor gave nothing", logs[0])  # the pretended one has none


if __name__ == "__main__":
    unittest.main()
