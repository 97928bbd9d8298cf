"""A simulated machine (platforms/simulated): one thread, virtual time. Its command line; else as a hosted one."""
import hashlib
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from . import build, hosted, options
from .common import BUILD, ROOT, Refused

TARGET = "platforms/simulated/skerry_simulated"
PROGRAM = os.path.join(BUILD, TARGET)
MODEL_TARGET = "platforms/simulated/model/skerry_model"
MODEL = os.path.join(BUILD, MODEL_TARGET)


def check(asked, cores):
    """What only an emulated machine has is refused; `--deterministic` is what it always is."""
    asked.deterministic = False
    hosted.check(asked, cores)


def seed(text):
    """None without one: the fixed schedule."""
    return None if text is None else options.whole_number("--seed", text, 0, 999_999_999)


SEEDS, SEEDS_FROM_BOOT = 5000, 60    # of a test run
CAPABILITY_SEEDS = 500_000_000  # from here on seeds are about capabilities (platforms/simulated/workload.hpp)
CAPABILITY_COUNT = 1000
LOSS_SEEDS, LOSS_COUNT = 600_000_000, 400   # of a core that stops and is fenced; at least half of them must come to that
SCENES = 32             # of either kind
CHUNK = 2500            # schedules a process at a time; what is done is noted after each
STARTED, STARTED_STEPS = 16, 200    # machines whose cores are started later; operations in each
LEAST_STEPS = 2000      # visible, of each schedule
CORES = 4
DONE = os.path.join(BUILD, "simulate.done")
LONG, LONG_SECONDS = os.path.join(ROOT, "test", "simulate", "long.txt"), 600
KNOWLEDGE_SEEDS = 40    # of whole boots with the knowledge base
HELD_UP_SEEDS, HELD_UP_NS = 100, 20_000_000     # of boots in which cores do not run for a while; for how long at most
SAME_SEEDS = (1, 34, 67)  # run twice: alone, and after others


def explore(first, count, *more):
    """The command that plays `count` seeds from a booted machine of four cores."""
    return [PROGRAM, "--explore", str(count), "--first", str(first), *more, *hosted.shape_arguments(None, CORES, 512)]


