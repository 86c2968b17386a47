# SPDX-License-Identifier: Apache-2.0
"""What devices say to each other at home."""

import struct

from generate import packet
from generate.home import group
from generate.link import arp_exchange, ip_frame, udp_frame
from generate.protocols import bacnet, coap, dns, http, modbus, rtp, rtsp, snmp, ssdp, wsd
from generate.sessions import begin_with_lookup, conversation, http_visit
from generate.timeline import SECOND, merge, ordered, overlapping

_MDNS, _MDNS6 = "224.0.0.251", "ff02::fb"


def _announcement(device, service):
    host = device.name.replace(" ", "-")
    strings = service.get("txt", [f"id={device.mac.hex()}"])
    return dns.service_announcement(service.get("instance", host), service["type"], host,
                                    service.get("port", 80), (device.ip, strings))


def _join_group(device, address):
    """IGMPv2 membership report, with the router alert option (RFC 2236)."""
    target = group(address)
    body = packet.icmp(0x16, 0, target.ip)
    return ip_frame(device, target, packet.IGMP, body, ttl=1, options=b"\x94\x04\0\0")


def mdns(scene, ask):
    """Announcements of the device's services, twice at the start and then now and then."""
    device, target = ask.need_actor(), group(_MDNS)
    services = ask.get("services", device.kind.get("mdns", []))
    six = ask.get("ipv6", True)
    yield ask.at, _join_group(device, _MDNS)
    for moment in ask.every(ask.micros("every", 600), 0.1):
        for turn in (0, SECOND):
            for number, service in enumerate(services):
                payload, at = _announcement(device, service), moment + turn + number * 20000
                yield at, udp_frame(device, target, (5353, 5353), payload, ttl=255)
                if six:
                    yield at + 400, udp_frame(device.over6(), group(_MDNS6), (5353, 5353),
                                              payload, ttl=255)


def mdns_query(scene, ask):
    """Questions for services; the devices that have them answer."""
    device, target = ask.need_actor(), group(_MDNS)
    services = ask.get("services", ["_googlecast._tcp", "_airplay._tcp", "_ipp._tcp"])
    payload = dns.service_query(*services)
    for moment in ask.every(ask.micros("every", 300), 0.2):
        yield moment, udp_frame(device, target, (5353, 5353), payload, ttl=255)
        yield from _mdns_answers(scene.home, services, moment)


def _mdns_answers(home, services, moment):
    for other in home.devices.values():
        for service in other.kind.get("mdns", []):
            if service["type"] in services:
                moment += 21000
                yield moment, udp_frame(other, group(_MDNS), (5353, 5353),
                                        _announcement(other, service), ttl=255)


def mdns_storm(scene, ask):
    """Everybody asks and answers at once, as after a power cut: loud and harmless."""
    devices = list(scene.home.devices.values())
    rounds = ask.get("rounds", 40)
    truth = scene.truth("udp-flood", "benign", "an mDNS storm", devices[0])
    frames = []
    for number in range(rounds):
        asker = devices[number % len(devices)]
        moment = ask.at + number * 150000
        payload = dns.service_query("_services._dns-sd._udp", "_hap._tcp", "_matter._tcp")
        frames.append((moment, udp_frame(asker, group(_MDNS), (5353, 5353), payload, ttl=255)))
        for other in devices:
            services = other.kind.get("mdns", [])
            types = [s["type"] for s in services]
            frames += [(t, f) for t, f in _mdns_answers(scene.home, types, moment)
                       if f[6:12] == other.mac]
    return truth.note(ordered(frames))


def _upnp(device):
    unique = f"{device.mac.hex()[:8]}-0000-1000-8000-{device.mac.hex()}"
    upnp = device.kind.get("upnp", {})
    return (upnp.get("type", "upnp:rootdevice"), f"http://{device.address}:"
            f"{upnp.get('port', 49152)}{upnp.get('path', '/description.xml')}",
            upnp.get("server", "Linux/3.14 UPnP/1.0 Device/1.0"), unique)


def ssdp_alive(scene, ask):
    """NOTIFY messages of a UPnP device."""
    device, target = ask.need_actor(), group(ssdp.GROUP)
    yield ask.at, _join_group(device, ssdp.GROUP)
    for moment in ask.every(ask.micros("every", 600), 0.1):
        for number in range(2):
            yield moment + number * 100000, udp_frame(device, target, (1900, 1900),
                                                      ssdp.alive(*_upnp(device)), ttl=4)


