# SPDX-License-Identifier: Apache-2.0
"""NTP version 4 (RFC 5905) and the mode 7 query that amplifiers answer."""

import struct

_EPOCH = 2208988800


def _stamp(micros):
    seconds, rest = divmod(micros, 1000000)
    return struct.pack("!II", seconds + _EPOCH & 0xFFFFFFFF, (rest << 32) // 1000000)


def request(at):
    """A client's packet."""
    return struct.pack("!BBbb", 0x23, 0, 6, -20) + b"\0" * 36 + _stamp(at)


def response(asked, at):
    """A stratum 2 server's packet."""
    head = struct.pack("!BBbbII4s", 0x24, 2, 6, -23, 0x0210, 0x0480, b"\xc0\x00\x02\x7b")
    return head + _stamp(at - 64000000) + _stamp(asked) + _stamp(at) + _stamp(at + 20)


def monlist_request():
    """Mode 7, implementation 3, request 42: the last 600 clients."""
    return b"\x17\0\x03\x2a" + b"\0" * 188


def monlist_response(chance, sequence, more):
    """One of the many packets that answer it: six items of 72 bytes."""
    head = struct.pack("!BBBBHH", 0xD7 if more else 0x97, sequence, 3, 42, 6, 72)
    items = b"".join(struct.pack("!IIIII4s4sIHBB", 60, 600, 0, 0, 9, chance.bytes(4),
                                 chance.bytes(4), 0, 123, 3, 4).ljust(72, b"\0")
                     for _ in range(6))
    return head + items
