# SPDX-License-Identifier: Apache-2.0
"""DNS messages (RFC 1035) and the same format on multicast (RFC 6762)."""

import struct

A, CNAME, NULL, PTR, TXT, AAAA, SRV, OPT, ANY = 1, 5, 10, 12, 16, 28, 33, 41, 255
IN = 1
FLUSH = 0x8000
RESPONSE, AUTHORITATIVE, RECURSION, AVAILABLE = 0x8000, 0x0400, 0x0100, 0x0080
NO_SUCH_NAME = 3


def name(text):
    """A domain name as labels, uncompressed."""
    out = b""
    for label in text.rstrip(".").split("."):
        raw = label.encode()
        if not 0 < len(raw) < 64:
            raise ValueError(f"not a label: {label!r} in {text!r}")
        out += bytes([len(raw)]) + raw
    return out + b"\0"


def question(text, kind=A, cls=IN):
    """One question."""
    return name(text) + struct.pack("!HH", kind, cls)


def record(text, kind, data, ttl=300, cls=IN):
    """One resource record; data is its RDATA."""
    return name(text) + struct.pack("!HHIH", kind, cls, ttl, len(data)) + data


def txt(*strings):
    """TXT RDATA."""
    return b"".join(bytes([len(s)]) + s for s in (x.encode() if isinstance(x, str) else x
                                                  for x in strings))


def srv(port, target):
    """SRV RDATA."""
    return struct.pack("!HHH", 0, 0, port) + name(target)


def message(ident, flags, questions=(), answers=(), additional=()):
    """A whole message."""
    head = struct.pack("!HHHHHH", ident, flags, len(questions), len(answers), 0, len(additional))
    return head + b"".join(questions) + b"".join(answers) + b"".join(additional)


def query(ident, text, kind=A, edns=False):
    """What a stub resolver asks."""
    extra = [b"\0" + struct.pack("!HHIH", OPT, 1232, 0, 0)] if edns else []
    return message(ident, RECURSION, [question(text, kind)], additional=extra)


def answer(ident, text, records, kind=A, code=0):
    """What a forwarder answers."""
    flags = RESPONSE | RECURSION | AVAILABLE | code
    return message(ident, flags, [question(text, kind)], records)


def service_announcement(instance, service, host, port, details):
    """
    The unsolicited mDNS response of a service: PTR, SRV, TXT and A (RFC 6763).
    details is (address bytes, list of TXT strings).
    """
    address, strings = details
    full = f"{instance}.{service}.local"
    records = [record(f"{service}.local", PTR, name(full), ttl=4500),
               record(full, SRV, srv(port, f"{host}.local"), ttl=120, cls=IN | FLUSH),
               record(full, TXT, txt(*strings) or b"\0", ttl=4500, cls=IN | FLUSH),
               record(f"{host}.local", A, address, ttl=120, cls=IN | FLUSH)]
    return message(0, RESPONSE | AUTHORITATIVE, answers=records)


def service_query(*services):
    """An mDNS question for services."""
    return message(0, 0, [question(f"{s}.local", PTR) for s in services])
