"""Installs the Debian packages that a command still needs."""
import os
import shutil
import subprocess
import sys

from .common import Refused, say

BUILD = ["g++", "gcc", "binutils", "meson", "ninja-build", "pkgconf"]
BOOT = ["qemu-system-x86", "grub-pc-bin", "grub-efi-amd64-bin", "grub-common", "xorriso", "mtools"]
UEFI = ["ovmf"]
GDB = ["gdb"]           # not gdb-minimal: that has no Python
HOSTED = ["libboost-context-dev"]
PROLOG = ["swi-prolog-nox"]     # the knowledge base's rules mean there what they mean here
SPIN = ["spin"]         # models of the agreement between monitors
TEST = ["catch2", "libboost-context-dev", "clang-format", "clang-tidy"]


def missing(names):
    """The packages of `names` that dpkg does not have installed, in their order."""
    query = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Status}\n", *names],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    installed = {line.split()[0] for line in query.stdout.splitlines() if line.endswith(" ok installed")}
    return [name for name in names if name not in installed]


def _apt(arguments):
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    # apt's own chatter goes to stderr: stdout belongs to what the command prints.
    return subprocess.run(["apt-get", "-q", *arguments], stdin=subprocess.DEVNULL, stdout=sys.stderr, env=environment,
                          check=False).returncode == 0


def ensure(names, install=True):
    """Returns True if packages were installed; raises Refused if they are missing and may not be."""
    if shutil.which("dpkg-query") is None:
        return False  # not Debian: a tool that is missing will be named where it is run
    absent = missing(names)
    if not absent:
        return False
    arguments = ["install", "-y", "--no-install-recommends", *absent]
    line = "apt-get " + " ".join(arguments)
    if not install:
        raise Refused(f"packages are missing (--no-install was given): {line}")
    if os.geteuid() != 0:
        raise Refused(f"packages are missing and only root can install them: {line}")
    say(line)
    if _apt(arguments):
        return True
    say("apt-get update (the package lists may be old), then once more")
    if not _apt(["update"]) or not _apt(arguments):
        raise Refused(f"these packages could not be installed: {' '.join(absent)}")
    return True
