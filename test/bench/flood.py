#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A flood of ten million sources against one device, read from a pipe as it is
made, under a cap on memory that the kernel holds the whole process to: what a
packet costs, what the process took, and what was shed to stay within it.

The connection that goes on beneath the flood must be one flow with all its
packets at the end: otherwise the measurement fails."""

import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TALK_EVERY = 1000  # As in flood.c.
EVENTS_SHARE = 10  # One event a packet: a tenth of the flood is enough.


def flood(build, packets, cap_mib, eve):
    """(report, processor seconds, peak MiB); events go to the file `eve`."""
    def limit():
        size = cap_mib << 20
        resource.setrlimit(resource.RLIMIT_AS, (size, size))

    maker = subprocess.Popen([build / "test/bench/flood", str(packets)],
                             stdout=subprocess.PIPE)
    with tempfile.TemporaryFile() as report:
        tenet = subprocess.Popen(
            [build / "tenet", "watch", "--json", "--no-ledger", "-"] +
            (["--eve", f"/dev/fd/{eve.fileno()}"] if eve else []),
            stdin=maker.stdout, stdout=report, preexec_fn=limit,
            pass_fds=[eve.fileno()] if eve else [])
        maker.stdout.close()
        _, status, usage = os.wait4(tenet.pid, 0)
        tenet.returncode = os.waitstatus_to_exitcode(status)
        if tenet.returncode not in (0, 1) or maker.wait() != 0:
            sys.exit(f"flood: tenet ended with {tenet.returncode}")
        report.seek(0)
        return (json.load(report), usage.ru_utime + usage.ru_stime,
                usage.ru_maxrss / 1024)


def connection(build, packets, cap_mib):
    """Flow events of the connection beneath, and the packets in them."""
    with tempfile.TemporaryFile() as found:
        keep = subprocess.Popen(["grep", '"src_ip":"10.0.0.20"'],
                                stdin=subprocess.PIPE, stdout=found)
        flood(build, packets, cap_mib, keep.stdin)
        keep.stdin.close()
        keep.wait()
        found.seek(0)
        flows = [event["flow"] for event in map(json.loads, found)
                 if event["event_type"] == "flow"]
    return len(flows), sum(flow["pkts_toserver"] + flow["pkts_toclient"]
                           for flow in flows)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path,
                        default=ROOT / "build/release")
    parser.add_argument("--packets", type=int, default=10_000_000)
    parser.add_argument("--cap", type=int, default=256, help="MiB")
    options = parser.parse_args()
    report, seconds, peak = flood(options.build, options.packets, options.cap,
                                  None)
    stats = report["stats"]
    print(f"{stats['packets']} packets, {stats['flows']} flows, "
          f"cap {options.cap} MiB: "
          f"{1e6 * seconds / stats['packets']:.3f} us/packet of processor, "
          f"peak {peak:.1f} MiB")
    print("shed:", json.dumps(stats["dropped"]))
    print("found:", ", ".join(f["detection"] for f in report["findings"]))
    packets = options.packets // EVENTS_SHARE
    flows, talked = connection(options.build, packets, options.cap)
    print(f"events of {packets} packets written: the connection beneath is "
          f"{flows} flow of {talked} packets")
    if flows != 1 or talked != -(-packets // TALK_EVERY):
        sys.exit("flood: the flood pushed the connection out")


if __name__ == "__main__":
    main()
