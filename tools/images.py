"""Boot images with something changed: wrong on purpose for the scenarios of test/boot (their `image` line names one),
or with commands for a deterministic run.

Each is today's image with one thing changed. The archive is remade by the very command that ninja has for it.
"""
import contextlib
import dataclasses
import os
import shlex
import struct
import subprocess
import tempfile

from . import build, iso, session
from .common import ARCHIVE, ARCHIVE_TARGET, BUILD, ISO, STRIPPED_KERNEL, BuildFailed

LOCAL_APIC, IO_APIC = 0xFEE00000, 0xFEC00000
AGREED_TIME = 20_000_000_000     # cycles, 20 s of QEMU's counter: longer than firmware and loader take on 255 cores
TRUNCATED_TO = 100      # bytes of a program: its ELF header and half of the first program header


def madt(cores, right=True):
    """An MADT like QEMU's q35 has it, for `cores` cores; with a checksum that is off by one unless `right`."""
    body = struct.pack("<II", LOCAL_APIC, 1)
    for core in range(cores):
        body += struct.pack("<BBBBI", 0, 8, core, core, 1)
    body += struct.pack("<BBBBII", 1, 12, 0, 0, IO_APIC, 0)
    body += struct.pack("<BBBBIH", 2, 10, 0, 0, 2, 0)           # the timer's IRQ 0 arrives on input 2
    header = struct.pack("<4sIBB6s8sI4sI", b"APIC", 36 + len(body), 3, 0, b"SKERRY", b"SCENARIO", 1, b"SKRY", 1)
    checksum = -sum(header + body) + (0 if right else 1) & 0xFF
    return header[:9] + bytes([checksum]) + header[10:] + body


def archive_parts():
    """What the boot archive is made of: {name: file in the build directory}."""
    words = shlex.split(build.command_of(ARCHIVE_TARGET))
    parts = dict(word.split("=", 1) for word in words if "=" in word and not word.startswith("-"))
    if not parts:
        raise BuildFailed(f"no NAME=FILE in the command that makes {ARCHIVE_TARGET}")
    return {name: os.path.join(BUILD, file) for name, file in parts.items()}


def make_archive(folder, parts):
    out = os.path.join(folder, "archive")
    script = os.path.join(os.path.dirname(__file__), "archive.py")
    subprocess.run(["python3", script, out, *(f"{name}={file}" for name, file in parts.items())], check=True)
    return out


def _read(path):
    with open(path, "rb") as file:
        return file.read()


def _write(folder, name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


def _with_archive(folder, archive, configuration=iso.CONFIGURATION, more=None):
    out = os.path.join(folder, "skerry.iso")
    iso.make(out, {"cpudriver": STRIPPED_KERNEL, "archive": archive, **(more or {})}, configuration)
    return out


def archive_corrupt(folder, _cores):
    """One bit of the archive's table is wrong."""
    data = bytearray(_read(ARCHIVE))
    data[70] ^= 0x10
    return _with_archive(folder, _write(folder, "corrupt", bytes(data)))


def archive_cut(folder, _cores):
    """Only the first 3000 bytes of the archive are there."""
    return _with_archive(folder, _write(folder, "cut", _read(ARCHIVE)[:3000]))


def archive_missing(folder, _cores):
    """GRUB loads no archive at all."""
    lines = [line for line in iso.CONFIGURATION.splitlines(True) if not line.startswith("module2")]
    return _with_archive(folder, ARCHIVE, "".join(lines))


def hello_truncated(folder, _cores):
    """The archive is sound, but `hello` in it ends in the middle of its headers."""
    parts = archive_parts()
    parts["hello"] = _write(folder, "hello", _read(parts["hello"])[:TRUNCATED_TO])
    return _with_archive(folder, make_archive(folder, parts))


def _without(folder, name):
    parts = archive_parts()
    del parts[name]
    return _with_archive(folder, make_archive(folder, parts))


def one_core_more(folder, cores):
    """The firmware's MADT is replaced by one with a core that is not there; only the others are started with the machine."""
    configuration = _told(f"online={cores}").replace("multiboot2 ", "acpi --exclude=APIC /boot/madt\nmultiboot2 ", 1)
    return _with_archive(folder, ARCHIVE, configuration, {"madt": _write(folder, "madt", madt(cores + 1))})


def without_init(folder, _cores):
    """The archive is sound, but has no `init`."""
    return _without(folder, "init")


def without_skb(folder, _cores):
    """Nobody keeps the knowledge base."""
    return _without(folder, "skb")


def without_hello(folder, _cores):
    """The archive is sound, but has no `hello`."""
    return _without(folder, "hello")


def _with_madt(folder, table):
    # GRUB's `acpi` builds a new RSDT with the firmware's other tables and this one, as it is.
    configuration = iso.CONFIGURATION.replace("multiboot2 ", "acpi --exclude=APIC /boot/madt\nmultiboot2 ", 1)
    return _with_archive(folder, ARCHIVE, configuration, {"madt": _write(folder, "madt", table)})


def madt_wrong_checksum(folder, cores):
    """The firmware's MADT is replaced by one whose checksum is off by one."""
    return _with_madt(folder, madt(cores, right=False))


def madt_replaced(folder, cores):
    """The firmware's MADT is replaced by a good one: shows that only the checksum makes the difference."""
    return _with_madt(folder, madt(cores))


def time_past(folder, _cores):
    """A deterministic run that shall begin when the loader had hardly begun itself."""
    return _with_archive(folder, ARCHIVE, _told("start=1"))


def time_wrong(folder, _cores):
    """A deterministic run that shall begin at no time at all."""
    return _with_archive(folder, ARCHIVE, _told("start=soon"))


MAKERS = {maker.__name__: maker for maker in (archive_corrupt, archive_cut, archive_missing, hello_truncated, without_init,
                                               without_hello, without_skb, madt_wrong_checksum, madt_replaced, one_core_more,
                                               time_past, time_wrong)}


def with_kernel(folder, target, words):
    """Today's image with another kernel of the build, and `words` on its command line."""
    out = os.path.join(folder, "skerry.iso")
    iso.make(out, {"cpudriver": os.path.join(BUILD, target), "archive": ARCHIVE}, _told(words))
    return out


def _told(words):
    """The boot loader's configuration with these words for the kernel."""
    return iso.CONFIGURATION.replace("multiboot2 /boot/cpudriver", f"multiboot2 /boot/cpudriver {words}".rstrip(), 1)


@contextlib.contextmanager
def told(guest, words):
    """`guest` with today's image, whose kernel is told these words; as it is without any."""
    if not words:
        yield guest
        return
    with tempfile.TemporaryDirectory(prefix="skerry-told-") as folder:
        yield dataclasses.replace(guest, iso=_with_archive(folder, ARCHIVE, _told(words)))


@contextlib.contextmanager
def bringing(guest, commands, words=""):
    """`guest` with today's image and what its shell shall do first, and the time of the cycle counter at which it begins:
    so nothing in a deterministic run depends on how long a disk took or when bytes came."""
    with tempfile.TemporaryDirectory(prefix="skerry-commands-") as folder:
        yield dataclasses.replace(guest, iso=_with_commands(folder, session.frames(commands), words),
                                  brings_commands=True)


def _with_commands(folder, text, words):
    parts = archive_parts()
    parts["commands"] = _write(folder, "commands", text)
    return _with_archive(folder, make_archive(folder, parts), _told(f"start={AGREED_TIME} {words}"))


def make(name, folder, cores):
    """Makes image `name` in `folder` (or names the ordinary one) and returns its path."""
    return MAKERS[name](folder, cores) if name else ISO
