"""Cores, their dispatchers and capabilities, read from each CPU driver's own objects.

Every core runs its own copy of the kernel at the same addresses, in page tables of its own: one symbol file serves all,
and which core a symbol means is decided by the thread (one a core) that is selected while it is read.
"""
import os
import re
import struct
from dataclasses import dataclass

import gdb

import memory

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
CORE = "&'skerry::platform::core_memory'"     # where the driver's object lies: all zero until it begins
MEMORY_LANE = 1             # Space::memory: where the derivation tree keeps RAM and what is made of it
CAPABILITY = struct.Struct("<BBBBIQQQ")     # type, rights, level, flags, badge, base, size, extra
SLOT = 64
SECOND_LEVEL = 256          # slots
RIGHTS = "rwxstRvc"         # by bit, as the shell's caps prints them
NAME_OFFSET, NAME_BYTES = 212, 32           # StartInfo::name (usr/runtime/start_info.hpp)


def _found_in(path, pattern):
    """What `pattern` finds in a source file: constants have one place, and the kernel's symbols lack them."""
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return re.findall(pattern, file.read())


def _number(path, name):
    return int(_found_in(path, rf"constexpr uint64_t {name} = ([0-9a-fx']+);")[0].replace("'", ""), 0)


TYPES = _found_in("capabilities/type.hpp", r'\{Type::\w+, "([^"]+)"')
ALIAS = _number("platforms/x86_64/platform/layout.hpp", "alias_base")       # of the RAM that a core owns
BOOT_INFO = _number("capabilities/interface/boot_info.hpp", "boot_info_address")
ENABLED_AREA = _number("capabilities/interface/dispatcher_page.hpp", "enabled_area_offset")
DISABLED_AREA = _number("capabilities/interface/dispatcher_page.hpp", "disabled_area_offset")


@dataclass
class Capability:
    """One filled slot of a capability space. `slot` is as the shell prints it."""
    slot: str
    type: str
    rights: int
    badge: int
    base: int
    size: int

    def __str__(self):
        rights = "".join(letter if self.rights >> bit & 1 else "-" for bit, letter in enumerate(RIGHTS))
        badge = f" badge {self.badge}" if self.badge else ""
        return f"{self.slot:9}{self.type:20}{self.base:#x} size {self.size:#x} rights {rights}{badge}"


