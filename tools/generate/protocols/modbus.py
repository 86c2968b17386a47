# SPDX-License-Identifier: Apache-2.0
"""Modbus/TCP."""

import struct

READ_HOLDING, WRITE_SINGLE = 3, 6


def _frame(transaction, unit, pdu):
    return struct.pack("!HHHB", transaction & 0xFFFF, 0, len(pdu) + 1, unit) + pdu


def read_request(transaction, unit, first, count):
    """Read holding registers."""
    return _frame(transaction, unit, struct.pack("!BHH", READ_HOLDING, first, count))


def read_response(transaction, unit, values):
    """Their values."""
    body = b"".join(struct.pack("!H", v) for v in values)
    return _frame(transaction, unit, bytes([READ_HOLDING, len(body)]) + body)


def refusal(transaction, unit, code):
    """An exception to a read."""
    return _frame(transaction, unit, bytes([READ_HOLDING | 0x80, code]))


def write(transaction, unit, register, value):
    """Write one register; the answer is the same bytes."""
    return _frame(transaction, unit, struct.pack("!BHH", WRITE_SINGLE, register, value))
