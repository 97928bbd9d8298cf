"""Configures Meson once, runs ninja with a progress line, and shows a compiler's words whole when it fails."""
import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys

from .common import BUILD, BUILD_ROOT, ROOT, BuildFailed, Refused

PROGRESS = re.compile(r"^\[(\d+)/(\d+)\] ")
COLOUR = re.compile(r"\x1b\[[0-9;]*[mK]")
QUIET = ("ninja: no work to do.", "ninja: Entering directory", "ninja: Leaving directory")


@contextlib.contextmanager
def lock():
    """Two launchers at once must not build into one directory."""
    os.makedirs(BUILD_ROOT, exist_ok=True)
    with open(os.path.join(BUILD_ROOT, ".lock"), "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _spawn(arguments, **options):
    try:
        return subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True, errors="replace", **options)
    except FileNotFoundError:
        raise Refused(f"'{arguments[0]}' is not installed, and it is needed to build") from None


class ProgressLine:
    """One line that is written over on a terminal; a line each elsewhere. On stderr."""

    def __init__(self, stream=sys.stderr):
        self.stream = stream
        self.terminal = stream.isatty()
        self.dirty = False

    def show(self, text):
        if self.terminal:
            width = shutil.get_terminal_size().columns - 1
            self.stream.write("\r\x1b[K" + text[:width])
            self.dirty = True
        else:
            self.stream.write(text + "\n")
        self.stream.flush()

    def clear(self):
        if self.dirty:
            self.stream.write("\r\x1b[K")
            self.stream.flush()
            self.dirty = False

    def line(self, text):
        self.clear()
        if not self.terminal:
            text = COLOUR.sub("", text)  # Meson asks compilers for colours always
        self.stream.write(text + "\n")
        self.stream.flush()


def configure(again=False, folder=BUILD, options=()):
    """Sets up `folder` if it is not; `again` after packages came, which Meson may have looked for in vain."""
    configured = os.path.exists(os.path.join(folder, "build.ninja"))
    if configured and not again:
        return
    name = os.path.relpath(folder, ROOT)
    progress = ProgressLine()
    progress.show(f"configuring {name}")
    arguments = ["meson", "setup", *(["--reconfigure"] if configured else []), *options, folder, ROOT]
    with _spawn(arguments, cwd=ROOT) as meson:
        output = meson.stdout.read()
    progress.clear()
    if meson.returncode != 0:
        sys.stderr.write(output)
        raise BuildFailed(f"meson could not configure {name}")


def ninja(targets, folder=BUILD):
    """Builds `targets` (all without a name). Prints what compilers say when they fail, and their warnings."""
    progress = ProgressLine()
    with _spawn(["ninja", "-C", folder, *targets], env=dict(os.environ, NINJA_STATUS="[%f/%t] ")) as process:
        for line in process.stdout:
            line = line.rstrip("\n")
            if PROGRESS.match(line):
                progress.show(line)
            elif not line.startswith(QUIET):
                progress.line(line)
    progress.clear()
    if process.returncode != 0:
        name = os.path.relpath(folder, ROOT)
        raise BuildFailed(f"the build failed (ninja -C {name} {' '.join(targets)})")


def known_targets():
    """Names of everything that ninja can make."""
    with _spawn(["ninja", "-C", BUILD, "-t", "targets", "all"]) as process:
        return {line.rsplit(":", 1)[0] for line in process.stdout}


def command_of(target):
    """The shell command with which ninja makes `target` (its last step)."""
    with _spawn(["ninja", "-C", BUILD, "-t", "commands", "-s", target]) as process:
        lines = process.stdout.read().splitlines()
    if process.returncode != 0 or not lines:
        raise BuildFailed(f"ninja does not know how to make {target}")
    return lines[-1]
