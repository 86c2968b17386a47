#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A small home with real programs in it, and `tenet watch` on its router.

    internet                    gateway
   +--------------+   uplink   +---------------------------------+
   | 203.0.113.1  |------------| 203.0.113.2                     |
   | (answers no  |            | dnsmasq, mosquitto, tenet       |
   |  connection) |            | bridge "lan": 192.168.77.1/24   |
   +--------------+            +----+-----------------------+----+
                             port-camera                port-visitor
                                    |                       |
                                   eth                     eth
                               +---------+            +---------------+
                               | camera  |            | visitor       |
                               | udhcpc  |            | 192.168.77.50 |
                               | telnetd |            +---------------+
                               +---------+

The visitor is there first. The camera joins, gets its address by DHCP, asks
for a name, and sends its MQTT password in the clear; the visitor logs in to it
with a factory password, then guesses others; at last the camera scans the
internet for Telnet, and then its own network. Nobody answers, and after its
last packet nothing more comes: the clock alone must tell.

Each finding must be printed, and be in the ledger, within two seconds of the
packet that completes it. Nothing is slept for; what is waited for is measured.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from network import (Namespace, Watch, cable, enter_private_world, need, run,
                     wait_for)

HERE = pathlib.Path(__file__).resolve().parent
LATENCY_MAX_S = 2.0
ROUTER = "192.168.77.1"
FACTORY_PASSWORD = "xc3511"
MQTT_PASSWORD = "Sommer-am-See"

LOGIN = f"""#!/bin/sh
# Asks as login(1) does, and accepts one factory password.
for attempt in 1 2 3; do
    printf 'camera login: '; read -r user
    stty -echo; printf 'Password: '; read -r password; stty echo; echo
    [ "$user:$password" = "root:{FACTORY_PASSWORD}" ] && exec busybox sh
    echo 'Login incorrect'
done
"""

LEASE = """#!/bin/sh
# udhcpc calls this with what it got.
[ "$1" = bound ] || exit 0
ip addr add "$ip/$mask" dev "$interface"
ip route add default via "$router"
"""

# A device is news for us as soon as the watch has lasted one second, not five
# minutes: the one thing this test cannot wait for.
NEW_DEVICE = """title: A device joined while the test ran
name: test-new-device
id: 2c4be42a-0d0e-4a56-9a66-8d2a0f0d5a01
status: test
description: As new-device, after one second.
author: The Tenet authors
date: 2026-11-22
logsource:
  product: tenet
  service: device
detection:
  selection:
    device.change: new
    device.watch_seconds|gte: 1
  condition: selection
level: informational
tenet:
  name: test-new-device
  harm: other/other
  role: owner
  text: new-device
  subject: source
"""

# How each finding is said on standard error.
SENTENCES = {
    "test-new-device": r"A new device appeared on the network",
    "password-in-the-clear": r"sent a password .* over mqtt, .* can read",
    "default-password-shell": r"with a factory password",
    "password-guessing": r"it guesses passwords",
    "scan-horizontal": r"tried to reach (about )?[\d,]+ different addresses",
    "sweep-arp": r"asked for",
}


