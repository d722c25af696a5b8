"""Keeping the counts: anew for the months in which something changed, and every night against the cases themselves."""

import logging
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from hues.cases.models import RESOLVED
from hues.city.clock import city_zone
from hues.city.pack import city_id
from hues.insights.cuts import BUCKET, KEPT, TIMED
from hues.insights.measures import COUNTS, DURATIONS, SPAN_WITH_RECURRENCE
from hues.insights.models import TallyState
from hues.kernel import clock, journal
from hues.kernel.actors import SYSTEM
from hues.kernel.models import LogLeaf

log = logging.getLogger("hues.insights")

_STRETCH = 20_000  # entries of the log looked through at a time
_KEY = "start, is_sample, cut, unit, category, agency, channel"
_NAMES = ", ".join(COUNTS)


def _sets(cuts: Iterable[tuple[str, ...]], *more: str) -> str:
    return ", ".join(f"({', '.join(['start', 'is_sample', *more, *cut])})" for cut in cuts)


# Every kept cut of a span in one pass over its cases.
_COMPUTED = f"""
with c as materialized (
    select date_trunc('month', c.received_at at time zone %(zone)s)::date as start,
        coalesce(c.unit_id, 0) as unit, c.category_id as category, coalesce(c.agency_id, 0) as agency, c.*
    from ({SPAN_WITH_RECURRENCE.format(only="")}) c
),
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
    select {_KEY}, jsonb_object_agg(span || ':' || bucket, n) as times
    from (
        select start, is_sample, grouping(unit, category, agency, channel) as cut, coalesce(unit, 0) as unit,
            coalesce(category, 0) as category, coalesce(agency, 0) as agency, coalesce(channel, '') as channel,
            span, bucket, count(*) as n
        from spent group by grouping sets ({_sets(TIMED, "span", "bucket")})
    ) t group by {_KEY}
)
select 'm' as span, {_KEY}, {_NAMES}, coalesce(times, jsonb_build_object()) as times
from counted left join timed using ({_KEY})
"""  # noqa: S608 - our own expressions; what varies are parameters

_KEEP = f"insert into insights_tally (span, {_KEY}, {_NAMES}, times) {_COMPUTED}"

_KEEP_YEARS = f"""
insert into insights_tally (span, {_KEY}, {_NAMES}, times)
select 'y', s.*, coalesce(t.times, jsonb_build_object()) from (
    select date_trunc('year', start)::date as start, is_sample, cut, unit, category, agency, channel,
        {", ".join(f"sum({name})" for name in COUNTS)}
    from insights_tally where span = 'm' and {{months}} group by 1, 2, 3, 4, 5, 6, 7
) s left join (
    select start, is_sample, cut, unit, category, agency, channel, jsonb_object_agg(k, n) as times from (
        select date_trunc('year', start)::date as start, is_sample, cut, unit, category, agency, channel, k,
            sum(v::int) as n
        from insights_tally, jsonb_each_text(times) as e (k, v)
        where span = 'm' and {{months}} group by 1, 2, 3, 4, 5, 6, 7, 8
    ) t group by 1, 2, 3, 4, 5, 6, 7
) t using ({_KEY})
"""  # noqa: S608

_CHANGED = """
select distinct date_trunc('month', m.at at time zone %(zone)s)::date
from kernel_logleaf l join kernel_journalentry e on e.id = l.entry_id join cases_case c on c.id = e.subject_id
    left join cases_case o on o.id = c.origin_id
    cross join lateral (values (c.received_at), (o.received_at)) m (at)
where m.at is not null and l.place >= %(since)s and l.place < %(until)s and e.subject_kind = 'case'
"""


