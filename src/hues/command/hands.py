"""What other rooms do for an incident: parties are sent (dispatch), orders are given (orders), teams are on duty (duty), calls (hotline)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from hues.cases.actions import take_step
from hues.cases.models import Case
from hues.dispatch.actions import send_task, stand_down
from hues.dispatch.models import Task
from hues.duty import queries as duty
from hues.duty.models import Team
from hues.hotline.models import Call
from hues.kernel.actors import LEAD, Actor, Grant
from hues.orders.actions import give_order


@dataclass(frozen=True)
class Party:
    """How far a party that was sent has come, and when."""

    state: str  # sent, accepted, on_way, arrived, done, declined, cancelled
    accepted_at: datetime | None = None
    arrived_at: datetime | None = None
    ended_at: datetime | None = None


def in_command(actor: Actor) -> Actor:
    """Whoever works for an incident acts in the centre's name in what it needs: sends parties, gives orders, opens cases. The caller has checked
    that they stand so to a running incident.
    """
    if actor.kind == "system":
        return actor
    return Actor(actor.kind, actor.id, actor.name, actor.grants | {Grant(LEAD)}, actor.language)


def send(actor: Actor, case: Case, agency_id: int, note: str, team_id: UUID | None = None) -> UUID:
    """Send a party for a case. Returns the party's task."""
    actor = in_command(actor)
    return send_task(actor=actor, code=case.code, agency_id=agency_id, team_id=team_id, note=note).pk


def order(actor: Actor, agency_id: int, title: str, text: str, due_at: datetime, **more: Any) -> Case:
    """Give an order in the centre's name. `more`: evidence, source, is_sample."""
    return give_order(actor=in_command(actor), agency_id=agency_id, title=title, text=text, due_at=due_at, **more)


def withdraw(actor: Actor, case: Case, reason: str) -> None:
    """Take an order back that nobody has reported on yet."""
    take_step(actor=in_command(actor), code=case.code, step="withdraw", data={"reason": reason})


def parties(task_ids: Collection[UUID]) -> dict[UUID, Party]:
    """Parties by the ids of their tasks. One statement, none for none."""
    if not task_ids:
        return {}
    tasks = Task.objects.filter(pk__in=task_ids).only("state", "accepted_at", "arrived_at", "ended_at")
    return {task.pk: Party(task.state, task.accepted_at, task.arrived_at, task.ended_at) for task in tasks}


def call_back(actor: Actor, task_id: UUID, reason: str) -> None:
    """Tell a party that it is not needed. Raises Conflict where it is on the scene and leads."""
    stand_down(actor=in_command(actor), task_id=task_id, reason=reason)


def tasks_of(case: Case) -> list[Task]:
    """Parties that were sent for a case and are at work. One statement."""
    tasks = Task.objects.filter(case=case).exclude(state__in=("done", "declined", "cancelled"))
    return list(tasks.select_related("agency").order_by("sent_at"))


def teams(agency_ids: Collection[int]) -> list[Team]:
    """Teams of these agencies that may be committed. One statement."""
    if not agency_ids:
        return []
    found = Team.objects.filter(agency__in=agency_ids, active=True)
    return list(found.select_related("agency").order_by("agency_id", "name"))


def team(team_id: UUID) -> Team | None:
    return Team.objects.filter(pk=team_id, active=True).select_related("agency").first()


def on_duty(agency_id: int) -> list[duty.OnDuty]:
    return duty.on_duty(agency_id)


def call(call_id: UUID | str) -> Call | None:
    """A call of the hotline by id or code."""
    calls = Call.objects.select_related("case")
    try:
        return calls.filter(pk=call_id if isinstance(call_id, UUID) else UUID(call_id)).first()
    except ValueError:
        return calls.filter(code=str(call_id).strip().upper()[:16]).first()


def calls_since(since: datetime, *, skip: Collection[UUID], limit: int) -> list[Call]:
    """Calls that came in since a moment, the newest first. One statement."""
    found = Call.objects.filter(rang_at__gte=since, direction="in").exclude(pk__in=list(skip))
    return list(found.select_related("case").order_by("-rang_at", "-id")[:limit])
