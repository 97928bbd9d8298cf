"""./skerry test: runs suites, shows progress and what failed, and ends with one line of totals."""
import glob
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from . import bench_host, build, hosted, iso, linux, options, packages, pairs, sanitize, scenario, simulated, soak
from .checks import HOST_TEST_SECONDS, Totals, host_tests, run_limited, script, tell, unittest
from .common import BOOT_TARGETS, KERNEL_TARGET, ROOT, BuildFailed, Refused

TIDY_SECONDS = 180
BOOT = os.path.join(ROOT, "test", "boot")
LAW1 = os.path.join(ROOT, "test", "law1")
LAW1_PLUGIN = "test/law1/law1.so"
SHOOTDOWN = os.path.join(ROOT, "test", "instructions", "shootdown.py")
CAPABILITY = os.path.join(ROOT, "test", "instructions", "capability.py")
CAPABILITY_SECONDS = 200
WALKTHROUGH = os.path.join(ROOT, "test", "walkthrough", "walkthrough.py")
WALKTHROUGH_SECONDS = 600
SHOOTDOWN_PLUGIN = "test/instructions/instructions.so"
SHOOTDOWN_SECONDS = 300
LAW1_SECONDS = 120
REPLAY = os.path.join(ROOT, "test", "replay", "replay.py")
DISTURB_TARGET = "test/replay/disturb.so"
REPLAY_SECONDS = 900
TRACE = os.path.join(ROOT, "test", "trace", "trace.py")
GDB = os.path.join(ROOT, "test", "gdb", "gdb.py")
WATCHED_SECONDS = 180
UNIT_TARGETS = ["test/unit/unit_tests", "test/unit/hostile/hostile_tests", "test/unit/skb/skb_tests", "test/lines/lines_tests"]
INTERLEAVINGS = "test/simulate/interleavings_tests"
MUTANTS = os.path.join(ROOT, "test", "mutants", "mutants.py")
MUTANTS_IN_UNIT_TESTS = os.path.join(ROOT, "test", "mutants", "unit.py")
MUTANTS_SECONDS = 900
PAIRS = os.path.join(ROOT, "test", "simulate", "pairs.py")
PAIRS_SECONDS = 400
TRAFFIC = os.path.join(ROOT, "test", "traffic", "traffic.py")
TRAFFIC_SECONDS = 400
VERSUS = os.path.join(ROOT, "test", "versus", "versus.py")
VERSUS_SECONDS = 240
MODEL_TARGET = "test/unit/model/model_tests"
MODEL_PROGRAM = "platforms/simulated/model/skerry_model"
CONTRACT_TARGET = "test/contract/contract_tests"
SKB = os.path.join(ROOT, "test", "skb", "compare.py")
SKB_TARGET = "test/skb/skb_host"
SKB_SECONDS = 240
LINKED = os.path.join(ROOT, "test", "linked", "linked.py")


def unit():
    totals = Totals()
    for target in UNIT_TARGETS:
        totals += host_tests(target)
    build.ninja([SKB_TARGET])
    return totals + script(SKB, SKB_SECONDS)


def contract():
    """The contract's checks on the host and on machines in a process, and that all platforms are made of the same files."""
    totals = host_tests(CONTRACT_TARGET)
    build.ninja([*BOOT_TARGETS, hosted.TARGET, simulated.TARGET, *hosted.CONTRACT_TARGETS, bench_host.TARGET])
    return totals + script(hosted.CONTRACT, HOST_TEST_SECONDS) + script(LINKED, TIDY_SECONDS)


def model():
    """The simulated machine's timing: its unit tests, Table 2, and what draws and fits its curves."""
    totals = host_tests(MODEL_TARGET)
    build.ninja([MODEL_PROGRAM, simulated.TARGET])
    totals += unittest("test/model")
    return totals


def cli():
    return unittest("test/cli")


def tidy():
    totals = Totals()
    for path in sorted(glob.glob(os.path.join(ROOT, "test", "tidy", "[!_]*.py"))):
        totals += script(path, TIDY_SECONDS)
    return totals


def shootdown():
    """Who sends to whom in each shootdown variant, lines and instructions, counted by a plugin."""
    build.ninja([SHOOTDOWN_PLUGIN])
    return script(SHOOTDOWN, SHOOTDOWN_SECONDS)


def capability():
    """What capability operations take, in instructions and lines between monitors, against what a file keeps."""
    build.ninja([SHOOTDOWN_PLUGIN])
    return script(CAPABILITY, CAPABILITY_SECONDS)


def walkthrough():
    """What usr/bench/README.md says, done in a copy of the tree."""
    return script(WALKTHROUGH, WALKTHROUGH_SECONDS)


def law1():
    """Law 1 on metal: which vCPU's driver touches which line, counted by the plugin; and the judge's own tests."""
    build.ninja([LAW1_PLUGIN])
    totals = script(os.path.join(LAW1, "law1.py"), LAW1_SECONDS)
    totals += unittest(LAW1)
    return totals


