"""Machines as data: reads platforms/machines/NAME and says it in QEMU's words."""
import os
import re
from dataclasses import dataclass, field

from .common import ROOT, Refused

FOLDER = os.path.join(ROOT, "platforms", "machines")
COST = re.compile(r"cost ([\w.]+) = (\d+(?:\.\d+)?)(?: +(\d+(?:\.\d+)?)\.\.(\d+(?:\.\d+)?))? +from (\S.*)")
NUMBERS = ("packages", "dies_per_package", "cores_per_die", "nodes")
BY_HOPS = ("distance_by_hops", "latency_by_hops", "bandwidth_by_hops")


@dataclass
class Machine:
    """One machine; memory in MB. Cores are numbered node by node where there is more than one."""
    name: str
    packages: int = 0
    dies_per_package: int = 0
    cores_per_die: int = 0
    nodes: int = 0
    memory_per_node: int = 0
    distance_by_hops: list = field(default_factory=list)
    latency_by_hops: list = field(default_factory=list)    # ns; empty: the firmware says nothing (HMAT)
    bandwidth_by_hops: list = field(default_factory=list)  # MiB a second
    links: list = field(default_factory=list)
    path: str = None                                       # of its file

    @property
    def cores_per_package(self):
        return self.dies_per_package * self.cores_per_die

    @property
    def cores(self):
        return self.packages * self.cores_per_package

    def hops_from(self, start):
        """Hops from node `start` to every node that links reach, counted along the shortest way."""
        hops, waiting = {start: 0}, [start]
        for near in waiting:  # grows while we walk it: breadth first
            for far in (end for link in self.links if near in link for end in link):
                if far not in hops:
                    hops[far] = hops[near] + 1
                    waiting.append(far)
        return hops

    def distance(self, one, other):
        """SLIT distance between two nodes."""
        return self.distance_by_hops[self.hops_from(one)[other]]

    def check(self):
        """Raises ValueError if the file's numbers contradict each other."""
        for key in (*NUMBERS, "memory_per_node"):
            if getattr(self, key) < 1:
                raise ValueError(f"'{key}' is missing or zero")
        if self.nodes != 1 and (self.nodes % self.packages or self.cores % self.nodes):
            raise ValueError("'nodes' must be 1 or a multiple of the packages that divides the cores")
        if self.cores > 255:
            raise ValueError("more than 255 cores")
        for link in self.links:
            if not all(0 <= end < self.nodes for end in link) or link[0] == link[1]:
                raise ValueError(f"link {link[0]} {link[1]} names no two nodes")
        for node in range(self.nodes):
            hops = self.hops_from(node)
            if len(hops) != self.nodes:
                raise ValueError(f"node {node} cannot reach every node by the links")
            if max(hops.values()) >= len(self.distance_by_hops):
                raise ValueError(f"'distance_by_hops' has no value for {max(hops.values())} hops")
        for key in BY_HOPS[1:]:
            if getattr(self, key) and len(getattr(self, key)) < len(self.distance_by_hops):
                raise ValueError(f"'{key}' has fewer values than 'distance_by_hops'")


def parse(name, text):
    """The Machine that `text` describes; ValueError with the line's number if it does not."""
    machine = Machine(name)
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("cost "):  # for the simulated machine alone, which judges it
            if not COST.fullmatch(line.rstrip()):
                raise ValueError(f"line {number}: a cost is 'cost KEY = VALUE [LOW..HIGH] from SOURCE'")
            continue
        line = line.split("#", 1)[0].strip()
        if not line:
            continue
        key, separator, value = (part.strip() for part in line.partition("="))
        try:
            if not separator:
                raise ValueError("no '='")
            if key in NUMBERS:
                setattr(machine, key, int(value))
            elif key == "link":
                one, other = (int(end) for end in value.split())
                machine.links.append((one, other))
            elif key in BY_HOPS:
                setattr(machine, key, [int(part) for part in value.split()])
            elif key == "memory_per_node":
                machine.memory_per_node = int(re.fullmatch(r"(\d+) MB", value).group(1))
            else:
                raise ValueError(f"unknown key '{key}'")
        except (ValueError, AttributeError) as problem:
            raise ValueError(f"line {number}: '{line}' is not understood ({problem})") from None
    machine.check()
    return machine


def names():
    return sorted(entry for entry in os.listdir(FOLDER) if "." not in entry)


def load(name):
    """One of platforms/machines by its name, or any other by its file's: that has a slash."""
    place = name if "/" in name else os.path.join(FOLDER, name)
    if name not in names() and not ("/" in name and os.path.isfile(place)):
        raise Refused(f"there is no machine '{name}'; there are: {' '.join(names())}, or a file whose name has a slash")
    try:
        with open(place, encoding="utf-8") as file:
            machine = parse(os.path.basename(name), file.read())
            machine.path = os.path.abspath(place)
            return machine
    except ValueError as problem:
        raise Refused(f"{os.path.relpath(place, ROOT)}: {problem}") from None


def attribute_arguments(machine, nodes):
    """What makes QEMU's firmware tables tell latency and bandwidth (HMAT); none if the machine's file does not."""
    arguments = []
    for key, kind, value in (("latency_by_hops", "access-latency", "latency={}"),
                             ("bandwidth_by_hops", "access-bandwidth", "bandwidth={}M")):
        by_hops = getattr(machine, key)
        for one in range(nodes if by_hops else 0):
            for other in range(nodes):
                said = value.format(by_hops[machine.hops_from(one)[other]])
                arguments += ["-numa", f"hmat-lb,initiator={one},target={other},hierarchy=memory,data-type={kind},{said}"]
    return ["-machine", "hmat=on"] + arguments if arguments else []


def qemu_arguments(machine, cores, memory=None, backend=lambda megabytes: f"memory-backend-ram,size={megabytes}M"):
    """-m, -smp and -numa for the first `cores` cores of `machine`, on the packages that hold them.

    `memory` in MB replaces the sum of the nodes' and is divided evenly. `backend` says what a node's memory is.
    """
    packages = -(-cores // machine.cores_per_package)
    present = packages * machine.cores_per_package
    nodes = packages * machine.nodes // machine.packages if machine.nodes > 1 else 1
    per_node = memory // nodes if memory else machine.memory_per_node
    smp = [f"{cores}", f"maxcpus={present}", f"sockets={packages}"]
    if machine.dies_per_package > 1:
        smp.append(f"dies={machine.dies_per_package}")
    smp += [f"cores={machine.cores_per_die}", "threads=1"]
    arguments = ["-m", f"{per_node * nodes}M", "-smp", ",".join(smp)]
    each = present // nodes
    prices = attribute_arguments(machine, nodes)
    for node in range(nodes):
        initiator = f",initiator={node}" if prices else ""
        arguments += ["-object", f"{backend(per_node)},id=m{node}", "-numa",
                      f"node,nodeid={node},cpus={node * each}-{node * each + each - 1},memdev=m{node}{initiator}"]
    for one in range(nodes):
        for other in range(nodes):
            arguments += ["-numa", f"dist,src={one},dst={other},val={machine.distance(one, other)}"]
    return arguments + prices
