"""Wrong input: one line that says what is wrong and what would be right, exit status 2, nothing built."""
import os
import subprocess
import sys
import unittest

from tools.common import ROOT

WRONG = [
    ([], "say what to do"),
    (["frob"], "invalid choice: 'frob'"),
    (["boot", "--frob"], "--frob"),
    (["boot", "--cores", "0"], "from 1 to 255"),
    (["boot", "--cores", "1000000"], "no x2APIC here"),
    (["boot", "--cores", "256"], "no x2APIC here"),
    (["boot", "--cores", "four"], "--cores four"),
    (["boot", "--cores", "-1"], "--cores"),
    (["boot", "--machine", "nosuch"], "2x1 2x2 2x2-amd 2x4-intel 2x64-server 4x2 4x4 4x4-amd 8x4-amd"),
    (["boot", "--machine", "../machine"], "there is no machine"),
    (["boot", "--machine", "4x4-amd", "--cores", "17"], "from 1 to 16"),
    (["boot", "--platform", "aarch64"], "not there yet"),
    (["boot", "--platform", "riscv64"], "not there yet"),
    (["boot", "--platform", "z80"], "there is no platform 'z80'"),
    (["boot", "--accel", "hax"], "auto, tcg or kvm"),
    (["boot", "--accel", "kvm", "--deterministic"], "--deterministic"),
    (["boot", "--firmware", "coreboot"], "bios or uefi"),
    (["boot", "--device", "edu bad"], "--device edu bad"),
    (["boot", "--device", "edu", "--platform", "hosted"], "--device is for QEMU"),
    (["boot", "--timeout", "soon"], "--timeout soon"),
    (["boot", "--timeout", "nan"], "--timeout nan"),
    (["boot", "--memory", "1"], "--memory 1"),
    (["boot", "--run", ""], "--run wants a command"),
    (["boot", "--online", "0"], "from 1 to 1 (there is 1)"),
    (["boot", "--cores", "8", "--online", "9"], "from 1 to 8 (there are 8)"),
    (["boot", "--cores", "8", "--online", "four"], "--online four"),
    (["boot", "--machine", "4x4-amd", "--online", "17"], "from 1 to 16"),
    (["boot", "--run", "a\nb"], "one line"),
    (["boot", "--trace", "/no/such/folder/f"], "there is no folder"),
    (["boot", "--trace", "/"], "not a file"),
    (["boot", "--gdb", "80"], "from 1024 to 65535"),
    (["boot", "--gdb", "gate"], "from 1024 to 65535"),
    (["test", "nosuch"], "there is no suite 'nosuch'"),
    (["test", "boot/nosuch"], "there is no scenario 'nosuch'"),
    (["test", "unit", "--boots", "3"], "--boots is for one suite"),
    (["test", "soak", "--boots", "0"], "--boots 0"),
    (["test", "soak", "--boots", "many"], "--boots many"),
    (["test", "soak", "--cores", "8"], "come together"),
    (["test", "soak", "--cores", "8", "--thread", "double"], "single or multi"),
    (["test", "soak", "--cores", "0", "--thread", "single"], "from 1 to 255"),
    (["test", "soak", "--image", "/no/such/image"], "there is no image"),
    (["bench", "retype"], "not there yet"),
    (["bench", "retype", "--platform", "simulated"], "needs --machine"),
    (["bench", "retype", "--platform", "simulated", "--machine", "8x4-amd", "--cores", "33"], "8x4-amd has 32"),
    (["bench", "unmap", "--platform", "simulated", "--machine", "8x4-amd", "--cores", "1"], "--cores 1"),
    (["bench", "unmap", "--platform", "simulated", "--machine", "8x4-amd", "--variants", "octocast"], "octocast"),
    (["bench", "capability", "--machine", "2x2"], "--machine: not there yet"),
    (["bench", "capability", "--cores", "17"], "--cores 17"),
    (["bench", "topology"], "say --plot FILE.svg"),
    (["bench", "topology", "--plot", "/no/such/folder/f.svg"], "there is no folder"),
    (["bench", "topology", "--plot", "/tmp/f.svg", "--platform", "hosted"], "say --machine M"),
    (["bench", "topology", "--plot", "/tmp/f.svg", "--machine", "nosuch"], "there is no machine"),
    (["bench", "topology", "--plot", "/tmp/f.svg", "--machine", "2x2", "--cores", "5"], "2x2 has no more"),
    (["bench", "unmap", "--cores", "1"], "it takes two"),
    (["bench", "unmap", "--vs", "barrelfish"], "--vs barrelfish: must be linux"),
    (["bench", "unmap", "--machine", "2x2"], "--machine: not there yet for bench unmap"),
    (["bench", "message", "--cores", "1,x"], "--cores x"),
    (["bench", "message", "--vs", "barrelfish"], "--vs barrelfish: must be linux"),
    (["bench", "traffic", "--cores", "3"], "--cores 3"),
    (["bench", "traffic", "--variants", "octocast"], "octocast"),
    (["bench", "traffic", "--vs", "barrelfish"], "--vs barrelfish: must be linux"),
    (["bench", "traffic", "--machine", "nosuch"], "there is no machine"),
    (["bench", "traffic", "--timeout", "0"], "--timeout 0"),
    (["bench", "message", "--vs", "linux", "--cores", "2"], "leave out --cores and --machine"),
    (["bench", "shootdown", "--cores", "1"], "a shootdown takes two"),
    (["bench", "shootdown", "--cores", "2,3"], "--cores 3"),
    (["bench", "shootdown", "--cores", "2,,4"], "--cores "),
    (["bench", "shootdown", "--cores", "2", "--machine", "nosuch"], "there is no machine"),
    (["bench", "shootdown", "--machine", "2x2", "--cores", "5"], "2x2 has no more"),
    (["bench", "shootdown", "--variants", "unicast,octocast"], "octocast"),
    (["bench", "message", "--vs", "barrelfish"], "--vs barrelfish: must be linux"),
    (["bench", "message", "--vs", "linux", "--cores", "2"], "leave out --cores and --machine"),
    (["reproduce", "fig9"], "not there yet"),
    (["image", "--platform", "riscv64"], "not there yet"),
]


def skerry(*arguments):
    return subprocess.run([sys.executable, os.path.join(ROOT, "skerry"), *arguments], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=20, check=False)


class WrongInput(unittest.TestCase):
    def test_each_is_refused_in_one_line(self):
        for arguments, expected in WRONG:
            with self.subTest(arguments=arguments):
                done = skerry(*arguments)
                self.assertEqual(done.returncode, 2)
                self.assertEqual(done.stdout, "")
                self.assertIn(expected, done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1)

    def test_help_is_no_error(self):
        done = skerry("--help")
        self.assertEqual(done.returncode, 0)
        for command in ("boot", "test", "bench", "reproduce", "image"):
            self.assertIn(command, done.stdout)


if __name__ == "__main__":
    unittest.main()
