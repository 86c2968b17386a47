#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The terminal's report and the JSON are of the same ledger: every finding
once, below the device it is about or was done to, worst device first,
strangers last, the other devices after; and the command beside each finding
shows it."""

import json
import pathlib
import struct
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import describe  # noqa: E402

OTHER_END = "Devices at the other end of a finding"
QUIET = "Devices with nothing found"
REMOTE = "Hosts outside this network"
# A device that attacks another; nothing at all.
RECIPES = ["guess-inside", "inbound-scan"]
SEVERITIES = ["urgent", "warning", "notice"]


def groups_of(text):
    """[(heading, [(severity, sentence, id)])] of the findings' part."""
    part = text.partition("worst first\n\n")[2]
    part = part.partition("\nDevices ")[0].partition("\nKept in ")[0]
    if part == "  nothing found\n":
        return []
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


def stranger():
    """A host outside tries telnet on addresses that nobody here has."""
    frames = b""
    for host in range(200):
        tcp = struct.pack(">HHIIBBHHH", 40000, 23, host, 0, 0x50, 2, 1024, 0,
                          0)
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40, host, 0, 60, 6, 0,
                         bytes([203, 0, 113, 9]),
                         bytes([192, 168, 1, 20 + host]))
        frame = b"\2\0\0\0\0\2" b"\2\0\0\0\0\1" b"\x08\0" + ip + tcp
        frames += struct.pack("<IIII", 1770000000 + host // 50,
                              host % 50 * 20000, len(frame),
                              len(frame)) + frame
    path = describe.SAMPLE.with_name("stranger.pcap")
    path.write_bytes(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)
                     + frames)
    return path


def mac_of(finding, devices):
    """Of the device a finding stands below; none when it is a stranger's."""
    if finding["device"]:
        return devices[finding["device"]]["mac"]
    holders = [d["mac"] for d in devices.values()
               if finding["peer"] in d["addresses"]]
    return holders[0] if holders else None


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
            mac = mac_of(found[0], devices)
            if (heading == REMOTE) != (mac is None):
                yield f"{start} is below {heading}"
            if mac and mac not in heading:
                yield f"{start} of {mac} is below {heading}"
    if worst != sorted(worst):
        yield f"devices are not worst first: {worst}"
    if REMOTE in [h for h, _ in groups[:-1]]:
        yield "hosts outside do not come last"


def check_others(text, findings, devices):
    loud = {mac_of(f, devices) for f in findings}
    ends = {d["mac"] for d in devices.values() for f in findings
            if f["peer"] in d["addresses"]} - loud
    quiet = {d["mac"] for d in devices.values()} - loud - ends
    for title, wanted in ((OTHER_END, ends), (QUIET, quiet)):
        part = text.partition(f"\n{title}\n")[2].partition("\n\n")[0]
        shown = {line.split()[1] for line in part.splitlines()
                 if line.startswith("  ")}
        if shown != wanted:
            yield f"{title}: {shown ^ wanted}"


def main():
    if not describe.PROGRAM.exists():
        print("no release build")
        return 77
    describe.make_sample()
    captures = [describe.SAMPLE, *map(describe.make_capture, RECIPES), stranger()]
    problems = []
    for capture in captures:
        problems += [f"{capture.name}: {p}" for p in check_capture(capture)]
    for problem in problems:
        print(problem)
    print(f"report: {len(captures)} captures, {len(problems)} problems")
    return 1 if problems else 0


def check_capture(capture):
    with tempfile.TemporaryDirectory() as home:
        text = describe.tenet("watch", capture, home=home)
        findings = json.loads(describe.tenet("findings", "--json", home=home))
        devices = {d["id"]: d for d in json.loads(
            describe.tenet("devices", "--json", home=home))}
        again = describe.tenet("findings", home=home)
        groups = groups_of(text)
        yield from check_groups(groups, findings, devices)
        yield from check_others(text, findings, devices)
        if again.strip() not in text:
            yield "`tenet findings` says something else than watch"
        if not findings:
            return
        start, sentence = groups[0][1][0][2], groups[0][1][0][1]
        shown = describe.tenet("show", start, home=home)
        if sentence not in shown or "\n  packet " not in shown:
            yield f"tenet show {start} does not show its proof"
        proof = pathlib.Path(home) / "proof.pcapng"
        describe.tenet("show", start, "--pcap", proof, home=home)
        if proof.read_bytes()[:4] != b"\x0a\x0d\x0d\x0a":
            yield "the proof is no pcapng file"


if __name__ == "__main__":
    sys.exit(main())
