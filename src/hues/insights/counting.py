"""The SQL that counts: every kept cut of a span in one pass over its cases, and what differs from the kept rows."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from hues.cases.models import RESOLVED
from hues.city.clock import city_zone, today
from hues.insights.cuts import BUCKET, KEPT, TIMED
from hues.insights.measures import COUNTS, DURATIONS, span_with_recurrence

KEY = "start, is_sample, cut, unit, category, agency, channel"
_NAMES = ", ".join(COUNTS)
COLUMNS = f"span, {KEY}, {_NAMES}, times"
DAYS_KEPT = 13  # months before this one whose single days are kept: to compare with the same days a year ago


def _sets(cuts: Iterable[tuple[str, ...]], *more: str) -> str:
    return ", ".join(f"({', '.join(['start', 'is_sample', *more, *cut])})" for cut in cuts)


_CASES = """
create temporary table insights_cases on commit drop as
select date_trunc('month', c.received_at at time zone %(zone)s)::date as month,
    (c.received_at at time zone %(zone)s)::date as day,
    coalesce(c.unit_id, 0) as unit, c.category_id as category, coalesce(c.agency_id, 0) as agency, c.*
from ({span}) c
"""
_COUNTED = f"""
with c as (select {{start}} as start, * from insights_cases where {{kept}}),
counted as (
    select start, is_sample, grouping(unit, category, agency, channel) as cut, coalesce(unit, 0) as unit,
        coalesce(category, 0) as category, coalesce(agency, 0) as agency, coalesce(channel, '') as channel,
        {", ".join(f"{sql} as {name}" for name, sql in COUNTS.items())}
    from c group by grouping sets ({_sets(KEPT)})
),
spent as (
    select start, is_sample, unit, category, agency, channel, span, {BUCKET} as bucket
    from c cross join lateral (values {", ".join(f"('{name}', {sql})" for name, sql in DURATIONS.items())})
        as v (span, minutes)
    where minutes is not null
),
timed as (
    select {KEY}, jsonb_object_agg(span || ':' || bucket, n) as times
    from (
        select start, is_sample, grouping(unit, category, agency, channel) as cut, coalesce(unit, 0) as unit,
            coalesce(category, 0) as category, coalesce(agency, 0) as agency, coalesce(channel, '') as channel,
            span, bucket, count(*) as n
        from spent group by grouping sets ({_sets(TIMED, "span", "bucket")})
    ) t group by {KEY}
)
select '{{span}}' as span, {KEY}, {_NAMES}, coalesce(times, jsonb_build_object()) as times
from counted left join timed using ({KEY})
"""  # noqa: S608 - our own expressions; what varies are parameters

_YEARS = f"""
create temporary table insights_true on commit drop as
select 'y' as span, {KEY}, {_NAMES}, coalesce(t.times, jsonb_build_object()) as times from (
    select date_trunc('year', start)::date as start, is_sample, cut, unit, category, agency, channel,
        {", ".join(f"sum({name})::int as {name}" for name in COUNTS)}
    from insights_tally where span = 'm' and {{within}} group by 1, 2, 3, 4, 5, 6, 7
) s left join (
    select start, is_sample, cut, unit, category, agency, channel, jsonb_object_agg(k, n) as times from (
        select date_trunc('year', start)::date as start, is_sample, cut, unit, category, agency, channel, k,
            sum(v::int) as n
        from insights_tally, jsonb_each_text(times) as e (k, v)
        where span = 'm' and {{within}} group by 1, 2, 3, 4, 5, 6, 7, 8
    ) t group by 1, 2, 3, 4, 5, 6, 7
) t using ({KEY})
"""  # noqa: S608

# Kept rows that are not true go, true rows that are not kept come; the others are not touched.
_SETTLE = f"""
with gone as (
    delete from insights_tally k where k.span = any(%(spans)s) and {{within}}
        and not exists (select from insights_true t where {" and ".join(f"t.{name} = k.{name}" for name in COLUMNS.split(", "))})
    returning 1
) select count(*) from gone
"""  # noqa: S608
_ADD = f"""
insert into insights_tally ({COLUMNS})
select {COLUMNS} from insights_true on conflict on constraint tally_once do nothing
"""  # noqa: S608
_ECHOES_GONE = """
delete from insights_caseecho k where {within} and not exists (
    select from insights_cases c where c.id = k.case_id and (c.again or c.broke)
        and (coalesce(c.again, false), c.broke, c.received_at) = (k.again, k.broke, k.received_at)
)
"""
_ECHOES_COME = """
insert into insights_caseecho (case_id, received_at, again, broke)
select id, received_at, coalesce(again, false), broke from insights_cases where again or broke
on conflict (case_id) do nothing
"""


def settle(cursor: Any, since: date | None, until: date | None) -> int:
    """Make what is kept of the months from `since` until before `until` (None: of all) what the cases say.

    Returns how many kept rows were wrong, missing or too many. Only those are written.
    """
    parameters = span(since, until)
    cursor.execute(_CASES.format(span=span_with_recurrence()), parameters)
    months = _COUNTED.format(start="month", span="m", kept="true")
    days = _COUNTED.format(start="day", span="d", kept="day >= %(days_since)s")
    cursor.execute(
        f"create temporary table insights_true on commit drop as ({months}) union all ({days})",
        {**parameters, "days_since": first_day_kept()},
    )
    wrong = _settle_tallies(cursor, ["m", "d"], since, until) + _settle_echoes(cursor, parameters)
    cursor.execute("drop table insights_cases")
    return wrong


def settle_years(cursor: Any, since: date | None, until: date | None) -> int:
    """The same for the years, which are sums of the months; `since` and `until` are first of January."""
    cursor.execute(_YEARS.format(within=_within(since)), {"since": since, "until": until})
    return _settle_tallies(cursor, ["y"], since, until)


def _settle_tallies(cursor: Any, spans: list[str], since: date | None, until: date | None) -> int:
    cursor.execute("create index on insights_true (cut, span, start, unit, category, agency)")
    cursor.execute("analyze insights_true")
    parameters = {"spans": spans, "since": since, "until": until}
    cursor.execute(_SETTLE.format(within=_within(since)), parameters)
    [wrong] = cursor.fetchone()
    cursor.execute(_ADD)
    added = cursor.rowcount
    cursor.execute("drop table insights_true")
    return int(wrong) + int(added)


def _settle_echoes(cursor: Any, parameters: dict[str, Any]) -> int:
    within = "true"
    if parameters["since"] is not None:
        within = "k.received_at >= %(since)s and k.received_at < %(until)s"
    cursor.execute(_ECHOES_GONE.format(within=within), parameters)
    wrong: int = cursor.rowcount
    cursor.execute(_ECHOES_COME)
    return wrong + int(cursor.rowcount)


def _within(since: date | None) -> str:
    return "true" if since is None else "start >= %(since)s and start < %(until)s"


def span(since: date | None, until: date | None) -> dict[str, Any]:
    """The parameters of a span of days, in the city's zone."""
    zone = city_zone()

    def midnight(day: date | None) -> datetime | None:
        return datetime(day.year, day.month, day.day, tzinfo=zone) if day else None

    return {"zone": zone.key, "since": midnight(since), "until": midnight(until), "resolved": list(RESOLVED)}


def first_day_kept() -> date:
    """The first of the month before whose days only months are kept."""
    return back(today().replace(day=1), DAYS_KEPT)


def back(month: date, count: int) -> date:
    """The first of the month `count` months before."""
    at = month.year * 12 + month.month - 1 - count
    return date(at // 12, at % 12 + 1, 1)


def following(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)
