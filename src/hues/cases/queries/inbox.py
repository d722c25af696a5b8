"""The work lists of agencies and centre: ordered by risk of lateness, at constant cost whatever the page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hues.cases import access, processes, reference
from hues.cases.models import Case
from hues.cases.queries.rows import code_of, first_photos, searched, stage_of
from hues.city.clock import local, start_of_day
from hues.city.memory import remembered
from hues.city.models import Agency, Category, Unit
from hues.kernel import clock
from hues.kernel.actors import AUDITOR, Actor
from hues.kernel.errors import Forbidden, Invalid
from hues.kernel.pages import Page, keyset

OPEN = Q(is_open=True)
Condition = Callable[[Actor], Q]


@remembered
def _states() -> Mapping[str, tuple[str, ...]]:
    """The states of each queue, in all versions of all processes that cases may pin."""
    found: dict[str, set[str]] = {}
    for process in processes.known().values():
        for state in process.states.values():
            found.setdefault(state.queue, set()).add(state.name)
    return {queue: tuple(sorted(names)) for queue, names in found.items()}


def _in_state(queue: str) -> Condition:
    return lambda _actor: OPEN & Q(state__in=_states().get(queue, ()))


def _due_before(days: int) -> Condition:
    def condition(_actor: Actor) -> Q:
        return OPEN & Q(phase="handling", due_at__lt=start_of_day(local(clock.now()).date() + timedelta(days=days)))

    return condition


def _late(_actor: Actor) -> Q:
    return OPEN & Q(due_at__lt=clock.now())


def _own(actor: Actor) -> Q:
    return OPEN & Q(officer_id=actor.id)


def _rated_badly(_actor: Actor) -> Q:
    return Q(state="published", rating="not_satisfied")


@dataclass(frozen=True)
class Queue:
    name: str
    label: Any
    condition: Condition


_CENTRE = (
    Queue("triage", gettext_lazy("To accept"), _in_state("triage")),
    Queue("checking", gettext_lazy("To check"), _in_state("checking")),
    Queue("extensions", gettext_lazy("Extensions"), _in_state("extensions")),
    Queue("late", gettext_lazy("Late"), _late),
    Queue("planned", gettext_lazy("Planned"), _in_state("planned")),
    Queue("reopened", gettext_lazy("Reopened"), lambda _actor: OPEN & Q(reopened__gt=0)),
    Queue("unhappy", gettext_lazy("Not satisfied"), _rated_badly),
    Queue("all", gettext_lazy("All open"), lambda _actor: OPEN),
)
_AGENCY = (
    Queue("new", gettext_lazy("New"), _in_state("new")),
    Queue("late", gettext_lazy("Late"), _late),
    Queue("today", gettext_lazy("Today"), _due_before(1)),
    Queue("week", gettext_lazy("This week"), _due_before(7)),
    Queue("mine", gettext_lazy("Mine"), _own),
    Queue(
        "waiting",
        gettext_lazy("Waiting"),
        lambda _a: OPEN & Q(state__in=_states().get("waiting", ()) + _states().get("checking", ())),
    ),
    Queue("extensions", gettext_lazy("Extensions"), _in_state("extensions")),
    Queue("planned", gettext_lazy("Planned"), _in_state("planned")),
    Queue("reopened", gettext_lazy("Reopened"), lambda _actor: OPEN & Q(reopened__gt=0)),
    Queue("all", gettext_lazy("All open"), lambda _actor: OPEN),
)
QUEUES: Mapping[str, tuple[Queue, ...]] = {"centre": _CENTRE, "agency": _AGENCY}


def queues_for(actor: Actor) -> tuple[Queue, ...]:
    """The queues of this person's desk. Raises Forbidden for whoever has none."""
    if actor.in_centre or actor.has(AUDITOR):
        return _CENTRE
    if access.agencies_of(actor):
        return _AGENCY
    raise Forbidden(_("You have no inbox here."))