def replay():
    """Hostile programs in deterministic runs: the same every time, and in time."""
    build.ninja([DISTURB_TARGET])
    return script(REPLAY, REPLAY_SECONDS)


def trace():
    """Traces of systems that were used, that hang, and that never came up."""
    return script(TRACE, WATCHED_SECONDS)


def gdb():
    """What gdb prints of a machine against what the machine prints of itself."""
    return script(GDB, WATCHED_SECONDS)


def traffic():
    """The lines that messages and shootdowns move, against those that the file keeps."""
    return script(TRAFFIC, TRAFFIC_SECONDS)


def versus():
    """Messages against Linux's, in the same QEMU."""
    build.ninja([linux.PROGRAM_TARGET])
    return script(VERSUS, VERSUS_SECONDS, figures=True)


# What boots the image and is no scenario; `./skerry test boot/NAME` runs one.
BOOTED = {"law1": law1, "replay": replay, "trace": trace, "gdb": gdb, "versus": versus, "shootdown": shootdown,
          "capability": capability, "traffic": traffic, "walkthrough": walkthrough}


def scenarios(only=None):
    """(path, Scenario or None if it cannot be read); without a name, all but those that run only by name."""
    found = []
    for path in sorted(glob.glob(os.path.join(BOOT, "*.scenario"))):
        name = os.path.splitext(os.path.basename(path))[0]
        if only in (None, name):
            with open(path, encoding="utf-8") as file:
                try:
                    plan = scenario.parse(file.read())
                except ValueError:
                    plan = None     # playing it will say what is wrong
            if only or not (plan and plan.by_name):
                found.append((path, plan))
    return found


def play(path, seconds, thread, lock):
    """One scenario in a process of its own, so that nothing outlives its time limit."""
    how = [thread] if thread else []
    status, output = run_limited([sys.executable, "-m", "tools.scenario", path, *how], seconds + 15)
    name = os.path.splitext(os.path.basename(path))[0] + (f" thread={thread}" if thread else "")
    with lock:
        if status == 0:
            tell(f"  ok {name}" + "".join(f" ({line})" for line in output.splitlines() if line.startswith("measured ")))
        else:
            lines = sorted(output.splitlines(), key=lambda line: line.startswith("measured "))  # the reason comes first
            reason = "its time ran out" if status is None else lines[0] if lines else f"exit status {status}"
            tell("\n      ".join([f"  not ok {name}: {reason}", *lines[1:]]))
    return status == 0


def boot(only=None):
    found, lock = scenarios(only), threading.Lock()
    kernels = {plan.kernel for _, plan in found if plan} - {KERNEL_TARGET}
    in_process = sorted({plan.in_process.TARGET for _, plan in found if plan and plan.in_process})
    build.ninja([*BOOT_TARGETS, *sorted(kernels), *in_process])
    iso.ensure()
    runs = [(path, plan, thread) for path, plan in found for thread in (plan.threads if plan else [None])]
    together = [(path, plan.seconds, thread) for path, plan, thread in runs if plan and not plan.alone]
    alone = [(path, plan.seconds if plan else 5, thread) for path, plan, thread in runs if not plan or plan.alone]
    workers = max(1, min(2, len(os.sched_getaffinity(0))))
    with ThreadPoolExecutor(workers) as pool:
        results = list(pool.map(lambda each: play(*each, lock), together))
    results += [play(*each, lock) for each in alone]
    totals = Totals(results.count(True), results.count(False))
    for name, checks in BOOTED.items():
        if only in (None, name):
            tell(f"  {name}")
            totals += checks()
    return totals


def soak_plans(asked):
    """What the soak is to do, from the command line."""
    given = [name for name in ("boots", "cores", "thread", "first", "image") if getattr(asked, name) is not None]
    if given and asked.suite != ["soak"]:
        raise Refused(f"--{given[0]} is for one suite: ./skerry test soak")
    if (asked.cores is None) != (asked.thread is None):
        raise Refused("--cores and --thread come together, for example --cores 8 --thread single")
    if asked.thread is not None:
        options.check_choice("--thread", asked.thread, soak.THREADS)
    if asked.image is not None and not os.path.isfile(asked.image):
        raise Refused(f"--image {asked.image}: there is no image there")
    kinds = [(options.cores(asked.cores), asked.thread)] if asked.thread is not None else soak.USUAL
    boots = options.whole_number("--boots", asked.boots, 1, 1_000_000) if asked.boots else soak.USUAL_BOOTS
    first = options.whole_number("--first", asked.first, 0, 1_000_000) if asked.first else 1
    return [soak.Plan(asked.image, cores, thread, boots, first) for cores, thread in kinds]


def soaked(plans):
    """One boot is one test."""
    build.ninja(BOOT_TARGETS)
    totals = Totals()
    for plan in plans:
        plan.image = plan.image or iso.ensure()
        result = soak.run(plan, tell)
        tell(f"  {plan.name}: {result}")
        totals += Totals(result.passed, len(result.failed))
    return totals


