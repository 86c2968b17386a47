# SPDX-License-Identifier: Apache-2.0
"""
From a recipe to a capture and its ground truth.

A recipe is data: a home, its devices, and activities at their times. This module finds
the code for each, gives each its own chance, and merges what they say.
"""

import json
import tomllib
from datetime import datetime, timezone
from pathlib import Path

from generate import pcap
from generate.attacks import (botnet, exploit, flood, guess, industry, mirai, network, odd, plain,
                              reflect, scan, tunnel, weak)
from generate.chance import Chance
from generate.home import Home
from generate.routine import cloud, join, local, misses
from generate.scene import Ask, RecipeError, Scene
from generate.timeline import SECOND, merge, micros

_MODULES = (join, cloud, local, misses, scan, mirai, botnet, exploit, guess, flood, network, plain,
            reflect, tunnel, weak, industry, odd)
ACTIVITIES = {name: function for module in _MODULES
              for name, function in module.ACTIVITIES.items()}
_KINDS = tomllib.loads((Path(__file__).parent / "kinds.toml").read_text("utf-8"))
_TOP = {"base", "title", "about", "start", "duration", "seed", "padding", "vlan", "home", "device",
        "activity"}
_DEVICE = {"name", "kind", "mac", "address", "at", "routine", "set_up", "hostname",
           "vendor_class", "mud_url", "parameters", "oui", "ttl", "stack"}
_FINGERPRINT = ("hostname", "vendor_class", "mud_url", "parameters", "oui", "ttl", "stack")


