# SPDX-License-Identifier: Apache-2.0
"""Lies about the network itself: DHCP, router advertisements, ARP, port mappings, identity."""

import ipaddress
from dataclasses import replace

from generate import link
from generate.home import group
from generate.packet import mac_bytes
from generate.protocols import dhcp, dns, http
from generate.routine.join import dhcp_exchange, fingerprint, router_advertisement
from generate.sessions import conversation, lookup
from generate.timeline import SECOND, ordered

_NOBODY = b"\0" * 4


def rogue_dhcp(scene, ask):
    """A device answers DHCP before the gateway does, and names itself router and resolver."""
    rogue, victim, home = ask.need_actor(), ask.host("to"), scene.home
    rounds, told = ask.get("rounds", 3), fingerprint(victim, ask)
    truth = scene.truth("rogue-dhcp", "harm", "a second DHCP server hands out itself", rogue)
    frames = []
    for number in range(rounds):
        at = ask.at + number * 40 * SECOND
        transaction = ask.chance.child(number).below(1 << 32)
        exchange = dhcp_exchange(home, victim, at, told, ask.chance.child(number))
        lease = dhcp.lease_options(rogue.ip, home.subnet.netmask.packed, 600, home.domain)
        given = (_NOBODY, victim.ip, rogue.ip)
        lies = [(at + 12000, dhcp.OFFER), (at + 41000, dhcp.ACK)]
        frames += exchange
        frames += truth.note([(moment, link.udp_frame(rogue, victim, (67, 68), dhcp.message(
            kind, transaction, victim.mac, given, lease))) for moment, kind in lies])
    return ordered(frames)


def rogue_router(scene, ask):
    """A device advertises itself as an IPv6 router, with a prefix of its own."""
    rogue, every = ask.need_actor(), ask.micros("every", 15)
    prefix = scene.home.prefix6.network_address.__class__(ask.get("prefix", "2001:db8:bad::"))
    truth = scene.truth("rogue-router", "harm", "router advertisements from a device", rogue)
    return truth.note([(moment, router_advertisement(rogue, prefix))
                       for moment in ask.every(every)])


def arp_spoof(scene, ask):
    """
    A device tells the victim that the gateway is at its MAC, and the gateway the same of
    the victim, every two seconds; with relay, the victim's words pass twice.
    """
    liar, victim, gateway = ask.need_actor(), ask.host("to"), scene.home.gateway
    every, relay = ask.micros("every", 2), ask.get("relay", True)
    truth = scene.truth("arp-spoofing", "harm", f"poses as the gateway to {victim.name}", liar,
                        victim)
    clash = scene.truth("address-clash", "notice", "two MACs answer for the gateway", liar, gateway)
    as_gateway = replace(gateway, mac=liar.mac)
    as_victim = replace(victim, mac=liar.mac)
    frames = []
    for number, moment in enumerate(ask.every(every)):
        frames += clash.note([(moment, link.arp_reply(as_gateway, victim)),
                              (moment + 300, link.arp_reply(as_victim, gateway))])
        if relay and number % 3 == 2:
            frames += _relayed(scene.home, ask, (victim, as_gateway, as_victim), moment + 500000)
    return truth.note(ordered(frames))


def _relayed(home, ask, who, at):
    """A visit that goes to the liar and, a little later, on from it."""
    victim, as_gateway, as_victim = who
    site = home.host("shop.example")
    via = replace(site, mac=as_gateway.mac)
    page = http.response(200, [("Content-Type", "text/html")], b"<html>" + b"." * 400)
    asked = http.request("GET", "/", site.name, [("User-Agent", "Mozilla/5.0")])
    talk = conversation(home, victim, via, 80, at).open()
    frames = talk.client(asked).server(page, after=site.turn).close().timeline()
    on = []
    for moment, frame in frames:
        to_site = frame[6:12] == victim.mac
        macs = site.mac + as_victim.mac if to_site else victim.mac + as_gateway.mac
        came = frame if to_site else as_gateway.mac + site.mac + frame[12:]
        went = macs + frame[12:]
        on += [(moment, came), (moment + 180, went)]
    return on


