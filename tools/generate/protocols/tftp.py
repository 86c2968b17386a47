# SPDX-License-Identifier: Apache-2.0
"""TFTP (RFC 1350)."""

import struct


def read_request(name):
    """RRQ in octet mode."""
    return b"\0\x01" + name.encode() + b"\0octet\0"


def write_request(name):
    """WRQ in octet mode."""
    return b"\0\x02" + name.encode() + b"\0octet\0"


def data(block, payload):
    """DATA."""
    return struct.pack("!HH", 3, block & 0xFFFF) + payload


def acknowledgement(block):
    """ACK."""
    return struct.pack("!HH", 4, block & 0xFFFF)
