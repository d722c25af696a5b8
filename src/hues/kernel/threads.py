"""Open threads: what a shift leaves behind for the next. Rooms say what is open in them without knowing each other.

threads.register("calls", 30, label=_("Calls to return"), open_now=lambda actor: [...])   # in apps.py
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from hues.kernel.actors import Actor
from hues.kernel.registry import Registry

log = logging.getLogger("hues.kernel.threads")


@dataclass(frozen=True)
class Thread:
    """Something that somebody must go on with. `ref` stays the same as long as it is open; no personal data in the label."""

    ref: str
    label: str
    url: str = ""
    note: str = ""
    due_at: datetime | None = None


OpenNow = Callable[[Actor], Sequence[Thread]]


@dataclass(frozen=True)
class Source:
    name: str
    order: int
    label: str | Promise
    open_now: OpenNow


_SOURCES: Registry[Source] = Registry("source of open threads")


def register(name: str, order: int, *, label: str | Promise, open_now: OpenNow) -> None:
    _SOURCES.add(name, Source(name, order, label, open_now))


def sources() -> list[Source]:
    return sorted((source for _, source in _SOURCES.items()), key=lambda source: source.order)


def open_threads(actor: Actor) -> list[tuple[Source, Sequence[Thread]]]:
    """What is open in each room. A room that fails is left out and logged: a handover is written all the same."""
    found = []
    for source in sources():
        try:
            found.append((source, source.open_now(actor)))
        except Exception:
            log.exception("open threads of %s cannot be read", source.name)
    return found
