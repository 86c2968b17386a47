# SPDX-License-Identifier: Apache-2.0
"""What devices say to their own services, and people to the web."""

from generate.link import udp_frame
from generate.protocols import http, mqtt, ntp, rtp, tls
from generate.sessions import (begin_with_lookup, certificate_truth, conversation, http_visit,
                               lookup, quic_visit, tls_handshake, tls_visit)
from generate.tcp import Manner
from generate.timeline import SECOND, overlapping


def _stack(device, ask):
    kind = device.kind
    return {"stack": ask.get("stack", kind.get("stack", "embedded")),
            "version": ask.get("version", kind.get("tls", "1.2")),
            "certificate": ask.get("certificate", "valid")}


def clock(scene, ask):
    """NTP, with a lookup each time."""
    device, server = ask.need_actor(), ask.host("to", "pool.ntp.example")
    for moment in ask.every(ask.micros("every", 512), 0.05):
        yield from lookup(scene.home, device, server, moment)
        at = moment + 60000
        ports = (123, 123)
        yield at, udp_frame(device, server, ports, ntp.request(at))
        later = at + server.turn
        yield later, udp_frame(server, device, ports[::-1], ntp.response(at, later))


def heartbeat(scene, ask):
    """
    A device's periodic word with its own cloud: regular, small, and innocent. With
    keep true it is one long connection, otherwise a new one each time.
    """
    device, server = ask.need_actor(), ask.host("to")
    every, jitter = ask.micros("every", 30), ask.get("jitter", 0.02)
    port, sizes = ask.get("port", 443), (ask.get("up", 120), ask.get("down", 60))
    how = _stack(device, ask)
    if not ask.get("keep", True):
        return overlapping(tls_visit(scene.home, device, server, moment, [sizes], port=port, **how)
                           for moment in ask.every(every, jitter))
    frames, at = begin_with_lookup(scene.home, device, server, ask.at)
    talk = conversation(scene.home, device, server, port, at).open()
    version, chance = tls_handshake(scene.home, talk, server, **how)
    for moment in ask.every(every, jitter):
        talk.until(moment)
        talk.client(tls.data(chance, sizes[0], version))
        talk.server(tls.data(chance, sizes[1], version), after=server.turn)
    return frames + talk.timeline()


def visits(scene, ask):
    """HTTPS visits, one or many, each of some exchanges of given sizes."""
    device, server = ask.need_actor(), ask.host("to")
    count, up, down = ask.get("exchanges", 2), ask.get("up", 500), ask.get("down", 4000)
    manner = Manner(loss=ask.get("loss", 0.0), reorder=ask.get("reorder", 0.0))
    pause, port = ask.micros("pause", 0.2), ask.get("port", 443)
    how = _stack(device, ask)
    if ask.get("family", 4) == 6:
        device, server = scene.home.outside6(device, server)

    def one(moment):
        sizes = [(ask.chance.jitter(up, 0.3), ask.chance.jitter(down, 0.5)) for _ in range(count)]
        return tls_visit(scene.home, device, server, moment, sizes, port=port, manner=manner,
                         pause=pause, **how)
    frames = overlapping(one(moment) for moment in ask.every(ask.micros("every", 86400), 0.1))
    truth = certificate_truth(scene, how["certificate"], device, server)
    return truth.of(frames) if truth else frames


def update(scene, ask):
    """A firmware download; over plain HTTP it is a signed image, as many makers still do."""
    device, server = ask.need_actor(), ask.host("to")
    size, plain = ask.get("size", 400000), ask.get("plain", False)
    manner = Manner(gap=ask.get("gap", 200), loss=ask.get("loss", 0.0),
                    reorder=ask.get("reorder", 0.0))
    if not plain:
        return tls_visit(scene.home, device, server, ask.at, [(300, size)], manner=manner,
                         **_stack(device, ask))
    truth = scene.truth("malware-download", "benign", "signed firmware over plain HTTP", device)
    image = b"TNTFW\x01\0\0" + ask.chance.bytes(size)
    image += b"-----SIGNATURE-----" + ask.chance.bytes(256)
    path = ask.get("path", "/firmware/2.4.1/update.bin")
    agent = ask.get("agent", "device-updater/2.4")
    asked = http.request("GET", path, server.name, [("User-Agent", agent), ("Accept", "*/*")])
    told = http.response(200, [("Content-Type", "application/octet-stream")], image)
    return truth.note(http_visit(scene.home, device, server, ask.at, [(asked, told)],
                                 manner=manner))