class Recipe:
    """A recipe as read from its file."""

    def __init__(self, path):
        self.path = Path(path)
        self.name = self.path.stem
        self.table = _read(self.path)
        if "base" in self.table:
            self.table = _on_base(_read(self.path.parent / self.table["base"]), self.table)
        self.title = self.table.get("title", self.name)

    def with_seed(self, seed):
        """The same recipe with another seed, as NAME-SEED: another draw of the same thing."""
        self.table = {**self.table, "seed": seed}
        self.name = f"{self.name}-{seed}"
        return self

    def write(self, folder):
        """
        Write NAME.pcap and NAME.truth.json; returns (packets, truths). A recipe that turns
        out to be wrong halfway leaves no capture behind.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        cooking, part = Cooking(self), folder / f"{self.name}.pcap.part"
        try:
            with open(part, "wb") as file:
                count = pcap.write_capture(file, cooking.frames())
            part.rename(folder / f"{self.name}.pcap")
        finally:
            part.unlink(missing_ok=True)
        truths = cooking.truths()
        text = json.dumps(truths, indent=2, ensure_ascii=False) + "\n"
        (folder / f"{self.name}.truth.json").write_text(text, "utf-8")
        return count, truths


class Cooking:
    """One run of a recipe."""

    def __init__(self, recipe):
        table = recipe.table
        self.recipe = recipe
        self.chance = Chance(recipe.path.stem, table.get("seed", 1))
        begin = _moment(table.get("start"))
        end = begin + micros(table.get("duration", 600))
        self.home = Home(table.get("home", {}), self.chance.child("home"))
        self.scene = Scene(self.home, begin, end)
        self.asks = []
        for device in table.get("device", []):
            self._add_device(device)
        for number, activity in enumerate(table.get("activity", [])):
            label = activity.get("id", f"{number} {activity.get('do')}")
            self._add_activity(activity, ("activity", label))

    def _add_device(self, settings):
        _refuse_unknown(settings, _DEVICE, f"device {settings.get('name')}")
        if "name" not in settings or "kind" not in settings:
            raise RecipeError("a device needs name and kind")
        name, kind = settings["name"], settings["kind"]
        if name in self.home.devices:
            raise RecipeError(f"two devices are called {name}")
        if kind not in _KINDS:
            raise RecipeError(f"device {name}: no kind {kind!r} in kinds.toml")
        about = {**_KINDS[kind], **{k: settings[k] for k in _FINGERPRINT if k in settings}}
        device = self.home.add(name, about, settings)
        joins = settings.get("at", 1 + 1.3 * len(self.home.devices))
        if settings.get("set_up", True):
            self._add_activity({"do": "set-up", "at": joins}, ("device", name, "set-up"), device)
            self._add_activity({"do": "arp-refresh", "at": joins + 30},
                               ("device", name, "arp-refresh"), device)
        routine = about["routine"] if settings.get("routine", True) else []
        for number, activity in enumerate(routine):
            shifted = {**activity, "at": joins + activity.get("at", 0)}
            self._add_activity(shifted, ("device", name, number), device)

    def _add_activity(self, table, names, actor=None):
        if table.get("do") not in ACTIVITIES:
            raise RecipeError(f"no activity {table.get('do')!r}")
        table = {key: value for key, value in table.items() if key != "id"}
        self.asks.append(Ask(self.scene, table, self.chance.child(*names), actor))

    def frames(self):
        """The whole capture as a timeline, short frames of the home padded."""
        timelines = [ACTIVITIES[ask.table["do"]](self.scene, ask) for ask in self.asks]
        merged = merge(*timelines)
        if self.recipe.table.get("padding", True):
            merged = _padded(merged, self.home.gateway.mac)
        if "vlan" in self.recipe.table:
            merged = _tagged(merged, self.recipe.table["vlan"])
        yield from merged
        for ask in self.asks:
            if ask.unread():
                raise RecipeError(f"{self.recipe.path}: {ask.table['do']} does not know "
                                  f"{', '.join(ask.unread())}")

    def truths(self):
        """What happened, in the order in which it began."""
        told = [t for t in self.scene.truths if t.packets]
        order = sorted(range(len(told)), key=lambda n: (told[n].first, told[n].detection, n))
        return [self._truth(told[n]) for n in order]

    def _truth(self, truth):
        return {
            "detection": truth.detection, "verdict": truth.verdict,
            "actor_mac": _mac_of(truth.actor), "actor_address": _address_of(truth.actor),
            "target_mac": _mac_of(truth.target), "target_address": _address_of(truth.target),
            "device": self._device_of(truth), "first": truth.first / SECOND,
            "last": truth.last / SECOND, "packets": truth.packets, "what": truth.what,
        }

    def _device_of(self, truth):
        """The device of the home that a finding would be about."""
        for host in (truth.actor, truth.target):
            if host is not None and not host.remote:
                return host.name
        return None


def _read(path):
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{path}: {error}") from error
    _refuse_unknown(table, _TOP, str(path))
    return table


def _on_base(base, table):
    """A recipe on top of a home that several share: its devices and activities come after."""
    lists = {key: base.get(key, []) + table.get(key, []) for key in ("device", "activity")}
    return {**base, **table, **lists, "home": {**base.get("home", {}), **table.get("home", {})}}


def _mac_of(host):
    return host.mac_text if host is not None and not host.remote else None


def _address_of(host):
    return host.address if host is not None else None


def _padded(frames, gateway_mac):
    """Ethernet frames have 60 bytes when received; what the tap itself sends has not yet."""
    for moment, frame in frames:
        if len(frame) < 60 and frame[6:12] != gateway_mac:
            frame = frame.ljust(60, b"\0")
        yield moment, frame


def _tagged(frames, vlan):
    """Every frame with an IEEE 802.1Q tag, as on a trunk."""
    tag = b"\x81\x00" + vlan.to_bytes(2, "big")
    for moment, frame in frames:
        yield moment, frame[:12] + tag + frame[12:]


def _moment(value):
    value = value or datetime(2026, 3, 2, 8, 0, tzinfo=timezone.utc)
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise RecipeError("start must be a date and time with its offset, such as "
                          "2026-03-02T08:00:00Z")
    return micros(value.timestamp())


def _refuse_unknown(table, known, where):
    unknown = sorted(set(table) - known)
    if unknown:
        raise RecipeError(f"{where}: does not know {', '.join(unknown)}")
