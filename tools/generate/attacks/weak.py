# SPDX-License-Identifier: Apache-2.0
"""TLS that protects less than it seems to: old versions, bad certificates."""

from generate.protocols.tls import VERSIONS
from generate.sessions import certificate_truth, tls_visit
from generate.timeline import overlapping


def weak_tls(scene, ask):
    """
    Visits with an old version (ssl3, 1.0, 1.1), an expired or a self-signed certificate,
    or both; each of them is a truth of its own.
    """
    device, server = ask.need_actor(), ask.host("to", "legacy.device-cloud.example")
    version, condition = ask.get("version", "1.2"), ask.get("certificate", "valid")
    stack = ask.get("stack", "old" if VERSIONS[version] < VERSIONS["1.2"] else "embedded")
    port, every = ask.get("port", 443), ask.micros("every", 60)
    frames = overlapping(tls_visit(scene.home, device, server, moment, [(200, 600)], port=port,
                                   version=version, certificate=condition, stack=stack)
                         for moment in ask.every(every, 0.1))
    if VERSIONS[version] < VERSIONS["1.2"]:
        frames = scene.truth("old-tls", "notice", f"speaks TLS version {version}", device,
                             server).of(frames)
    truth = certificate_truth(scene, condition, device, server)
    return truth.of(frames) if truth else frames


ACTIVITIES = {"weak-tls": weak_tls}
