"""The clocks of a case: pure functions on a calendar. Nothing here reads the time or the database.

A clock counts minutes: working minutes of the city's calendar, or minutes of the wall clock where the process is immediate. It remembers
how much was used when it last began to run, so that a pause gives back exactly what was left. A deadline that was missed stays missed:
a pause after it does not move it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

Kind = Literal["triage", "handling"]


class Calendar(Protocol):
    """What a clock needs of hues.city.calendar.WorkingCalendar."""

    def add_working_minutes(self, start: datetime, minutes: float, /) -> datetime: ...
    def add_working_days(self, start: datetime, days: int, /) -> datetime: ...
    def working_minutes_between(self, start: datetime, end: datetime, /) -> float: ...
    def minutes_a_day(self) -> float: ...


class WallCalendar:
    """Every minute counts: for what cannot wait for the office to open."""

    def add_working_minutes(self, start: datetime, minutes: float, /) -> datetime:
        return start + timedelta(minutes=minutes)

    def add_working_days(self, start: datetime, days: int, /) -> datetime:
        return start + timedelta(days=days)

    def working_minutes_between(self, start: datetime, end: datetime, /) -> float:
        return (end - start) / timedelta(minutes=1)

    def minutes_a_day(self) -> float:
        return 1440.0


WALL = WallCalendar()


@dataclass(frozen=True)
class Clock:
    kind: Kind
    wall: bool
    started: datetime
    total: float  # minutes granted
    used: float  # minutes counted until `since`
    since: datetime | None  # running since; None: paused
    due: datetime  # when `total` is used up; of a paused clock, as it was
    extended: int = 0  # approved extensions

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "wall": self.wall,
            "started": self.started.isoformat(),
            "total": self.total,
            "used": self.used,
            "since": self.since.isoformat() if self.since else None,
            "due": self.due.isoformat(),
            "extended": self.extended,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Clock | None":
        """The clock of a case; None where none was started."""
        if not data:
            return None
        return cls(
            kind=data["kind"],
            wall=data["wall"],
            started=datetime.fromisoformat(data["started"]),
            total=data["total"],
            used=data["used"],
            since=datetime.fromisoformat(data["since"]) if data["since"] else None,
            due=datetime.fromisoformat(data["due"]),
            extended=data.get("extended", 0),
        )


def start(kind: Kind, target: Mapping[str, int], at: datetime, working: Calendar) -> Clock:
    """A new clock for a target of the category: {"working_days": n} | {"working_minutes": n} | {"minutes": n} (wall clock)."""
    if "minutes" in target:
        total = float(target["minutes"])
        return Clock(kind, True, at, total, 0.0, at, at + timedelta(minutes=total))
    if "working_days" in target:
        due = working.add_working_days(at, target["working_days"])
        return Clock(kind, False, at, working.working_minutes_between(at, due), 0.0, at, due)
    total = float(target["working_minutes"])
    return Clock(kind, False, at, total, 0.0, at, working.add_working_minutes(at, total))


def used(clock: Clock, at: datetime, working: Calendar) -> float:
    """Minutes counted until `at`."""
    if clock.since is None or at <= clock.since:
        return clock.used
    return clock.used + _calendar(clock, working).working_minutes_between(clock.since, at)


def share(clock: Clock, at: datetime, working: Calendar) -> float:
    """The share of the granted time that is used at `at`: 1.0 at the deadline, more after it."""
    return used(clock, at, working) / clock.total if clock.total else 1.0


def pause(clock: Clock, at: datetime, working: Calendar) -> Clock:
    """Stops counting; pausing twice changes nothing."""
    return clock if clock.since is None else replace(clock, used=used(clock, at, working), since=None)


def resume(clock: Clock, at: datetime, working: Calendar) -> Clock:
    """Runs on with exactly the time that was left."""
    if clock.since is not None:
        return clock
    return _due(replace(clock, since=at), working)


def extend(clock: Clock, days: int, working: Calendar) -> Clock:
    """More time: `days` days as the calendar counts them (working days, where working time is counted)."""
    more = days * _calendar(clock, working).minutes_a_day()
    return _due(replace(clock, total=clock.total + more, extended=clock.extended + 1), working)


def moment(clock: Clock, percent: int, working: Calendar) -> datetime | None:
    """When `percent` of the time will be used; None while paused, or where that is already past."""
    if clock.since is None:
        return None
    missing = clock.total * percent / 100 - clock.used
    if missing < 0 or (missing == 0 and clock.used > 0):
        return None
    return _calendar(clock, working).add_working_minutes(clock.since, missing)


def on_time(due: datetime | None, answered: datetime | None) -> bool | None:
    """Whether an answer came in time; None where there was no deadline or no answer."""
    return None if due is None or answered is None else answered <= due


def _due(clock: Clock, working: Calendar) -> Clock:
    """The clock with its deadline worked out; one that was missed before the last pause stays where it was."""
    left = clock.total - clock.used
    if clock.since is None or left < 0:
        return clock
    return replace(clock, due=_calendar(clock, working).add_working_minutes(clock.since, left))


def _calendar(clock: Clock, working: Calendar) -> Calendar:
    return WALL if clock.wall else working
