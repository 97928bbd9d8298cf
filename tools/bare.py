"""LRPC's cycles beside those of the bare machine (test/bare): each booted in turn in the same QEMU configuration."""
import statistics
import tempfile
import threading

from . import bench, build, images, qemu
from .common import say

COMMAND = "run bench_message"
BARE_TARGET = "test/bare/bare_kernel"
# What LRPC touches on the other side beyond the bare kernel's own: the receiver's endpoint, dispatcher and page (kernel
# data); pages of its runtime's code and data.
SAME_PAGES = "kernel_data=3 user_code=2 user_data=2"
TURNS = 3
LRPC_ROWS = ("one_way", "one_way_handler")


def _bare(image, seconds):
    """The bare kernel's row."""
    with qemu.Qemu(qemu.Guest(image, 1)) as running:
        timer = threading.Timer(seconds, running.process.kill)
        timer.start()
        text = running.process.stdout.read().decode(errors="replace").replace("\r", "")
        timer.cancel()
    start = text.find("csv,")
    if start < 0:
        bench.fail(text, "the bare kernel printed no measurement")
    return bench.rows_of(text[start:], "flat")[0]


def _middle(rows):
    """The row whose median is in the middle."""
    wanted = statistics.median_low(int(row["median"]) for row in rows)
    return next(row for row in rows if int(row["median"]) == wanted)


def beside_bare(image, seconds):
    """LRPC's cycles and the bare machine's, each the middle of several boots; says their ratio."""
    build.ninja([BARE_TARGET])
    found = {name: [] for name in (*LRPC_ROWS, "bare")}
    with tempfile.TemporaryDirectory(prefix="skerry-bare-") as folder:
        bare = images.with_kernel(folder, BARE_TARGET, SAME_PAGES)
        for _ in range(TURNS):
            output = bench.measure(qemu.Guest(image, 1), [COMMAND], seconds, "bench message in cycles")
            for row in bench.rows_of(output, "flat"):
                if row["variant"] == "lrpc" and row["metric"] in LRPC_ROWS:
                    found[row["metric"]].append(row)
            found["bare"].append(_bare(bare, seconds))
    ratios = [int(ours["median"]) / int(bare["median"])
              for ours, bare in zip(found["one_way_handler"], found["bare"])]
    say(f"LRPC one way to the handler takes {statistics.median(ratios):.2f} x the bare machine's cycles "
        f"({min(ratios):.2f} to {max(ratios):.2f} in {TURNS} turns)")
    return [_middle(rows) for rows in found.values()]
