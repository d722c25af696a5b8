"""The figures of any span of time, counted from the cases themselves: for `hues stats`, checks and auditors.

Pages read the kept counts instead (hues.insights.queries); both use the same measures. What came by `hues demo` is
sample data and is counted only where asked for.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from django.db import connection

from hues.cases.models import RESOLVED
from hues.insights.figures import figures
from hues.insights.measures import COUNTS, DURATIONS, ELIGIBLE, span_with_recurrence

By = Literal["", "unit", "agency", "category", "channel", "month"]

_PERCENTILES = ",\n".join(
    f"""percentile_cont(array[0.5, 0.9]) within group (order by {minutes})
        filter (where {minutes} is not null) as {name}"""
    for name, minutes in DURATIONS.items()
)
_ONLY = "and (%(sample)s or not is_sample) and (%(source)s = '' or source = %(source)s)"
_PLAIN = f"""
select
    {", ".join(f"{sql} as {name}" for name, sql in COUNTS.items())},
    count(*) filter (where {ELIGIBLE} and c.is_open and c.due_at < %(now)s) as overdue,
    {_PERCENTILES}
    {{key}}
from ({{span}}) c {{join}}
{{group}}
"""  # noqa: S608 - only our own expressions above; what callers give are parameters

GROUPS: Mapping[str, tuple[str, str]] = {  # by: (expression of the key, join)
    "unit": ("coalesce(g.code, '')", "left join city_unit g on g.id = c.unit_id"),
    "agency": ("coalesce(g.code, '')", "left join city_agency g on g.id = c.agency_id"),
    "category": ("g.code", "join city_category g on g.id = c.category_id"),
    "channel": ("c.channel", ""),
    "month": ("to_char(c.received_at at time zone %(zone)s, 'YYYY-MM')", ""),
}


def city_numbers(
    *, since: datetime | None = None, until: datetime | None = None, source: str = "", sample: bool = False, by: By = ""
) -> dict[str, Any]:
    """The figures of the reports received from `since` until before `until`; one statement, and one more for `by`."""
    from hues.city.clock import city_zone
    from hues.kernel import clock

    parameters = {
        "resolved": list(RESOLVED), "now": clock.now(), "sample": sample, "source": source, "since": since,
        "until": until, "zone": city_zone().key,
    }  # fmt: skip
    numbers = {"definitions": "docs/integrators.md#numbers", **_figures(_rows("", parameters)[0])}
    if by:
        numbers["by"] = {row.pop("key"): _figures(row) for row in _rows(by, parameters)}
    return numbers


def _rows(by: By, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    span = span_with_recurrence(_ONLY)
    if by:
        key, join = GROUPS[by]
        statement = _PLAIN.format(span=span, key=f", {key} as key", join=join, group="group by key order by key")
    else:
        statement = _PLAIN.format(span=span, key="", join="", group="")
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _figures(row: Mapping[str, Any]) -> dict[str, Any]:
    return figures(row, {name: row[name] for name in DURATIONS}, overdue=row["overdue"])
