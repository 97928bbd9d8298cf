"""The soak: boots one image again and again, each time with a short check, to find the boot that hangs.

A boot is right if every core is online with a timer, each core runs `hello`, and the power goes off, all within
PATIENCE. The number of a boot is its seed: it fixes the order of the cores and the pauses between commands, so that
blocked and polling monitors are met at different moments. What threads of the host do is not in our hand.
"""
import json
import os
import random
import socket
import tempfile
import time
from dataclasses import dataclass, field

from . import qemu, session
from .common import BUILD_ROOT, shown
from .wire import Ended, TimedOut

PATIENCE = 90           # seconds for one boot, with a machine that is busy otherwise
LONGEST_PAUSE = 0.03    # seconds, before a command
THREADS = ("single", "multi")
USUAL = ((8, "single"), (2, "multi"))   # what issue and CI ask for: many cores; true races
USUAL_BOOTS = 20
FOLDER = os.path.join(BUILD_ROOT, "soak")
REGISTER_SAMPLES = 3


class Wrong(Exception):
    """The system answered, and not what it should."""


@dataclass
class Plan:
    """One row of the soak: `boots` boots of `cores` cores, numbered from `first`."""
    image: str
    cores: int
    thread: str
    boots: int = USUAL_BOOTS
    first: int = 1
    folder: str = FOLDER

    @property
    def name(self):
        return f"{self.cores} cores, thread={self.thread}"

    @property
    def stem(self):
        return os.path.join(self.folder, f"{self.thread}_{self.cores}")


@dataclass
class Result:
    passed: int = 0
    failed: list = field(default_factory=list)      # seeds
    seconds: list = field(default_factory=list)     # whole boots, power on to power off

    def __str__(self):
        words = f"{self.passed} right, {len(self.failed)} wrong"
        if self.failed:
            words += " (" + " ".join(str(seed) for seed in self.failed) + ")"
        if self.seconds:
            ordered = sorted(self.seconds)
            words += f"; a boot took {ordered[len(ordered) // 2]:.2f} s, at most {ordered[-1]:.2f}"
        return words


def _ask(running, line, pause):
    """One command's output; Wrong if it says that it failed."""
    time.sleep(pause)
    output = bytearray()
    status = running.command(line, output.extend)
    text = output.decode(errors="replace")
    if status != 0:
        raise Wrong(f"'{line}' ended with status {status}: {text.strip()[-200:]}")
    return text


def check(running, cores, seed):
    """What is asked of one booted system. Raises Wrong, TimedOut or Ended."""
    chance = random.Random(seed)

    def pause():
        return chance.uniform(0, LONGEST_PAUSE)
    lines = _ask(running, "cores", pause()).splitlines()
    if len(lines) != cores:
        raise Wrong(f"'cores' printed {len(lines)} lines for {cores} cores")
    for core, line in enumerate(lines):
        if not line.startswith(f"core {core} online ") or not line.endswith(" timer ok"):
            raise Wrong(line)
    order = list(range(cores))
    chance.shuffle(order)
    for core in order:
        said = _ask(running, f"oncore {core} hello", pause()).strip()
        if said != f"hello from core {core}":
            raise Wrong(f"'oncore {core} hello' printed: {said[-200:]}")
    _ask(running, "poweroff", pause())


class Monitor:
    """QEMU's own monitor, to look into a guest that hangs."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(20)
        try:
            self.socket.connect(path)
        except OSError:
            self.socket.close()
            raise
        self.file = self.socket.makefile("rw", encoding="utf-8", errors="replace")
        self.file.readline()
        self._send({"execute": "qmp_capabilities"})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def _send(self, request):
        self.file.write(json.dumps(request) + "\n")
        self.file.flush()
        while True:
            answer = json.loads(self.file.readline())
            if "event" not in answer:
                return answer

    def human(self, line):
        answer = self._send({"execute": "human-monitor-command", "arguments": {"command-line": line}})
        return str(answer.get("return", answer)).replace("\r", "")


def describe(path, memory):
    """Registers of all cores, sampled so that a spinning one is told from one that sleeps; memory goes to `memory`."""
    try:
        with Monitor(path) as monitor:
            pieces = []
            for _ in range(REGISTER_SAMPLES):
                pieces.append(monitor.human("info registers -a"))
                time.sleep(0.2)
            pieces.append(monitor.human("info pic"))
            if memory:
                pieces.append(monitor.human(f"dump-guest-memory {memory}"))
            return "\n".join(pieces)
    except (OSError, ValueError) as problem:
        return f"QEMU's monitor gave nothing: {problem}"


def boot_once(plan, seed, keep_memory):
    """None if it went right, else (the reason, all that is known)."""
    with tempfile.TemporaryDirectory(prefix="skerry-soak-") as folder:
        monitor = os.path.join(folder, "qmp")
        guest = qemu.Guest(plan.image, plan.cores, accelerator=f"tcg,thread={plan.thread}",
                           extra=["-qmp", f"unix:{monitor},server=on,wait=off"])
        with session.Session(guest, PATIENCE) as running:
            try:
                running.boot()
                check(running, plan.cores, seed)
                return None
            except TimedOut:
                where = f"in '{running.running}'" if running.running else "before the prompt"
                reason = f"hangs {where}; the last line was: {running.wire.last_line()}"
            except Ended as end:
                return f"the system died: {end.reason}", running.wire.tail.decode(errors="replace")
            except Wrong as wrong:
                reason = str(wrong)
            memory = f"{plan.stem}_seed_{seed}.core" if keep_memory else None
            return reason, running.wire.tail.decode(errors="replace") + "\n--- QEMU's monitor\n" + describe(monitor, memory)


def run(plan, say):
    """Boots plan.boots times; `say` gets a line for what failed. Every boot is a line of FOLDER/THREAD_CORES.csv."""
    os.makedirs(plan.folder, exist_ok=True)
    result = Result()
    with open(plan.stem + ".csv", "a", encoding="utf-8") as table:
        for seed in range(plan.first, plan.first + plan.boots):
            started = time.monotonic()
            failure = boot_once(plan, seed, keep_memory=not result.failed)
            seconds = time.monotonic() - started
            if failure is None:
                result.passed += 1
                result.seconds.append(seconds)
            else:
                log = f"{plan.stem}_seed_{seed}.log"
                with open(log, "w", encoding="utf-8") as file:
                    file.write(f"{failure[0]}\n--- the serial line\n{failure[1]}\n")
                result.failed.append(seed)
                say(f"  not ok {plan.name}, seed {seed}: {failure[0]} (all of it: {shown(log)})")
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            table.write(f"{stamp},{plan.thread},{plan.cores},{seed},{'wrong' if failure else 'right'},{seconds:.2f}\n")
            table.flush()
    return result
