# SPDX-License-Identifier: Apache-2.0
"""
QUIC version 1 (RFC 9000, RFC 9001): Initial packets that anybody can open, then noise.
"""

import hashlib
import hmac
import struct

from generate.protocols import tls
from generate.protocols.aes import Aes, seal

_SALT = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
_VERSION = 1
_DATAGRAM = 1200
_ACK_FIRST = b"\x02\0\0\0\0"


def _expand(secret, label, size):
    full = b"tls13 " + label
    info = struct.pack("!HB", size, len(full)) + full + b"\0\x01"
    return hmac.new(secret, info, hashlib.sha256).digest()[:size]


def initial_keys(connection, side):
    """(key, iv, header protection key) that follow from the client's first choice."""
    secret = hmac.new(_SALT, connection, hashlib.sha256).digest()
    secret = _expand(secret, side + b" in", 32)
    return (_expand(secret, b"quic key", 16), _expand(secret, b"quic iv", 12),
            _expand(secret, b"quic hp", 16))


def _header(first, target, source):
    return (struct.pack("!BIB", first, _VERSION, len(target)) + target + bytes([len(source)])
            + source)


def _crypto(message):
    return b"\x06\0" + struct.pack("!H", 0x4000 | len(message)) + message


def _initial(keys, ends, frames, size):
    """An Initial packet number 0, padded so that it has the given size."""
    key, iv, protection = keys
    head = _header(0xC3, *ends) + b"\0"
    left = size - len(head) - 2
    plain = frames.ljust(left - 4 - 16, b"\0")
    head += struct.pack("!H", 0x4000 | len(plain) + 20) + b"\0" * 4
    sealed = seal(key, iv, plain, head)
    mask = Aes(protection).block(sealed[:16])
    number = bytes(mask[1:5])
    return bytes([head[0] ^ mask[0] & 0x0F]) + head[1:-4] + number + sealed


def first_flight(chance, name):
    """(the client's first datagram, what the rest of the talk needs to know)."""
    target, source = chance.bytes(8), chance.bytes(8)
    hello = tls.quic_client_hello(chance, name, source)
    keys = initial_keys(target, b"client")
    return _initial(keys, (target, source), _crypto(hello), _DATAGRAM), (target, source)


def answer_flight(chance, ends):
    """The server's datagram: its Initial with ServerHello, then a Handshake packet."""
    target, source = ends
    chosen = chance.bytes(8)
    hello = tls.quic_server_hello(chance)
    frames = _ACK_FIRST + _crypto(hello)
    first = _initial(initial_keys(target, b"server"), (source, chosen), frames,
                     len(frames) + 64)
    return first + _handshake(chance, source, chosen, _DATAGRAM - len(first)), chosen


def _handshake(chance, target, source, size):
    head = _header(0xE0 | chance.below(16), target, source)
    return head + struct.pack("!H", 0x4000 | size - len(head) - 2) + chance.bytes(
        size - len(head) - 2)


def client_handshake(chance, source, chosen):
    """The client's Finished."""
    return _handshake(chance, chosen, source, 110) + short(chance, chosen, 40)


def short(chance, target, size):
    """A packet of the established connection: a connection id and noise."""
    return bytes([0x40 | chance.below(64)]) + target + chance.bytes(size)
