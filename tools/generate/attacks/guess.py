# SPDX-License-Identifier: Apache-2.0
"""Passwords guessed, over the services where devices keep them."""

from generate.attacks.credentials import from_recipe
from generate.attacks.implied import answers_outside, default_used, in_clear, note_all
from generate.protocols import http, rtsp, sip, ssh
from generate.link import udp_frame
from generate.sessions import conversation, http_login, ssh_login, telnet_login
from generate.timeline import ordered, overlapping

PORTS = {"telnet": 23, "ssh": 22, "ftp": 21, "http": 80, "rtsp": 554, "sip": 5060}


def ftp_login(talk, user, password, accepted):
    """USER and PASS, and QUIT when it was not to be."""
    far = talk.hosts[1].turn
    talk.server(b"220 (vsFTPd 2.3.4)\r\n", after=far + 4000)
    talk.client(f"USER {user}\r\n".encode(), after=20000)
    talk.server(b"331 Please specify the password.\r\n", after=far)
    talk.client(f"PASS {password}\r\n".encode(), after=20000)
    talk.server(b"230 Login successful.\r\n" if accepted else b"530 Login incorrect.\r\n",
                after=far + (9000 if accepted else 900000))
    if not accepted:
        talk.client(b"QUIT\r\n").server(b"221 Goodbye.\r\n", after=far)


def rtsp_login(talk, user, password, accepted, digest=False):
    """DESCRIBE without and then with credentials."""
    camera = talk.hosts[1]
    url = f"rtsp://{camera.address}:554/Streaming/Channels/101"
    nonce = talk.chance.hex(32)
    offer = f'Digest realm="IPCAM", nonce="{nonce}"' if digest else 'Basic realm="IPCAM"'
    talk.client(rtsp.request("DESCRIBE", url, 1), after=2000)
    talk.server(rtsp.response(401, 1, [("WWW-Authenticate", offer)]), after=camera.turn + 3000)
    proof = http.digest(user, password, "IPCAM", nonce, ("DESCRIBE", url)) if digest \
        else http.basic(user, password)
    talk.client(rtsp.request("DESCRIBE", url, 2, [("Authorization", proof)]), after=9000)
    if accepted:
        body = rtsp.description(camera.address)
        told = rtsp.response(200, 2, [("Content-Type", "application/sdp")], body)
    else:
        told = rtsp.response(401, 2, [("WWW-Authenticate", offer)])
    talk.server(told, after=camera.turn + 5000)


def http_try(talk, user, password, accepted, path="/"):
    """One request with Basic credentials."""
    asked, told = http_login(talk.hosts[1].address, path, user, password, accepted)
    talk.client(asked).server(told, after=talk.hosts[1].turn + 6000)


def attempt(scene, ask, ends, at, pairs, accepted):
    """One connection with its guesses, (user, password); accepted is about the last."""
    attacker, victim, service = ends
    talk = conversation(scene.home, attacker, victim, ask.get("port", PORTS[service]), at).open()
    user, password = pairs[-1]
    if service == "telnet":
        for one in pairs[:-1]:
            telnet_login(talk, *one, False, ask.get("banner", ""))
        telnet_login(talk, user, password, accepted, ask.get("banner", ""))
    elif service == "ssh":
        chance = ssh_login(talk, accepted, tries=len(pairs))
        if accepted:
            talk.client(ssh.sealed(chance, 64)).server(ssh.sealed(chance, 96), victim.turn)
    elif service == "ftp":
        ftp_login(talk, user, password, accepted)
    elif service == "http":
        http_try(talk, user, password, accepted, ask.get("path", "/"))
    else:
        rtsp_login(talk, user, password, accepted, ask.get("digest", False))
    return talk.close().timeline()


def guess(scene, ask):
    """
    service telnet, ssh, ftp, http or rtsp; actor (a device) or from (a stranger) tries
    tries pairs on to, tries_each (telnet, ssh) in a connection and a connection every few
    seconds; success says that the last one is right. With spread, to is that many strangers
    in turn.
    """
    service, tries = ask.get("service", "telnet"), ask.get("tries", 20)
    attacker = ask.foe("from", None) if ask.get("from") else ask.need_actor()
    spread, success = ask.get("spread", 0), ask.get("success", False)
    name = ask.get("to", "victim.example")
    victims = [ask.foe(f"victim{n}", f"victim{n}.example") for n in range(spread)] \
        or [ask.foe("to", name)]
    pairs = from_recipe(ask, tries)
    single = victims[0] if len(victims) == 1 else None
    truth = scene.truth("password-guessing", "harm", f"{tries} guesses over {service}", attacker,
                        single)
    won = scene.truth("password-guessed", "harm", f"a guess over {service} was right", attacker,
                      single) if success else None
    every, last_pair = ask.micros("every", 2), pairs[(tries - 1) % len(pairs)]
    each = ask.get("tries_each", 1)
    clear = None if ask.get("digest") else in_clear(scene, service, attacker, single)
    outside = answers_outside(scene, attacker, victims[0], service)
    default = default_used(scene, service, attacker, single, last_pair) if success else None

    def one(number):
        tried = [pairs[n % len(pairs)] for n in range(number * each, min(tries, (number + 1) * each))]
        right = success and (number + 1) * each >= tries
        made = attempt(scene, ask, (attacker, victims[number % len(victims)], service),
                       ask.at + number * every, tried, right)
        return note_all(made, clear, outside, *((won, default) if right else ()))
    return truth.of(overlapping(one(number) for number in range(-(-tries // each))))


def sip_guess(scene, ask):
    """REGISTER with one extension after the other, as SIPVicious does."""
    victim, foe = ask.host("to"), ask.foe("from", "sipscan.example")
    truth = scene.truth("password-guessing", "harm", "SIP extensions and passwords tried", foe,
                        victim)
    frames = []
    for number in range(ask.get("tries", 60)):
        at, user, ident = ask.at + number * 80000, str(100 + number), ask.chance.hex(16)
        asked = sip.request("REGISTER", user, victim.address, ident,
                            [("Contact", f"<sip:{user}@{foe.address}>"),
                             ("User-Agent", "friendly-scanner")])
        told = sip.response("401 Unauthorized", "REGISTER", user, victim.address, ident)
        frames += [(at, udp_frame(foe, victim, (5071, 5060), asked)),
                   (at + victim.turn, udp_frame(victim, foe, (5060, 5071), told))]
    return truth.note(ordered(frames))


ACTIVITIES = {"guess": guess, "sip-guess": sip_guess}
