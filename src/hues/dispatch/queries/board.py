"""Open tasks, for everybody who watches them: the centre's board, the officer's list, the wall."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import get_language

from hues.cases import access as case_access
from hues.cases import processes, reference
from hues.cases.models import Case, CaseTimer
from hues.dispatch import access, texts
from hues.dispatch.models import OPEN, State, Task, TaskTimer
from hues.dispatch.queries.climbing import case_timers, task_timers
from hues.kernel import clock
from hues.kernel.actors import Actor

DONE_SHOWN = timedelta(hours=6)
MOST = 200  # tasks under way
WAITING_MOST = 100  # cases to which nobody is sent


@dataclass(frozen=True)
class TaskRow:
    """A task as lists and maps show it; nothing personal. Of a case that waits for somebody, `id` and `party` are empty."""

    id: UUID | None
    code: str
    title: str
    category: str
    icon: str
    party: str
    role: str
    state: str  # of models.State; "waiting" where nobody is sent
    since: datetime  # in this state
    due_at: datetime | None  # of the case
    promised_at: datetime | None
    ladder_rung: int  # steps climbed
    next_rung_at: datetime | None
    lat: float | None
    lon: float | None
    where: str
    urgent: bool
    late: bool
    agency_id: int | None = None
    declined: str = ""  # why the last party does not come


@dataclass(frozen=True)
class Board:
    """Who waits for whom: nobody sent, nobody accepted, under way, on the scene, just done."""

    waiting: list[TaskRow] = field(default_factory=list)
    sent: list[TaskRow] = field(default_factory=list)
    going: list[TaskRow] = field(default_factory=list)
    there: list[TaskRow] = field(default_factory=list)
    done: list[TaskRow] = field(default_factory=list)
    more: int = 0  # that are open and not among these: the page has an end, the flood may not

    def rows(self) -> Iterable[TaskRow]:
        for rows in (self.waiting, self.sent, self.going, self.there, self.done):
            yield from rows


def open_tasks(actor: Actor, *, limit: int = MOST) -> list[TaskRow]:
    """Open tasks that this viewer may see, what is worst first. Three statements."""
    rows, _hidden = _open(actor, None, limit)
    return rows


def _open(actor: Actor, agency_id: int | None, limit: int) -> tuple[list[TaskRow], int]:
    """The longest open, and how many more there are. Three statements, one more where there are more."""
    tasks = Task.objects.filter(access.visible_to(actor), state__in=OPEN)
    if agency_id is not None:
        tasks = tasks.filter(agency=agency_id)
    found = list(tasks.select_related("case", "team").order_by("sent_at")[: limit + 1])
    hidden = tasks.count() - limit if len(found) > limit else 0
    return sorted(_rows(found[:limit]), key=_worst_first), hidden


def mine(actor: Actor) -> tuple[list[TaskRow], list[TaskRow]]:
    """Of the officer's own agencies or person: what is open, and what was done lately. Six statements."""
    told = Task.objects.filter(people__person=actor.id).values("pk")
    own = Q(agency__in=actor.agency_ids) | Q(pk__in=told)
    rows = Task.objects.filter(own).select_related("case", "team")
    recent = rows.filter(ended_at__gt=clock.now() - timedelta(hours=12)).exclude(state__in=OPEN)
    going = sorted(_rows(list(rows.filter(state__in=OPEN).order_by("sent_at")[:MOST])), key=_worst_first)
    return going, _rows(list(recent.order_by("-ended_at")[:20]))


def board(actor: Actor, *, agency_id: int | None = None, kind: str = "", text: str = "") -> Board:
    """Everything under way, by how far it is. `kind`: late, declined. At most ten statements."""
    rows, hidden = _open(actor, agency_id, MOST)
    waiting, not_waited_for = _waiting(actor, agency_id)
    ended = Task.objects.filter(access.visible_to(actor), state=State.DONE, case__is_open=True, role=Task.Role.LEAD)
    ended = ended.filter(ended_at__gt=clock.now() - DONE_SHOWN, case__phase="checking")
    done = _rows(list(ended.select_related("case", "team").order_by("-ended_at")[:20]))
    every = [*waiting, *rows, *done]
    if agency_id is not None:
        every = [row for row in every if row.agency_id == agency_id]
    if kind == "late":
        every = [row for row in every if row.late]
    if text:
        every = [
            row for row in every if text.casefold() in f"{row.code} {row.title} {row.where} {row.party}".casefold()
        ]
    found = Board(more=hidden + not_waited_for)
    places = {
        "waiting": found.waiting, State.SENT: found.sent, State.ACCEPTED: found.going, State.ON_WAY: found.going,
        State.ARRIVED: found.there, State.DONE: found.done,
    }  # fmt: skip
    for row in every:
        places[row.state].append(row)
    return found


