"""The working calendar: pure arithmetic on working time, and the city's own calendar from its pack.

Working time is one axis: W(t) is the working time that has passed until the moment t. Adding is W⁻¹(W(t) + x), so that adding in two steps
is the same as adding at once, and "between" is its inverse. The axis is a sorted table of periods with running sums, built once: each
question is a binary search. All is counted in whole microseconds of real time, so a clock change inside a period counts as it was lived.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hues.city.memory import remembered

Period = tuple[time, time]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MINUTE = 60_000_000
_YEARS_AT_ONCE = 6
_EARLIEST, _LATEST = 1900, 2200


@dataclass(frozen=True)
class _Table:
    """The periods of some years, in microseconds since the epoch, and what belongs to each."""

    first_year: int
    last_year: int
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    before: list[int] = field(default_factory=list)  # working time before each period; one more at the end: of all
    days: list[int] = field(default_factory=list)  # the number of the working day that a period belongs to
    closes: list[int] = field(default_factory=list)  # the end of each working day

    def covers(self, moment: int) -> bool:
        return bool(self.starts) and self.starts[0] <= moment < self.ends[-1]


class WorkingCalendar:
    """When a city works: the hours of its usual days, the weekdays that are usual, and the days that are otherwise."""

    def __init__(
        self,
        zone: ZoneInfo,
        periods: Sequence[Period],
        weekdays: Iterable[int] = range(5),
        exceptions: Mapping[date, bool] | None = None,
    ) -> None:
        """`weekdays` count from Monday = 0. `exceptions`: False is a holiday, True a day worked although its weekday is free."""
        if not periods or any(start >= end for start, end in periods) or list(periods) != sorted(periods):
            raise ValueError("working periods must be given in order, each ending after it starts")
        self.zone = zone
        self.periods = tuple(periods)
        self.weekdays = frozenset(weekdays)
        self.exceptions = dict(exceptions or {})
        if not self.weekdays:
            raise ValueError("a working week needs at least one day")
        self._table = _Table(0, 0)

    def is_working_day(self, day: date) -> bool:
        """Whether the city works on `day` at all."""
        return self.exceptions.get(day, day.weekday() in self.weekdays)

    def is_working(self, at: datetime) -> bool:
        """Whether `at` is in working time (the opening moment is, the closing moment is not)."""
        moment, table = self._at(at)
        return moment < table.ends[bisect_right(table.starts, moment) - 1]

    def add_working_minutes(self, start: datetime, minutes: float) -> datetime:
        """The first moment at which `minutes` of working time have passed since `start`; `start` itself for none."""
        if minutes < 0:
            raise ValueError("working time is added, not taken away")
        amount = round(minutes * _MINUTE)
        if not amount:
            return start.astimezone(UTC)
        moment, table = self._at(start)
        target = _passed(table, moment) + amount
        while target > table.before[-1]:
            table = self._longer(table)
        index = bisect_left(table.before, target) - 1
        return _moment(table.starts[index] + target - table.before[index])

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """The closing time of the `days`-th working day after the one in which `start` falls.

        The day of `start` is not counted (Civil Code of Vietnam 2015, art. 147). Outside working hours `start` stands for the next opening: what
        comes on a Saturday or after closing counts as received on the next working day.
        """
        if days < 0:
            raise ValueError("working days are added, not taken away")
        moment, table = self._at(start)
        number = table.days[_period_at_or_after(table, moment)] + days
        while number >= len(table.closes):
            table = self._longer(table)
        return _moment(table.closes[number])

    def working_minutes_between(self, start: datetime, end: datetime) -> float:
        """Working minutes from `start` to `end`; negative if `end` is earlier."""
        first, table = self._at(start)
        last, later = self._at(end)
        if later is not table:  # the table grew for the second moment
            first, table = self._at(start)
        return (_passed(table, last) - _passed(table, first)) / _MINUTE

    def next_opening(self, at: datetime) -> datetime:
        """`at` itself in working time, else the next moment at which work begins."""
        moment, table = self._at(at)
        return _moment(max(moment, table.starts[_period_at_or_after(table, moment)]))

    def minutes_a_day(self) -> float:
        """Working minutes of a usual day."""
        return sum(
            (datetime.combine(date.min, end) - datetime.combine(date.min, start)) / timedelta(minutes=1)
            for start, end in self.periods
        )

    # ── the table ──

    def _at(self, at: datetime) -> tuple[int, _Table]:
        moment = (at - _EPOCH) // _MICROSECOND
        table = self._table
        if not table.covers(moment):
            year = at.astimezone(UTC).year
            if not _EARLIEST < year < _LATEST:
                raise ValueError(f"the calendar knows the years {_EARLIEST} to {_LATEST}")
            first = min(year - 1, table.first_year or year - 1)
            last = max(year + 1, table.last_year or min(year + _YEARS_AT_ONCE, _LATEST))
            table = self._build(first, last)
        return moment, table

    def _longer(self, table: _Table) -> _Table:
        """Twice as far into the future; what the old table says stays as it is."""
        if table.last_year == _LATEST:
            raise ValueError(f"beyond the year {_LATEST}, which is as far as the calendar goes")
        return self._build(table.first_year, min(2 * table.last_year - table.first_year + 1, _LATEST))

    def _build(self, first_year: int, last_year: int) -> _Table:
        table = _Table(first_year, last_year)
        passed = 0
        day = date(first_year, 1, 1)
        while day.year <= last_year:
            if self.is_working_day(day):
                for start, end in self.periods:
                    begins, finishes = self._instant(day, start), self._instant(day, end)
                    table.starts.append(begins)
                    table.ends.append(finishes)
                    table.before.append(passed)
                    table.days.append(len(table.closes))
                    passed += finishes - begins
                table.closes.append(table.ends[-1])
            day += timedelta(days=1)
        table.before.append(passed)
        self._table = table
        return table

    def _instant(self, day: date, at: time) -> int:
        return (datetime.combine(day, at, self.zone).astimezone(UTC) - _EPOCH) // _MICROSECOND


def _passed(table: _Table, moment: int) -> int:
    index = bisect_right(table.starts, moment) - 1
    return table.before[index] + min(moment, table.ends[index]) - table.starts[index]


def _period_at_or_after(table: _Table, moment: int) -> int:
    """The period that `moment` is in, else the next; the closing moment belongs to what follows."""
    return bisect_right(table.ends, moment)


def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


@remembered
def city_calendar() -> WorkingCalendar:
    """The city's calendar: hours from city.yaml, holidays and compensation days from calendar.yaml."""
    from hues.city import pack
    from hues.city.models import CalendarDay

    hours = pack.settings()["hours"]
    return WorkingCalendar(
        ZoneInfo(pack.settings()["zone"]),
        [(time.fromisoformat(start), time.fromisoformat(end)) for start, end in hours["periods"]],
        [pack.WEEKDAYS.index(day) for day in hours["days"]],
        dict(CalendarDay.objects.values_list("date", "working")),
    )
