#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Conformance with MUD files, on whole captures.

    mud.py PROGRAM [CAPTURE DEVICE]...

For each capture and device: what is learned reads strictly, explains all that
it was learned from, and each entry taken out of it makes exactly the flows
undeclared that only it allowed. Captures are made from data/recipes; those of
$TENET_SHARED or ../shared are added when they are there. Then the recipes
mud-kept and mud-broken against the file beside them."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test/support"))

import recipes  # noqa: E402

try:
    import jsonschema
except ImportError:  # Then the form of the lists is not checked.
    jsonschema = None

RECIPES = ["home-quiet", "home-ipv6", "building", "maker-plug-good",
           "maker-camera-first", "mirai-infection-tftp"]
LISTS = "ietf-access-control-list:acls"
REMOVED_MAX = 12  # Entries taken out of one file, evenly over it.

failures = []


def fail(text):
    failures.append(text)
    print(f"not ok - {text}")


def tenet(program, *words, statuses=(0, 1)):
    run = subprocess.run([program, *map(str, words)], capture_output=True,
                         text=True)
    if run.returncode not in statuses:
        raise SystemExit(f"not ok - {words}: {run.returncode}: {run.stderr}")
    return run.stdout


def conform(program, capture, mac, path, *options):
    out = tenet(program, "mud", "conform", capture, "--mud", f"{mac}={path}",
                "--json", *options)
    devices = json.loads(out)
    if jsonschema:
        schema = ROOT / "data/schema/mud-conform.schema.json"
        jsonschema.validate(devices, json.loads(schema.read_text()))
    return next(d for d in devices if d.get("mac") == mac)


def learned(program, capture, mac, path):
    """Learn, read strictly, and hold the same capture against it."""
    tenet(program, "mud", "learn", capture, "--device", mac, "--out", path,
          statuses=(0,))
    read = json.loads(tenet(program, "mud", "check", "--json", path))[0]
    if read["level"] == "refused":
        fail(f"{capture}: what was learned is refused: {read['problems']}")
    device = conform(program, capture, mac, path)
    flows = device["flows"]
    if flows["undeclared"] or flows["undecided"]:
        fail(f"{capture} {mac}: learned, but {flows}: "
             f"{device['undeclared'] + device['undecided']}")
    # Two names of one address: the first entry has the flows of both.
    if [e for e in device["declared_unused"]
            if not re.search(r" (to|from) [a-z][\w-]*\.", e["words"])]:
        fail(f"{capture} {mac}: learned what was not used: "
             f"{device['declared_unused']}")
    again = path.with_suffix(".again")
    tenet(program, "mud", "learn", capture, "--device", mac, "--out", again,
          statuses=(0,))
    if again.read_text() != path.read_text():
        fail(f"{capture} {mac}: learned twice, written differently")
    return device


def without(path, out, acl, ace):
    """The same file less one entry."""
    content = json.loads(path.read_text())
    for entry in content[LISTS]["acl"]:
        if entry["name"] == acl:
            entry["aces"]["ace"] = [a for a in entry["aces"]["ace"]
                                    if a["name"] != ace]
    out.write_text(json.dumps(content))