def ssdp_search(scene, ask):
    """An application looks for devices; UPnP devices answer to it alone."""
    device, target = ask.need_actor(), group(ssdp.GROUP)
    wanted, rounds = ask.get("search", "ssdp:all"), ask.get("rounds", 3)
    truth = scene.truth("udp-scan", "benign", "an application's search for devices", device)
    frames, source = [], ask.chance.port()
    for number in range(rounds):
        moment = ask.at + number * SECOND
        frames.append((moment, udp_frame(device, target, (source, 1900), ssdp.search(wanted),
                                         ttl=4)))
        for other in scene.home.devices.values():
            if "upnp" in other.kind:
                moment += ask.chance.between(20000, 90000)
                frames.append((moment, udp_frame(other, device, (1900, source),
                                                 ssdp.found(*_upnp(other)))))
    return truth.note(ordered(frames))


def onvif_search(scene, ask):
    """An application looks for cameras by WS-Discovery; those with onvif in their kind answer."""
    device, source = ask.need_actor(), ask.chance.port()
    ident, target = ask.chance.hex(32), group(wsd.GROUP)
    frames = [(ask.at, udp_frame(device, target, (source, wsd.PORT), wsd.probe(ident), ttl=1))]
    for number, other in enumerate(scene.home.devices.values()):
        if other.kind.get("onvif"):
            frames.append((ask.at + 30000 + number * 7000,
                           udp_frame(other, device, (wsd.PORT, source), wsd.match(ident, other))))
    return frames


def view_camera(scene, ask):
    """Somebody at home looks at a camera: RTSP over TCP, RTP over UDP."""
    viewer, camera = ask.need_actor(), ask.host("to")
    url = f"rtsp://{camera.address}:554{ask.get('path', '/live/ch0')}"
    rate, size, media = ask.get("rate", 40), ask.get("size", 1000), ask.chance.port() & ~1
    talk = conversation(scene.home, viewer, camera, 554, ask.at + 10000).open()
    frames = arp_exchange(viewer, camera, ask.at)
    transport = ("Transport", f"RTP/AVP;unicast;client_port={media}-{media + 1}")
    steps = [("OPTIONS", [], [("Public", "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")], b""),
             ("DESCRIBE", [("Accept", "application/sdp")], [("Content-Type", "application/sdp")],
              rtsp.description(camera.address)),
             ("SETUP", [transport], [("Session", "6310642"), transport], b""),
             ("PLAY", [("Session", "6310642")], [("Session", "6310642")], b"")]
    for number, (method, asked, told, body) in enumerate(steps, 2):
        talk.client(rtsp.request(method, url, number, asked), after=4000)
        talk.server(rtsp.response(200, number, told, body), after=9000)
    begin = talk.wait(60000).clock
    talk.until(ask.end).client(rtsp.request("TEARDOWN", url, 6, [("Session", "6310642")]))
    talk.server(rtsp.response(200, 6)).close()
    media_frames = _media(ask, (camera, viewer), (6970, media), (begin, rate, size))
    return merge(ordered(frames + talk.timeline()), media_frames)