def mqtt_session(scene, ask):
    """
    One MQTT connection with publications; over TLS unless plain. Credentials in a plain
    one are a notice.
    """
    device, server = ask.need_actor(), ask.host("to")
    plain, user, password = ask.get("plain", False), ask.get("user"), ask.get("password")
    topic = ask.get("topic", f"home/{device.name}/state")
    frames, at = begin_with_lookup(scene.home, device, server, ask.at)
    talk = conversation(scene.home, device, server, ask.get("port", 1883 if plain else 8883), at)
    talk.open()
    seal = _plain if plain else _sealed(tls_handshake(scene.home, talk, server,
                                                      **_stack(device, ask)))
    talk.client(seal(mqtt.connect(device.name, user, password))).server(seal(mqtt.CONNACK))
    talk.client(seal(mqtt.subscribe(1, f"{topic}/set"))).server(seal(mqtt.suback(1)))
    for number, moment in enumerate(ask.every(ask.micros("every", 30), 0.1)):
        talk.until(moment + SECOND)
        value = f'{{"n":{number},"power":{ask.chance.between(0, 900) / 10}}}'
        talk.client(seal(mqtt.publish(topic, value)))
        talk.client(seal(mqtt.PINGREQ), after=200000).server(seal(mqtt.PINGRESP), server.turn)
    if plain and user:
        what = "MQTT user name and password in the clear"
        truth = scene.truth("cleartext-credentials", "notice", what, device, server)
        return frames + truth.note(talk.timeline())
    return frames + talk.timeline()


def _plain(data):
    return data


def _sealed(secret):
    version, chance = secret
    return lambda data: tls.data(chance, len(data), version)


def voice(scene, ask):
    """A voice assistant: a burst up, an answer and speech down, at human intervals."""
    device, server = ask.need_actor(), ask.host("to")
    every, how = ask.micros("every", 180), _stack(device, ask)

    def one(moment):
        spoken = [(ask.chance.between(1500, 4000), 0) for _ in range(6)]
        return tls_visit(scene.home, device, server, moment,
                         [*spoken, (200, ask.chance.between(20000, 50000))], pause=250000, **how)
    return overlapping(one(moment) for moment in ask.every(every, 0.5))


def stream(scene, ask):
    """Video down, a chunk every few seconds on one connection."""
    device, server = ask.need_actor(), ask.host("to")
    chunk, count = ask.get("chunk", 60000), ask.get("chunks", 6)
    return tls_visit(scene.home, device, server, ask.at, [(450, chunk)] * count,
                     pause=ask.micros("every", 4), **_stack(device, ask))


def browse(scene, ask):
    """
    A person and a page: many different hosts in a burst, all of which answer. Some sites
    hide behind long names of a delivery network, some (the share quic) speak QUIC.
    """
    device, hosts = ask.need_actor(), ask.get("hosts", 12)
    spread, tag = ask.micros("spread", 20), ask.get("tag", "site")
    long_names, down = ask.get("long_names", 0.3), ask.get("down", 6000)
    over_quic = ask.get("quic", 0.25)
    if ask.get("near_miss", False):
        truth = scene.truth("tcp-scan-outside", "benign", f"browsing {hosts} hosts", device)
        return truth.of(_browse(scene, ask, (device, hosts, spread, tag),
                                (long_names, over_quic, down)))
    return _browse(scene, ask, (device, hosts, spread, tag), (long_names, over_quic, down))


