# SPDX-License-Identifier: Apache-2.0
"""
What an activity is given: the scene (who is there, where truths are kept) and its
parameters.
"""

from generate.timeline import Truth, micros


class RecipeError(Exception):
    """A recipe asks for something that does not exist or makes no sense."""


class Scene:
    """The home, its time and the truths told so far."""

    def __init__(self, home, begin, end):
        self.home = home
        self.begin = begin
        self.end = end
        self.truths = []

    def truth(self, detection, verdict, what, actor=None, target=None):
        """Declare what is about to happen."""
        truth = Truth(detection, verdict, what, actor, target)
        self.truths.append(truth)
        return truth


class Ask:
    """
    The parameters of one activity. Every one of them must be read by the activity:
    what nobody reads is a misspelling, and is refused.
    """

    def __init__(self, scene, table, chance, default_actor=None):
        self.scene = scene
        self.table = dict(table)
        self.chance = chance
        self.used = {"do", "at", "actor", "duration"}
        actor = self.table.get("actor")
        self.actor = self.host_named(actor) if actor else default_actor
        self.at = scene.begin + micros(self.table.get("at", 0))
        length = self.table.get("duration")
        self.end = self.at + micros(length) if length is not None else scene.end

    def get(self, key, default=None):
        """A parameter as it is in the recipe."""
        self.used.add(key)
        return self.table.get(key, default)

    def need(self, key):
        """A parameter without which the activity makes no sense."""
        value = self.get(key)
        if value is None:
            raise RecipeError(f"{self.table.get('do')}: needs {key}")
        return value

    def micros(self, key, default):
        """A parameter in seconds, as microseconds."""
        return micros(self.get(key, default))

    def host_named(self, name):
        """A device, the gateway, or a host of the internet."""
        return self.scene.home.host(name)

    def host(self, key, default=None):
        """The host that a parameter names."""
        name = self.get(key, default)
        if name is None:
            raise RecipeError(f"{self.table.get('do')}: needs {key}")
        return self.host_named(name)

    def foe(self, key, default):
        """The hostile host of the internet, or device of the home, that a parameter names."""
        name = self.get(key, default)
        home = self.scene.home
        return home.devices.get(name) or home.stranger(name, hostile=True)

    def need_actor(self):
        """The device that acts."""
        if self.actor is None:
            raise RecipeError(f"{self.table.get('do')}: needs actor")
        return self.actor

    def unread(self):
        """Parameters that nobody looked at."""
        return sorted(set(self.table) - self.used)

    def every(self, period, jitter=0.0):
        """Moments from the beginning to the end, a period (microseconds) apart."""
        moment = self.at
        while moment < self.end:
            yield moment if not jitter else self.chance.jitter(0, 0) + moment + int(
                period * jitter * self.chance.real())
            moment += period
