"""Who wants which topic, and the recent events: fan-out that costs as much as there are interested viewers."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from itertools import takewhile
from typing import Any

import orjson

WALL, PUBLIC = "wall", "public"
VAGUE = frozenset({WALL, PUBLIC})  # whoever listens to these only hears that something happened: no action, no subject
UNTIL = "until:"  # a topic with this before it tells nothing: its first event ends the streams that name it
_MOVES_WALL = frozenset({"centre", "calls"})

RING = 20_000  # events kept for whoever comes back: the peak hour of a flood
PENDING = 200  # events a viewer may be behind before it is let go; it returns with Last-Event-ID


class Event:
    """One journal entry as far as a stream may know it: that something happened to a subject, never what."""

    __slots__ = ("action", "arrived", "entry_id", "frames", "place", "subject", "topics")

    def __init__(self, *, place: int, entry_id: str, action: str, subject: str, topics: Iterable[str]) -> None:
        self.arrived = time.time()
        self.place = place  # in the log; the stream's event id
        self.entry_id = entry_id
        self.action = action
        self.subject = subject
        self.topics = _with_vague(frozenset(topics))
        self.frames: dict[frozenset[str], bytes] = {}  # by the topics that the reader may know of

    def frame(self, allowed: frozenset[str]) -> bytes:
        """The event as its reader gets it (HTML §9.2.5). Viewers with equal rights share one copy."""
        shown = self.topics & allowed
        frame = self.frames.get(shown)
        if frame is None:
            data: dict[str, Any] = {"topics": sorted(topic for topic in shown if not topic.startswith(UNTIL))}
            if not VAGUE.issuperset(data["topics"]):
                data = {"id": self.entry_id, "action": self.action, "subject": self.subject, **data}
            frame = self.frames[shown] = b"id: %d\ndata: %s\n\n" % (self.place, orjson.dumps(data))
        return frame


def _with_vague(topics: frozenset[str]) -> frozenset[str]:
    """`topics`, with the wall where the centre or the telephones are touched, and the public's where one public case is."""
    more = {WALL} if topics & _MOVES_WALL else set()
    if any(topic.startswith("public:") for topic in topics):
        more.add(PUBLIC)
    return topics | more


class Viewer:
    """One open stream: its topics and what it has yet to be sent."""

    __slots__ = ("gone", "over", "pending", "slow", "topics", "waiting")

    def __init__(self, topics: frozenset[str]) -> None:
        self.topics = topics
        self.pending: list[bytes] = []
        self.slow = False  # fell too far behind
        self.gone = False  # hung up
        self.over = False  # may not listen any more
        self.waiting: asyncio.Future[None] | None = None

    def push(self, frame: bytes) -> None:
        if len(self.pending) >= PENDING:
            self.slow = True
        else:
            self.pending.append(frame)
        self.wake()

    def leave(self) -> None:
        self.gone = True
        self.wake()

    def end(self) -> None:
        self.over = True
        self.wake()

    def wake(self) -> None:
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_result(None)

    async def wait(self, seconds: float) -> None:
        """Return when there is something to do, at the latest after `seconds`."""
        if self.pending or self.slow or self.gone or self.over:
            return
        loop = asyncio.get_running_loop()
        self.waiting = loop.create_future()
        timer = loop.call_later(seconds, self.wake)
        try:
            await self.waiting
        finally:
            timer.cancel()
            self.waiting = None

    def take(self) -> bytes:
        frames, self.pending = b"".join(self.pending), []
        return frames


class Hub:
    def __init__(self, ring: int = RING) -> None:
        self.ring: deque[Event] = deque(maxlen=ring)
        self.known: set[str] = set()  # entry ids in the ring: the bus delivers at least once
        self.by_topic: dict[str, set[Viewer]] = {}
        self.over: set[str] = set()  # topics with `UNTIL` that happened: few; a ticket outlives no restart by much
        self.viewers = 0
        self.sent = 0

    def publish(self, event: Event) -> None:
        """Keep `event` and hand it to every viewer of one of its topics, once."""
        if event.entry_id in self.known:
            return
        if len(self.ring) == self.ring.maxlen:
            self.known.discard(self.ring[0].entry_id)
        self.known.add(event.entry_id)
        self.ring.append(event)
        for topic in event.topics:
            if topic.startswith(UNTIL):
                self.over.add(topic)
                for viewer in self.by_topic.get(topic, frozenset()):
                    viewer.end()
        interested: set[Viewer] = set()
        for topic in event.topics:
            interested |= self.by_topic.get(topic, frozenset())
        for viewer in interested:
            if not viewer.over:
                viewer.push(event.frame(viewer.topics))
        self.sent += len(interested)

    def join(self, viewer: Viewer) -> None:
        self.viewers += 1
        for topic in viewer.topics:
            self.by_topic.setdefault(topic, set()).add(viewer)

    def part(self, viewer: Viewer) -> None:
        self.viewers -= 1
        for topic in viewer.topics:
            followers = self.by_topic[topic]
            followers.discard(viewer)
            if not followers:
                del self.by_topic[topic]

    @property
    def last_place(self) -> int | None:
        return self.ring[-1].place if self.ring else None

    def after(self, place: int, topics: frozenset[str]) -> list[Event] | None:
        """Events of `topics` after `place`, oldest first; None if we do not remember that far or the log is another."""
        if not self.ring or not self.ring[0].place - 1 <= place <= self.ring[-1].place:
            return None
        return self._newest(lambda event: event.place > place, topics)

    def since(self, moment: float, topics: frozenset[str]) -> list[Event]:
        """Events of `topics` that arrived since `moment` (seconds since the epoch), oldest first."""
        return self._newest(lambda event: event.arrived >= moment, topics)

    def _newest(self, wanted: Callable[[Event], bool], topics: frozenset[str]) -> list[Event]:
        newest = [event for event in takewhile(wanted, reversed(self.ring)) if not event.topics.isdisjoint(topics)]
        return newest[::-1]