def _browse(scene, ask, who, manner):
    device, hosts, spread, tag = who
    long_names, over_quic, down = manner
    chance, how = ask.chance, {"stack": "browser", "version": "1.3"}

    def visit(number):
        name = f"{chance.letters(3)}{number}.{tag}{number % 7}.example"
        if chance.happens(long_names):
            edge = f"e{chance.between(1000, 9999)}.dsc{chance.letters(1)}"
            name = f"{edge}.{chance.alnum(24)}.cdn-edge.{tag}.example"
        moment = ask.at + spread * number // hosts
        server = scene.home.stranger(name)
        if over_quic and chance.happens(over_quic):
            return quic_visit(scene.home, device, server, moment, chance.jitter(down, 0.6))
        return tls_visit(scene.home, device, server, moment,
                         [(chance.jitter(600, 0.3), chance.jitter(down, 0.6))], **how)
    return overlapping(visit(number) for number in range(hosts))


def speed_test(scene, ask):
    """A person measures the line: as fast as it goes, both ways."""
    device, server = ask.need_actor(), ask.host("to", "speed.example")
    size = ask.get("size", 600000)
    truth = scene.truth("data-exfiltration", "benign", "speed test, down and up", device, server)
    return truth.note(tls_visit(scene.home, device, server, ask.at,
                                [(300, size), (size, 200)], manner=Manner(gap=40),
                                stack="browser", version="1.3"))


def peer_video(scene, ask):
    """
    WebRTC: STUN, then video over UDP to one peer at a high rate, which reports back.
    The upload of a camera that somebody watches from afar.
    """
    device, peer = ask.need_actor(), ask.host("to", "viewer.example")
    rate, size = ask.get("rate", 90), ask.get("size", 1100)
    truth = scene.truth("udp-flood", "benign", "video to one peer over WebRTC, both ways", device,
                        peer)
    return truth.of(_peer_video(ask, (device, peer), rate, size))


def _peer_video(ask, hosts, rate, size):
    device, peer = hosts
    chance, ports = ask.chance, (ask.chance.port(), ask.chance.port())
    transaction = chance.bytes(12)
    at, source = ask.at, chance.below(1 << 32)
    yield at, udp_frame(device, peer, ports, rtp.binding_request(transaction))
    told = rtp.binding_response(transaction, device.ip, ports[0])
    at += peer.turn
    yield at, udp_frame(peer, device, ports[::-1], told)
    number = 0
    while at < ask.end:
        at += SECOND // rate
        number += 1
        payload = rtp.packet(number, number * (90000 // rate), source, chance.bytes(size))
        yield at, udp_frame(device, peer, ports, payload, ident=number & 0xFFFF)
        if number % 4 == 0:
            back = rtp.packet(number // 4, number * 400, source ^ 1, chance.bytes(120), kind=111)
            yield at + 150, udp_frame(peer, device, ports[::-1], back, ident=number & 0xFFFF)


def game(scene, ask):
    """Game traffic: small datagrams both ways, many a second, to a few servers."""
    device, rate = ask.need_actor(), ask.get("rate", 30)
    servers = [ask.host_named(f"match{n}.game.example") for n in range(ask.get("servers", 3))]
    truth = scene.truth("udp-flood", "benign", "a game's datagrams", device)
    return truth.of(_game(ask, device, servers, rate))


def _game(ask, device, servers, rate):
    chance, source = ask.chance, ask.chance.port()
    at, number = ask.at, 0
    while at < ask.end:
        server = servers[number % len(servers)] if number < 60 else servers[0]
        ports = (source, 27960 + servers.index(server))
        yield at, udp_frame(device, server, ports, chance.bytes(chance.between(40, 90)))
        yield at + min(server.turn, SECOND // rate - 1), udp_frame(
            server, device, ports[::-1], chance.bytes(chance.between(60, 300)))
        at += SECOND // rate
        number += 1


ACTIVITIES = {"ntp": clock, "heartbeat": heartbeat, "visit": visits, "update": update,
              "mqtt": mqtt_session, "voice": voice, "stream": stream, "browse": browse,
              "speed-test": speed_test, "peer-video": peer_video, "game": game}
