"""Chooses between KVM and TCG. KVM is believed only after it has been seen to run 64-bit code at speed.

/dev/kvm may open and still be no use: with nested virtualisation in software the firmware runs and a kernel hangs.
"""
import json
import os
import subprocess
import tempfile
import time

from .common import BUILD_ROOT, Refused

PROBE_SECONDS = 2
PROBE_PASSED = 0x2A
CACHE = os.path.join(BUILD_ROOT, "kvm-probe.json")

# A boot sector for 0x7c00. It enters long mode with one 2 MiB page, and leaves through isa-debug-exit with PROBE_PASSED
# after (1) 2^30 rounds of an addition, checked against n(n+1)/2 (0.4 s on hardware, over 2 s when it is emulated), and
# (2) 20,000 loads of the page-table base, stores and CPUID exits, as a kernel makes them.
_PROBE = [
    "fa 31c0 8ed8 8ec0 8ed0 bc007c",                # cli; ds = es = ss = 0; sp = 0x7c00
    "b0ff e621 e6a1",                               # mask the 8259
    "fc bf0010 6631c0 b9000c 66f3ab",               # zero 0x1000..0x4000
    "66c706001003200000 66c706002003300000",        # level 4 at 0x1000 -> 0x2000 -> 0x3000
    "66c706003083000000",                           # 0x3000: one 2 MiB page at 0
    "66b820000000 0f22e0 66b800100000 0f22d8",      # cr4 = PAE; cr3 = 0x1000
    "66b9800000c0 0f32 80cc01 0f30",                # EFER.LME
    "0f0116c87c 0f20c0 660d01000080 0f22c0",        # lgdt [0x7cc8]; cr0 |= PG | PE
    "ea6f7c0800",                                   # jmp 8:0x7c6f, 64-bit from here
    "31db 48c7c100000040",                          # ebx = 0; rcx = 2^30
    "4801cb 48ffc9 75f8",                           # add rbx, rcx; dec rcx; jnz
    "48b80000002000000008 4839c3 751f",             # is it 2^59 + 2^29? else fail
    "be204e0000",                                   # esi = 20000
    "0f20d8 0f22d8 4889342500800000",               # reload cr3; store
    "31c0 0fa2 ffce 75ea",                          # cpuid; dec esi; jnz
    "b02a eb02 b015",                               # al = passed; or failed
    "e6f4 f4 ebf9 0f1f00",                          # out 0xf4, al; hlt; again
    "0000000000000000 00000000009a2000",            # GDT: null, 64-bit code
    "0f00 b87c0000",                                # its limit and base
]


def boot_sector():
    code = bytes.fromhex("".join(_PROBE))
    return code.ljust(510, b"\0") + b"\x55\xaa"


def probe(accelerator="kvm", seconds=PROBE_SECONDS):
    """True if a guest under `accelerator` ran the boot sector to its end in time."""
    with tempfile.NamedTemporaryFile(prefix="skerry-probe-") as image:
        image.write(boot_sector())
        image.flush()
        command = ["qemu-system-x86_64", "-accel", accelerator, "-cpu", "max", "-m", "16", "-display", "none", "-nic",
                   "none", "-serial", "none", "-monitor", "none", "-no-reboot", "-drive",
                   f"format=raw,file={image.name},if=ide,readonly=off,snapshot=on", "-device",
                   "isa-debug-exit,iobase=0xf4,iosize=1"]
        try:
            status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL, timeout=seconds, check=False).returncode
        except (subprocess.TimeoutExpired, OSError):
            return False
    return status == 2 * PROBE_PASSED + 1


def _boot_id():
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()


def kvm_works():
    """The probe's answer, remembered until the host boots again."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    key = _boot_id()
    try:
        with open(CACHE, encoding="ascii") as file:
            remembered = json.load(file)
        if remembered["boot"] == key:
            return bool(remembered["works"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # no cache, or one that nobody can read: look again
    works = probe()
    os.makedirs(BUILD_ROOT, exist_ok=True)
    with open(CACHE, "w", encoding="ascii") as file:
        json.dump({"boot": key, "works": works, "at": int(time.time())}, file)
    return works


def choose(wanted, cores):
    """-accel's value and a few words that say why."""
    if wanted == "kvm" and not kvm_works():
        raise Refused("KVM did not run a 64-bit guest at speed here; use --accel tcg (or auto)")
    if wanted == "kvm" or (wanted == "auto" and kvm_works()):
        return "kvm", "KVM"
    host = len(os.sched_getaffinity(0))
    if cores > host:
        return "tcg,thread=single", f"TCG on one host thread ({cores} virtual cores, {host} of the host's)"
    return "tcg,thread=multi", "TCG with a host thread a core"
