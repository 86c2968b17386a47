#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The rules of the house style that a program can check: licence line, width,
sizes, complexity, banned functions, one include order."""

import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINE_MAX = 80
SOURCE_LINES_MAX = 800
HEADER_LINES_MAX = 200
FUNCTION_LINES_MAX = 70
COMPLEXITY_MAX = 15
BANNED = re.compile(
    r"\b(strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|strtok|atoi|atol|"
    r"scanf|sscanf|alloca|system|popen|rand|gmtime|localtime|ctime|mktemp|"
    r"setjmp|longjmp)\s*\(")
ATTRIBUTE = re.compile(r"__attribute__|__builtin_")


def sources():
    for folder in ("src", "programs", "test"):
        yield from sorted((ROOT / folder).rglob("*.[ch]"))
        yield from sorted((ROOT / folder).rglob("*.def"))


def without_comments(text):
    return re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m[0]), text,
                  flags=re.S)


def check_file(path):
    name = path.relative_to(ROOT)
    text = path.read_text()
    lines = text.splitlines()
    if "SPDX-License-Identifier: Apache-2.0" not in (lines or [""])[0]:
        yield f"{name}:1: no SPDX licence line"
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_MAX:
            yield f"{name}:{number}: {len(line)} columns, at most {LINE_MAX}"
        if "\t" in line or line != line.rstrip():
            yield f"{name}:{number}: tab or trailing space"
    limit = HEADER_LINES_MAX if path.suffix == ".h" else SOURCE_LINES_MAX
    if path.suffix != ".def" and len(lines) > limit:
        yield f"{name}: {len(lines)} lines, at most {limit}"
    code = without_comments(text)
    if path.suffix == ".h" and "#pragma once" not in code:
        yield f"{name}: no #pragma once"
    for number, line in enumerate(code.splitlines(), 1):
        found = BANNED.search(line)
        if found:
            yield f"{name}:{number}: {found[1]} is banned"
        if ATTRIBUTE.search(line) and name.name not in ("compiler.h", "check.h"):
            yield f"{name}:{number}: extensions only through base/compiler.h"
        if "goto " in line and "goto out" not in line:
            yield f"{name}:{number}: goto"


def check_functions():
    """pmccabe: modified complexity, traditional, statements, first line,
    lines, file(line): function."""
    if not shutil.which("pmccabe"):
        yield "pmccabe is not installed: functions were not measured"
        return
    files = [str(p) for p in sources() if p.suffix == ".c"]
    output = subprocess.run(["pmccabe", *files], capture_output=True,
                            text=True, check=True).stdout
    for line in output.splitlines():
        complexity, _, _, _, size, place = line.split("\t", 5)
        place = place.replace(str(ROOT) + "/", "").replace("\t", " ")
        if int(complexity) > COMPLEXITY_MAX:
            yield f"{place}: complexity {complexity}, at most {COMPLEXITY_MAX}"
        if int(size) > FUNCTION_LINES_MAX:
            yield f"{place}: {size} lines, at most {FUNCTION_LINES_MAX}"


def main():
    problems = [p for path in sources() for p in check_file(path)]
    problems += check_functions()
    for problem in problems:
        print(problem)
    print(f"tidy: {len(list(sources()))} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
