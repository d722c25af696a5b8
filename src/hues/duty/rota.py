"""Rotas: who takes which watch, as data. Pure: no database, no clock.

A plan has watches of the day and a round of days; each cell of the round says which crews are on:

    {"watches": [{"name": "Ngày", "start": "07:30", "end": "19:30"}, {"name": "Đêm", "start": "19:30", "end": "07:30"}],
     "round": [["A", "B"], ["D", "A (B)"], …]}

`A B` two crews, `(B)` crew B on standby, an empty cell somebody who is still to be named, `-` no watch on that day. A watch that
does not end after it starts ends on the next day; `07:30` to `07:30` is a whole day. A rota has a plan for usual days, and
perhaps one for holidays, whose round moves on holidays only: so the turns of Tết go round the crews from one year to the next.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from hues.kernel.errors import Invalid

MOST_WATCHES, MOST_DAYS = 6, 56
_CREW = re.compile(r"\(?[A-Z][A-Z0-9]{0,3}\)?")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Watch:
    name: str
    start: time
    end: time

    def span(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The moments of this watch on `day`: what the clocks on the wall say, whatever they did in between."""
        last = day if self.end > self.start else day + _DAY
        return datetime.combine(day, self.start, zone), datetime.combine(last, self.end, zone)


@dataclass(frozen=True)
class Cell:
    kept: bool  # False: there is no such watch on that day
    on: tuple[str, ...] = ()
    standby: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return " ".join([*self.on, *(f"({crew})" for crew in self.standby)]) if self.kept else "-"


@dataclass(frozen=True)
class Plan:
    watches: tuple[Watch, ...]
    round: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Rota:
    usual: Plan
    holiday: Plan | None = None  # None: holidays are days like others


@dataclass(frozen=True)
class Turn:
    """One watch of one day."""

    watch: str
    starts_at: datetime
    ends_at: datetime
    on: tuple[str, ...]
    standby: tuple[str, ...]


def turns(rota: Rota, day: date, *, since: date, holiday: int | None, zone: ZoneInfo) -> Iterator[Turn]:
    """The watches of a day. `since` is the first day of the round; `holiday` the number of this day among the holidays
    since then, None on a usual day."""
    plan, place = rota.usual, (day - since).days
    if rota.holiday is not None and holiday is not None:
        plan, place = rota.holiday, holiday
    for watch, cell in zip(plan.watches, plan.round[place % len(plan.round)], strict=True):
        if cell.kept:
            starts_at, ends_at = watch.span(day, zone)
            yield Turn(watch.name, starts_at, ends_at, cell.on, cell.standby)


def crews(rota: Rota) -> list[str]:
    """Every crew that a rota names."""
    plans = [rota.usual, *([rota.holiday] if rota.holiday else [])]
    return sorted({crew for plan in plans for row in plan.round for cell in row for crew in (*cell.on, *cell.standby)})


# Reading and writing


def read(data: Mapping[str, Any]) -> Rota | None:
    """A rota from its JSON; None where there is none. Raises Invalid, with what is wrong where."""
    if not data:
        return None
    holiday = data.get("holiday")
    return Rota(_plan(data.get("usual") or {}, "usual"), _plan(holiday, "holiday") if holiday else None)


def written(rota: Rota) -> dict[str, Any]:
    """The JSON of a rota: `read` gives the same rota back."""
    return {"usual": _written(rota.usual), "holiday": _written(rota.holiday) if rota.holiday else None}


def _written(plan: Plan) -> dict[str, Any]:
    watches = [{"name": w.name, "start": f"{w.start:%H:%M}", "end": f"{w.end:%H:%M}"} for w in plan.watches]
    return {"watches": watches, "round": [[cell.text for cell in row] for row in plan.round]}


def _plan(data: Mapping[str, Any], place: str) -> Plan:
    raw, rows = data.get("watches") or [], data.get("round") or []
    if not 1 <= len(raw) <= MOST_WATCHES:
        raise _wrong(place, _("A rota has one to %(most)d watches.") % {"most": MOST_WATCHES})
    if not 1 <= len(rows) <= MOST_DAYS:
        raise _wrong(place, _("A round has one to %(most)d days.") % {"most": MOST_DAYS})
    watches = tuple(_watch(one, place) for one in raw)
    if len({watch.name for watch in watches}) < len(watches):
        raise _wrong(place, _("Two watches have the same name."))
    plan = Plan(watches, tuple(_row(row, number, len(watches), place) for number, row in enumerate(rows, 1)))
    _check_crews(plan, place)
    return plan


def _watch(raw: Mapping[str, Any], place: str) -> Watch:
    name = str(raw.get("name") or "").strip()[:40]
    if not name:
        raise _wrong(place, _("Every watch needs a name."))
    try:
        return Watch(name, time.fromisoformat(str(raw.get("start"))), time.fromisoformat(str(raw.get("end"))))
    except ValueError:
        wrong = _("The watch “%(name)s” needs a start and an end, such as 07:30 and 15:30.") % {"name": name}
        raise _wrong(place, wrong) from None


def _row(raw: Sequence[str], number: int, width: int, place: str) -> tuple[Cell, ...]:
    if len(raw) != width:
        text = _("Day %(day)d has %(given)d cells, there are %(watches)d watches.")
        raise _wrong(place, text % {"day": number, "given": len(raw), "watches": width})
    return tuple(_cell(str(text), number, place) for text in raw)


def _cell(text: str, number: int, place: str) -> Cell:
    text = text.strip().upper()
    if text in ("-", "–"):
        return Cell(False)
    words = re.split(r"[\s,+]+", text) if text else []
    if wrong := next((word for word in words if not _CREW.fullmatch(word) or ("(" in word) != (")" in word)), None):
        message = _("Day %(day)d: “%(text)s” is no crew. Write A, or A B, or (A) for standby, or - for no watch.")
        raise _wrong(place, message % {"day": number, "text": wrong})
    on = tuple(dict.fromkeys(word for word in words if "(" not in word))
    standby = tuple(dict.fromkeys(word.strip("()") for word in words if "(" in word))
    if both := set(on) & set(standby):
        message = _("Day %(day)d: crew %(crew)s cannot be on duty and on standby at once.")
        raise _wrong(place, message % {"day": number, "crew": min(both)})
    return Cell(True, on, standby)


def _check_crews(plan: Plan, place: str) -> None:
    """No crew in two watches at once, also not where the round begins again."""
    until: dict[str, int] = {}
    for index in range(2 * len(plan.round)):
        cells = zip(plan.watches, plan.round[index % len(plan.round)], strict=True)
        for watch, cell in sorted(cells, key=lambda pair: pair[0].start):
            start = index * 1440 + _minute(watch.start)
            end = index * 1440 + _minute(watch.end) + (0 if watch.end > watch.start else 1440)
            for crew in (*cell.on, *cell.standby):
                if until.get(crew, 0) > start:
                    message = _("Day %(day)d: crew %(crew)s would have two watches at once.")
                    raise _wrong(place, message % {"day": index % len(plan.round) + 1, "crew": crew})
                until[crew] = end


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _wrong(place: str, message: str) -> Invalid:
    return Invalid(message, fields={place: message})
