"""clang-format agrees with every C++ file."""
import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

from _tree import ROOT, cpp, report, tracked

WORKERS = 2


def complaints_in(output):
    """One line a file of what clang-format said, and its own errors."""
    places = {}
    for line in output.splitlines():
        match = re.match(r"(\S+?):(\d+):\d+: error: code should be clang-formatted", line)
        if match:
            places.setdefault(match.group(1), []).append(match.group(2))
        elif re.match(r"\S+:\d+:\d+: error:|Error reading|Invalid|No such file", line):
            places.setdefault(line, [])
    return [f"{path}: line{'s' if len(lines) > 1 else ''} {', '.join(lines[:6])}{' ...' if len(lines) > 6 else ''}"
            if lines else path for path, lines in places.items()]


def run(paths):
    command = ["clang-format", "--dry-run", "-Werror", *paths]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = complaints_in(done.stderr)
    return found if found or done.returncode == 0 else [f"clang-format ends with {done.returncode}: {done.stderr[:200]}"]


def main():
    if not shutil.which("clang-format"):
        print("skipped style: clang-format agrees: it is not installed")
        return
    paths = [path for path, _ in cpp(tracked()) if os.path.isfile(os.path.join(ROOT, path))]
    with ThreadPoolExecutor(WORKERS) as pool:
        parts = pool.map(run, [paths[i::WORKERS] for i in range(WORKERS) if paths[i::WORKERS]])
    report("style: clang-format agrees", sorted({line for part in parts for line in part}), f"{len(paths)} files")


if __name__ == "__main__":
    main()