def _media(ask, hosts, ports, flow):
    begin, rate, size = flow
    source, at, number = ask.chance.below(1 << 32), begin, 0
    while at < ask.end:
        number += 1
        payload = rtp.packet(number, number * 90000 // rate, source, ask.chance.bytes(size))
        yield at, udp_frame(*hosts, ports, payload, ident=number & 0xFFFF)
        at += SECOND // rate


def print_job(scene, ask):
    """IPP: attributes are asked for, a document is sent."""
    device, printer = ask.need_actor(), ask.host("to")
    size = ask.get("size", 60000)
    head = [("Content-Type", "application/ipp"), ("User-Agent", "CUPS/2.4.2 IPP/2.0")]
    attributes = b"\x02\0\0\x0b\0\0\0\x01\x01\x47\0\x12attributes-charset\0\x05utf-8\x03"
    document = b"\x02\0\0\x02\0\0\0\x02\x01\x47\0\x12attributes-charset\0\x05utf-8\x03"
    document += b"%PDF-1.5\n" + ask.chance.bytes(size)
    good = b"\x02\0\0\0\0\0\0\x01\x01\x47\0\x12attributes-charset\0\x05utf-8\x03"
    told = http.response(200, [("Content-Type", "application/ipp")], good, "HP HTTP Server")
    asked = [http.request("POST", "/ipp/print", f"{printer.address}:631", head, body)
             for body in (attributes, document)]
    return http_visit(scene.home, device, printer, ask.at, [(a, told) for a in asked], port=631)


def snmp_discovery(scene, ask):
    """A print driver's search: SNMP to everybody, printers answer."""
    device, source = ask.need_actor(), ask.chance.port()
    community = ask.get("community", "public")
    truth = scene.truth("udp-scan", "benign", "printer search by SNMP broadcast", device)
    ident = ask.chance.below(1 << 31)
    frames = [(ask.at, udp_frame(device, scene.home.broadcast(), (source, 161),
                                 snmp.get(community, ident)))]
    for number, other in enumerate(scene.home.devices.values()):
        if other.kind.get("snmp"):
            told = snmp.response(community, ident, [(snmp.SYS_DESCR, other.kind["snmp"])])
            frames.append((ask.at + 8000 + number * 500,
                           udp_frame(other, device, (161, source), told)))
    public = scene.truth("cleartext-credentials", "notice", f"SNMP community {community}", device)
    return truth.note(public.note(ordered(frames)))


def coap_poll(scene, ask):
    """A hub reads its sensors by CoAP."""
    hub, sensor, path = ask.need_actor(), ask.host("to"), ask.get("path", "sensors/temperature")
    source = ask.chance.port()
    yield from arp_exchange(hub, sensor, ask.at)
    for number, moment in enumerate(ask.every(ask.micros("every", 20)), 1):
        token, at = ask.chance.bytes(4), moment + 5000
        value = f'{{"t":{ask.chance.between(180, 240) / 10}}}'.encode()
        yield at, udp_frame(hub, sensor, (source, 5683), coap.get(number, token, path))
        yield at + 14000, udp_frame(sensor, hub, (5683, source),
                                    coap.content(number, token, value))


def modbus_poll(scene, ask):
    """A controller reads registers of a meter, and writes a set point now and then."""
    master, meter = ask.need_actor(), ask.host("to")
    first, count = ask.get("first", 100), ask.get("count", 10)
    write_every = ask.get("write_every", 0)
    frames, at = begin_with_lookup(scene.home, master, meter, ask.at)
    talk = conversation(scene.home, master, meter, 502, at).open()
    for number, moment in enumerate(ask.every(ask.micros("every", 5)), 1):
        talk.until(moment)
        values = [ask.chance.between(2200, 2400) for _ in range(count)]
        talk.client(modbus.read_request(number, 1, first, count))
        talk.server(modbus.read_response(number, 1, values), after=8000)
        if write_every and number % write_every == 0:
            order = modbus.write(number + 1000, 1, 40, values[0])
            talk.client(order, after=3000).server(order, after=6000)
    return frames + talk.timeline()


def bacnet_poll(scene, ask):
    """Who-Is, I-Am, then readings of a present value."""
    master, controller = ask.need_actor(), ask.host("to")
    ports, everybody = (bacnet.PORT, bacnet.PORT), scene.home.broadcast()
    yield ask.at, udp_frame(master, everybody, ports, bacnet.who_is())
    yield ask.at + 40000, udp_frame(controller, everybody, ports, bacnet.i_am(1234))
    yield from arp_exchange(master, controller, ask.at + 60000)
    for number, moment in enumerate(ask.every(ask.micros("every", 15))):
        at, invoke = moment + 100000, number & 0xFF
        yield at, udp_frame(master, controller, ports, bacnet.read_present_value(invoke, 1))
        value = struct.unpack("!f", struct.pack("!f", ask.chance.between(190, 230) / 10))[0]
        yield at + 9000, udp_frame(controller, master, ports,
                                   bacnet.present_value(invoke, 1, value))


def local_web(scene, ask):
    """Plain HTTP to a device of the home, without credentials: an app reading a state."""
    device, server, path = ask.need_actor(), ask.host("to"), ask.get("path", "/api/status")
    asked = http.request("GET", path, server.address, [("User-Agent", "okhttp/4.9.3")])
    told = http.response(200, [("Content-Type", "application/json")],
                         f'{{"name":"{server.name}","on":true}}'.encode(), "lighttpd/1.4.53")
    port = ask.get("port", 80)
    return overlapping(http_visit(scene.home, device, server, moment, [(asked, told)], port=port)
                       for moment in ask.every(ask.micros("every", 86400), 0.1))


ACTIVITIES = {"mdns": mdns, "mdns-query": mdns_query, "mdns-storm": mdns_storm,
              "ssdp-alive": ssdp_alive, "ssdp-search": ssdp_search, "view-camera": view_camera,
              "onvif-search": onvif_search,
              "print": print_job, "snmp-discovery": snmp_discovery, "coap-poll": coap_poll,
              "modbus-poll": modbus_poll, "bacnet-poll": bacnet_poll, "local-web": local_web}
