"""Runs commands in a booted system without a person (the other side is the shell's frame reader)."""
import secrets
import time

from .common import SYSTEM_DIED, TIMED_OUT, Refused
from .qemu import EXIT_POWER_OFF, Qemu
from .wire import Ended, TimedOut, Wire

COMMAND_LONGEST = 200
FRAMED = "\x01"


def check_command(command):
    """A command is one line of plain text: anything else would end its frame early."""
    if not command.strip():
        raise Refused("--run wants a command, for example --run cores")
    if not command.isprintable() or not command.isascii():
        raise Refused(f"--run {command!r}: a command is one line of printable ASCII")
    if len(command) > COMMAND_LONGEST:
        raise Refused(f"--run: a command has at most {COMMAND_LONGEST} characters, not {len(command)}")


def _frame(token, line):
    return f"{FRAMED}{token} {line}\n".encode()


def _numbered(index):
    return f"{index:016x}"


def frames(commands):
    """What an image brings along so that its shell runs them, without anything being typed."""
    for command in commands[:-1]:
        if command.split()[0] in ("reboot", "poweroff"):
            raise Refused(f"--deterministic: nothing can be run after '{command}', with which the run ends")
    return b"".join(_frame(_numbered(index), command) for index, command in enumerate(commands))


class LineEnds:
    """Turns the wire's CR LF into LF, across pieces."""

    def __init__(self, sink):
        self.sink = sink
        self.carriage = False

    def __call__(self, data):
        if self.carriage:
            data = b"\r" + data
        self.carriage = data.endswith(b"\r")
        data = (data[:-1] if self.carriage else data).replace(b"\r\n", b"\n")
        if data:
            self.sink(data)

    def flush(self):
        if self.carriage:
            self.sink(b"\r")
            self.carriage = False


class Session:
    """A system that boots, is given commands in frames, and may reboot on the way. The shell's view from outside."""

    def __init__(self, guest, seconds=None, start=Qemu):
        self.guest = guest
        self.start = start
        self.deadline = None if seconds is None else time.monotonic() + seconds
        self.qemu = None
        self.wire = None
        self.boot_text = b""
        self.boot_seconds = None    # from QEMU's start to the prompt
        self.running = None         # the command that has not ended yet
        self.commands = 0           # so far

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.qemu:
            self.qemu.stop()
            self.qemu = None

    def boot(self):
        """Starts QEMU and waits for the shell. Raises TimedOut or Ended."""
        self.close()
        self.boot_text = b""
        self.qemu = self.start(self.guest)
        self.wire = Wire(self.qemu, self.deadline)
        self.wire.until_mark("ready", self._keep)
        self.boot_seconds = time.monotonic() - self.qemu.started

    def _keep(self, text):
        self.boot_text += text

    def command(self, line, sink):
        """Runs one command, hands its output to `sink` as it comes, returns its status. Raises TimedOut or Ended.

        `reboot` and `poweroff` succeed by ending QEMU; the first then boots afresh.
        """
        brought = self.guest.brings_commands
        token = _numbered(self.commands) if brought else secrets.token_hex(8)
        output = LineEnds(sink)
        self.running = line
        self.commands += 1
        if not brought:
            self.qemu.write(_frame(token, line))
        try:
            while self.wire.until_mark("begin")[1:] != [token]:
                pass
            while True:
                mark = self.wire.until_mark("end", output)
                if mark[1:2] == [token] and len(mark) == 3 and mark[2].isdigit():
                    self.running = None
                    return int(mark[2])
        except Ended as end:
            word = line.split()[0]
            if word == "poweroff" and end.status == EXIT_POWER_OFF:
                return 0
            if word == "reboot" and end.status == 0 and "triple fault" not in end.reason:
                self.boot()
                return 0
            raise
        finally:
            output.flush()


def run(guest, commands, seconds, sink, complain, start=Qemu):
    """`boot --run`: returns the exit status of ./skerry."""
    with Session(guest, seconds, start) as session:
        try:
            session.boot()
            status = 0
            for index, command in enumerate(commands):
                status = session.command(command, sink)
                last = index + 1 == len(commands)
                # What the image brings is run without waiting for us: QEMU may have ended while we still read.
                if not last and not guest.brings_commands and session.qemu.process.poll() is not None:
                    complain(f"the system was powered off before '{commands[index + 1]}'")
                    return SYSTEM_DIED
            return status
        except TimedOut:
            last = session.wire.last_line()
            where = f"in '{session.running}'" if session.running else "before the shell was there"
            complain(f"timed out after {seconds:g} s, {where}" + (f"; the last line was: {last}" if last else ""))
            return TIMED_OUT
        except Ended as end:
            complain(f"the system died: {end.reason}")
            return SYSTEM_DIED
