#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds src/ against tools/layers.txt: each room includes, and each room's
library links, only what its line allows, and no room stands above itself."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#include "([^"]+)"', re.M)


def read_layers():
    """Room -> rooms it may use, in the file's order (lower floors first)."""
    layers = {}
    for line in (ROOT / "tools/layers.txt").read_text().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        room, _, uses = line.partition(":")
        layers[room.strip()] = uses.split()
    return layers


def room_of(path, rooms):
    """The room a path below src/ lies in: the longest that fits."""
    fitting = [room for room in rooms if path.startswith(room + "/")]
    return max(fitting, key=len) if fitting else None


def check_order(layers):
    seen = set()
    for room, uses in layers.items():
        for used in uses:
            if used not in seen:
                yield f"tools/layers.txt: {room} uses {used}, which is not below it"
        seen.add(room)


def check_includes(layers):
    for path in sorted((ROOT / "src").rglob("*.[ch]")):
        name = str(path.relative_to(ROOT / "src"))
        room = room_of(name, layers)
        if room is None:
            yield f"src/{name}: is in no room of tools/layers.txt"
            continue
        for included in INCLUDE.findall(path.read_text()):
            used = room_of(included, layers)
            if used is None:
                yield f"src/{name}: includes {included}, which is in no room"
            elif used != room and used not in layers[room]:
                yield f"src/{name}: {room} may not use {used} ({included})"


def symbols(library):
    """(defined, undefined) global symbols of a static library."""
    output = subprocess.run(["nm", "-g", str(library)], capture_output=True,
                            text=True, check=True).stdout
    defined, undefined = set(), set()
    for line in output.splitlines():
        parts = line.split()
        if len(parts) >= 2 and parts[-2] in "TDBRVW":
            defined.add(parts[-1])
        elif len(parts) == 2 and parts[0] == "U":
            undefined.add(parts[1])
    return defined, undefined


def check_symbols(layers, build):
    libraries = {}
    for room in layers:
        library = build / "src" / f"libtenet-{room.replace('/', '-')}.a"
        if library.exists():
            libraries[room] = symbols(library)
    home = {name: room for room, (defined, _) in libraries.items()
            for name in defined}
    for room, (_, undefined) in libraries.items():
        for name in sorted(undefined):
            used = home.get(name)
            if used and used != room and used not in layers[room]:
                yield f"{room} links {name} of {used}, which it may not use"


def main():
    layers = read_layers()
    problems = list(check_order(layers)) + list(check_includes(layers))
    if len(sys.argv) > 1:
        problems += check_symbols(layers, pathlib.Path(sys.argv[1]))
    for problem in problems:
        print(problem)
    print(f"layers: {len(layers)} rooms, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
