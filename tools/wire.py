"""The serial line: the guest's bytes, split into what it prints and the marks that frame it.

A mark is  ESC ] skerry ; FIELD [; FIELD]... BEL  (terminals ignore such a sequence):

    ready               the shell waits for a line
    begin;TOKEN         the output of the command that carried TOKEN follows
    end;TOKEN;STATUS    it ended; STATUS is decimal, 0 to 255
"""
import os
import re
import select
import time

from .qemu import Qemu

OPENING = b"\x1b]skerry;"
MARK = re.compile(re.escape(OPENING) + rb"([\x20-\x7e]{0,120})\x07")
MARK_LONGEST = len(OPENING) + 121
TAIL = 65536


class TimedOut(Exception):
    """Nothing more came in time."""


class Ended(Exception):
    """The serial line closed: QEMU is gone. Carries its exit status and the reason in one line."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Splitter:
    """Takes bytes as they come, gives ("text", bytes) and ("mark", [fields]); holds back what may become a mark."""

    def __init__(self):
        self.held = b""

    def feed(self, data):
        self.held += data
        while self.held:
            start = self.held.find(OPENING)
            if start > 0:
                yield "text", self._take(start)
            elif start == 0:
                mark = MARK.match(self.held)
                if mark:
                    self._take(mark.end())
                    yield "mark", mark.group(1).decode().split(";")
                elif len(self.held) >= MARK_LONGEST or b"\x07" in self.held or b"\n" in self.held:
                    yield "text", self._take(len(OPENING))  # somebody's text that only looks like a mark
                else:
                    return
            else:
                keep = next((n for n in range(min(len(OPENING) - 1, len(self.held)), 0, -1)
                             if self.held.endswith(OPENING[:n])), 0)
                if keep == len(self.held):
                    return
                yield "text", self._take(len(self.held) - keep)

    def _take(self, count):
        taken, self.held = self.held[:count], self.held[count:]
        return taken


class Wire:
    """Reads a QEMU's serial line up to a deadline (time.monotonic() seconds; None = without end)."""

    def __init__(self, qemu: Qemu, deadline=None):
        self.qemu = qemu
        self.deadline = deadline
        self.tail = b""         # the last of all that came, for the reason when it dies
        self._splitter = Splitter()
        self._pieces = []

    def remaining(self, until=None):
        limits = [limit for limit in (self.deadline, until) if limit is not None]
        return max(0.0, min(limits) - time.monotonic()) if limits else None

    def next(self, until=None):
        """The next piece, ("text", bytes) or ("mark", fields). Raises TimedOut or Ended."""
        while not self._pieces:
            readable, _, _ = select.select([self.qemu.output], [], [], self.remaining(until))
            if not readable:
                raise TimedOut()
            data = os.read(self.qemu.output, 65536)
            if not data:
                raise Ended(*self.qemu.ended(self.tail))
            self.tail = (self.tail + data)[-TAIL:]
            self._pieces.extend(self._splitter.feed(data))
            self._check_loader()
        return self._pieces.pop(0)

    def _check_loader(self):
        """GRUB asks a person when it cannot boot; there may be none."""
        if b"grub> " in self.tail or b"Press any key to continue" in self.tail:
            errors = re.findall(rb"error: [^\r\n\x1b]*", self.tail)
            if errors:
                raise Ended(-1, "GRUB could not boot it: " + errors[-1].decode(errors="replace"))

    def until_mark(self, name, on_text=None, until=None):
        """Reads to the mark `name`, hands text before it to on_text, and returns the mark's fields."""
        while True:
            kind, piece = self.next(until)
            if kind == "mark" and piece[0] == name:
                return piece
            if kind == "text" and on_text:
                on_text(piece)

    def last_line(self):
        """The last line that was printed, for a message about silence."""
        text = re.sub(rb"\x1b(\][^\x07]*\x07|\[[0-9;?]*[A-Za-z])|[^\x20-\x7e\n]", b"", self.tail)
        lines = [line.strip() for line in text.split(b"\n") if line.strip()]
        return lines[-1].decode()[:200] if lines else ""
