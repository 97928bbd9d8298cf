"""Mistakes made on purpose in what runs on booted cores (the patches in `booted/`), and whether a test on four of them finds
each. Patches are made into programs as mutants.py does it; then an image with that program instead of the right one
is booted. `# target:` says which program, `# run:` the command that must fail, `# says:` what it says then; `# threads: multi`
boots it with a host thread a core, for what only true races show.

    booted.py [NAME...]     all, or these; exit status 1 if one is missed"""
import contextlib
import glob
import io
import os
import re
import subprocess
import sys

import mutants

from tools import images, iso, qemu, session
from tools.common import STRIPPED_KERNEL

FOLDER = os.path.join(mutants.HERE, "booted")
CORES, SECONDS = 4, 240
TARGETS = {"cpudriver": "platforms/x86_64/cpudriver", "spanning": "platforms/x86_64/archive/spanning"}


def image_with(folder, name, program):
    """Today's image with one program of the archive replaced; the CPU driver is also what GRUB loads."""
    stripped = os.path.join(folder, name + ".stripped")
    subprocess.run(["strip", "--strip-debug", "-o", stripped, program], check=True)
    parts = images.archive_parts()
    parts[name] = stripped
    archive = images.make_archive(folder, parts)
    out = os.path.join(folder, "skerry.iso")
    iso.make(out, {"cpudriver": stripped if name == "cpudriver" else STRIPPED_KERNEL, "archive": archive})
    return out


def boot(image, command, threads):
    """(status, what it printed)"""
    output = io.BytesIO()
    status = session.run(qemu.Guest(image, CORES, accelerator=f"tcg,thread={threads}"), [command], SECONDS, output.write, print)
    return status, output.getvalue().decode(errors="replace")


def judge(path):
    """(caught, what was said)"""
    mutant = mutants.Mutant(path)
    tags = dict(re.findall(r"^# (target|run|says|threads): (.+)$", mutant.text, re.MULTILINE))
    try:
        target = TARGETS[tags["target"]]
        program = mutants.build(mutant, target, target + ".p/", lambda source, _: source in mutant.sources)
        status, text = boot(image_with(mutant.folder, tags["target"], program), tags["run"], tags.get("threads", "single"))
    except (ValueError, subprocess.SubprocessError) as problem:
        return False, str(problem)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.remove(os.path.join(mutant.folder, "skerry.iso"))
    failed = [line for line in text.splitlines() if "FAILED" in line]
    caught = status != 0 and any(tags["says"] in line for line in failed)
    return caught, f"status {status}: " + ("; ".join(failed) or "nothing failed")


def main(names):
    missed = 0
    for path in sorted(glob.glob(os.path.join(FOLDER, "*.patch"))):
        name = os.path.splitext(os.path.basename(path))[0]
        if names and name not in names:
            continue
        right, said = judge(path)
        missed += not right
        print(f"ok {name}\n  {name}: {said}" if right else f"not ok {name}: {said}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
