"""Builds the bootable image: GRUB2 for BIOS and UEFI, the CPU driver and the boot archive, and nothing else."""
import hashlib
import os
import shutil
import subprocess
import tempfile

from .common import ARCHIVE, ISO, STRIPPED_KERNEL, BuildFailed, Refused

# serial first: what GRUB complains about must reach the person, and the launcher looks for it.
CONFIGURATION = """\
serial --unit=0 --speed=115200
terminal_input serial
terminal_output serial
set timeout=0
multiboot2 /boot/cpudriver
module2 /boot/archive archive
boot
"""

# All that the configuration needs, on both firmwares; everything else of GRUB stays off the image (21 MB to 5).
# grub-mkrescue's own start file loads every partition module there is. One that is missing is complained about on the
# console, by the firmware's interrupts, a character at a time; under TCG each of those costs time on every vCPU's
# account (with 255 of them, tens of seconds).
MODULES = ("multiboot2 normal serial terminal iso9660 fat gzio boot acpi part_acorn part_amiga part_apple part_bsd "
           "part_dfly part_dvh part_gpt part_msdos part_plan part_sun part_sunpc")


def _digest(parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def _read(path):
    with open(path, "rb") as file:
        return file.read()


def make(out, files, configuration=CONFIGURATION):
    """Writes an image with `files` (name under /boot -> host path) to `out`, whole or not at all."""
    with tempfile.TemporaryDirectory(prefix="skerry-iso-") as tree:
        boot = os.path.join(tree, "boot")
        os.makedirs(os.path.join(boot, "grub"))
        for name, path in files.items():
            shutil.copyfile(path, os.path.join(boot, name))
        with open(os.path.join(boot, "grub", "grub.cfg"), "w", encoding="ascii") as file:
            file.write(configuration)
        partial = f"{out}.{os.getpid()}.partial"
        try:
            made = subprocess.run(["grub-mkrescue", "-o", partial, f"--install-modules={MODULES}", "--locales=",
                                   "--fonts=", "--themes=", tree],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, errors="replace", check=False)
        except FileNotFoundError:
            raise Refused("'grub-mkrescue' is not installed, and it is needed to make the image") from None
        if made.returncode != 0 or not os.path.exists(partial):
            raise BuildFailed("grub-mkrescue failed:\n" + made.stdout.rstrip())
        os.replace(partial, out)


def ensure(progress=None):
    """Makes build/x86_64/skerry.iso if its parts changed; returns its path."""
    parts = [STRIPPED_KERNEL, ARCHIVE]
    stamp = ISO + ".inputs"
    recorded = _read(stamp).decode() if os.path.exists(stamp) and os.path.exists(ISO) else ""
    settings = _digest([CONFIGURATION.encode(), MODULES.encode()])
    newest = max(os.stat(path).st_mtime_ns for path in parts)
    if recorded.startswith(settings) and os.stat(ISO).st_mtime_ns > newest:
        return ISO
    inputs = f"{settings} {_digest([_read(path) for path in parts])}\n"
    if recorded == inputs:
        os.utime(ISO)  # the same bytes were linked anew: the next look at the times will do
        return ISO
    if progress:
        progress.show("making build/x86_64/skerry.iso")
    make(ISO, {"cpudriver": STRIPPED_KERNEL, "archive": ARCHIVE})
    with open(stamp, "w", encoding="ascii") as file:
        file.write(inputs)
    if progress:
        progress.clear()
    return ISO
