# SPDX-License-Identifier: Apache-2.0
"""
Frames between two hosts: the step from "who says what" to bytes on the wire.
"""

import struct

from generate import packet
from generate.packet import ETHER_ARP, ETHER_IPV4, ETHER_IPV6


def ip_frame(src, dst, protocol, body, **header):
    """One frame with an IP packet of the family that the source speaks."""
    ttl = header.pop("ttl", src.ttl)
    if len(src.ip) == 16:
        inner = packet.ipv6(src.ip, dst.ip, protocol, body, hops=ttl)
        return packet.ethernet(dst.mac, src.mac, ETHER_IPV6, inner)
    inner = packet.ipv4(src.ip, dst.ip, protocol, body, ttl=ttl, **header)
    return packet.ethernet(dst.mac, src.mac, ETHER_IPV4, inner)


def udp_frame(src, dst, ports, payload, **header):
    """One frame with a UDP datagram that fits."""
    return ip_frame(src, dst, packet.UDP, packet.udp(src.ip, dst.ip, ports, payload), **header)


def udp_frames(src, dst, ports, payload, ident):
    """A UDP datagram of any size over IPv4, cut into fragments where it must be."""
    body = packet.udp(src.ip, dst.ip, ports, payload)
    limit = packet.IPV4_PAYLOAD_MAX
    if len(body) <= limit:
        return [ip_frame(src, dst, packet.UDP, body, ident=ident)]
    frames = []
    for offset in range(0, len(body), limit):
        more = packet.MORE_FRAGMENTS if offset + limit < len(body) else 0
        frames.append(ip_frame(src, dst, packet.UDP, body[offset:offset + limit], ident=ident,
                               fragment=more | offset // 8))
    return frames


def tcp_frame(src, dst, ports, fields, payload=b"", options=b"", **header):
    """One frame with a TCP segment."""
    body = packet.tcp(src.ip, dst.ip, ports, fields, payload, options)
    return ip_frame(src, dst, packet.TCP, body, **header)


def icmp_frame(src, dst, kind, code, rest, payload=b""):
    """One frame with an ICMP message."""
    return ip_frame(src, dst, packet.ICMP, packet.icmp(kind, code, rest, payload), fragment=0)


def icmpv6_frame(src, dst, kind, body, hops=255):
    """One frame with an ICMPv6 message; neighbour discovery demands 255 hops."""
    message = packet.icmpv6(src.ip, dst.ip, kind, 0, body)
    return ip_frame(src, dst, packet.ICMPV6, message, ttl=hops)


def echo(src, dst, ident, sequence, answer=False):
    """An ICMP echo request or its answer, with the payload that ping sends."""
    rest = struct.pack("!HH", ident, sequence)
    return icmp_frame(src, dst, 0 if answer else 8, 0, rest, bytes(range(0x08, 0x38)))


def port_unreachable(src, dst, original):
    """ICMP type 3 code 3, quoting the header and eight bytes (RFC 792)."""
    return icmp_frame(src, dst, 3, 3, b"\0" * 4, original[14:14 + 28])


def arp_request(sender, target_ip, to=packet.BROADCAST):
    """Who has target_ip, tell sender."""
    body = packet.arp(1, sender.mac, sender.ip, b"\0" * 6, target_ip)
    return packet.ethernet(to, sender.mac, ETHER_ARP, body)


def arp_probe(sender):
    """Is the address that I want free (RFC 5227)."""
    body = packet.arp(1, sender.mac, b"\0" * 4, b"\0" * 6, sender.ip)
    return packet.ethernet(packet.BROADCAST, sender.mac, ETHER_ARP, body)


def arp_announce(sender):
    """This address is mine now (RFC 5227); also what a failover sends."""
    body = packet.arp(1, sender.mac, sender.ip, b"\0" * 6, sender.ip)
    return packet.ethernet(packet.BROADCAST, sender.mac, ETHER_ARP, body)


def arp_reply(sender, asker):
    """The sender's address is at the sender's MAC."""
    body = packet.arp(2, sender.mac, sender.ip, asker.mac, asker.ip)
    return packet.ethernet(asker.mac, sender.mac, ETHER_ARP, body)


def arp_exchange(asker, owner, at):
    """Question and answer, as a timeline that ends just before a first packet."""
    return [(at, arp_request(asker, owner.ip)), (at + owner.turn // 2, arp_reply(owner, asker))]
