#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the parts of the documents that the code already says, between
`<!-- begin NAME -->` and `<!-- end NAME -->`, and the pages that are drawn
from it as a whole. With --check it only says which are out of date.

It runs the release build (or $TENET_PROGRAM) on the sample capture."""

import html
import json
import os
import pathlib
import pty
import re
import subprocess
import sys
import tempfile

try:
    import yaml
except ImportError:
    yaml = None

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = pathlib.Path(os.environ.get("TENET_PROGRAM")
                       or ROOT / "build/release/tenet")
SAMPLE = ROOT / "build/captures/sample.pcap"
BLOCK = re.compile(r"(<!-- begin ([a-z-]+) -->\n)(.*?)(<!-- end \2 -->)", re.S)
PICTURE_COLUMNS = 118
PICTURE_LINES = 28


def make_capture(recipe):
    """Made anew when the recipes or the generator have changed since."""
    path = SAMPLE.with_name(f"{recipe}.pcap")
    sources = [p for folder in ("tools/generate", "data/recipes")
               for p in (ROOT / folder).rglob("*.*")
               if p.suffix in (".py", ".toml")]
    newest = max(p.stat().st_mtime for p in sources)
    if not path.exists() or path.stat().st_mtime < newest:
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, ROOT / "tools/generate/generate.py",
                        recipe, "--to", path.parent], check=True,
                       stdout=subprocess.DEVNULL)
    return path


def make_sample():
    make_capture("sample")


def environment(home):
    clean = {"HOME": home, "PATH": os.environ["PATH"], "TERM": "xterm"}
    if "TENET_DATA" in os.environ:
        clean["TENET_DATA"] = os.environ["TENET_DATA"]
    return clean


def tenet(*words, home="/nonexistent"):
    result = subprocess.run([PROGRAM, *words], capture_output=True, text=True,
                            env=environment(home), check=False)
    if result.returncode > 1:
        sys.exit(f"tenet {' '.join(map(str, words))}: {result.stderr}")
    return result.stdout


def table(titles, rows):
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join("| " + " | ".join(str(cell).replace("|", "\\|")
                                     for cell in row) + " |\n"
                   for row in lines)


def fence(text, language=""):
    return f"```{language}\n{text.rstrip()}\n```\n"


# What the program prints.

def sample_run():
    with tempfile.TemporaryDirectory() as home:
        return fence(tenet("watch", SAMPLE, home=home).replace(home, "~"),
                     "text")


def sample_proof():
    with tempfile.TemporaryDirectory() as home:
        tenet("watch", SAMPLE, home=home)
        findings = json.loads(tenet("findings", "--json", home=home))
        fetched = next(f for f in findings
                       if f["detection"].startswith("embedded-executable"))
        shown = tenet("show", fetched["id"][:9], home=home)
    lines = shown.splitlines()
    return fence(f"$ tenet show {fetched['id'][:9]}\n"
                 + "\n".join(lines[:24] + ["  ..."] * (len(lines) > 24)),
                 "text")


def sample_json():
    """The real object with its lists cut to what shows the shape."""
    result = json.loads(tenet("watch", "--json", "--no-ledger", SAMPLE))
    camera = next(d for d in result["devices"]
                  if any("camera" in c["value"] for c in d["identity"]))
    camera["identity"] = [c for c in camera["identity"]
                          if c["kind"] in ("name", "vendor")][-2:]
    finding = next(f for f in result["findings"]
                   if f["device"] == camera["id"])
    events = result["stats"]["events"]
    result["stats"]["events"] = {k: events[k] for k in list(events)[:4]}
    return fence(json.dumps({"devices": [camera], "findings": [finding],
                             "stats": result["stats"]}, indent=2), "json")


def fields_page():
    return tenet("fields")


# What the sources say.

LABEL_ONLY = "Only the flow is labelled"
SENTENCE_MAX = 150


def first_sentence(text):
    """Of a file's opening comment; the part before the colon when long."""
    comment = re.search(r"/\*(?! SPDX)(.*?)\*/", text, re.S)
    words = re.sub(r"\s*\n\s*\*?\s*", " ", comment[1]).strip()
    sentence = re.split(r"\.(?= [A-Z*]|$)", words)[0]
    if LABEL_ONLY in words:
        return re.split(r"[:,]? \(|: |, ", sentence)[0] \
            + ": the flow is labelled, its content is not read"
    return (sentence if len(sentence) <= SENTENCE_MAX
            else sentence.split(": ")[0])


def protocols():
    folder = ROOT / "src/dissect"
    wanted = re.findall(r"^PROTOCOL\((\w+)\)",
                        (folder / "protocols.def").read_text(), re.M)
    found = {}
    for path in folder.glob("*.c"):
        text = path.read_text()
        for name, body in re.findall(
                r"struct dissector (\w+)_dissector = \{(.*?)\n\};", text,
                re.S):
            shown = re.search(r'\.name = "([^"]+)"', body)[1]
            over = re.search(r"IP_PROTOCOL_(\w+)", body)[1]
            found[name] = (shown, over, first_sentence(text))
    missing = set(wanted) ^ set(found)
    if missing:
        sys.exit(f"protocols.def and src/dissect differ in {missing}")
    rows = {}
    for name in wanted:
        shown, over, about = found[name]
        row = rows.setdefault(shown, [f"`{shown}`", [], about])
        if over not in row[1]:
            row[1].append(over)
    return table(["`app_proto`", "over", "what is read"],
                 [[name, ", ".join(over), about]
                  for name, over, about in rows.values()])


