"""Who sees and does what of an incident.

|                                              | sees                                       | does                                  |
|----------------------------------------------|--------------------------------------------|---------------------------------------|
| the centre                                   | all                                        | log, links, forces, drafts, parties   |
|                                              |                                            | at once, first tasks of the playbook  |
| leads, heads of the command and of the chair | all                                        | also commands: orders, level, area …  |
| its commander and deputies                   | all of it                                  | the same, of this incident            |
| heads of agencies that take part, of those   | the incident, its objectives, sectors, log | writes to the log                     |
| above them; leaders of its sectors           | and signed reports; of tasks, forces and   | a leader: objectives of the sector    |
|                                              | cases their own                            |                                       |
| auditors                                     | all                                        | nothing                               |
| everybody else                               | nothing: 404                               |                                       |
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from hues.cases import reference
from hues.command.models import Incident, IncidentAgency, Sector
from hues.command.playbooks import playbook
from hues.kernel.actors import AUDITOR, HEAD, LEAD, Actor
from hues.kernel.errors import Conflict, Forbidden, NotFound


@dataclass(frozen=True)
class Stand:
    """How somebody stands to an incident that they may see."""

    actor: Actor
    whole: bool  # sees all of it
    works: bool  # for it: log, links, tasks
    commands: bool
    agencies: frozenset[int]  # whose tasks, forces and cases they see where they do not see all
    sectors: frozenset[int]  # that they lead
    writes: bool = True  # to the log

    def leads(self, sector_id: int | None) -> bool:
        return self.commands or (sector_id is not None and sector_id in self.sectors)


def headed(actor: Actor) -> frozenset[int]:
    """The agencies that somebody heads, and those below them."""
    own = frozenset(g.agency_id for g in actor.grants if g.role == HEAD and g.agency_id is not None)
    return own.union(*(reference.agencies_below(agency_id) for agency_id in own))


def roles(actor: Actor) -> frozenset[str]:
    """In the words of a playbook: operator, lead, command, chair."""
    if actor.kind == "system":
        return frozenset({"operator", "lead", "command", "chair"})
    found = {"operator"} if actor.in_centre else set()
    if actor.has(LEAD):
        found.add("lead")
    command, chair = reference.agencies_by_code().get(playbook().command_agency), reference.chair()
    if command and actor.heads(command.pk):
        found.add("command")
    if chair and actor.heads(chair.pk):
        found.add("chair")
    return frozenset(found)


def may_set(actor: Actor, level: int) -> bool:
    rule = playbook().levels.get(level)
    return rule is not None and bool(roles(actor) & set(rule.by))


def highest(actor: Actor) -> int:
    """The highest level that somebody may set; 0 for none."""
    return max((level for level in playbook().levels if may_set(actor, level)), default=0)


def works_with_incidents(actor: Actor) -> bool:
    """Whether the place of incidents is shown to a member of staff."""
    return actor.in_centre or actor.has(AUDITOR, HEAD)


def sees_all(actor: Actor) -> bool:
    return actor.kind == "system" or actor.has(AUDITOR) or bool(roles(actor))


def visible_to(actor: Actor) -> Q:
    """Incidents that somebody may see, at least a part of."""
    if sees_all(actor):
        return Q()
    if actor.kind != "staff" or actor.id is None:
        return Q(pk__in=())
    part = IncidentAgency.objects.filter(agency__in=headed(actor), left_at=None)
    leads = Sector.objects.filter(leader=actor.id, ended_at=None)
    deputised = Incident.deputies.through.objects.filter(user_id=actor.id)
    return (
        Q(pk__in=part.values("incident"))
        | Q(pk__in=leads.values("incident"))
        | Q(pk__in=deputised.values("incident"))
        | Q(commander=actor.id)
    )


def find(actor: Actor, code: str, *, lock: bool = False) -> Incident:
    """An incident of which somebody may see at least a part. One statement. Raises NotFound."""
    rows = Incident.objects.filter(visible_to(actor), code=code.strip().upper()[:16])
    found = (rows.select_for_update() if lock else rows).first()
    if found is None:
        raise NotFound(_("There is no such incident."))
    return found


def stand(actor: Actor, incident: Incident) -> Stand:
    """At most two statements."""
    held = roles(actor)
    commands = bool(held & {"lead", "command", "chair"}) or _is_deputy(actor, incident)
    sectors = frozenset[int]()
    if actor.id is not None and not held:
        sectors = frozenset(incident.sectors.filter(leader=actor.id, ended_at=None).values_list("pk", flat=True))
    return Stand(
        actor=actor,
        whole=commands or sees_all(actor),
        works=commands or bool(held),
        commands=commands,
        agencies=headed(actor) | actor.agency_ids,
        sectors=sectors,
        writes=not actor.has(AUDITOR),
    )


def _is_deputy(actor: Actor, incident: Incident) -> bool:
    if actor.id is None or actor.kind != "staff":
        return False
    return actor.id == incident.commander_id or (not roles(actor) and incident.deputies.filter(pk=actor.id).exists())


def topics(incident: Incident) -> list[str]:
    """The live streams that a change of an incident touches. One statement."""
    taking_part = incident.agencies.filter(left_at=None).values_list("agency_id", flat=True)
    return [f"incident:{incident.pk}", "centre", *(f"agency:{agency_id}" for agency_id in taking_part)]


def must_work(on: Stand) -> None:
    if not on.works:
        raise Forbidden(_("Only the operations centre and those who command may do this."))


def must_command(on: Stand) -> None:
    if not on.commands:
        raise Forbidden(_("Only the commander, the deputies and a shift lead may do this."))


def must_run(incident: Incident) -> None:
    if incident.state != Incident.State.OPEN:
        raise Conflict(_("{code} is no longer running.").format(code=incident.code))


def must_not_be_closed(incident: Incident) -> None:
    if incident.state == Incident.State.CLOSED:
        raise Conflict(_("{code} is closed.").format(code=incident.code))


def person_ids(incident: Incident) -> list[UUID]:
    """Commander and deputies. One statement."""
    found = list(incident.deputies.values_list("pk", flat=True))
    return [*([incident.commander_id] if incident.commander_id else []), *found]