def port_mapping(scene, ask):
    """A device opens a port of the gateway by UPnP (SOAP AddPortMapping)."""
    device, gateway = ask.need_actor(), scene.home.gateway
    port, inner = ask.get("external", 8080), ask.get("internal", 80)
    client = ask.get("client", device.address)
    truth = scene.truth("port-mapping", "notice", f"opens port {port} to {client}:{inner}", device,
                        gateway)
    service = "urn:schemas-upnp-org:service:WANIPConnection:1"
    body = http.envelope(
        f'<u:AddPortMapping xmlns:u="{service}"><NewRemoteHost></NewRemoteHost>'
        f"<NewExternalPort>{port}</NewExternalPort><NewProtocol>TCP</NewProtocol>"
        f"<NewInternalPort>{inner}</NewInternalPort><NewInternalClient>{client}"
        "</NewInternalClient><NewEnabled>1</NewEnabled><NewPortMappingDescription>"
        f"{ask.get('description', 'ipcam')}</NewPortMappingDescription>"
        "<NewLeaseDuration>0</NewLeaseDuration></u:AddPortMapping>")
    asked = http.soap("/ctl/IPConn", f"{gateway.address}:5000", f"{service}#AddPortMapping", body)
    told = http.envelope(f'<u:AddPortMappingResponse xmlns:u="{service}"/>').encode()
    talk = conversation(scene.home, device, gateway, 5000, ask.at).open()
    talk.client(asked).server(http.response(200, [("Content-Type", "text/xml")], told,
                                            "MiniUPnPd/2.1"))
    return truth.note(talk.close().timeline())


def new_device(scene, ask):
    """Notes that a device (whose "at" is late) is new to the home."""
    device = ask.need_actor()
    truth = scene.truth("new-device", "notice", "a device that was not here before", device)
    return truth.note([(ask.at, link.arp_announce(device))])


def two_identities(scene, ask):
    """One MAC that asks for addresses as two different things."""
    device, home = ask.need_actor(), scene.home
    truth = scene.truth("identity-clash", "harm", "one MAC, two names and vendor classes", device)
    other = {"hostname": ask.get("other_hostname", "kali"),
             "vendor_class": ask.get("other_vendor_class", "dhcpcd-9.4.1:Linux-6.1:x86_64"),
             "parameters": ask.get("other_parameters", [1, 2, 6, 12, 15, 26, 28, 121])}
    told = fingerprint(device, ask)
    frames = []
    for number, moment in enumerate(ask.every(ask.micros("every", 60))):
        identity = (told, other)[number % 2]
        frames += dhcp_exchange(home, device, moment, identity, ask.chance)
    return truth.note(ordered(frames))


def address_clash(scene, ask):
    """A second MAC answers for a device's address: a clone or a mistake in configuration."""
    device = ask.need_actor()
    clone = replace(device, mac=mac_bytes(ask.get("clone_mac", "02:13:37:00:00:01")))
    truth = scene.truth("address-clash", "notice", "two MACs answer for one address", device)
    frames = []
    for moment in ask.every(ask.micros("every", 20)):
        asked = link.arp_request(scene.home.gateway, device.ip)
        frames += [(moment, asked), (moment + 700, link.arp_reply(device, scene.home.gateway)),
                   (moment + 1900, link.arp_reply(clone, scene.home.gateway))]
    return truth.note(frames)


def dns_spoof(scene, ask):
    """
    A device answers the victim's DNS questions in the resolver's name, faster than the
    resolver, with its own address; the true answer comes second.
    """
    liar, victim, home = ask.need_actor(), ask.host("to"), scene.home
    server, gateway = ask.host("name", "bank.example"), home.gateway
    truth = scene.truth("dns-spoofing", "harm", f"false answers about {server.name}", liar, victim)
    as_gateway, frames = replace(gateway, mac=liar.mac), []
    for moment in ask.every(ask.micros("every", 20)):
        (asked_at, asked), answer = lookup(home, victim, server, moment)
        ident, source = int.from_bytes(asked[42:44], "big"), int.from_bytes(asked[34:36], "big")
        record = dns.record(server.name, dns.A, liar.ip, ttl=3600)
        lie = dns.answer(ident, server.name, [record])
        forged = (asked_at + 900, link.udp_frame(as_gateway, victim, (53, source), lie))
        frames += [(asked_at, asked), *truth.note([forged]), answer]
    return ordered(frames)


