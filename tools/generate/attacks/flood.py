# SPDX-License-Identifier: Apache-2.0
"""
Floods as Mirai's published source makes them: one vector a function from a target to a
frame, all under one clock. Rate and duration are the recipe's.
"""

import ipaddress
import struct

from generate import link, packet
from generate.attacks.raw import SegmentMaker
from generate.packet import ACK, PSH, SYN
from generate.protocols import dns, http
from generate.sessions import conversation
from generate.timeline import SECOND, overlapping

_VSE = b"\xff\xff\xff\xffTSource Engine Query\0"
# MSS, SACK permitted, timestamp, NOP, window scale 6: Mirai's SYN.
_SYN_TAIL = b"\x04\x02\x08\x0a"
_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/51.0.2704.103 Safari/537.36",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/52.0.2743.116 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_6) AppleWebKit/601.7.7 (KHTML, like Gecko) "
    "Version/9.1.2 Safari/601.7.7",
)


class Flood:
    """What every vector needs to know."""

    def __init__(self, scene, ask):
        self.home, self.chance = scene.home, ask.chance
        self.actor = ask.need_actor()
        self.target = ask.foe("to", "victim.example")
        self.port = ask.get("port", 0)
        self.size = ask.get("size", 512)
        self.domain = ask.get("domain", "victim.example")
        self.window = self.chance.below(65536)
        self.inner_source = self.chance.bytes(4)

    def ports(self):
        """Random source, and random destination unless the recipe has one."""
        word = self.chance.word()
        return 1024 + (word & 0x7FFF), self.port or 1 + (word >> 20) % 65535

    def ident(self):
        """A random IP identification."""
        return self.chance.below(65536)


def _udp(flood):
    return link.udp_frame(flood.actor, flood.target, flood.ports(), flood.chance.bytes(flood.size),
                          ident=flood.ident(), fragment=0)


def _udp_plain(flood):
    port = flood.port or 7777
    return link.udp_frame(flood.actor, flood.target, (40000 + port % 20000, port),
                          flood.chance.bytes(flood.size), ident=flood.ident())


def _vse(flood):
    ports = (flood.ports()[0], flood.port or 27015)
    return link.udp_frame(flood.actor, flood.target, ports, _VSE, ident=flood.ident(), fragment=0)


def _dns(flood):
    """Water torture: names that do not exist, through the home's own resolver."""
    query = dns.query(flood.ident(), f"{flood.chance.alnum(12)}.{flood.domain}")
    return link.udp_frame(flood.actor, flood.home.gateway, (flood.ports()[0], 53), query,
                          ident=flood.ident(), fragment=0)


def _syn_options(chance):
    mss = 1400 + (chance.below(16))
    stamp = struct.pack("!II", chance.below(1 << 32), 0)
    return struct.pack("!BBH", 2, 4, mss) + _SYN_TAIL + stamp + b"\x01\x03\x03\x06"


def _ack(flood):
    word = flood.chance.word()
    fields = (word >> 32, word & 0xFFFFFFFF, ACK, flood.window)
    return link.tcp_frame(flood.actor, flood.target, flood.ports(), fields,
                          flood.chance.bytes(flood.size), ident=flood.ident(), fragment=0)


def _inner(flood, outer_ident):
    """
    What GRE carries: a UDP packet between addresses that mean nothing. Its identification
    follows from the outer one by a habit of Mirai's that gives it away.
    """
    source, target = flood.inner_source, flood.chance.bytes(4)
    body = packet.udp(source, target, flood.ports(), flood.chance.bytes(flood.size))
    return packet.ipv4(source, target, packet.UDP, body, ident=~(outer_ident - 1000) & 0xFFFF)


def _gre_ip(flood):
    ident = flood.ident()
    body = packet.gre(packet.ETHER_IPV4, _inner(flood, ident))
    return link.ip_frame(flood.actor, flood.target, packet.GRE, body, ident=ident)


def _gre_eth(flood):
    ident = flood.ident()
    frame = packet.ethernet(flood.chance.bytes(6), flood.chance.bytes(6), packet.ETHER_IPV4,
                            _inner(flood, ident))
    return link.ip_frame(flood.actor, flood.target, packet.GRE, packet.gre(0x6558, frame),
                         ident=ident)


def _icmp(flood):
    """Echo requests without a pause, as ping -f sends; not one of Mirai's."""
    return link.echo(flood.actor, flood.target, flood.port, flood.ident())


_DATAGRAMS = {"udp": _udp, "udp-plain": _udp_plain, "vse": _vse, "ack": _ack, "gre-ip": _gre_ip,
              "gre-eth": _gre_eth, "icmp": _icmp}


def _steady(ask, make, rate):
    """A frame every so often until the end."""
    gap, begin, number = SECOND / rate, ask.at, 0
    while (moment := begin + int(number * gap)) < ask.end:
        yield moment, make()
        number += 1


