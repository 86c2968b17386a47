# SPDX-License-Identifier: Apache-2.0
"""Ways out that nobody meant to give: DNS as a carrier or around the resolver, large uploads."""

import base64

from generate.link import udp_frame
from generate.protocols import dns, http
from generate.sessions import conversation, lookup, tls_visit
from generate.tcp import Manner
from generate.timeline import SECOND, overlapping

_TYPES = {"TXT": dns.TXT, "NULL": dns.NULL, "A": dns.A}


def _carrier(chance, domain, size):
    """A name full of what looks like noise, in labels of at most 60."""
    text = base64.b32encode(chance.bytes(size)).decode().rstrip("=").lower()
    return ".".join([text[i:i + 60] for i in range(0, len(text), 60)] + [domain])


def dns_tunnel(scene, ask):
    """Data in long names up, in TXT or NULL records down, through the home's resolver."""
    device, domain = ask.need_actor(), ask.get("domain", "t.tunnel.example")
    rate, size, kind = ask.get("rate", 5), ask.get("size", 90), _TYPES[ask.get("type", "TXT")]
    resolver = ask.host("resolver", "gateway")
    truth = scene.truth("dns-tunnel", "harm", f"data in names under {domain}", device, resolver)
    chance = ask.chance

    def one(moment):
        ident, source = chance.below(65536), chance.port()
        name = _carrier(chance, domain, size)
        down = chance.bytes(100)
        data = {dns.TXT: dns.txt(base64.b64encode(down)), dns.NULL: down}.get(kind, down[:4])
        told = dns.answer(ident, name, [dns.record(name, kind, data, ttl=0)], kind)
        return [(moment, udp_frame(device, resolver, (source, 53), dns.query(ident, name, kind))),
                (moment + 38000, udp_frame(resolver, device, (53, source), told))]
    return truth.of(overlapping(one(m) for m in ask.every(SECOND // rate, 0.3)))


def dns_bypass(scene, ask):
    """
    A device asks a resolver of its own choice though DHCP named the gateway; with
    over = "tls" nobody sees what.
    """
    device, resolver = ask.need_actor(), ask.host("resolver", "8.8.8.8")
    names = ask.get("names", ["api.camera-cloud.example", "time.camera-cloud.example"])
    truth = scene.truth("dns-bypass", "notice", f"asks {resolver.name} instead of the gateway",
                        device, resolver)

    over = ask.get("over", "udp")

    def one(number, moment):
        if over == "tls":
            return tls_visit(scene.home, device, resolver, moment, [(64, 120)], port=853)
        server = ask.host_named(names[number % len(names)])
        return lookup(scene.home, device, server, moment, resolver=resolver)
    return truth.of(overlapping(one(n, m) for n, m in enumerate(ask.every(ask.micros("every", 20),
                                                                          0.2))))


def exfiltration(scene, ask):
    """A large upload to a host that the device has never spoken to; over tls, http or tcp."""
    device, server = ask.need_actor(), ask.foe("to", "drop.example")
    over, size = ask.get("over", "tls"), ask.get("size", 1000000)
    manner = Manner(gap=ask.get("gap", 250))
    truth = scene.truth("data-exfiltration", "harm", f"{size} bytes to a new host over {over}",
                        device, server)
    if over == "tls":
        return truth.of(tls_visit(scene.home, device, server, ask.at, [(size, 100)], manner=manner,
                                  stack="bot", lookup=False, port=ask.get("port", 443)))
    port = ask.get("port", 80 if over == "http" else 4444)
    talk = conversation(scene.home, device, server, port, ask.at, manner).open()
    data = ask.get("text", "").encode() or ask.chance.bytes(size)
    if over == "http":
        talk.client(http.request("POST", "/up.php", server.address,
                                 [("Content-Type", "application/octet-stream")], data))
        talk.server(http.response(200), after=server.turn)
    else:
        talk.client(data)
    return truth.of(talk.close().timeline())


ACTIVITIES = {"dns-tunnel": dns_tunnel, "dns-bypass": dns_bypass, "exfiltration": exfiltration}
