# SPDX-License-Identifier: Apache-2.0
"""Scans: of the internet, of the home, from the internet; wide, deep, slow, by UDP."""

import ipaddress

from generate import link
from generate.attacks.implied import answers_outside, note_all, sweeps
from generate.attacks.raw import SegmentMaker, random_public
from generate.home import Host
from generate.packet import ACK, PSH, RST, SYN
from generate.protocols import coap, dns, ntp, snmp, ssdp
from generate.timeline import SECOND, ordered

_UDP_PROBES = {53: dns.query(1, "version.bind.example"), 123: ntp.request(0),
               161: snmp.get("public", 1), 1900: ssdp.search("ssdp:all"),
               5683: coap.get(1, b"\x01", ".well-known/core"), 5353: dns.service_query("_x._tcp")}
_SYN_OPTIONS = bytes.fromhex("020405b4")


def syn_scan(scene, ask):
    """
    SYNs to random addresses of the internet. ports lists what is tried, equally often
    unless repeated; sequence "destination" is what Mirai does; answered and refused are
    shares of the targets that react. The scanner never completes a handshake here.
    """
    actor = ask.need_actor()
    mirai = ask.get("sequence", "random") == "destination"
    topic = ask.get("detection", "mirai-scan" if mirai else "tcp-scan-outside")
    ports = ask.get("ports", [23])
    what = f"SYNs to random addresses, ports {sorted(set(ports))}"
    truth = scene.truth(topic, ask.get("verdict", "harm"), what, actor)
    return truth.of(_syn_scan(scene.home, ask, (actor, ports, mirai), _shares(ask)))


def _shares(ask):
    return ask.get("answered", 0.0), ask.get("refused", 0.0)


def _syn_scan(home, ask, how, shares):
    actor, ports, mirai = how
    chance, gap = ask.chance, SECOND / ask.get("rate", 40)
    limit = ask.get("count", 1 << 62)
    maker = SegmentMaker(actor, home.gateway.mac, window=chance.below(65535))
    source, reacting, total = chance.port(), sum(shares), len(ports)
    pending, number, begin, end = [], 0, ask.at, ask.end
    while number < limit:
        moment = begin + int(number * gap)
        if moment >= end:
            break
        while pending and pending[0][0] <= moment:
            yield pending.pop(0)
        target, bits = random_public(chance)
        port = ports[number % total]
        sequence = target if mirai else (bits * 2654435761) & 0xFFFFFFFF
        yield moment, maker.make(target, (source, port), sequence, bits & 0xFFFF)
        if reacting and chance.real() < reacting:
            refused = chance.real() * reacting < shares[1]
            pending += _reaction(home, actor, (target, port, source), (moment, sequence), refused)
            pending.sort(key=lambda item: item[0])
        number += 1
    yield from pending


def _reaction(home, actor, where, when, refused):
    """A SYN-ACK (which the scanner's kernel, knowing nothing of it, resets) or a reset."""
    target, port, source = where
    moment, sequence = when
    other = home.stranger(str(ipaddress.ip_address(target)))
    at = moment + other.turn
    if refused:
        return [(at, link.tcp_frame(other, actor, (port, source), (0, sequence + 1, RST | ACK, 0)))]
    mine = (target * 40503) & 0xFFFFFFFF
    told = (mine, sequence + 1, SYN | ACK, 14600)
    return [(at, link.tcp_frame(other, actor, (port, source), told, options=_SYN_OPTIONS)),
            (at + actor.turn, link.tcp_frame(actor, other, (source, port),
                                             (sequence + 1, 0, RST, 0)))]


def _probe(actor, target, ports, chance, is_open):
    """A SYN to a host that is there, and what comes of it."""
    sequence, mine, turn = chance.below(1 << 32), chance.below(1 << 32), target.turn
    frames = [(0, link.tcp_frame(actor, target, ports, (sequence, 0, SYN, 1024),
                                 options=_SYN_OPTIONS, ident=chance.below(65536)))]
    back = ports[::-1]
    if not is_open:
        frames.append((turn, link.tcp_frame(target, actor, back, (0, sequence + 1, RST | ACK, 0))))
        return frames
    frames.append((turn, link.tcp_frame(target, actor, back, (mine, sequence + 1, SYN | ACK, 14600),
                                        options=_SYN_OPTIONS)))
    frames.append((turn + actor.turn, link.tcp_frame(actor, target, ports,
                                                     (sequence + 1, 0, RST, 0))))
    return frames


