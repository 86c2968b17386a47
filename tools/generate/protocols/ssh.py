# SPDX-License-Identifier: Apache-2.0
"""SSH as seen from outside: banners, key exchange, then opaque packets (RFC 4253)."""

import struct

_LISTS = ("curve25519-sha256,ecdh-sha2-nistp256", "rsa-sha2-256,ssh-rsa",
          "aes128-ctr,chacha20-poly1305@openssh.com", "aes128-ctr,chacha20-poly1305@openssh.com",
          "hmac-sha2-256", "hmac-sha2-256", "none", "none", "", "")


def banner(software):
    """The first line."""
    return f"SSH-2.0-{software}\r\n".encode()


def _packet(chance, payload):
    pad = 8 - (len(payload) + 5) % 8
    pad += 8 if pad < 4 else 0
    return struct.pack("!IB", len(payload) + pad + 1, pad) + payload + chance.bytes(pad)


def key_init(chance):
    """SSH_MSG_KEXINIT."""
    body = b"\x14" + chance.bytes(16)
    body += b"".join(struct.pack("!I", len(x)) + x.encode() for x in _LISTS)
    return _packet(chance, body + b"\0" * 5)


def key_exchange(chance):
    """The client's half of ECDH."""
    return _packet(chance, b"\x1e" + struct.pack("!I", 32) + chance.bytes(32))


def key_reply(chance):
    """The server's key, its half and its signature, then new keys."""
    def blob(raw):
        return struct.pack("!I", len(raw)) + raw

    kind = blob(b"ssh-rsa")
    host_key = kind + blob(b"\x01\0\x01") + blob(b"\0\xc3" + chance.bytes(255))
    signature = kind + blob(chance.bytes(256))
    body = b"\x1f" + blob(host_key) + blob(chance.bytes(32)) + blob(signature)
    return _packet(chance, body) + new_keys(chance)


def new_keys(chance):
    """SSH_MSG_NEWKEYS."""
    return _packet(chance, b"\x15")


def sealed(chance, size):
    """An encrypted packet of that size."""
    return chance.bytes(size)
