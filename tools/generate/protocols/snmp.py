# SPDX-License-Identifier: Apache-2.0
"""SNMP version 2c (RFC 3416): GET of system objects and its answer."""

from generate.protocols.der import integer, sequence, tlv

SYS_DESCR = bytes.fromhex("06082b06010201010100")
SYS_NAME = bytes.fromhex("06082b06010201010500")
_NULL = b"\x05\0"


def _message(community, pdu, ident, bindings):
    body = integer(ident.to_bytes(4, "big")) + integer(b"\0") + integer(b"\0")
    return sequence(integer(b"\x01"), tlv(0x04, community.encode()),
                    tlv(pdu, body + sequence(*(sequence(*b) for b in bindings))))


def get(community, ident, *objects):
    """A GetRequest."""
    return _message(community, 0xA0, ident, [(o, _NULL) for o in objects or (SYS_DESCR,)])


def response(community, ident, values):
    """A GetResponse; values are (object, text)."""
    return _message(community, 0xA2, ident, [(o, tlv(0x04, v.encode())) for o, v in values])
