#!/usr/bin/env python3
"""Writes Skerry's boot archive (the format is drawn in platforms/image/archive.hpp).

    python3 tools/archive.py OUT NAME=FILE...

The same names and contents give the same bytes, whatever the order of the arguments.
"""
import os
import struct
import sys
import zlib

MAGIC = b"SKERRYAR"
VERSION = 1
PAGE = 4096
HEADER_SIZE = 64
ENTRY_SIZE = 64
NAME_MAXIMUM = 31
ENTRIES_MAXIMUM = 256


def fail(message):
    print(f"archive.py: {message}", file=sys.stderr)
    sys.exit(2)


def padded(data):
    return data + bytes(-len(data) % PAGE)


def build(programs):
    """The archive's bytes for a dictionary of name (bytes) to contents (bytes)."""
    table_size = HEADER_SIZE + ENTRY_SIZE * len(programs)
    offset = table_size + -table_size % PAGE
    entries, bodies = [], []
    for name, contents in sorted(programs.items()):
        entries.append(struct.pack("<32sQQI12x", name, offset, len(contents), zlib.crc32(contents)))
        body = padded(contents)
        bodies.append(body)
        offset += len(body)
    table = struct.pack("<IQ36x", len(programs), offset) + b"".join(entries)
    header = MAGIC + struct.pack("<II", VERSION, zlib.crc32(table))
    return padded(header + table) + b"".join(bodies)


def read_programs(arguments):
    programs = {}
    for argument in arguments:
        name, separator, path = argument.partition("=")
        encoded = name.encode()
        if not separator or not name or not path:
            fail(f"'{argument}' is not NAME=FILE")
        if len(encoded) > NAME_MAXIMUM or not name.isprintable():
            fail(f"name '{name}' must be printable and at most {NAME_MAXIMUM} bytes")
        if encoded in programs:
            fail(f"name '{name}' is given twice")
        try:
            with open(path, "rb") as file:
                programs[encoded] = file.read()
        except OSError as problem:
            fail(f"cannot read '{path}': {problem.strerror}")
    if len(programs) > ENTRIES_MAXIMUM:
        fail(f"{len(programs)} entries are more than {ENTRIES_MAXIMUM}")
    return programs


def main(arguments):
    if not arguments:
        fail("usage: archive.py OUT NAME=FILE...")
    out = arguments[0]
    data = build(read_programs(arguments[1:]))
    partial = f"{out}.{os.getpid()}.partial"  # a build that is stopped leaves no half archive behind
    try:
        with open(partial, "wb") as file:
            file.write(data)
        os.replace(partial, out)
    except OSError as problem:
        if os.path.exists(partial):
            os.unlink(partial)
        fail(f"cannot write '{out}': {problem.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
