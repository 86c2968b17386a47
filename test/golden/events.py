#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does the program still say, byte for byte, what was once read and accepted?
Each folder beside this file is a case, named as the recipe that makes its
capture; expected.jsonl is the output of --eve. The same capture must give the
same output again, compressed, as pcapng and through a pipe.

    events.py PROGRAM            hold all cases against what was accepted
    events.py PROGRAM CASE...    rewrite these (tools/golden accept)"""

import difflib
import gzip
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import recipes  # noqa: E402

DIFFERENCES_SHOWN = 20


def cases():
    return sorted(p.name for p in HERE.iterdir() if (p / "README.md").exists())


def events(program, source, stdin=None):
    """What --eve prints of a capture, or of what comes through a pipe."""
    run = subprocess.run(
        [program, "watch", "--no-ledger", "--no-progress", "--eve", "-",
         str(source)], stdin=stdin, capture_output=True, timeout=300)
    if run.returncode not in (0, 1):
        raise SystemExit(f"{source}: exit status {run.returncode}: "
                         f"{run.stderr.decode(errors='replace')[-300:]}")
    return run.stdout


def through_a_pipe(program, path):
    with subprocess.Popen(["cat", str(path)], stdout=subprocess.PIPE) as cat:
        return events(program, "-", stdin=cat.stdout)


def compressed(program, path, folder):
    packed = folder / "capture.pcap.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    return events(program, packed)


def as_pcapng(program, path, folder):
    other = folder / "capture.pcapng"
    subprocess.run(["editcap", "-F", "pcapng", str(path), str(other)],
                   check=True, capture_output=True)
    return events(program, other)


def ways(program, path, folder):
    """(how the capture was given, what came out) of each way."""
    yield "a second time", events(program, path)
    yield "through a pipe", through_a_pipe(program, path)
    yield "compressed", compressed(program, path, folder)
    if shutil.which("editcap"):
        yield "as pcapng", as_pcapng(program, path, folder)
    else:
        print("# no editcap: pcapng is not compared")


def show_difference(expected, said):
    lines = difflib.unified_diff(
        expected.decode(errors="replace").splitlines(),
        said.decode(errors="replace").splitlines(),
        "accepted", "now", n=0, lineterm="")
    for number, line in enumerate(lines):
        if number == DIFFERENCES_SHOWN:
            print("# ... and more")
            return
        print(f"# {line[:400]}")


def check_case(program, name):
    """How many of a case's comparisons failed."""
    path, wrong = recipes.capture(name), 0
    expected = (HERE / name / "expected.jsonl").read_bytes()
    said = events(program, path)
    if said != expected:
        wrong += 1
        print(f"not ok - {name}: not what was accepted; if it is right, "
              f"tools/golden accept {name}")
        show_difference(expected, said)
    with tempfile.TemporaryDirectory() as folder:
        for how, output in ways(program, path, pathlib.Path(folder)):
            if output != said:
                wrong += 1
                print(f"not ok - {name}: other output {how}")
                show_difference(said, output)
    return wrong


def accept(program, names):
    for name in names:
        if name not in cases():
            print(f"no case {name}: {', '.join(cases())}", file=sys.stderr)
            return 2
        said = events(program, recipes.capture(name))
        (HERE / name / "expected.jsonl").write_bytes(said)
        print(f"{name}: {said.count(bytes([10]))} events")
    return 0


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    program, names = sys.argv[1], sys.argv[2:]
    recipes.make(cases())
    if names:
        return accept(program, names)
    wrong = sum(check_case(program, name) for name in cases())
    print(f"{len(cases())} cases, {wrong} failures")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
