"""What a party does: accept, go, arrive, finish, or say that it cannot. Pressed twice, or sent again by a phone, it happens once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hues.cases import arrival, engine, files, processes
from hues.cases.arrival import Position
from hues.cases.models import Case, CaseFile
from hues.city.clock import time_text
from hues.dispatch import access, held, moving, steps
from hues.dispatch.actions.sending import _reason
from hues.dispatch.models import State, Task
from hues.dispatch.moving import Move
from hues.kernel import clock, text
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid

LONGEST_PROMISE = 240  # minutes
LATE_AT_MOST = timedelta(hours=12)  # what a phone kept longer is dated by when it came
MOST_PHOTOS = 10
LEAST_WORDS = 10  # of support, about what it did


def accept_task(
    *,
    actor: Actor,
    task_id: UUID,
    minutes: int | None = None,
    person_id: UUID | None = None,
    happened_at: datetime | None = None,
) -> Task:
    """The party comes, in so many minutes. The centre notes it for `person_id`, whom it has on the telephone."""
    if minutes is not None and not 1 <= minutes <= LONGEST_PROMISE:
        problem = _("This must be between {least} and {most}.").format(least=1, most=LONGEST_PROMISE)
        raise Invalid(problem, fields={"minutes": problem})
    return _go(actor, task_id, State.ACCEPTED, happened_at, person_id=person_id, minutes=minutes)


def set_out(*, actor: Actor, task_id: UUID, happened_at: datetime | None = None) -> Task:
    return _go(actor, task_id, State.ON_WAY, happened_at)


def arrive(
    *,
    actor: Actor,
    task_id: UUID,
    lat: float | None = None,
    lon: float | None = None,
    accuracy_m: float | None = None,
    photos: Sequence[UUID] = (),
    happened_at: datetime | None = None,
) -> Task:
    """There: the position is within 100 m of the case, or there is a photo from the scene. Else Invalid says how far away one is."""
    given = {"lat": lat, "lon": lon, "accuracy_m": accuracy_m} if lat is not None and lon is not None else None
    position = arrival.read_position(given)
    return _go(actor, task_id, State.ARRIVED, happened_at, position=position, photos=tuple(photos)[:MOST_PHOTOS])


def finish_task(
    *,
    actor: Actor,
    task_id: UUID,
    outcome: str = "",
    note: str = "",
    photos: Sequence[UUID] = (),
    happened_at: datetime | None = None,
) -> Task:
    """Done, with the evidence that the process asks of the lead; support says what it did."""
    data = {"outcome": outcome, "text": note, "files": list(photos)[:MOST_PHOTOS]}
    return _go(actor, task_id, State.DONE, happened_at, photos=tuple(photos)[:MOST_PHOTOS], text=note, data=data)


def decline_task(*, actor: Actor, task_id: UUID, reason: str) -> Task:
    """This party cannot come: the case waits for somebody else, its ladder goes on. Said twice is once."""
    with transaction.atomic():
        case, task = held.hold(actor, task_id)
        if not (access.goes(actor, task) or actor.in_centre):
            raise Forbidden(_("This task is for somebody else."))
        reason = _reason(reason)
        if task.state == State.DECLINED:
            return task
        _check_open(task)
        if task.role == Task.Role.LEAD and _in_process(case):
            change = engine.begin(actor, case, steps.CANNOT)
            engine.fill(change, {"reason": reason})
            engine.complete(change)
            task.refresh_from_db()
        else:
            moving.end(case, task, State.DECLINED, actor=actor, reason=reason)
    return task


def _go(
    actor: Actor,
    task_id: UUID,
    state: State,
    happened_at: datetime | None,
    *,
    person_id: UUID | None = None,
    minutes: int | None = None,
    position: Position | None = None,
    photos: tuple[UUID, ...] = (),
    text: str = "",
    data: Mapping[str, Any] | None = None,
) -> Task:
    with transaction.atomic():
        case, task = held.hold(actor, task_id)
        person = _who(actor, task, state, person_id)
        if task.reached(state):
            return _again(task, state, person)
        _check_open(task)
        move = Move(person, _moment(happened_at, task), minutes=minutes, position=position, photos=photos, text=text)
        if task.role == Task.Role.LEAD and _in_process(case):
            _take_steps(actor, case, task, state, move, data or {"position": position, "files": list(photos)})
            task.refresh_from_db()
        else:
            _support(actor, case, task, state, move)
    return task


def _who(actor: Actor, task: Task, state: State, person_id: UUID | None) -> UUID | None:
    """Who takes it: whoever acts, or whom the centre has on the telephone. Raises Forbidden, Invalid."""
    if access.goes(actor, task) and (person_id is None or person_id == actor.id):
        return actor.id
    if not actor.in_centre or state not in (State.ACCEPTED, State.ON_WAY):
        raise Forbidden(_("This task is for somebody else."))
    if person_id is not None:
        colleague = Actor("staff", person_id)
        known = task.people.filter(person=person_id).exists() or person_id in _call_list(task)
        if not known and not access.goes(colleague, task):
            raise Invalid(_("There is nobody of this agency with that name."))
    return person_id


def _call_list(task: Task) -> list[UUID]:
    from hues.dispatch import parties

    return parties.behind(task.agency_id, task.team)


def _again(task: Task, state: State, person: UUID | None) -> Task:
    """It happened already. Whoever accepts after a colleague is told who goes."""
    if state == State.ACCEPTED and task.taken_by_id not in (None, person) and task.accepted_at and task.taken_by:
        raise Conflict(
            _("{name} accepted it at {time}.").format(name=task.taken_by.name, time=time_text(task.accepted_at))
        )
    return task


def _check_open(task: Task) -> None:
    if task.state == State.CANCELLED and task.ended_at:
        said = _("You were called back at {time}: {reason}. Nobody has to go.")
        raise Conflict(said.format(time=time_text(task.ended_at), reason=task.reason))
    if not task.is_open:
        raise Conflict(_("This task is over already."))


def _moment(happened_at: datetime | None, task: Task) -> datetime:
    """When it happened: what a phone kept without a network keeps its own time, as far as that can be."""
    now = clock.now()
    if happened_at is None or happened_at > now or happened_at < now - LATE_AT_MOST:
        return now
    return max(happened_at, task.sent_at)


def _in_process(case: Case) -> bool:
    return bool(processes.process(case.process_id).sends)


def _take_steps(actor: Actor, case: Case, task: Task, state: State, move: Move, data: Mapping[str, Any]) -> None:
    """The case's own step, and the accepting that was left out before it; the task goes along with each."""
    process = processes.process(case.process_id)
    wanted = (
        [State.ACCEPTED, state]
        if not task.reached(State.ACCEPTED) and state in (State.ARRIVED, State.DONE)
        else [state]
    )
    for one in wanted:
        step = process.steps[steps.TO[one]]
        if case.state not in step.source and _at(case) == one:  # the case is as far already, only the task is not
            moving.advance(case, task, one, actor=actor, move=move)
            continue
        told: dict[str, Any] = {"move": move}
        if move.person_id is not None and move.person_id != actor.id:
            told["taken_for"] = move.person_id
        change = engine.begin(actor, case, step.name, told=told)
        engine.fill(change, {name: value for name, value in data.items() if name in step.fields and value})
        engine.complete(change)


