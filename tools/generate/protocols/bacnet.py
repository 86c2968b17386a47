# SPDX-License-Identifier: Apache-2.0
"""BACnet/IP: Who-Is, I-Am and ReadProperty of a present value."""

import struct

PORT = 47808


def _bvlc(function, npdu_apdu):
    return struct.pack("!BBH", 0x81, function, 4 + len(npdu_apdu)) + npdu_apdu


def who_is():
    """A global broadcast for everybody."""
    return _bvlc(0x0B, bytes.fromhex("0120ffff00ff1008"))


def i_am(instance, vendor=8):
    """The answer, as broadcast."""
    device = struct.pack("!I", 8 << 22 | instance)
    apdu = b"\x10\x00\xc4" + device + bytes.fromhex("2205c49103") + b"\x21" + bytes([vendor])
    return _bvlc(0x0B, bytes.fromhex("0120ffff00ff") + apdu)


def read_present_value(invoke, instance):
    """ReadProperty of analog-input present-value (85)."""
    apdu = bytes([0x00, 0x04, invoke, 0x0C, 0x0C]) + struct.pack("!I", instance) + b"\x19\x55"
    return _bvlc(0x0A, b"\x01\x04" + apdu)


def present_value(invoke, instance, value):
    """Its complex acknowledgement with a REAL."""
    apdu = bytes([0x30, invoke, 0x0C, 0x0C]) + struct.pack("!I", instance) + b"\x19\x55\x3e"
    return _bvlc(0x0A, b"\x01\x00" + apdu + b"\x44" + struct.pack("!f", value) + b"\x3f")
