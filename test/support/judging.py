# SPDX-License-Identifier: Apache-2.0
"""What tests and measurements of detections share: running the program over a
capture, whom a finding names, and how sure a proportion is."""

import json
import math
import subprocess

LEVELS = ("notice", "warning", "urgent")


def wilson(successes, trials, z=1.96):
    """The 95% Wilson score interval of a proportion."""
    if trials == 0:
        return 0.0, 1.0
    p = successes / trials
    scale = 1 + z * z / trials
    middle = (p + z * z / (2 * trials)) / scale
    spread = z * math.sqrt(p * (1 - p) / trials
                           + z * z / (4 * trials * trials)) / scale
    return max(0.0, middle - spread), min(1.0, middle + spread)


def share(successes, trials):
    """A proportion in words, with its interval."""
    low, high = wilson(successes, trials)
    return f"{successes} of {trials} ({100 * low:.1f}% to {100 * high:.1f}%)"


def watch(program, path):
    """The result of one capture, or what went wrong."""
    run = subprocess.run(
        [program, "watch", "--json", "--no-ledger", str(path)],
        capture_output=True, text=True, timeout=600)
    if run.returncode not in (0, 1):
        return None, f"exit status {run.returncode}: {run.stderr.strip()[-300:]}"
    return json.loads(run.stdout), None


def names_actor(finding, actor, devices):
    """Does the finding name the actor? In a tunnel the outer address may be
    the one that the label knows."""
    names = {finding["mac"], finding["address"]}
    names.update((finding["tunnel"] or {}).values())
    device = devices.get(finding["device"])
    if device:
        names.update(device["addresses"])
    return actor == "-" or actor in names
