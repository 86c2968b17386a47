#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the reader of MUD files makes of files others wrote.

    mud_vectors.py [PROGRAM] [--table]

Needs $TENET_SHARED or ../shared; without it the test is skipped. Holds each
vector of vectors/mud/tenet-negative against what its manifest expects, and for
the right reason; the one published signed file against the three verdicts;
and counts how the published files read, strictly and by import."""

import csv
import json
import os
import pathlib
import subprocess
import sys

SHARED = pathlib.Path(os.environ.get("TENET_SHARED", "../shared"))
MUD = SHARED / "vectors/mud"
URL = "https://lighting.example.com/lightbulb2000"

# The JSON path, or the rule, that each refusal must be about.
REASONS = {
    "n10-missing-mud-version": "mud-version", "n10-missing-mud-url": "mud-url",
    "n10-missing-last-update": "last-update",
    "n10-missing-is-supported": "is-supported", "n11-version-2": "mud-version",
    "n12-url-http": "mud-url", "n13-url-not-uri": "mud-url",
    "n14-url-mismatch": "mud-url", "n15-url-userinfo": "mud-url",
    "n20-cache-0": "cache-validity", "n21-cache-169": "cache-validity",
    "n22-cache-string": "cache-validity", "n23-cache-float": "cache-validity",
    "n24-supported-string": "is-supported", "n25-last-update-bad": "last-update",
    "n26-last-update-future": "last-update",
    "n27-systeminfo-long": "systeminfo", "n29-systeminfo-bidi": "systeminfo",
    "n30-draft-access-lists": "access-lists", "n31-no-acls": "acls",
    "n32-acls-nested": "acls", "n33-actions-in-matches": "actions",
    "n34-policy-dangling": "nope", "n35-dup-acl": "two lists",
    "n36-dup-ace": "two entries", "n37-unreferenced-acl": "no policy uses",
    "n38-acl-type-unknown": "type", "n39-ethertype-hex": "ethertype",
    "n40-af-mismatch": "ipv6", "n41-src-dns-in-from": "src-dnsname",
    "n42-dst-dns-in-to": "dst-dnsname", "n43-both-range-operator": "range",
    "n44-range-reversed": "upper-port", "n45-port-70000": "70000",
    "n46-operator-range": "operator", "n47-direction-on-udp": "direction",
    "n48-tcp-proto-17": "protocol", "n49-two-l4": "one of tcp",
    "n50-no-action": "forwarding", "n51-unknown-action": "teleport",
    "n52-ip-literal-unicast": "address", "n53-ip-literal-private": "address",
    "n54-any-any": "everybody", "n55-undeclared-ext": "extensions",
    "n56-dnsname-wildcard": "wildcard", "n57-dnsname-ip": "10.0.0.1",
    "n58-dnsname-public-suffix": "single label",
    "n60-local-networks-true": "local-networks",
    "n61-controller-and-mycontroller": "abstractions",
    "n63-firmware-rev": "firmware-rev", "n70-truncated": "end of",
    "n71-dup-key": "uplicate", "n72-bom": "byte order mark",
    "n73-utf16": "UTF-16", "n74-bad-utf8": "decode byte", "n75-deep": "depth",
    "n76-many-aces": "4096 entries", "n77-trailing": "end of file",
    "n78-array-root": "object", "n79-empty": "RFC 8259", "n80-html": "RFC 8259",
}

# What the manifest's words allow; the level of the reader.
ALLOWED = {
    "accept": {"good"}, "accept+notice": {"notice"},
    "reject": {"refused"}, "reject|import": {"refused"},
    "approval": {"ask"}, "safe": {"good", "notice", "refused"},
    "reject|notice": {"refused", "notice"},
    "reject|approval": {"refused", "ask"},
    "accept(no fetch)": {"good", "notice"},
}


def check(program, paths, *options):
    """What `tenet mud check` says of files."""
    run = subprocess.run([program, "mud", "check", "--json", *options,
                          *map(str, paths)], capture_output=True, text=True)
    if run.returncode not in (0, 1):
        raise SystemExit(f"not ok - {run.stderr}")
    return json.loads(run.stdout)


def vectors(program):
    """Each vector, as its manifest has it."""
    wrong = []
    with open(MUD / "tenet-negative/manifest.tsv", encoding="utf-8") as file:
        rows = list(csv.reader(file, delimiter="\t"))[1:]
    for name, _, expected, *_ in rows:
        path = MUD / f"tenet-negative/{name}.json"
        fetched = ["--url", URL] if "mismatch" in name else []
        said = check(program, [path], *fetched,
                     "--at", "2026-06-01T00:00:00Z")[0]
        words = json.dumps(said["problems"])
        if said["level"] not in ALLOWED[expected]:
            wrong.append(f"{name}: {said['level']}, expected {expected}: "
                         f"{words[:300]}")
        if REASONS.get(name, "") not in words:
            wrong.append(f"{name}: not for its reason: {words[:300]}")
        if any(p["line"] == 0 for p in said["problems"]):
            wrong.append(f"{name}: a problem without a line")
    print(f"# {len(rows)} vectors")
    return wrong


def signed(program):
    """The published signed file: good in its time, not now."""
    folder = MUD / "cisco-mud-manager/examples/luminaire"
    wrong = []
    for at, expected in (("2018-10-01T00:00:00Z", "valid"),
                         ("2026-06-01T00:00:00Z", "was-valid")):
        said = check(program, [folder / "fs/Luminaire_150.json"], "--ca",
                     str(folder / "luminaire-cacert.pem"), "--at", at)[0]
        if said["signature"]["verdict"] != expected:
            wrong.append(f"Luminaire_150 at {at}: {said['signature']}")
    return wrong


def census(program, as_table):
    """How the published files read."""
    with open(MUD / "census.tsv", encoding="utf-8") as file:
        rows = list(csv.reader(file, delimiter="\t"))[1:]
    files = [MUD / row[0] for row in rows]
    wrong = []
    strict = {s["file"]: s for s in check(program, files)}
    imported = {s["file"]: s for s in check(program, files, "--import")}
    reads = [f for f in strict if strict[f]["level"] != "refused"]
    gained = [f for f in imported if imported[f]["level"] != "refused"]
    wrong += [f"{f}: strict, but not by import" for f in reads
              if f not in gained]
    print(f"# {len(files)} published files: {len(reads)} read strictly, "
          f"{len(gained)} by import")
    for path, row in zip(files, rows):
        is_valid = row[1] == "valid"
        if is_valid != (str(path) in reads) and as_table:
            first = next((p for p in strict[str(path)]["problems"]
                          if p["level"] == "refused"), None)
            print(f"# differs from yanglint: {row[0]}: {row[1]}: {first}")
        if as_table and str(path) not in gained:
            first = next(p for p in imported[str(path)]["problems"]
                         if p["level"] == "refused")
            print(f"# not by import: {row[0]}: {first['path']}: "
                  f"{first['text']}")
    if len(reads) < 40 or len(gained) < 150:
        wrong.append("fewer files are read than were")
    return wrong


def main():
    if not MUD.is_dir():
        print("1..0 # SKIP no shared vectors")
        return 77
    named = [word for word in sys.argv[1:] if word != "--table"]
    program = named[0] if named else "build/release/tenet"
    wrong = vectors(program) + signed(program) + \
        census(program, "--table" in sys.argv)
    for text in wrong:
        print(f"not ok - {text}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
