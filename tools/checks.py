"""What suites run: Catch2 executables, Python tests and scripts, each with a time limit, each giving counts."""
import os
import re
import subprocess
import sys
from dataclasses import dataclass

from . import build
from .common import BUILD, ROOT

HOST_TEST_SECONDS = 180


@dataclass
class Totals:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __iadd__(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        return self

    def __add__(self, other):
        return Totals(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def tell(text):
    print(text, flush=True)


def run_limited(command, seconds, **options):
    """(exit status or None when time ran out, everything printed). The child dies with us."""
    child = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *command], cwd=ROOT, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **options)
    try:
        output, _ = child.communicate(timeout=seconds)
        return child.returncode, output
    except subprocess.TimeoutExpired:
        child.kill()
        output, _ = child.communicate()
        return None, output
    finally:
        if child.poll() is None:
            child.kill()


def catch2_totals(output):
    """Counts of test cases in Catch2's closing summary, or None if there is none (it crashed)."""
    if re.search(r"^No tests ran", output, re.MULTILINE):
        return Totals()
    whole = re.search(r"^All tests passed \(.* in (\d+) test cases?\)", output, re.MULTILINE)
    line = re.search(r"^test cases: .*$", output, re.MULTILINE)
    if not whole and not line:
        return None
    totals = Totals(passed=int(whole.group(1)) if whole else 0)
    for number, word in re.findall(r"\|\s*(\d+) (passed|failed|skipped)", line.group(0) if line else ""):
        setattr(totals, word, int(number))
    return totals


def host_tests(target):
    """Builds and runs one Catch2 executable."""
    build.ninja([target])
    status, output = run_limited([os.path.join(BUILD, target)], HOST_TEST_SECONDS)
    totals = catch2_totals(output)
    if status != 0 or totals is None:
        tell(output.rstrip())
    if status is None:
        tell(f"  not ok {target}: more than {HOST_TEST_SECONDS} s")
    elif totals is None:
        tell(f"  not ok {target}: it ended with status {status} and no summary")
    if status is None or totals is None:
        return Totals(failed=1)
    if status != 0 and totals.failed == 0:
        tell(f"  not ok {target}: it says that all passed, and ended with status {status}")
        totals.failed = 1
    return totals


def unittest_totals(output):
    ran = re.search(r"^Ran (\d+) tests?", output, re.MULTILINE)
    if not ran:
        return None
    closing = output[ran.end():]

    def count(word):
        found = re.search(rf"\b{word}=(\d+)", closing)
        return int(found.group(1)) if found else 0
    failed, skipped = count("failures") + count("errors"), count("skipped")
    return Totals(int(ran.group(1)) - failed - skipped, failed, skipped)


def unittest(folder):
    """The Python unit tests below one folder."""
    status, output = run_limited([sys.executable, "-m", "unittest", "discover", "-s", folder], HOST_TEST_SECONDS,
                                 env=dict(os.environ, PYTHONPATH=ROOT))
    totals = unittest_totals(output)
    if status != 0 or totals is None:
        tell(output.rstrip())
    if status is None or totals is None:
        tell(f"  not ok {folder}: it did not run to its end")
        return Totals(failed=1)
    return totals


def script(path, seconds, figures=False):
    """One Python script that prints `ok NAME`, `not ok NAME: reason` or `skipped NAME`, a line a check. With `figures`
    what it measured, in indented lines, is shown although all is well."""
    name = os.path.relpath(path, ROOT)
    status, output = run_limited([sys.executable, path], seconds)
    found = Totals(*(len(re.findall(rf"^{word} \S", output, re.MULTILINE)) for word in ("ok", "not ok", "skipped")))
    if found.failed or status != 0:
        tell("\n".join(line for line in output.splitlines() if not line.startswith("ok ")))
    elif figures:
        tell("\n".join(f"  {line}" for line in output.splitlines() if line.startswith("  ")))
    if found.failed == 0 and (status != 0 or found.passed + found.skipped == 0):
        tell(f"not ok {name}: " + ("took too long" if status is None else f"status {status}, and it names no check"))
        found.failed = 1
    return found
