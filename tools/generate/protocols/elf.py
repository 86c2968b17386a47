# SPDX-License-Identifier: Apache-2.0
"""
Files that look like a bot's binary: a true ELF header and program header, then filler.

Nothing in them can run: the code segment is noise.
"""

import struct

# Name as in download paths: (machine, byte order, word flags).
MACHINES = {"mips": (8, ">", 0x1007), "mpsl": (8, "<", 0x1007), "arm": (40, "<", 0x202),
            "arm7": (40, "<", 0x4000002), "x86": (3, "<", 0), "ppc": (20, ">", 0),
            "sh4": (42, "<", 9), "m68k": (4, ">", 0), "spc": (2, ">", 0)}


def binary(chance, machine, size):
    """A 32-bit executable of that size with an inert body."""
    number, order, flags = MACHINES[machine]
    head = b"\x7fELF" + bytes([1, 1 if order == "<" else 2, 1, 0]) + b"\0" * 8
    head += struct.pack(order + "HHIIIIIHHHHHH", 2, number, 1, 0x8094, 52, 0, flags, 52, 32, 1,
                        40, 0, 0)
    head += struct.pack(order + "IIIIIIII", 1, 0, 0x8000, 0x8000, size, size, 5, 0x8000)
    return head + chance.bytes(max(0, size - len(head)))