def home_scan(scene, ask):
    """
    A device tries ports on the addresses of its own subnet: ARP first, then SYNs to those
    who are there. open maps device names to their open ports.
    """
    actor, home = ask.need_actor(), scene.home
    ports, gap = ask.get("ports", [23]), SECOND / ask.get("rate", 10)
    numbers = range(ask.get("first", 1), ask.get("last", 254) + 1)
    opened = ask.get("open", {})
    topic = ask.get("detection", "tcp-scan-inside")
    truth = scene.truth(topic, ask.get("verdict", "harm"), f"SYNs inside the home, ports {ports}",
                        actor)
    swept = sweeps(scene, actor, ask.get("rate", 10))
    present = _present(home)
    frames, source, moment = [], ask.chance.port(), ask.at
    for number in numbers:
        address = home.neighbour(number)
        if address == actor.ip:
            continue
        moment += int(gap)
        target = present.get(address)
        frames += note_all(_who_has(actor, address, target, moment), swept)
        for port in ports if target else ():
            is_open = port in opened.get(target.name, [])
            frames += [(moment + 2000 + t, f) for t, f in
                       _probe(actor, target, (source, port), ask.chance, is_open)]
            moment += int(gap)
    return truth.note(ordered(frames))


def _present(home):
    return {host.ip: host for host in [home.gateway, *home.devices.values()]}


