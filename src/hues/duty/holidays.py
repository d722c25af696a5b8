"""Holidays as rosters see them: the whole run of free days around them, weekend included ("nghỉ lễ 30/4 – 3/5")."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from hues.city.calendar import WorkingCalendar, city_calendar
from hues.city.memory import remembered
from hues.city.models import CalendarDay

Names = Mapping[str, str]
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Holidays:
    """Every day of every run, with the names of the holiday that it belongs to."""

    names: Mapping[date, Names]
    days: list[date] = field(default_factory=list)  # in order

    def name(self, day: date, language: str) -> str:
        """What is celebrated, or nothing."""
        names = self.names.get(day)
        return (names.get(language) or next(iter(names.values()), "")) if names else ""

    def number(self, day: date, since: date) -> int | None:
        """How many holidays there were since `since` before this one; None where `day` is none."""
        return bisect_left(self.days, day) - bisect_left(self.days, since) if day in self.names else None


def runs(calendar: WorkingCalendar, listed: Mapping[date, Names]) -> Holidays:
    """From the listed holidays: a free day beside one (a weekend) belongs to its run."""
    names: dict[date, Names] = dict(listed)
    for day in sorted(listed):
        for step in (-_DAY, _DAY):
            near = day + step
            while near not in listed and not calendar.is_working_day(near):
                names.setdefault(near, listed[day])
                near += step
    return Holidays(names, sorted(names))


@remembered
def city_holidays() -> Holidays:
    """The city's holidays, from its calendar."""
    listed = dict(CalendarDay.objects.filter(working=False).values_list("date", "names"))
    return runs(city_calendar(), listed)
