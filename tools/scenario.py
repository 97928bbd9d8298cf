"""Boot scenarios: reads a file of test/boot, plays it against a booted system, says what was not as it should be.

    python3 -m tools.scenario FILE [THREAD]     exit status 0: all as it should be; lines `measured ...` are results

test/boot/README.md explains the format.
"""
import ast
import re
import sys
import tempfile
import time
from dataclasses import dataclass, field

from . import accelerator, hosted, images, machine, options, qemu, session, simulated
from .common import KERNEL_TARGET, BuildFailed, Refused
from .wire import Ended, TimedOut

KEYS = ("platform", "cores", "machine", "cpu", "firmware", "memory", "image", "kernel", "command line", "time limit",
        "alone", "by name", "icount", "threads", "devices")
IN_PROCESS = {"hosted": hosted, "simulated": simulated}
THREADS = ("single", "multi")   # of the host: one for all virtual cores, or one for each
SETTLE_SECONDS = 1.0
AGAIN_SECONDS = 0.1
ESCAPES = re.compile(rb"\x1b(\][^\x07]*\x07|\[[0-9;?]*[A-Za-z])|\r")


class Failed(Exception):
    """The system did not do what the scenario says."""


@dataclass
class Step:
    """One action and what is expected of it. kind: boot, command, again, type, measure or dies."""
    kind: str
    text: str
    number: int
    lines: list = field(default_factory=list)       # ("|" or "~", text), in order
    banned: list = field(default_factory=list)
    words: list = field(default_factory=list)
    different: str = None
    keep: str = None
    exits: str = "0"
    count: int = None

    def fail(self, what):
        raise Failed(f"line {self.number}, '{self.text or self.kind}': {what}")


@dataclass
class Scenario:
    title: str
    keys: dict
    steps: list

    @property
    def seconds(self):
        return float(self.keys.get("time limit", "60"))

    @property
    def alone(self):
        return self.keys.get("alone") == "yes"

    @property
    def by_name(self):
        """Too long for every run: played only when it is asked for by its name."""
        return self.keys.get("by name") == "yes"

    @property
    def in_process(self):
        """The module of the platform, where it is a process of Linux's instead of QEMU; else None."""
        return IN_PROCESS.get(self.keys.get("platform"))

    @property
    def threads(self):
        """The kinds of run that it asks for; None = as `boot` would choose."""
        return self.keys["threads"].split() if "threads" in self.keys else [None]

    @property
    def kernel(self):
        """The target of the build that is booted."""
        return self.keys.get("kernel", KERNEL_TARGET)

    @property
    def cores(self):
        return int(self.keys.get("cores", "1"))


def _add_line(scenario, line, number):
    word, _, rest = line.partition(" ")
    steps = scenario.steps
    if word in ("$", "$$", ">", "measure", "dies"):
        kind = {"$": "command", "$$": "again", ">": "type"}.get(word, word)
        steps.append(Step(kind, rest, number))
    elif word in ("|", "~"):
        if word == "~":
            re.compile(rest)
        steps[-1].lines.append((word, rest))
    elif word == "!":
        steps[-1].banned.append(rest)
    elif word == "contains":
        steps[-1].words += rest.split()
    elif word == "different":
        re.compile(rest)
        steps[-1].different = rest
    elif word == "keep":
        re.compile(rest)
        steps[-1].keep = rest
    elif word == "exits":
        steps[-1].exits = rest
    elif word == "lines":
        steps[-1].count = int(rest)
    else:
        key, colon, value = line.partition(":")
        if not colon or key not in KEYS:
            raise ValueError("no step and no known key")
        scenario.keys[key] = value.strip()


def parse(text):
    """The Scenario in `text`; ValueError with the line's number if it is none."""
    lines = text.splitlines()
    scenario = Scenario(lines[0].lstrip("# ").strip() if lines else "", {}, [Step("boot", "", 1)])
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            try:
                _add_line(scenario, line.rstrip(), number)
            except (ValueError, re.error) as problem:
                raise ValueError(f"line {number}: '{line}': {problem}") from None
    if "threads" in scenario.keys and ("icount" in scenario.keys or not scenario.threads or
                                       not set(scenario.threads) <= set(THREADS)):
        raise ValueError("threads: single, multi or both, and not with icount, which is always single")
    name = scenario.keys.get("image")
    if name and name not in images.MAKERS:
        raise ValueError(f"image '{name}' is none of {' '.join(images.MAKERS)}")
    return scenario


def check_output(step, output):
    """Raises Failed unless the lines of `output` are what `step` expects: in order, others may stand between."""
    printed = output.split("\n")
    if printed and not printed[-1]:
        printed.pop()
    position = 0
    for kind, wanted in step.lines:
        while position < len(printed):
            line = printed[position]
            position += 1
            if wanted in line if kind == "|" else re.search(wanted, line):
                break
        else:
            step.fail(f"no line (in its order) with: {wanted}")
    for banned in step.banned:
        for line in printed:
            if banned in line:
                step.fail(f"must not print '{banned}', but does: {line.strip()}")
    for word in step.words:
        if not re.search(rf"(?<!\w){re.escape(word)}(?!\w)", output):
            step.fail(f"the word '{word}' is missing")
    if step.different:
        found = [re.search(step.different, line) for line in printed]
        if not all(found) or len({match.group(1) for match in found}) != len(found):
            step.fail(f"not different in every line: {step.different}")
    if step.count is not None and len(printed) != step.count:
        step.fail(f"printed {len(printed)} lines, not {step.count}")


