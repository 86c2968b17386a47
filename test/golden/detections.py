#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does every shipped detection fire where it must and keep silent where it
must not? Makes the captures of data/recipes, runs the program over each, and
holds what it found against detections.toml (which explains its own form) and
against the truth that the generator wrote beside each capture.

    detections.py PROGRAM [RECIPE...]

With recipes named only those are run, and what is found is printed."""

import concurrent.futures
import pathlib
import re
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test/support"))

import recipes  # noqa: E402
from judging import names_actor, share, watch  # noqa: E402

DETECTIONS = ROOT / "data/detections"


class Failures:
    """What is wrong, said as it is found."""

    def __init__(self):
        self.count = 0

    def say(self, text):
        self.count += 1
        print(f"not ok - {text}")


class Run:
    """One recipe: what was expected, what is true and what was found."""

    def __init__(self, name, expected, result):
        self.name = name
        self.fires = expected.get("fires", {})
        self.never = set(expected.get("never", []))
        self.known = expected.get("known", {})
        self.findings = result["findings"]
        self.devices = {d["id"]: d for d in result["devices"]}
        self.truths = recipes.truths(name)
        self.macs = recipes.devices(name)

    def fired(self):
        return {f["detection"] for f in self.findings}

    def loud(self):
        return {f["detection"] for f in self.findings
                if f["severity"] != "notice"}

    def names(self, finding, who):
        """Whether a finding is about a device of the recipe, or, for
        "outside", about a stranger that the truth knows."""
        if who == "outside":
            return finding["mac"] is None and finding["address"] in {
                t[end] for t in self.truths
                for end in ("actor_address", "target_address")}
        return finding["mac"] == self.macs[who]

    def is_about(self, finding, truth):
        """Whether a finding names whom a truth is about: who did it, or, when
        the senders are forged, to whom."""
        ends = ("actor", "target") if truth["actor_address"] is None \
            else ("actor",)
        actors = [truth[f"{end}_{kind}"] for end in ends
                  for kind in ("mac", "address")]
        return any(names_actor(finding, actor, self.devices)
                   for actor in actors if actor)


def shipped():
    """(name, level, is a part of another) of each document of the shipped
    detections."""
    documents = []
    for path in sorted(DETECTIONS.glob("*.yml")):
        documents += re.split(r"^---$", path.read_text(), flags=re.M)
    counted = {word.strip() for text in documents
               for rules in re.findall(r"^  rules: \[(.*)\]$", text, re.M)
               for word in rules.split(",")}
    for text in documents:
        name = re.search(r"^name: (\S+)$", text, re.M)[1]
        level = re.search(r"^level: (\S+)$", text, re.M)[1]
        yield name, level, name in counted


def check_table(table, failures):
    """The table speaks of all recipes and of detections that exist."""
    known = {name for name, _, _ in shipped()}
    for name in set(table["recipe"]) ^ set(recipes.names()):
        failures.say(f"{name}: a recipe in data/recipes or in "
                     f"detections.toml, not in both")
    said = {d for topic in table["topic"].values() for d in topic}
    for expected in table["recipe"].values():
        said.update(expected.get("fires", {}), expected.get("never", []),
                    expected.get("known", {}))
    for name in sorted(said - known):
        failures.say(f"detections.toml: no detection is called {name}")


def check_expected(run, failures):
    for name, who in run.fires.items():
        for actor in [who] if isinstance(who, str) else who:
            if not any(f["detection"] == name and run.names(f, actor)
                       for f in run.findings):
                failures.say(f"{run.name}: {name} does not name {actor}")
    for name in sorted(run.loud() - set(run.fires) - set(run.known)):
        failures.say(f"{run.name}: {name} fired and is not expected")
    for name in sorted(run.fired() & run.never):
        failures.say(f"{run.name}: {name} fired and must not")
    for name in sorted(set(run.known) - run.fired()):
        failures.say(f"{run.name}: {name} is silent now: take it off 'known'")


def check_truths(run, table, failures):
    """Every harm is found on the right actor; yields (topic, found)."""
    gaps = table["gap"]
    seen = {}
    for truth in run.truths:
        if truth["verdict"] != "harm":
            continue
        key = (truth["detection"], truth["actor_address"])
        found = any(f["detection"] in table["topic"].get(key[0], [])
                    and run.is_about(f, truth) for f in run.findings)
        seen[key] = seen.get(key, False) or found
    for (topic, actor), found in seen.items():
        if not found and topic not in gaps:
            failures.say(f"{run.name}: {topic} of {actor} is not found")
        yield topic, found


def check_shipped(runs, failures):
    """(name, recipes it fired on, recipes it was silent on)."""
    for name, level, is_counted in shipped():
        if is_counted and level == "informational":
            continue
        fired = [run for run in runs if name in run.fired()]
        silent = len(runs) - len(fired)
        if not any(name in run.fires for run in fired):
            failures.say(f"{name}: no recipe fires it")
        if silent == 0:
            failures.say(f"{name}: no recipe leaves it silent")
        yield name, level, fired, silent


def is_true(run, finding, table):
    return any(finding["detection"] in table["topic"].get(t["detection"], [])
               and t["verdict"] != "benign" and run.is_about(finding, t)
               for t in run.truths)


def print_precision(rows, table):
    """By recipe: a detection is right when all it says there is true."""
    print("\ndetection                          level          fired silent"
          "  right (95% interval)")
    for name, level, fired, silent in rows:
        right = sum(all(is_true(run, f, table) for f in run.findings
                        if f["detection"] == name) for run in fired)
        print(f"{name:34} {level:13} {len(fired):6} {silent:6}  "
              f"{share(right, len(fired))}")


def print_recall(found, table):
    print("\nharm                               found (95% interval)")
    for topic in sorted(found):
        hits = found[topic]
        print(f"{topic:34} {share(sum(hits), len(hits))}"
              f"  {table['gap'].get(topic, '')}".rstrip())
    every = [hit for hits in found.values() for hit in hits]
    print(f"{'all':34} {share(sum(every), len(every))}")


def print_findings(run):
    for f in run.findings:
        print(f"{run.name}: {f['severity']} {f['detection']} "
              f"{f['mac'] or f['address']}: {f['sentence']}")


def run_all(program, wanted, table, failures):
    recipes.make(wanted)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda n: watch(program, recipes.capture(n)),
                           wanted)
        for name, (result, error) in zip(wanted, results):
            if error:
                failures.say(f"{name}: {error}")
            else:
                yield Run(name, table["recipe"].get(name, {}), result)


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    program, wanted = sys.argv[1], sys.argv[2:]
    table = tomllib.loads(
        pathlib.Path(__file__).with_suffix(".toml").read_text())
    failures, found = Failures(), {}
    runs = list(run_all(program, wanted or recipes.names(), table, failures))
    for run in runs:
        check_expected(run, failures)
        for topic, hit in check_truths(run, table, failures):
            found.setdefault(topic, []).append(hit)
        if wanted:
            print_findings(run)
    if not wanted:
        check_table(table, failures)
        print_precision(list(check_shipped(runs, failures)), table)
    print_recall(found, table)
    for topic in table["gap"]:
        if any(found.get(topic, [])):
            failures.say(f"{topic} is found now: take it off 'gap'")
    print(f"\n{len(runs)} recipes, {failures.count} failures")
    return 1 if failures.count else 0


if __name__ == "__main__":
    sys.exit(main())
