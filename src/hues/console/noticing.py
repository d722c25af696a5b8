"""Never lose a case: once a minute everything is looked for that nobody has touched for too long, or that fell between two rooms.

How long is too long says the city pack, by group, state and priority. What surfaces is a row until somebody acts on it; the shift lead is
told once. An agency without anybody who could sign in is one row, however many cases it has.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from hues.cases import reference
from hues.cases.models import Case
from hues.city.calendar import city_calendar
from hues.city.pack import city_id
from hues.console import shifts
from hues.console.models import Handover, Untouched
from hues.console.pack import Span, console
from hues.kernel import clock, journal
from hues.kernel.actors import SYSTEM
from hues.people.queries import today

TIMER_LATE = timedelta(minutes=5)
Kind = Untouched.Kind


@dataclass(frozen=True)
class Found:
    kind: str
    case_id: UUID | None
    agency_id: int | None
    since: datetime
    priority: int
    cases: int = 1
    handover_id: UUID | None = None

    @property
    def key(self) -> tuple[str, Any]:
        return (self.kind, self.case_id or self.agency_id or self.handover_id)


def notice_untouched() -> int:
    """Bring the list to what is so now; returns how many things are new. At most nine statements; one process at a time."""
    now = clock.now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_xact_lock(hashtext('hues.console.untouched'))")
            if not cursor.fetchone()[0]:
                return 0
        found = {one.key: one for one in _find(now)}
        known = {
            (row.kind, row.case_id or row.agency_id or row.handover_id): row
            for row in Untouched.objects.filter(ended_at=None)
        }
        over = [row.pk for key, row in known.items() if key not in found]
        if over:
            Untouched.objects.filter(pk__in=over).update(ended_at=now)
        new = [_row(one, now) for key, one in found.items() if key not in known]
        Untouched.objects.bulk_create(new, batch_size=2_000)
        _follow_counts(found, known)
        if new:
            _tell(new)
    return len(new)


def _row(one: Found, now: datetime) -> Untouched:
    return Untouched(
        kind=one.kind, case_id=one.case_id, agency_id=one.agency_id, cases=one.cases, priority=one.priority, since=one.since,
        noticed_at=now, told_at=now, handover_id=one.handover_id,
    )  # fmt: skip


def _follow_counts(found: Mapping[Any, Found], known: Mapping[Any, Untouched]) -> None:
    """Agencies' rows say how many cases they hold now."""
    for key, row in known.items():
        if key in found and row.case_id is None and row.cases != found[key].cases:
            Untouched.objects.filter(pk=row.pk).update(cases=found[key].cases, since=found[key].since)


def cutoff(span: Span, now: datetime) -> datetime:
    """What was touched before this moment has lain longer than `span`."""
    if not span.working:
        return now - timedelta(minutes=span.minutes)
    calendar = city_calendar()
    wanted = span.minutes + span.days * calendar.minutes_a_day()
    early, late = now - timedelta(minutes=wanted * 10 + 60 * 24 * 15), now
    for _round in range(32):
        middle = early + (late - early) / 2
        if calendar.working_minutes_between(middle, now) >= wanted:
            early = middle
        else:
            late = middle
    return early


# Looking


def _find(now: datetime) -> Iterable[Found]:
    deserted = _deserted()
    yield from deserted
    agencies = [one.agency_id for one in deserted]
    yield from _still(now, agencies)
    yield from _held(now)
    yield from _timers(now)
    yield from _untaken(now)


_STILL = """
select c.id, c.updated_at, c.priority, v.kind
from (select * from unnest(%(kinds)s::text[], %(groups)s::text[], %(states)s::text[], %(priorities)s::int[], %(cutoffs)s::timestamptz[]))
  v (kind, "group", state, priority, cutoff)
join cases_case c on c.is_open and c.state = v.state and c.updated_at < v.cutoff
  and (v."group" = '' or c."group" = v."group") and (v.priority = 0 or c.priority = v.priority)
where not (c.agency_id = any(%(deserted)s) and c.phase = 'handling') is true
  and not exists (select 1 from console_hold h where h.case_id = c.id and h.ended_at is null)
"""


