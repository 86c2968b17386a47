# SPDX-License-Identifier: Apache-2.0
"""Captures made from data/recipes, kept in build/captures for as long as
neither the recipe nor the generator changes."""

import concurrent.futures
import fcntl
import hashlib
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECIPES = ROOT / "data/recipes"
FOLDER = ROOT / "build/captures"
sys.path.insert(0, str(ROOT / "tools"))

from generate.recipe import Cooking, Recipe  # noqa: E402


def names():
    """All recipes but the large ones, which measure speed."""
    return sorted(path.stem for path in RECIPES.glob("*.toml")
                  if not path.name.startswith("bench-"))


def _digest_of(paths):
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _generator_digest():
    sources = [path for path in (ROOT / "tools/generate").rglob("*")
               if path.suffix in (".py", ".toml")]
    return _digest_of(sources + list((RECIPES / "homes").glob("*.toml")))


def _make(name):
    Recipe(RECIPES / f"{name}.toml").write(FOLDER)


def make(wanted, jobs=2):
    """Make what is not there yet; another test may be at it, so one waits."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    generator = _generator_digest()
    keys = {name: _digest_of([RECIPES / f"{name}.toml"]) + generator
            for name in wanted}
    with open(FOLDER / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stale = [name for name in wanted if not _is_fresh(name, keys[name])]
        with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
            list(pool.map(_make, stale))
        for name in stale:
            (FOLDER / f"{name}.key").write_text(keys[name])


def _is_fresh(name, key):
    kept = FOLDER / f"{name}.key"
    return (kept.exists() and kept.read_text() == key
            and capture(name).exists())


def capture(name):
    """Where the capture of a recipe is, once made."""
    return FOLDER / f"{name}.pcap"


def truths(name):
    """What is in the capture of a recipe."""
    return json.loads((FOLDER / f"{name}.truth.json").read_text())


def devices(name):
    """MAC by device name; the gateway is one of them."""
    home = Cooking(Recipe(RECIPES / f"{name}.toml")).home
    hosts = {**home.devices, "gateway": home.gateway}
    return {word: host.mac_text for word, host in hosts.items()}