def _waiting(actor: Actor, agency_id: int | None) -> tuple[list[TaskRow], int]:
    """Urgent cases to which nobody is on the way, and how many more there are. Three statements, one more where there are more."""
    lead = Task.objects.filter(case=OuterRef("pk"), role=Task.Role.LEAD, state__in=OPEN)
    cases = Case.objects.filter(case_access.visible_to(actor), group="immediate", is_open=True)
    cases = cases.filter(Q(phase="intake") | Q(phase="handling", assigned_at__gt=clock.now() - timedelta(days=2)))
    cases = cases.filter(~Exists(lead))
    if agency_id is not None:
        cases = cases.filter(agency=agency_id)
    read = list(cases.order_by("due_at", "pk")[: WAITING_MOST + 1])
    hidden = cases.count() - WAITING_MOST if len(read) > WAITING_MOST else 0
    found = read[:WAITING_MOST]
    found = [case for case in found if _task_state(case) in ("", State.SENT)]
    timers = case_timers([case.pk for case in found])
    declined: dict[UUID, str] = {}
    for case_id, reason in (
        Task.objects.filter(case__in=found, state=State.DECLINED).order_by("ended_at").values_list("case_id", "reason")
    ):
        declined[case_id] = reason
    return [_row(case, None, timers.get(case.pk, []), declined.get(case.pk, "")) for case in found], hidden


def _task_state(case: Case) -> str:
    state = processes.process(case.process_id).states.get(case.state)
    return state.task if state else ""


def _rows(tasks: list[Task]) -> list[TaskRow]:
    """Two statements."""
    of_cases = case_timers({task.case_id for task in tasks if task.state == State.SENT})
    of_tasks = task_timers([task.pk for task in tasks])
    return [_row(task.case, task, _timers(task, of_cases, of_tasks)) for task in tasks]


def _timers(
    task: Task, of_cases: Mapping[UUID, list[CaseTimer]], of_tasks: Mapping[UUID, list[TaskTimer]]
) -> list[CaseTimer] | list[TaskTimer]:
    if task.state == State.SENT and task.role == Task.Role.LEAD:
        return of_cases.get(task.case_id, [])
    name = "accept" if task.state == State.SENT else "arrival"
    return [timer for timer in of_tasks.get(task.pk, []) if timer.ladder == name]


def _row(case: Case, task: Task | None, timers: list[CaseTimer] | list[TaskTimer], declined: str = "") -> TaskRow:
    language = get_language() or "vi"
    category = reference.categories()[case.category_id]
    climbed = sum(timer.fired_at is not None for timer in timers)
    waiting = [_due(timer) for timer in timers if timer.fired_at is None and getattr(timer, "spared_at", None) is None]
    now = clock.now()
    going = task is not None and task.state in (State.ACCEPTED, State.ON_WAY)
    late = bool(climbed) or bool(case.due_at and case.due_at < now)
    late = late or bool(going and task and task.promised_at and task.promised_at < now)
    return TaskRow(
        id=task.pk if task else None,
        code=case.code,
        title=category.name(language),
        category=category.code,
        icon=category.icon,
        party=texts.party_of(task, language) if task else _agency(case, language),
        role=task.role if task else "",
        state=task.state if task else "waiting",
        since=_since(task) if task else case.assigned_at or case.received_at,
        due_at=case.due_at,
        promised_at=task.promised_at if task else None,
        ladder_rung=climbed,
        next_rung_at=min(waiting, default=None) if task is None or task.is_open else None,
        lat=case.lat,
        lon=case.lon,
        where=texts.where(case, language),
        urgent=case.priority == 1,
        late=late and (task is None or task.is_open),
        agency_id=task.agency_id if task else case.agency_id,
        declined=declined,
    )


def _agency(case: Case, language: str) -> str:
    agency = reference.agencies().get(case.agency_id or 0)
    return agency.name(language) if agency else ""


def _due(timer: CaseTimer | TaskTimer) -> datetime:
    return timer.fire_at if isinstance(timer, CaseTimer) else timer.due_at


def _since(task: Task) -> datetime:
    moments = {State.ACCEPTED: task.accepted_at, State.ON_WAY: task.set_out_at, State.ARRIVED: task.arrived_at}
    return moments.get(State(task.state)) or task.ended_at or task.sent_at


def _worst_first(row: TaskRow) -> tuple[bool, int, datetime]:
    return (not row.urgent, -row.ladder_rung, row.next_rung_at or row.promised_at or row.since)