def _syn_frames(flood, ask, rate):
    """SYNs by template: Mirai makes window (0) and options once and keeps them."""
    chance, target = flood.chance, int(ipaddress.ip_address(flood.target.address))
    gap, begin, number = SECOND / rate, ask.at, 0
    maker = SegmentMaker(flood.actor, flood.target.mac, flags=SYN, options=_syn_options(chance),
                         fragment=packet.DONT_FRAGMENT)
    while (moment := begin + int(number * gap)) < ask.end:
        word = chance.word()
        ports = (1024 + (word & 0x7FFF), flood.port or 1 + (word >> 48) % 65535)
        yield moment, maker.make(target, ports, (word >> 16) & 0xFFFFFFFF, word & 0xFFFF)
        number += 1


def _water_torture(flood, ask, rate):
    """Queries, and the resolver's answer that there is no such name."""
    gateway, waiting = flood.home.gateway, []
    for moment, frame in _steady(ask, lambda: _dns(flood), rate):
        while waiting and waiting[0][0] <= moment:
            yield waiting.pop(0)
        yield moment, frame
        payload = frame[42:]
        ports = struct.unpack("!HH", frame[34:38])
        told = payload[:2] + b"\x81\x83" + payload[4:]
        waiting.append((moment + 9000, link.udp_frame(gateway, flood.actor, ports[::-1], told)))
    yield from waiting


def _stomp(flood, ask, rate):
    """
    A real handshake first, to pass simple filters, then segments on its ports. As the
    source has it, the header claims eight words and the sequence number keeps 16 bits.
    """
    port = flood.port or 80
    talk = conversation(flood.home, flood.actor, flood.target, port, ask.at).open()
    yield from talk.timeline()
    sequence, answer = talk.next[1] - 1 & 0xFFFF, talk.next[0] & 0xFFFF
    for moment, _ in _steady(ask, lambda: None, rate):
        if moment <= talk.clock:
            continue
        fields = (sequence & 0xFFFF, answer, ACK | PSH, flood.window)
        data = flood.chance.bytes(flood.size)
        yield moment, link.tcp_frame(flood.actor, flood.target, talk.ports[0], fields, data[12:],
                                     options=data[:12], ident=flood.ident())
        sequence += 1


def _http(flood, ask, rate):
    """Many connections that each ask for the page a few times."""
    name, port = flood.domain, flood.port or 80
    page = http.response(200, [("Content-Type", "text/html")], b"<html>" + b"x" * 600)

    def one(moment):
        talk = conversation(flood.home, flood.actor, flood.target, port, moment).open()
        agent = flood.chance.pick(_AGENTS)
        for _ in range(3):
            talk.client(http.request("GET", "/", name, [
                ("Connection", "keep-alive"), ("User-Agent", agent),
                ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
                ("Accept-Language", "en-US,en;q=0.8")]))
            talk.server(page, after=flood.target.turn)
        return talk.close().timeline()
    return overlapping(one(moment) for moment, _ in _steady(ask, lambda: None, rate))


def flood(scene, ask):
    """
    One flood. vector is udp, udp-plain, vse, dns, syn, ack, stomp, gre-ip, gre-eth,
    icmp or http; the truth's topic is the vector and "-flood".
    """
    vector, rate = ask.need("vector"), ask.get("rate", 500)
    setting = Flood(scene, ask)
    target = scene.home.gateway if vector == "dns" else setting.target
    truth = scene.truth(f"{vector}-flood", "harm", f"{vector} flood, {rate} a second",
                        setting.actor, target)
    if vector == "syn":
        frames = _syn_frames(setting, ask, rate)
    elif vector in ("dns", "stomp", "http"):
        frames = {"dns": _water_torture, "stomp": _stomp, "http": _http}[vector](
            setting, ask, rate)
    else:
        make = _DATAGRAMS[vector]
        frames = _steady(ask, lambda: make(setting), rate)
    return truth.of(frames)


def victim_flood(scene, ask):
    """A device of the home under a SYN flood from many spoofed addresses."""
    target, rate = ask.host("to"), ask.get("rate", 300)
    port = ask.get("port", 80)
    truth = scene.truth("flood-victim", "notice", f"SYN flood against port {port}", None, target)

    def one():
        word = ask.chance.word()
        spoofed = scene.home.gateway.at(str(ipaddress.ip_address(
            (20 + (word >> 56) % 150) << 24 | (word & 0xFFFFFF))))
        return link.tcp_frame(spoofed, target, (1024 + (word >> 40) % 60000, port),
                              (word >> 8 & 0xFFFFFFFF, 0, SYN, 8192), ttl=50)
    return truth.of(_steady(ask, one, rate))


ACTIVITIES = {"flood": flood, "victim-flood": victim_flood}
