"""Playing the past: stories take their steps at their moments, in the order of time, through the real actions."""

import heapq
import itertools
from collections.abc import Generator
from datetime import datetime, timedelta

from hues.cases.actions import fire_timers
from hues.kernel import clock

# A story yields the moment at which it goes on; what it does between is done at that moment.
Story = Generator[datetime, None, None]

_TIMERS_EVERY = timedelta(hours=6)


class Simulation:
    """Everything until `now`; what stories would do later is left undone."""

    def __init__(self, start: datetime, now: datetime) -> None:
        self.start, self.now = start, now
        self._order = itertools.count()
        self._waiting: list[tuple[datetime, int, Story]] = []

    def begin(self, at: datetime, story: Story) -> None:
        heapq.heappush(self._waiting, (at, next(self._order), story))

    def run(self) -> None:
        """Play all stories. Timers (reminders, escalations, closing by itself) fire as time passes."""
        timers_at = self.start
        while self._waiting and self._waiting[0][0] <= self.now:
            at, order, story = heapq.heappop(self._waiting)
            while timers_at < at:
                self._fire(timers_at)
                timers_at += _TIMERS_EVERY
            with clock.at(at):
                following = next(story, None)
            if following is not None:
                heapq.heappush(self._waiting, (max(following, at), order, story))
        self._fire(self.now)

    @staticmethod
    def _fire(at: datetime) -> None:
        with clock.at(at):
            while fire_timers():
                pass
