# SPDX-License-Identifier: Apache-2.0
"""MQTT 3.1.1 control packets."""

import struct

PINGREQ, PINGRESP, DISCONNECT = b"\xc0\0", b"\xd0\0", b"\xe0\0"
CONNACK = b"\x20\x02\0\0"


def _text(value):
    raw = value.encode()
    return struct.pack("!H", len(raw)) + raw


def _packet(first, body):
    size, out = len(body), b""
    while True:
        size, digit = size >> 7, size & 0x7F
        out += bytes([digit | (0x80 if size else 0)])
        if not size:
            return bytes([first]) + out + body


def connect(client, user=None, password=None, keepalive=60):
    """CONNECT, with credentials in the clear when they are given."""
    flags = 0x02 | (0x80 if user else 0) | (0x40 if password else 0)
    body = _text("MQTT") + struct.pack("!BBH", 4, flags, keepalive) + _text(client)
    return _packet(0x10, body + b"".join(_text(v) for v in (user, password) if v))


def subscribe(ident, topic):
    """SUBSCRIBE at quality 0."""
    return _packet(0x82, struct.pack("!H", ident) + _text(topic) + b"\0")


def suback(ident):
    """SUBACK granting quality 0."""
    return _packet(0x90, struct.pack("!H", ident) + b"\0")


def publish(topic, payload):
    """PUBLISH at quality 0."""
    return _packet(0x30, _text(topic) + payload.encode())
