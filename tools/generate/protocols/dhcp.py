# SPDX-License-Identifier: Apache-2.0
"""DHCP for IPv4 (RFC 2131) and for IPv6 (RFC 8415)."""

import struct

DISCOVER, OFFER, REQUEST, ACK, NAK = 1, 2, 3, 5, 6
_COOKIE = b"\x63\x82\x53\x63"
_SMALLEST = 300

ADVERTISE, REPLY = 2, 7
INFORMATION_REQUEST = 11


def option(code, data):
    """One option."""
    return bytes([code, len(data)]) + data


def message(kind, transaction, mac, addresses, options):
    """
    A whole message. addresses is (ciaddr, yiaddr, siaddr) as bytes, options the encoded
    ones after the message type.
    """
    ciaddr, yiaddr, siaddr = addresses
    is_reply = kind in (OFFER, ACK, NAK)
    head = struct.pack("!BBBBIHH4s4s4s4s16s64s128s", 2 if is_reply else 1, 1, 6, 0, transaction, 0,
                       0, ciaddr, yiaddr, siaddr, b"\0" * 4, mac, b"", b"")
    body = head + _COOKIE + option(53, bytes([kind])) + options + b"\xff"
    return body.ljust(_SMALLEST, b"\0")


def client_options(fingerprint, mac):
    """The options by which a client is recognised: 61, 57, 60, 12, 161 and 55."""
    out = option(61, b"\x01" + mac) + option(57, struct.pack("!H", 1500))
    if fingerprint.get("vendor_class"):
        out += option(60, fingerprint["vendor_class"].encode())
    if fingerprint.get("hostname"):
        out += option(12, fingerprint["hostname"].encode())
    if fingerprint.get("mud_url"):
        out += option(161, fingerprint["mud_url"].encode())
    return out + option(55, bytes(fingerprint.get("parameters", [1, 3, 6, 15, 28])))


def lease_options(server, mask, lease, domain):
    """What a server hands out: itself as router and resolver."""
    return (option(54, server) + option(51, struct.pack("!I", lease)) + option(1, mask)
            + option(3, server) + option(6, server) + option(15, domain.encode()))


def option6(code, data):
    """One DHCPv6 option."""
    return struct.pack("!HH", code, len(data)) + data


def message6(kind, transaction, mac, options=b""):
    """A DHCPv6 message from a client whose DUID is its link-layer address."""
    head = struct.pack("!I", kind << 24 | transaction & 0xFFFFFF)
    duid = option6(1, struct.pack("!HH", 3, 1) + mac)
    elapsed = option6(8, b"\0\0") if kind not in (ADVERTISE, REPLY) else b""
    return head + duid + elapsed + options
