#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Do indicators fire where they must, and nowhere else? intel.toml says what
is looked for in which capture, and every finding that must come of it.

    intel.py PROGRAM [CASE...]"""

import json
import pathlib
import subprocess
import sys
import tempfile
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test/support"))

import recipes  # noqa: E402


def findings(program, case):
    """What the indicators alone have found."""
    capture = recipes.FOLDER / f"{case['recipe']}.pcap"
    with tempfile.TemporaryDirectory() as folder:
        for name, text in case["lists"].items():
            (pathlib.Path(folder) / name).write_text(text.lstrip("\n"))
        told = subprocess.run(
            [program, "intel", "check", "--json", folder],
            capture_output=True, text=True, timeout=600)
        if told.returncode != 0 or json.loads(told.stdout)["loaded"] == 0:
            raise SystemExit(f"{case['lists'].keys()}: {told.stdout}")
        run = subprocess.run(
            [program, "watch", "--json", "--no-ledger", "--intel", folder,
             str(capture)], capture_output=True, text=True, timeout=600)
    if run.returncode not in (0, 1) or "not loaded" in run.stderr:
        raise SystemExit(f"{capture}: {run.stderr.strip()[-500:]}")
    return [f for f in json.loads(run.stdout)["findings"]
            if f["language"] == "indicator"]


def differences(case, found):
    macs = recipes.devices(case["recipe"])
    left = {(f["mac"], f["facts"]["indicator"]): f for f in found}
    if len(left) != len(found):
        yield "the same indicator twice about one device"
    for expected in case.get("found", []):
        key = (macs[expected["device"]], expected["indicator"])
        finding = left.pop(key, None)
        if not finding:
            yield f"{expected['indicator']} was not found on {expected['device']}"
            continue
        for name in ("severity", "harm", "rule"):
            if name in expected and finding[name] != expected[name]:
                yield (f"{expected['indicator']}: {name} is {finding[name]}, "
                       f"not {expected[name]}")
        for name, value in expected.get("facts", {}).items():
            if finding["facts"].get(name) != value:
                yield (f"{expected['indicator']}: {name} is "
                       f"{finding['facts'].get(name)}, not {value}")
        if finding["evidence"]["packets"] == 0:
            yield f"{expected['indicator']}: no packet shows it"
        if "?" in finding["sentence"]:
            yield f"{expected['indicator']}: {finding['sentence']}"
    for finding in left.values():
        yield f"not expected: {finding['sentence']}"


def main():
    program, *wanted = sys.argv[1:]
    text = (ROOT / "test/golden/intel.toml").read_text()
    cases = tomllib.loads(text)["case"]
    cases = {n: c for n, c in cases.items() if not wanted or n in wanted}
    recipes.make(sorted({case["recipe"] for case in cases.values()}))
    failures = 0
    for name, case in cases.items():
        for what in differences(case, findings(program, case)):
            failures += 1
            print(f"not ok - {name}: {what}")
    print(f"{len(cases)} cases, {failures} failures")
    return 1 if failures else 0


sys.exit(main())
