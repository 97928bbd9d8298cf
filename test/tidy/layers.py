"""Which folder may include which (DESIGN.md, section 2). `platform/` is the chosen platform's own include path."""
import re

from _tree import cpp, report, tracked

BASE, CONTRACT, IMAGE = "platforms/base", "platforms/contract", "platforms/image"
FIRMWARE, DEVICES = "platforms/firmware", "platforms/devices"
ISA = ("platforms/x86_64", "platforms/aarch64", "platforms/riscv64", "platforms/hosted", "platforms/simulated")

MODEL = "platforms/simulated/model"

# The longest prefix of a file's path decides; itself is always allowed.
MAY_INCLUDE = {
    BASE: (),
    CONTRACT: (BASE,),
    IMAGE: (BASE,),
    FIRMWARE: (BASE,),
    DEVICES: (BASE,),
    "capabilities": (BASE,),
    "cpudriver": (BASE, CONTRACT, IMAGE, "capabilities", "platform"),
    "urpc": (BASE,),
    "urpc/protocols": (BASE, "capabilities", "urpc"),  # what is said speaks of capabilities
    "usr": (BASE, IMAGE, FIRMWARE, DEVICES, "capabilities", "urpc", "usr", "platform"),
    "usr/runtime": (BASE, IMAGE, "capabilities", "urpc", "platform"),
    "monitor": (BASE, IMAGE, FIRMWARE, "capabilities", "urpc", "usr/runtime", "usr/spawn", "usr/memory", "platform"),
    "skb/service": (BASE, "capabilities", "urpc", "usr/runtime", "usr/console", "skb", "platform"),
    "skb": (BASE, FIRMWARE, "capabilities", "urpc", "usr/runtime", "platform"),
    **{isa: (BASE, CONTRACT, IMAGE, FIRMWARE, DEVICES, "capabilities", "cpudriver", "platform") for isa in ISA},
    # The user half of a platform is linked into programs.
    **{f"{isa}/{half}": (BASE, "capabilities", "platform") for isa in ISA for half in ("user", "platform/user")},
    # A machine in a process has its programs in that process, too: it starts them, and its user half is no assembly.
    **{host: (BASE, CONTRACT, IMAGE, FIRMWARE, DEVICES, "capabilities", "cpudriver", "usr/runtime", "platform")
       for host in ISA[3:]},
    # What is not about threads is the same in both.
    ISA[4]: (BASE, CONTRACT, IMAGE, FIRMWARE, DEVICES, "capabilities", "cpudriver", "usr/runtime", "platform", ISA[3]),
    **{f"{host}/user": (BASE, "capabilities", "usr/runtime", "platform", host) for host in ISA[3:]},
    # A model of a machine's timing knows the seam and fibers; what is measured on it knows what it measures.
    MODEL: (BASE, "platforms/simulated/access.hpp", "platforms/hosted/fiber.hpp"),
    f"{MODEL}/experiment": (BASE, "capabilities", "urpc", MODEL),
}
TOP = ("platforms", "capabilities", "cpudriver", "urpc", "monitor", "skb", "usr", "platform", "test")


def below(path, folder):
    return path.startswith(folder + "/")


def check_arrows(files):
    complaints = []
    for path, text in cpp(files):
        layers = [layer for layer in MAY_INCLUDE if below(path, layer)]
        if not layers:
            continue
        layer = max(layers, key=len)
        for number, line in enumerate(text.splitlines(), 1):
            match = re.match(r'\s*#\s*include\s*["<]([^">]+/[^">]+)[">]', line)
            if not match or match.group(1).split("/")[0] not in TOP:
                continue
            target = match.group(1)
            if not any(target == allowed or below(target, allowed) for allowed in (layer, *MAY_INCLUDE[layer])):
                complaints.append(f"{path}:{number}: {layer} must not include {target}")
    return complaints


def main():
    report("layers: includes follow the arrows", check_arrows(tracked()))


if __name__ == "__main__":
    main()
