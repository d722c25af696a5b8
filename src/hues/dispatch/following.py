"""Tasks go along with the steps of a case, at whichever door those are taken: the desk, the console, the API, a timer."""

from uuid import UUID

from hues.cases.change import Change
from hues.cases.definition import State as CaseState
from hues.dispatch import moving, texts
from hues.dispatch.models import State, Task
from hues.dispatch.moving import Move, Order


def follow(change: Change, before: CaseState) -> None:
    """Nothing, and no statement, where nobody is sent in this process."""
    after = change.process.states[change.case.state]
    if not before.task and not after.task:
        return
    if after.task == State.SENT:
        _sent(change, before)
    elif after.task:
        _moved(change, before, after.task)
    else:
        _left(change)


def _sent(change: Change, before: CaseState) -> None:
    """A new lead where there is none of this agency; where the lead cannot come, the place stays free until somebody is chosen."""
    case = change.case
    open_tasks = moving.open_tasks_of(case)
    lead = next((task for task in open_tasks if task.role == Task.Role.LEAD), None)
    if change.told.get("passed_on"):
        if lead is not None:
            stood_down = change.told.get("stood_down")
            state = State.CANCELLED if stood_down else State.DECLINED
            moving.end(case, lead, state, actor=change.actor, reason=change.data.get("reason") or "")
        return
    order = change.told.get("order")
    if lead is not None and lead.agency_id == case.agency_id and before.task == State.SENT and order is None:
        return
    if lead is not None:
        moving.end(case, lead, State.CANCELLED, actor=change.actor, reason=texts.GIVEN_TO_OTHERS)
    if before.task not in ("", State.SENT):  # begun anew
        for task in open_tasks:
            if task.role != Task.Role.LEAD:
                moving.end(case, task, State.CANCELLED, actor=change.actor, reason=texts.GIVEN_TO_OTHERS)
    if case.agency_id is not None:
        moving.create(case, case.agency_id, Task.Role.LEAD, actor=change.actor, order=order or Order())


def _moved(change: Change, before: CaseState, state: str) -> None:
    case = change.case
    lead = next((task for task in moving.open_tasks_of(case) if task.role == Task.Role.LEAD), None)
    if before.task == State.DONE:  # sent back by the centre
        last = Task.objects.select_related("team").filter(case=case.pk, role=Task.Role.LEAD, state=State.DONE)
        if lead is None and (done := last.order_by("-ended_at").first()) is not None:
            moving.resume(case, done, actor=change.actor)
        return
    if lead is None and case.agency_id is not None:  # it came from elsewhere, or is older than this room
        lead = moving.create(case, case.agency_id, Task.Role.LEAD, actor=change.actor, order=Order(), quiet=True)
    if lead is not None:
        moving.advance(case, lead, state, actor=change.actor, move=change.told.get("move") or _move_of(change))


def _move_of(change: Change) -> Move:
    """A step that was taken at the desk, as a move of the party."""
    files: list[UUID] = change.data.get("files") or []
    person = None if change.actor.in_centre and change.actor.id != change.case.officer_id else change.actor.id
    text = str(change.data.get("text") or "")
    return Move(person, change.at, position=change.data.get("position"), photos=tuple(files), text=text)


def _left(change: Change) -> None:
    """The case is with nobody on the road any more: returned to the centre, merged, answered."""
    declined = "officer" in change.roles and not change.actor.in_centre
    reason = change.data.get("reason")
    for task in moving.open_tasks_of(change.case):
        if declined and task.role == Task.Role.LEAD:
            moving.end(change.case, task, State.DECLINED, actor=change.actor, reason=str(reason or ""))
        else:
            said = reason if isinstance(reason, str) and reason and not change.step.fields["reason"].options else None
            moving.end(change.case, task, State.CANCELLED, actor=change.actor, reason=said or texts.NOBODY_NEEDED)
