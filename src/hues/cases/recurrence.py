"""The same trouble again: a report of the same category, at the same place or on the same thing, within the city's days of a recurrence
(60) after an earlier one was answered as done (DOMAIN §11). Found from the journal, for every way in which a report comes or gets its
category; kept as a row, so that it is shown, counted and listed without looking for it again.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F

from hues.cases.models import Case, Outcome, Recurrence
from hues.cases.recurring import rules
from hues.kernel import clock, journal

DAYS = 60  # where the city's pack says nothing
LEAST_METRES = 30
DONE = (Outcome.FIXED, Outcome.ENFORCED, Outcome.TEMPORARY)
FINAL = frozenset({"case.opened", "case.accept", "case.resume", "case.take_on", "case.reclassify"})

# On the ground between two points of a street.
_METRES = "sqrt(power((e.lat - c.lat) * 111320, 2) + power((e.lon - c.lon) * 111320 * cos(radians(c.lat)), 2))"
# The nearest earlier one in time. A degree of latitude is 111,320 m; the box is cut by the index, the distance by the circle.
_FIND = """
insert into cases_recurrence (case_id, earlier_id, days, metres, received_at)
select c.id, e.id, extract(day from c.received_at - e.published_at), e.metres, c.received_at
from cases_case c
join city_category k on k.id = c.category_id
cross join lateral (select greatest(k.duplicate_radius_m, %(metres)s)::float as m) r
cross join lateral (
    (select e.id, e.published_at, null::int as metres from cases_case e
     where c.asset <> '' and e.asset = c.asset and e.asset <> '' and e.received_at < c.received_at and e.category_id = c.category_id
       and e.published_at between c.received_at - make_interval(days => %(days)s) and c.received_at
       and e.outcome = any(%(done)s) and e.id <> c.id and e.parent_id is null
     order by e.published_at desc limit 1)
    union all
    (select e.id, e.published_at, {metres}::int from cases_case e
     where c.lat is not null and e.category_id = c.category_id and e.lat is not null
       and e.lat between c.lat - r.m / 111320 and c.lat + r.m / 111320
       and e.published_at is not null
       and e.published_at between c.received_at - make_interval(days => %(days)s) and c.received_at
       and e.outcome = any(%(done)s) and e.id <> c.id and e.parent_id is null
       and {metres} <= r.m
     order by e.published_at desc limit 1)
    limit 1
) e
where {which} and c.parent_id is null and c.reject_reason = '' and c.redirected_to = '' and c.channel <> 'order'
on conflict (case_id) do update
set earlier_id = excluded.earlier_id, days = excluded.days, metres = excluded.metres
"""


@journal.follower("recurrences")
def notice(entry: journal.Entry) -> None:
    """A report came, or got its category: is it the same trouble again?"""
    if entry.action in FINAL:
        note_recurrences([entry.subject_id])


def note_recurrences(case_ids: Sequence[UUID]) -> int:
    """Look for what came before each of these; returns how many are recurrences. At most two statements; the same however often."""
    ids = list(case_ids)
    Recurrence.objects.filter(case_id__in=ids).exclude(case__category_id=F("earlier__category_id")).delete()
    return _find("c.id = any(%(ids)s)", ids=ids)


def note_all(days: int = DAYS) -> int:
    """For all reports of the last days at once: after a bulk load."""
    return _find("c.received_at >= %(since)s", since=clock.now() - timedelta(days=days))


def _find(which: str, **more: Any) -> int:
    parameters: dict[str, Any] = {
        "days": window(),
        "metres": LEAST_METRES,
        "done": [str(outcome) for outcome in DONE],
        **more,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIND.format(which=which, metres=_METRES), parameters)
        return int(cursor.rowcount)


def window() -> int:
    """Within how many days after a result the same trouble is a recurrence."""
    return int(rules().get("recurrence_days") or DAYS)


def of(case: Case) -> Recurrence | None:
    """What this report repeats, if it does. One statement."""
    return Recurrence.objects.filter(case_id=case.pk).select_related("earlier").first()
