"""Figures from the kept counts: a handful of statements whatever the number of cases."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection

from hues.insights import cuts
from hues.insights.figures import figures
from hues.insights.measures import COUNTS
from hues.insights.models import TallyState

if TYPE_CHECKING:
    from hues.insights import usual

# Rows by time: (what begins it, whether it is added up from days).
TIMES: Mapping[str, tuple[str, bool]] = {
    "day": ("start", True),
    "week": ("date_trunc('week', start)::date", True),
    "month": ("start", False),
    "quarter": ("date_trunc('quarter', start)::date", False),
    "year": ("date_trunc('year', start)::date", False),
}
_SUMS = ", ".join(f"coalesce(sum({name}), 0)::bigint as {name}" for name in COUNTS)


@dataclass(frozen=True)
class Scope:
    """Cases received from the day `since` to the day `until` (both included), of one unit, agency, category, channel."""

    since: date
    until: date
    unit: int = 0
    category: int = 0
    agency: int = 0
    channel: str = ""

    @property
    def dimensions(self) -> tuple[str, ...]:
        return tuple(name for name in cuts.BITS if getattr(self, name))


@dataclass(frozen=True)
class Row:
    key: Any  # an id, the first day of a month, a channel; None for the whole
    counts: Mapping[str, int]
    buckets: Mapping[str, Mapping[int, int]] = field(default_factory=dict)

    def figures(self) -> dict[str, Any]:
        return figures(self.counts, {span: _percentiles(buckets) for span, buckets in self.buckets.items()})

    def of_duration(self, span: str) -> int:
        """How many cases a span of time was measured on."""
        return sum(self.buckets.get(span, {}).values())


def whole(scope: Scope) -> Row:
    """One row for all of the scope."""
    rows = _rows(scope, "")
    return rows[0] if rows else Row(None, dict.fromkeys(COUNTS, 0))


def broken_down(scope: Scope, by: str, *, spans: bool = True) -> list[Row]:
    """A row for each unit, category, agency, channel, or day, week, month, quarter or year; `spans` of time cost a second
    statement.

    Raises KeyError for a cut that is not kept.
    """
    if by not in TIMES and not cuts.is_kept((*scope.dimensions, by)):
        raise KeyError(by)
    return _rows(scope, by, spans=spans)


def state() -> TallyState | None:
    return TallyState.objects.first()


def today_against_usual() -> "list[usual.Row]":
    """For the wall: today so far beside what is usual."""
    from hues.insights import usual

    return usual.rows()


def first_month() -> date | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select min(start) from insights_tally where cut = 15 and span = 'm' and is_sample = any(%s)", [samples()]
        )
        found: date | None = cursor.fetchone()[0]
        return found


def samples() -> list[bool]:
    """Sample data count where sample data is what the city shows, and nowhere else."""
    return [False, True] if settings.SANDBOX else [False]


def _rows(scope: Scope, by: str, *, spans: bool = True) -> list[Row]:
    dimensions = (*scope.dimensions, by) if by in cuts.BITS else scope.dimensions
    years, months, days = pieces(scope.since, scope.until, by)
    key = TIMES[by][0] if by in TIMES else (by or "null")
    where = """cut = %(cut)s and is_sample = any(%(samples)s) and ((span = 'y' and start = any(%(years)s))
        or (span = 'm' and start = any(%(months)s)) or (span = 'd' and start = any(%(days)s)))"""
    where += "".join(f" and {name} = %({name})s" for name in scope.dimensions)
    parameters = {
        "cut": cuts.number(dimensions),
        "samples": samples(),
        "years": years,
        "months": months,
        "days": days,
        "unit": scope.unit,
        "category": scope.category,
        "agency": scope.agency,
        "channel": scope.channel,
    }
    group = "" if not by else "group by 1"
    counted = select(f"select {key} as key, {_SUMS} from insights_tally where {where} {group}", parameters)  # noqa: S608
    buckets: dict[Any, dict[str, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    if not spans:
        return [_row(row, buckets) for row in counted]
    for row in select(
        f"""select {key} as key, k, sum(v::int) as n from insights_tally, jsonb_each_text(times) as e (k, v)
        where {where} group by 1, 2""",  # noqa: S608
        parameters,
    ):
        span, bucket = row["k"].split(":")
        buckets[row["key"]][span][int(bucket)] = int(row["n"])
    return [_row(row, buckets) for row in counted]


def _row(row: dict[str, Any], buckets: Mapping[Any, Mapping[str, Mapping[int, int]]]) -> Row:
    key = row.pop("key")
    return Row(key, row, buckets.get(key, {}))


def select(sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def pieces(since: date, until: date, by: str) -> tuple[list[date], list[date], list[date]]:
    """The years, months and single days that a span is made of; as large as they can be, and as small as `by` asks."""
    years: list[date] = []
    months: list[date] = []
    days: list[date] = []
    day, singly = since, TIMES[by][1] if by in TIMES else False
    while day <= until:
        if (
            not singly
            and by != "month"
            and by != "quarter"
            and (day.month, day.day) == (1, 1)
            and end_of(day, 12) <= until
        ):
            years.append(day)
            day = date(day.year + 1, 1, 1)
        elif not singly and day.day == 1 and end_of(day, 1) <= until:
            months.append(day)
            day = end_of(day, 1) + timedelta(days=1)
        else:
            days.append(day)
            day += timedelta(days=1)
    return years, months, days


def end_of(first: date, months: int) -> date:
    """The last day of the `months` months that begin on the first of a month."""
    at = first.year * 12 + first.month - 1 + months
    return date(at // 12, at % 12 + 1, 1) - timedelta(days=1)


def _percentiles(buckets: Mapping[int, int]) -> Sequence[float] | None:
    middle, late = cuts.percentile(buckets, 0.5), cuts.percentile(buckets, 0.9)
    return None if middle is None or late is None else (middle, late)
