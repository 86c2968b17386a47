# SPDX-License-Identifier: Apache-2.0
"""
Frames from fields: Ethernet, ARP, IPv4, IPv6, TCP, UDP, ICMP, ICMPv6, GRE.

Addresses are bytes (4 or 16 of them, 6 for a MAC), so nothing is parsed per packet.
Every checksum is right; a dissector that finds a wrong one has found its own mistake.
"""

import struct

ETHER_IPV4 = 0x0800
ETHER_ARP = 0x0806
ETHER_IPV6 = 0x86DD
ICMP, IGMP, TCP, UDP, GRE, ICMPV6 = 1, 2, 6, 17, 47, 58

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10

BROADCAST = b"\xff" * 6
DONT_FRAGMENT = 0x4000
MORE_FRAGMENTS = 0x2000
IPV4_PAYLOAD_MAX = 1480


def mac_bytes(text):
    """Six bytes from aa:bb:cc:dd:ee:ff."""
    raw = bytes.fromhex(text.replace(":", ""))
    if len(raw) != 6:
        raise ValueError(f"not a MAC address: {text}")
    return raw


def mac_text(raw):
    """aa:bb:cc:dd:ee:ff from six bytes."""
    return raw.hex(":")


def checksum(data):
    """
    RFC 1071. The sum of 16-bit words with end-around carry is the remainder by 65535
    of the whole as one big number, which Python does in C.
    """
    if len(data) & 1:
        data += b"\0"
    number = int.from_bytes(data, "big")
    rest = number % 0xFFFF
    if rest == 0 and number:
        rest = 0xFFFF
    return 0xFFFF - rest


def ethernet(dst, src, kind, payload):
    """An Ethernet II frame without padding or check sequence."""
    return dst + src + struct.pack("!H", kind) + payload


def arp(operation, sender_mac, sender_ip, target_mac, target_ip):
    """An ARP body (RFC 826): operation 1 asks, 2 answers."""
    head = struct.pack("!HHBBH", 1, ETHER_IPV4, 6, 4, operation)
    return head + sender_mac + sender_ip + target_mac + target_ip


def ipv4(src, dst, protocol, payload, ttl=64, ident=0, tos=0, fragment=DONT_FRAGMENT,
         options=b""):
    """An IPv4 packet."""
    words = 5 + len(options) // 4
    head = struct.pack("!BBHHHBBH4s4s", 0x40 | words, tos, words * 4 + len(payload), ident,
                       fragment, ttl, protocol, 0, src, dst) + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def ipv6(src, dst, next_header, payload, hops=64, flow_label=0):
    """An IPv6 packet."""
    head = struct.pack("!IHBB", 0x60000000 | flow_label, len(payload), next_header, hops)
    return head + src + dst + payload


def pseudo_header(src, dst, protocol, size):
    """What TCP, UDP and ICMPv6 checksums cover besides their own bytes."""
    if len(src) == 4:
        return src + dst + struct.pack("!BBH", 0, protocol, size)
    return src + dst + struct.pack("!II", size, protocol)


def udp(src, dst, ports, payload):
    """A UDP datagram; ports is (source, destination)."""
    size = 8 + len(payload)
    head = struct.pack("!HHHH", *ports, size, 0)
    total = checksum(pseudo_header(src, dst, UDP, size) + head + payload) or 0xFFFF
    return head[:6] + struct.pack("!H", total) + payload


def tcp(src, dst, ports, fields, payload=b"", options=b""):
    """A TCP segment; fields is (sequence, acknowledgement, flags, window)."""
    sequence, acknowledgement, flags, window = fields
    words = 5 + len(options) // 4
    head = struct.pack("!HHIIBBHHH", *ports, sequence & 0xFFFFFFFF, acknowledgement & 0xFFFFFFFF,
                       words << 4, flags, window, 0, 0) + options
    total = checksum(pseudo_header(src, dst, TCP, len(head) + len(payload)) + head + payload)
    return head[:16] + struct.pack("!H", total) + head[18:] + payload


def icmp(kind, code, rest, payload=b""):
    """An ICMP message; rest is the four bytes after the checksum."""
    body = struct.pack("!BBH", kind, code, 0) + rest + payload
    return body[:2] + struct.pack("!H", checksum(body)) + body[4:]


def icmpv6(src, dst, kind, code, body):
    """An ICMPv6 message; body is everything after the checksum."""
    message = struct.pack("!BBH", kind, code, 0) + body
    total = checksum(pseudo_header(src, dst, ICMPV6, len(message)) + message)
    return message[:2] + struct.pack("!H", total) + message[4:]


def gre(kind, payload):
    """A GRE packet without key or checksum (RFC 2784)."""
    return struct.pack("!HH", 0, kind) + payload


def link_local(mac):
    """The IPv6 link-local address made from a MAC (RFC 4291, appendix A)."""
    return bytes.fromhex("fe80000000000000") + interface_id(mac)


def interface_id(mac):
    """The modified EUI-64 of a MAC."""
    return bytes([mac[0] ^ 2]) + mac[1:3] + b"\xff\xfe" + mac[3:]


def group_mac(address):
    """The Ethernet address of an IP multicast group (RFC 1112, RFC 2464)."""
    if len(address) == 4:
        return b"\x01\x00\x5e" + bytes([address[1] & 0x7F]) + address[2:]
    return b"\x33\x33" + address[12:]
