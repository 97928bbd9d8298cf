"""./skerry test --sanitize KIND: the unit tests, the contract suite on a hosted machine, and such a machine that is used, under
one of the compiler's sanitizers, or two at once (address+undefined).

A build directory for each kind. A sanitizer writes what it finds to files of its own; where there is one, the test failed.
"""
import glob
import io
import os
import subprocess
import tempfile
from dataclasses import dataclass

from . import build, hosted, packages, session
from .common import BUILD_ROOT, BuildFailed, Refused

KINDS = ("thread", "address", "undefined", "address+undefined")
VARIABLES = {"thread": ("TSAN_OPTIONS", "second_deadlock_stack=1"), "address": ("ASAN_OPTIONS", "detect_leaks=0"),
             "undefined": ("UBSAN_OPTIONS", "print_stacktrace=1")}
SMALLER = ["-Doptimization=1"]  # at 2 the undefined one takes minutes for each file of coroutines
UNIT_TARGET = "test/unit/unit_tests"
UNIT_SECONDS = 900
BOOT_SECONDS = 120
CORES = (1, 4)
COMMANDS = ("cores", "ps", "mem", "caps", "oncore {last} hello", "run hello", "trace 0", "help")


def environment(kind, folder):
    """What the sanitizer is told: to write what it finds to files below `folder`."""
    told = (VARIABLES[one] for one in kind.split("+"))
    return dict(os.environ, **{variable: f"log_path={folder}/found:{more}" for variable, more in told})


def found(folder):
    """What a sanitizer wrote, as text; empty if nothing."""
    texts = []
    for path in sorted(glob.glob(os.path.join(folder, "found*"))):
        with open(path, encoding="utf-8", errors="replace") as file:
            texts.append(file.read())
    return "".join(texts)


@dataclass
class Guest(hosted.Guest):
    """A hosted machine out of a sanitizer's build directory."""
    folder: str = ""

    @property
    def program(self):
        return os.path.join(self.folder, hosted.TARGET)

    def command_line(self, log, backend=None):
        return [os.path.join(self.folder, hosted.TARGET), *super().command_line(log, backend)[1:]]


def program(target, kind, folder, tell):
    """One that tests something and ends with 0. -> (passed, failed)"""
    build.ninja([target], folder)
    name = os.path.basename(target)
    with tempfile.TemporaryDirectory(prefix="skerry-sanitize-") as logs:
        try:
            done = subprocess.run(["setpriv", "--pdeathsig", "TERM", os.path.join(folder, target)],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  errors="replace", env=environment(kind, logs), timeout=UNIT_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            tell(f"  not ok {name}: more than {UNIT_SECONDS} s")
            return 0, 1
        if done.returncode == 0 and not found(logs):
            tell(f"  ok {name}: " + done.stdout.strip().splitlines()[-1])
            return 1, 0
        tell(f"{done.stdout.rstrip()}\n{found(logs)}  not ok {name}: status {done.returncode}")
        return 0, 1


def unit(kind, folder, tell):
    return program(UNIT_TARGET, kind, folder, tell)


def contract(kind, folder, tell):
    return program(hosted.CONTRACT_TARGETS[0], kind, folder, tell)


def boot(kind, folder, tell):
    """A machine that is booted, used, and switched off, with one core and with several. -> (passed, failed)"""
    build.ninja([hosted.TARGET], folder)
    passed = failed = 0
    for cores in CORES:
        with tempfile.TemporaryDirectory(prefix="skerry-sanitize-") as logs:
            before = dict(os.environ)
            os.environ.update(environment(kind, logs))
            output = io.BytesIO()
            try:
                commands = [command.format(last=cores - 1) for command in COMMANDS]
                status = session.run(Guest(cores, folder=folder), commands, BOOT_SECONDS, output.write, tell)
            finally:
                os.environ.clear()
                os.environ.update(before)
            if status == 0 and not found(logs):
                tell(f"  ok hosted, {cores} cores: {len(commands)} commands")
                passed += 1
                continue
            tell(f"{output.getvalue().decode(errors='replace')}{found(logs)}  not ok hosted, {cores} cores: status {status}")
            failed += 1
    return passed, failed


SUITES = {"contract": contract, "unit": unit, "hosted": boot}


def check(kinds, names):
    for kind in kinds:
        if kind not in KINDS:
            raise Refused(f"--sanitize {kind}: must be {', '.join(KINDS)}, or some of them with commas between")
    for name in names:
        if name not in SUITES:
            raise Refused(f"--sanitize is for the suites {', '.join(SUITES)}, not for '{name}'")


def run(text, names, install, tell):
    """Runs the suites (all without a name) under each kind. -> (passed, failed)"""
    kinds = text.split(",")
    check(kinds, names)
    new = packages.ensure([*packages.BUILD, *packages.TEST], install)
    passed = failed = 0
    for kind in kinds:
        tell(f"{kind} sanitizer")
        folder = os.path.join(BUILD_ROOT, kind)
        for name in names or SUITES:
            try:
                with build.lock():
                    chosen = [f"-Db_sanitize={kind.replace('+', ',')}", *(SMALLER if "undefined" in kind else ())]
                    build.configure(new, folder, chosen)
                ok, wrong = SUITES[name](kind, folder, tell)
            except BuildFailed as failure:
                tell(f"  not ok {name}: {failure}")
                ok, wrong = 0, 1
            passed, failed = passed + ok, failed + wrong
    return passed, failed


def short(tell):
    """What every test run does: what is compiled for it is small. -> (passed, failed)"""
    return run("thread,address+undefined", ("contract",), True, tell)
