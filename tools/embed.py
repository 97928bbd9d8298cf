#!/usr/bin/env python3
"""Writes an assembly file that puts a file's bytes into read-only data, between SYMBOL and SYMBOL_end.

    python3 tools/embed.py FILE OUT.S SYMBOL
"""
import os
import sys

path, out, symbol = sys.argv[1:]
with open(out, "w", encoding="utf-8") as file:
    file.write(f"""    .section .rodata
    .balign 64
    .globl {symbol}, {symbol}_end
{symbol}:
    .incbin "{os.path.abspath(path)}"
{symbol}_end:
    .section .note.GNU-stack, "", %progbits
""")
