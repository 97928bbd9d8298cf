"""./skerry bench unmap: what it costs to take a page, or the right to write to it, from N cores that use it.

One QEMU with one host thread for each number of cores (and one more with --vs linux: Debian's kernel and mprotect and
munmap, held while the other is measured, by turns). On all cores but one both systems run the same loop: read the page,
PAUSE, repeat.
"""
import statistics

from . import bench, bench_message, build, linux, options, qemu

SYSTEMS = ("linux",)
USUAL_CORES, LEAST, MOST = "2,4,8", 2, 64
ROUNDS, SAMPLES = 3, 400        # of each system, and of each row in each: 1,200 in all
ALONE = 2000                    # without a comparison
# What is compared: our rows and Linux's.
PAIRS = (("protect", "mprotect"), ("unmap", "munmap"))


def measure(asked, make_image):
    bench.refuse(asked, "variants", "machine")
    if asked.vs is not None:
        options.check_choice("--vs", asked.vs, SYSTEMS)
    counts = [options.whole_number("--cores", text, LEAST, MOST, " (it takes two)") for text in (asked.cores or USUAL_CORES).split(",")]
    seconds = options.seconds(asked.timeout)
    image = make_image(not asked.no_install)
    rows = []
    if asked.vs is None:
        for cores in counts:
            what = f"bench unmap on {cores} cores"
            rows += bench.rows_of(bench.measure(qemu.Guest(image, cores), [f"run bench_unmap samples={ALONE}"], seconds, what), "flat")
        return rows
    kernel = linux.ensure_kernel(not asked.no_install)
    with build.lock():
        build.ninja([linux.PROGRAM_TARGET])
        initramfs = linux.ensure_initramfs()
    for cores in counts:
        rounds = versus(image, kernel, initramfs, cores, seconds)
        for line in report(rounds, cores):
            print(line)
        rows += [row for round_ in rounds for row in round_]
    print()
    return rows


def versus(image, kernel, initramfs, cores, seconds):
    """Rows of every round, Linux's and ours by turns."""
    one_thread = "tcg,thread=single"
    theirs = bench_message.System("linux", linux.LinuxGuest(kernel, initramfs, cores=cores, accelerator=one_thread, idle=""),
                                  f"flat cpu={linux.CPU} idle=halt", f"unmap {SAMPLES}", seconds)
    ours = bench_message.System("skerry", qemu.Guest(image, cores, accelerator=one_thread), f"flat cpu={qemu.CPU} idle=halt",
                                f"run bench_unmap samples={SAMPLES}", seconds)
    rounds = []
    try:
        for system in (theirs, ours):
            system.boot()
        for _ in range(ROUNDS):
            for system in (theirs, ours):
                rounds.append(system.measure())
    finally:
        for system in (theirs, ours):
            if system.session.qemu:
                system.session.qemu.go_on()
            system.session.close()
    for rows in rounds:
        for row in rows:
            row["experiment"] = "unmap"
    return rounds


def medians(rounds, variant, metric):
    return [int(row["median"]) for rows in rounds for row in rows if (row["variant"], row["metric"]) == (variant, metric)]


def report(rounds, cores):
    """How each of our variants compares with Linux's way: the middle of the rounds' medians."""
    variants = sorted({row["variant"] for rows in rounds for row in rows if row["system"] == "skerry"})
    for metric, theirs in PAIRS:
        linux_cycles = statistics.median(medians(rounds, theirs, metric))
        for variant in variants:
            found = medians(rounds, variant, metric)
            if found:
                cycles = statistics.median(found)
                yield (f"{metric} on {cores} cores, {variant}: {cycles:g} cycles, {theirs} {linux_cycles:g}: "
                       f"{cycles / linux_cycles:.2f} times (goal 1.0)")
