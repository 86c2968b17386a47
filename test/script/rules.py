#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tenet rules: Sigma and Suricata in one folder, each taken for what it is;
what is refused is said by line; a rule is explained in words."""

import json
import pathlib
import subprocess
import sys
import tempfile

PROGRAM = pathlib.Path(__file__).resolve().parents[2] / "build/release/tenet"
SIGMA = """title: A login
logsource: {product: tenet, service: login}
detection: {one: {login.user: root}, condition: one}
"""
RULES = """alert http $HOME_NET any -> $WEB 80 (msg:"A \\"shell\\""; \\
    flow:established,to_server; http.uri; content:"/sh"; sid:7; rev:2;)
alert tcp any any -> any any (msg:"bad"; contnt:"a"; sid:8;)
alert tcp any any -> any any (msg:"old"; sid:9; lua:x.lua;)
"""


def run(*words):
    return subprocess.run([PROGRAM, "rules", *map(str, words)],
                          capture_output=True, text=True, check=False)


def check_folder(folder):
    result = run("check", "--json", "--variable", "WEB=192.0.2.1", folder)
    said = json.loads(result.stdout)
    yield "a refusal is exit status 1", result.returncode == 1
    yield "both languages are loaded", said["loaded"] == 2
    yield "two are refused", said["refused"] == 2
    lines = [(r["line"], r["rule"], r["keyword"]) for r in said["refusals"]]
    yield "line, sid and keyword", lines == [(3, "8", "contnt"),
                                             (4, "9", "lua")]
    yield "a suggestion", said["refusals"][0]["suggestion"] == \
        "did you mean content?"
    text = run("check", folder).stdout
    yield "without the variable one more is refused", \
        "1 loaded, 3 refused" in text
    yield "reasons are counted", "refused for" in text


def check_files(folder):
    renamed = folder / "downloaded"
    renamed.write_text(RULES)
    yield "rules are known by what they say", \
        "1 loaded, 2 refused" in run("check", renamed, "--variable",
                                     "WEB=any").stdout
    yield "Sigma too", run("check", folder / "a.yml").stdout == \
        "1 loaded, 0 refused\n"
    yield "no such file", run("check", folder / "none").returncode == 3


def check_explanation(folder):
    result = run("explain", "7", folder, "--variable", "WEB=192.0.2.1")
    yield "explained", result.returncode == 0
    for part in ('1:7, revision 2: A "shell"', "to 192.0.2.1, port 80",
                 "of http.uri:", 'stands "/sh"', "Then it alerts."):
        yield part, part in result.stdout
    yield "a refusal is explained", "no scripts" in run("explain", "1:9",
                                                       folder).stdout
    yield "an unknown sid", run("explain", "5", folder).returncode == 1
    yield "no sid", run("explain", "x", folder).returncode == 2
    yield "a bad variable", run("check", "--variable", "A=b c",
                                folder).returncode == 2


def main():
    if not PROGRAM.exists():
        print("no release build")
        return 77
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "a.yml").write_text(SIGMA)
        (folder / "b.rules").write_text(RULES)
        for check in (check_folder, check_explanation, check_files):
            for what, good in check(folder):
                failed += not good
                if not good:
                    print(f"not ok: {check.__name__}: {what}")
    print(f"rules: {failed} problems")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
