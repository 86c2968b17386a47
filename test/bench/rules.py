#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Suricata rules at work: what a rule set costs on a capture against the same
run without it, how long it takes to load, and its alerts by sid against those
of another engine where a list of them is given (lines "COUNT [GID:SID:REV]
..."). Runs take turns, medians of several; compare the ratio, which a noisy
machine leaves alone."""

import argparse
import collections
import io
import json
import os
import pathlib
import re
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import time

EMPTY_PCAP = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
SETTLE_SECONDS = 2
FOUND_STATUS = 1  # Something urgent was found.


def run_once(command):
    """(processor seconds, peak kilobytes) of one process."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, FOUND_STATUS):
        raise RuntimeError(f"{' '.join(command)}: status "
                           f"{process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def measure(commands, runs):
    """name -> (median seconds, median kilobytes), in turn."""
    seen = collections.defaultdict(list)
    for _ in range(runs):
        for name, command in commands.items():
            seen[name].append(run_once(command))
    return {name: tuple(statistics.median(column) for column in zip(*rows))
            for name, rows in seen.items()}


def packets_of(tenet, capture):
    output = subprocess.run([tenet, "watch", "--json", "--no-ledger", capture],
                            capture_output=True, text=True, check=False).stdout
    return json.loads(output)["stats"]["packets"]


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
    user, system = fields.split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def wait_for(stream, words):
    for line in stream:
        if words in line:
            return
    raise RuntimeError(f"no line says {words!r}")


def say_reloads(tenet, rules, runs):
    """A watch of a pipe reads its rules again when it is told to. It looks
    whether it was told between packets, so that each time it gets one."""
    packet = struct.pack("<IIII", 0, 0, 14, 14) + bytes(14)
    process = subprocess.Popen(
        [tenet, "watch", "--json", "--no-ledger", "--rules", rules, "-"],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE)
    errors = io.TextIOWrapper(process.stderr)
    times = []
    process.stdin.write(EMPTY_PCAP)
    process.stdin.flush()
    time.sleep(SETTLE_SECONDS)
    for _ in range(runs):
        before, start = processor_seconds(process.pid), time.monotonic()
        process.send_signal(signal.SIGHUP)
        for _ in range(2):
            process.stdin.write(packet)
            process.stdin.flush()
            time.sleep(0.01)
        wait_for(errors, "rules, read again")
        wall = time.monotonic() - start
        time.sleep(SETTLE_SECONDS)
        times.append((processor_seconds(process.pid) - before, wall))
    process.stdin.close()
    errors.read()
    process.wait()
    seconds, wall = (statistics.median(column) for column in zip(*times))
    print(f"reload: {seconds:.2f} s of processor time, {wall:.2f} s until the "
          "new rules hold")


def alerts_of(tenet, rules, capture):
    """sid -> count, and sid -> message, from EVE."""
    counts, names = collections.Counter(), {}
    with tempfile.TemporaryDirectory() as scratch:
        path = pathlib.Path(scratch) / "eve.json"
        run_once([tenet, "watch", "--no-ledger", "--rules", rules, "--eve",
                  str(path), capture])
        with path.open() as lines:
            for line in lines:
                if '"event_type":"alert"' not in line:
                    continue
                alert = json.loads(line)["alert"]
                counts[alert["signature_id"]] += 1
                names[alert["signature_id"]] = alert["signature"]
    return counts, names


def read_expected(path):
    expected = {}
    for line in pathlib.Path(path).read_text().splitlines():
        found = re.match(r"\s*(\d+) \[\d+:(\d+):\d+\]", line)
        if found:
            expected[int(found[2])] = int(found[1])
    return expected


def say_alerts(counts, names, expected):
    print(f"alerts: {sum(counts.values())} of {len(counts)} sids", end="")
    if not expected:
        print()
        return
    same = sum(counts[sid] == count for sid, count in expected.items())
    print(f"; {same} of {len(expected)} expected counts are exact")
    for sid in sorted(set(counts) | set(expected)):
        if counts[sid] != expected.get(sid, 0):
            print(f"  {sid}: {counts[sid]}, expected "
                  f"{expected.get(sid, 0)}  {names.get(sid, '')}")


def say_cost(medians, packets):
    """What the packets cost: a run less one with nothing to read."""
    costs = []
    for name in "without rules", "with rules":
        start, kilobytes_at_start = medians[f"empty {name}"]
        seconds, kilobytes = medians[f"capture {name}"]
        costs.append((seconds - start) / packets * 1e6)
        print(f"{name}: {costs[-1]:.2f} us a packet, {kilobytes / 1024:.0f} MB"
              f" ({kilobytes_at_start / 1024:.0f} MB before the first packet)")
    loading = medians["empty with rules"][0] - medians["empty without rules"][0]
    print(f"ratio: {costs[1] / costs[0]:.2f}; loading: {loading:.2f} s of "
          "processor time")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--expected", help="alerts of another engine")
    parser.add_argument("rules", help="a file or directory of rules")
    parser.add_argument("capture")
    args = parser.parse_args()
    tenet = str(pathlib.Path(args.build) / "tenet")
    watch = [tenet, "watch", "--json", "--no-ledger"]
    with tempfile.TemporaryDirectory() as scratch:
        empty = str(pathlib.Path(scratch) / "empty.pcap")
        pathlib.Path(empty).write_bytes(EMPTY_PCAP)
        medians = measure({
            f"{what} {name}": [*watch, *options, path]
            for what, path in (("empty", empty), ("capture", args.capture))
            for name, options in (("without rules", []),
                                  ("with rules", ["--rules", args.rules]))
        }, args.runs)
    # Only now: a process begins with the memory of the one that forked it.
    say_cost(medians, packets_of(tenet, args.capture))
    say_reloads(tenet, args.rules, args.runs)
    counts, names = alerts_of(tenet, args.rules, args.capture)
    say_alerts(counts, names,
               read_expected(args.expected) if args.expected else {})
    return 0


if __name__ == "__main__":
    sys.exit(main())
