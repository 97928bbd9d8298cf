"""The `skerry` command of gdb. `./skerry boot --gdb` says how to load it; `help skerry` lists what there is."""
import os
import sys

import gdb

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

import cores        # noqa: E402
import rings        # noqa: E402

PROGRAMS = os.path.join(cores.ROOT, "build", "x86_64", "platforms", "x86_64", "archive")


class Skerry(gdb.Command):
    """The system as a whole: skerry cores | dispatchers | capabilities | rings | symbols.

All but `symbols` take a core's number and then tell of that core alone."""

    def __init__(self):
        super().__init__("skerry", gdb.COMMAND_DATA, prefix=True)


class Part(gdb.Command):
    """A subcommand about one core or all."""

    def __init__(self):
        super().__init__(f"skerry {self.word}", gdb.COMMAND_DATA)

    def invoke(self, argument, _from_tty):
        words = gdb.string_to_argv(argument)
        if len(words) > 1:
            raise gdb.GdbError(f"usage: skerry {self.word} {self.usage}")
        self.tell(*words)

    def each_core(self, text=None):
        if text is not None and not (text.isascii() and text.isdigit()):
            raise gdb.GdbError(f"skerry {self.word} {text}: not a core's number")
        return cores.each(None if text is None else int(text))


class Cores(Part):
    """One line a core: its thread, where its copy of the kernel lies, and who runs."""
    word, usage = "cores", "[CORE]"

    def tell(self, core=None):
        for one in self.each_core(core):
            runs = next((f"domain {each.label} {each.name}" for each in one.dispatchers() if each.running), "idle")
            print(f"core {one.number} thread {one.thread.num} kernel {one.image:#x} {runs}")


class Dispatchers(Part):
    """One line a dispatcher: domain, name, state, CPU time, upcalls, messages that wait, where it goes on."""
    word, usage = "dispatchers", "[CORE]"

    def tell(self, core=None):
        for one in self.each_core(core):
            for each in one.dispatchers():
                waiting = sum(int(endpoint["count"]) for endpoint in each.endpoints())
                place = f" at {each.ip:#x}" if each.ip is not None else ""
                print(f"core {one.number} domain {each.label} {each.name} {each.state} cpu {each.cpu_ns // 1000000} ms "
                      f"upcalls {each.upcalls} messages {waiting}{' poked' if each.poked else ''}{place}")


class Capabilities(Part):
    """How many capabilities of each type a core has; or, for a domain such as 1:4, each of its own."""
    word, usage = "capabilities", "[CORE | DOMAIN]"

    def tell(self, what=None):
        if what is None or ":" not in what:
            for one in self.each_core(what):
                print(f"core {one.number} " + " ".join(f"{name} {count}" for name, count in one.counts().items()))
            return
        for one in cores.each():
            for each in one.dispatchers():
                if each.label == what:
                    for capability in each.capabilities():
                        print(capability)
                    return
        raise gdb.GdbError(f"skerry capabilities {what}: there is no such domain")


class Rings(Part):
    """Messages on their way: the queues of endpoints, and the URPC channels that a domain holds the frame of."""
    word, usage = "rings", "[CORE]"

    def tell(self, core=None):
        for one in self.each_core(core):
            for each in one.dispatchers():
                who = f"core {one.number} domain {each.label} {each.name}"
                for endpoint in each.endpoints():
                    print(f"{who} endpoint token {int(endpoint['token']):#x} messages {int(endpoint['count'])} of "
                          f"{int(endpoint['capacity'])}")
                for base, side_a, side_b in rings.of(each):
                    for writer, reader in ((side_a, side_b), (side_b, side_a)):
                        print(f"{who} frame {base:#x} {rings.label(writer.writer)} -> {rings.label(reader.writer)} "
                              f"lines {writer.lines} sent {writer.sent} unread {writer.unread(reader)} "
                              f"writer {writer.words()}")


class Symbols(gdb.Command):
    """Adds the symbols of a program of the boot archive: skerry symbols PROGRAM. They hold where it runs."""

    def __init__(self):
        super().__init__("skerry symbols", gdb.COMMAND_FILES)

    def invoke(self, argument, _from_tty):
        path = os.path.join(PROGRAMS, argument)
        if "/" in argument or not argument or not os.path.isfile(path):
            raise gdb.GdbError(f"skerry symbols {argument}: there is no such program")
        gdb.execute(f"add-symbol-file {path}")


for command in (Skerry, Cores, Dispatchers, Capabilities, Rings, Symbols):
    command()
