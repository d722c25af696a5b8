"""Sending a party to a case, and calling it back."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hues.cases import engine, processes, reference
from hues.cases.models import Case
from hues.dispatch import access, held, moving, steps
from hues.dispatch.models import State, Task
from hues.dispatch.moving import Order
from hues.duty.models import Team
from hues.kernel import text
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid
from hues.people.models import Membership
from hues.people.queries import today, valid_on

NOTE_MAX = 500


def send_task(
    *,
    actor: Actor,
    code: str,
    agency_id: int,
    team_id: UUID | None = None,
    persons: Sequence[UUID] = (),
    note: str = "",
    distance_m: float | None = None,
    minutes: int | None = None,
) -> Task:
    """Send a party: the first leads, further ones support it. Sent twice, it is one task.

    The people of the team on duty are told at once by every way there is. Raises NotFound, Forbidden, Conflict, Invalid.
    """
    with transaction.atomic():
        case = engine.lock(actor, code)
        if not access.may_send(actor, case, agency_id):
            raise Forbidden(_("Only the centre sends others."))
        order = _order(agency_id, team_id, persons, note, distance_m, minutes)
        open_tasks = moving.open_tasks_of(case)
        for task in open_tasks:
            if (task.agency_id, task.team_id) == (agency_id, team_id):
                return task
        if any(task.role == Task.Role.LEAD for task in open_tasks):
            return moving.create(case, agency_id, Task.Role.SUPPORT, actor=actor, order=order)
        return _send_lead(actor, case, agency_id, order)


def _send_lead(actor: Actor, case: Case, agency_id: int, order: Order) -> Task:
    process = processes.process(case.process_id)
    at = process.states[case.state].task if case.state in process.states else ""
    if not process.sends:
        raise Conflict(_("Nobody is sent out for this kind of case. Change the category first."))
    if at == State.DONE:
        raise Conflict(_("It is done already. What remains can become a case of its own."))
    if at == State.SENT and case.agency_id == agency_id:
        return moving.create(case, agency_id, Task.Role.LEAD, actor=actor, order=order)
    if at not in ("", State.SENT):  # under way without a task of ours: the new party leads from here on
        return moving.create(case, agency_id, Task.Role.LEAD, actor=actor, order=order)
    change = engine.begin(actor, case, steps.SEND_ON if at == State.SENT else steps.SEND)
    change.told["order"] = order
    engine.fill(change, {"agency": reference.agencies()[agency_id].code})
    engine.complete(change)
    return Task.objects.select_related("team").get(case=case.pk, role=Task.Role.LEAD, state=State.SENT)


def _order(
    agency_id: int,
    team_id: UUID | None,
    persons: Sequence[UUID],
    note: str,
    distance_m: float | None,
    minutes: int | None,
) -> Order:
    """Raises Invalid on an agency, a team or people that cannot be sent."""
    agency = reference.agencies().get(agency_id)
    if agency is None or agency.valid_to is not None:
        raise Invalid(_("There is no such agency."), fields={"agency": _("There is no such agency.")})
    if team_id is not None and not Team.objects.filter(pk=team_id, agency=agency_id, active=True).exists():
        raise Invalid(_("There is no such team."), fields={"team": _("There is no such team.")})
    people = tuple(dict.fromkeys(persons))
    if people:
        held_by = Membership.objects.filter(valid_on(today()), user__in=people, user__is_active=True)
        if not reference.is_centre(agency_id):
            held_by = held_by.filter(agency=agency_id)
        if set(people) - set(held_by.values_list("user_id", flat=True)):
            reason = _("There is nobody of this agency with that name.")
            raise Invalid(reason, fields={"persons": reason})
    said = text.clean(note, max_length=NOTE_MAX, multiline=True, field="note")
    return Order(team_id, people, said, distance_m, minutes)


def stand_down(*, actor: Actor, task_id: UUID, reason: str) -> Task:
    """One party is not needed: its people are told at once. Without a lead the case waits for somebody again.

    Stood down twice is once. Raises NotFound, Forbidden, Conflict, Invalid.
    """
    with transaction.atomic():
        case, task = held.hold(actor, task_id)
        if not access.may_send(actor, case, task.agency_id):
            raise Forbidden(_("Only the centre sends others."))
        reason = _reason(reason)
        if task.state == State.CANCELLED:
            return task
        if not task.is_open:
            raise Conflict(_("This task is over already."))
        at = _task_state(case)
        if task.role == Task.Role.LEAD and at in (State.SENT, State.ACCEPTED, State.ON_WAY):
            change = engine.begin(actor, case, steps.CANNOT)
            change.told["stood_down"] = True
            engine.fill(change, {"reason": reason})
            engine.complete(change)
            task.refresh_from_db()
        elif task.role == Task.Role.LEAD and at == State.ARRIVED:
            raise Conflict(_("The lead is on the scene. Call everybody back, or let them finish."))
        else:
            moving.end(case, task, State.CANCELLED, actor=actor, reason=reason)
    return task


def recall_all(*, actor: Actor, code: str, reason: str) -> Case:
    """Everybody comes back; the case returns to the centre. Raises NotFound, Forbidden, Conflict, Invalid."""
    return engine.take_step(actor=actor, code=code, step=steps.RECALL, data={"reason": reason})


def _task_state(case: Case) -> str:
    state = processes.process(case.process_id).states.get(case.state)
    return state.task if state else ""


def _reason(given: str) -> str:
    reason = text.clean(given, max_length=1000, multiline=True, field="reason")
    if len(reason) < 5:
        problem = _("Please write a little more: at least {n} characters.").format(n=5)
        raise Invalid(problem, fields={"reason": problem})
    return reason