class Home:
    """The network above, its services, and the sensor that is tested."""

    def __init__(self, tenet, directory):
        self.tenet = tenet
        self.directory = directory
        self.latencies = []
        self.watch = self.filtered = None
        self.build()

    def build(self):
        self.internet = Namespace("internet")
        self.gateway = Namespace("gateway")
        self.camera = Namespace("camera")
        self.visitor = Namespace("visitor")
        gateway = self.gateway
        cable(self.internet, "uplink", gateway, "uplink")
        self.internet.ip("addr", "add", "203.0.113.1/24", "dev", "uplink")
        gateway.ip("addr", "add", "203.0.113.2/24", "dev", "uplink")
        # With an address of its own, or it takes a new one with each port.
        gateway.ip("link", "add", "lan", "address", "02:00:00:00:77:01",
                   "type", "bridge")
        gateway.ip("addr", "add", f"{ROUTER}/24", "dev", "lan")
        gateway.ip("link", "set", "lan", "up")
        gateway.ip("route", "add", "default", "via", "203.0.113.1")
        gateway.set("ipv4/ip_forward", 1)
        self.plug("visitor", self.visitor)
        self.plug("camera", self.camera, is_on=False)
        self.visitor.ip("addr", "add", "192.168.77.50/24", "dev", "eth")

    def plug(self, name, namespace, is_on=True):
        cable(self.gateway, f"port-{name}", namespace, "eth", is_on)
        self.gateway.ip("link", "set", f"port-{name}", "master", "lan")

    def write(self, name, text, mode=0o644):
        path = self.directory / name
        path.write_text(text)
        path.chmod(mode)
        return path

    def serve(self, namespace, name, *words):
        """Start a server; what it prints goes to a file of its name."""
        with open(self.directory / f"{name}.log", "w") as log:
            return namespace.start(*words, stdout=log,
                                   stderr=subprocess.STDOUT)

    def start_services(self):
        passwords = self.directory / "passwords"
        run("mosquitto_passwd", "-c", "-b", passwords, "camera",
            MQTT_PASSWORD)
        passwords.chmod(0o644)
        broker = self.write("mosquitto.conf",
                            f"listener 1883 {ROUTER}\nuser root\n"
                            f"allow_anonymous false\n"
                            f"password_file {passwords}\n")
        self.serve(self.gateway, "mosquitto", "mosquitto", "-c", broker)
        # --no-daemon keeps its user, which it could not change without root.
        self.serve(self.gateway, "dnsmasq", "dnsmasq", "--no-daemon",
                   "--conf-file=/dev/null",
                   f"--dhcp-leasefile={self.directory}/leases",
                   "--interface=lan", "--bind-interfaces", "--no-resolv",
                   "--no-hosts", "--no-ping", "--dhcp-authoritative",
                   "--dhcp-range=192.168.77.100,192.168.77.120,1h",
                   "--address=/cloud.example/203.0.113.1",
                   "--local=/cloud.example/")
        for port in (1883, 53):
            wait_for(lambda: f"{ROUTER}:{port} " in
                     self.gateway.run("ss", "-Hltn"), f"port {port} is open")

    def start_sensors(self):
        rule = self.write("new-device.yml", NEW_DEVICE)
        self.ledger = self.directory / "ledger"
        self.eve = self.directory / "eve.json"
        self.watch = Watch(self.tenet, self.gateway, "--eve", self.eve,
                           "--ledger", self.ledger, "--rules", rule, "lan")
        self.filtered = Watch(self.tenet, self.gateway, "--json",
                              "--no-ledger", "--filter", "not port 1883",
                              "port-camera", "port-visitor", "uplink")

    def act(self, namespace, *words):
        """Have something done; answers when it was."""
        return float(namespace.run(sys.executable, HERE / "act.py", *words))

    def findings(self):
        """What a reader of the ledger sees now, by name."""
        done = subprocess.run([self.tenet, "findings", "--json", "--ledger",
                               self.ledger], capture_output=True, text=True)
        assert done.returncode in (0, 1), done.stderr
        return {finding["detection"]: finding
                for finding in json.loads(done.stdout)}

    def expect(self, name, since):
        """The finding is printed and kept in time."""
        pattern = re.compile(SENTENCES[name])
        printed = wait_for(lambda: self.watch.errors.find(pattern),
                           f"{name} is printed", LATENCY_MAX_S + 3)
        wait_for(lambda: name in self.findings(), f"{name} is kept",
                 LATENCY_MAX_S + 3)
        kept = time.monotonic()
        self.latencies.append((name, printed - since, kept - since))

    def events(self, kind):
        """EVE events of one kind so far."""
        lines = self.eve.read_text().splitlines()
        events = [json.loads(line) for line in lines if line.endswith("}")]
        return [event for event in events if event["event_type"] == kind]

    def wait_for_event(self, kind, text):
        wait_for(lambda: any(text in json.dumps(event)
                             for event in self.events(kind)),
                 f"an event {kind} with {text}")

    # The scenes, in order.

    def visitor_comes(self):
        """The first packets: the watch's clock starts with them."""
        self.visitor.run("busybox", "arping", "-c", "2", "-I", "eth", ROUTER)

    def camera_joins(self):
        since = time.monotonic()
        self.camera.ip("link", "set", "eth", "up")
        script = self.write("lease", LEASE, 0o755)
        self.camera.run("busybox", "udhcpc", "-i", "eth", "-n", "-q", "-f",
                        "-s", script, "-x", "hostname:camera",
                        "-V", "acme-camera 1.0")
        address = json.loads(self.camera.ip("-json", "-4", "addr", "show",
                                            "eth"))[0]["addr_info"][0]
        self.address = address["local"]
        self.expect("test-new-device", since)
        self.wait_for_event("dhcp", "acme-camera 1.0")

    def camera_resolves(self):
        self.camera.run("busybox", "nslookup", "cloud.example", ROUTER)
        self.wait_for_event("dns", "cloud.example")

    def camera_reports(self):
        self.camera.run("mosquitto_pub", "-h", ROUTER, "-u", "camera", "-P",
                        MQTT_PASSWORD, "-t", "home/motion", "-m", "none")
        self.expect("password-in-the-clear", time.monotonic())
        self.wait_for_event("mqtt", "camera")

    def visitor_logs_in(self):
        login = self.write("login", LOGIN, 0o755)
        self.serve(self.camera, "telnetd", "busybox", "telnetd", "-F", "-l",
                   login)
        wait_for(lambda: ":23 " in self.camera.run("ss", "-Hltn"),
                 "telnetd listens")
        self.expect("default-password-shell",
                    self.act(self.visitor, "log-in", self.address, "root",
                             FACTORY_PASSWORD))

    def visitor_guesses(self):
        self.expect("password-guessing",
                    self.act(self.visitor, "guess", self.address, "5"))

    def camera_scans(self):
        self.expect("scan-horizontal",
                    self.act(self.camera, "scan", "198.51.100", "40"))
        self.expect("sweep-arp",
                    self.act(self.camera, "scan", "192.168.77", "40"))

    def play(self):
        self.visitor_comes()
        self.camera_joins()
        self.camera_resolves()
        self.camera_reports()
        self.visitor_logs_in()
        self.visitor_guesses()
        self.camera_scans()

    def tell(self):
        """What everybody said, for who looks into a failure."""
        for path in sorted(self.directory.glob("*.log")):
            print(f"--- {path.name}\n{path.read_text()}")
        for watch in filter(None, (self.watch, self.filtered)):
            for came, line in watch.errors.lines:
                print(f"{came:.3f} {line}")

    # What must hold.

    def check_rights(self):
        for name in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb"):
            assert int(self.watch.status(name), 16) == 0, name
        assert self.watch.status("NoNewPrivs") == "1"
        assert self.watch.status("Seccomp") == "2"

    def check_devices(self):
        listed = json.loads(run(self.tenet, "devices", "--json", "--ledger",
                                self.ledger))
        devices = {device["mac"]: device for device in listed}
        camera = devices[self.camera.mac("eth")]
        assert self.address in camera["addresses"], camera
        claims = {(claim["kind"], claim["source"]): claim["value"]
                  for claim in camera["identity"]}
        assert claims["name", "dhcp"] == "camera", claims
        assert "acme-camera 1.0" in claims.values(), claims
        assert self.visitor.mac("eth") in devices
        assert self.gateway.mac("lan") in devices

    def check_subjects(self, found):
        """Each finding is about who did it."""
        camera, visitor = self.camera.mac("eth"), self.visitor.mac("eth")
        for name, mac in (("test-new-device", camera),
                          ("scan-horizontal", camera),
                          ("password-guessing", visitor),
                          ("default-password-shell", visitor)):
            if name in found:
                assert found[name]["mac"] == mac, found[name]

    def check_evidence(self):
        """Every finding's packets open in a program that is not ours."""
        for name, finding in self.findings().items():
            path = self.directory / f"{name}.pcapng"
            done = subprocess.run(
                [self.tenet, "show", finding["id"], "--pcap", path,
                 "--ledger", self.ledger], capture_output=True, text=True)
            assert done.returncode == 1, done.stderr
            seen = run("tshark", "-r", path).splitlines()
            assert seen, f"{name} has no evidence"
        proof = run("tshark", "-r", self.directory /
                    "default-password-shell.pcapng", "-Y",
                    f'telnet.data contains "{FACTORY_PASSWORD}"')
        assert proof, "the password is not in the evidence"

    def check_end(self):
        assert self.watch.stop() == 1, self.watch.errors.text()
        summary = self.watch.output.text()
        for part in ("Findings by device, worst first", "camera",
                     f"Kept in {self.ledger}"):
            assert part in summary, summary
        errors = self.watch.errors.text()
        assert "tenet: warning" not in errors, errors

    def check_filtered(self):
        """The other sensor saw no MQTT, and what went through the bridge at
        both of its ports: that must not count twice."""
        assert self.filtered.stop() == 1, self.filtered.errors.text()
        result = json.loads(self.filtered.output.text())
        found = {finding["detection"]: finding
                 for finding in result["findings"]}
        assert "scan-horizontal" in found, found.keys()
        assert "password-guessing" in found, found.keys()
        self.check_subjects(found)
        assert found["password-guessing"]["count"] == 5, found
        assert "mqtt" not in result["stats"]["events"], result["stats"]
        macs = {device["mac"] for device in result["devices"]}
        assert self.internet.mac("uplink") in macs, macs
        assert self.camera.mac("eth") in macs, macs

    def check_latencies(self):
        print(f"{'finding':28} printed  kept (seconds after the act)")
        for name, printed, kept in self.latencies:
            print(f"{name:28} {printed:7.3f} {kept:7.3f}")
        late = [name for name, printed, kept in self.latencies
                if max(printed, kept) > LATENCY_MAX_S]
        assert not late, f"later than {LATENCY_MAX_S} s: {late}"


def main():
    need("busybox:udhcpc", "busybox:telnetd", "busybox:nslookup",
         "busybox:arping", "dnsmasq", "mosquitto", "mosquitto_passwd",
         "mosquitto_pub", "ss", "tshark")
    enter_private_world()
    with tempfile.TemporaryDirectory(prefix="tenet-home-") as directory:
        home = Home(pathlib.Path(sys.argv[1]).resolve(),
                    pathlib.Path(directory))
        try:
            home.start_services()
            home.start_sensors()
            home.check_rights()
            home.play()
            home.check_end()
            home.check_devices()
            home.check_subjects(home.findings())
            home.check_evidence()
            home.check_filtered()
            home.check_latencies()
        except Exception:
            home.tell()
            raise


if __name__ == "__main__":
    main()
