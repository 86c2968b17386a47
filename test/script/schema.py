#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `watch --json` prints is what data/schema/watch.schema.json says, for
the sample, for an empty capture, and for a few captures of $TENET_SHARED; and
the schema is strict enough to refuse what is not."""

import copy
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import describe  # noqa: E402

SHARED_COUNT = 12
SHARED_SIZE_MAX = 2 << 20


def shared_captures():
    """Every so many of the captures found, the same ones each time."""
    shared = pathlib.Path(os.environ.get("TENET_SHARED", ROOT / "../shared"))
    found = sorted(p for p in (shared / "captures").rglob("*.pcap*")
                   if p.is_file() and 0 < p.stat().st_size < SHARED_SIZE_MAX)
    return found[::max(1, len(found) // SHARED_COUNT)][:SHARED_COUNT]


def watch(path):
    result = subprocess.run([describe.PROGRAM, "watch", "--json",
                             "--no-ledger", path],
                            capture_output=True, text=True, check=False)
    return json.loads(result.stdout) if result.returncode < 2 else None


def spoilt(whole):
    """The object with one thing wrong in each."""
    def edit(*path, value=None):
        made = copy.deepcopy(whole)
        place = made
        for step in path[:-1]:
            place = place[step]
        if value is None:
            del place[path[-1]]
        else:
            place[path[-1]] = value
        return ".".join(map(str, path)), made

    yield edit("stats")
    yield edit("devices", 0, "identity")
    yield edit("findings", 0, "sentence")
    yield edit("findings", 0, "severity", value="dreadful")
    yield edit("findings", 0, "id", value="f12")
    yield edit("findings", 0, "first", value="yesterday")
    yield edit("findings", 0, "score", value=7)
    yield edit("devices", 0, "packets", value=-1)
    yield edit("stats", "dropped", value={"flows": 0})


def main():
    try:
        import jsonschema
    except ImportError:
        print("python3-jsonschema is not installed")
        return 77
    if not describe.PROGRAM.exists():
        print("no release build")
        return 77
    describe.make_sample()
    schema = json.loads((ROOT / "data/schema/watch.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    empty = describe.SAMPLE.with_name("empty.pcap")
    empty.write_bytes(describe.SAMPLE.read_bytes()[:24])
    problems = 0
    count = 0
    for path in [describe.SAMPLE, empty, *shared_captures()]:
        result = watch(path)
        if result is None:
            continue  # Not a capture: the tests of the readers ask for that.
        count += 1
        for error in validator.iter_errors(result):
            problems += 1
            print(f"{path.name}: {list(error.absolute_path)}: {error.message}")
    for name, wrong in spoilt(watch(describe.SAMPLE)):
        if validator.is_valid(wrong):
            problems += 1
            print(f"accepts a wrong {name}")
    print(f"schema: {count} captures, {problems} problems")
    return 1 if problems or count < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
