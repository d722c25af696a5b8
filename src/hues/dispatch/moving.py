"""What becomes of a task: rows, the shared log, the journal, who is told. Called inside the transaction that has the case locked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hues.cases import arrival, processes
from hues.cases.arrival import Position, distance_to
from hues.cases.change import category_of
from hues.cases.models import Case
from hues.dispatch import ladders, parties, texts
from hues.dispatch.models import OPEN, LogLine, State, Task, TaskPerson
from hues.kernel import clock, journal
from hues.kernel.actors import Actor
from hues.kernel.journal import Notify

USUAL_MINUTES = 30  # to be there, where neither the way nor the kind of case says anything
LATER = timedelta(minutes=1)  # what came in so much after it happened was written without a network


@dataclass(frozen=True)
class Order:
    """Whom to send, beside the agency: from the list of the nearest."""

    team_id: UUID | None = None
    people: tuple[UUID, ...] = ()
    note: str = ""
    distance_m: float | None = None
    minutes: int | None = None


@dataclass(frozen=True)
class Move:
    """One move of a party: who, when it happened, where they are, what they say."""

    person_id: UUID | None
    at: datetime
    minutes: int | None = None  # promised, on accepting
    position: Position | None = None
    photos: tuple[UUID, ...] = ()
    text: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def open_tasks_of(case: Case) -> list[Task]:
    """Locked, the lead first."""
    rows = Task.objects.select_for_update(of=("self",)).select_related("team").filter(case=case.pk, state__in=OPEN)
    return sorted(rows, key=lambda task: (task.role != Task.Role.LEAD, task.sent_at))


def create(case: Case, agency_id: int, role: str, *, actor: Actor, order: Order, quiet: bool = False) -> Task:
    """Send a party; `quiet` where it only catches up with what the case says already."""
    now = clock.now()
    task = Task.objects.create(
        case=case, agency_id=agency_id, team_id=order.team_id, role=role, note=order.note, sent_at=now, sent_by_id=actor.id,
        distance_m=order.distance_m, minutes=order.minutes, is_sample=case.is_sample,
    )  # fmt: skip
    people = parties.people_for(agency_id, order.team_id, order.people)
    TaskPerson.objects.bulk_create(TaskPerson(task=task, person_id=one, place=n) for n, one in enumerate(people))
    if role == Task.Role.SUPPORT:
        ladders.begin(task, processes.process(case.process_id), ladders.ACCEPT, now)
    if quiet:
        return task
    note_line(case, task, "sent", actor, body=order.note, facts={"role": role})
    said = texts.fill(texts.SAID["support" if role == Task.Role.SUPPORT else "sent"], task, case)
    record(
        case, task, actor, "sent", said, facts={"people": len(people)}, notify=calls_to_go(case, task, people, actor)
    )
    return task


def calls_to_go(case: Case, task: Task, people: Iterable[UUID], actor: Actor) -> list[Notify]:
    data = {"code": case.code, "texts": texts.to_go(task, case), "urgent": True}
    return [Notify(one, "task.sent", f"/desk/tasks/{task.pk}", data) for one in people if one != actor.id]


def advance(case: Case, task: Task, state: str, *, actor: Actor, move: Move) -> None:
    """The party is so far now. Steps that were left out happened with it. Nothing where it was as far already."""
    if task.reached(state):
        return
    place = State(state)
    if not task.reached(State.ACCEPTED):
        _accept(case, task, move)
    if place == State.ON_WAY:
        task.set_out_at = move.at
    if place == State.ARRIVED or (place == State.DONE and move.photos and not task.reached(State.ARRIVED)):
        _arrive(case, task, move)
    if place == State.DONE:
        task.ended_at = move.at
        ladders.spare(task, clock.now())
    if clock.now() - move.at > LATER:
        task.marks = {**task.marks, state: clock.now().isoformat()}
    task.state = place
    task.save()
    facts = {
        **move.facts,
        **({"metres": round(task.arrived_m)} if place == State.ARRIVED and task.arrived_m is not None else {}),
    }
    if place == State.ACCEPTED and task.promised_at:
        facts["promised_at"] = task.promised_at.isoformat()
    note_line(case, task, state, actor, body=move.text, facts=facts, happened_at=move.at, photos=move.photos)
    if task.role == Task.Role.SUPPORT:  # of the lead the case's own step tells
        record(case, task, actor, state, texts.fill(texts.SAID[state], task, case))


def _accept(case: Case, task: Task, move: Move) -> None:
    task.taken_by_id = move.person_id
    task.accepted_at = move.at
    task.promised_at = move.at + timedelta(minutes=move.minutes or task.minutes or usual_minutes(case))
    ladders.begin(task, processes.process(case.process_id), ladders.ARRIVAL, move.at)


def _arrive(case: Case, task: Task, move: Move) -> None:
    task.arrived_at = move.at
    task.arrived_m = distance_to(case.lat, case.lon, move.position)
    near = arrival.refusal(case.lat, case.lon, move.position, None, arrival.WITHIN_M) is None
    task.arrived_by = "position" if near else "photo" if move.photos else ""
    ladders.spare(task, clock.now())


def usual_minutes(case: Case) -> int:
    """What the kind of case grants until somebody is there."""
    first = category_of(case).first_target or {}
    return min(int(first.get("minutes") or USUAL_MINUTES), 60)


def end(
    case: Case, task: Task, state: str, *, actor: Actor, reason: str | Mapping[str, str], tell: bool = True
) -> None:
    """Declined, or stood down: whoever was on the way is told at once, and of a party that cannot come the centre."""
    now = clock.now()
    task.state, task.ended_at = State(state), now
    task.reason = (reason if isinstance(reason, str) else reason.get("vi", ""))[:1000]
    task.save()
    ladders.spare(task, now)
    note_line(case, task, state, actor, body=task.reason)
    notify: list[Notify] = []
    if state == State.CANCELLED and tell:
        data = {
            "code": case.code,
            "texts": texts.fill(texts.TOLD["cancelled"], task, case, reason=reason),
            "urgent": True,
        }
        notify = [
            Notify(one, "task.cancelled", f"/desk/tasks/{task.pk}", data)
            for one in parties.told_of(task)
            if one != actor.id
        ]
    if state == State.DECLINED and task.role == Task.Role.SUPPORT:
        data = {
            "code": case.code,
            "texts": texts.fill(texts.TOLD["declined"], task, case, reason=reason),
            "urgent": True,
        }
        to = [task.sent_by_id] if task.sent_by_id else []
        notify = [Notify(one, "task.declined", f"/desk/dispatch/{case.code}", data) for one in to if one != actor.id]
    record(case, task, actor, str(state), texts.fill(texts.SAID[state], task, case, reason=reason), notify=notify)


def resume(case: Case, task: Task, *, actor: Actor) -> None:
    """It was said to be done, and is not: the party is on the scene still."""
    task.state, task.ended_at = State.ARRIVED, None
    task.arrived_at = task.arrived_at or clock.now()
    task.save()
    note_line(case, task, "resumed", actor)


def note_line(
    case: Case,
    task: Task | None,
    kind: str,
    actor: Actor,
    *,
    body: str = "",
    facts: Mapping[str, Any] | None = None,
    happened_at: datetime | None = None,
    photos: Iterable[UUID] = (),
) -> LogLine:
    """A line of the shared log, with further lines for further photos."""
    now = clock.now()
    earlier = happened_at if happened_at is not None and now - happened_at > LATER else None
    agency_id = task.agency_id if task is not None and not actor.in_centre and actor.kind == "staff" else None
    pictures: list[UUID | None] = list(photos) or [None]
    lines = [
        LogLine(
            case=case, task=task, kind=kind if n == 0 else "photo", author_id=actor.id if actor.kind == "staff" else None,
            agency_id=agency_id, body=body if n == 0 else "", facts=dict(facts or {}) if n == 0 else {}, file_id=picture,
            at=now, happened_at=earlier,
        )
        for n, picture in enumerate(pictures)
    ]  # fmt: skip
    for line in lines:
        line.save(force_insert=True)
    return lines[0]


def record(
    case: Case,
    task: Task,
    actor: Actor,
    what: str,
    said: Mapping[str, str],
    *,
    facts: Mapping[str, Any] | None = None,
    notify: Iterable[Notify] = (),
) -> None:
    journal.record(
        actor=actor,
        action=f"task.{what}",
        subject_kind="case",
        subject_id=case.pk,
        topics=topics(case, task),
        staff={"said": dict(said), "task": str(task.pk), "role": task.role, "agency": task.agency_id, **(facts or {})},
        notify=notify,
    )


def topics(case: Case, *tasks: Task) -> set[str]:
    """The streams that a move touches: the case's, the centre's, those of every party."""
    agencies = {case.agency_id, *(task.agency_id for task in tasks)} - {None}
    return {f"case:{case.pk}", "centre", *(f"agency:{agency_id}" for agency_id in agencies)}
