# SPDX-License-Identifier: Apache-2.0
"""CoAP (RFC 7252)."""

import struct

CONFIRMABLE, ACKNOWLEDGEMENT = 0, 2
GET, CONTENT = 0x01, 0x45
_URI_PATH, _CONTENT_FORMAT = 11, 12


def message(kind, code, ident, token, options=(), payload=b""):
    """A message; options are (number, bytes) in order."""
    out = struct.pack("!BBH", 0x40 | kind << 4 | len(token), code, ident) + token
    last = 0
    for number, value in options:
        out += _option(number - last, value)
        last = number
    return out + (b"\xff" + payload if payload else b"")


def _option(delta, value):
    size = len(value)
    nibble = size if size < 13 else 13
    return bytes([delta << 4 | nibble]) + (bytes([size - 13]) if size >= 13 else b"") + value


def get(ident, token, path):
    """A confirmable GET of a path."""
    options = [(_URI_PATH, part.encode()) for part in path.strip("/").split("/")]
    return message(CONFIRMABLE, GET, ident, token, options)


def content(ident, token, payload, form=50):
    """The piggybacked answer; 50 is JSON, 40 link-format."""
    return message(ACKNOWLEDGEMENT, CONTENT, ident, token, [(_CONTENT_FORMAT, bytes([form]))],
                   payload)