def icmp_redirect(scene, ask):
    """A device tells the victim, in the gateway's name, of a better way: through itself."""
    liar, victim, gateway = ask.need_actor(), ask.host("to"), scene.home.gateway
    truth = scene.truth("icmp-redirect", "harm", f"redirects {victim.name} to itself", liar,
                        victim)
    server, as_gateway = ask.host("name", "bank.example"), replace(gateway, mac=liar.mac)
    frames = []
    for moment in ask.every(ask.micros("every", 10)):
        quoted = link.udp_frame(victim, server, (ask.chance.port(), 53), b"\0" * 8)[14:42]
        frames.append((moment, link.icmp_frame(as_gateway, victim, 5, 1, liar.ip, quoted)))
    return truth.note(frames)


def nd_redirect(scene, ask):
    """The same over IPv6 (RFC 4861 section 4.5): in the gateway's name, through itself."""
    liar, victim, gateway = ask.need_actor(), ask.host("to"), scene.home.gateway
    truth = scene.truth("icmp-redirect", "harm", f"redirects {victim.name} to itself", liar,
                        victim)
    server = ipaddress.ip_address("2001:db8:77::1").packed
    as_gateway = replace(gateway.over6(), mac=liar.mac)
    body = b"\0" * 4 + liar.ip6 + server + b"\2\1" + liar.mac
    return truth.note([(moment, link.icmpv6_frame(as_gateway, victim.over6(), 137, body))
                       for moment in ask.every(ask.micros("every", 10))])


def true_redirect(scene, ask):
    """A near miss: the gateway names the device that another network lies behind."""
    router, victim, gateway = ask.need_actor(), ask.host("to"), scene.home.gateway
    truth = scene.truth("icmp-redirect", "benign", "the gateway names a nearer router", router,
                        victim)
    server, frames = ask.host("name", "branch.example"), []
    for moment in ask.every(ask.micros("every", 30)):
        quoted = link.udp_frame(victim, server, (ask.chance.port(), 53), b"\0" * 8)[14:42]
        frames.append((moment, link.icmp_frame(gateway, victim, 5, 1, router.ip, quoted)))
    return truth.note(frames)


def dns_again(scene, ask):
    """
    A near miss: a question is sent again, and a resolver that hands out another address
    each time answers both.
    """
    device, home = ask.need_actor(), scene.home
    server = ask.host("name", "many.cdn.example")
    truth = scene.truth("dns-spoofing", "benign", "two honest answers to two questions", device)
    frames = []
    for number, moment in enumerate(ask.every(ask.micros("every", 20))):
        (asked_at, asked), (told_at, told) = lookup(home, device, server, moment)
        ident, port = int.from_bytes(asked[42:44], "big"), int.from_bytes(asked[34:36], "big")
        record = dns.record(server.name, dns.A, bytes([203, 0, 113, 1 + number % 200]))
        other = link.udp_frame(home.gateway, device, (53, port),
                               dns.answer(ident, server.name, [record]))
        frames += [(asked_at, asked), (asked_at + 300, asked), (told_at, told),
                   (told_at + 900, other)]
    return truth.note(ordered(frames))


def dhcp_starvation(scene, ask):
    """DISCOVERs under one invented MAC after the other, until the pool is empty."""
    actor, rate = ask.need_actor(), ask.get("rate", 50)
    truth = scene.truth("dhcp-starvation", "harm", "DISCOVERs from invented MACs", actor)
    frames, nobody, everybody = [], replace(actor, ip=_NOBODY), group("255.255.255.255")
    for number in range(ask.get("count", 300)):
        mac = b"\x02" + ask.chance.bytes(5)
        body = dhcp.message(dhcp.DISCOVER, ask.chance.below(1 << 32), mac, (_NOBODY,) * 3,
                            dhcp.option(55, b"\x01\x03\x06"))
        frames.append((ask.at + number * SECOND // rate,
                       link.udp_frame(nobody, everybody, (68, 67), body)))
    return truth.note(frames)


ACTIVITIES = {"rogue-dhcp": rogue_dhcp, "rogue-router": rogue_router, "arp-spoof": arp_spoof,
              "port-mapping": port_mapping, "new-device": new_device,
              "two-identities": two_identities, "address-clash": address_clash,
              "dns-spoof": dns_spoof, "icmp-redirect": icmp_redirect,
              "nd-redirect": nd_redirect, "true-redirect": true_redirect, "dns-again": dns_again,
              "dhcp-starvation": dhcp_starvation}
