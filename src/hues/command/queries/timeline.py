"""What happened, from the journal; and the times that a review measures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from django.db.models import Min

from hues.command import hands
from hues.command.access import Stand
from hues.command.models import Incident, IncidentTask
from hues.kernel.models import JournalEntry
from hues.people.models import User

# What an order's case says of how far it came, by the step that was journalled.
_ACCEPTED = ("case.accept", "case.take")
_DONE = ("case.report",)
_INSIDE = frozenset({"incident.passed", "incident.sitrep_changed", "incident.pinned", "incident.review"})


@dataclass(frozen=True)
class Moment:
    id: UUID
    at: datetime
    action: str
    text: str
    who: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Times:
    """Of an incident, from its opening, and of its tasks, from when each was given. None where nothing was measured."""

    lasted: timedelta | None
    first_task: timedelta | None
    to_accept: timedelta | None  # the middle one
    slowest_accept: timedelta | None
    to_arrive: timedelta | None
    to_done: timedelta | None
    tasks: int
    accepted: int
    arrived: int
    done: int


def moments(incident: Incident, on: Stand, language: str, *, limit: int = 1000) -> list[Moment]:
    """The history as far as the viewer may know it, oldest first. Two statements."""
    rows = JournalEntry.objects.filter(subject_id=incident.pk).exclude(action__in=_INSIDE).order_by("pk")
    entries = [entry for entry in rows[:limit] if on.whole or not _hidden(entry.parts.get("staff", {}))]
    names = _names(entry.actor_id for entry in entries if entry.actor_kind == "staff")
    return [_moment(entry, names, language) for entry in entries]


def _hidden(part: Mapping[str, Any]) -> bool:
    """A line of the log that is for those who command alone."""
    return "line" in part and "body" not in part and "pinned" not in part


def _names(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    wanted = {one for one in ids if one}
    users = User.objects.filter(pk__in=wanted).only("display_name", "username", "kind") if wanted else ()
    return {user.pk: user.name for user in users}


def _moment(entry: JournalEntry, names: Mapping[UUID, str], language: str) -> Moment:
    part = dict(entry.parts.get("staff", {}))
    said = part.pop("said", {})
    who = names.get(entry.actor_id, "") if entry.actor_id else ""
    text = said.get(language) or next(iter(said.values()), "")
    return Moment(entry.pk, entry.at, entry.action.removeprefix("incident."), text, who or "Hue-S", part)


def times(incident: Incident) -> Times:
    """Measured: of parties that were sent by their own moments, of orders in the journal. At most three statements."""
    tasks = list(incident.tasks.order_by("given_at"))
    parties = hands.parties([task.dispatch_id for task in tasks if task.dispatch_id])
    steps = _first_steps([task.case_id for task in tasks if not task.dispatch_id])
    seen = [_seen(task, parties.get(task.dispatch_id) if task.dispatch_id else None, steps) for task in tasks]
    accept, arrive, done = ([at[n] for at in seen if at[n] is not None] for n in range(3))
    end = incident.stood_down_at or incident.closed_at
    return Times(
        lasted=end - incident.opened_at if end else None,
        first_task=tasks[0].given_at - incident.opened_at if tasks else None,
        to_accept=median(accept) if accept else None,  # type: ignore[type-var]
        slowest_accept=max(accept, default=None),  # type: ignore[type-var]
        to_arrive=median(arrive) if arrive else None,  # type: ignore[type-var]
        to_done=median(done) if done else None,  # type: ignore[type-var]
        tasks=len(tasks),
        accepted=len(accept),
        arrived=len(arrive),
        done=len(done),
    )


Span = timedelta | None


def _seen(
    task: IncidentTask, party: hands.Party | None, steps: Mapping[tuple[UUID, str], datetime]
) -> tuple[Span, Span, Span]:
    """From when it was given until it was accepted, they were there, it was done."""
    if party is not None:
        ended = party.ended_at if party.state == "done" else None
        moments: tuple[datetime | None, ...] = (party.accepted_at, party.arrived_at, ended)
    else:
        moments = tuple(
            min((steps[task.case_id, step] for step in wanted if (task.case_id, step) in steps), default=None)
            for wanted in (_ACCEPTED, (), _DONE)
        )
    accept, arrive, done = (max(at - task.given_at, timedelta()) if at else None for at in moments)
    return accept, arrive, done


def _first_steps(case_ids: list[UUID]) -> dict[tuple[UUID, str], datetime]:
    """When each step was first taken, of the cases behind orders."""
    if not case_ids:
        return {}
    steps = (*_ACCEPTED, *_DONE)
    rows = JournalEntry.objects.filter(subject_id__in=case_ids, action__in=steps).values_list("subject_id", "action")
    return {(case_id, action): at for case_id, action, at in rows.annotate(first=Min("at")).order_by()}
