"""Memory of the stopped machine: physical, whatever page tables are loaded, and through a domain's own tables.

x86-64: the walk is its page-table format.
"""
import contextlib
import struct

import gdb

PRESENT, LARGE, ADDRESS = 1, 1 << 7, 0x000f_ffff_ffff_f000
LEVELS = 4


@contextlib.contextmanager
def _physical():
    """QEMU's own packet: addresses are physical for a while."""
    answer = gdb.execute("maintenance packet Qqemu.PhyMemMode:1", to_string=True)
    if '"OK"' not in answer:
        raise gdb.GdbError("skerry: this is not QEMU's gdb server (or an old one): no physical memory to be had")
    try:
        yield
    finally:
        gdb.execute("maintenance packet Qqemu.PhyMemMode:0", to_string=True)


def physical(address, size):
    """Bytes of physical memory."""
    with _physical():
        return bytes(gdb.selected_inferior().read_memory(address, size))


def translate(root, address):
    """Physical address of user address `address` in the space with root table `root`, or None: not mapped."""
    table = root
    for level in range(LEVELS, 0, -1):
        shift = 12 + 9 * (level - 1)
        [entry] = struct.unpack("<Q", physical(table + (address >> shift & 511) * 8, 8))
        if not entry & PRESENT:
            return None
        table = entry & ADDRESS
        if level == 1 or (level < LEVELS and entry & LARGE):
            return (table & ~((1 << shift) - 1)) | (address & ((1 << shift) - 1))
    return None


def user(root, address, size):
    """Bytes of a domain's memory, or None if they are not all mapped."""
    found = b""
    while size > 0:
        part = min(size, 4096 - address % 4096)
        place = translate(root, address)
        if place is None:
            return None
        found += physical(place, part)
        address, size = address + part, size - part
    return found
