# SPDX-License-Identifier: Apache-2.0
"""
TCP segments without payload, made fast enough for millions.

All that does not change from packet to packet is packed and summed once; per packet
there is one struct call and two short sums (RFC 1071 allows any order).
"""

import struct

from generate.packet import ETHER_IPV4, SYN, TCP, ethernet

_FRAME = struct.Struct("!14s4sH4sH4sIHHII2sHHH")
# What Mirai never scans, by first octet (its get_random_ip): the reserved, and the
# networks of General Electric, Hewlett-Packard, the US Postal Service and the US
# Department of Defense.
_NEVER = frozenset((0, 3, 6, 7, 10, 11, 15, 16, 21, 22, 26, 28, 29, 30, 33, 55, 56, 127, 214, 215,
                    *range(224, 256)))


def _words_sum(data):
    return sum(struct.unpack(f"!{len(data) // 2}H", data))


class SegmentMaker:
    """Segments from one source with fixed flags, window and options."""

    def __init__(self, source, link_mac, window=0, flags=SYN, options=b"", fragment=0):
        size = 20 + len(options)
        self.prefix = ethernet(link_mac, source.mac, ETHER_IPV4, b"")
        self.head = struct.pack("!BBH", 0x45, 0, 20 + size)
        self.middle = struct.pack("!HBB", fragment, source.ttl, TCP)
        self.source = source.ip
        self.control = struct.pack("!BB", (size // 4) << 4, flags)
        self.window = window
        self.options = options
        self.ip_sum = _words_sum(self.head + self.middle + source.ip)
        self.tcp_sum = _words_sum(source.ip + self.control + options) + TCP + size + window

    def make(self, target, ports, sequence, ident, answer=0):
        """One frame to the target, an address as a number."""
        high, low = target >> 16, target & 0xFFFF
        ip_check = 0xFFFF - (self.ip_sum + ident + high + low) % 0xFFFF
        total = (self.tcp_sum + high + low + ports[0] + ports[1] + (sequence >> 16)
                 + (sequence & 0xFFFF) + (answer >> 16) + (answer & 0xFFFF))
        return _FRAME.pack(self.prefix, self.head, ident, self.middle, ip_check, self.source,
                           target, ports[0], ports[1], sequence, answer, self.control,
                           self.window, 0xFFFF - total % 0xFFFF, 0) + self.options


def random_public(chance):
    """(address, 32 more random bits), the address one that a Mirai scanner would try."""
    while True:
        word = chance.word()
        address = word >> 32
        first, second = address >> 24, (address >> 16) & 0xFF
        if first in _NEVER:
            continue
        if first == 192 and second == 168 or first == 172 and 16 <= second < 32:
            continue
        if first == 100 and 64 <= second < 127 or first == 169 and second > 253:
            continue
        if first == 198 and 18 <= second < 20:
            continue
        return address, word & 0xFFFFFFFF