def refresh_tallies() -> list[date]:
    """Count anew the months whose cases changed since the last time. Returns them.

    Runs every minute in a worker; whoever comes second waits, and finds the work done.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        _take_turn(cursor)
        size = _log_size()
        state = TallyState.objects.first()
        if state is None:
            return _count_all(cursor, size)
        if state.place >= size:
            return []
        until = min(size, state.place + _STRETCH)
        cursor.execute(_CHANGED, {"zone": city_zone().key, "since": state.place, "until": until})
        months = sorted(row[0] for row in cursor.fetchall())
        # A recurrence looks back 60 days: what changed in a month may show in the two that follow.
        wanted = sorted({later for month in months for later in (month, _next(month), _next(_next(month)))})
        wanted = [month for month in wanted if month <= _month_of(clock.now())]
        for month in wanted:
            _count_month(cursor, month)
        for year in sorted({month.year for month in wanted}):
            _count_years(cursor, "start >= %(since)s and start < %(until)s", date(year, 1, 1), date(year + 1, 1, 1))
        TallyState.objects.filter(pk=state.pk).update(place=until, counted_at=clock.now())
        return wanted


def rebuild_tallies() -> list[date]:
    """Count everything anew: after bulk loads, and where a check found a difference."""
    with transaction.atomic(), connection.cursor() as cursor:
        _take_turn(cursor)
        return _count_all(cursor, _log_size())


def check_tallies() -> int:
    """Compare all that is kept with the cases themselves; what differs is told, journalled, and counted anew.

    Returns how many rows were wrong. Changes that are in the cases but not yet counted are counted first.
    """
    while (state := TallyState.objects.first()) is None or state.place < _log_size():
        refresh_tallies()
    with transaction.atomic(), connection.cursor() as cursor:
        _take_turn(cursor)
        columns = f"span, {_KEY}, {_NAMES}, times"
        cursor.execute("create temporary table insights_true on commit drop as " + _COMPUTED, _span(None, None))
        kept = f"select {columns} from insights_tally where span = 'm'"  # noqa: S608
        true = f"select {columns} from insights_true"  # noqa: S608
        cursor.execute(f"select count(*) from (({kept} except {true}) union all ({true} except {kept})) d")  # noqa: S608
        [wrong] = cursor.fetchone()
        cursor.execute("drop table insights_true")
        if wrong:
            log.error("%d kept counts differed from the cases; counted anew", wrong)
            _count_all(cursor, _log_size())
        TallyState.objects.update(checked_at=clock.now(), found=wrong)
        journal.record(
            actor=SYSTEM,
            action="insights.checked",
            subject_kind="city",
            subject_id=city_id(settings.CITY),
            topics=["centre"],
            staff={"wrong": wrong},
        )
    return int(wrong)


def _take_turn(cursor: Any) -> None:
    cursor.execute("select pg_advisory_xact_lock(hashtext('hues.insights'))")


def _log_size() -> int:
    newest = LogLeaf.objects.order_by("-place").first()
    return newest.place + 1 if newest else 0


def _count_all(cursor: Any, size: int) -> list[date]:
    cursor.execute("delete from insights_tally")
    cursor.execute(_KEEP, _span(None, None))
    _count_years(cursor, "true", None, None)
    TallyState.objects.all().delete()
    TallyState.objects.create(place=size, counted_at=clock.now())
    cursor.execute("select distinct start from insights_tally where span = 'm' order by start")
    return [row[0] for row in cursor.fetchall()]


def _count_month(cursor: Any, month: date) -> None:
    cursor.execute("delete from insights_tally where span = 'm' and start = %s", [month])
    cursor.execute(_KEEP, _span(month, _next(month)))


def _count_years(cursor: Any, months: str, since: date | None, until: date | None) -> None:
    parameters = {"since": since, "until": until}
    cursor.execute(f"delete from insights_tally where span = 'y' and {months}", parameters)  # noqa: S608
    cursor.execute(_KEEP_YEARS.format(months=months), parameters)


def _span(since: date | None, until: date | None) -> dict[str, Any]:
    zone = city_zone()

    def midnight(day: date | None) -> datetime | None:
        return datetime(day.year, day.month, day.day, tzinfo=zone) if day else None

    return {"zone": zone.key, "since": midnight(since), "until": midnight(until), "resolved": list(RESOLVED)}


def _month_of(at: datetime) -> date:
    return at.astimezone(city_zone()).date().replace(day=1)


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)
