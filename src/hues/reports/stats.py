"""The numbers of a city, each with its denominator (DOMAIN §11): a share without one can say anything.

Words used below, the same for every figure:

- **received** R: every report.
- **eligible** E: received, past screening, and neither rejected, redirected, nor merged into another.
- **answered** H: eligible, with an answer that was published.
- **resolved** F: answered with `fixed_with_evidence` or `enforcement_done`, and nothing else.
- **on time**: answered not later than the due date. Once against the *original* date and once against the *final* one
  (with approved extensions): a city that publishes only the second publishes its patience. Both over the answered that
  had a date.
- **rated** Q with satisfied S and accepts A. (S+A)/Q is what cities like to quote; (S+A)/H is the worst case.

What came by `hues demo` is sample data and is counted only where asked for.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from django.db import connection

from hues.cases.models import RESOLVED

By = Literal["", "unit", "agency", "category", "channel", "month"]

ELIGIBLE = """(c.phase <> 'intake' and c.reject_reason = '' and c.redirected_to = '' and c.parent_id is null
    and c.outcome <> 'duplicate')"""
ANSWERED = f"({ELIGIBLE} and c.published_at is not null and c.answered_at is not null)"

# A recurrence: another report of the same category within 60 days and about 50 m (a cell of 0.0005 degrees).
PLAIN = f"""
select
    count(*) as received,
    count(*) filter (where c.is_open) as open,
    count(*) filter (where {ELIGIBLE}) as eligible,
    count(*) filter (where c.reject_reason <> '') as rejected,
    count(*) filter (where c.redirected_to <> '') as redirected,
    count(*) filter (where c.parent_id is not null or c.outcome = 'duplicate') as duplicates,
    count(*) filter (where {ANSWERED}) as answered,
    count(*) filter (where {ANSWERED} and c.outcome = any(%(resolved)s)) as resolved,
    count(*) filter (where {ANSWERED} and c.due_original_at is not null) as answered_with_date,
    count(*) filter (where {ANSWERED} and c.answered_at <= c.due_original_at) as on_time_original,
    count(*) filter (where {ANSWERED} and c.answered_at <= coalesce(c.due_final_at, c.due_original_at)) as
    on_time_final, count(*) filter (where {ELIGIBLE} and c.is_open and c.due_at < %(now)s) as overdue,
    count(*) filter (where {ANSWERED} and c.rating <> '') as rated,
    count(*) filter (where {ANSWERED} and c.rating = 'satisfied') as satisfied,
    count(*) filter (where {ANSWERED} and c.rating = 'accepts') as accepts,
    count(*) filter (where {ANSWERED} and c.rating = 'not_satisfied') as not_satisfied,
    count(*) filter (where {ANSWERED} and c.reopened > 0) as reopened,
    coalesce(sum(c.hops) filter (where {ELIGIBLE}), 0) as hops,
    count(*) filter (where c.again) as recurring,
    count(*) filter (where c.placed) as placed,
    percentile_cont(array[0.5, 0.9]) within group (order by extract(epoch from c.first_read_at - c.received_at) / 60)
        filter (where c.first_read_at is not null) as first_read,
    percentile_cont(array[0.5, 0.9]) within group (order by extract(epoch from c.answered_at - c.received_at) / 3600)
        filter (where {ANSWERED}) as to_answer,
    percentile_cont(array[0.5, 0.9]) within group (order by extract(epoch from c.answered_at - c.received_at) / 3600)
        filter (where {ANSWERED} and c.outcome = any(%(resolved)s)) as to_fix
    {{key}}
from (
    select cases_case.*, lat is not null as placed,
        lat is not null and received_at - lag(received_at) over (
            partition by category_id, round(lat::numeric / 0.0005), round(lon::numeric / 0.0005) order by received_at
        ) <= interval '60 days' as again
    from cases_case
    where (%(sample)s or not is_sample)
        and (%(source)s = '' or source = %(source)s)
        and received_at >= coalesce(%(since)s, '-infinity'::timestamptz)
        and received_at < coalesce(%(until)s, 'infinity'::timestamptz)
) c {{join}}
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
    if by:
        key, join = GROUPS[by]
        statement = PLAIN.format(key=f", {key} as key", join=join, group="group by key order by key")
    else:
        statement = PLAIN.format(key="", join="", group="")
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _figures(n: Mapping[str, Any]) -> dict[str, Any]:
    """Counts as they are, shares as {share, of, over}: the share, its numerator and its denominator."""

    def share(part: int, whole: int) -> dict[str, Any]:
        return {"share": round(part / whole, 4) if whole else None, "of": part, "over": whole}

    happy = n["satisfied"] + n["accepts"]
    return {
        "received": n["received"],
        "open": n["open"],
        "overdue": n["overdue"],
        "eligible_rate": share(n["eligible"], n["received"]),
        "rejected": n["rejected"],
        "redirected": n["redirected"],
        "duplicate_ratio": share(n["duplicates"], n["received"]),
        "answer_rate": share(n["answered"], n["eligible"]),
        "true_resolution": share(n["resolved"], n["eligible"]),
        "on_time_original": share(n["on_time_original"], n["answered_with_date"]),
        "on_time_final": share(n["on_time_final"], n["answered_with_date"]),
        "rating_coverage": share(n["rated"], n["answered"]),
        "satisfaction": share(n["satisfied"], n["rated"]),
        "acceptance": share(happy, n["rated"]),
        "acceptance_worst_case": share(happy, n["answered"]),
        "reopen_rate": share(n["reopened"], n["answered"]),
        "recurrence": share(n["recurring"], n["placed"]),
        "hops_per_case": round(n["hops"] / n["eligible"], 4) if n["eligible"] else None,
        "first_read_minutes": _percentiles(n["first_read"]),
        "hours_to_answer": _percentiles(n["to_answer"]),
        "hours_to_fix": _percentiles(n["to_fix"]),
    }


def _percentiles(values: list[float] | None) -> dict[str, float] | None:
    return {"p50": round(values[0], 1), "p90": round(values[1], 1)} if values and values[0] is not None else None
