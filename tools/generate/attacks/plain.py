# SPDX-License-Identifier: Apache-2.0
"""Carelessness: credentials in the clear, defaults in use, administration for everybody."""

from generate.attacks.implied import in_clear, note_all
from generate.attacks.guess import PORTS, ftp_login, http_try, rtsp_login
from generate.link import arp_exchange, udp_frame
from generate.protocols import http, mqtt, snmp, ssh
from generate.sessions import conversation, ssh_login, telnet_login
from generate.tcp import CLIENT, Manner
from generate.timeline import ordered

_COOKIE = b"Cookie: mstshash=admin\r\n"


def _log_in(talk, ask, service, pair):
    user, password = pair
    if service == "telnet":
        telnet_login(talk, user, password, True, ask.get("banner", ""))
        for command in ask.get("commands", ["cat /proc/version", "ifconfig", "exit"]):
            talk.client(f"{command}\r\n".encode(), after=1500000)
            talk.server(f"{command}\r\nLinux 3.4.35\r\n# ".encode(), after=talk.hosts[1].turn)
    elif service == "ftp":
        ftp_login(talk, user, password, True)
        talk.client(b"PWD\r\n").server(b'257 "/"\r\n')
    elif service == "rtsp":
        rtsp_login(talk, user, password, True, ask.get("digest", False))
    elif service == "mqtt":
        talk.client(mqtt.connect("tool", user, password)).server(mqtt.CONNACK)
        talk.client(mqtt.publish("home/light/set", "on")).client(mqtt.DISCONNECT)
    elif service == "form":
        body = f"username={user}&password={password}".encode()
        kind = ("Content-Type", "application/x-www-form-urlencoded")
        talk.client(http.request("POST", "/login.cgi", talk.hosts[1].address, [kind], body))
        talk.server(http.response(302, [("Location", "/index.html")], b"", "Boa/0.94.13"))
    else:
        http_try(talk, user, password, True, ask.get("path", "/"))


def clear_login(scene, ask):
    """
    A login that anybody on the path can read, over service telnet, ftp, http, form,
    rtsp, mqtt; with default true the pair is one of the maker's defaults. mss, loss and
    reorder cut the stream into pieces, double some and swap some.
    """
    client, server = ask.need_actor(), ask.host("to")
    service, is_default = ask.get("service", "http"), ask.get("default", False)
    pair = (ask.get("user", "admin"), ask.get("password", "admin"))
    port = ask.get("port", {"mqtt": 1883, "form": 80}.get(service) or PORTS[service])
    frames = [] if server.remote else arp_exchange(client, server, ask.at - 3000)
    manner = Manner(mss=ask.get("mss", 1460), loss=ask.get("loss", 0.0),
                    reorder=ask.get("reorder", 0.0))
    talk = conversation(scene.home, client, server, port, ask.at, manner).open()
    _log_in(talk, ask, service, pair)
    made = frames + talk.close().timeline()
    clear = scene.truth("cleartext-credentials", "notice", f"{service} login in the clear", client,
                        server)
    clear.note(made)
    if is_default:
        scene.truth("default-credentials", "harm", f"default {service} login {pair[0]}", client,
                    server).note(made)
    return made


def snmp_public(scene, ask):
    """SNMP 2c with a community that everybody knows."""
    client, server = ask.need_actor(), ask.host("to")
    community = ask.get("community", "public")
    truth = scene.truth("cleartext-credentials", "notice", f"SNMP community {community}", client,
                        server)
    defaults = scene.truth("default-credentials", "notice", f"SNMP community {community}", client,
                           server)
    source, frames = ask.chance.port(), arp_exchange(client, server, ask.at)
    for number in range(ask.get("count", 6)):
        at, ident = ask.at + 5000 + number * 1000000, ask.chance.below(1 << 31)
        told = snmp.response(community, ident, [(snmp.SYS_DESCR, "Linux router 3.10.14"),
                                                (snmp.SYS_NAME, server.name)])
        frames += [(at, udp_frame(client, server, (source, 161),
                                  snmp.get(community, ident, snmp.SYS_DESCR, snmp.SYS_NAME))),
                   (at + server.turn, udp_frame(server, client, (161, source), told))]
    return truth.note(defaults.note(ordered(frames)))


def exposed_service(scene, ask):
    """
    A stranger reaches a device's administration (telnet, http, ssh, rdp, adb) from the
    internet, and it answers; nothing more than a look.
    """
    stranger, device = ask.foe("from", "visitor.example"), ask.host("to")
    service = ask.get("service", "http")
    port = ask.get("port", {"rdp": 3389, "adb": 5555}.get(service) or PORTS[service])
    truth = scene.truth("exposed-service", "notice", f"{service} on {port} answers the internet",
                        stranger, device)
    frames, every = [], ask.micros("every", 45)
    for number in range(ask.get("count", 3)):
        talk = conversation(scene.home, stranger, device, port, ask.at + number * every).open()
        _look(talk, service, device)
        frames += talk.reset(side=CLIENT).timeline()
    clear = in_clear(scene, service, stranger, device) if service == "telnet" else None
    return note_all(ordered(frames), truth, clear)


def _look(talk, service, device):
    far = device.turn
    if service == "telnet":
        telnet_login(talk, "admin", talk.chance.alnum(8), False)
    elif service == "ssh":
        chance = ssh_login(talk, True, client="OpenSSH_9.2")
        talk.client(ssh.sealed(chance, 96)).server(ssh.sealed(chance, 512), after=far)
    elif service == "rdp":
        request = b"\x03\0\0\x2b\x26\xe0\0\0\0\0\0" + _COOKIE + b"\x01\0\x08\0\x03\0\0\0"
        talk.client(request).server(bytes.fromhex("030000130ed000001234000209080002000000"), far)
    elif service == "adb":
        talk.client(b"CNXN\0\0\0\x01\0\x10\0\0\x07\0\0\0\x32\x02\0\0\xbc\xb1\xa7\xb1host::\0")
        talk.server(b"CNXN\0\0\0\x01\0\x10\0\0\x08\0\0\0\x68\x03\0\0\xbc\xb1\xa7\xb1device::", far)
    else:
        page = b"<html><title>Camera administration</title><form action=login.cgi></form></html>"
        talk.client(http.request("GET", "/", device.address, [("User-Agent", "Mozilla/5.0")]))
        talk.server(http.response(200, [("Content-Type", "text/html")], page, "Boa/0.94.13"), far)


ACTIVITIES = {"clear-login": clear_login, "snmp-public": snmp_public,
              "exposed-service": exposed_service}
