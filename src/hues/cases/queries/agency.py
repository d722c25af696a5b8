"""What the head of an agency looks at: tomorrow's deadlines, what is late, what waits for their word, who has how much, how it went.

Each list is a bounded walk along an index of the agency's open cases; the figures are one statement over the reports of a span.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import get_language

from hues.cases import access, guards, processes, reference
from hues.cases.change import Change
from hues.cases.definition import Process, pick
from hues.cases.models import RESOLVED, Case, Recurrence
from hues.city.calendar import city_calendar
from hues.city.clock import local, start_of_day
from hues.city.memory import remembered
from hues.city.models import Agency, Category
from hues.kernel import clock
from hues.kernel.actors import AUDITOR, HEAD, Actor
from hues.people.models import User

MOST = 50
NOT_REPORTS = ("order", "cause")
ANSWERED = Q(published_at__isnull=False, answered_at__isnull=False, parent=None, reject_reason="", redirected_to="")


def agencies_for(actor: Actor) -> list[Agency]:
    """Whose page somebody may open: those they head and those below, their own first; the centre and auditors: all."""
    if access.sees_all(actor):
        found = {agency.pk for agency in reference.agencies().values() if agency.valid_to is None}
        own = actor.agency_ids
    else:
        own = frozenset(g.agency_id for g in actor.grants if g.role == HEAD and g.agency_id)
        found = set(own).union(*(reference.agencies_below(agency_id) for agency_id in own))
    listed = [reference.agencies()[i] for i in found if i in reference.agencies()]
    return sorted(listed, key=lambda one: (one.pk not in own, one.unit_id is not None, one.sort_key))


def first_shown(actor: Actor, agencies: list[Agency]) -> Agency | None:
    """Whose page opens where none was asked for: their own, else the one with most late cases. One statement at most."""
    if not agencies or agencies[0].pk in actor.agency_ids or not access.sees_all(actor):
        return next(iter(agencies), None)
    late = Case.objects.filter(is_open=True, due_at__lt=clock.now(), agency__in=[one.pk for one in agencies])
    most = late.order_by().values("agency_id").annotate(number=Count("pk")).order_by("-number", "agency_id").first()
    return next((one for one in agencies if most and one.pk == most["agency_id"]), agencies[0])


def has_page(actor: Actor) -> bool:
    return actor.in_centre or actor.has(HEAD, AUDITOR)


DECISIONS = ("approve_extension", "deny_extension", "approve_answer", "return_answer", "request_extension", "give")


@dataclass(frozen=True)
class Work:
    """A line of the head's lists, with which of the head's steps this viewer may take now. It does not know who reported."""

    case: Case
    category: Category
    state_name: str
    can: frozenset[str]


_COLUMNS = (
    "id", "code", "version", "state", "phase", "is_open", "group", "channel", "category_id", "address", "body", "officer_id",
    "received_at", "assigned_at", "answered_at", "due_at", "due_final_at", "pending", "outcome", "answer", "process_id", "agency_id",
    "clock", "source", "hops", "reopened", "parent_id", "wake_on", "visibility", "unit_id",
)  # fmt: skip


def _works(actor: Actor, cases: QuerySet[Case], most: int = MOST) -> list[Work]:
    language = get_language() or "vi"
    found = []
    for case in cases.only(*_COLUMNS)[:most]:
        process = processes.process(case.process_id)
        state = process.states.get(case.state)
        can = frozenset(name for name in DECISIONS if _may(actor, case, process, name))
        category = reference.categories()[case.category_id]
        found.append(Work(case, category, pick(state.names, language) if state else case.state, can))
    return found


def _may(actor: Actor, case: Case, process: Process, name: str) -> bool:
    """Whether a step would be offered on the case's page; without its fields, and without a statement."""
    step, roles = process.steps.get(name), access.roles(actor, case)
    if step is None or case.state not in step.source or not roles.intersection(step.by):
        return False
    return guards.refusal(Change(actor, case, process, step, roles, clock.now()), step.guards, late=False) is None


