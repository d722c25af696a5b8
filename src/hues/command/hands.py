"""What other rooms do for an incident: parties are sent (dispatch), orders are given (orders), teams are on duty (duty), calls (hotline).

A deployment may leave these rooms out; then what needs them says so.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any
from uuid import UUID

from django.apps import apps
from django.utils.translation import gettext as _

from hues.cases.actions import take_step
from hues.cases.models import Case
from hues.kernel.actors import LEAD, Actor, Grant
from hues.kernel.errors import Conflict


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


def _there(room: str) -> bool:
    return apps.is_installed(f"hues.{room}")


def _of(name: str) -> Any:
    """A module of another room, as `hues.<name>`."""
    room = name.partition(".")[0]
    if not _there(room):
        raise Conflict(_("This city's system has no such part."))
    return import_module(f"hues.{name}")


def send(actor: Actor, case: Case, agency_id: int, note: str, team_id: UUID | None = None) -> UUID:
    """Send a party for a case. Returns the party's task."""
    task = _of("dispatch.actions").send_task(
        actor=in_command(actor), code=case.code, agency_id=agency_id, team_id=team_id, note=note
    )
    found: UUID = task.pk
    return found


def order(actor: Actor, agency_id: int, title: str, text: str, due_at: datetime, **more: Any) -> Case:
    """Give an order in the centre's name. `more`: evidence, source, is_sample."""
    found: Case = _of("orders.actions").give_order(
        actor=in_command(actor), agency_id=agency_id, title=title, text=text, due_at=due_at, **more
    )
    return found


def withdraw(actor: Actor, case: Case, reason: str) -> None:
    """Take an order back that nobody has reported on yet."""
    take_step(actor=in_command(actor), code=case.code, step="withdraw", data={"reason": reason})


def parties(task_ids: Collection[UUID]) -> dict[UUID, Party]:
    """Parties by the ids of their tasks. One statement, none for none."""
    if not task_ids or not _there("dispatch"):
        return {}
    tasks = _of("dispatch.models").Task.objects.filter(pk__in=task_ids)
    rows = tasks.values_list("pk", "state", "accepted_at", "arrived_at", "ended_at")
    return {pk: Party(*rest) for pk, *rest in rows}


def call_back(actor: Actor, task_id: UUID, reason: str) -> None:
    """Tell a party that it is not needed. Raises Conflict where it is on the scene and leads."""
    _of("dispatch.actions").stand_down(actor=in_command(actor), task_id=task_id, reason=reason)


def tasks_of(case: Case) -> list[Any]:
    """Parties that were sent for a case and are at work. One statement."""
    if not _there("dispatch"):
        return []
    tasks = _of("dispatch.models").Task.objects.filter(case=case).exclude(state__in=("done", "declined", "cancelled"))
    return list(tasks.select_related("agency").order_by("sent_at"))


def teams(agency_ids: Collection[int]) -> list[Any]:
    """Teams of these agencies that may be committed. One statement."""
    if not agency_ids or not _there("duty"):
        return []
    found = _of("duty.models").Team.objects.filter(agency__in=agency_ids, active=True)
    return list(found.select_related("agency").order_by("agency_id", "name"))


def team(team_id: UUID) -> Any | None:
    return _of("duty.models").Team.objects.filter(pk=team_id, active=True).select_related("agency").first()


def on_duty(agency_id: int) -> list[Any]:
    return list(_of("duty.queries").on_duty(agency_id)) if _there("duty") else []


def call(call_id: UUID | str) -> Any | None:
    """A call of the hotline by id or code."""
    if not _there("hotline"):
        return None
    calls = _of("hotline.models").Call.objects.select_related("case")
    try:
        return calls.filter(pk=call_id if isinstance(call_id, UUID) else UUID(call_id)).first()
    except ValueError:
        return calls.filter(code=str(call_id).strip().upper()[:16]).first()


def calls_since(since: datetime, *, skip: Collection[UUID], limit: int) -> list[Any]:
    """Calls that came in since a moment, the newest first. One statement."""
    if not _there("hotline"):
        return []
    model = _of("hotline.models").Call
    found = model.objects.filter(rang_at__gte=since, direction="in").exclude(pk__in=list(skip))
    return list(found.select_related("case").order_by("-rang_at", "-id")[:limit])
