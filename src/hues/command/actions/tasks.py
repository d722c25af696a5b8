"""Tasks to agencies: at once through dispatch, by a deadline as an order. Whichever way, a case carries it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.cases import reference
from hues.cases.actions import open_case
from hues.cases.models import Case
from hues.cases.opening import open_follow_up
from hues.cases.queries import case_for
from hues.city.models import Category
from hues.command import access, area, hands, telling
from hues.command.actions.base import later, locked, next_number, of_incident, text
from hues.command.actions.linking import join_cases
from hues.command.actions.running import bring_in
from hues.command.models import Incident, IncidentTask, LinkedCase
from hues.command.playbooks import FirstTask, bodies, playbook
from hues.command.queries.tasks import is_open
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Invalid, NotFound

CHANNEL = "command"
SAID_LEAST = 10  # characters that an order must say
NOTE_MOST = 500  # of what a party is sent; the case has all of it


def give_task(
    *,
    actor: Actor,
    code: str,
    agency_id: int,
    title: str,
    words: str = "",
    way: str = "immediate",
    due_at: datetime | None = None,
    case: str | None = None,
    team_id: UUID | None = None,
    lat: float | None = None,
    lon: float | None = None,
    address: str = "",
    sector_id: int | None = None,
    objective_id: int | None = None,
    planned: bool = False,
) -> IncidentTask:
    """Give an agency something to do.

    At once: a party is sent for `case` (a case's code), or for a new case at a place. By a deadline: an order, which whoever commands gives,
    and the centre where it is `planned`: a first task of the playbook. The agency takes part from then on, and its own ladder runs. Raises
    Forbidden, Invalid, Conflict, and what the other rooms raise.
    """
    called = text(title, 160, "title", least=5, multiline=False)
    body = text(words, 2000, "text")
    if way not in IncidentTask.Way.values:
        raise Invalid(_("Please choose from the list."), fields={"way": _("Please choose from the list.")})
    if way == IncidentTask.Way.ORDER and due_at is None:
        raise Invalid(_("Until when?"), fields={"due_at": _("Please give a deadline.")})
    later(due_at)
    agency = reference.agencies().get(agency_id)
    if agency is None or agency.valid_to:
        raise Invalid(_("Please choose from the list."), fields={"agency": _("Please choose from the list.")})
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_work(on)
        if way == IncidentTask.Way.ORDER and not planned:
            access.must_command(on)
        access.must_run(incident)
        task = IncidentTask(
            incident=incident,
            number=next_number(incident.tasks),
            way=way,
            title=called,
            text=body,
            agency=agency,
            given_at=clock.now(),
            given_by_id=actor.id if actor.kind == "staff" else None,
            due_at=due_at,
        )
        if sector_id is not None:
            task.sector = of_incident(incident.sectors.filter(ended_at=None), sector_id, _("There is no such sector."))
        if objective_id is not None:
            task.objective = of_incident(incident.objectives, objective_id, _("There is no such objective."))
        place = {"lat": lat, "lon": lon, "address": text(address, 300, "address", multiline=False)}
        _carry(actor, incident, task, case, team_id, place)
        task.save()
        if not incident.agencies.filter(agency=agency_id, left_at=None).exists():
            bring_in(actor, incident, {agency_id})
        if way == IncidentTask.Way.IMMEDIATE:  # an order is no report
            join_cases(actor, incident, [task.case])
        _told(actor, incident, task)
    return task


def _carry(
    actor: Actor,
    incident: Incident,
    task: IncidentTask,
    code: str | None,
    team_id: UUID | None,
    place: Mapping[str, Any],
) -> None:
    """The case behind a task."""
    if task.way == IncidentTask.Way.ORDER:
        source = {
            "kind": "incident",
            "ref": incident.code,
            "label": incident.name,
            "url": f"/desk/incidents/{incident.code}",
        }
        assert task.due_at is not None  # noqa: S101 - asked for by give_task
        said = task.text if len(task.text) >= SAID_LEAST else f"{task.title}. {task.text}{incident.name}"
        task.case = hands.order(
            actor, task.agency_id, task.title, said, task.due_at, source=source, is_sample=incident.is_sample
        )
        return
    found = _known_case(actor, incident, code) if code else _new_case(actor, incident, task, place)
    note = f"{task.title}. {task.text}"[:NOTE_MOST] if task.text else task.title
    task.dispatch_id = hands.send(actor, found, task.agency_id, note, team_id)
    task.case = Case.objects.get(pk=found.pk)


def _known_case(actor: Actor, incident: Incident, code: str) -> Case:
    """A case of the incident, or one that they may see by themselves: working for an incident opens no other. Raises NotFound."""
    links = incident.cases.filter(case__code=code, state=LinkedCase.State.LINKED)
    return case_for(hands.in_command(actor) if links.exists() else actor, code)


def _new_case(actor: Actor, incident: Incident, task: IncidentTask, place: Mapping[str, Any]) -> Case:
    """What is to be done at once has a case of its own, where no report tells of it."""
    kind = playbook().kind(incident.kind)
    if not kind.immediate_category:
        raise Invalid(_("Which case is it about?"), fields={"case": _("Choose a linked case, or give an order.")})
    lat, lon = place["lat"], place["lon"]
    if lat is None and not place["address"]:
        lat, lon = _middle(incident, task)
    body = "\n".join(filter(None, (task.title, task.text)))
    return open_case(
        actor=hands.in_command(actor),
        category=kind.immediate_category,
        body=body,
        lat=lat,
        lon=lon,
        address=place["address"],
        channel=CHANNEL,
        source_data={"incident": incident.code},
        is_sample=incident.is_sample,
    )


def _middle(incident: Incident, task: IncidentTask) -> tuple[float, float]:
    """Where a task without a place is shown: the agency's own unit, else the middle of the area."""
    units = reference.units()
    if task.agency.unit_id and task.agency.unit_id in units:
        unit = units[task.agency.unit_id]
        return unit.lat, unit.lon
    if incident.lat is not None and incident.lon is not None:
        return incident.lat, incident.lon
    if incident.polygon:
        corners = incident.polygon[:-1]
        return sum(p[1] for p in corners) / len(corners), sum(p[0] for p in corners) / len(corners)
    first = area.units(incident)[0]
    return first.lat, first.lon


def _told(actor: Actor, incident: Incident, task: IncidentTask) -> None:
    def words() -> str:
        name = task.agency.name(get_language() or "vi")
        return _("Task {n} to {agency}: {title}").format(n=task.number, agency=name, title=task.title)

    telling.record(
        actor,
        incident,
        "tasked",
        telling.said(words),
        topics=[f"case:{task.case_id}"],
        number=task.number,
        way=task.way,
        agency=task.agency_id,
        case=task.case.code,
        due=task.due_at.isoformat() if task.due_at else "",
    )


def give_first_tasks(*, actor: Actor, code: str, chosen: Iterable[str]) -> list[IncidentTask]:
    """Tasks of the playbook by their codes: to one body, or to that of each unit in the area. All or none."""
    incident = access.find(actor, code)
    kind = playbook().kind(incident.kind)
    wanted = [task for task in kind.tasks if task.code in set(chosen)]
    if not wanted:
        raise Invalid(_("Please choose at least one task."), fields={"tasks": _("Please choose at least one task.")})
    given = []
    with transaction.atomic():
        for first in wanted:
            to = bodies(first.agency, area.units(incident))
            if not to:
                raise Conflict(_("Nobody is there for “{title}”.").format(title=_pick(first.titles)))
            given += [_give_first(actor, code, first, body.pk) for body in to]
    return given


def _give_first(actor: Actor, code: str, first: FirstTask, agency_id: int) -> IncidentTask:
    return give_task(
        actor=actor,
        code=code,
        agency_id=agency_id,
        title=_pick(first.titles),
        words=_pick(first.texts),
        way=first.way,
        due_at=clock.now() + timedelta(minutes=first.minutes),
        planned=True,
    )


def _pick(texts: Mapping[str, str]) -> str:
    return texts.get(get_language() or "vi") or next(iter(texts.values()))


def call_off_task(*, actor: Actor, code: str, task_id: UUID, why: str) -> IncidentTask:
    """It is no longer needed: a party is called back, an order withdrawn. Raises Conflict where they are at it already."""
    reason = text(why, 500, "why", least=5)
    with transaction.atomic():
        incident, task = _open_task(actor, code, task_id)
        if task.dispatch_id:
            hands.call_back(actor, task.dispatch_id, reason)
        elif task.way == IncidentTask.Way.ORDER:
            access.must_command(access.stand(actor, incident))
            hands.withdraw(actor, task.case, reason)
        task.called_off_at, task.called_off_why = clock.now(), reason
        task.save(update_fields=["called_off_at", "called_off_why"])

        def words() -> str:
            return _("Task {n} was called off: {why}").format(n=task.number, why=reason)

        to = telling.heads([task.agency_id])
        telling.record(actor, incident, "called_off", telling.said(words), to=to, number=task.number, why=reason)
    return task


def hand_over_task(*, actor: Actor, code: str, task_id: UUID, words: str, category: str = "") -> IncidentTask:
    """What remains of a task becomes a case with time, which keeps the history; the incident no longer waits for it."""
    body = text(words, 2000, "text", least=10)
    with transaction.atomic():
        incident, task = _open_task(actor, code, task_id)
        task.remains = remaining_case(actor, incident, task.case, category, body)
        task.handed_over_at = clock.now()
        task.save(update_fields=["remains", "handed_over_at"])
        other = task.remains.code

        def said() -> str:
            return _("What remains of task {n} goes on as {case}").format(n=task.number, case=other)

        telling.record(actor, incident, "remains", telling.said(said), number=task.number, case=other)
    return task


def remaining_case(actor: Actor, incident: Incident, origin: Case, category: str, body: str) -> Case:
    """A case with time for what remains of another, of the same reporter; it belongs to the incident as well."""
    found = reference.categories_by_code().get(category or playbook().kind(incident.kind).remains_category)
    if found is None or found.process_group != Category.Group.TIMED or not found.active:
        reason = _("Please choose a category that is handled with more time.")
        raise Invalid(reason, fields={"category": reason})
    remains = open_follow_up(actor=actor, origin=origin, category=found, body=body)
    join_cases(actor, incident, [remains])
    return remains


def _open_task(actor: Actor, code: str, task_id: UUID) -> tuple[Incident, IncidentTask]:
    incident, on = locked(actor, code)
    access.must_work(on)
    access.must_not_be_closed(incident)
    task = incident.tasks.select_related("case", "agency").filter(pk=task_id).first()
    if task is None:
        raise NotFound(_("There is no such task."))
    if not is_open(task):
        raise Conflict(_("Task {n} has ended already.").format(n=task.number))
    return incident, task
