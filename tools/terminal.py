"""The interactive session: the person's terminal is the guest's serial line, byte for byte, until one of them ends."""
import contextlib
import os
import select
import signal
import sys
import termios
import time
import tty

from .common import SYSTEM_DIED, TIMED_OUT
from .qemu import EXIT_POWER_OFF, Qemu
from .wire import OPENING

ESCAPE = 0x1D           # Ctrl-]
ESCAPES_TO_END = 3
TAIL = 65536
READY = OPENING + b"ready\x07"


@contextlib.contextmanager
def raw(stream):
    """The terminal passes every key on, Ctrl-C too; restored whatever happens. Does nothing to a pipe."""
    if not stream.isatty():
        yield
        return
    before = termios.tcgetattr(stream)
    try:
        tty.setraw(stream)
        yield
    finally:
        termios.tcsetattr(stream, termios.TCSADRAIN, before)


def escapes_after(data, count):
    """How many Ctrl-] stand in a row at the end of `data`, when `count` stood there before; stops at the third."""
    for byte in data:
        count = count + 1 if byte == ESCAPE else 0
        if count == ESCAPES_TO_END:
            break
    return count


def _pump(qemu, deadline):
    """Moves bytes both ways. Returns (why it stopped: "ended", "escape" or "time", the last output)."""
    keys, escapes, tail, piped_out = sys.stdin.fileno(), 0, b"", False
    # What a pipe holds is kept back until the shell is there: firmware and loader would swallow it.
    sources = [keys, qemu.output] if sys.stdin.isatty() else [qemu.output]
    while True:
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        readable, _, _ = select.select(sources, [], [], left)
        if not readable:
            return "time", tail
        if qemu.output in readable:
            data = os.read(qemu.output, 65536)
            if not data:
                return "ended", tail
            tail = (tail + data)[-TAIL:]
            if not piped_out and keys not in sources and READY in tail:
                sources.append(keys)
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        if keys in readable:
            data = os.read(keys, 4096)
            if not data:
                sources, piped_out = [qemu.output], True  # a pipe ran out; the guest may still have to say something
            escapes = escapes_after(data, escapes)
            if escapes == ESCAPES_TO_END:
                return "escape", tail
            qemu.write(data)


def _end(*_):
    raise SystemExit(128 + signal.SIGTERM)


def run(guest, seconds, complain):
    """Boots `guest` on this terminal and returns the exit status of ./skerry."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    deadline = None if seconds is None else time.monotonic() + seconds
    while True:
        with Qemu(guest) as qemu:
            with raw(sys.stdin):
                why, tail = _pump(qemu, deadline)
            if why == "time":
                complain(f"timed out after {seconds:g} s")
                return TIMED_OUT
            if why == "escape":
                print(file=sys.stderr)
                return 0
            status, reason = qemu.ended(tail)
        # A reset that ends QEMU although somebody is there: each boot shall have memory, and so a trace, of its own.
        if status != 0 or reason == "triple fault" or not guest.trace:
            break
    if status in (0, EXIT_POWER_OFF) and reason != "triple fault":
        return 0
    complain(f"the system died: {reason}")
    return SYSTEM_DIED