def next_working_day() -> date:
    """The next day on which the city works."""
    day = local(clock.now()).date() + timedelta(days=1)
    while not city_calendar().is_working_day(day):
        day += timedelta(days=1)
    return day


def _due(agency_id: int) -> Q:
    return Q(agency_id=agency_id, is_open=True, phase="handling")


def soon(actor: Actor, agency_id: int) -> list[Work]:
    """Due from now to the end of the next working day, the first due on top. One statement."""
    until = start_of_day(next_working_day() + timedelta(days=1))
    rows = Case.objects.filter(_due(agency_id), due_at__gte=clock.now(), due_at__lt=until)
    return _works(actor, rows.order_by("due_at", "id"))


def late(actor: Actor, agency_id: int) -> list[Work]:
    """Past their deadline, the longest first. One statement."""
    return _works(actor, Case.objects.filter(_due(agency_id), due_at__lt=clock.now()).order_by("due_at", "id"))


@remembered
def _asked() -> tuple[str, ...]:
    """States in which a head decides, in all versions of all processes."""
    return _in_queues("extensions", "approval")


def _in_queues(*queues: str) -> tuple[str, ...]:
    known = processes.known().values()
    return tuple(sorted({s.name for process in known for s in process.states.values() if s.queue in queues}))


def waiting(actor: Actor, agency_id: int) -> list[Work]:
    """Extensions and answers that wait for the head's word, what is due first on top. One statement."""
    rows = Case.objects.filter(agency_id=agency_id, is_open=True, state__in=_asked())
    return _works(actor, rows.order_by("due_at", "id"))


@dataclass(frozen=True)
class Counts:
    open: int
    soon: int
    late: int
    waiting: int


def counts(agency_id: int) -> Counts:
    """One statement over the agency's open cases."""
    now, until = clock.now(), start_of_day(next_working_day() + timedelta(days=1))
    handling = Q(phase="handling")
    row = Case.objects.filter(agency_id=agency_id, is_open=True).aggregate(
        open=Count("pk"),
        soon=Count("pk", filter=handling & Q(due_at__gte=now, due_at__lt=until)),
        late=Count("pk", filter=handling & Q(due_at__lt=now)),
        waiting=Count("pk", filter=Q(state__in=_asked())),
    )
    return Counts(**row)


# Who has how much


@dataclass(frozen=True)
class Load:
    """What lies with somebody now. `share`: of the fair share, 1.0 is as much as everyone would have."""

    person: User | None  # None: nobody's yet
    open: int
    late: int
    soon: int
    planned: int
    share: float


def workload(agency_id: int) -> list[Load]:
    """The agency's people with what they have in hand, the fullest first, what is nobody's on top. Two statements.

    What stands still (waiting, planned, being checked) is not counted as in hand: nobody can work on it.
    """
    now, until = clock.now(), start_of_day(next_working_day() + timedelta(days=1))
    cases = Case.objects.filter(agency_id=agency_id, is_open=True)
    rows: Any = cases.values("officer_id").annotate(
        open=Count("pk", filter=Q(phase="handling", due_at__isnull=False)),
        late=Count("pk", filter=Q(phase="handling", due_at__lt=now)),
        soon=Count("pk", filter=Q(phase="handling", due_at__gte=now, due_at__lt=until)),
        planned=Count("pk", filter=Q(state="planned")),
    )
    by_person: dict[UUID | None, dict[str, int]] = {row.pop("officer_id"): row for row in rows.order_by()}
    people = reference.members(agency_id)
    mean = sum(row["open"] for row in by_person.values()) / len(people) if people else 0
    none = {"open": 0, "late": 0, "soon": 0, "planned": 0}
    loads = [_load(person, by_person.get(person.pk, none), mean) for person in people]
    loads.sort(key=lambda load: -load.open)
    rest = [row for person_id, row in by_person.items() if person_id not in {one.pk for one in people}]
    unheld = {name: sum(row[name] for row in rest) for name in none}  # nobody's, or of somebody who has left
    return [Load(None, **unheld, share=0.0), *loads] if any(unheld.values()) else loads


