"""./skerry bench capability: copy, mint, delete, retype and revoke of memory of which 1 to 10,000 things were made.

Deterministic runs, where a tick of the cycle counter is an instruction of any core. On one core: local operations, exact. On
--cores 2,4 (usual): memory that programs on all other cores hold, and of which those have made the things. Lines that monitors
write to each other are exact; instructions are those of all cores until the operation has returned, poll loops included.
"""
from . import bench, options, qemu

COMMAND = "run bench_capability"
USUAL_CORES, LEAST, MOST = "1,2,4", 1, 16


def measure(asked, make_image):
    bench.refuse(asked, "vs", "variants", "machine")
    counts = [options.whole_number("--cores", text, LEAST, MOST) for text in (asked.cores or USUAL_CORES).split(",")]
    seconds = options.seconds(asked.timeout)
    image = make_image(not asked.no_install)
    return [row for cores in counts for row in counted(image, cores, seconds)]


def counted(image, cores, seconds, most=None):
    """Rows of one deterministic run; of revokes those of at most `most` descendants."""
    guest = qemu.Guest(image, cores, icount=bench.EXACT_SHIFT)
    words = [COMMAND, "local" if cores == 1 else "remote", *([] if most is None or cores == 1 else [str(most)])]
    printed = bench.measure_exactly(guest, [" ".join(words), "poweroff"], seconds, f"bench capability on {cores} cores")
    return bench.rows_of(printed, "flat")
