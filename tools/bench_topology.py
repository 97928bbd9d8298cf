"""./skerry bench topology --plot FILE.svg: what the knowledge base says of a machine, and the tree that its rules choose, drawn.

x86_64 boots the machine and asks there; hosted and simulated give a machine file's facts to the knowledge base on this host,
the same sources.
"""
import os
import subprocess

from . import bench, build, machine, options, qemu, skb, synthetic, topology
from .common import BUILD, ROOT, Refused

HOST_TARGET = "test/skb/skb_host"
HERE = os.path.join(ROOT, "skb")
FILES = ("facts.pl", "words.pl", "rules/multicast.pl")
ROOT_CORE = 0
QUESTIONS = {"cores": "core(Core, Package, Node)", "distances": "node_distance(From, To, Distance)",
             "memory": "memory(Node, Base, Bytes, ram)", "tree": f"tree({ROOT_CORE}, Parent, Child, Turn)"}


def check(asked):
    """Refuses what cannot work: (machine or None, cores)."""
    options.check_platform(asked.platform, ("x86_64", "hosted", "simulated"))
    bench.refuse(asked, "variants", "vs", "csv")
    if asked.plot is None:
        raise Refused("bench topology draws: say --plot FILE.svg")
    folder = os.path.dirname(os.path.abspath(asked.plot))
    if not os.path.isdir(folder):
        raise Refused(f"--plot {asked.plot}: there is no folder {folder}")
    if os.path.isdir(asked.plot):
        raise Refused(f"--plot {asked.plot}: not a file")
    name = asked.machine
    if name is not None and asked.platform != "x86_64" and synthetic.shape(name):
        name = synthetic.ensure(name)
    chosen = machine.load(name) if name is not None else None
    if chosen is None and asked.platform != "x86_64":
        raise Refused(f"bench topology --platform {asked.platform} draws a machine file: say --machine M")
    if asked.cores is None:
        return chosen, chosen.cores if chosen else 4
    return chosen, options.cores(asked.cores, *((chosen.cores, f" ({chosen.name} has no more)") if chosen else ()))


def numbers(lines):
    """The rows of whole numbers among them."""
    rows = [line.split() for line in lines]
    return [tuple(int(word) for word in row) for row in rows if row and all(word.lstrip("-").isdigit() for word in row)]


def ask_here(chosen, cores):
    """The answers, by name, of the knowledge base on this host."""
    with build.lock():
        build.ninja([HOST_TARGET])
    commands = [f"load {os.path.join(HERE, name)}" for name in FILES]
    commands += [f"tell {fact.rstrip('.')}" for fact in skb.facts(chosen, cores).splitlines()]
    commands += [f"ask {goals}" for goals in QUESTIONS.values()]
    done = subprocess.run([os.path.join(BUILD, HOST_TARGET), "64"], input="\n".join(commands) + "\n", capture_output=True,
                          text=True, timeout=60, check=False)
    blocks, block = [], []
    for line in done.stdout.splitlines():
        if line.startswith("time "):
            blocks.append(block)
            block = []
        else:
            block.append(line)
    if len(blocks) != len(commands) or ["error"] in blocks:
        bench.fail(done.stderr[-400:], "the knowledge base did not answer")
    return dict(zip(QUESTIONS, map(numbers, blocks[-len(QUESTIONS):])))


def ask_booted(asked, chosen, cores, make_image):
    """The same of the booted one, at the shell."""
    image = make_image(not asked.no_install)
    guest = qemu.Guest(image, cores, chosen)
    return {name: numbers(bench.measure(guest, [f"skb '{goals}'"], options.seconds(asked.timeout),
                                        f"bench topology: {goals}").splitlines()) for name, goals in QUESTIONS.items()}


def draw(answers, title):
    cores = answers["cores"]
    memory = {}
    for node, _, size in answers["memory"]:
        memory[node] = memory.get(node, 0) + size
    return topology.svg(title, ROOT_CORE, cores, {(one, other): far for one, other, far in answers["distances"]},
                        answers["tree"], memory)


def run(asked, make_image):
    chosen, cores = check(asked)
    try:
        answers = ask_booted(asked, chosen, cores, make_image) if asked.platform == "x86_64" else ask_here(chosen, cores)
    except bench.Failed as failure:
        return failure.status
    name = chosen.name if chosen else "a flat machine"
    where = "booted" if asked.platform == "x86_64" else "its file"
    reached = {child for _, child, _ in answers["tree"]} | {ROOT_CORE}
    title = f"{name} ({where}), {len(answers['cores'])} cores: tree({ROOT_CORE}, Parent, Child, Turn)"
    with open(asked.plot, "w", encoding="utf-8") as file:
        file.write(draw(answers, title))
    print(f"{asked.plot}: {len(answers['cores'])} cores, {len({package for _, package, _ in answers['cores']})} packages, "
          f"{len(answers['tree'])} edges, {len(reached)} cores reached")
    return 0 if len(reached) == len(answers["cores"]) else 1
