#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How good are the detections? Runs the program over labelled captures and
prints, for each detection, how often it was right, with Wilson intervals, and
which malicious captures nothing was found in.

The labels are a tab-separated file: capture, verdict (harm or benign), actor
(MAC or address, - for none), what, trust, note. In a tunnel an actor
may be named by the outer address. A finding is right when the
capture is labelled harm; the capture is found when a finding names the actor,
or, where no actor is given, when there is any. On a benign capture nothing
may be found above "notice"."""

import argparse
import concurrent.futures
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test/support"))

from judging import LEVELS, names_actor, share, watch, wilson  # noqa: E402


def read_labels(path):
    for line in path.read_text().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        fields = (line.split("\t") + [""] * 6)[:6]
        yield dict(zip(("capture", "verdict", "actor", "what", "trust",
                        "note"), fields))


def judge(label, result):
    """(found, findings above notice) of one capture."""
    devices = {d["id"]: d for d in result["devices"]}
    found = [f for f in result["findings"]
             if names_actor(f, label["actor"], devices)]
    loud = [f for f in result["findings"] if f["severity"] != "notice"]
    return found, loud


def print_detections(rows):
    """rows: (label, findings). Precision by captures, above notice."""
    right, wrong = {}, {}
    for label, findings in rows:
        table = right if label["verdict"] == "harm" else wrong
        for name, level in {(f["detection"], f["severity"])
                            for f in findings}:
            table.setdefault((name, level), set()).add(label["capture"])
    print("\ndetection                          level    on harm  on benign"
          "  precision (95%)")
    for key in sorted(set(right) | set(wrong),
                      key=lambda k: (-LEVELS.index(k[1]), k[0])):
        r, w = len(right.get(key, ())), len(wrong.get(key, ()))
        low, high = wilson(r, r + w)
        judged = f"{100 * low:.0f}% to {100 * high:.0f}%"
        print(f"{key[0]:34} {key[1]:8} {r:7} {w:10}  "
              f"{judged if key[1] != 'notice' else 'not judged'}")


def main():
    shared = os.environ.get("TENET_SHARED", str(ROOT / "../shared"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--captures", default=f"{shared}/captures")
    parser.add_argument("--labels")
    parser.add_argument("--program", default=str(ROOT / "build/release/tenet"))
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    captures = pathlib.Path(options.captures)
    labels_path = pathlib.Path(options.labels or captures / "DETECT.tsv")
    if not labels_path.exists():
        print(f"no labels at {labels_path}: nothing to measure")
        return 77
    labels = list(read_labels(labels_path))
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(
            lambda l: watch(options.program, captures / l["capture"]), labels))
    rows, missed, loud_benign, broken = [], [], [], []
    for label, (result, error) in zip(labels, results):
        if error:
            broken.append((label, error))
            continue
        found, loud = judge(label, result)
        rows.append((label, result["findings"]))
        if label["verdict"] == "harm" and not found:
            missed.append((label, result["findings"]))
        if label["verdict"] == "harm":
            print(f"{label['capture']:64.64} "
                  + ", ".join(sorted({f['detection'] + ':' + f['severity'][0]
                                      for f in found})))
        if label["verdict"] == "benign" and loud:
            loud_benign.append((label, loud))
    print_detections(rows)
    harm = sum(1 for label, _ in rows if label["verdict"] == "harm")
    benign = len(rows) - harm
    print(f"\nmalicious captures found: {share(harm - len(missed), harm)}")
    print(f"benign captures without a false alarm: "
          f"{share(benign - len(loud_benign), benign)}")
    for label, findings in missed:
        print(f"missed: {label['capture']}: {label['what']}; found "
              f"{sorted({f['detection'] for f in findings}) or 'nothing'}")
    for label, loud in loud_benign:
        for f in loud:
            print(f"false alarm: {label['capture']}: {f['detection']} "
                  f"({f['severity']}): {f['sentence']}")
    for label, error in broken:
        print(f"broken: {label['capture']}: {error}")
    return 1 if missed or loud_benign or broken else 0


if __name__ == "__main__":
    sys.exit(main())
