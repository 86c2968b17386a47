# SPDX-License-Identifier: Apache-2.0
"""
The classic pcap file, little-endian, microseconds, Ethernet.

The oldest form that every tool reads; nothing generated needs what pcapng adds.
"""

import struct

_MAGIC = 0xA1B2C3D4
_ETHERNET = 1
_SNAP = 262144
_BATCH = 4096


def write_capture(file, frames):
    """Write (microseconds since the epoch, frame) pairs; returns how many."""
    file.write(struct.pack("<IHHiIII", _MAGIC, 2, 4, 0, 0, _SNAP, _ETHERNET))
    pack = struct.Struct("<IIII").pack
    batch = []
    count = 0
    for moment, frame in frames:
        seconds, micros = divmod(moment, 1000000)
        size = len(frame)
        batch.append(pack(seconds, micros, size, size))
        batch.append(frame)
        count += 1
        if count % _BATCH == 0:
            file.write(b"".join(batch))
            batch.clear()
    file.write(b"".join(batch))
    return count


def read_capture(file):
    """Yield (microseconds, frame) pairs of a file made by write_capture."""
    file.read(24)
    while head := file.read(16):
        seconds, micros, size, _ = struct.unpack("<IIII", head)
        yield seconds * 1000000 + micros, file.read(size)