@dataclass(frozen=True)
class InboxRow:
    """A line of the inbox. It does not know who reported."""

    id: UUID
    code: str
    version: int
    state: str
    phase: str
    stage: str
    is_open: bool
    group: str
    priority: int
    category: Category
    unit: Unit | None
    agency: Agency | None
    officer_id: UUID | None
    visibility: str
    body: str
    address: str
    received_at: datetime
    updated_at: datetime
    assigned_at: datetime | None
    answered_at: datetime | None
    first_read_at: datetime | None
    due_at: datetime | None
    wake_on: date | None
    outcome: str
    hops: int
    reopened: int
    merged_count: int
    support_count: int
    rating: str
    is_sample: bool
    photo: UUID | None

    @property
    def is_late(self) -> bool:
        return self.due_at is not None and self.due_at < clock.now()


_COLUMNS = (
    "id", "code", "version", "state", "phase", "is_open", "group", "priority", "process_id", "category_id", "unit_id", "agency_id",
    "officer_id", "visibility", "body", "address", "received_at", "updated_at", "assigned_at", "answered_at", "first_read_at", "due_at",
    "wake_on", "outcome", "hops", "reopened", "merged_count", "support_count", "rating", "is_sample",
)  # fmt: skip


def inbox(
    actor: Actor,
    queue: str = "",
    filters: Mapping[str, Any] | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[InboxRow]:
    """A page of a queue, what is due first on top, what is paused at the end. Two statements (three where a page reaches the paused).

    Filters: category, unit, agency (codes), group, priority, text. Raises Forbidden, Invalid.
    """
    queues = queues_for(actor)
    found = next((one for one in queues if one.name == (queue or queues[0].name)), None)
    if found is None:
        raise Invalid(_("There is no such queue."), fields={"queue": _("This is not one of the choices.")})
    cases = _filtered(Case.objects.filter(_seen_by(actor), found.condition(actor)), filters or {})
    rows = cases.values_list(*_COLUMNS, named=True)
    scope = f"inbox:{actor.id}:{found.name}"
    page = keyset(rows, order=("due_at", "id"), after=after, limit=limit, scope=scope)
    photos = first_photos((row.id for row in page.items), public_only=False)
    return Page([_row(row._asdict(), photos.get(row.id)) for row in page.items], page.next)


def _seen_by(actor: Actor) -> Q:
    """Cases that are in this desk's hands (merged ones are worked on through the case that stays)."""
    return Q() if access.sees_all(actor) else Q(agency_id__in=access.agencies_of(actor))


def _filtered(cases: QuerySet[Case], filters: Mapping[str, Any]) -> QuerySet[Case]:
    for name, value in filters.items():
        if value in (None, ""):
            continue
        match name:
            case "category":
                cases = cases.filter(category_id=code_of(reference.categories_by_code(), value, name).pk)
            case "agency":
                cases = cases.filter(agency_id=code_of(reference.agencies_by_code(), value, name).pk)
            case "unit":
                cases = cases.filter(unit_id=code_of(reference.units_by_code(), value, name).pk)
            case "group":
                cases = cases.filter(group=code_of({group: group for group in Category.Group.values}, value, name))
            case "priority":
                cases = cases.filter(priority=code_of({str(n): n for n in range(1, 5)}, str(value), name))
            case "text":
                cases = searched(cases, value)
            case _:
                raise Invalid(_("There is no such filter."), fields={name: _("There is no such filter.")})
    return cases


def _row(values: dict[str, Any], photo: UUID | None) -> InboxRow:
    values["body"] = values["body"][:280]
    return InboxRow(
        stage=stage_of(values.pop("process_id"), values["state"], values["phase"]),
        category=reference.categories()[values.pop("category_id")],
        unit=reference.units().get(values.pop("unit_id")),
        agency=reference.agencies().get(values.pop("agency_id")),
        photo=photo,
        **values,
    )


def inbox_counts(actor: Actor) -> dict[str, int]:
    """How many cases each queue of this desk holds. One statement over the open cases."""
    queues = queues_for(actor)
    conditions = {queue.name: queue.condition(actor) for queue in queues}
    cases = (
        Case.objects.filter(_seen_by(actor)).filter(OPEN | _rated_badly(actor))
        if "unhappy" in conditions
        else (Case.objects.filter(_seen_by(actor), OPEN))
    )
    return cases.aggregate(**{name: Count(F("pk"), filter=condition) for name, condition in conditions.items()})
