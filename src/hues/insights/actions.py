"""Keeping the counts: anew for the months in which something changed, and every night against the cases themselves."""

import logging
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from hues.cases import reference
from hues.city.clock import city_zone, local, today
from hues.city.pack import city_id
from hues.insights.catalogue import brief_at
from hues.insights.counting import back, first_day_kept, following, settle, settle_years
from hues.insights.models import Tally, TallyState
from hues.kernel import clock, journal
from hues.kernel.actors import HEAD, LEAD, SYSTEM
from hues.kernel.journal import Notify
from hues.kernel.models import LogLeaf
from hues.people.models import Membership
from hues.people.queries import valid_on

log = logging.getLogger("hues.insights")

_STRETCH = 20_000  # entries of the log looked through at a time

_CHANGED = """
select distinct date_trunc('month', m.at at time zone %(zone)s)::date
from kernel_logleaf l join kernel_journalentry e on e.id = l.entry_id join cases_case c on c.id = e.subject_id
    left join cases_case o on o.id = c.origin_id
    cross join lateral (values (c.received_at), (o.received_at)) m (at)
where m.at is not null and l.place >= %(since)s and l.place < %(until)s and e.subject_kind = 'case'
"""


def refresh_tallies() -> list[date]:
    """Count anew the months whose cases changed since the last time. Returns them.

    Runs every minute in a worker; whoever comes second finds the work done, or does it again without harm. A transaction
    for each month: a long one would hold back the log, and with it everybody's news.
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
    this_month = today().replace(day=1)
    wanted = sorted({back(month, -later) for month in months for later in (0, 1, 2)})
    wanted = [month for month in wanted if month <= this_month]
    for month in wanted:
        _settle(month)
    with transaction.atomic(), connection.cursor() as cursor:
        _take_turn(cursor)
        for year in sorted({month.year for month in wanted}):
            settle_years(cursor, date(year, 1, 1), date(year + 1, 1, 1))
        TallyState.objects.filter(pk=state.pk, place__lt=until).update(place=until, counted_at=clock.now())
    return wanted


def _settle(month: date) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        _take_turn(cursor)
        return settle(cursor, month, following(month))


def rebuild_tallies() -> list[date]:
    """Count everything anew: after bulk loads, and where a check found a difference."""
    with transaction.atomic(), connection.cursor() as cursor:
        _take_turn(cursor)
        return _count_all(cursor, _log_size())


def check_tallies() -> int:
    """Compare all that is kept with the cases themselves; what differs is told, journalled, and put right.

    Returns how many rows were wrong. Changes that are in the cases but not yet counted are counted first.
    """
    wrong = 0
    for month in _months():
        while (state := TallyState.objects.first()) is None or state.place < _log_size():
            refresh_tallies()
        wrong += _settle(month)
    with transaction.atomic(), connection.cursor() as cursor:
        _take_turn(cursor)
        wrong += settle_years(cursor, None, None)
        if wrong:
            log.error("%d kept counts differed from the cases; put right", wrong)
        TallyState.objects.update(checked_at=clock.now(), found=wrong)
        journal.record(
            actor=SYSTEM,
            action="insights.checked",
            subject_kind="city",
            subject_id=city_id(settings.CITY),
            topics=["centre"],
            staff={"wrong": wrong},
        )
    return wrong


def _months() -> list[date]:
    """All months in which there are cases or counts. Days that have grown old are forgotten."""
    Tally.objects.filter(span="d", start__lt=first_day_kept()).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            """select least((select min(start) from insights_tally), (select min(received_at) from cases_case)::date - 1),
            greatest((select max(start) from insights_tally), (select max(received_at) from cases_case)::date + 1)"""
        )
        first, last = cursor.fetchone()
    months: list[date] = []
    month = first.replace(day=1) if first else None
    while month and month <= last:
        months.append(month)
        month = following(month)
    return months


def tell_of_brief() -> int:
    """Tell the city's leaders that their morning brief is ready: once a day, from the hour that the city has set; late
    rather than never. Returns how many were told."""
    now = local(clock.now())
    if now.time() < brief_at(settings.CITY):
        return 0
    with transaction.atomic():
        state = TallyState.objects.select_for_update().first()
        if state is None or state.brief_on == now.date():
            return 0
        state.brief_on = now.date()
        state.save(update_fields=["brief_on"])
        people = _leaders(now.date())
        journal.record(
            actor=SYSTEM,
            action="insights.brief",
            subject_kind="city",
            subject_id=city_id(settings.CITY),
            topics=["centre"],
            centre={"people": len(people)},
            notify=[
                Notify(person, "insights.brief", "/desk/scorecards/brief", {"day": now.date()}) for person in people
            ],
        )
    return len(people)


def _leaders(day: date) -> list[UUID]:
    """The centre's leads, and the heads of the chairman's office."""
    wanted = Q(role=LEAD)
    if chair := reference.chair():
        wanted |= Q(role=HEAD, agency_id=chair.pk)
    held = Membership.objects.filter(wanted, valid_on(day), user__is_active=True)
    return list(held.order_by("user_id").values_list("user_id", flat=True).distinct())


def _take_turn(cursor: Any) -> None:
    cursor.execute("select pg_advisory_xact_lock(hashtext('hues.insights'))")


def _log_size() -> int:
    newest = LogLeaf.objects.order_by("-place").first()
    return newest.place + 1 if newest else 0


def _count_all(cursor: Any, size: int) -> list[date]:
    settle(cursor, None, None)
    settle_years(cursor, None, None)
    TallyState.objects.update_or_create(defaults={"place": size, "counted_at": clock.now()})
    cursor.execute("select distinct start from insights_tally where span = 'm' order by start")
    return [row[0] for row in cursor.fetchall()]
