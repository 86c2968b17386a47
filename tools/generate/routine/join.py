# SPDX-License-Identifier: Apache-2.0
"""Joining the network and staying on it: DHCP, ARP, IPv6 autoconfiguration."""

import struct

from generate import link, packet
from generate.home import Host, group
from generate.protocols import dhcp
from generate.timeline import SECOND, ordered

_NOBODY = b"\0" * 4
_ALL_NODES, _ALL_ROUTERS, _ALL_MLD = "ff02::1", "ff02::2", "ff02::16"
_DHCP6_SERVERS = "ff02::1:2"


def _anonymous(device):
    """The device before it has an address."""
    return Host(device.name, device.mac, _NOBODY, device.ip6, device.ttl)


def fingerprint(device, ask):
    """What the device tells a DHCP server about itself; a recipe may override each part."""
    kind = device.kind
    told = {"vendor_class": kind.get("vendor_class", ""), "mud_url": kind.get("mud_url", ""),
            "hostname": kind.get("hostname", device.name), "parameters": kind.get("parameters")}
    for key in told:
        told[key] = ask.get(key, told[key])
    if not told["parameters"]:
        told["parameters"] = [1, 3, 6, 15, 28, 42]
    told["hostname"] = told["hostname"].replace("%", device.mac.hex()[-6:].upper())
    return told


def dhcp_exchange(home, device, at, told, chance):
    """Discover, offer, request, acknowledgement."""
    lease = dhcp.lease_options(home.gateway.ip, home.subnet.netmask.packed, 86400, home.domain)
    nobody, everybody = _anonymous(device), group("255.255.255.255")
    transaction, server = chance.below(1 << 32), home.gateway
    own = dhcp.client_options(told, device.mac)
    wanted = dhcp.option(50, device.ip) + dhcp.option(54, server.ip)
    given = (_NOBODY, device.ip, server.ip)

    def message(kind, addresses, options):
        return dhcp.message(kind, transaction, device.mac, addresses, options)

    empty = (_NOBODY, _NOBODY, _NOBODY)
    return [
        (at, link.udp_frame(nobody, everybody, (68, 67), message(dhcp.DISCOVER, empty, own))),
        (at + 31000, link.udp_frame(server, device, (67, 68), message(dhcp.OFFER, given, lease))),
        (at + 33500, link.udp_frame(nobody, everybody, (68, 67),
                                    message(dhcp.REQUEST, empty, wanted + own))),
        (at + 47000, link.udp_frame(server, device, (67, 68), message(dhcp.ACK, given, lease))),
    ]


def _neighbour_solicitation(device):
    source = Host(device.name, device.mac, b"\0" * 16)
    solicited = group("ff02::1:ff00:0")
    address = solicited.ip[:13] + device.ip6[13:]
    target = Host("solicited", packet.group_mac(address), address)
    return link.icmpv6_frame(source, target, 135, b"\0" * 4 + device.ip6)


def _listener_report(device):
    """MLDv2: joining the solicited-node group, behind a router alert (RFC 3810)."""
    target = group(_ALL_MLD)
    address = group("ff02::1:ff00:0").ip[:13] + device.ip6[13:]
    body = b"\0\0" + struct.pack("!H", 1) + b"\x04\0\0\0" + address
    message = packet.icmpv6(device.ip6, target.ip, 143, 0, body)
    hop_by_hop = b"\x3a\0\x05\x02\0\0\x01\0" + message
    return link.ip_frame(device.over6(), target, 0, hop_by_hop, ttl=1)


def router_advertisement(router, prefix, lifetime=1800):
    """A router's advertisement of one /64 (RFC 4861)."""
    body = struct.pack("!BBHII", 64, 0x40, lifetime, 0, 0)
    body += b"\x01\x01" + router.mac + b"\x05\x01\0\0" + struct.pack("!I", 1500)
    body += struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 86400, 14400, 0) + prefix.packed
    return link.icmpv6_frame(router.over6(), group(_ALL_NODES), 134, body)


def _router_solicitation(device):
    body = b"\0" * 4 + b"\x01\x01" + device.mac
    return link.icmpv6_frame(device.over6(), group(_ALL_ROUTERS), 133, body)


