"""One QEMU: its command line, its life, and why it ended."""
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field

from . import machine as machines
from .common import TURNS, Refused

EXIT_POWER_OFF = 33     # isa-debug-exit value 0x10
EXIT_PANIC = 125        # isa-debug-exit value 0x3e
FIRMWARE_UEFI = "/usr/share/ovmf/OVMF.fd"
CPU = "max"             # all that TCG or KVM has
NAMED_THREADS = ["-name", "guest,debug-threads=on"]     # so that each virtual core's thread can be told
MEMORY_BASE, MEMORY_PER_CORE = 256, 16      # MB; without --memory and --machine


@dataclass
class Guest:
    """What to boot, and on what. Memory in MB; icount is the shift of a deterministic run."""
    iso: str
    cores: int = 1
    machine: object = None
    memory: int = None
    firmware: str = "bios"
    accelerator: str = "tcg,thread=single"
    icount: int = None
    gdb: int = None         # port on which QEMU waits for gdb
    may_reboot: bool = False
    brings_commands: bool = False   # they lie in the image (session.frames), nothing is typed
    trace: object = None    # its take(files) is called with the machine's memory when it has ended
    cpu: str = CPU
    extra: list = field(default_factory=list)
    preload: list = field(default_factory=list)     # libraries, into a deterministic run

    program = "qemu-system-x86_64"

    def command_line(self, log, backend=None):
        """`backend(megabytes)` is what memory shall be, in QEMU's words, if not QEMU's own."""
        preload = ["env", "LD_PRELOAD=" + ":".join([TURNS, *self.preload])] if self.icount is not None else []
        line = [*preload, self.program, *NAMED_THREADS, "-machine", "q35", "-cpu", self.cpu]
        more = (backend,) if backend else ()
        if self.machine:
            line += machines.qemu_arguments(self.machine, self.cores, self.memory, *more)
        else:
            memory = self.memory or MEMORY_BASE + MEMORY_PER_CORE * self.cores
            if backend:
                line += ["-machine", "memory-backend=ram", "-object", f"{backend(memory)},id=ram"]
            line += ["-m", f"{memory}M", "-smp", f"{self.cores},sockets=1,cores={self.cores},threads=1"]
        if self.icount is not None:
            line += ["-accel", "tcg,thread=single", "-icount", f"shift={self.icount},sleep=off",
                     "-rtc", "base=2026-01-01,clock=vm"]
        else:
            line += ["-accel", self.accelerator]
        if self.firmware == "uefi":
            line += ["-bios", FIRMWARE_UEFI]
        line += ["-cdrom", self.iso, "-boot", "d", "-display", "none", "-vga", "none", "-serial", "stdio", "-monitor",
                 "none", "-nic", "none", "-device", "isa-debug-exit,iobase=0xf4,iosize=1"]
        # The log of resets is how a triple fault is told from a reset that the guest asked for.
        line += ["-d", "cpu_reset", "-D", log]
        if not self.may_reboot:
            line.append("-no-reboot")
        if self.gdb:
            line += ["-gdb", f"tcp:127.0.0.1:{self.gdb}", "-S"]
        return line + self.extra


def _contents(file):
    size = os.fstat(file).st_size
    return os.pread(file, size, 0)


class Qemu:
    """A running QEMU, which dies with us: at stop(), and by the kernel's hand if we are killed first."""

    def __init__(self, guest):
        # Files without a name: nothing stays behind even if we are killed.
        self.log = os.memfd_create("reset.log", 0)
        self.errors = os.memfd_create("stderr", 0)
        self.memory = []        # files that are the machine's memory, if its trace is wanted
        line = guest.command_line(f"/proc/self/fd/{self.log}", self._memory_file if guest.trace else None)
        # setpriv sets the parent-death signal and becomes QEMU; a session of its own keeps Ctrl-C from it.
        command = ["setpriv", "--pdeathsig", "KILL", *line]
        if shutil.which(guest.program) is None:
            raise Refused(f"'{guest.program}' is not there, and it is needed to boot")
        self.started = time.monotonic()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
                                        start_new_session=True, bufsize=0, pass_fds=[self.log, *self.memory])
        self.trace = guest.trace

    def _memory_file(self, megabytes):
        file = os.memfd_create("memory", 0)
        os.ftruncate(file, megabytes << 20)
        self.memory.append(file)
        return f"memory-backend-file,size={megabytes}M,mem-path=/proc/self/fd/{file},share=on"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def input(self):
        return self.process.stdin.fileno()

    @property
    def output(self):
        return self.process.stdout.fileno()

    def write(self, data):
        """Types `data` on the guest's serial line. What cannot be delivered is lost with the QEMU that it was for."""
        try:
            self.process.stdin.write(data)
        except BrokenPipeError:
            pass

    def cpu_seconds(self):
        """CPU time that the process has used on the host so far."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def pin(self, host_cores):
        """Binds virtual core n's thread to host_cores[n]. Only with a thread a core."""
        folder = f"/proc/{self.process.pid}/task"
        for thread in os.listdir(folder):
            try:
                with open(f"{folder}/{thread}/comm", encoding="ascii") as file:
                    core = re.match(r"CPU (\d+)/", file.read())
            except FileNotFoundError:
                continue  # one of QEMU's workers, which has ended meanwhile
            if core and int(core.group(1)) < len(host_cores):
                os.sched_setaffinity(int(thread), {host_cores[int(core.group(1))]})

    def hold(self):
        """Stops the machine as it stands, until go_on()."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def go_on(self):
        os.kill(self.process.pid, signal.SIGCONT)

    def stop(self):
        """Ends QEMU if it still runs, and forgets its files. Returns its exit status (negative = by a signal)."""
        if self.process.poll() is None:
            self.process.kill()
        status = self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        if self.trace:
            self.trace.take(self.memory)
        for file in (self.errors, self.log, *self.memory):
            os.close(file)
        return status

    def ended(self, text):
        """Waits for the end of a QEMU whose serial line closed: (exit status, why), `text` = what it printed last."""
        status = self.process.wait()
        return status, self._reason(status, text)

    def _reason(self, status, text):
        panics = re.findall(rb"panic: core \d+: [^\r\n]*", text)
        if panics:
            return panics[0].decode(errors="replace")
        if b"Triple fault" in _contents(self.log):
            return "triple fault"
        if status == EXIT_POWER_OFF:
            return "it was powered off"
        if status < 0:
            return f"QEMU was ended by signal {-status}"
        complaints = [line for line in _contents(self.errors).decode(errors="replace").splitlines() if line.strip()]
        return f"QEMU ended with status {status}" + (f": {complaints[-1]}" if complaints else "")
