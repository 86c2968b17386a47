#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does the ledger of a watched capture convince a verifier that shares no
code with it, and nothing else do? Every finding of some recipes is proved and
verified; then single bits of what was proved are flipped, and blocks of the
excerpt dropped, doubled and exchanged: none of that may be verified.

    ledger.py PROGRAM [FLIPS]"""

import importlib.util
import io
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
from contextlib import redirect_stdout

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test/support"))

import recipes  # noqa: E402

NAMES = ["amplification-dns", "address-clash"]
FLIPS = 30

specification = importlib.util.spec_from_file_location(
    "verify_package", ROOT / "tools/verify_package.py")
verifier = importlib.util.module_from_spec(specification)
specification.loader.exec_module(verifier)


def run(program, *words, status=(0,)):
    done = subprocess.run([program, *words], capture_output=True, text=True,
                          timeout=300)
    if done.returncode not in status:
        raise SystemExit(f"not ok - {words}: {done.stderr[-500:]}")
    return done.stdout


def holds(folder, key):
    """Verified? Whatever the reader of a broken file may say is a no."""
    try:
        with redirect_stdout(io.StringIO()):
            verifier.check_case(folder, key)
    except (verifier.Broken, ValueError, KeyError, TypeError, IndexError,
            AttributeError, OSError, OverflowError):
        return False
    return True


def flip(folder, key, count, source):
    failures = 0
    files = sorted(folder.iterdir())
    for _ in range(count):
        path = source.choice(files)
        old = path.read_bytes()
        new = bytearray(old)
        new[source.randrange(len(new))] ^= 1 << source.randrange(8)
        path.write_bytes(new)
        if holds(folder, key):
            print(f"not ok - a flipped bit of {path.name} was verified")
            failures += 1
        path.write_bytes(old)
    return failures


def shuffle(folder, key):
    path = folder / "excerpt.pcapng"
    old = path.read_bytes()
    blocks = list(verifier.pcapng_blocks(old))
    failures = 0
    for name, new in (
            ("a dropped block", blocks[:-1]),
            ("a doubled block", blocks + blocks[-1:]),
            ("exchanged blocks", blocks[:-2] + blocks[:-3:-1])):
        if new != blocks and len(blocks) > 3:
            path.write_bytes(b"".join(new))
            if holds(folder, key):
                print(f"not ok - {name} was verified")
                failures += 1
    path.write_bytes(old)
    return failures


def check(program, name, count, place):
    ledger = place / "ledger"
    source = random.Random(name)
    capture = recipes.FOLDER / f"{name}.pcap"
    result = json.loads(run(program, "watch", "--json", "--ledger",
                            str(ledger), str(capture), status=(0, 1)))
    plain = json.loads(run(program, "watch", "--json", "--no-seal",
                           "--ledger", str(place / "plain"), str(capture),
                           status=(0, 1)))
    failures = 0
    if result["findings"] != plain["findings"]:
        print(f"not ok - {name}: sealing changes what is found")
        failures += 1
    run(program, "ledger", "fsck", "--ledger", str(ledger))
    key = verifier.Key((ledger / "log/vkey").read_text())
    with redirect_stdout(io.StringIO()):
        verifier.check_log(ledger / "log", key)
    for finding in result["findings"]:
        case = place / "case"
        run(program, "ledger", "prove", finding["id"], "--to", str(case),
            "--ledger", str(ledger))
        if not holds(case, key):
            print(f"not ok - {name}: {finding['id']} is not verified")
            failures += 1
        failures += flip(case, key, count, source) + shuffle(case, key)
        shutil.rmtree(case)
    if (ledger / "log/key").stat().st_mode & 0o777 != 0o600:
        print("not ok - others can read the key")
        failures += 1
    shutil.rmtree(ledger)
    shutil.rmtree(place / "plain")
    return failures, len(result["findings"])


def main():
    program = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else FLIPS
    recipes.make(NAMES)
    failures = findings = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in NAMES:
            wrong, found = check(program, name, count, pathlib.Path(folder))
            failures += wrong
            findings += found
    if not findings:
        print("not ok - nothing was found to prove")
        failures += 1
    print(f"{findings} findings proved, {findings * count} bits flipped, "
          f"{failures} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