def links():
    text = (ROOT / "src/decode/point.c").read_text()
    rows = re.findall(r"\{ (\d+), LAYER_\w+ \},\s+/\* (.*?) \*/", text)
    return table(["LINKTYPE", "name"], [["1", "ETHERNET"], *rows])


def documents_of(path):
    return [d for d in yaml.safe_load_all(path.read_text()) if d]


LEVELS = {"informational": "notice", "low": "notice", "medium": "warning",
          "high": "urgent", "critical": "urgent"}


def detection_rules():
    """What can become a finding: not the rules that a correlation counts."""
    counted = set()
    rules = []
    for path in sorted((ROOT / "data/detections").glob("*.yml")):
        for rule in documents_of(path):
            correlation = rule.get("correlation", {})
            if not correlation.get("generate"):
                counted.update(correlation.get("rules", []))
            rules.append(rule)
    return [r for r in rules
            if r["name"] not in counted and r.get("id") not in counted]


def detections():
    order = list(LEVELS)
    rules = detection_rules()
    rules.sort(key=lambda r: (-order.index(r["level"]), r["name"]))
    return table(["detection", "severity", "harm (RSIT)", "what it says"],
                 [[f"`{r['name']}`", LEVELS[r["level"]], r["tenet"]["harm"],
                   r["title"]] for r in rules])


LIMIT = re.compile(r"^    ([A-Z0-9_]+_(?:MAX|DEFAULT|LIMIT|TIMEOUT_S)|"
                   r"CAPTURE_HISTORY_SIZE) = ([^,/\n]+),?"
                   r"(?: +/\*(.*?)\*/)?$", re.M | re.S)


def limits():
    """Every named limit of the headers, with the reason beside it."""
    rows = []
    for path in sorted((ROOT / "src").rglob("*.h")):
        for body in re.findall(r"enum (?:\w+ )?\{(.*?)\n\};",
                               path.read_text(), re.S):
            for name, value, reason in LIMIT.findall(body):
                if name.startswith("ERROR_"):
                    continue  # Numbers of errors, not of things.
                reason = re.sub(r"\s*\n\s*\*?\s*", " ", reason).strip()
                rows.append([path.relative_to(ROOT / "src").parent,
                             f"`{name}`", f"`{value.strip()}`", reason])
    return table(["room", "limit", "value", "what it bounds, or why"], rows)


# The picture: a terminal's text as SVG.

PAINTS = {"1": "b", "2": "d", "33": "w", "1;31": "u", "0": None}


def spoken_in_colour(*words, home):
    """The program's output as a terminal gets it."""
    output = b""
    child, terminal = pty.fork()
    if child == 0:
        os.execve(PROGRAM, ["tenet", *map(str, words)], environment(home))
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            break
        if not part:
            break
        output += part
    os.close(terminal)
    os.waitpid(child, 0)
    return output.decode().replace("\r\n", "\n").rpartition("\r\x1b[K")[2]


def svg_line(line):
    shown = ""
    paint = None
    column = 0
    for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
        if piece.startswith("\x1b"):
            paint = PAINTS[piece[2:-1]]
            continue
        piece = piece[:max(0, PICTURE_COLUMNS - column)]
        column += len(piece)
        text = html.escape(piece)
        shown += f'<tspan class="{paint}">{text}</tspan>' if paint else text
    return shown


def picture():
    with tempfile.TemporaryDirectory() as home:
        lines = ["$ script/run", *spoken_in_colour(
            "watch", "--no-progress", SAMPLE, home=home)
            .replace(home, "~").splitlines()][:PICTURE_LINES]
    width, height = PICTURE_COLUMNS * 8 + 32, len(lines) * 18 + 32
    rows = "".join(f'<text x="16" y="{28 + 18 * i}">{svg_line(line)}</text>\n'
                   for i, line in enumerate(lines) if line)
    return f'''<svg xmlns="http://www.w3.org/2000/svg" \
viewBox="0 0 {width} {height}" role="img" \
aria-label="What tenet watch prints for the sample capture">
<style>rect {{ fill: #14181d }} text {{ fill: #dde3ea; white-space: pre; \
font: 13.3px ui-monospace, monospace }} .b {{ font-weight: bold; fill: #fff }}
.u {{ font-weight: bold; fill: #ff6b60 }} .w {{ fill: #e8b339 }} \
.d {{ fill: #8a949e }}</style>
<rect width="100%" height="100%" rx="8"/>
{rows}</svg>
'''


BLOCKS = {"sample-run": sample_run, "sample-proof": sample_proof,
          "sample-json": sample_json, "protocols": protocols, "links": links,
          "detections": detections, "limits": limits}
PAGES = {"docs/fields.md": fields_page, "docs/watch.svg": picture}


def redrawn(path):
    if str(path) in PAGES:
        return PAGES[str(path)]()
    return BLOCK.sub(lambda m: m[1] + "\n" + BLOCKS[m[2]]() + "\n" + m[4],
                     (ROOT / path).read_text())


def main():
    check = sys.argv[1:] == ["--check"]
    if not PROGRAM.exists():
        print("there is no release build")
        return 77
    if not yaml:
        print("python3-yaml is not installed")
        return 77
    make_sample()
    stale = []
    for name in [*PAGES, "README.md", "ARCHITECTURE.md"]:
        path = ROOT / name
        text = redrawn(pathlib.Path(name))
        if not path.exists() or path.read_text() != text:
            stale.append(name)
            if not check:
                path.write_text(text)
    if check and stale:
        print("out of date, run tools/describe.py: " + ", ".join(stale))
        return 1
    print(f"{len(PAGES)} pages, {len(BLOCKS)} blocks"
          + ("" if check else f"; written: {', '.join(stale) or 'nothing'}"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