def _at(case: Case) -> str:
    state = processes.process(case.process_id).states.get(case.state)
    return state.task if state else ""


def _support(actor: Actor, case: Case, task: Task, state: State, move: Move) -> None:
    """A party beside the lead: the same rules, without steps of the case."""
    if state == State.ARRIVED:
        within = arrival.WITHIN_M
        if reason := arrival.refusal(case.lat, case.lon, move.position, move.photos, within):
            raise Invalid(reason, fields={"files": reason})
    if state == State.DONE:
        _check_support_done(task, move)
    role = CaseFile.Role.AFTER if state == State.DONE else CaseFile.Role.NOTE
    files.attach(case.pk, list(move.photos), actor=actor, role=role, at=clock.now())
    moving.advance(case, task, state, actor=actor, move=move)


def _check_support_done(task: Task, move: Move) -> None:
    """Support says what it did, and was there or shows a photo. Raises Invalid."""
    said = text.clean(move.text, max_length=2000, multiline=True, field="text")
    if len(said.strip()) < LEAST_WORDS:
        short = _("Please write a little more: at least {n} characters.").format(n=LEAST_WORDS)
        raise Invalid(short, fields={"text": short})
    if not (task.reached(State.ARRIVED) or move.photos):
        away = _("Nobody has arrived yet. Say first that you are there, or add a photo from the scene.")
        raise Invalid(away, fields={"files": away})
