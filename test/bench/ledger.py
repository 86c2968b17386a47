#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What sealing costs: captures are watched with and without --no-seal, in
turns, each into a new ledger: making the log and its key is in it. Processor time is that of the whole process,
user and system; the median of several is printed, with the ratio.

    ledger.py [--rounds N] [CAPTURE...]

Without captures those of some recipes are made."""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test/support"))

import recipes  # noqa: E402

PROGRAM = ROOT / "build/release/tenet"
NAMES = ["evening-infected", "mirai-flood-udp-plain", "bench-browse"]


def watch(capture, words):
    """Processor and wall seconds of one run, its ledger's bytes and
    counts."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.monotonic()
        child = subprocess.Popen(
            [PROGRAM, "watch", "--json", "--no-progress", "--ledger", folder,
             *words, capture], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - begin
        if os.waitstatus_to_exitcode(status) not in (0, 1):
            raise SystemExit(f"{capture}: the program failed")
        size = sum(path.stat().st_size
                   for path in pathlib.Path(folder).rglob("*")
                   if path.is_file())
        said = ""
        if not words:
            said = subprocess.run(
                [PROGRAM, "ledger", "fsck", "--ledger", folder],
                capture_output=True, text=True, check=True).stdout
    return usage.ru_utime + usage.ru_stime, wall, size, said


def measure(capture, rounds):
    sealed, plain = [], []
    for _ in range(rounds):
        sealed.append(watch(capture, []))
        plain.append(watch(capture, ["--no-seal"]))
    cpu, wall, size = (statistics.median(run[i] for run in sealed)
                       for i in range(3))
    bare, bare_wall, bare_size = (statistics.median(run[i] for run in plain)
                                  for i in range(3))
    words = sealed[0][3].split()
    blocks, findings = int(words[6]), int(words[8])
    extra = max(cpu - bare, 0)
    print(f"{pathlib.Path(capture).name:28} {bare:8.3f} {cpu:8.3f} "
          f"{cpu / bare:6.2f} {bare_wall:8.3f} {wall:8.3f} "
          f"{wall / bare_wall:6.2f} {blocks:8} {findings:8} "
          f"{extra * 1e3:10.0f} "
          f"{(size - bare_size) / 1024:8.0f}")


def main():
    words = argparse.ArgumentParser()
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("captures", nargs="*")
    words = words.parse_args()
    captures = words.captures
    if not captures:
        names = [name for name in NAMES if name in recipes.names()]
        recipes.make(names)
        captures = [str(recipes.FOLDER / f"{name}.pcap") for name in names]
    print(f"{'capture':28} {'CPU s':>8} {'sealed':>8} {'ratio':>6} "
          f"{'wall s':>8} {'sealed':>8} {'ratio':>6} {'blocks':>8} "
          f"{'findings':>8} {'CPU ms':>10} {'KiB more':>8}")
    for capture in captures:
        measure(capture, words.rounds)


if __name__ == "__main__":
    main()
