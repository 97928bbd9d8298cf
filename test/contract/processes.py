"""The contract suite on the machines that are processes, hosted and simulated (test/contract/in_process)."""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, ROOT)

from tools.common import BUILD  # noqa: E402  pylint: disable=wrong-import-position
from tools.hosted import CONTRACT_TARGETS  # noqa: E402  pylint: disable=wrong-import-position

SECONDS = 60


def run(target):
    """Its lines, each with the platform's name, and one more if it did not come to its end."""
    name = target.rsplit("_", 1)[1]
    try:
        done = subprocess.run([os.path.join(BUILD, target)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=SECONDS, check=False)
        lines, ended = done.stdout.splitlines(), f"status {done.returncode}"
    except subprocess.TimeoutExpired:
        lines, ended = [], f"more than {SECONDS} s"
    for line in lines:
        for word in ("ok ", "not ok "):
            if line.startswith(word):
                print(f"{word}{name} {line[len(word):]}")
    if not any(line.startswith("contract finished") for line in lines):
        print(f"not ok {name}: the suite did not end: {ended}: " + " ".join(lines[-1:]))


if __name__ == "__main__":
    for each in CONTRACT_TARGETS:
        run(each)
