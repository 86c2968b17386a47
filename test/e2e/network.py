# SPDX-License-Identifier: Apache-2.0
"""Private networks for the tests: namespaces that nobody else sees and that
are gone, with every process in them, when the test ends."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading
import time

SKIPPED = 77
WAIT_S = 20  # For what has no stated bound; nothing here takes so long.


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def need(*programs):
    """Skip the test unless all of these programs are there; "busybox:applet"
    asks for an applet."""
    for program in programs:
        name, _, applet = program.partition(":")
        if not shutil.which(name):
            skip(f"{name} is not installed")
        if applet and applet not in subprocess.run(
                [name, "--list"], capture_output=True, text=True,
                check=True).stdout.split():
            skip(f"{name} has no {applet}")


def enter_private_world():
    """Run this program again in namespaces of its own: users (unless root),
    mounts, network, processes."""
    if os.environ.get("TENET_TEST_PRIVATE"):
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    need("unshare", "nsenter", "ip", "mount")
    unshare = ["unshare", "--mount", "--net", "--pid", "--fork",
               "--mount-proc", "--kill-child"]
    if os.geteuid() != 0:
        unshare.append("--map-root-user")
    probe = subprocess.run(
        [*unshare, "ip", "link", "add", "name", "probe", "type", "bridge"],
        capture_output=True, text=True)
    if probe.returncode != 0:
        skip(f"no namespaces here: {probe.stderr.strip()}")
    os.environ["TENET_TEST_PRIVATE"] = "yes"
    os.execvp(unshare[0], [*unshare, sys.executable, *sys.argv])


def run(*words, **options):
    """Run to its end and answer standard output; a failure ends the test."""
    done = subprocess.run([str(word) for word in words], capture_output=True,
                          text=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))}: exit status "
                             f"{done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def wait_for(condition, what, seconds=WAIT_S):
    """Wait until `condition()` is true and answer what it said."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain: {what}")


class Namespace:
    """A network namespace, and what runs in it."""

    def __init__(self, name):
        self.name = name
        run("ip", "netns", "add", name)
        self.inside = ["nsenter", f"--net=/run/netns/{name}"]
        self.ip("link", "set", "lo", "up")

    def ip(self, *words):
        return run("ip", "-netns", self.name, *words)

    def run(self, *words, **options):
        return run(*self.inside, *words, **options)

    def start(self, *words, **options):
        return subprocess.Popen([*self.inside, *map(str, words)], **options)

    def set(self, name, value):
        """Set a value below /proc/sys/net."""
        self.run("sh", "-c", f"echo {value} > /proc/sys/net/{name}")

    def mac(self, interface):
        return json.loads(self.ip("-json", "link", "show",
                                  interface))[0]["address"]


def cable(one, one_name, other, other_name):
    """A veth pair between two namespaces, both ends up."""
    run("ip", "link", "add", one_name, "netns", one.name, "type", "veth",
        "peer", "name", other_name, "netns", other.name)
    one.ip("link", "set", one_name, "up")
    other.ip("link", "set", other_name, "up")


class Lines(threading.Thread):
    """What a process prints, line by line, with the time each came."""

    def __init__(self, stream):
        super().__init__(daemon=True)
        self.stream = stream
        self.lines = []
        self.start()

    def run(self):
        for line in self.stream:
            self.lines.append((time.monotonic(), line.rstrip("\n")))

    def text(self):
        self.join(WAIT_S)
        return "\n".join(line for _, line in self.lines)

    def find(self, pattern, after=0):
        """When the first line that matches came, not before `after`."""
        for came, line in list(self.lines):
            if came >= after and pattern.search(line):
                return came
        return None


class Watch:
    """A running `tenet watch`."""

    def __init__(self, tenet, namespace, *words):
        self.tenet = tenet
        self.process = namespace.start(
            tenet, "watch", *words, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        self.output = Lines(self.process.stdout)
        self.errors = Lines(self.process.stderr)
        wait_for(self.is_ready, "tenet watch gives up its rights")

    def is_ready(self):
        """It has entered its sandbox, or it has ended."""
        return (self.process.poll() is not None or
                self.status("NoNewPrivs") == "1")

    def status(self, name):
        path = pathlib.Path(f"/proc/{self.process.pid}/status")
        for line in path.read_text().splitlines():
            if line.startswith(name + ":"):
                return line.split(":", 1)[1].strip()
        return None

    def resident_kib(self):
        return int(self.status("VmRSS").split()[0])

    def stop(self):
        """As a person does; answers the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.wait()

    def wait(self):
        return self.process.wait(WAIT_S)
