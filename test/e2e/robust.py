#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tenet watch` when the network misbehaves.

    neighbour                 sensor
   +-----------+   cable     +-----------------+
   | 10.9.0.2  |-------------| 10.9.0.1        |
   | floods    |  eth    eth | tenet watch eth |
   +-----------+             +-----------------+

Interfaces that are down, go down or go away end the run with an error that
names them. A flood does not make memory grow, and what the kernel had no room
for is said.
"""

import json
import os
import pathlib
import signal
import sys
import time

from network import (Namespace, Watch, cable, enter_private_world, need,
                     wait_for)

HERE = pathlib.Path(__file__).resolve().parent
END_MAX_S = 1.0         # An interface that went is noticed within this.
IDLE_SHARE_MAX = 0.05   # Of one processor, with no packet coming.
RESIDENT_MAX_KIB = 160 << 10
GROWTH_MAX_KIB = 4 << 10  # Of a second flood, which needs nothing new.
FLOOD = ("10.9.0.1", "150000", "200")
UNREADABLE = 3


class Pair:
    """Two hosts on a cable."""

    def __init__(self, tenet, number):
        self.tenet = tenet
        self.sensor = Namespace(f"sensor{number}")
        self.neighbour = Namespace(f"neighbour{number}")
        cable(self.sensor, "eth", self.neighbour, "eth")
        self.sensor.ip("addr", "add", "10.9.0.1/24", "dev", "eth")
        self.neighbour.ip("addr", "add", "10.9.0.2/24", "dev", "eth")

    def watch(self, *words):
        return Watch(self.tenet, self.sensor, "--no-ledger", *words)

    def flood(self):
        self.neighbour.run(sys.executable, HERE / "act.py", "flood", *FLOOD)


def expect_end(watch, text):
    """It ends by itself, soon, and says why; the summary is printed."""
    since = time.monotonic()
    status = watch.wait()
    seconds = time.monotonic() - since
    assert status == UNREADABLE, (status, watch.errors.text())
    assert text in watch.errors.text(), watch.errors.text()
    assert "Devices" in watch.output.text(), watch.output.text()
    assert seconds < END_MAX_S, f"{text}: noticed after {seconds:.3f} s"
    print(f"{text}: noticed after {seconds:.3f} s")


def ends_when_an_interface_is_down(pair):
    pair.sensor.ip("link", "add", "spare", "type", "bridge")
    expect_end(pair.watch("eth", "spare"), "spare: the interface is down")


def ends_when_an_interface_goes_down(pair):
    watch = pair.watch("eth")
    pair.sensor.ip("link", "set", "eth", "down")
    expect_end(watch, "eth: the interface is down")


def ends_when_an_interface_goes_away(pair):
    watch = pair.watch("lo", "eth")
    pair.sensor.ip("link", "delete", "eth")
    expect_end(watch, "eth: the interface has gone")


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
    assert second <= RESIDENT_MAX_KIB, second
    assert second - first <= GROWTH_MAX_KIB, (first, second)


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
    ends_when_an_interface_goes_down,
    ends_when_an_interface_goes_away,
    rests_when_nothing_comes,
    stays_small_in_a_flood,
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
