# SPDX-License-Identifier: Apache-2.0
"""
Time, and what happened in it.

A timeline is an iterable of (microseconds since the epoch, frame) that never goes
back in time. Activities give timelines; here they are merged without being held in
memory, and counted for the ground truth as they pass.
"""

import heapq
from operator import itemgetter

SECOND = 1000000

_by_time = itemgetter(0)


def micros(seconds):
    """Microseconds from seconds, rounded, so that times are integers from here on."""
    return int(round(seconds * SECOND))


def merge(*timelines):
    """One timeline from several; ties keep the order of the arguments."""
    return heapq.merge(*timelines, key=_by_time)


def ordered(frames):
    """A timeline from a list in any order; ties keep their order."""
    return sorted(frames, key=_by_time)


def overlapping(episodes):
    """
    One timeline from episodes (lists of frames) that may overlap but come in the order
    of their beginnings. Only what is still in the future of the newest beginning is
    held, so a day of short episodes costs little memory.
    """
    waiting = []
    order = 0
    for episode in episodes:
        if not episode:
            continue
        begin = min(moment for moment, _ in episode)
        while waiting and waiting[0][0] <= begin:
            moment, _, frame = heapq.heappop(waiting)
            yield moment, frame
        for moment, frame in episode:
            heapq.heappush(waiting, (moment, order, frame))
            order += 1
    while waiting:
        moment, _, frame = heapq.heappop(waiting)
        yield moment, frame


class Truth:
    """What one activity really was: the label its packets carry."""

    def __init__(self, detection, verdict, what, actor=None, target=None):
        self.detection = detection
        self.verdict = verdict
        self.what = what
        self.actor = actor
        self.target = target
        self.first = None
        self.last = None
        self.packets = 0

    def of(self, frames):
        """Pass a timeline through, noting its extent and size."""
        for moment, frame in frames:
            if self.first is None:
                self.first = moment
            self.last = moment
            self.packets += 1
            yield moment, frame

    def note(self, frames):
        """The same for a list, returned as it was."""
        for moment, _ in frames:
            self.first = moment if self.first is None else min(self.first, moment)
            self.last = moment if self.last is None else max(self.last, moment)
        self.packets += len(frames)
        return frames
