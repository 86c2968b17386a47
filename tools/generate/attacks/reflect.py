# SPDX-License-Identifier: Apache-2.0
"""Amplification: a device answers spoofed questions at length; or it is whom they hit."""

from generate.link import udp_frame, udp_frames
from generate.protocols import coap, dns, ntp, snmp, ssdp
from generate.timeline import SECOND, ordered, overlapping

PORTS = {"ssdp": 1900, "ntp": 123, "dns": 53, "coap": 5683, "memcached": 11211, "snmp": 161}


def _ssdp(chance, device):
    asked = ssdp.search("ssdp:all")
    kinds = ("upnp:rootdevice", "urn:schemas-upnp-org:device:Basic:1",
             "urn:schemas-upnp-org:service:ContentDirectory:1",
             "urn:schemas-upnp-org:service:ConnectionManager:1",
             "urn:schemas-upnp-org:service:AVTransport:1")
    unique = device.mac.hex()
    return asked, [ssdp.found(k, f"http://{device.address}:49152/description.xml",
                              "Linux/2.6 UPnP/1.0 Device/1.0", unique) for k in kinds]


def _ntp(chance, device):
    return ntp.monlist_request(), [ntp.monlist_response(chance, n, n < 9) for n in range(10)]


def _dns(chance, device):
    ident, name = chance.below(65536), "amplify.example"
    records = [dns.record(name, dns.TXT, dns.txt(*[chance.alnum(250)] * 4)) for _ in range(3)]
    records += [dns.record(name, dns.A, chance.bytes(4)) for _ in range(20)]
    asked = dns.query(ident, name, dns.ANY, edns=True)
    return asked, [dns.answer(ident, name, records, dns.ANY)]


def _coap(chance, device):
    token = chance.bytes(4)
    body = b",".join(b'</sensors/%d>;rt="sensor";if="core.s"' % n for n in range(30))
    ident = chance.below(65536)
    return coap.get(ident, token, ".well-known/core"), [coap.content(ident, token, body, 40)]


def _memcached(chance, device):
    value = chance.bytes(1300)
    head = b"\0\x01\0\0\0\x01\0\0"
    asked = head + b"get big\r\n"
    parts = [b"\0\x01" + n.to_bytes(2, "big") + b"\0\x0a\0\0" + (
        b"VALUE big 0 13000\r\n" if n == 0 else b"") + value for n in range(10)]
    return asked, parts


def _snmp(chance, device):
    ident = chance.below(1 << 31)
    told = snmp.response("public", ident, [(snmp.SYS_DESCR, "x" * 900), (snmp.SYS_NAME, "y" * 300)])
    return snmp.get("public", ident, snmp.SYS_DESCR, snmp.SYS_NAME), [told]


_SHAPES = {"ssdp": _ssdp, "ntp": _ntp, "dns": _dns, "coap": _coap, "memcached": _memcached,
           "snmp": _snmp}


def amplification(scene, ask):
    """
    Questions that claim to come from a victim of the internet reach a device, which
    answers each with many times their size. over is ssdp, ntp, dns, coap, memcached, snmp.
    """
    device, victim = ask.need_actor(), ask.foe("victim", "victim.example")
    over, rate = ask.need("over"), ask.get("rate", 10)
    port = PORTS[over]
    truth = scene.truth("amplification", "harm", f"answers spoofed {over} questions at length",
                        device, victim)

    def one(moment):
        source = ask.chance.port()
        asked, told = _SHAPES[over](ask.chance, device)
        frames = [(moment, udp_frame(victim, device, (source, port), asked))]
        for number, payload in enumerate(told):
            at = moment + device.turn + number * 60
            frames += [(at, f) for f in udp_frames(device, victim, (port, source), payload,
                                                   ask.chance.below(65536))]
        return frames
    return truth.of(overlapping(one(m) for m in ask.every(max(1, SECOND // rate))))


def reflection_victim(scene, ask):
    """Answers that a device never asked for come from many reflectors of the internet."""
    device, over, rate = ask.host("to"), ask.get("over", "ntp"), ask.get("rate", 200)
    reflectors = [ask.host_named(f"reflector{n}.example") for n in range(ask.get("reflectors", 30))]
    truth = scene.truth("reflection-victim", "notice", f"unasked {over} answers from many hosts",
                        None, device)
    frames, target_port = [], ask.chance.port()
    for number, moment in enumerate(ask.every(max(1, SECOND // rate))):
        reflector = reflectors[number % len(reflectors)]
        _, told = _SHAPES[over](ask.chance, reflector)
        frames += [(moment, f) for f in udp_frames(reflector, device, (PORTS[over], target_port),
                                                   told[number % len(told)], number & 0xFFFF)]
    return truth.note(ordered(frames))


ACTIVITIES = {"amplification": amplification, "reflection-victim": reflection_victim}
