# SPDX-License-Identifier: Apache-2.0
"""
TLS records and handshakes as seen from outside (RFC 5246, RFC 8446).

Everything that a watcher can read is real: versions, suites, extensions, names,
certificates. What would be encrypted is filler.
"""

import struct

SSL3, TLS10, TLS11, TLS12, TLS13 = 0x0300, 0x0301, 0x0302, 0x0303, 0x0304
VERSIONS = {"ssl3": SSL3, "1.0": TLS10, "1.1": TLS11, "1.2": TLS12, "1.3": TLS13}
_HANDSHAKE, _CHANGE, _ALERT, _DATA = 22, 20, 21, 23
_GREASE = (0x0A0A, 0x1A1A, 0x2A2A, 0x3A3A, 0x4A4A, 0x5A5A, 0x6A6A, 0x7A7A)

# What the stacks offer: (suites, groups, signature schemes, ALPN).
STACKS = {
    "browser": ((0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC013,
                 0xC014, 0x009C, 0x009D, 0x002F, 0x0035), (29, 23, 24),
                (0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601),
                ("h2", "http/1.1")),
    "embedded": ((0xC02C, 0xC030, 0xC02B, 0xC02F, 0xC024, 0xC028, 0xC023, 0xC027, 0x009D, 0x009C,
                  0x003D, 0x003C, 0x0035, 0x002F, 0x00FF), (23, 24, 25),
                 (0x0603, 0x0601, 0x0503, 0x0501, 0x0403, 0x0401), ()),
    "quic": ((0x1301, 0x1302, 0x1303), (29, 23, 24),
             (0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601), ("h3",)),
    "modern-embedded": ((0x1302, 0x1303, 0x1301, 0xC02C, 0xC030, 0xCCA9, 0xC02B, 0xC02F),
                        (29, 23), (0x0403, 0x0503, 0x0804, 0x0401), ()),
    "old": ((0x0035, 0x002F, 0x000A, 0x0005, 0x0004), (23,), (), ()),
    "bot": ((0xC02F, 0xC02B, 0xC011, 0xC007, 0xC013, 0xC009, 0x002F, 0x0035, 0x000A),
            (23, 24, 25), (0x0401, 0x0403, 0x0501, 0x0503), ()),
}


def record(kind, payload, version=TLS12):
    """One record, or several when the payload is longer than one may be."""
    return b"".join(struct.pack("!BHH", kind, version, len(payload[i:i + 16384]))
                    + payload[i:i + 16384] for i in range(0, len(payload), 16384))


def _message(kind, body):
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def _extension(kind, body=b""):
    return struct.pack("!HH", kind, len(body)) + body


def _words(*values):
    return b"".join(struct.pack("!H", v) for v in values)


def _vector16(body):
    return struct.pack("!H", len(body)) + body


def _server_name(name):
    return _extension(0, _vector16(b"\0" + _vector16(name.encode())))


def _protocols(names):
    return _extension(16, _vector16(b"".join(bytes([len(n)]) + n.encode() for n in names)))


def _hello_extensions(chance, stack, name, version):
    suites, groups, schemes, protocols = STACKS[stack]
    grease = chance.pick(_GREASE) if stack == "browser" else None
    parts = [_extension(grease)] if grease else []
    if name:
        parts.append(_server_name(name))
    parts += [_extension(23), _extension(0xFF01, b"\0"), _extension(10, _vector16(_words(*groups))),
              _extension(11, b"\x01\0"), _extension(35)]
    if protocols:
        parts.append(_protocols(protocols))
    if schemes:
        parts.append(_extension(13, _vector16(_words(*schemes))))
    if 0x1301 in suites and version == TLS13:
        share = _words(29, 32) + chance.bytes(32)
        parts += [_extension(51, _vector16(share)), _extension(45, b"\x01\x01"),
                  _extension(43, b"\x04" + _words(TLS13, TLS12))]
    return b"".join(parts)


def client_hello(chance, name, stack="embedded", version=TLS12):
    """A ClientHello record. TLS 1.0 and before offer fewer things, SSL 3 no extensions."""
    suites = STACKS[stack][0]
    if stack == "browser":
        suites = (chance.pick(_GREASE), *suites)
    legacy = min(version, TLS12)
    session = chance.bytes(32) if version == TLS13 else b""
    body = struct.pack("!H", legacy) + chance.bytes(32) + bytes([len(session)]) + session
    body += _vector16(_words(*suites)) + b"\x01\0"
    if version > SSL3:
        body += _vector16(_hello_extensions(chance, stack, name, version))
    return record(_HANDSHAKE, _message(1, body), max(SSL3, min(version, TLS10)))


