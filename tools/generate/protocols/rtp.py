# SPDX-License-Identifier: Apache-2.0
"""RTP packets (RFC 3550), STUN binding (RFC 5389)."""

import struct

_COOKIE = 0x2112A442


def packet(sequence, stamp, source, payload, kind=96, mark=False):
    """One RTP packet."""
    second = kind | (0x80 if mark else 0)
    return struct.pack("!BBHII", 0x80, second, sequence & 0xFFFF, stamp & 0xFFFFFFFF,
                       source) + payload


def binding_request(transaction):
    """A STUN question of twelve transaction bytes."""
    return struct.pack("!HHI", 1, 0, _COOKIE) + transaction


def binding_response(transaction, address, port):
    """Its answer with XOR-MAPPED-ADDRESS."""
    mixed = int.from_bytes(address, "big") ^ _COOKIE
    value = struct.pack("!BBHI", 0, 1, port ^ (_COOKIE >> 16), mixed)
    return (struct.pack("!HHI", 0x0101, 12, _COOKIE) + transaction
            + struct.pack("!HH", 0x0020, 8) + value)
