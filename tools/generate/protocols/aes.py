# SPDX-License-Identifier: Apache-2.0
"""
AES-128 with GCM (FIPS 197, SP 800-38D), enough to seal a QUIC Initial packet.

The keys of Initial packets are public by design (RFC 9001, section 5.2), so this code
guards nothing and need not hide its timing. The standard library has no AES.
"""

_POLYNOMIAL = 0xE1 << 120


def _double(value):
    value <<= 1
    return (value ^ 0x11B) & 0xFF if value & 0x100 else value


def _make_box():
    """The S-box: the inverse in GF(2^8), then the affine map."""
    box, p, q = [0] * 256, 1, 1
    while True:
        p = p ^ _double(p)
        q ^= q << 1
        q ^= q << 2
        q ^= q << 4
        q &= 0xFF
        q ^= 0x09 if q & 0x80 else 0
        spread = q ^ (q << 1 | q >> 7) ^ (q << 2 | q >> 6) ^ (q << 3 | q >> 5) ^ (q << 4 | q >> 4)
        box[p] = (spread & 0xFF) ^ 0x63
        if p == 1:
            break
    box[0] = 0x63
    return box


_BOX = _make_box()
_TWICE = [_double(value) for value in range(256)]
_ROWS = [0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11]


class Aes:
    """One key."""

    def __init__(self, key):
        words, constant = [list(key[i:i + 4]) for i in range(0, 16, 4)], 1
        for number in range(4, 44):
            word = list(words[-1])
            if number % 4 == 0:
                word = [_BOX[b] for b in word[1:] + word[:1]]
                word[0] ^= constant
                constant = _double(constant)
            words.append([a ^ b for a, b in zip(words[number - 4], word)])
        self.rounds = [sum(words[i:i + 4], []) for i in range(0, 44, 4)]

    def block(self, data):
        """Encrypt 16 bytes."""
        state = [a ^ b for a, b in zip(data, self.rounds[0])]
        for keys in self.rounds[1:-1]:
            state = [_BOX[state[i]] for i in _ROWS]
            state = [a ^ b for a, b in zip(_mix(state), keys)]
        return bytes(_BOX[state[i]] ^ key for i, key in zip(_ROWS, self.rounds[-1]))


def _mix(state):
    out = []
    for column in range(0, 16, 4):
        a, b, c, d = state[column:column + 4]
        every = a ^ b ^ c ^ d
        out += [a ^ every ^ _TWICE[a ^ b], b ^ every ^ _TWICE[b ^ c],
                c ^ every ^ _TWICE[c ^ d], d ^ every ^ _TWICE[d ^ a]]
    return out


def _shifts(value):
    """The hash key times each power of x, so that a product is a few exclusive ors."""
    out = []
    for _ in range(128):
        out.append(value)
        value = value >> 1 ^ _POLYNOMIAL if value & 1 else value >> 1
    return out


def _hash(shifts, data):
    total = 0
    for begin in range(0, len(data), 16):
        total ^= int.from_bytes(data[begin:begin + 16], "big")
        product = 0
        for place in range(128):
            if total >> (127 - place) & 1:
                product ^= shifts[place]
        total = product
    return total


def _padded(data):
    return data + b"\0" * (-len(data) % 16)


def seal(key, nonce, plain, extra):
    """GCM with a nonce of twelve bytes: the sealed bytes and the tag after them."""
    cipher = Aes(key)
    stream = b"".join(cipher.block(nonce + counter.to_bytes(4, "big"))
                      for counter in range(2, 3 + len(plain) // 16))
    sealed = bytes(a ^ b for a, b in zip(plain, stream))
    sizes = (len(extra) * 8).to_bytes(8, "big") + (len(sealed) * 8).to_bytes(8, "big")
    shifts = _shifts(int.from_bytes(cipher.block(b"\0" * 16), "big"))
    total = _hash(shifts, _padded(extra) + _padded(sealed) + sizes)
    mask = int.from_bytes(cipher.block(nonce + b"\0\0\0\1"), "big")
    return sealed + (total ^ mask).to_bytes(16, "big")
