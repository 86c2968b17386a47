# SPDX-License-Identifier: Apache-2.0
"""
A TCP conversation as a tap at the gateway would see it.

The caller says who says what and when; segmentation, acknowledgements, handshake and
end follow from it. The clock is the tap's: a side answers one "turn" after the tap saw
what it answers to, which is short for a host of the home and a round trip for one of
the internet.
"""

from dataclasses import dataclass

from generate.link import tcp_frame
from generate.packet import ACK, FIN, PSH, RST, SYN
from generate.timeline import ordered

CLIENT, SERVER = 0, 1
_WINDOW = 64240
_DELAYED_ACK = 40000
# Largest segment, SACK permitted, window scale 7; IPv6 leaves 20 bytes less for a segment.
_SYN_OPTIONS = {4: bytes.fromhex("020405b40402010303070101"),
                16: bytes.fromhex("020405a00402010303070101")}
_SEGMENT_MAX = {4: 1460, 16: 1440}
_SYN_TIMEOUTS = (0, 1000000, 3000000, 7000000)
_RETRANSMISSION = 210000
_FIRST_FLIGHT, _LARGEST_FLIGHT = 10, 320


@dataclass(frozen=True)
class Manner:
    """How the path and the stacks behave."""

    mss: int = 1460
    gap: int = 120           # microseconds between segments of one burst
    loss: float = 0.0        # share of segments seen twice
    reorder: float = 0.0     # share of segments seen after their successor


class Conversation:
    """One TCP connection; its frames in .timeline() once everything has been said."""

    def __init__(self, chance, client, server, ports, at, manner=Manner()):
        self.chance = chance.child("tcp", ports, at)
        self.hosts = (client, server)
        self.ports = (ports, ports[::-1])
        self.clock = at
        self.manner = manner
        self.family = len(client.ip)
        self.next = [self.chance.below(1 << 32), self.chance.below(1 << 32)]
        self.ident = [self.chance.below(65536), self.chance.below(65536)]
        self.owed = None
        self.flight = [_FIRST_FLIGHT, _FIRST_FLIGHT]
        self.frames = []

    def timeline(self):
        """Everything so far, in order of time."""
        self._settle()
        return ordered(self.frames)

    def _emit(self, side, flags, payload=b"", **how):
        at = how.get("at", self.clock)
        sequence = how.get("sequence", self.next[side])
        answer = self.next[1 - side] if flags & ACK else 0
        window = 0 if flags & RST else _WINDOW
        self.ident[side] = (self.ident[side] + 1) & 0xFFFF
        frame = tcp_frame(self.hosts[side], self.hosts[1 - side], self.ports[side],
                          (sequence, answer, flags, window), payload, how.get("options", b""),
                          ident=self.ident[side])
        self.frames.append((at, frame))
        return frame

    def _settle(self, speaker=None):
        """Send the acknowledgement that is owed, unless data about to go carries it."""
        if self.owed is None:
            return
        side, at = self.owed
        self.owed = None
        if speaker == side and self.clock <= at + _DELAYED_ACK:
            self.clock = max(self.clock, at)
            return
        self._emit(side, ACK, at=at)
        if self.clock < at:
            self.clock = at

    def open(self):
        """The three-way handshake."""
        options = _SYN_OPTIONS[self.family]
        self._emit(CLIENT, SYN, options=options)
        self.next[CLIENT] += 1
        self.clock += self.hosts[SERVER].turn
        self._emit(SERVER, SYN | ACK, options=options)
        self.next[SERVER] += 1
        self.clock += self.hosts[CLIENT].turn
        self._emit(CLIENT, ACK)
        return self

    def refused(self):
        """A SYN answered by a reset."""
        self._emit(CLIENT, SYN, options=_SYN_OPTIONS[self.family])
        self.next[CLIENT] += 1
        self.clock += self.hosts[SERVER].turn
        self._emit(SERVER, RST | ACK, sequence=0)
        return self

    def unanswered(self, tries=2):
        """A SYN, and its repetitions, into silence."""
        begin = self.clock
        for delay in _SYN_TIMEOUTS[:tries]:
            self.clock = begin + delay
            self._emit(CLIENT, SYN, options=_SYN_OPTIONS[self.family])
        return self

    def wait(self, microseconds):
        """Let time pass."""
        self._settle()
        self.clock += microseconds
        return self

    def until(self, moment):
        """Let time pass up to a moment, if that is still ahead."""
        self._settle()
        self.clock = max(self.clock, moment)
        return self

    def say(self, side, data, after=1000):
        """One side sends data some microseconds after the last thing that happened."""
        self.clock += after
        self._settle(speaker=side)
        size = min(self.manner.mss, _SEGMENT_MAX[self.family])
        pieces = [data[i:i + size] for i in range(0, len(data), size)]
        flown = 0
        for number, piece in enumerate(pieces):
            if number:
                self.clock += self.manner.gap
                flown = self._slow_start(side, flown + 1)
            self._segment(side, piece, number + 1 == len(pieces))
            self.next[side] += len(piece)
            if number % 2 and number + 1 < len(pieces):
                self._emit(1 - side, ACK, at=self.clock + self.hosts[1 - side].turn)
        self.owed = (1 - side, self.clock + self.hosts[1 - side].turn)
        return self

    def _slow_start(self, side, flown):
        """
        Each flight is twice the one before (RFC 5681), and waits for the first answer to
        that one; after the largest the line itself is what limits.
        """
        flight = self.flight[side]
        if flight >= _LARGEST_FLIGHT or flown < flight:
            return flown
        self.clock += max(0, self.hosts[1 - side].turn - flight * self.manner.gap)
        self.flight[side] = flight * 2
        return 0

    def _segment(self, side, piece, is_last):
        at = self.clock
        if not is_last and self.manner.reorder and self.chance.happens(self.manner.reorder):
            at += self.manner.gap + self.manner.gap // 2
        frame = self._emit(side, ACK | PSH if is_last else ACK, piece, at=at)
        if self.manner.loss and self.chance.happens(self.manner.loss):
            self.frames.append((at + _RETRANSMISSION, frame))

    def client(self, data, after=1000):
        """The client sends."""
        return self.say(CLIENT, data, after)

    def server(self, data, after=2000):
        """The server sends."""
        return self.say(SERVER, data, after)

    def close(self, side=CLIENT, after=500):
        """An orderly end, begun by one side."""
        self._settle()
        self.clock += after
        self._emit(side, FIN | ACK)
        self.next[side] += 1
        self.clock += self.hosts[1 - side].turn
        self._emit(1 - side, FIN | ACK)
        self.next[1 - side] += 1
        self.clock += self.hosts[side].turn
        self._emit(side, ACK)
        return self

    def reset(self, side=SERVER, after=500):
        """A rude end."""
        self._settle()
        self.clock += after
        self._emit(side, RST | ACK)
        return self