def _load(person: User, row: Mapping[str, int], mean: float) -> Load:
    return Load(person, row["open"], row["late"], row["soon"], row["planned"], row["open"] / mean if mean else 0.0)


def held_by(actor: Actor, agency_id: int, officer_id: UUID | None) -> list[Work]:
    """What lies with somebody of the agency, or with nobody who works there. One statement."""
    rows = Case.objects.filter(_due(agency_id), due_at__isnull=False)
    if officer_id is not None:
        rows = rows.filter(officer_id=officer_id)
    else:
        here = [person.pk for person in reference.members(agency_id)]
        rows = rows.filter(Q(officer=None) | ~Q(officer_id__in=here))
    return _works(actor, rows.order_by("due_at", "id"))


# How it went


@dataclass(frozen=True)
class OnTime:
    """Of the reports received in a span: both on-time figures over the same answered ones, and what is late while open."""

    received: int
    answered: int
    with_date: int
    original: int  # by the first date
    final: int  # by the date after approved extensions
    resolved: int
    open_late: int

    def share(self, part: int) -> float | None:
        return part / self.with_date if self.with_date else None

    @property
    def original_share(self) -> float | None:
        return self.share(self.original)

    @property
    def final_share(self) -> float | None:
        return self.share(self.final)


def on_time(agency_id: int, days: int = 90) -> OnTime:
    """One statement over the agency's reports of the span."""
    dated = ANSWERED & Q(due_original_at__isnull=False)
    rows = Case.objects.filter(agency_id=agency_id, received_at__gte=clock.now() - timedelta(days=days))
    row = rows.exclude(channel__in=NOT_REPORTS).aggregate(
        received=Count("pk"),
        answered=Count("pk", filter=ANSWERED),
        with_date=Count("pk", filter=dated),
        original=Count("pk", filter=dated & Q(answered_at__lte=F("due_original_at"))),
        final=Count(
            "pk",
            filter=dated & (Q(answered_at__lte=F("due_final_at")) | Q(answered_at__lte=F("due_original_at"))),
        ),
        resolved=Count("pk", filter=ANSWERED & Q(outcome__in=RESOLVED)),
        open_late=Count("pk", filter=Q(is_open=True, due_at__lt=clock.now())),
    )
    return OnTime(**row)


# What came back


def recurrences(agency_id: int, days: int = 60) -> Sequence[Recurrence]:
    """Reports of the last days that repeat one which was answered as done, the latest first. One statement."""
    since = clock.now() - timedelta(days=days)
    rows = Recurrence.objects.filter(received_at__gte=since, case__agency_id=agency_id, case__parent=None)
    rows = rows.select_related("case", "earlier").order_by("-received_at")
    return list(rows.only(
        "days", "metres", "received_at", "case__code", "case__category_id", "case__address", "case__is_open", "case__state",
        "case__process_id", "earlier__code",
    )[:MOST])  # fmt: skip


def recurrence_counts(first: date, last: date) -> dict[int, dict[str, int]]:
    """By agency: reports of the days from `first` to `last` that repeat one answered as done, of how many were received. Two statements."""
    span = (start_of_day(first), start_of_day(last + timedelta(days=1)))
    again = Recurrence.objects.filter(received_at__gte=span[0], received_at__lt=span[1], case__parent=None)
    found: dict[int, dict[str, int]] = {}
    for agency_id, n in again.values_list("case__agency_id").annotate(n=Count("pk")):
        found.setdefault(agency_id, {"again": 0, "received": 0})["again"] = n
    cases = Case.objects.filter(received_at__gte=span[0], received_at__lt=span[1]).exclude(channel__in=NOT_REPORTS)
    for agency_id, n in cases.filter(agency__isnull=False).values_list("agency_id").annotate(n=Count("pk")):
        found.setdefault(agency_id, {"again": 0, "received": 0})["received"] = n
    return found
