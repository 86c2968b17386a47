# SPDX-License-Identifier: Apache-2.0
"""
Packets that no honest stack sends, though their checksums are right: what decoders and
reassembly have to survive and to name.
"""

from generate import packet
from generate.link import ip_frame, tcp_frame
from generate.packet import ACK, FIN, PSH, RST, SYN
from generate.scene import RecipeError


def _land(actor, target, chance):
    """Source and destination are the same (the "land" attack)."""
    ports = (80, 80)
    body = packet.tcp(target.ip, target.ip, ports, (chance.below(1 << 32), 0, SYN, 1024))
    inner = packet.ipv4(target.ip, target.ip, packet.TCP, body)
    return [packet.ethernet(target.mac, actor.mac, packet.ETHER_IPV4, inner)]


def _fragments(actor, target, chance, pieces):
    """pieces are (first byte, bytes, whether more follow), first bytes in eights."""
    ident = chance.below(65536)
    return [ip_frame(actor, target, packet.UDP, data, ident=ident,
                     fragment=begin // 8 | (packet.MORE_FRAGMENTS if more else 0))
            for begin, data, more in pieces]


def _tiny_fragments(actor, target, chance):
    """A datagram in pieces of eight bytes."""
    body = packet.udp(actor.ip, target.ip, (chance.port(), 161), chance.bytes(64))
    return _fragments(actor, target, chance, [(i, body[i:i + 8], i + 8 < len(body))
                                              for i in range(0, len(body), 8)])


def _overlapping_fragments(actor, target, chance):
    """The second fragment begins inside the first, with other bytes ("teardrop")."""
    body = packet.udp(actor.ip, target.ip, (chance.port(), 161), chance.bytes(120))
    return _fragments(actor, target, chance, [(0, body[:64], True), (40, chance.bytes(48), True),
                                              (88, body[88:], False)])


def _endless_fragment(actor, target, chance):
    """A last fragment whose end lies beyond 65535 ("ping of death")."""
    return _fragments(actor, target, chance, [(65528, chance.bytes(400), False)])


def _impossible_flags(actor, target, chance):
    """SYN and FIN together, then everything at once."""
    ports = (chance.port(), 80)
    return [tcp_frame(actor, target, ports, (chance.below(1 << 32), 0, flags, 1024))
            for flags in (SYN | FIN, SYN | RST, SYN | FIN | RST | PSH | ACK)]


def _short_header(actor, target, chance):
    """A TCP header that claims less than its own twenty bytes."""
    frame = tcp_frame(actor, target, (chance.port(), 80), (1, 0, SYN, 1024))
    body = bytearray(frame[34:])
    body[12], body[16:18] = 0x30, b"\0\0"
    total = packet.checksum(packet.pseudo_header(actor.ip, target.ip, 6, len(body)) + bytes(body))
    body[16:18] = total.to_bytes(2, "big")
    return [frame[:34] + bytes(body)]


def _source_route(actor, target, chance):
    """An IP option that names the way (loose source routing)."""
    body = packet.icmp(8, 0, b"\0\1\0\1", chance.bytes(24))
    return [ip_frame(actor, target, packet.ICMP, body, options=b"\x83\x07\x04" + target.ip + b"\0")]


_SHAPES = {"land": _land, "tiny-fragments": _tiny_fragments,
           "overlapping-fragments": _overlapping_fragments, "endless-fragment": _endless_fragment,
           "impossible-flags": _impossible_flags, "short-header": _short_header,
           "source-route": _source_route}


def odd_packets(scene, ask):
    """
    shapes names what is sent, in turn: land, tiny-fragments, overlapping-fragments,
    endless-fragment, impossible-flags, short-header, source-route.
    """
    actor, target = ask.need_actor(), ask.host("to")
    names, rounds = ask.get("shapes", list(_SHAPES)), ask.get("rounds", 3)
    truth = scene.truth("malformed-packets", "notice", "packets that no honest stack sends", actor,
                        target)
    moment, frames = ask.at, []
    for number in range(rounds * len(names)):
        name = names[number % len(names)]
        if name not in _SHAPES:
            raise RecipeError(f"odd-packets: no shape {name!r}")
        for frame in _SHAPES[name](actor, target, ask.chance):
            frames.append((moment, frame))
            moment += 400
        moment += 250000
    return truth.note(frames)


ACTIVITIES = {"odd-packets": odd_packets}
