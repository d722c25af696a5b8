"""Figures from the kept counts: a handful of statements whatever the number of cases."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection

from hues.insights import cuts
from hues.insights.figures import figures
from hues.insights.measures import COUNTS
from hues.insights.models import TallyState

_SUMS = ", ".join(f"coalesce(sum({name}), 0)::bigint as {name}" for name in COUNTS)


@dataclass(frozen=True)
class Scope:
    """Cases received from the month `since` to the month `until` (both included), of one unit, agency, category."""

    since: date
    until: date
    unit: int = 0
    category: int = 0
    agency: int = 0

    @property
    def dimensions(self) -> tuple[str, ...]:
        return tuple(name for name in ("unit", "category", "agency") if getattr(self, name))


@dataclass(frozen=True)
class Row:
    key: Any  # an id, the first day of a month, a channel; None for the whole
    counts: Mapping[str, int]
    buckets: Mapping[str, Mapping[int, int]] = field(default_factory=dict)

    def figures(self) -> dict[str, Any]:
        return figures(self.counts, {span: _percentiles(buckets) for span, buckets in self.buckets.items()})


def whole(scope: Scope) -> Row:
    """One row for all of the scope."""
    rows = _rows(scope, "")
    return rows[0] if rows else Row(None, dict.fromkeys(COUNTS, 0))


def broken_down(scope: Scope, by: str, *, spans: bool = True) -> list[Row]:
    """A row for each unit, category, agency, channel or month; `spans` of time cost a second statement.

    Raises KeyError for a cut that is not kept.
    """
    if by != "month" and not cuts.is_kept((*scope.dimensions, by)):
        raise KeyError(by)
    return _rows(scope, by, spans=spans)


def state() -> TallyState | None:
    return TallyState.objects.first()


def first_month() -> date | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select min(start) from insights_tally where cut = 15 and span = 'm' and is_sample = any(%s)", [_samples()]
        )
        found: date | None = cursor.fetchone()[0]
        return found


def _samples() -> list[bool]:
    """Sample data count where sample data is what the city shows, and nowhere else."""
    return [False, True] if settings.SANDBOX else [False]


def _rows(scope: Scope, by: str, *, spans: bool = True) -> list[Row]:
    dimensions = (*scope.dimensions, by) if by in cuts.BITS else scope.dimensions
    years, months = _spans(scope.since, scope.until, whole_years=by != "month")
    key = {"": "null", "month": "start"}.get(by, by)
    where = """cut = %(cut)s and is_sample = any(%(samples)s)
        and ((span = 'y' and start = any(%(years)s)) or (span = 'm' and start = any(%(months)s)))"""
    where += "".join(f" and {name} = %({name})s" for name in scope.dimensions)
    parameters = {
        "cut": cuts.number(dimensions),
        "samples": _samples(),
        "years": years,
        "months": months,
        "unit": scope.unit,
        "category": scope.category,
        "agency": scope.agency,
    }
    group = "" if not by else "group by 1"
    counted = _select(f"select {key} as key, {_SUMS} from insights_tally where {where} {group}", parameters)  # noqa: S608
    buckets: dict[Any, dict[str, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    if not spans:
        return [_row(row, buckets) for row in counted]
    for row in _select(
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


def _select(sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def _spans(since: date, until: date, *, whole_years: bool) -> tuple[list[date], list[date]]:
    """Whole years, and the months that are left."""
    years: list[date] = []
    months: list[date] = []
    day = since
    while day <= until:
        if whole_years and day.month == 1 and date(day.year, 12, 1) <= until:
            years.append(day)
            day = date(day.year + 1, 1, 1)
            continue
        months.append(day)
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return years, months


def _percentiles(buckets: Mapping[int, int]) -> Sequence[float] | None:
    middle, late = cuts.percentile(buckets, 0.5), cuts.percentile(buckets, 0.9)
    return None if middle is None or late is None else (middle, late)