def _who_has(actor, address, target, moment):
    """An ARP request, and the answer of the target if there is one."""
    frames = [(moment, link.arp_request(actor, address))]
    if target is not None:
        frames.append((moment + target.turn // 2, link.arp_reply(target, actor)))
    return frames


def port_scan(scene, ask):
    """Many ports of one host: from a device, or from the internet with from."""
    home, target = scene.home, ask.host("to")
    actor = ask.foe("from", None) if ask.get("from") else ask.need_actor()
    first, last = ask.get("first_port", 1), ask.get("last_port", 1024)
    opened, gap = set(ask.get("open", [80])), SECOND / ask.get("rate", 200)
    truth = scene.truth("port-scan", "harm", f"ports {first} to {last} of {target.name}", actor,
                        target)
    source, outside = ask.chance.port(), answers_outside(scene, actor, target, "an open port")
    frames = [] if actor.remote else link.arp_exchange(actor, target, ask.at)
    for number, port in enumerate(ask.chance.shuffled(range(first, last + 1))):
        moment = ask.at + 2000 + int(number * gap)
        made = [(moment + t, f) for t, f in
                _probe(actor, target, (source, port), ask.chance, port in opened)]
        frames += note_all(made, outside if port in opened else None)
    return truth.note(ordered(frames))


def udp_scan(scene, ask):
    """Well-known UDP ports tried on a host, or on random hosts of the internet."""
    actor, count = ask.need_actor(), ask.get("count", 200)
    gap, name = SECOND / ask.get("rate", 20), ask.get("to")
    ports = ask.get("ports", [53, 123, 161, 1900, 5353, 5683, 69, 137, 500, 11211])
    what = f"UDP ports of {name}" if name else "UDP probes to random addresses"
    target = ask.host("to") if name else None
    truth = scene.truth("udp-scan", "harm", what, actor, target)
    frames, source = [], ask.chance.port()
    for number in range(count):
        moment = ask.at + int(number * gap)
        port = 1 + number if target and number >= len(ports) else ports[number % len(ports)]
        other = target or _anybody(scene.home, ask.chance)
        probe = link.udp_frame(actor, other, (source, port), _UDP_PROBES.get(port, b""),
                               ident=ask.chance.below(65536))
        frames.append((moment, probe))
        if target:
            frames.append((moment + other.turn, link.port_unreachable(other, actor, probe)))
    return truth.note(ordered(frames))


def _anybody(home, chance):
    address, _ = random_public(chance)
    return Host("anybody", home.gateway.mac, address.to_bytes(4, "big"), remote=True)


def inbound_scan(scene, ask):
    """
    The internet's background: strangers try ports of a device that stands exposed, or,
    without to, of every device, as in a network without address translation.
    """
    targets = [ask.host("to")] if ask.get("to", None) else list(scene.home.devices.values())
    strangers, target = ask.get("strangers", 8), targets[0]
    ports, opened = ask.get("ports", [23, 2323, 80, 8080, 22, 5555, 7547, 81]), ask.get("open", [])
    gap, count = SECOND / ask.get("rate", 2), ask.get("count", 120)
    foes = [ask.foe(f"scanner{n}", f"scanner{n}.example") for n in range(strangers)]
    whom = target.name if len(targets) == 1 else "every device"
    truth = scene.truth("inbound-scan", "notice", f"{strangers} strangers try ports of {whom}",
                        foes[0] if strangers == 1 else None, target if whom == target.name else None)
    outside = answers_outside(scene, foes[0], target, f"port {opened}") if opened else None
    frames = []
    for number in range(count):
        foe, port = ask.chance.pick(foes), ask.chance.pick(ports)
        moment, target = ask.at + int(number * gap), targets[number % len(targets)]
        made = [(moment + t, f) for t, f in
                _probe(foe, target, (ask.chance.port(), port), ask.chance, port in opened)]
        frames += note_all(made, outside if port in opened else None)
    return truth.note(ordered(frames))


def icmp_sweep(scene, ask):
    """Echo requests to every address of the subnet, or to outside random hosts."""
    if ask.get("outside", 0):
        return _icmp_sweep_outside(scene, ask, ask.get("outside", 0))
    actor, home, gap = ask.need_actor(), scene.home, SECOND / ask.get("rate", 20)
    truth = scene.truth("icmp-sweep", "harm", "echo requests through the subnet", actor)
    swept = sweeps(scene, actor, ask.get("rate", 20))
    present, frames, ident = _present(home), [], ask.chance.below(65536)
    for number in range(ask.get("first", 1), ask.get("last", 254) + 1):
        moment, address = ask.at + int(number * gap), home.neighbour(number)
        if address == actor.ip:
            continue
        target = present.get(address)
        frames += note_all(_who_has(actor, address, target, moment), swept)
        if target:
            frames += [(moment + 3000, link.echo(actor, target, ident, number)),
                       (moment + 3000 + target.turn, link.echo(target, actor, ident, number,
                                                               answer=True))]
    return truth.note(ordered(frames))


def _icmp_sweep_outside(scene, ask, count):
    actor, gap, ident = ask.need_actor(), SECOND / ask.get("rate", 20), ask.chance.below(65536)
    truth = scene.truth("icmp-sweep", "harm", f"echo requests to {count} random hosts", actor)
    return truth.note([(ask.at + int(number * gap),
                        link.echo(actor, _anybody(scene.home, ask.chance), ident, number))
                       for number in range(count)])


def arp_sweep(scene, ask):
    """Who has each address of the subnet, in a hurry."""
    actor, home, gap = ask.need_actor(), scene.home, SECOND / ask.get("rate", 100)
    truth = scene.truth("arp-sweep", "harm", "ARP requests through the subnet", actor)
    present, frames = _present(home), []
    for number in range(ask.get("first", 1), ask.get("last", 254) + 1):
        moment, address = ask.at + int(number * gap), home.neighbour(number)
        if address == actor.ip:
            continue
        frames += _who_has(actor, address, present.get(address), moment)
    return truth.note(ordered(frames))


def xmas_scan(scene, ask):
    """Odd flag combinations to one host, as scanners that look for a stack's habits send."""
    actor, target = ask.need_actor(), ask.host("to")
    truth = scene.truth("port-scan", "harm", "FIN, NULL and XMAS probes", actor, target)
    frames, source = link.arp_exchange(actor, target, ask.at), ask.chance.port()
    for number in range(ask.get("count", 60)):
        moment = ask.at + 2000 + number * 20000
        flags = (0x01, 0x00, 0x01 | PSH | 0x20)[number % 3]
        sequence = ask.chance.below(1 << 32)
        ports = (source, 20 + number)
        frames += [(moment, link.tcp_frame(actor, target, ports, (sequence, 0, flags, 1024))),
                   (moment + target.turn, link.tcp_frame(target, actor, ports[::-1],
                                                         (0, sequence, RST | ACK, 0)))]
    return truth.note(ordered(frames))


ACTIVITIES = {"syn-scan": syn_scan, "home-scan": home_scan, "port-scan": port_scan,
              "udp-scan": udp_scan, "inbound-scan": inbound_scan, "icmp-sweep": icmp_sweep,
              "arp-sweep": arp_sweep, "odd-flags-scan": xmas_scan}
