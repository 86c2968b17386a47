# SPDX-License-Identifier: Apache-2.0
"""
Who is there: the home's gateway and devices, and the internet behind them.

The capture is taken on the home side of the gateway, so a host of the internet is seen
with the gateway's MAC and a TTL that some routers have lowered.
"""

import ipaddress
from dataclasses import dataclass, field, replace

from generate.chance import Chance
from generate.packet import group_mac, interface_id, link_local, mac_bytes, mac_text

# Addresses that are documentation's (RFC 5737): no real party is accused by a recipe.
HOSTILE_NETS = ("198.51.100.0/24", "203.0.113.0/24", "192.0.2.0/24")
# First octets of large hosting providers, for the invented clouds.
CLOUD_OCTETS = (3, 13, 18, 20, 34, 35, 44, 52, 54, 104, 142, 151)
# A name has the same address in every recipe: homes may compare what they saw.
_INTERNET = Chance("the internet")


@dataclass(frozen=True)
class Host:
    """One end of a packet."""

    name: str
    mac: bytes
    ip: bytes
    ip6: bytes = b""
    ttl: int = 64
    remote: bool = False
    turn: int = 600
    kind: dict = field(default_factory=dict, compare=False)

    @property
    def address(self):
        """The address as text."""
        return str(ipaddress.ip_address(self.ip))

    @property
    def mac_text(self):
        """The MAC as text."""
        return mac_text(self.mac)

    def over6(self):
        """The same host speaking from its link-local IPv6 address."""
        return replace(self, ip=self.ip6)

    def at(self, address):
        """The same host with another address, as text."""
        return replace(self, ip=ipaddress.ip_address(address).packed)


def group(address):
    """A multicast group or the limited broadcast as a destination."""
    packed = ipaddress.ip_address(address).packed
    if packed == b"\xff" * 4:
        return Host("broadcast", packed + b"\xff\xff", packed)
    return Host(address, group_mac(packed), packed)


class Home:
    """The local network and what it knows about the rest of the world."""

    def __init__(self, settings, chance):
        self.chance = chance
        self.subnet = ipaddress.ip_network(settings.get("subnet", "192.168.1.0/24"))
        gateway = settings.get("gateway", {})
        mac = mac_bytes(gateway.get("mac", "e8:9f:80:10:20:01"))
        address = gateway.get("address", str(self.subnet[1]))
        self.domain = settings.get("domain", "home.arpa")
        self.prefix6 = ipaddress.ip_network(settings.get("prefix6", "2001:db8:a0::/64"))
        self.gateway = Host("gateway", mac, ipaddress.ip_address(address).packed,
                            link_local(mac), turn=300)
        self.devices = {}
        self.strangers = {}

    def add(self, name, kind, settings):
        """A device; its MAC and address follow from its name unless they are given."""
        chance = self.chance.child("device", name)
        maker = bytes.fromhex(kind["oui"].replace(":", ""))
        raw = mac_bytes(settings["mac"]) if "mac" in settings else maker + chance.bytes(3)
        number = settings.get("address", 20 + len(self.devices))
        if isinstance(number, int):
            number = str(self.subnet[number])
        device = Host(name, raw, ipaddress.ip_address(number).packed, link_local(raw),
                      ttl=kind.get("ttl", 64), turn=chance.between(400, 1500), kind=kind)
        self.devices[name] = device
        return device

    def global6(self, device):
        """The device's global IPv6 address, in the prefix that the gateway advertises."""
        return self.prefix6.network_address.packed[:8] + interface_id(device.mac)

    def broadcast(self):
        """Everybody in the subnet."""
        return Host("subnet", b"\xff" * 6, self.subnet.broadcast_address.packed)

    def host(self, name):
        """A device by name, the gateway, or a stranger by domain name or address."""
        if name == "gateway":
            return self.gateway
        return self.devices.get(name) or self.stranger(name)

    def stranger(self, name, hostile=False):
        """A host of the internet; its address follows from its name alone."""
        if name not in self.strangers:
            self.strangers[name] = self._meet(name, hostile)
        return self.strangers[name]

    def outside6(self, device, server):
        """The two as they speak over global IPv6 (RFC 3849's documentation prefix)."""
        far = bytes.fromhex("20010db8") + _INTERNET.child("six", server.name).bytes(12)
        return replace(device, ip=self.global6(device)), replace(server, ip=far)

    def _meet(self, name, hostile):
        chance = _INTERNET.child(name)
        try:
            packed = ipaddress.ip_address(name).packed
        except ValueError:
            packed = self._named_address(chance, hostile)
        turn = chance.between(8000, 45000) if not hostile else chance.between(30000, 160000)
        return Host(name, self.gateway.mac, packed, ttl=64 - chance.between(6, 16),
                    remote=True, turn=turn)

    def _named_address(self, chance, hostile):
        if hostile:
            net = ipaddress.ip_network(chance.pick(HOSTILE_NETS))
            return net[chance.between(2, 253)].packed
        return bytes([chance.pick(CLOUD_OCTETS), chance.between(16, 239), chance.below(256),
                      chance.between(1, 254)])

    def neighbour(self, number):
        """An address of the subnet where nobody may be, as bytes."""
        return self.subnet[number].packed
