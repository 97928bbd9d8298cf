"""Facts for the knowledge base: what skb/facts.pl names, from a machine file."""
from . import machine as machines

MEBIBYTE = 1 << 20
FIRST_BASE = 1 << 32    # where the first node's memory begins in these facts; the nodes' memories follow each other


def facts(machine, cores=None):
    """One fact a line for the first `cores` cores of a machine, all of them running."""
    cores = machine.cores if cores is None else cores
    packages = -(-cores // machine.cores_per_package)
    nodes = packages if machine.nodes > 1 else 1
    lines = [f"package({package})." for package in range(packages)] + [f"node({node})." for node in range(nodes)]
    for core in range(cores):
        package = core // machine.cores_per_package
        lines += [f"core({core}, {package}, {package if nodes > 1 else 0}).", f"running({core})."]
    size = machine.memory_per_node * MEBIBYTE
    lines += [f"memory({node}, {FIRST_BASE + node * size}, {size}, ram)." for node in range(nodes)]
    lines += [f"node_distance({one}, {other}, {machine.distance(one, other)})."
              for one in range(nodes) for other in range(nodes)]
    return "\n".join(sorted(lines)) + "\n"


def facts_of(name, cores=None):
    return facts(machines.load(name), cores)


def messages(machine, cores=None, far=(600, 120), near=(200, 60)):
    """Made-up prices of messages between cores, (latency, occupancy) in cycles; one more hop adds a third."""
    cores = machine.cores if cores is None else cores
    lines = []
    for one in range(cores):
        for other in range(cores):
            here, there = one // machine.cores_per_package, other // machine.cores_per_package
            if one == other:
                continue
            hops = machine.hops_from(here)[there] if machine.nodes > 1 else int(here != there)
            latency, occupancy = near if here == there else (far[0] + 200 * (hops - 1), far[1])
            lines.append((f"message_latency({one}, {other}, {latency}).", f"message_occupancy({one}, {other}, {occupancy})."))
    return "\n".join([line for line, _ in lines] + [line for _, line in lines]) + "\n"


def ring_machine(packages, cores_per_package):
    """A made-up machine for sizes that no machine file has: packages on a ring, one node each."""
    made = machines.Machine(f"ring {packages}x{cores_per_package}", packages, 1, cores_per_package, packages, 1024)
    made.links = [(package, (package + 1) % packages) for package in range(packages)]
    made.distance_by_hops = [10 + 6 * hops for hops in range(packages // 2 + 1)]
    return made