def quic_client_hello(chance, name, source):
    """The ClientHello message that a QUIC Initial carries; no record around it."""
    suites, groups, schemes, protocols = STACKS["quic"]
    share = _words(29, 32) + chance.bytes(32)
    idle, limit = b"\x01\x04" + b"\x80\0\x75\x30", b"\x04\x04" + b"\x80\xc0\0\0"
    parts = [_server_name(name), _extension(10, _vector16(_words(*groups))), _protocols(protocols),
             _extension(13, _vector16(_words(*schemes))), _extension(51, _vector16(share)),
             _extension(45, b"\x01\x01"), _extension(43, b"\x02" + _words(TLS13)),
             _extension(57, idle + limit + bytes([0x0F, len(source)]) + source)]
    body = struct.pack("!H", TLS12) + chance.bytes(32) + b"\0" + _vector16(_words(*suites))
    return _message(1, body + b"\x01\0" + _vector16(b"".join(parts)))


def quic_server_hello(chance):
    """The ServerHello message that answers it."""
    share = _words(29, 32) + chance.bytes(32)
    extensions = _extension(43, _words(TLS13)) + _extension(51, share)
    body = struct.pack("!H", TLS12) + chance.bytes(32) + b"\0" + struct.pack("!HB", 0x1301, 0)
    return _message(2, body + _vector16(extensions))


def _chosen_suite(stack, version):
    suites = STACKS[stack][0]
    if version == TLS13:
        return 0x1301 if 0x1301 in suites else suites[0]
    if version < TLS12:
        return 0x0035
    return next(s for s in suites if s in (0xC02B, 0xC02F, 0x009C, 0xC013))


def server_flight(chance, stack, version, certificates):
    """ServerHello and what follows it, down to where the server waits."""
    suite = _chosen_suite(stack, version)
    if version == TLS13:
        share = _words(29, 32) + chance.bytes(32)
        extensions = _extension(43, _words(TLS13)) + _extension(51, share)
        hello = _hello_body(chance, TLS12, suite, extensions)
        hidden = chance.bytes(700 + sum(len(c) for c in certificates))
        return (record(_HANDSHAKE, hello) + record(_CHANGE, b"\x01") + record(_DATA, hidden))
    extensions = _extension(0xFF01, b"\0") if version > SSL3 else b""
    chain = b"".join(len(c).to_bytes(3, "big") + c for c in certificates)
    flight = _hello_body(chance, version, suite, extensions)
    flight += _message(11, len(chain).to_bytes(3, "big") + chain)
    if suite & 0xFF00 == 0xC000:
        point = b"\x04" + chance.bytes(64)
        signed = _words(0x0403) + _vector16(b"\x30\x44\x02\x20" + b"\x7f" + chance.bytes(31)
                                            + b"\x02\x20" + b"\x7f" + chance.bytes(31))
        flight += _message(12, b"\x03" + _words(23) + bytes([len(point)]) + point + signed)
    return record(_HANDSHAKE, flight + _message(14, b""), version)


def _hello_body(chance, version, suite, extensions):
    session = chance.bytes(32)
    body = struct.pack("!H", version) + chance.bytes(32) + bytes([32]) + session
    body += struct.pack("!HB", suite, 0)
    return _message(2, body + (_vector16(extensions) if extensions else b""))


def client_finish(chance, stack, version):
    """The client's last handshake flight."""
    if version == TLS13:
        return record(_CHANGE, b"\x01") + record(_DATA, chance.bytes(53))
    if _chosen_suite(stack, version) & 0xFF00 == 0xC000:
        exchange = _message(16, bytes([65]) + b"\x04" + chance.bytes(64))
    else:
        secret = chance.bytes(256)
        exchange = _message(16, secret if version == SSL3 else _vector16(secret))
    return (record(_HANDSHAKE, exchange, version) + record(_CHANGE, b"\x01", version)
            + record(_HANDSHAKE, chance.bytes(40), version))


def server_finish(chance, version):
    """The server's last handshake flight."""
    if version == TLS13:
        return record(_DATA, chance.bytes(240))
    return record(_CHANGE, b"\x01", version) + record(_HANDSHAKE, chance.bytes(40), version)


def data(chance, size, version=TLS12):
    """Application data of about that size."""
    return record(_DATA, chance.bytes(size + 24), min(version, TLS12))


def close_notify(chance, version=TLS12):
    """An encrypted alert."""
    if version == TLS13:
        return record(_DATA, chance.bytes(19))
    return record(_ALERT, chance.bytes(26), version)
