"""The tasks of an incident, and how far each has come: read from the case that carries it, and from the party that was sent."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from hues.cases.models import Case
from hues.command import hands
from hues.command.models import Incident, IncidentTask
from hues.kernel import clock

STATES = {
    "given": _("Given, not yet accepted"),
    "accepted": _("Accepted"),
    "on_way": _("On the way"),
    "arrived": _("On the scene"),
    "reported": _("Reported as done"),
    "done": _("Done"),
    "returned": _("Returned"),
    "handed_over": _("Goes on as a case"),
    "called_off": _("Called off"),
}
TONES = {
    "given": "warn", "accepted": "info", "on_way": "info", "arrived": "purple", "reported": "good", "done": "good",
    "returned": "bad", "handed_over": "", "called_off": "",
}  # fmt: skip
ENDED = frozenset({"reported", "done", "handed_over", "called_off"})
_OF_PARTY = {
    "sent": "given", "accepted": "accepted", "on_way": "on_way", "arrived": "arrived", "done": "reported",
    "declined": "returned", "cancelled": "called_off",
}  # fmt: skip
_OF_CASE = {"accepted": "accepted", "on_the_way": "on_way", "on_scene": "arrived"}  # states of the immediate process


@dataclass(frozen=True)
class TaskRow:
    id: UUID
    number: int
    title: str
    text: str
    way: str
    agency_id: int
    agency: str
    sector_id: int | None
    objective_id: int | None
    case_id: UUID
    case: str  # its code
    lat: float | None
    lon: float | None
    state: str
    given_at: datetime
    due_at: datetime | None
    late: bool
    remains: str  # the code of the case that goes on, or ""

    @property
    def open(self) -> bool:
        return self.state not in ENDED

    @property
    def word(self) -> str:
        return str(STATES[self.state])

    @property
    def tone(self) -> str:
        return TONES[self.state]


def state_of(task: IncidentTask, case: Case, party: str = "") -> str:
    """Pure. `party` is the state of the party's own task, "" where there is none."""
    if task.called_off_at:
        return "called_off"
    if task.handed_over_at:
        return "handed_over"
    if case.phase == "done":
        return "called_off" if case.state == "withdrawn" else "done"
    if case.phase == "checking":
        return "reported"
    if party in _OF_PARTY:
        return _OF_PARTY[party]
    if case.phase == "intake":
        return "returned" if case.hops or case.assigned_at else "given"
    if task.way == IncidentTask.Way.IMMEDIATE:
        return _OF_CASE.get(case.state, "given")
    return "accepted" if case.started_at or case.officer_id else "given"


def task_rows(incident: Incident, language: str, *, agencies: Iterable[int] | None = None) -> list[TaskRow]:
    """All tasks, or those of some agencies; open and late ones first. At most two statements."""
    rows = incident.tasks.select_related("case", "agency", "remains")
    if agencies is not None:
        rows = rows.filter(agency__in=list(agencies))
    return sorted(_rows(rows, language), key=lambda row: (not row.open, not row.late, row.due_at or row.given_at))


def open_tasks(incident: Incident) -> list[TaskRow]:
    """What still has to be done. At most two statements."""
    rows = incident.tasks.filter(called_off_at=None, handed_over_at=None).select_related("case", "agency", "remains")
    return [row for row in _rows(rows, "vi") if row.open]


def open_counts(incident_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many tasks of each incident still have to be done, by the cases that carry them. One statement."""
    if not incident_ids:
        return {}
    rows = IncidentTask.objects.filter(incident__in=incident_ids, called_off_at=None, handed_over_at=None)
    counted = rows.exclude(case__phase__in=("checking", "done")).values_list("incident").annotate(n=Count("pk"))
    return dict(counted.order_by())


def _rows(tasks: Iterable[IncidentTask], language: str) -> list[TaskRow]:
    found = list(tasks)
    parties = hands.parties([task.dispatch_id for task in found if task.dispatch_id])
    return [_row(task, _party(task, parties), language) for task in found]


def _party(task: IncidentTask, parties: Mapping[UUID, hands.Party]) -> str:
    party = parties.get(task.dispatch_id) if task.dispatch_id else None
    return party.state if party else ""


def is_open(task: IncidentTask) -> bool:
    """At most one statement."""
    parties = hands.parties([task.dispatch_id]) if task.dispatch_id else {}
    return state_of(task, task.case, _party(task, parties)) not in ENDED


def _row(task: IncidentTask, party: str, language: str) -> TaskRow:
    case: Case = task.case
    state = state_of(task, case, party)
    due = task.due_at or case.due_at
    return TaskRow(
        id=task.pk,
        number=task.number,
        title=task.title,
        text=task.text,
        way=task.way,
        agency_id=task.agency_id,
        agency=task.agency.name(language),
        sector_id=task.sector_id,
        objective_id=task.objective_id,
        case_id=case.pk,
        case=case.code,
        lat=case.lat,
        lon=case.lon,
        state=state,
        given_at=task.given_at,
        due_at=due,
        late=state not in ENDED and due is not None and due < clock.now(),
        remains=task.remains.code if task.remains else "",
    )
