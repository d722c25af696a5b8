"""An hour in a few seconds: stories go on at their moments, and at each full minute everything happens that happens by itself."""

import heapq
import itertools
from collections.abc import Callable, Generator, Sequence
from datetime import datetime, timedelta

from hues.kernel import clock

Story = Generator[datetime, None, None]  # yields the moment at which it goes on

MINUTE = timedelta(minutes=1)


class Stage:
    """`by_itself` are the jobs that a worker would run every minute."""

    def __init__(self, start: datetime, by_itself: Sequence[Callable[[], object]]) -> None:
        self.start, self._by_itself = start, by_itself
        self._order = itertools.count()
        self._waiting: list[tuple[datetime, int, Story]] = []
        self._minute = start

    def at(self, minutes: float) -> datetime:
        return self.start + timedelta(minutes=minutes)

    def begin(self, at: datetime, story: Story) -> None:
        heapq.heappush(self._waiting, (at, next(self._order), story))

    def play(self, until: datetime) -> None:
        """Everything that happens before `until`, in the order of time."""
        while self._waiting and self._waiting[0][0] < until:
            at, order, story = heapq.heappop(self._waiting)
            self._pass(at)
            with clock.at(at):
                following = next(story, None)
            if following is not None:
                heapq.heappush(self._waiting, (max(following, at), order, story))
        self._pass(until)

    def _pass(self, at: datetime) -> None:
        while self._minute <= at:
            with clock.at(self._minute):
                for job in self._by_itself:
                    job()
            self._minute += MINUTE
