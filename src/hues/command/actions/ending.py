"""An incident ends: stood down once nothing is open, reviewed, closed; or taken back because it was none."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from hues.cases.queries import case_for
from hues.command import access, hands, telling
from hues.command.actions.base import later, locked, of_incident, save, text
from hues.command.actions.papers import store_draft
from hues.command.actions.tasks import SAID_LEAST, remaining_case
from hues.command.models import Incident, LinkedCase, Objective, Period, Review, ReviewPoint
from hues.command.playbooks import playbook
from hues.command.queries.tasks import open_tasks
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Invalid, NotFound


@dataclass(frozen=True)
class Remaining:
    """Something that keeps an incident from being stood down."""

    kind: str  # task, objective, force
    text: str
    part: str  # of the page where it is mended


class StillOpen(Conflict):
    """Not everything is closed or handed over. `remaining` lists what is not."""

    code = "still-open"

    def __init__(self, remaining: list[Remaining]) -> None:
        listed = "; ".join(one.text for one in remaining[:8])
        super().__init__(_("Still open: {list}").format(list=listed))
        self.remaining = remaining


def remaining(incident: Incident, *, objectives: bool = True) -> list[Remaining]:
    """What is open: tasks, forces at work, objectives that nobody judged. At most four statements."""
    found = [
        Remaining(
            "task", _("Task {n}: {title} ({state})").format(n=t.number, title=t.title, state=t.word.lower()), "tasks"
        )
        for t in open_tasks(incident)
    ]
    found += [
        Remaining("force", _("{name} is still at work").format(name=force.name), "forces")
        for force in incident.commitments.filter(until=None).order_by("since")
    ]
    if objectives:
        found += [
            Remaining("objective", _("Objective {n}: {text}").format(n=goal.number, text=goal.text), "objectives")
            for goal in incident.objectives.filter(state=Objective.State.OPEN).order_by("number")
        ]
    return found


def leave_case(*, actor: Actor, code: str, case: str, words: str, category: str = "") -> Any:
    """What remains of a linked case becomes a case with time. Returns the new case."""
    body = text(words, 2000, "text", least=10)
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_work(on)
        access.must_not_be_closed(incident)
        if not incident.cases.filter(case__code=case, state=LinkedCase.State.LINKED).exists():
            raise NotFound(_("This case does not belong to the incident."))
        origin = case_for(hands.in_command(actor), case)
        remains = remaining_case(actor, incident, origin, category, body)
        said = telling.said(
            lambda: _("What remains of {case} goes on as {other}").format(case=origin.code, other=remains.code)
        )
        telling.record(actor, incident, "remains", said, case=remains.code, origin=origin.code)
    return remains


def stand_down(*, actor: Actor, code: str, why: str) -> Incident:
    """The operation is over. Raises StillOpen with the list of what is not closed or handed over."""
    reason = text(why, 2000, "why", least=3)
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_command(on)
        access.must_run(incident)
        if found := remaining(incident):
            raise StillOpen(found)
        _end(incident, Incident.State.STANDING_DOWN)
        incident.sectors.filter(ended_at=None).update(ended_at=incident.stood_down_at)
        if not incident.sitreps.filter(signed_at=None).exists():
            store_draft(actor, incident)
        Review.objects.get_or_create(incident=incident, defaults={"changed_at": clock.now()})
        said = telling.said(lambda: _("{name} was stood down: {why}").format(name=incident.name, why=reason))
        to = telling.people(incident, {*playbook().levels[incident.level].tells, "agencies"})
        telling.record(actor, incident, "stood_down", said, to=to, state=incident.state, why=reason)
    return incident


def _end(incident: Incident, state: str) -> None:
    now = clock.now()
    incident.periods.filter(ends_at__gt=now).update(ends_at=now)
    incident.state, incident.period_ends_at, incident.stood_down_at = state, None, now
    save(incident, "state", "period_ends_at", "stood_down_at")


def resume(*, actor: Actor, code: str, why: str) -> Incident:
    """It goes on after all: a new period begins now."""
    reason = text(why, 2000, "why", least=3)
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_command(on)
        if incident.state != Incident.State.STANDING_DOWN:
            raise Conflict(_("{code} is not stood down.").format(code=incident.code))
        now = clock.now()
        incident.state, incident.stood_down_at = Incident.State.OPEN, None
        incident.period_number += 1
        incident.period_ends_at = now + timedelta(hours=incident.period_hours)
        save(incident, "state", "stood_down_at", "period_number", "period_ends_at")
        Period.objects.create(
            incident=incident, number=incident.period_number, starts_at=now, ends_at=incident.period_ends_at
        )
        said = telling.said(lambda: _("{name} goes on: {why}").format(name=incident.name, why=reason))
        to = telling.people(incident, {*playbook().levels[incident.level].tells, "agencies"})
        telling.record(actor, incident, "resumed", said, to=to, urgent=True, state=incident.state, why=reason)
    return incident


def demote_incident(*, actor: Actor, code: str, why: str) -> Incident:
    """It was none: its cases go on by themselves, the history says that they belonged to it."""
    reason = text(why, 2000, "why", least=3)
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_command(on)
        access.must_run(incident)
        if found := remaining(incident, objectives=False):
            raise StillOpen(found)
        incident.demoted, incident.closed_at = True, clock.now()
        save(incident, "demoted", "closed_at")
        _end(incident, Incident.State.CLOSED)
        said = telling.said(lambda: _("{name} is no incident: {why}").format(name=incident.name, why=reason))
        to = telling.people(incident, {*playbook().levels[incident.level].tells, "agencies"})
        telling.record(actor, incident, "demoted", said, to=to, state=incident.state, why=reason)
    return incident


# The review


def write_review(*, actor: Actor, code: str, summary: str) -> Review:
    words = text(summary, 8000, "summary")
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_work(on)
        review = _review(incident)
        review.summary, review.changed_at = words, clock.now()
        review.save(update_fields=["summary", "changed_at"])
        said = telling.said(lambda: _("The review was written on"))
        telling.record(actor, incident, "review", said)
    return review


def add_review_point(
    *,
    actor: Actor,
    code: str,
    kind: str,
    words: str,
    owner_id: int | None = None,
    due_at: datetime | None = None,
) -> ReviewPoint:
    """What went well; or what is to be mended, by whom and until when: that becomes an order."""
    body = text(words, 1000, "text", least=5)
    if kind not in ReviewPoint.Kind.values:
        raise Invalid(_("Please choose from the list."), fields={"kind": _("Please choose from the list.")})
    mend = kind == ReviewPoint.Kind.MEND
    if mend and (owner_id is None or due_at is None):
        reason = _("Who mends it, and until when?")
        raise Invalid(reason, fields={"owner": reason} if owner_id is None else {"due_at": reason})
    later(due_at)
    with transaction.atomic():
        incident, on = locked(actor, code)
        (access.must_command if mend else access.must_work)(on)
        review = _review(incident)
        point = ReviewPoint(review=review, kind=kind, text=body, at=clock.now(), by_id=actor.id)
        if mend and owner_id is not None and due_at is not None:
            point.owner_id, point.due_at = owner_id, due_at
            point.order = _order(actor, incident, owner_id, body, due_at)
        point.save()
        said = telling.said(lambda: f"{point.get_kind_display()}: {body}")
        telling.record(actor, incident, "review_point", said, kind=kind, order=point.order.code if point.order else "")
    return point


def _order(actor: Actor, incident: Incident, owner_id: int, body: str, due_at: datetime) -> Any:
    source = {
        "kind": "incident",
        "ref": incident.code,
        "label": _("Review of {name}").format(name=incident.name),
        "url": f"/desk/incidents/{incident.code}/review",
    }
    said = body if len(body) >= SAID_LEAST else f"{body}. {incident.name}"
    return hands.order(actor, owner_id, body[:160], said, due_at, source=source, is_sample=incident.is_sample)


def drop_review_point(*, actor: Actor, code: str, point_id: int) -> None:
    """Take a point back that is no order."""
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_work(on)
        point: ReviewPoint = of_incident(_review(incident).points, point_id, _("There is no such point of the review."))
        if point.order_id:
            raise Conflict(_("It is an order already, and is followed as one."))
        point.delete()
        telling.record(actor, incident, "review", telling.said(lambda: _("A point of the review was taken back")))


def _review(incident: Incident) -> Review:
    if incident.state != Incident.State.STANDING_DOWN:
        raise Conflict(_("The review is written after the incident was stood down, until it is closed."))
    return Review.objects.get_or_create(incident=incident, defaults={"changed_at": clock.now()})[0]


def close_incident(*, actor: Actor, code: str) -> Incident:
    """The last step: with a review, and every report signed."""
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_command(on)
        review = _review(incident)
        if len(review.summary) < 10:
            reason = _("Please write the review first.")
            raise Invalid(reason, fields={"summary": reason})
        if waiting := incident.sitreps.filter(signed_at=None).first():
            raise Conflict(_("Report {n} is not signed yet.").format(n=waiting.number))
        review.finished_at, review.finished_by_id = clock.now(), actor.id
        review.save(update_fields=["finished_at", "finished_by"])
        incident.state, incident.closed_at = Incident.State.CLOSED, clock.now()
        save(incident, "state", "closed_at")
        said = telling.said(lambda: _("{name} is closed").format(name=incident.name))
        telling.record(actor, incident, "closed", said, to=telling.people(incident, ()), state=incident.state)
    return incident
