"""When things happen in the sample city: growth, weekdays, seasons, floods, hours of the day."""

import random
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from hues.cli.demo.texts import Kind, Texts

PER_DAY = (46.0, 140.0)  # reports at the beginning and at the end of the six years (public report numbers)
_FLOOD_TAIL = 0.12  # of the usual mix, on the day a flood peaks


@dataclass(frozen=True)
class Flood:
    first: date
    last: date
    peak: float  # times a usual day
    worst: tuple[str, ...]  # units

    def strength(self, day: date) -> float:
        """0 outside, rising to 1 in the middle, with a slower end."""
        if not self.first <= day <= self.last:
            return 0.0
        position = ((day - self.first).days + 1) / ((self.last - self.first).days + 2)
        return position / 0.4 if position < 0.4 else (1 - position) / 0.6


def six_years(now: datetime) -> date:
    """The first day: 1 October six years ago, so that whole autumns are in it."""
    year = now.year - 6
    return date(year, 10, 1) if (now.month, now.day) >= (10, 1) else date(year - 1, 10, 1)


class Moments:
    """How many reports each day brings, of which kind, at which hour."""

    def __init__(self, texts: Texts, zone: ZoneInfo) -> None:
        self.shape: dict[str, Any] = texts.shape
        self.zone = zone
        self.kinds = list(texts.kinds.values())
        self.floods = [
            Flood(date.fromisoformat(f["from"]), date.fromisoformat(f["to"]), f["peak"], tuple(f["worst"]))
            for f in self.shape["floods"]
        ]
        self._months = [self._mix(month) for month in range(12)]
        by_code = texts.kinds
        self._flood_kinds = [by_code[code] for code in self.shape["flood_categories"]]
        self._flood_sums = list(accumulate(self.shape["flood_categories"].values()))
        self._hours = {name: list(accumulate(shares)) for name, shares in self.shape["hours"].items()}

    def _mix(self, month: int) -> list[float]:
        return list(accumulate(kind.share * self.shape["seasons"][kind.season][month] for kind in self.kinds))

    def flood(self, day: date) -> tuple[Flood, float] | None:
        for flood in self.floods:
            if strength := flood.strength(day):
                return flood, strength
        return None

    def days(self, first: date, last: date, total: int, *, growing: bool = True) -> Iterator[tuple[date, int]]:
        """Every day from `first` to `last` with its number of reports, `total` in all."""
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        factors = [self._factor(day) for day in days]
        curve = _bend(factors, total) if growing else [1.0] * len(factors)
        wanted = [rate * factor for rate, factor in zip(curve, factors, strict=True)]
        scale, carried, given = total / sum(wanted), 0.0, 0
        for index, (day, rate) in enumerate(zip(days, wanted, strict=True)):
            carried += rate * scale
            count = round(carried) - given if index < len(days) - 1 else total - given
            given += count
            yield day, count

    def _factor(self, day: date) -> float:
        usual = float(self.shape["weekdays"][day.weekday()] * self.shape["months"][day.month - 1])
        flooded = self.flood(day)
        return usual * (1 + (flooded[0].peak - 1) * flooded[1]) if flooded else usual

    def kind(self, day: date, rng: random.Random) -> Kind:
        """What a report of this day is about."""
        flooded = self.flood(day)
        if flooded and rng.random() < flooded[1] * (1 - 1 / flooded[0].peak) * (1 - _FLOOD_TAIL):
            return rng.choices(self._flood_kinds, cum_weights=self._flood_sums)[0]
        sums = self._months[day.month - 1]
        return self.kinds[bisect_right(sums, rng.random() * sums[-1])]

    def at(self, day: date, kind: Kind, rng: random.Random) -> datetime:
        """A moment of the day, at an hour at which such things are reported."""
        sums = self._hours[kind.hours]
        hour = bisect_right(sums, rng.random() * sums[-1])
        local = datetime(day.year, day.month, day.day, hour, rng.randrange(60), rng.randrange(60), tzinfo=self.zone)
        return local.astimezone(UTC)


def _bend(factors: list[float], total: int) -> list[float]:
    """Reports a day from the first rate to the last, bent so that they add up to about `total`."""
    low, high = PER_DAY
    days = len(factors)
    bend_min, bend_max = 0.2, 8.0
    for _ in range(40):
        bend = (bend_min + bend_max) / 2
        reached = sum((low + (high - low) * (n / days) ** bend) * factor for n, factor in enumerate(factors))
        bend_min, bend_max = (bend, bend_max) if reached > total else (bend_min, bend)
    return [low + (high - low) * (n / days) ** bend for n in range(days)]