def check_seeds(asked):
    """--seeds, --seed and --pairs belong to one suite."""
    for name in ("seeds", "seed", "pairs"):
        value = getattr(asked, name)
        if value is None:
            continue
        if asked.suite != ["simulate"]:
            raise Refused(f"--{name} is for one suite: ./skerry test simulate")
        if name == "pairs":
            pairs.names(value)
        else:
            options.whole_number(f"--{name}", value, 1, 999_999_999)
    return asked


def simulate(asked):
    """Schedules from seeds on four booted cores; interleavings and pairs of operations (test/simulate); mistakes made on
    purpose (test/mutants)."""
    build.ninja([simulated.TARGET])
    if asked is not None and asked.seed is not None:
        number = simulated.seed(asked.seed)
        status, output = run_limited(simulated.explore(number, 1, "--verbose", "yes"), HOST_TEST_SECONDS)
        tell(output.rstrip())
        return Totals(passed=int(status == 0), failed=int(status != 0))
    if asked is not None and asked.pairs is not None:
        return Totals(*pairs.run(pairs.names(asked.pairs), tell))
    if asked is not None and asked.seeds is not None:
        failed = simulated.play(options.whole_number("--seeds", asked.seeds, 1, 999_999_999), tell)
        return Totals(passed=int(failed == 0), failed=failed)
    totals = host_tests(INTERLEAVINGS)
    wrong = simulated.same_twice()
    if wrong:
        tell(f"  not ok same: {wrong}")
    for failed in (int(wrong is not None), simulated.play_boots(simulated.SEEDS_FROM_BOOT, tell),
                   simulated.play(simulated.SEEDS, tell), simulated.play_capabilities(simulated.CAPABILITY_COUNT, tell),
                   simulated.play_losses(simulated.LOSS_COUNT, tell), simulated.play_starts(simulated.STARTED, tell),
                   simulated.play_knowledge(tell), simulated.play_held_up(tell), simulated.play_long(tell)):
        totals += Totals(passed=int(failed == 0), failed=failed)
    totals += script(PAIRS, PAIRS_SECONDS)
    totals += script(MUTANTS, MUTANTS_SECONDS, figures=True)
    build.ninja([UNIT_TARGETS[0]])
    totals += script(MUTANTS_IN_UNIT_TESTS, MUTANTS_SECONDS)
    return totals


SUITES = {"cli": cli, "unit": unit, "contract": contract, "sanitize": lambda: Totals(*sanitize.short(tell)), "tidy": tidy,
          "model": model, "simulate": simulate, "boot": boot, "soak": soaked}
NEEDS = {"tidy": packages.TEST, "model": packages.TEST + packages.SPIN, "cli": packages.BOOT, "unit": packages.TEST + packages.PROLOG,
         "contract": packages.TEST + packages.HOSTED, "simulate": packages.HOSTED + packages.TEST, "sanitize": packages.HOSTED,
         "boot": packages.TEST + packages.BOOT + packages.UEFI + packages.GDB,
         "soak": packages.BOOT}


def check_names(names):
    """Names as (suite, scenario or None); `boot/NAME` means one scenario."""
    chosen = []
    for name in names or SUITES:
        suite, slash, only = name.partition("/")
        if suite not in SUITES or (slash and suite != "boot"):
            raise Refused(f"there is no suite '{name}'; there are: {' '.join(SUITES)} (and boot/NAME for one scenario)")
        if slash and not scenarios(only) and only not in BOOTED:
            raise Refused(f"there is no scenario '{only}'; there are: " + " ".join(
                [*(os.path.basename(path)[:-len(".scenario")] for path, _ in scenarios()), *BOOTED]))
        chosen.append((suite, only or None))
    return chosen


def run(names, install, plans, asked=None):
    """Runs the suites `names` (all without one; the soak by its plans, simulate as `asked`) and returns the exit status of
    ./skerry."""
    chosen = check_names(names)
    needed = [*packages.BUILD, *(name for suite, _ in chosen for name in NEEDS.get(suite, ()))]
    new = packages.ensure(list(dict.fromkeys(needed)), install)
    totals = Totals()
    try:
        with build.lock():
            build.configure(again=new)
    except BuildFailed as failure:
        tell(f"not ok configure: {failure}")
        tell(str(Totals(failed=1)))
        return 1
    for suite, only in chosen:
        tell(suite)
        try:
            found = boot(only) if suite == "boot" else soaked(plans) if suite == "soak" else \
                simulate(asked) if suite == "simulate" else SUITES[suite]()
        except BuildFailed as failure:
            tell(f"  not ok {suite}: {failure}")
            found = Totals(failed=1)
        tell(f"  {found.passed} ok, {found.failed} not ok, {found.skipped} left out")
        totals += found
    tell(str(totals))
    return 1 if totals.failed else 0
