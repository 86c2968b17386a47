# SPDX-License-Identifier: Apache-2.0
"""
X.509 certificates (RFC 5280) in DER, built by hand.

Where a certificate vouches for itself the signature is true, since readers check that;
elsewhere it is filler of the right shape, as no reader has the issuer's key.
"""

from datetime import datetime, timezone

from generate.protocols import ecdsa

_SHA256_ECDSA = bytes.fromhex("300a06082a8648ce3d040302")
_EC_P256 = bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107")
_COMMON_NAME, _ORGANISATION = bytes.fromhex("0603550403"), bytes.fromhex("060355040a")
_ALTERNATIVE, _CONSTRAINTS = bytes.fromhex("0603551d11"), bytes.fromhex("0603551d13")


def tlv(tag, content):
    """One element."""
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    raw = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(raw)]) + raw + content


def sequence(*parts):
    """SEQUENCE of elements."""
    return tlv(0x30, b"".join(parts))


def integer(raw):
    """A positive INTEGER from its big-endian bytes."""
    raw = raw.lstrip(b"\0") or b"\0"
    return tlv(0x02, b"\0" + raw if raw[0] & 0x80 else raw)


def distinguished_name(common, organisation=None):
    """CN, and O before it when there is one."""
    parts = [(_ORGANISATION, organisation)] if organisation else []
    parts.append((_COMMON_NAME, common))
    return sequence(*(tlv(0x31, sequence(oid, tlv(0x0C, value.encode()))) for oid, value in parts))


def moment(seconds):
    """UTCTime until 2049, GeneralizedTime from 2050 (RFC 5280, 4.1.2.5)."""
    when = datetime.fromtimestamp(seconds, timezone.utc)
    if when.year < 2050:
        return tlv(0x17, when.strftime("%y%m%d%H%M%SZ").encode())
    return tlv(0x18, when.strftime("%Y%m%d%H%M%SZ").encode())


def _extensions(names, is_authority):
    alternative = sequence(*(tlv(0x82, n.encode()) for n in names))
    constraints = sequence(tlv(0x01, b"\xff")) if is_authority else sequence()
    parts = [sequence(_ALTERNATIVE, tlv(0x04, alternative))] if names else []
    parts.append(sequence(_CONSTRAINTS, tlv(0x01, b"\xff"), tlv(0x04, constraints)))
    return tlv(0xA3, sequence(*parts))


def certificate(chance, subject, issuer, validity, names=()):
    """
    A certificate. subject and issuer are (common name, organisation), validity is
    (not before, not after) in seconds since the epoch. The same pair twice is what a
    self-signed one has.
    """
    secret = ecdsa.secret_of(chance.bytes(32)) if subject == issuer else None
    point = ecdsa.public(secret) if secret else b"\x04" + chance.bytes(64)
    key = sequence(_EC_P256, tlv(0x03, b"\0" + point))
    body = sequence(tlv(0xA0, integer(b"\x02")), integer(b"\x01" + chance.bytes(15)),
                    _SHA256_ECDSA, distinguished_name(*issuer),
                    sequence(moment(validity[0]), moment(validity[1])),
                    distinguished_name(*subject), key,
                    _extensions(names, not names))
    halves = ecdsa.sign(secret, body, chance.bytes(32)) if secret else \
        (b"\x7f" + chance.bytes(31), b"\x7f" + chance.bytes(31))
    signature = sequence(*(integer(half) for half in halves))
    return sequence(body, _SHA256_ECDSA, tlv(0x03, b"\0" + signature))
