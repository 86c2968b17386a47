#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The terminal's report and the JSON are of the same ledger: every finding
once, below its device, worst device first, strangers last, quiet devices
after; and the command beside each finding shows it."""

import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import describe  # noqa: E402

REMOTE = "Hosts outside this network"
SEVERITIES = ["urgent", "warning", "notice"]


def groups_of(text):
    """[(heading, [(severity, sentence, id)])] of the findings' part."""
    part = text.partition("worst first\n\n")[2]
    part = part.partition("\nDevices with nothing found\n")[0]
    groups = []
    for line in part.splitlines():
        if line.startswith("           "):
            words = line.split()
            severity, sentence = groups[-1][1].pop()
            groups[-1][1].append((severity, sentence, words[2]))
        elif line.startswith("  "):
            severity, _, sentence = line.strip().partition(" ")
            groups[-1][1].append((severity, sentence.strip()))
        elif line:
            groups.append((line, []))
    return groups


def check_groups(groups, findings, devices):
    worst = []
    shown = [row for _, rows in groups for row in rows]
    if len(shown) != len(findings):
        yield f"{len(shown)} findings shown, {len(findings)} kept"
    for heading, rows in groups:
        levels = [SEVERITIES.index(row[0]) for row in rows]
        if heading != REMOTE:
            worst.append(levels[0])
        if heading != REMOTE and levels != sorted(levels):
            yield f"{heading}: not worst first"
        for severity, sentence, start in rows:
            found = [f for f in findings if f["id"].startswith(start)]
            if len(found) != 1:
                yield f"{start} is {len(found)} findings"
                continue
            if (found[0]["severity"], found[0]["sentence"]) != (severity,
                                                               sentence):
                yield f"{start}: terminal and JSON differ"
            mac = devices.get(found[0]["device"], {}).get("mac")
            if (heading == REMOTE) != (found[0]["device"] is None):
                yield f"{start} is below {heading}"
            if mac and mac not in heading:
                yield f"{start} of {mac} is below {heading}"
    if worst != sorted(worst):
        yield f"devices are not worst first: {worst}"
    if REMOTE in [h for h, _ in groups[:-1]]:
        yield "hosts outside do not come last"


def check_quiet(text, findings, devices):
    part = text.partition("\nDevices with nothing found\n")[2]
    shown = {line.split()[1] for line in part.splitlines()
             if line.startswith("  ")}
    loud = {f["device"] for f in findings}
    quiet = {d["mac"] for d in devices.values() if d["id"] not in loud}
    if shown != quiet:
        yield f"quiet devices: {shown ^ quiet}"


def main():
    if not describe.PROGRAM.exists():
        print("no release build")
        return 77
    describe.make_sample()
    with tempfile.TemporaryDirectory() as home:
        text = describe.tenet("watch", describe.SAMPLE, home=home)
        findings = json.loads(describe.tenet("findings", "--json", home=home))
        devices = {d["id"]: d for d in json.loads(
            describe.tenet("devices", "--json", home=home))}
        again = describe.tenet("findings", home=home)
        groups = groups_of(text)
        problems = [*check_groups(groups, findings, devices),
                    *check_quiet(text, findings, devices)]
        if again.strip() not in text:
            problems.append("`tenet findings` says something else than watch")
        start = groups[0][1][0][2]
        shown = describe.tenet("show", start, home=home)
        if groups[0][1][0][1] not in shown or "\n  packet " not in shown:
            problems.append(f"tenet show {start} does not show its proof")
        proof = pathlib.Path(home) / "proof.pcapng"
        describe.tenet("show", start, "--pcap", proof, home=home)
        if proof.read_bytes()[:4] != b"\x0a\x0d\x0d\x0a":
            problems.append("the proof is no pcapng file")
    for problem in problems:
        print(problem)
    print(f"report: {len(findings)} findings in {len(groups)} groups, "
          f"{len(problems)} problems")
    return 1 if problems or not findings else 0


if __name__ == "__main__":
    sys.exit(main())
