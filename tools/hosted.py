"""A machine in a Linux process (platforms/hosted): its command line. It runs and ends as a QEMU does."""
import os
from dataclasses import dataclass

from .common import BUILD, ROOT, Refused

TARGET = "platforms/hosted/skerry_hosted"
PROGRAM = os.path.join(BUILD, TARGET)
MEMORY_PER_CORE = 64        # MB; of a flat machine, beside what the first core needs
MEMORY_BASE = 256
CORES_MOST = 64
# The contract suite on a machine in a process, hosted and simulated.
CONTRACT = os.path.join(ROOT, "test", "contract", "processes.py")
CONTRACT_TARGETS = [f"test/contract/contract_{platform}" for platform in ("hosted", "simulated")]


def shape_arguments(machine, cores, memory=None):
    """What the process is told of its machine: the first `cores` cores of `machine` and their nodes, or a flat one."""
    if not machine:
        megabytes = memory or MEMORY_BASE + MEMORY_PER_CORE * cores
        return ["--cores", ",".join(f"{core}:0" for core in range(cores)), "--node-memory", str(megabytes)]
    per_package = machine.cores_per_package
    shift = (per_package - 1).bit_length()
    packages = -(-cores // per_package)
    nodes = packages * machine.nodes // machine.packages if machine.nodes > 1 else 1
    places = []
    for core in range(cores):
        package, within = divmod(core, per_package)
        node = core * nodes // (packages * per_package)
        places.append(f"{package << shift | within}:{node}")
    whole, nodes = nodes * machine.memory_per_node, node + 1  # those behind the last core's lend theirs their memory
    distances = [",".join(str(machine.distance(one, other)) for other in range(nodes)) for one in range(nodes)]
    per_node = (memory or whole) // nodes
    return ["--cores", ",".join(places), "--package-shift", str(shift), "--distances", "/".join(distances),
            "--node-memory", str(per_node)]


ONLY_QEMU = ("gdb", "trace", "deterministic")


def check(asked, cores):
    """What only an emulated machine has is refused for one in a process."""
    for name in ONLY_QEMU:
        if getattr(asked, name):
            raise Refused(f"--{name} is for --platform x86_64")
    if asked.accel != "auto" or asked.firmware != "bios":
        raise Refused("--accel and --firmware are for --platform x86_64")
    if cores > CORES_MOST:
        raise Refused(f"--cores {cores}: a hosted machine has at most {CORES_MOST}")


def carriers(cores):
    """What the cores' threads run on, in words."""
    there = len(os.sched_getaffinity(0))
    if cores > there:
        return f"{cores} cores on the {there} of this host: their threads are not bound"
    return "each core's thread is bound to a core of this host"


@dataclass
class Guest:
    """What to run, and as what machine. Memory in MB."""
    cores: int = 1
    machine: object = None
    memory: int = None
    may_reboot: bool = False
    trace: object = None
    words: str = ""          # that a boot loader would tell the kernel

    program = PROGRAM
    brings_commands = False     # they are typed, as on any machine whose image holds none

    def command_line(self, _log, _backend=None):
        return [PROGRAM, *shape_arguments(self.machine, self.cores, self.memory), *self.told()]

    def told(self):
        return ["--command-line", self.words] if self.words else []
