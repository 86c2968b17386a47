# SPDX-License-Identifier: Apache-2.0
"""
Whole exchanges that many activities share: a lookup, an HTTPS or HTTP visit, a login.

Each returns a list of frames in order of time.
"""

from generate.link import arp_exchange, udp_frame
from generate.protocols import der, dns, http, quic, ssh, telnet, tls
from generate.tcp import Conversation, Manner
from generate.timeline import SECOND

_DAY = 86400


def lookup(home, device, server, at, **how):
    """
    A question for a host's address and its answer, through the gateway or a resolver
    that the caller names; always over IPv4, whichever address is asked for.
    """
    resolver = how.get("resolver") or home.gateway
    kind = dns.AAAA if len(server.ip) == 16 else dns.A
    device = home.devices.get(device.name, device)
    chance = home.chance.child("lookup", device.name, server.name, kind, at)
    ident, ports = chance.below(65536), (chance.port(), 53)
    alias = how.get("alias")
    records = [dns.record(server.name, dns.CNAME, dns.name(alias), ttl=60)] if alias else []
    records.append(dns.record(alias or server.name, kind, server.ip, ttl=how.get("ttl", 300)))
    asked = dns.query(ident, server.name, kind, edns=how.get("edns", False))
    told = dns.answer(ident, server.name, records, kind)
    later = at + resolver.turn + (chance.between(4000, 18000) if not resolver.remote else 0)
    return [(at, udp_frame(device, resolver, ports, asked, ident=chance.below(65536))),
            (later, udp_frame(resolver, device, ports[::-1], told, ident=chance.below(65536)))]


def begin_with_lookup(home, device, server, at):
    """The lookup (or ARP, for a neighbour) and the moment at which a first packet can go."""
    if not server.remote:
        frames = arp_exchange(device, server, at)
    elif server.name == server.address:
        return [], at
    else:
        frames = lookup(home, device, server, at)
    return frames, frames[-1][0] + device.turn


def conversation(home, client, server, port, at, manner=Manner()):
    """A TCP conversation from an ephemeral port."""
    chance = home.chance.child("conversation", client.name, server.name, port, at)
    return Conversation(chance, client, server, (chance.port(), port), at, manner)


def certificates(home, server, now, condition="valid"):
    """
    The chain that a server shows: valid (leaf and intermediate), expired, self-signed.
    now is in microseconds.
    """
    chance = home.chance.child("certificate", server.name, condition)
    seconds = now // SECOND // _DAY * _DAY
    subject = (server.name, None)
    authority = ("Example Trust Services CA 2", "Example Trust Services")
    root = ("Example Trust Services Root", "Example Trust Services")
    if condition == "self-signed":
        who = (server.name, server.name.split(".")[0].title())
        return [der.certificate(chance, who, who, (seconds - 400 * _DAY, seconds + 7300 * _DAY))]
    span = (seconds - 30 * _DAY, seconds + 60 * _DAY)
    if condition == "expired":
        span = (seconds - 460 * _DAY, seconds - 95 * _DAY)
    middle = der.certificate(chance.child("middle"), authority, root,
                             (seconds - 900 * _DAY, seconds + 900 * _DAY))
    return [der.certificate(chance, subject, authority, span, [server.name]), middle]


def certificate_truth(scene, condition, device, server):
    """The truth about a server's certificate, or None when nothing is wrong with it."""
    topics = {"expired": ("expired-certificate", "the server's certificate has expired"),
              "self-signed": ("self-signed-certificate", "the server vouches for itself")}
    if condition not in topics:
        return None
    topic, what = topics[condition]
    return scene.truth(topic, "notice", what, device, server)


def tls_handshake(home, talk, server, **how):
    """Handshake on an open conversation; how: stack, version, certificate, name."""
    stack = how.get("stack", "embedded")
    version = tls.VERSIONS[how.get("version", "1.2")]
    chance = talk.chance.child("tls")
    name = how.get("name", server.name if server.name != server.address else "")
    chain = certificates(home, server, talk.clock, how.get("certificate", "valid"))
    talk.client(tls.client_hello(chance, name, stack, version), after=1200)
    talk.server(tls.server_flight(chance, stack, version, chain), after=server.turn)
    talk.client(tls.client_finish(chance, stack, version), after=6000)
    talk.server(tls.server_finish(chance, version), after=server.turn)
    return version, chance


