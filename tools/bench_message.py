"""./skerry bench message: what a message costs, counted in the deterministic run."""
from . import bench, machine, options, qemu

COMMAND = "run bench_message"


def measure(asked, make_image):
    bench.refuse(asked, "vs", "variants")
    chosen = machine.load(asked.machine) if asked.machine is not None else None
    most, what = (chosen.cores, f" ({chosen.name} has no more)") if chosen else (options.CORES_MOST, "")
    counts = [options.cores(text, most, what) for text in (asked.cores or "1").split(",")]
    seconds = options.seconds(asked.timeout)
    image = make_image(not asked.no_install)
    rows = []
    for cores in counts:
        guest = qemu.Guest(image, cores, chosen, icount=bench.EXACT_SHIFT)
        what = f"bench message on {cores} cores"
        output = bench.measure(guest, [COMMAND], seconds, what)
        found = bench.rows_of(output, chosen.name if chosen else "flat")
        if not found:
            bench.fail(output, f"{what} printed no measurement")
        rows += found
    return rows
