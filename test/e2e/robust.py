#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tenet watch` when the network misbehaves.

    neighbour                 sensor
   +-----------+   cable     +-----------------+
   | 10.9.0.2  |-------------| 10.9.0.1        |
   | floods    |  eth    eth | tenet watch eth |
   +-----------+             +-----------------+

Interfaces that are down, go down or go away end the run with an error that
names them, unless others are left: those go on. A flood does not make memory grow, and what the kernel had no room
for is said.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

from network import (Namespace, Watch, cable, enter_private_world, need,
                     wait_for)

HERE = pathlib.Path(__file__).resolve().parent
END_MAX_S = 1.0         # An interface that went is noticed within this.
IDLE_SHARE_MAX = 0.05   # Of one processor, with no packet coming.
RESIDENT_MAX_KIB = 160 << 10
GROWTH_MAX_KIB = 8 << 10  # Of a second flood: evidence may fill its 8 MiB.
LATENCY_MAX_S = 2.0
EVIDENCE_MIN = 15      # Frames of a scan of 40, in a flood.
LEDGER_MAX_BYTES = 8 << 20
FLOOD = ("10.9.0.1", "150000", "200")
STEADY_RATE = "15000"   # Datagrams a second that any sensor keeps up with.
UNREADABLE = 3


def findings(tenet, ledger):
    done = subprocess.run([tenet, "findings", "--json", "--ledger", ledger],
                          capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


class Pair:
    """Two hosts on a cable."""

    def __init__(self, tenet, number):
        self.tenet = tenet
        self.is_sanitized = b"__asan_init" in tenet.read_bytes()
        self.sensor = Namespace(f"sensor{number}")
        self.neighbour = Namespace(f"neighbour{number}")
        cable(self.sensor, "eth", self.neighbour, "eth")
        self.sensor.ip("addr", "add", "10.9.0.1/24", "dev", "eth")
        self.neighbour.ip("addr", "add", "10.9.0.2/24", "dev", "eth")

    def watch(self, *words):
        return Watch(self.tenet, self.sensor, "--no-ledger", *words)

    def flood(self):
        self.neighbour.run(*act("flood", *FLOOD))


def act(*words):
    return [sys.executable, HERE / "act.py", *words]


def expect_end(watch, text):
    """It ends by itself, soon, and says why; the summary is printed."""
    since = time.monotonic()
    status = watch.wait()
    seconds = time.monotonic() - since
    assert status == UNREADABLE, (status, watch.errors.text())
    assert re.search(text, watch.errors.text()), watch.errors.text()
    assert "Findings by device" in watch.output.text(), watch.output.text()
    assert seconds < END_MAX_S, f"{text}: noticed after {seconds:.3f} s"
    print(f"{text}: noticed after {seconds:.3f} s")


def ends_when_an_interface_is_down(pair):
    pair.sensor.ip("link", "add", "spare", "type", "bridge")
    expect_end(pair.watch("spare"), "spare: the interface is down")


def goes_on_with_the_interfaces_that_are_left(pair):
    pair.sensor.ip("link", "add", "spare", "type", "bridge")
    pair.sensor.ip("link", "add", "away", "type", "bridge")
    pair.sensor.ip("link", "set", "away", "up")
    watch = pair.watch("eth", "spare", "away")
    for name in "spare", "away":
        if name == "away":
            pair.sensor.ip("link", "delete", "away")
        said = re.compile(f"warning: {name}: the interface (has gone|is down)")
        wait_for(lambda: watch.errors.find(said), f"{name} is said to be down")
    pair.flood()
    wait_for(lambda: watch.errors.find(re.compile("it is being flooded")),
             "the interface that is left is watched")
    assert watch.stop() == 1, watch.errors.text()


def ends_when_an_interface_goes_down(pair):
    watch = pair.watch("eth")
    pair.sensor.ip("link", "set", "eth", "down")
    expect_end(watch, "eth: the interface is down")


def ends_when_an_interface_goes_away(pair):
    watch = pair.watch("eth")
    pair.sensor.ip("link", "delete", "eth")
    # It goes down before it goes, and that may be noticed first.
    expect_end(watch, "eth: the interface (has gone|is down)")


def processor_seconds(process):
    """User and system time (proc(5), fields 14 and 15)."""
    text = pathlib.Path(f"/proc/{process.pid}/stat").read_text()
    fields = text.rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def rests_when_nothing_comes(pair):
    watch = pair.watch("eth")
    before, began = processor_seconds(watch.process), time.monotonic()
    wait_for(lambda: time.monotonic() - began > 2, "two seconds pass")
    share = ((processor_seconds(watch.process) - before) /
             (time.monotonic() - began))
    assert watch.stop() == 0, watch.errors.text()
    print(f"idle: {share:.1%} of a processor")
    assert share < IDLE_SHARE_MAX, share


def stays_small_in_a_flood(pair):
    watch = pair.watch("--json", "eth")
    pair.flood()
    first = watch.resident_kib()
    pair.flood()
    second = watch.resident_kib()
    watch.stop()
    stats = json.loads(watch.output.text())["stats"]
    print(f"flood: {stats['packets']} packets, {stats['flows']} flows, "
          f"dropped {stats['dropped']}; resident {first} KiB, then "
          f"{second} KiB")
    assert stats["packets"] > 10000, stats
    if pair.is_sanitized:
        return  # What is freed stays resident, for the sanitizer to watch.
    assert second <= RESIDENT_MAX_KIB, second
    assert second - first <= GROWTH_MAX_KIB, (first, second)


def finds_a_scan_in_a_flood(pair):
    """Frames never cease to wait, and time must pass all the same."""
    pair.neighbour.ip("route", "add", "198.51.100.0/24", "via", "10.9.0.1")
    with tempfile.TemporaryDirectory(prefix="tenet-flood-") as ledger:
        watch = Watch(pair.tenet, pair.sensor, "--ledger", ledger, "eth")
        flood = pair.neighbour.start(*act("flood", FLOOD[0], "100000000",
                                          FLOOD[2], STEADY_RATE))
        wait_for(lambda: watch.errors.find(re.compile("a UDP flood")),
                 "the flood is found")
        if not pair.is_sanitized:  # That would be busy long after it.
            pair.flood()  # Until every table and store is full.
        scanned = float(pair.neighbour.run(*act("scan", "198.51.100", "40")))
        found = wait_for(
            lambda: watch.errors.find(re.compile("different addresses")),
            "the scan is found")
        flood.kill()
        assert watch.stop() == 1, watch.errors.text()
        proof = next(finding["evidence"]["packets"]
                     for finding in findings(pair.tenet, ledger)
                     if finding["detection"] == "scan-horizontal")
        stored = sum(path.stat().st_size
                     for path in pathlib.Path(ledger).iterdir())
    print(f"scan in a flood: printed after {found - scanned:.3f} s; the "
          f"ledger took {stored >> 10} KiB")
    assert found - scanned < LATENCY_MAX_S or pair.is_sanitized
    assert proof >= EVIDENCE_MIN, f"{proof} packets of evidence"
    assert stored < LEDGER_MAX_BYTES, stored


def says_what_the_kernel_dropped(pair):
    """A program that is stopped reads nothing: the ring must run over."""
    for words in (["--json"], []):
        watch = pair.watch(*words, "eth")
        watch.process.send_signal(signal.SIGSTOP)
        pair.flood()
        watch.process.send_signal(signal.SIGCONT)
        watch.stop()
        text = watch.output.text()
        if words:
            dropped = json.loads(text)["stats"]["dropped"]["kernel"]
            print(f"dropped by the kernel: {dropped}")
            assert dropped > 0, text
        else:
            assert "packets were missed" in text, text


TESTS = (
    ends_when_an_interface_is_down,
    goes_on_with_the_interfaces_that_are_left,
    ends_when_an_interface_goes_down,
    ends_when_an_interface_goes_away,
    rests_when_nothing_comes,
    stays_small_in_a_flood,
    finds_a_scan_in_a_flood,
    says_what_the_kernel_dropped,
)


def main():
    need("ip")
    enter_private_world()
    for number, test in enumerate(TESTS):
        test(Pair(pathlib.Path(sys.argv[1]).resolve(), number))
        print(f"ok {test.__name__}", flush=True)


if __name__ == "__main__":
    main()
