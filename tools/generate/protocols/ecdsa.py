# SPDX-License-Identifier: Apache-2.0
"""
ECDSA with SHA-256 on the curve P-256 (FIPS 186-4), for certificates that vouch for
themselves. Neither fast nor safe against anybody who measures time, and used for keys
that protect nothing.
"""

import hashlib

_P = (1 << 256) - (1 << 224) + (1 << 192) + (1 << 96) - 1
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
      0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def _add(one, other):
    """The sum of two points; None is the point at infinity."""
    if one is None or other is None:
        return other if one is None else one
    if one[0] == other[0] and (one[1] + other[1]) % _P == 0:
        return None
    if one == other:
        slope = 3 * (one[0] * one[0] - 1) * pow(2 * one[1], -1, _P)
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, _P)
    x = (slope * slope - one[0] - other[0]) % _P
    return x, (slope * (one[0] - x) - one[1]) % _P


def _times(number, point):
    total = None
    while number:
        if number & 1:
            total = _add(total, point)
        point = _add(point, point)
        number >>= 1
    return total


def secret_of(raw):
    """A private key from 32 bytes of chance."""
    return 1 + int.from_bytes(raw, "big") % (_N - 1)


def public(secret):
    """The public key as an uncompressed point."""
    x, y = _times(secret, _G)
    return b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big")


def sign(secret, message, raw):
    """The two halves of a signature, big-endian; raw is 32 bytes of chance."""
    once = secret_of(raw)
    r = _times(once, _G)[0] % _N
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    s = pow(once, -1, _N) * (digest + r * secret) % _N
    return r.to_bytes(32, "big"), s.to_bytes(32, "big")