def removed(program, capture, mac, path, device):
    """Entries taken out one at a time: its flows and no others."""
    used = device["declared_used"]
    step = max(1, len(used) // REMOVED_MAX)
    total = sum(device["flows"][v] for v in
                ("declared", "undeclared", "undecided"))
    for entry in used[::step]:
        less = path.with_suffix(".less")
        without(path, less, entry["acl"], entry["ace"])
        now = conform(program, capture, mac, less)
        flows = now["flows"]
        lost = flows["undeclared"] + flows["undecided"]
        before = {(e["acl"], e["ace"]): e["flows"] for e in used}
        moved = sum(e["flows"] - before.get((e["acl"], e["ace"]), 0)
                    for e in now["declared_used"]
                    if e["acl"] == entry["acl"])
        if lost + moved != entry["flows"]:
            fail(f"{capture} {mac}: without {entry['ace']}, used by "
                 f"{entry['flows']}, {lost} flows are not declared and "
                 f"{moved} are by others")
        if sum(flows[v] for v in
               ("declared", "undeclared", "undecided")) != total:
            fail(f"{capture} {mac}: flows were lost")


def watched(program, name, mac, options):
    """What `tenet watch` finds of the plug, by detection and severity."""
    out = json.loads(tenet(program, "watch", "--json", "--no-ledger",
                           recipes.capture(name), *options))
    return sorted((f["detection"], f["severity"]) for f in out["findings"]
                  if f["detection"].startswith("undeclared")
                  and f["mac"] == mac)


def declared(program):
    """A device that keeps its file and one that breaks it; the file is found
    by the URL that the device says in DHCP, or given by its owner."""
    recipes.make(["mud-kept", "mud-broken"])
    folder = ROOT / "test/golden/mud-files"
    macs = {name: recipes.devices(name)["plug"]
            for name in ("mud-kept", "mud-broken")}
    stranger = ("undeclared-outbound", "warning")
    expected = {
        ("mud-kept", "given"): [], ("mud-kept", "claimed"): [],
        ("mud-broken", "given"): [stranger, stranger],
        ("mud-broken", "claimed"): [("undeclared-outbound", "notice")] * 2,
    }
    for (name, how), wanted in expected.items():
        mac = macs[name]
        file = f"{mac}={folder / 'plug.json'}" if how == "given" else folder
        found = watched(program, name, mac, ["--mud", str(file)])
        quiet = watched(program, name, mac, ["--mud", str(file),
                                             "--mud-import"])
        if quiet != [(kind, "notice") for kind, _ in wanted]:
            fail(f"{name}, {how}, imported: {quiet}")
        if found != wanted:
            fail(f"{name}, {how}: {found}, not {wanted}")
    for name, wanted in (("mud-kept", set()), ("mud-broken", {
            ("collector.stranger.example", 443),
            ("api.plug-maker.example", 8443)})):
        device = conform(program, recipes.capture(name), macs[name],
                         folder / "plug.json")
        needed = {(n["ipv4"]["ietf-acldns:dst-dnsname"],
                   n["tcp"]["destination-port"]["port"])
                  for n in (u["needed"]["matches"]
                            for u in device["undeclared"])}
        unused = {e["ace"] for e in device["declared_unused"]}
        if needed != wanted or device["flows"]["undecided"] or \
                unused != {"from-ipv4-coap", "to-ipv4-coap"}:
            fail(f"{name}: {device['flows']}, needed {needed}, "
                 f"unused {unused}")


def accepted(program, folder):
    """What the owner accepts is declared from then on; the file stays."""
    mac = recipes.devices("mud-broken")["plug"]
    capture = recipes.capture("mud-broken")
    source = (ROOT / "test/golden/mud-files/plug.json").read_bytes()
    path = folder / "accepted.json"
    path.write_bytes(source)
    for _ in range(2):
        tenet(program, "mud", "accept", path, capture, "--device", mac,
              "--by", "the owner", "--because", "it is wanted",
              statuses=(0,))
        flows = conform(program, capture, mac, path)["flows"]
        if flows["undeclared"]:
            fail(f"accepted, but {flows}")
    lines = pathlib.Path(f"{path}.accepted").read_text().splitlines()
    if path.read_bytes() != source or len(lines) != 1 or \
            json.loads(lines[0])["by"] != "the owner":
        fail(f"the journal has {len(lines)} lines, or the file changed")


def shared_cases():
    """Captures of real devices, from the device list."""
    shared = pathlib.Path(os.environ.get("TENET_SHARED", "../shared"))
    folder = shared / "captures/mud-v4k0nd"
    if not folder.is_dir():
        print("# no shared captures")
        return []
    names = {
        "40:ae:30:46:6e:a8": "tapo-p115/G06-tapo-p115.pcap",
        "b8:06:0d:18:84:b4": "mood_lamp-3204432/G06-mood_lamp-3204432.pcap",
        "b8:06:0d:3b:47:f8": "door_sensor-19JWT/G06-door_sensor-19JWT.pcapng",
    }
    return [(folder / name, mac) for mac, name in names.items()]


def main():
    program = sys.argv[1]
    named = sys.argv[2:]
    cases = list(zip(map(pathlib.Path, named[::2]), named[1::2]))
    if not cases:
        recipes.make(RECIPES)
        cases = shared_cases()
        for name in RECIPES:
            cases += [(recipes.capture(name), mac)
                      for mac in recipes.devices(name).values()]
    if not named:
        declared(program)
    with tempfile.TemporaryDirectory() as folder:
        if not named:
            accepted(program, pathlib.Path(folder))
        for index, (capture, mac) in enumerate(cases):
            path = pathlib.Path(folder) / f"{index}.json"
            device = learned(program, capture, mac, path)
            if len(device["declared_used"]) > 0:
                removed(program, capture, mac, path, device)
    print(f"# {len(cases)} devices")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
