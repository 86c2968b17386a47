#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws src/detect/intel/normal.def from the Unicode Character Database that
Python carries: canonical decompositions and combining classes."""

import pathlib
import sys
import unicodedata

OUT = pathlib.Path(__file__).resolve().parent.parent / "src/detect/intel"
HANGUL = range(0xAC00, 0xD7A4)


def rows(items, width=78):
    line = ""
    for item in items:
        if len(line) + len(item) + 1 > width:
            yield line
            line = ""
        line += (" " if line else "") + item
    if line:
        yield line


def main():
    pairs, composed, runs = [], [], []
    for point in range(sys.maxunicode + 1):
        character = chr(point)
        text = unicodedata.decomposition(character)
        if text and "<" not in text and point not in HANGUL:
            parts = [int(p, 16) for p in text.split()]
            back = unicodedata.normalize("NFC", character) == character
            pairs.append((point, *(parts + [0])[:2], int(back)))
        rank = unicodedata.combining(character)
        if rank and runs and runs[-1][1] == point - 1 and runs[-1][2] == rank:
            runs[-1][1] = point
        elif rank:
            runs.append([point, point, rank])
    composed = sorted((p[1], p[2], i) for i, p in enumerate(pairs)
                      if p[2] and p[3])
    with open(OUT / "normal.def", "w") as out:
        out.write("/* SPDX-License-Identifier: Apache-2.0 */\n"
                  "/*\n * Drawn by tools/normalization.py from Unicode "
                  f"{unicodedata.unidata_version}.\n"
                  " * PAIR(character, first, second or 0): what it is "
                  "canonically.\n"
                  " * MADE(place): pairs that make one, by first and second.\n"
                  " * RANK(first, last, canonical combining class)\n */\n"
                  "#ifdef PAIR\n")
        out.writelines(f"{line}\n" for line in rows(
            f"PAIR(0x{p[0]:x},0x{p[1]:x},0x{p[2]:x})" for p in pairs))
        out.write("#endif\n#ifdef MADE\n")
        out.writelines(f"{line}\n" for line in rows(
            f"MADE({c[2]})" for c in composed))
        out.write("#endif\n#ifdef RANK\n")
        out.writelines(f"{line}\n" for line in rows(
            f"RANK(0x{r[0]:x},0x{r[1]:x},{r[2]})" for r in runs))
        out.write("#endif\n")


main()
