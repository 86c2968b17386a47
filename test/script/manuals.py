#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Manual pages are clean and they, both completions and `tenet help COMMAND`
know the same options; the bash completion answers."""

import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build/release/tenet"
BASH = ROOT / "completions/tenet.bash"
OPTION = re.compile(r"(?<![\w-])--([a-z][a-z-]+)")

# What is typed so far, and a word that must be offered, or must not.
OFFERED = [
    ("tenet ", "watch", True),
    ("tenet de", "devices", True),
    ("tenet de", "watch", False),
    ("tenet watch --no", "--no-ledger", True),
    ("tenet watch --no", "--json", False),
    ("tenet show --p", "--pcap", True),
    ("tenet devices --p", "--pcap", False),
    ("tenet rules ", "check", True),
    ("tenet mud ", "conform", True),
    ("tenet mud --d", "--device", True),
    ("tenet witness k", "keygen", True),
    ("tenet witness --st", "--store", True),
    ("tenet help f", "findings", True),
    ("tenet watch READ", "README.md", True),
]


def output(*words):
    return subprocess.run(words, capture_output=True, text=True, check=False,
                          cwd=ROOT)


def commands():
    listed = output(PROGRAM, "help").stdout
    return re.findall(r"^  ([a-z]+) +[A-Z]", listed, re.M)


def options_of_help(command):
    return set(OPTION.findall(output(PROGRAM, "help", command).stdout))


def options_of_page(command):
    text = (ROOT / f"docs/man/tenet-{command}.1").read_text()
    return set(re.findall(r"^\.It Fl -([a-z-]+)", text, re.M))


def check_page(path):
    if shutil.which("mandoc"):
        result = output("mandoc", "-Tlint", "-Wwarning", path)
    elif shutil.which("groff"):
        result = output("groff", "-mdoc", "-Tutf8", "-ww", "-z", path)
    else:
        print("neither mandoc nor groff is installed")
        sys.exit(77)
    for line in (result.stdout + result.stderr).splitlines():
        yield f"{path.name}: {line}"
    for name in re.findall(r"^\.Xr (tenet[a-z-]*) 1", path.read_text(), re.M):
        if not (path.parent / f"{name}.1").exists():
            yield f"{path.name}: refers to {name}, which has no page"
    if f"docs/man/{path.name}" not in (ROOT / "meson.build").read_text():
        yield f"{path.name}: not installed by meson.build"


def completions(line):
    words = line.split(" ")
    script = f'''source {BASH}
COMP_WORDS=({" ".join(repr(w) for w in words)})
COMP_CWORD={len(words) - 1}
_tenet
printf '%s\\n' "${{COMPREPLY[@]}}"'''
    return output("bash", "-c", script).stdout.split("\n")


def options_offered(command):
    return {w[2:] for w in completions(f"tenet {command} --")
            if w.startswith("--")}


def options_of_zsh():
    """Per command, as the branches of the case say it."""
    text = (ROOT / "completions/_tenet").read_text()
    shared = set(OPTION.findall(re.search(r"ledger=\((.*)\)", text)[1]))
    found = {}
    for names, body in re.findall(r"^([a-z|]+)\)\n(.*?);;", text, re.M | re.S):
        options = set(re.findall(r"'\*?--([a-z-]+)", body))
        for name in names.split("|"):
            found[name] = options | (shared if "$ledger" in body else set())
    return found


def check_command(command, zsh):
    told = options_of_help(command)
    for place, options in (
            ("man page", options_of_page(command)),
            ("bash completion", options_offered(command)),
            ("zsh completion", zsh[command])):
        if options != told:
            yield f"{command}: help and {place} differ in {options ^ told}"


def check_completion():
    for line, word, wanted in OFFERED:
        if (word in completions(line)) != wanted:
            yield f"'{line}' offers {completions(line)}: {word} is " \
                + ("missing" if wanted else "too much")
    result = output("bash", "-n", BASH)
    if result.returncode != 0:
        yield result.stderr


def main():
    if not PROGRAM.exists():
        print("no release build")
        return 77
    zsh = options_of_zsh()
    problems = [p for path in sorted((ROOT / "docs/man").glob("*.1"))
                for p in check_page(path)]
    names = [name for name in commands() if name != "help"]
    for command in names:
        problems += check_command(command, zsh)
    problems += check_completion()
    for problem in problems:
        print(problem)
    print(f"manuals: {len(names)} commands, {len(OFFERED)} completions, "
          f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
