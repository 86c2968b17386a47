#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Suricata rules at work: what a rule set costs on a capture against the same
run without it, how long it takes to load, and its alerts by sid against those
of another engine where a list of them is given (lines "COUNT [GID:SID:REV]
..."). Runs take turns, medians of several; compare the ratio, which a noisy
machine leaves alone."""

import argparse
import collections
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile


def run_once(command):
    """(processor seconds, peak kilobytes) of one process."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
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
                            capture_output=True, text=True).stdout
    return json.loads(output)["packets"]


def load_seconds(tenet, rules, runs):
    times = []
    for _ in range(runs):
        start = os.times()
        subprocess.run([tenet, "rules", "check", rules],
                       stdout=subprocess.DEVNULL, check=False)
        end = os.times()
        times.append(end.children_user + end.children_system -
                     start.children_user - start.children_system)
    return statistics.median(times)


def alerts_of(tenet, rules, capture):
    """sid -> count, and sid -> message, from EVE."""
    counts, names = collections.Counter(), {}
    with tempfile.TemporaryDirectory() as scratch:
        path = pathlib.Path(scratch) / "eve.json"
        subprocess.run([tenet, "watch", "--no-ledger", "--rules", rules,
                        "--eve", str(path), capture],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       check=True)
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
    packets = packets_of(tenet, args.capture)
    medians = measure({
        "without rules": [*watch, args.capture],
        "with rules": [*watch, "--rules", args.rules, args.capture],
    }, args.runs)
    loading = load_seconds(tenet, args.rules, args.runs)
    for name, (seconds, kilobytes) in medians.items():
        if name == "with rules":
            seconds -= loading
        print(f"{name}: {seconds / packets * 1e6:.2f} us a packet, "
              f"{kilobytes / 1024:.0f} MB")
    plain, ruled = medians["without rules"], medians["with rules"]
    print(f"ratio: {(ruled[0] - loading) / plain[0]:.2f}; "
          f"loading {loading:.2f} s of processor time")
    counts, names = alerts_of(tenet, args.rules, args.capture)
    say_alerts(counts, names,
               read_expected(args.expected) if args.expected else {})
    return 0


if __name__ == "__main__":
    sys.exit(main())
