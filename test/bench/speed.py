#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Full analysis with all detections on, against the floor and against what
Debian packages: processor seconds and peak memory of whole processes, medians
of several runs, tools in turn so that a noisy machine is noisy for all.

Without captures named, it measures one that the project makes itself
(bench-browse) and a scan (bench-scan). Tools that are not installed are named
as such and left out."""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
GENERATE = ROOT / "tools/generate/generate.py"


def tools(build, scratch):
    """name -> command with CAPTURE to be filled in."""
    tenet = str(build / "tenet")
    return {
        "tenet": [tenet, "watch", "--json", "--no-ledger", "CAPTURE"],
        "tenet, ledger kept": [tenet, "watch", "--json", "--ledger",
                               f"{scratch}/ledger", "CAPTURE"],
        "tenet, EVE written": [tenet, "watch", "--json", "--no-ledger",
                               "--eve", f"{scratch}/eve.json", "CAPTURE"],
        "libpcap walk": [str(build / "test/bench/walk"), "CAPTURE"],
        "tcpdump -w /dev/null": ["tcpdump", "-r", "CAPTURE", "-w",
                                 "/dev/null"],
        "softflowd": ["softflowd", "-r", "CAPTURE"],
        "argus": ["argus", "-r", "CAPTURE", "-w", "/dev/null"],
        "ndpiReader": ["ndpiReader", "-q", "-i", "CAPTURE"],
        "tshark": ["tshark", "-r", "CAPTURE", "-q"],
    }


def run_once(command):
    """(processor seconds, peak kilobytes) of one process."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode < 0:
        raise RuntimeError(f"{command[0]} ended by signal "
                           f"{-process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def packets_of(capture):
    output = subprocess.run(["capinfos", "-c", "-M", "-T", "-r", capture],
                            capture_output=True, text=True).stdout
    return int(output.split()[-1])


def measure(name, capture, chosen, runs):
    """Rows (tool, median seconds, peak MB), all tools in turn each round."""
    samples = {tool: [] for tool in chosen}
    for _ in range(runs):
        for tool, command in chosen.items():
            samples[tool].append(
                run_once([capture if word == "CAPTURE" else word
                          for word in command]))
    packets = packets_of(capture)
    print(f"\n{name}: {packets} packets, {os.path.getsize(capture)} bytes, "
          f"{runs} runs")
    print(f"{'':24} {'CPU s':>8} {'us/packet':>10} {'MB':>8} {'ratio':>8}")
    base = statistics.median(s for s, _ in samples["tenet"])
    for tool, values in samples.items():
        seconds = statistics.median(s for s, _ in values)
        memory = max(m for _, m in values) / 1024
        print(f"{tool:24} {seconds:8.2f} {1e6 * seconds / packets:10.3f} "
              f"{memory:8.1f} {seconds / base:8.2f}")


def made_captures(folder):
    names = ["bench-browse", "bench-scan"]
    subprocess.run([sys.executable, str(GENERATE), *names, "--to", folder],
                   check=True, stdout=subprocess.DEVNULL)
    return [f"{folder}/{name}.pcap" for name in names]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("captures", nargs="*")
    parser.add_argument("--build", default=str(ROOT / "build/release"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", nargs="*", help="tools to measure")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        known = tools(pathlib.Path(options.build), scratch)
        chosen = {}
        for tool, command in known.items():
            if options.only and tool not in options.only + ["tenet"]:
                continue
            if shutil.which(command[0]):
                chosen[tool] = command
            else:
                print(f"{tool}: not installed, not measured")
        captures = options.captures or made_captures(
            str(ROOT / "build/captures"))
        for capture in captures:
            measure(pathlib.Path(capture).name, capture, chosen, options.runs)


if __name__ == "__main__":
    main()