def _still(now: datetime, deserted: Sequence[int | None]) -> Iterable[Found]:
    """Open cases that nobody has touched since the moment that their state and urgency allow; what was put aside has its own row."""
    pack = console()
    spans: dict[Span, datetime] = {}
    rules = [
        (Kind.STILL, group, state, int(priority), span) for (group, state, priority), span in pack.untouched.items()
    ]
    rules += [(Kind.SILENT, "", state, 0, span) for state, span in pack.silent.items()]
    for *_rest, span in rules:
        spans.setdefault(span, cutoff(span, now))
    values: dict[str, Any] = {
        "kinds": [str(rule[0]) for rule in rules],
        "groups": [rule[1] for rule in rules],
        "states": [rule[2] for rule in rules],
        "priorities": [rule[3] for rule in rules],
        "cutoffs": [spans[rule[4]] for rule in rules],
        "deserted": [agency for agency in deserted if agency],
    }
    with connection.cursor() as cursor:
        cursor.execute(_STILL, values)
        return [Found(kind, case_id, None, since, priority) for case_id, since, priority, kind in cursor.fetchall()]


_DESERTED = """
select c.agency_id, count(*), min(c.updated_at), min(c.priority) from cases_case c
where c.is_open and c.phase = 'handling' and c.agency_id is not null and not exists (
  select 1 from people_membership m join people_user u on u.id = m.user_id
  where m.agency_id = c.agency_id and m.role in ('officer', 'head') and u.is_active
    and m.valid_from <= %(today)s and (m.valid_to is null or m.valid_to > %(today)s))
group by c.agency_id
"""


def _deserted() -> list[Found]:
    """Agencies that have work and nobody who could sign in; the centre itself has its operators."""
    with connection.cursor() as cursor:
        cursor.execute(_DESERTED, {"today": today()})
        rows = cursor.fetchall()
    return [
        Found(Kind.DESERTED, None, agency_id, since, priority, number)
        for agency_id, number, since, priority in rows
        if not reference.is_centre(agency_id)
    ]


_HELD = """
select h.case_id, h.wake_at, c.priority from console_hold h join cases_case c on c.id = h.case_id
where h.ended_at is null and h.wake_at < %s and c.is_open
"""


def _held(now: datetime) -> list[Found]:
    return _rows(Kind.HELD, _HELD, cutoff(console().forgotten, now))


_TIMERS = """
select t.case_id, min(t.fire_at), min(c.priority) from cases_casetimer t join cases_case c on c.id = t.case_id
where t.fired_at is null and t.fire_at < %s group by t.case_id
"""


def _timers(now: datetime) -> list[Found]:
    """Timers that should have fired: nobody was reminded, and no step was taken by itself."""
    return _rows(Kind.TIMER, _TIMERS, now - TIMER_LATE)


def _untaken(now: datetime) -> list[Found]:
    """Handovers that were given and that nobody has wholly taken: what the last shift left open is then nobody's."""
    since = cutoff(console().untaken, now)
    rows = Handover.objects.filter(state=Handover.State.GIVEN, given_at__lt=since).values_list("pk", "given_at")
    return [Found(Kind.UNTAKEN, None, None, given_at, 2, 0, pk) for pk, given_at in rows if given_at]


def touched(case: Case) -> None:
    """Somebody decided a locked case or put it aside: what had surfaced of it is gone at once. A timer that did not fire is still late.
    One statement."""
    rows = Untouched.objects.filter(case_id=case.pk, ended_at=None)
    rows.exclude(kind=Kind.TIMER).update(ended_at=clock.now())


def _rows(kind: str, sql: str, before: datetime) -> list[Found]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [before])
        return [Found(kind, case_id, None, since, priority) for case_id, since, priority in cursor.fetchall()]


# Telling


def _tell(new: Sequence[Untouched]) -> None:
    """The shift lead hears of it once, in one line however much it is."""
    number = sum(row.cases for row in new)
    untaken = any(row.kind == Kind.UNTAKEN for row in new)
    texts = {}
    for language in settings.LANGUAGES:
        with override(language[0]):
            texts[language[0]] = _said(number, untaken)
    link = "/desk/triage?list=untouched"
    journal.record(
        actor=SYSTEM,
        action="console.surfaced",
        subject_kind="city",
        subject_id=city_id(settings.CITY),
        topics=["centre"],
        centre={"new": len(new), "reports": number, "kinds": sorted({str(row.kind) for row in new})},
        notify=[journal.Notify(person, "console.surfaced", link, {"texts": texts}) for person in shifts.leads()],
    )


def _said(number: int, untaken: bool) -> str:
    said = [_("A handover was given and nobody has taken it.")] if untaken else []
    if number:
        lying = ngettext(
            "{n} report was left lying and has surfaced.", "{n} reports were left lying and have surfaced.", number
        )
        said.insert(0, lying.format(n=number))
    return " ".join(said)
