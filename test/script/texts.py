#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every detection has its sentence, every sentence its detection, and what
stands in braces is a field of the reference or an argument of
src/finding/sentence.h."""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import describe  # noqa: E402

OWN = {"device", "peer", "count", "value", "group", "duration"}
ARGUMENT = re.compile(r"\{([\w.\[\]]+)(?=[,}])")
BRANCH = re.compile(r"(?:=\d+|one|other) \{")


def check(texts, keys, fields):
    for key in sorted(keys - set(texts)):
        yield f"{key}: a detection without its sentence"
    for key in sorted(set(texts) - keys):
        yield f"{key}: a sentence without a detection"
    for key, text in texts.items():
        for name in ARGUMENT.findall(BRANCH.sub("", text)):
            if name not in OWN and name not in fields:
                yield f"{key}: there is no {{{name}}}"
        if "{device}" not in text and "{device.mac}" not in text:
            yield f"{key}: does not name the device"
        if not re.search(r"[.}]$", text):
            yield f"{key}: ends without a full stop or a quotation"


def built_in(texts):
    """Detections that are no Sigma rules name their sentences in the code:
    those of MUD files all begin alike, others are known by the sentence. And
    the facts that alerts bring: words in the files that add some."""
    sources = [path.read_text()
               for path in sorted((ROOT / "src/detect").rglob("*.c"))]
    words = set(re.findall(r'"([\w-]+)"', "".join(sources)))
    facts = set()
    for source in sources:
        if "alert_add_fact(" in source:
            facts.update(re.findall(r'"(\w+)"', source))
    return ({word for word in words
             if word.startswith("undeclared-")} | words & set(texts), facts)


def main():
    if not describe.yaml:
        print("python3-yaml is not installed")
        return 77
    if not describe.PROGRAM.exists():
        print("no release build")
        return 77
    texts = json.loads((ROOT / "data/texts/en.json").read_text())
    fields = {f["path"] for f in json.loads(describe.tenet("fields",
                                                           "--json"))}
    keys = {rule["tenet"]["text"] for rule in describe.detection_rules()}
    kinds, facts = built_in(texts)
    problems = list(check(texts, keys | kinds, fields | facts))
    for problem in problems:
        print(problem)
    print(f"texts: {len(texts)} sentences, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
