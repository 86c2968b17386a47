# SPDX-License-Identifier: Apache-2.0
"""
Near misses: what resembles an attack and is none. Each tells a truth with the verdict
benign under the topic that must stay silent.
"""

from generate.link import udp_frame
from generate.protocols import dns, ntp, ssh
from generate.sessions import begin_with_lookup, conversation, lookup, ssh_login, tls_visit
from generate.timeline import SECOND, ordered, overlapping


def syn_retry(scene, ask):
    """A phone whose network has gone tries its few servers again and again."""
    device, hosts = ask.need_actor(), ask.get("hosts", 5)
    servers = [ask.host_named(f"app{n}.push.example") for n in range(hosts)]
    truth = scene.truth("tcp-scan-outside", "benign", "SYNs repeated after a loss of network",
                        device)

    def one(number, moment):
        server = servers[number % hosts]
        return conversation(scene.home, device, server, 443, moment).unanswered(4).timeline()
    return truth.of(overlapping(one(n, m) for n, m in enumerate(
        ask.every(ask.micros("every", 4)))))


def refused_retry(scene, ask):
    """A computer asks again and again for a service that a device has switched off."""
    device, server = ask.need_actor(), ask.host("to")
    ports = ask.get("ports", [9100, 631, 515])
    truth = scene.truth("port-scan", "benign", "a service that is switched off", device, server)

    def one(number, moment):
        port = ports[number % len(ports)]
        return conversation(scene.home, device, server, port, moment).refused().timeline()
    return truth.of(overlapping(one(n, m) for n, m in enumerate(
        ask.every(ask.micros("every", 3)))))


def ssh_mistyped(scene, ask):
    """An administrator mistypes a password twice and then gets in."""
    device, server = ask.need_actor(), ask.host("to")
    truth = scene.truth("password-guessing", "benign", "two mistyped passwords, then the right one",
                        device, server)
    frames, at = begin_with_lookup(scene.home, device, server, ask.at)
    talk = conversation(scene.home, device, server, 22, at).open()
    chance = ssh_login(talk, True, client="OpenSSH_9.2p1", server="OpenSSH_8.4p1", tries=3)
    for _ in range(ask.get("commands", 20)):
        talk.client(ssh.sealed(chance, 48), after=ask.chance.between(100000, 900000))
        talk.server(ssh.sealed(chance, ask.chance.between(64, 900)), after=server.turn)
    return truth.note(frames + talk.close().timeline())


def ntp_many(scene, ask):
    """A client that asks four servers every minute, as a pool's clients do."""
    device = ask.need_actor()
    servers = [ask.host_named(f"{n}.pool.ntp.example") for n in range(4)]
    truth = scene.truth("amplification", "benign", "an NTP client and its four servers", device)
    frames = []
    for moment in ask.every(ask.micros("every", 64)):
        for number, server in enumerate(servers):
            at = moment + number * 200000
            source = ask.chance.port()
            frames += [(at, udp_frame(device, server, (source, 123), ntp.request(at))),
                       (at + server.turn, udp_frame(server, device, (123, source),
                                                    ntp.response(at, at + server.turn)))]
    return truth.note(ordered(frames))


def long_names(scene, ask):
    """Delivery networks and virus scanners put long, odd labels into names."""
    device, count = ask.need_actor(), ask.get("count", 60)
    truth = scene.truth("dns-tunnel", "benign", "long names of a delivery network", device,
                        scene.home.gateway)
    chance = ask.chance

    def one(number):
        kind = number % 3
        name = (f"{chance.hex(32)}.{chance.hex(8)}.safebrowse.example",
                f"rr{number % 9}---sn-{chance.alnum(12)}.video-delivery.example",
                f"d{chance.alnum(13)}.edge.cdn-provider.example")[kind]
        server = scene.home.stranger(name)
        alias = f"e{number}.a.{chance.alnum(20)}.geo.cdn-edge.example"
        return lookup(scene.home, device, server, ask.at + number * SECOND // 3, alias=alias)
    return truth.of(overlapping(one(number) for number in range(count)))


def own_heartbeat(scene, ask):
    """A beacon's rhythm, but to the device's own cloud, which its name and certificate say."""
    device, server = ask.need_actor(), ask.host("to")
    truth = scene.truth("beacon", "benign", "a heartbeat to the device's own cloud", device, server)
    every = ask.micros("every", 30)
    return truth.of(overlapping(
        tls_visit(scene.home, device, server, moment, [(110, 40)]) for moment in
        ask.every(every, ask.get("jitter", 0.01))))


def no_such_names(scene, ask):
    """A browser's own random names, asked three at a start to find a lying resolver."""
    device, gateway = ask.need_actor(), scene.home.gateway
    truth = scene.truth("dns-flood", "benign", "a browser's test for a lying resolver", device)
    frames = []
    for moment in ask.every(ask.micros("every", 60)):
        for number in range(3):
            ident, source = ask.chance.below(65536), ask.chance.port()
            name, at = f"{ask.chance.letters(12)}.{scene.home.domain}", moment + number * 900
            told = dns.answer(ident, name, [], code=dns.NO_SUCH_NAME)
            frames += [(at, udp_frame(device, gateway, (source, 53), dns.query(ident, name))),
                       (at + 12000, udp_frame(gateway, device, (53, source), told))]
    return truth.note(ordered(frames))


ACTIVITIES = {"syn-retry": syn_retry, "refused-retry": refused_retry,
              "ssh-mistyped": ssh_mistyped, "ntp-many": ntp_many, "long-names": long_names,
              "own-heartbeat": own_heartbeat, "no-such-names": no_such_names}