def _ipv6(home, device, at, chance):
    transaction = chance.below(1 << 24)
    ask6 = dhcp.message6(dhcp.INFORMATION_REQUEST, transaction, device.mac,
                         dhcp.option6(6, b"\0\x17\0\x18"))
    tell6 = dhcp.message6(dhcp.REPLY, transaction, device.mac,
                          dhcp.option6(2, struct.pack("!HH", 3, 1) + home.gateway.mac)
                          + dhcp.option6(23, home.gateway.ip6))
    own, router = device.over6(), home.gateway.over6()
    wanted = router.ip + b"\x01\x01" + device.mac
    found = b"\xe0\0\0\0" + router.ip + b"\x02\x01" + router.mac
    solicited = group("ff02::1:ff00:0").ip[:13] + router.ip[13:]
    everybody = Host("solicited", packet.group_mac(solicited), solicited)
    return [(at + SECOND + 299000, link.icmpv6_frame(own, everybody, 135, b"\0" * 4 + wanted)),
            (at + SECOND + 299500, link.icmpv6_frame(router, own, 136, found)),
            (at, _neighbour_solicitation(device)), (at + 5000, _listener_report(device)),
            (at + SECOND, _router_solicitation(device)),
            (at + SECOND + 900, router_advertisement(home.gateway, home.prefix6.network_address)),
            (at + SECOND + 300000, link.udp_frame(own, group(_DHCP6_SERVERS), (546, 547), ask6)),
            (at + SECOND + 301200, link.udp_frame(router, own, (547, 546), tell6))]


def set_up(scene, ask):
    """Everything that a device does before it can speak to anybody."""
    device, home = ask.need_actor(), scene.home
    told = fingerprint(device, ask)
    frames = dhcp_exchange(home, device, ask.at, told, ask.chance)
    at = frames[-1][0]
    frames += [(at + 200000, link.arp_probe(device)), (at + 1200000, link.arp_probe(device)),
               (at + 2300000, link.arp_announce(device))]
    frames += link.arp_exchange(device, home.gateway, at + 2310000)
    if ask.get("ipv6", device.kind.get("ipv6", True)):
        frames += _ipv6(home, device, at + 60000, ask.chance)
    return ordered(frames)


def arp_refresh(scene, ask):
    """The gateway makes sure that the device is still there, and the device that it is."""
    device, gateway = ask.need_actor(), scene.home.gateway
    for moment in ask.every(ask.micros("every", 240), 0.2):
        yield moment, link.arp_request(gateway, device.ip, to=device.mac)
        yield moment + device.turn, link.arp_reply(device, gateway)
        yield moment + 15 * SECOND, link.arp_request(device, gateway.ip, to=gateway.mac)
        yield moment + 15 * SECOND + gateway.turn, link.arp_reply(gateway, device)


def _renewal(home, device, at, kind, chance):
    transaction, server = chance.below(1 << 32), home.gateway
    lease = dhcp.lease_options(server.ip, home.subnet.netmask.packed, 86400, home.domain)
    if kind == dhcp.NAK:
        lease, given = dhcp.option(54, server.ip), (_NOBODY, _NOBODY, _NOBODY)
    else:
        given = (device.ip, device.ip, server.ip)
    asked = dhcp.message(dhcp.REQUEST, transaction, device.mac, (device.ip, _NOBODY, _NOBODY),
                         dhcp.option(61, b"\x01" + device.mac))
    told = dhcp.message(kind, transaction, device.mac, given, lease)
    return [(at, link.udp_frame(device, server, (68, 67), asked)),
            (at + 9000, link.udp_frame(server, device, (67, 68), told))]


def dhcp_renew(scene, ask):
    """Renewals; with refused, each is answered by a NAK and followed by a new start."""
    device, home = ask.need_actor(), scene.home
    refused = ask.get("refused", False)
    told = fingerprint(device, ask)
    truth = scene.truth("rogue-dhcp", "benign", "DHCP renewals" + " and refusals" * refused,
                        device)
    frames = []
    for moment in ask.every(ask.micros("every", 120)):
        kind = dhcp.NAK if refused else dhcp.ACK
        frames += _renewal(home, device, moment, kind, ask.chance)
        if refused:
            frames += dhcp_exchange(home, device, moment + SECOND, told, ask.chance)
    return truth.note(ordered(frames))


def failover(scene, ask):
    """An address moves to a standby's MAC and is announced, as redundant gateways do."""
    device = ask.need_actor()
    standby = Host(device.name, packet.mac_bytes(ask.get("standby_mac", "00:00:5e:00:01:0a")),
                   device.ip)
    truth = scene.truth("arp-spoofing", "benign", "announced failover to a standby", device)
    clash = scene.truth("address-clash", "benign", "announced failover to a standby", device)
    frames = [(ask.at + n * SECOND, link.arp_announce(device)) for n in range(2)]
    frames += [(ask.at + 30 * SECOND + n * SECOND, link.arp_announce(standby)) for n in range(3)]
    return truth.note(clash.note(frames))


ACTIVITIES = {"set-up": set_up, "arp-refresh": arp_refresh, "dhcp-renew": dhcp_renew,
              "failover": failover}
