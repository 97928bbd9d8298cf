"""What the launcher does to the host: packages, the probe of KVM, the terminal, and no QEMU that outlives it."""
import contextlib
import io
import os
import pty
import signal
import socket
import subprocess
import sys
import termios
import time
import unittest
from unittest import mock

from fake_guest import FakeQemu
from tools import accelerator, images, launcher, packages, terminal
from tools.common import ROOT, Refused

HOLDER = """
import sys
sys.path.insert(0, {root!r})
from tools import qemu
with qemu.Qemu(qemu.Guest("x.iso")) as guest:
    print(guest.process.pid, flush=True)
    sys.stdin.read()
"""


def alive(pid):
    """Whether `pid` runs: a zombie that nobody has waited for yet does not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Packages(unittest.TestCase):
    def test_what_is_there_is_not_missing(self):
        self.assertEqual(packages.missing(["dpkg", "no-such-package-of-skerry"]), ["no-such-package-of-skerry"])

    def test_no_install(self):
        with self.assertRaises(Refused) as raised:
            packages.ensure(["no-such-package-of-skerry"], install=False)
        self.assertIn("apt-get install -y --no-install-recommends no-such-package-of-skerry", str(raised.exception))

    def test_without_root(self):
        with mock.patch("os.geteuid", return_value=1000), self.assertRaises(Refused) as raised:
            packages.ensure(["no-such-package-of-skerry"])
        self.assertIn("only root", str(raised.exception))


class Gdb(unittest.TestCase):
    def boot(self, port, missing):
        """(exit status, words on stderr) of `boot --gdb` where these packages are missing."""
        words = io.StringIO()
        with mock.patch("tools.packages.missing", return_value=missing), contextlib.redirect_stderr(words):
            status = launcher.main(["boot", "--no-install", "--gdb", str(port)])
        return status, words.getvalue()

    def test_a_port_that_is_taken(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            status, words = self.boot(port, [])
        self.assertEqual((status, words.count("\n")), (2, 1))
        self.assertIn(f"--gdb: port {port} cannot be had", words)

    def test_gdb_is_asked_for_only_when_it_is_needed(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        status, words = self.boot(port, ["gdb"])
        self.assertEqual((status, words.count("\n")), (2, 1))
        self.assertIn("apt-get install -y --no-install-recommends gdb", words)


class Probe(unittest.TestCase):
    def test_the_boot_sector_runs_to_its_end(self):
        self.assertEqual(len(accelerator.boot_sector()), 512)
        self.assertTrue(accelerator.probe("tcg", seconds=60))

    def test_what_is_slow_is_not_believed(self):
        self.assertFalse(accelerator.probe("tcg", seconds=0.5))

    def test_choice(self):
        host = len(os.sched_getaffinity(0))
        self.assertEqual(accelerator.choose("tcg", host)[0], "tcg,thread=multi")
        self.assertEqual(accelerator.choose("tcg", host + 1)[0], "tcg,thread=single")


class Tables(unittest.TestCase):
    def test_checksums(self):
        self.assertEqual(sum(images.madt(4)) & 0xFF, 0)
        self.assertEqual(sum(images.madt(4, right=False)) & 0xFF, 1)


class Life(unittest.TestCase):
    def start(self):
        self.enterContext(FakeQemu())
        holder = subprocess.Popen([sys.executable, "-c", HOLDER.format(root=ROOT)], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, text=True)
        self.addCleanup(holder.stdout.close)
        self.addCleanup(holder.stdin.close)
        return holder, int(holder.stdout.readline())

    def gone(self, pid):
        limit = time.monotonic() + 5
        while alive(pid) and time.monotonic() < limit:
            time.sleep(0.02)
        return not alive(pid)

    def test_qemu_dies_with_a_killed_launcher(self):
        holder, pid = self.start()
        self.assertTrue(alive(pid))
        holder.kill()
        holder.wait()
        self.assertTrue(self.gone(pid))

    def test_qemu_dies_with_an_interrupted_launcher(self):
        holder, pid = self.start()
        holder.send_signal(signal.SIGINT)
        holder.stdin.close()
        holder.wait()
        self.assertTrue(self.gone(pid))


class Terminal(unittest.TestCase):
    def test_three_in_a_row(self):
        self.assertEqual(terminal.escapes_after(b"\x1d\x1d", 0), 2)
        self.assertEqual(terminal.escapes_after(b"\x1d", 2), 3)
        self.assertEqual(terminal.escapes_after(b"a", 2), 0)
        self.assertEqual(terminal.escapes_after(b"\x1d\x1d\x1dabc", 0), 3)

    def test_keys_pass_and_the_terminal_is_restored(self):
        self.enterContext(FakeQemu())
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        self.addCleanup(os.close, theirs)
        before = termios.tcgetattr(theirs)
        script = (f"import sys; sys.path.insert(0, {ROOT!r})\nfrom tools import terminal, qemu\n"
                  "sys.exit(terminal.run(qemu.Guest('x.iso'), 20, print))")
        child = subprocess.Popen([sys.executable, "-c", script], stdin=theirs, stdout=theirs, stderr=theirs)
        self.read_until(ours, b"skerry> ")
        self.assertNotEqual(termios.tcgetattr(theirs)[3], before[3])
        os.write(ours, b"\x03abc\n")
        self.read_until(ours, b"typed \x03abc")
        os.write(ours, b"\x1d\x1d\x1d")
        self.assertEqual(child.wait(timeout=10), 0)
        self.assertEqual(termios.tcgetattr(theirs), before)

    def read_until(self, file, text):
        seen = b""
        while text not in seen:
            seen += os.read(file, 4096)


if __name__ == "__main__":
    unittest.main()