def _slots(base, size):
    """(index, capability words) of the filled slots of the CNode at `base`."""
    data = memory.physical(base, size)
    for index in range(size // SLOT):
        words = CAPABILITY.unpack_from(data, index * SLOT)
        if words[0]:
            yield index, words


def _capability(slot, words):
    kind, rights, _, _, badge, base, size, _ = words
    return Capability(slot, TYPES[kind], rights, badge, base, size)


class Dispatcher:
    """One dispatcher, all of it read at once; the core's thread is selected meanwhile."""

    def __init__(self, core, pointer):
        value = pointer.dereference()
        value.fetch_lazy()
        self.value = value
        self.core = core.number
        self.domain = int(value["domain"]["value"])
        self.state = str(value["state"]).rsplit("::", 1)[-1]
        self.running = core.current == int(pointer)
        self.cpu_ns = int(value["schedule"]["cpu_time"])
        self.poked = bool(value["poked"])
        self.space = int(value["vspace"]["cap"]["base"])
        self.root_cnode = int(value["cspace"]["cap"]["base"]), int(value["cspace"]["cap"]["size"])
        self.upcalls, self.ip, self.startup = 0, None, 0
        if int(value["page"]):
            self._read_page(int(value["page"]), bool(value["saved_disabled"]))
        self.name = self._name()

    def _read_page(self, at, saved_disabled):
        page = _object("skerry::capabilities::DispatcherPage", at)
        self.upcalls, self.startup = int(page["upcalls"]), int(page["startup"])
        if self.running:
            self.ip = int(gdb.parse_and_eval("$pc"))
        else:
            saved = _object("skerry::platform::Registers", at + (DISABLED_AREA if saved_disabled else ENABLED_AREA))
            self.ip = int(saved["rip"])

    def _name(self):
        if self.startup:
            name = memory.user(self.space, self.startup + NAME_OFFSET, NAME_BYTES)
            return name.split(b"\0", 1)[0].decode("ascii", "replace") if name else "?"
        info = gdb.lookup_type("skerry::capabilities::BootInfo")
        field = next(field for field in info.fields() if field.name == "join_frame_size")
        data = memory.user(self.space, BOOT_INFO + field.bitpos // 8, 8)
        return "?" if data is None else "monitor" if any(data) else "init"

    @property
    def label(self):
        return f"{self.domain >> 32}:{self.domain & 0xffffffff}"

    def endpoints(self):
        """Bound endpoints, in the order of their list."""
        link_type = gdb.lookup_type("skerry::cpudriver::EndpointObject")
        offset = next(field for field in link_type.fields() if field.name == "bound_link").bitpos // 8
        head = self.value["endpoints"]["head_"]
        end, link = int(head.address), int(head["next"])
        while link not in (0, end):
            endpoint = _object("skerry::cpudriver::EndpointObject", link - offset)
            yield endpoint
            link = int(endpoint["bound_link"]["next"])

    def capabilities(self):
        """Every filled slot of its two-level capability space, in the order of the shell's `caps`."""
        if self.root_cnode[0] == 0:
            return
        for index, words in _slots(*self.root_cnode):
            if words[0] == TYPES.index("CNode"):
                for inner, inner_words in _slots(words[5], min(words[6], SECOND_LEVEL * SLOT)):
                    yield _capability(f"{index}:{inner}", inner_words)


def _object(kind, address):
    """The object of that type at that address of the selected core, read whole."""
    value = gdb.Value(address).cast(gdb.lookup_type(kind).pointer()).dereference()
    value.fetch_lazy()
    return value


class Core:
    """One core whose driver runs."""

    def __init__(self, thread, value):
        self.thread = thread
        self.value = value
        self.number = int(value["id_"]["value"])
        self.image = int(value["image_"]["value"])
        self.current = int(value["current_"])

    def counts(self):
        """{type name: how many capabilities of it} on this core."""
        counts = self.value["capabilities_"]["tree_"]["count_"]["_M_elems"]
        return {name: int(counts[number]) for number, name in enumerate(TYPES) if number and int(counts[number])}

    def dispatchers(self):
        """All dispatchers that anybody has a capability to, by domain."""
        lane = self.value["capabilities_"]["tree_"]["lanes_"]["_M_elems"][MEMORY_LANE]
        waiting, found = [lane["root_"]], {}
        while waiting:
            pointer = waiting.pop()
            if int(pointer) == 0:
                continue
            slot = pointer.dereference()
            slot.fetch_lazy()
            waiting += [slot["left"], slot["right"]]
            if int(slot["cap"]["type"]) == TYPES.index("Dispatcher"):
                found[int(slot["cap"]["base"])] = True
        kind = gdb.lookup_type("skerry::cpudriver::Dispatcher").pointer()
        all_of_them = [Dispatcher(self, gdb.Value(ALIAS + base).cast(kind)) for base in found]
        return sorted((one for one in all_of_them if one.domain), key=lambda one: one.domain)


def _here(thread):
    """The driver of the selected thread's core, or None while it has none."""
    try:
        value = gdb.parse_and_eval(CORE).cast(gdb.lookup_type("skerry::cpudriver::Core").pointer()).dereference()
        header = value["trace_"]["header"]
        alive = int(header["magic"][0]) != 0 and int(header["core"]) == int(value["id_"]["value"])
        return Core(thread, value) if alive else None
    except gdb.MemoryError:
        return None


def each(wanted=None):
    """Every core whose driver runs, or the one numbered `wanted`; its thread is selected while it is out."""
    inferior, before = gdb.selected_inferior(), gdb.selected_thread()
    threads = sorted(inferior.threads(), key=lambda thread: thread.num)
    if not threads:
        raise gdb.GdbError("skerry: no machine is attached (target remote localhost:PORT)")
    found = 0
    try:
        for thread in threads:
            thread.switch()
            core = _here(thread)
            if core and wanted in (None, core.number):
                found += 1
                yield core
    finally:
        before.switch()
    if found == 0:
        raise gdb.GdbError("skerry: no CPU driver runs yet" if wanted is None else f"skerry: there is no core {wanted}")
