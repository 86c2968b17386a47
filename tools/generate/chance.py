# SPDX-License-Identifier: Apache-2.0
"""
Chance that repeats.

Python's own generators may change between versions and tempt one to seed from the
clock. This one is a SplitMix64 whose state comes from SHA-256 over names, so an
activity's numbers depend on the recipe's name and seed and on its own place in the
recipe, never on what ran before it.
"""

import hashlib

_MASK = 0xFFFFFFFFFFFFFFFF
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ALNUM = _LETTERS + "0123456789"


class Chance:
    """A stream of numbers fixed by the names it was made from."""

    def __init__(self, *names):
        self.names = tuple(str(name) for name in names)
        digest = hashlib.sha256("\x1f".join(self.names).encode()).digest()
        self.state = int.from_bytes(digest[:8], "big")

    def child(self, *names):
        """An independent stream; drawing from it leaves this one alone."""
        return Chance(*self.names, *names)

    def word(self):
        """The next 64 bits (SplitMix64)."""
        self.state = (self.state + 0x9E3779B97F4A7C15) & _MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)

    def below(self, limit):
        """An integer from 0 up to but not including limit."""
        return (self.word() * limit) >> 64

    def between(self, low, high):
        """An integer from low to high, both included."""
        return low + self.below(high - low + 1)

    def real(self):
        """A number from 0 up to but not including 1."""
        return (self.word() >> 11) / 9007199254740992.0

    def happens(self, probability):
        """True with the given probability."""
        return self.real() < probability

    def pick(self, items):
        """One of the items."""
        return items[self.below(len(items))]

    def bytes(self, size):
        """That many bytes, cheap for large sizes."""
        return hashlib.shake_128(self.word().to_bytes(8, "big")).digest(size)

    def letters(self, size):
        """Lower-case letters."""
        return "".join(_LETTERS[self.below(26)] for _ in range(size))

    def alnum(self, size):
        """Lower-case letters and digits."""
        return "".join(_ALNUM[self.below(36)] for _ in range(size))

    def hex(self, size):
        """Hexadecimal digits."""
        return self.bytes((size + 1) // 2).hex()[:size]

    def jitter(self, value, share):
        """The integer value moved by at most that share of itself, either way."""
        reach = int(value * share)
        return value if reach <= 0 else value + self.between(-reach, reach)

    def port(self):
        """An ephemeral port, from the range that Linux uses."""
        return self.between(32768, 60999)

    def shuffled(self, items):
        """The items in another order."""
        items = list(items)
        for last in range(len(items) - 1, 0, -1):
            other = self.below(last + 1)
            items[last], items[other] = items[other], items[last]
        return items