def tls_visit(home, device, server, at, exchanges, **how):
    """
    Lookup, connection, handshake, exchanges of (bytes up, bytes down), end.
    how adds port, manner, pause (microseconds between exchanges), lookup (bool).
    """
    frames, at = ([], at) if how.get("lookup") is False else begin_with_lookup(
        home, device, server, at)
    talk = conversation(home, device, server, how.get("port", 443), at,
                        how.get("manner", Manner())).open()
    version, chance = tls_handshake(home, talk, server, **how)
    for number, (up, down) in enumerate(exchanges):
        pause = how.get("pause", 3000) if number else 2000
        if up:
            talk.client(tls.data(chance, up, version), after=pause)
        if down:
            talk.server(tls.data(chance, down, version), after=server.turn)
    talk.client(tls.close_notify(chance, version), after=5000).close()
    return frames + talk.timeline()


def quic_visit(home, device, server, at, down):
    """Lookup, QUIC's opening, a request and its answer of about so many bytes."""
    frames, at = begin_with_lookup(home, device, server, at)
    chance = home.chance.child("quic", device.name, server.name, at)
    ports = (chance.port(), 443)

    def up(moment, payload):
        frames.append((moment, udp_frame(device, server, ports, payload)))

    def back(moment, payload):
        frames.append((moment, udp_frame(server, device, ports[::-1], payload)))

    opening, ends = quic.first_flight(chance, server.name)
    up(at, opening)
    at += server.turn
    answer, chosen = quic.answer_flight(chance, ends)
    back(at, answer)
    up(at + 2000, quic.client_handshake(chance, ends[1], chosen))
    up(at + 2400, quic.short(chance, chosen, 420))
    at += 2400 + server.turn
    for number in range(down // 1200 + 1):
        back(at + number * 150, quic.short(chance, ends[1], 1191))
        if number % 2:
            up(at + number * 150 + device.turn, quic.short(chance, chosen, 24))
    return sorted(frames, key=lambda item: item[0])


def http_visit(home, device, server, at, exchanges, **how):
    """Lookup, connection, exchanges of (request bytes, response bytes), end."""
    frames, at = ([], at) if how.get("lookup") is False else begin_with_lookup(
        home, device, server, at)
    talk = conversation(home, device, server, how.get("port", 80), at,
                        how.get("manner", Manner())).open()
    for number, (asked, told) in enumerate(exchanges):
        talk.client(asked, after=how.get("pause", 3000) if number else 800)
        if told:
            talk.server(told, after=server.turn + 2000)
    talk.close()
    return frames + talk.timeline()


def telnet_login(talk, user, password, accepted, banner=""):
    """One try at a Telnet prompt on an open conversation."""
    talk.server(telnet.login_prompt(banner), after=talk.hosts[1].turn + 15000)
    talk.client(telnet.DO_ECHO_SGA, after=2000)
    talk.client(f"{user}\r\n".encode(), after=300000)
    talk.server(f"{user}\r\nPassword: ".encode(), after=talk.hosts[1].turn)
    talk.client(f"{password}\r\n".encode(), after=300000)
    said = b"\r\n\r\nBusyBox v1.19.4 built-in shell (ash)\r\n# " if accepted \
        else b"\r\nLogin incorrect\r\n"
    talk.server(said, after=talk.hosts[1].turn + (40000 if accepted else 900000))


def ssh_login(talk, accepted, client="libssh2_1.4.3", server="dropbear_2012.55", tries=1):
    """
    An SSH login from banner to the answer of the last password; what follows is the
    caller's. Sizes are those of password authentication under aes-ctr.
    """
    chance = talk.chance.child("ssh")
    far = talk.hosts[1].turn
    talk.client(ssh.banner(client), after=1000).server(ssh.banner(server), after=far)
    talk.client(ssh.key_init(chance)).server(ssh.key_init(chance), after=far)
    talk.client(ssh.key_exchange(chance)).server(ssh.key_reply(chance), after=far + 20000)
    talk.client(ssh.new_keys(chance) + ssh.sealed(chance, 48), after=4000)
    talk.server(ssh.sealed(chance, 48), after=far)
    for number in range(tries):
        last = number + 1 == tries
        talk.client(ssh.sealed(chance, 144), after=250000 if number == 0 else 2500000)
        good = accepted and last
        talk.server(ssh.sealed(chance, 32 if good else 80), after=far + (8000 if good else 1900000))
    return chance


def http_login(host, path, user, password, accepted):
    """A Basic authentication request and its answer."""
    asked = http.request("GET", path, host, [("Authorization", http.basic(user, password)),
                                             ("User-Agent", "Mozilla/5.0"), ("Accept", "*/*")])
    if accepted:
        return asked, http.response(200, [("Content-Type", "text/html")],
                                    b"<html><title>Status</title></html>", "GoAhead-Webs")
    return asked, http.response(401, [("WWW-Authenticate", 'Basic realm="Device"')], b"",
                                "GoAhead-Webs")
