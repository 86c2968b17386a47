# SPDX-License-Identifier: Apache-2.0
"""
What else is true of an attack's packets.

A guessed Telnet password also crossed the network in the clear, and the device that
took it also answered the internet. A detection that says so is right, and a list of
truths that leaves it out would call it wrong.
"""

from generate.attacks.credentials import MIRAI

_IN_CLEAR = ("telnet", "ftp", "http", "rtsp")
_DEFAULTS = frozenset((user, password) for user, password, _ in MIRAI)


def in_clear(scene, service, client, server):
    """The truth for logins over a service, or None when it hides them."""
    if service not in _IN_CLEAR:
        return None
    return scene.truth("cleartext-credentials", "notice", f"{service} login in the clear", client,
                       server)


def default_used(scene, service, client, server, pair):
    """The truth for a login that worked, or None when nobody can see a default pair."""
    if tuple(pair) not in _DEFAULTS or service not in _IN_CLEAR:
        return None
    return scene.truth("default-credentials", "harm", f"default {service} login {pair[0]}", client,
                       server)


def answers_outside(scene, client, server, what):
    """The truth for a stranger's connection to a device, or None when it is not that."""
    if not client.remote or server.remote:
        return None
    return scene.truth("exposed-service", "notice", f"{what} answers the internet", client, server)


def sweeps(scene, actor, rate):
    """The truth for ARP requests that a scan of the subnet causes, if they are quick."""
    if rate < 5:
        return None
    return scene.truth("arp-sweep", "harm", "ARP requests through the subnet", actor)


def note_all(frames, *truths):
    """Note a list under each truth that there is."""
    for truth in truths:
        if truth is not None:
            truth.note(frames)
    return frames