class Player:
    """Plays one scenario; `transcript` keeps all that was printed, for the person who must find out why."""

    def __init__(self, scenario, say=print, thread=None):
        self.scenario = scenario
        self.thread = thread
        self.say = say
        self.transcript = []
        self.session = None
        self.kept = ""              # what the last `keep` line found
        self.current = scenario.steps[0]

    def guest(self, folder):
        keys = self.scenario.keys
        chosen = machine.load(keys["machine"]) if "machine" in keys else None
        cores = self.scenario.cores if "cores" in keys or not chosen else chosen.cores
        memory = int(keys["memory"]) if "memory" in keys else None
        if self.scenario.in_process:
            return self.scenario.in_process.Guest(cores, chosen, memory, words=keys.get("command line", ""))
        if "kernel" in keys or "command line" in keys:
            image = images.with_kernel(folder, self.scenario.kernel, keys.get("command line", ""))
        else:
            image = images.make(keys.get("image"), folder, cores)
        accel, _ = accelerator.choose("tcg", cores)  # tests never trust KVM
        if self.thread:
            accel = f"tcg,thread={self.thread}"
        return qemu.Guest(image, cores, chosen, memory, keys.get("firmware", "bios"), accel,
                          cpu=keys.get("cpu", qemu.CPU), icount=int(keys["icount"]) if "icount" in keys else None,
                          extra=options.devices(keys.get("devices", "").split()))

    def play(self):
        with tempfile.TemporaryDirectory(prefix="skerry-scenario-") as folder, \
                session.Session(self.guest(folder)) as self.session:
            self.session.deadline = time.monotonic() + self.scenario.seconds
            steps = self.scenario.steps
            dies = steps[-1] if steps[-1].kind == "dies" else None
            try:
                self._boot(steps[0])
                for self.current in steps[1:-1] if dies else steps[1:]:
                    getattr(self, "_" + self.current.kind)(self.current)
                if dies:
                    self.session.wire.until_mark("never")
            except TimedOut:
                self.current.fail(f"not done within the time limit of {self.scenario.seconds:g} s; the last line was: "
                                  f"{self.session.wire.last_line()}")
            except Ended as end:
                if not dies or not re.search(dies.text, end.reason):
                    self.current.fail(f"the system died: {end.reason}")
                if self.current is steps[0]:
                    check_output(steps[0], self.transcript[0])

    def _boot(self, step):
        try:
            self.session.boot()
        finally:
            boot = ESCAPES.sub(b"", self.session.boot_text).decode(errors="replace")
            self.transcript.append(boot)
        check_output(step, boot)

    def _command(self, step):
        output = bytearray()
        command = step.text.replace("KEPT", self.kept)
        self.transcript.append(f"$ {command}\n")
        try:
            status = self.session.command(command, output.extend)
        finally:
            text = output.decode(errors="replace")
            self.transcript.append(text)
        step.lines = [(kind, wanted.replace("KEPT", self.kept) if kind == "|" else wanted) for kind, wanted in step.lines]
        check_output(step, text)
        if step.keep:
            found = re.search(step.keep, text) or step.fail(f"nothing to keep: {step.keep}")
            self.kept = found.group(1)
        if (status == 0) if step.exits == "nonzero" else (str(status) != step.exits):
            step.fail(f"exit status {status}, not {step.exits}")

    def _again(self, step):
        """The same command until all is as expected: for what comes by itself. What was printed last is kept."""
        before = len(self.transcript)
        while True:
            del self.transcript[before:]
            try:
                return self._command(step)
            except Failed:
                if time.monotonic() >= self.session.deadline:
                    raise
                time.sleep(AGAIN_SECONDS)

    def _type(self, step):
        """Types keys and waits until what is expected has come, in order, anywhere in the text."""
        self.session.qemu.write(ast.literal_eval("b" + step.text))
        raw, position = b"", 0
        patterns = [re.escape(wanted) if kind == "|" else wanted for kind, wanted in step.lines]
        text = ""
        while patterns:
            found = re.compile(patterns[0], re.MULTILINE).search(text, position)
            if found:
                position = found.end()
                patterns.pop(0)
                continue
            kind, piece = self.session.wire.next()
            if kind == "text":
                raw += piece
                self.transcript.append(piece.decode(errors="replace"))
                text = ESCAPES.sub(b"", raw).decode(errors="replace")
        for banned in step.banned:
            if banned in text:
                step.fail(f"must not print: {banned}")

    def _measure(self, step):
        what, *numbers = step.text.split()
        if what == "prompt":
            limit, measured, unit = float(numbers[0]), self.session.boot_seconds, "s from QEMU's start to the prompt"
        elif what == "idle":
            limit, measured = float(numbers[0]), self._idle_percent(float(numbers[1]))
            unit = "% of a host core while idle"
        else:
            step.fail("no such measurement")
        self.say(f"measured {measured:.2f} {unit} (at most {limit:g})")
        if measured > limit:
            step.fail(f"{measured:.2f} {unit} is over {limit:g}")

    def _idle_percent(self, seconds):
        time.sleep(SETTLE_SECONDS)
        used, started = self.session.qemu.cpu_seconds(), time.monotonic()
        time.sleep(seconds)
        return 100 * (self.session.qemu.cpu_seconds() - used) / (time.monotonic() - started)


def main(path, thread=None):
    try:
        with open(path, encoding="utf-8") as file:
            scenario = parse(file.read())
    except ValueError as problem:
        print(f"{path}: {problem}")
        return 1
    player = Player(scenario, thread=thread)
    try:
        player.play()
        return 0
    except (Failed, Refused, BuildFailed) as failure:
        print(failure)
    printed = "".join(player.transcript).rstrip()
    if printed:
        print("--- all that it printed:", printed[-6000:], "---", sep="\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
