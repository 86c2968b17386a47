#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Begins a dissector: tools/new_dissector.py NAME PORT

Writes its source, fields, unit test, fuzz target and corpus from
tools/templates, and its line in each table. What it makes builds and passes;
then the real protocol takes the place of the template's."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "tools/templates"
NEW = {
    "dissector.c": "src/dissect/{}.c",
    "fields.def": "src/event/fields/{}.def",
    "test.c": "test/unit/dissect/test_{}.c",
    "fuzz.c": "test/fuzz/fuzz_{}.c",
}
CORPUS = (b"\x01\x01\x02\x00\x05hello" b"\xf0\xf1\xf2\xf3" b"\x01\x03\x00\x00")


def insert(path, line, before):
    """Put `line` in front of the first line that `before` matches."""
    file = ROOT / path
    text = file.read_text()
    place = re.search(before, text, re.M)
    if not place:
        sys.exit(f"{path}: no place for {line!r}")
    file.write_text(text[:place.start()] + line + "\n" + text[place.start():])


def insert_sorted(path, line, like):
    """Put `line` where it belongs among the lines that `like` matches."""
    file = ROOT / path
    lines = file.read_text().splitlines()
    places = [i for i, old in enumerate(lines) if re.match(like, old)]
    later = [i for i in places if lines[i] > line]
    lines.insert(later[0] if later else places[-1] + 1, line)
    file.write_text("\n".join(lines) + "\n")


def append(path, line):
    file = ROOT / path
    file.write_text(file.read_text() + line + "\n")


def main():
    if len(sys.argv) != 3 or not re.fullmatch(r"[a-z][a-z0-9_]*", sys.argv[1]) \
            or not sys.argv[2].isdigit():
        print(__doc__)
        return 2
    name, port = sys.argv[1:]
    if any((ROOT / path.format(name)).exists() for path in NEW.values()):
        print(f"there is a {name} already")
        return 1
    for template, path in NEW.items():
        text = (TEMPLATES / template).read_text()
        for key, value in (("@name@", name), ("@NAME@", name.upper()),
                           ("@PORT@", port)):
            text = text.replace(key, value)
        (ROOT / path.format(name)).write_text(text)
    corpus = ROOT / "test/fuzz/corpus" / name
    corpus.mkdir(parents=True)
    (corpus / "hello").write_bytes(CORPUS)
    insert("src/event/types.def",
           f'EVENT({name.upper()}, "{name}", "one {name} message")',
           r"^EVENT\(ACTIVITY")
    insert("src/event/fields.def", f'#include "event/fields/{name}.def"',
           r'^#include "event/fields/activity')
    append("src/dissect/protocols.def", f"PROTOCOL({name})")
    insert_sorted("src/dissect/meson.build", f"  '{name}.c',", r"  '\w+\.c',")
    insert_sorted("test/unit/dissect/meson.build", f"  'dissect/{name}',",
                  r"  'dissect/\w+',")
    insert("test/fuzz/meson.build", f"fuzz_targets += ['{name}']",
           r"^foreach name : fuzz_targets")
    for path in NEW.values():
        print(path.format(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
