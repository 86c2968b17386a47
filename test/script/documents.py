#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The documents are true: what is drawn from the code is what the code says
now, links lead somewhere, named commands and rooms exist, blocks marked
`<!-- run -->` run, and HACKING.md's rule finds what it says."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import describe  # noqa: E402

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def anchors(path):
    titles = re.findall(r"^#+ +(.*)$", path.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", t.lower()).replace(" ", "-")
            for t in titles}


def check_links():
    for page in PAGES:
        text = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
        for target in LINK.findall(text):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            path = (page.parent / name).resolve() if name else page
            if not path.exists():
                yield f"{page.name}: {target} leads nowhere"
            elif anchor and anchor not in anchors(path):
                yield f"{page.name}: {target} has no such heading"


def check_paths():
    """`src/...` and the like in the text are there; <name> stands for any."""
    named = re.compile(
        r"`((?:src|test|tools|script|data|docs|programs|completions)/"
        r"[\w./*-]+)`")
    for page in PAGES:
        for name in named.findall(page.read_text()):
            if "NAME" not in name and not list(ROOT.glob(name.rstrip("/"))):
                yield f"{page.name}: there is no {name}"


def check_rooms():
    wanted = [line.partition(":")[0] for line in
              (ROOT / "tools/layers.txt").read_text().splitlines()
              if line and not line.startswith("#")]
    text = (ROOT / "ARCHITECTURE.md").read_text()
    table = text.partition("<!-- rooms -->")[2].partition("\n\n`")[0]
    told = re.findall(r"^\| `([\w/]+)` \|", table, re.M)
    there = {str(p.parent.relative_to(ROOT / "src"))
             for p in (ROOT / "src").rglob("*.c")}
    if set(told) != set(wanted):
        yield f"ARCHITECTURE.md's rooms and layers.txt: {set(told) ^ set(wanted)}"
    if there - set(wanted):
        yield f"folders of src/ without a line in layers.txt: {there - set(wanted)}"
    lines = {line.partition(":")[0]: line.partition(":")[2].split()
             for line in (ROOT / "tools/layers.txt").read_text().splitlines()
             if line and not line.startswith("#")}
    for room in told:
        late = [used for used in lines.get(room, [])
                if used in told and told.index(used) > told.index(room)]
        if late:
            yield f"ARCHITECTURE.md: {room} stands above {late}, which it uses"


def check_commands():
    """Every `tenet WORD` is a command; every script named is there."""
    source = (ROOT / "programs/tenet/main.c").read_text()
    commands = set(re.findall(r"&(\w+)_command", source))
    for page in PAGES:
        text = page.read_text()
        for word in re.findall(r"(?:`|^ *\$ |^    )tenet ([a-z]+)", text, re.M):
            if word not in commands:
                yield f"{page.name}: there is no command 'tenet {word}'"
        for script in re.findall(r"(?:`|^    )((?:script|tools)/[\w.-]+)",
                                 text, re.M):
            if not (ROOT / script).exists():
                yield f"{page.name}: there is no {script}"


def check_decisions():
    for number, path in enumerate(
            sorted((ROOT / "docs/decisions").glob("*.md")), 1):
        if not path.name.startswith(f"{number:04}-"):
            yield f"{path.name}: number {number:04} comes next"
        for part in ("# ", "**Question.**", "**Considered.**", "**Decided.**",
                     "**So.**"):
            if part not in path.read_text():
                yield f"{path.name}: no {part}"


def check_licences():
    for page in PAGES:
        if page.name != "fields.md" and "SPDX-License-Identifier" not in \
                page.read_text().splitlines()[0]:
            yield f"{page.name}: no licence line"


def check_blocks():
    """Run from the root, `tenet` being the release build."""
    clean = dict(os.environ, PATH=f"{describe.PROGRAM.parent}:"
                 + os.environ["PATH"])
    for page in PAGES:
        for block in re.findall(r"<!-- run -->\s*```sh\n(.*?)```",
                                page.read_text(), re.S):
            with tempfile.TemporaryDirectory() as scratch:
                result = subprocess.run(
                    ["bash", "-eu", "-c", block], cwd=ROOT,
                    env=dict(clean, TMPDIR=scratch), capture_output=True,
                    text=True, check=False)
            if result.returncode != 0:
                yield f"{page.name}: a block fails: {result.stderr.strip()}"


def check_example_rule():
    text = (ROOT / "HACKING.md").read_text()
    rule = re.search(r"```yaml\n(.*?)```", text, re.S)[1]
    name = re.search(r"^name: (.*)$", rule, re.M)[1]
    with tempfile.TemporaryDirectory() as scratch:
        path = pathlib.Path(scratch) / "rule.yml"
        path.write_text(rule)
        said = describe.tenet("rules", "check", path)
        if "1 loaded, 0 refused" not in said:
            yield f"HACKING.md's rule: {said.strip()}"
        result = json.loads(describe.tenet(
            "watch", "--json", "--no-ledger", "--rules", path,
            describe.SAMPLE))
    if name not in [f["detection"] for f in result["findings"]]:
        yield "HACKING.md's rule finds nothing in the sample"


def check_drawn():
    result = subprocess.run([ROOT / "tools/describe.py", "--check"],
                            capture_output=True, text=True, check=False)
    if result.returncode != 0:
        yield (result.stdout + result.stderr).strip()


def main():
    if not describe.PROGRAM.exists():
        print("no release build")
        return 77
    describe.make_sample()
    problems = [p for check in (check_links, check_paths, check_rooms,
                                check_commands, check_decisions,
                                check_licences, check_blocks,
                                check_example_rule, check_drawn)
                for p in check()]
    for problem in problems:
        print(problem)
    print(f"documents: {len(PAGES)} pages, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