def _output(command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def same_twice():
    """Whether a seed is the same run each time, access by access, wherever the process lies in memory, and whether it has
    the process for itself or comes after others, whose traces a snapshot wipes out."""
    _, together = _output(explore(1, max(SAME_SEEDS), "--verbose", "yes"))
    for number in SAME_SEEDS:
        _, alone = _output(explore(number, 1, "--verbose", "yes"))
        runs = [re.search(rf"^seed {number}: .*run ([0-9a-f]{{16}})", text, re.MULTILINE) for text in (together, alone)]
        if None in runs or runs[0].group(1) != runs[1].group(1):
            return f"--seed {number} gave two different runs"
    return None


def _resumed(count):
    """How many of `count` seeds an earlier run with this program has played."""
    try:
        with open(DONE, encoding="ascii") as file:
            program, asked, done = file.read().split()
    except (OSError, ValueError):
        return 0
    return int(done) if program == _program() and int(asked) == count and int(done) < count else 0


def _program():
    with open(PROGRAM, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def play_boots(count, tell):
    """Whole boots by seeds. Returns how many failed."""
    status, text = _output(explore(1, count, "--from-boot", "yes"))
    for line in text.splitlines():
        if line.startswith("--seed"):
            tell(f"  not ok from boot: {line}")
    last = (text.splitlines() or [f"status {status}"])[-1]
    tell(f"  from boot: {last}")
    return 0 if status == 0 else 1


def _play_halves(name, first, count, tell):
    """`count` seeds, two processes at a time; what is said of them. Returns how many failed, and all that was printed."""
    half, failed, printed = (count + 1) // 2, 0, []
    with ThreadPoolExecutor(max(1, min(2, len(os.sched_getaffinity(0))))) as pool:
        chunks = [(first, half), (first + half, count - half)]
        for status, text in pool.map(lambda chunk: _output(explore(*chunk)), chunks):
            lines = text.splitlines()
            wrong = [line for line in lines if line.startswith(("--seed", "a calm", "scene"))]
            for line in wrong:
                tell(f"  not ok {line}")
            failed += len(wrong) + int(status != 0 and not wrong)
            tell(f"  {name}: {lines[-1] if lines else f'status {status}'}")
            printed += lines
    return failed, printed


def play_capabilities(count, tell):
    """Seeds about capabilities. Returns how many failed."""
    return _play_halves("capabilities", CAPABILITY_SEEDS, count, tell)[0]


def play_losses(count, tell):
    """Seeds in which a core stops. Returns how many failed."""
    failed, printed = _play_halves("losses", LOSS_SEEDS, count, tell)
    fenced = sum(int(line.split()[0]) for line in printed if line.endswith("with a core fenced"))
    tell(f"  losses: in {fenced} of {count} the core was fenced")
    if fenced < count // 2:
        tell("  not ok: too few")
    return failed + int(fenced < count // 2)


def play(count, tell):
    """Plays seeds 1 to `count`, two processes at a time; tells failures and figures. Returns how many failed."""
    program, start, failed, done = _program(), _resumed(count), 0, _resumed(count)
    if start:
        tell(f"  goes on after seed {start}")
    workers = max(1, min(2, len(os.sched_getaffinity(0))))
    chunks = [(first, min(CHUNK, count + 1 - first)) for first in range(start + 1, count + 1, CHUNK)]
    with ThreadPoolExecutor(workers) as pool:
        for (_, size), (status, text) in zip(chunks, pool.map(lambda chunk: _output(explore(*chunk)), chunks)):
            lines = text.splitlines()
            for line in lines:
                if line.startswith("--seed"):
                    failed += 1
                    tell(f"  not ok {line}")
            if not lines or not re.match(r"\d+ schedules", lines[-1]):
                failed += 1
                tell(f"  not ok: the machine ended with status {status}: {text[-300:]}")
            elif status == 0 and int(re.search(r"at least (\d+)", lines[-1]).group(1)) < LEAST_STEPS:
                failed += 1
                tell(f"  not ok: a schedule has less than {LEAST_STEPS} visible steps: {lines[-1]}")
            done += size
            tell(f"  {done} of {count}: {lines[-1] if lines else ''}")
            with open(DONE, "w", encoding="ascii") as file:
                file.write(f"{program} {count} {done}")
    return failed


def _typed(seed_text, commands, *more):
    """What a machine of four cores prints under the schedule of that seed, in which these commands are typed."""
    command = [PROGRAM, "--seed", seed_text, *more, *hosted.shape_arguments(None, CORES, 512)]
    try:
        done = subprocess.run(command, input="\n".join([*commands, "poweroff", ""]), capture_output=True, text=True, check=False,
                              timeout=LONG_SECONDS)
    except subprocess.TimeoutExpired:
        return f"not ended after {LONG_SECONDS} s"
    return done.stdout + done.stderr


def _at_once(one, seeds):
    """[(seed, what one(seed) says)], some at a time."""
    with ThreadPoolExecutor(max(1, min(2, len(os.sched_getaffinity(0))))) as pool:
        return list(zip(seeds, pool.map(one, seeds)))


def _failures(one, runs, title, tell):
    """How many of the runs went wrong; each is told, by what `title(run)` calls it."""
    wrong = [(run, said) for run, said in _at_once(one, runs) if said is not None]
    for run, said in wrong:
        tell(f"  not ok {title(run)}: {said}")
    return len(wrong)


def play_starts(count, tell):
    """Machines that boot with one core and start the others later, each under the schedule of a seed with all checkers; then they
    do with capabilities what a sequential model says. Returns how many failed."""
    juggled = f"{STARTED_STEPS} steps by {CORES} hands: ok"

    def one(number):
        order = [1 + (number + turn) % 3 for turn in range(3)]
        commands = [f"cores start {core}" for core in order] + ["mem", f"run juggle {number} {STARTED_STEPS} {CORES}"]
        text = _typed(str(number), commands, "--command-line", "online=1")
        wanted = [f"core {core}: image at node 0, memory at node 0, by" for core in order]
        lacks = [line for line in [*wanted, f"all {CORES} cores size", juggled] if line not in text]
        return None if not lacks else f"'{lacks[0]}' is missing in: {text[-600:]}"

    failed = _failures(one, range(1, count + 1), lambda number: f"cores started later with --seed {number}", tell)
    tell(f"  started later: {count} machines, {failed} failed")
    return failed


def play_held_up(tell):
    """Two programs on two cores with channels, capabilities and shared memory between them, on a machine whose cores are held up
    one after the other, with all that else goes wrong in a schedule; all checkers. Nothing is lost, and nothing left over. Returns
    how many failed."""
    def typed(number):
        return "oncore 3 peers 2 8" if number % 2 == 0 else "run peers 1 8"

    def one(number):
        text = _typed(str(number), [typed(number)], "--hold-up", str(HELD_UP_NS))
        if re.search(r"^peers finished: \d+ checks, 0 failed\r?$", text, re.MULTILINE):
            return None
        return "".join(re.findall(r"^.*FAILED.*\n", text, re.MULTILINE)) or text[-600:]

    failed = _failures(one, range(1, HELD_UP_SEEDS + 1),
                       lambda number: f"'{typed(number)}' with --seed {number} --hold-up {HELD_UP_NS}", tell)
    tell(f"  held up: {HELD_UP_SEEDS} machines, {failed} failed")
    return failed


def play_long(tell):
    """Runs of many operations beside one another, each under the schedule of a seed, with all checkers (test/simulate/long.txt).
    Returns how many failed."""
    with open(LONG, encoding="utf-8") as file:
        runs = [line.split() for line in file if line.strip() and not line.startswith("#")]

    def one(run):
        seed_text, steps = run[:2]
        text = _typed(seed_text, [f"run juggle {seed_text} {steps} {CORES}"])
        return None if f"{steps} steps by {CORES} hands: ok" in text else text[-600:]

    failed = _failures(one, runs, lambda run: f"juggle {run[0]} {run[1]} {CORES} with --seed {run[0]}", tell)
    total = sum(int(run[1]) for run in runs)
    tell(f"  long: {total} operations in {len(runs)} runs, {failed} failed")
    return failed


def play_knowledge(tell):
    """Whole boots by seeds, with the knowledge base and the measuring of messages behind the prompt, which the schedules of `explore`
    do without; each twice: the same run, and the trees of monitors and of a program's group are those for what was measured. Returns how
    many failed."""
    typed = "skb tree\nmem\nrun bench_shootdown tree unmap samples=2\npoweroff\n"
    wanted = ("by the rules, for prices", "tree: by the rules\n", f"all {CORES} cores", "0 -> ")

    def one(number):
        command = [PROGRAM, "--report", "yes", "--seed", str(number), *hosted.shape_arguments(None, CORES, 512)]
        runs = [subprocess.run(command, input=typed, capture_output=True, text=True, check=False, timeout=LONG_SECONDS) for _ in range(2)]
        printed = [done.stdout + done.stderr for done in runs]
        if printed[0] != printed[1] or not re.search(r"run [0-9a-f]{16}$", printed[0], re.MULTILINE):
            return "two different runs: " + printed[0][-300:] + printed[1][-300:]
        return None if all(words in printed[0] for words in wanted) else printed[0][-600:]

    with ThreadPoolExecutor(max(1, min(2, len(os.sched_getaffinity(0))))) as pool:
        seeds = range(1, KNOWLEDGE_SEEDS + 1)
        wrong = [(number, said) for number, said in zip(seeds, pool.map(one, seeds)) if said]
    for number, said in wrong:
        tell(f"  not ok with the knowledge base, --seed {number}: {said}")
    tell(f"  with the knowledge base: {KNOWLEDGE_SEEDS} boots, each twice, {len(wrong)} failed")
    return len(wrong)


def cost_arguments(chosen):
    """What makes time that of the machine's file; nothing where the file says nothing of costs."""
    path = chosen.path
    with open(path, encoding="utf-8") as file:
        if "cost latency." not in file.read():
            return []
    build.ninja([MODEL_TARGET])
    told = subprocess.run([MODEL, path, "costs"], capture_output=True, text=True, check=False)
    found = re.search(r"^derived,software,message ([\d.]+),received ([\d.]+),.*of groups ([\d.]+)$", told.stdout, re.MULTILINE)
    if not found:
        raise Refused(f"--machine {chosen.name}: {told.stderr.strip() or 'its costs cannot be read'}")
    return ["--costs", path, "--software", ",".join(found.groups())]


@dataclass
class Guest(hosted.Guest):
    """`seed`: of the schedule; None = the fixed one."""
    seed: int = None
    program = PROGRAM

    def command_line(self, _log, _backend=None):
        chosen = [] if self.seed is None else ["--seed", str(self.seed)]
        if self.machine and self.seed is None:
            chosen = cost_arguments(self.machine)
        return [PROGRAM, *hosted.shape_arguments(self.machine, self.cores, self.memory), *self.told(), *chosen]
