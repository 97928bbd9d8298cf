"""Machines that nobody built: synthetic-PxC is P packages of C cores on a mesh as square as P allows, a node a package."""
import os
import re

from .common import BUILD_ROOT, Refused
from .machine import FOLDER

CORES_MOST = 4096
NAME = re.compile(r"synthetic-(\d{1,4})x(\d{1,4})")
LIKE = "2x64-server"        # what things cost on it, where nothing else follows from the shape
# By relation: a message's cycles, their range, messages a kcycle, their range; each hop adds two crossings of two transfers.
FARTHER = (("hop1", 560, "450..700", 3.3, "2.6..3.5"), ("hop2", 680, "540..900", 2.8, "2.2..2.9"),
           ("hop3", 800, "630..1100", 2.4, "1.9..2.45"))
FARTHEST = 250              # SLIT distances are bytes: from there on all are as far


def shape(name):
    """(packages, cores a package) of a synthetic machine's name, or None for any other name."""
    match = NAME.fullmatch(name)
    if not match:
        return None
    packages, cores = int(match[1]), int(match[2])
    if packages < 1 or cores < 1 or not 2 <= packages * cores <= CORES_MOST or packages > 1024:
        raise Refused(f"machine {name}: from 2 to {CORES_MOST} cores, in at most 1024 packages")
    return packages, cores


def columns(packages):
    """The most square mesh: the largest divisor up to the root."""
    return next(width for width in range(int(packages ** 0.5), 0, -1) if packages % width == 0)


def links(packages):
    width = columns(packages)
    for package in range(packages):
        if (package + 1) % width:
            yield package, package + 1
        if package + width < packages:
            yield package, package + width


def costs():
    """The cost lines of the machine that this one is like, without what depends on how far cores are apart."""
    with open(os.path.join(FOLDER, LIKE), encoding="utf-8") as file:
        return [line.rstrip() for line in file if line.startswith("cost ")
                and not re.match(r"cost (latency|rate)\.(package|hop\d)", line)]


def text(packages, cores):
    lines = [f"# {packages} packages of {cores} cores on a mesh {columns(packages)} wide; made by tools/synthetic.py.",
             f"packages = {packages}", "dies_per_package = 1", f"cores_per_die = {cores}", f"nodes = {packages}"]
    lines += [f"link = {one} {other}" for one, other in links(packages)]
    lines += ["distance_by_hops = " + " ".join(str(min(10 + 6 * hops, FARTHEST)) for hops in range(packages)), "memory_per_node = 128 MB"]
    for relation, latency, band, rate, rates in FARTHER:
        lines.append(f"cost latency.{relation} = {latency} {band} from unknown: as dies of a package on {LIKE}, and two hops more a hop")
        lines.append(f"cost rate.{relation} = {rate} {rates} from unknown: the ratio of Table 2's machines")
    return "\n".join([*lines, *costs()]) + "\n"


def ensure(name):
    """The path of the file that describes it."""
    folder = os.path.join(BUILD_ROOT, "machines")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text(*shape(name)))
    return path
