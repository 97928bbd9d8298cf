"""Debian's Linux with one program of ours as its first process: what Skerry is compared with, in the same QEMU.

The kernel comes out of Debian's package, which is unpacked and not installed: an installed one would bring a boot
loader's hooks with it. The program is a static binary of the build, in an initramfs that we write ourselves.
"""
import glob
import os
import re
import subprocess
import sys
import tarfile
from dataclasses import dataclass, field

from . import qemu
from .common import BUILD, BUILD_ROOT, Refused, say

PACKAGE = "linux-image-cloud-amd64"     # Debian's kernel with the drivers of virtual machines alone: 27 MB
FOLDER = os.path.join(BUILD_ROOT, "linux")
KERNEL = os.path.join(FOLDER, "vmlinuz")
INITRAMFS = os.path.join(FOLDER, "initramfs")
PROGRAM_TARGET = "platforms/x86_64/archive/bench_linux"
CPU = "qemu64"                          # Linux is faster on it than on `max`, whose features cost it more than they give
# Without the timer check, which a busy host makes fail; the counters of QEMU's virtual cores do agree.
WORDS = "console=ttyS0 quiet panic=-1 no_timer_check tsc=reliable"
MEMORY = 256                            # MB


def _run(arguments, **options):
    return subprocess.run(arguments, stdin=subprocess.DEVNULL, check=False, **options)


def _real_package():
    """The package that the name without a version stands for; None if apt knows nothing of it."""
    done = _run(["apt-cache", "depends", PACKAGE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    found = re.search(r"^\s*Depends: (linux-image-\S+)$", done.stdout, re.MULTILINE)
    return found.group(1) if found else None


def _download(arguments):
    return _run(["apt-get", "-q", *arguments], stdout=sys.stderr, cwd=FOLDER).returncode == 0


def _unpack(package, out):
    """Writes the kernel that lies in a .deb to `out`; False if there is none."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE) as contents:
        with tarfile.open(fileobj=contents.stdout, mode="r|") as archive:
            for member in archive:
                if re.fullmatch(r"\./boot/vmlinuz-\S+", member.name) and member.isfile():
                    partial = f"{out}.{os.getpid()}.partial"
                    with open(partial, "wb") as file:
                        file.write(archive.extractfile(member).read())
                    os.replace(partial, out)
                    contents.kill()
                    return True
    return False


def ensure_kernel(install):
    """Path of Debian's kernel; fetches it once. Refused if it is not there and cannot or may not be fetched."""
    if os.path.exists(KERNEL):
        return KERNEL
    os.makedirs(FOLDER, exist_ok=True)
    line = f"apt-get download {_real_package() or PACKAGE}"
    if not install:
        raise Refused(f"Debian's kernel is missing (--no-install was given): {line}")
    say(line)
    options = ["-o", "APT::Sandbox::User=root"] if os.geteuid() == 0 else []
    name = _real_package()
    if name is None or not _download([*options, "download", name]):
        if os.geteuid() != 0:
            raise Refused(f"Debian's kernel is missing, and only root can bring apt's lists up to date: {line}")
        say("apt-get update (the package lists may be old), then once more")
        _download(["update"])
        name = _real_package()
        if name is None or not _download([*options, "download", name]):
            raise Refused(f"Debian's kernel could not be fetched: {line}")
    packages = glob.glob(os.path.join(FOLDER, f"{name}_*.deb"))
    if not any(_unpack(package, KERNEL) for package in packages):
        raise Refused(f"there is no kernel in the package {name}")
    for package in packages:
        os.unlink(package)
    return KERNEL


def _entry(number, name, mode, data=b"", device=(0, 0)):
    """One file of a cpio archive in the `newc` form."""
    path = name.encode() + b"\0"
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(path), 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + path
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def initramfs(program):
    """An initramfs whose first process is `program` (bytes), with a console and nothing else."""
    return b"".join((_entry(1, "dev", 0o40755), _entry(2, "dev/console", 0o20600, device=(5, 1)),
                     _entry(3, "init", 0o100755, program), _entry(0, "TRAILER!!!", 0)))


def ensure_initramfs():
    with open(os.path.join(BUILD, PROGRAM_TARGET), "rb") as file:
        data = initramfs(file.read())
    os.makedirs(FOLDER, exist_ok=True)
    partial = f"{INITRAMFS}.{os.getpid()}.partial"
    with open(partial, "wb") as file:
        file.write(data)
    os.replace(partial, INITRAMFS)
    return INITRAMFS


@dataclass
class LinuxGuest:
    """What session.Session and qemu.Qemu need to know: our program frames its output as the shell does, and knows the
    commands `run SAMPLES` and `traffic SAMPLES`. `idle` is the word that Linux's command line gets for it, "" = as Linux likes."""
    kernel: str
    initramfs: str
    cores: int = 2
    accelerator: str = "tcg,thread=multi"
    idle: str = "poll"
    trace: object = None
    extra: list = field(default_factory=list)

    program = qemu.Guest.program
    brings_commands = False     # they are typed

    def command_line(self, _log, _backend=None):
        return [self.program, *qemu.NAMED_THREADS, "-machine", "q35", "-cpu", CPU, "-m", f"{MEMORY}M", "-smp",
                str(self.cores), "-accel", self.accelerator, "-kernel", self.kernel, "-initrd", self.initramfs,
                "-append", f"{WORDS} {self.idle and 'idle=' + self.idle}".rstrip(), "-display", "none", "-vga", "none", "-serial", "stdio",
                "-monitor", "none", "-nic", "none", "-no-reboot", *self.extra]
