"""Days, weeks, months, quarters and years of the city's calendar, each with the one before and the same a year ago.

A period that is not over is compared like with like: the first so many days of this one with as many of the others.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import formats
from django.utils.translation import gettext as _

from hues.city.clock import day_text, today
from hues.insights.counting import back, first_day_kept

DAY = timedelta(days=1)
RIPE = timedelta(days=21)  # fifteen working days: the longest usual time for an answer
# Grain: how many of them a chart shows, and what a chart of one of them is divided into.
GRAINS: dict[str, int] = {"day": 42, "week": 26, "month": 24, "quarter": 12, "year": 12}


@dataclass(frozen=True)
class Period:
    grain: str
    first: date
    last: date  # of the whole period, in the future where it is not over
    until: date  # the last day that is looked at

    @property
    def running(self) -> bool:
        return self.until < self.last

    @property
    def settled(self) -> bool:
        """Whether most of what was received has had its time: figures that ripen can be compared."""
        return self.until < today() - RIPE

    @property
    def before(self) -> "Period":
        """The period before, or as many days of it as this one has had."""
        return self._as_far(_holding(self.grain, self.first - DAY))

    @property
    def year_ago(self) -> "Period":
        """The same a year ago; of days and weeks the one that began on the same weekday."""
        at = self.first - timedelta(weeks=52) if self.grain in ("day", "week") else back(self.first, 12)
        return self._as_far(_holding(self.grain, at))

    @property
    def after(self) -> "Period | None":
        following = of(self.grain, self.last + DAY)
        return following if following.first <= today() else None

    def _as_far(self, whole: "Period") -> "Period":
        if not self.running:
            return whole
        return Period(self.grain, whole.first, whole.last, min(whole.last, whole.first + (self.until - self.first)))

    @property
    def is_kept(self) -> bool:
        """Whether the counts for it are kept: months always, single days of the last thirteen months."""
        if self.grain in ("day", "week"):
            return self.first >= first_day_kept()
        return not self.running or self.until.replace(day=1) >= first_day_kept()

    @property
    def name(self) -> str:
        return _NAMES[self.grain](self)

    @property
    def days(self) -> str:
        """`01/11–22/11/2026`."""
        if self.first == self.until:
            return f"{self.first:%d/%m/%Y}"
        return f"{self.first:%d/%m/%Y}–{self.until:%d/%m/%Y}"

    def parts(self, count: int) -> date:
        """The first day of the period `count` - 1 periods before: where a chart of `count` begins."""
        first = self.first
        for _number in range(count - 1):
            first = _first(self.grain, first - DAY)
        return first


def of(grain: str, day: date) -> Period:
    """The period that holds a day; only as far as today."""
    whole = _holding(grain, day)
    return Period(grain, whole.first, whole.last, max(whole.first, min(whole.last, today())))


def _holding(grain: str, day: date) -> Period:
    first = _first(grain, day)
    last = _first(grain, first + _LONGER[grain]) - DAY
    return Period(grain, first, last, last)


_LONGER = {
    "day": DAY,
    "week": timedelta(days=7),
    "month": timedelta(days=32),
    "quarter": timedelta(days=95),
    "year": timedelta(days=367),
}


def _first(grain: str, day: date) -> date:
    match grain:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
        case "year":
            return date(day.year, 1, 1)
    raise KeyError(grain)


_NAMES: dict[str, Callable[[Period], str]] = {
    "day": lambda p: day_text(p.first),
    "week": lambda p: _("week of {day}").format(day=formats.date_format(p.first, "d/m/Y")),
    "month": lambda p: _("month {month}").format(month=f"{p.first:%m/%Y}"),
    "quarter": lambda p: _("quarter {n}/{year}").format(n=(p.first.month + 2) // 3, year=p.first.year),
    "year": lambda p: _("year {year}").format(year=p.first.year),
}


def short(grain: str, first: date) -> str:
    """Below a bar of a chart."""
    if grain in ("day", "week"):
        return f"{first:%d/%m}"
    if grain == "month":
        return f"{first:%m/%Y}"
    if grain == "quarter":
        return _("Q{n}/{year}").format(n=(first.month + 2) // 3, year=first.year)
    return str(first.year)
