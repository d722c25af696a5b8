"""Objectives, sectors and forces."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hues.cases import reference
from hues.command import access, area, hands, telling
from hues.command.access import Stand
from hues.command.actions.base import locked, next_number, of_incident, text
from hues.command.actions.running import bring_in
from hues.command.models import Commitment, Incident, Objective, Sector
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.people.models import User


def add_objective(*, actor: Actor, code: str, words: str, sector_id: int | None = None) -> Objective:
    body = text(words, 500, "text", least=5)
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_run(incident)
        sector = _sector(incident, sector_id)
        if not on.leads(sector_id):
            raise Forbidden(_("Only those who command may set objectives, and leaders those of their sector."))
        objective = Objective.objects.create(
            incident=incident,
            number=next_number(incident.objectives),
            text=body,
            sector=sector,
            changed_at=clock.now(),
        )
        said = telling.said(lambda: _("Objective {n}: {text}").format(n=objective.number, text=body))
        telling.record(actor, incident, "objective", said, number=objective.number)
    return objective


def judge_objective(*, actor: Actor, code: str, objective_id: int, state: str, note: str = "") -> Objective:
    """Reached, dropped, or open again; with what makes one say so."""
    why = text(note, 500, "note")
    if state not in Objective.State.values:
        raise Invalid(_("Please choose from the list."), fields={"state": _("Please choose from the list.")})
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_run(incident)
        objective: Objective = of_incident(incident.objectives, objective_id, _("There is no such objective."))
        if not on.leads(objective.sector_id):
            raise Forbidden(_("Only those who command may set objectives, and leaders those of their sector."))
        objective.state, objective.note, objective.changed_at = state, why, clock.now()
        objective.save(update_fields=["state", "note", "changed_at"])

        def words() -> str:
            return f"{_('Objective {n}: {text}').format(n=objective.number, text=objective.text)} – {objective.get_state_display()}"

        telling.record(
            actor, incident, "objective", telling.said(words), number=objective.number, state=state, note=why
        )
    return objective


def _sector(incident: Incident, sector_id: int | None) -> Sector | None:
    if sector_id is None:
        return None
    found: Sector = of_incident(incident.sectors.filter(ended_at=None), sector_id, _("There is no such sector."))
    return found


def set_sector(
    *,
    actor: Actor,
    code: str,
    name: str,
    sector_id: int | None = None,
    agency_id: int | None = None,
    leader_id: UUID | None = None,
    unit_codes: Iterable[str] = (),
    polygon: object = None,
) -> Sector:
    """A new sector, or another leader, body or area of one."""
    called = text(name, 120, "name", least=2, multiline=False)
    where = area.read(unit_codes, polygon=polygon)
    leader = _leader(leader_id)
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_command(on)
        access.must_run(incident)
        sector = _sector(incident, sector_id) or Sector(incident=incident, number=next_number(incident.sectors))
        agency = _agency(agency_id)
        sector.name, sector.agency_id, sector.leader = called, agency_id if agency else None, leader
        sector.unit_ids, sector.polygon = list(where.unit_ids), where.polygon
        sector.save()
        if agency_id and not incident.agencies.filter(agency=agency_id, left_at=None).exists():
            bring_in(actor, incident, {agency_id})

        def words() -> str:
            who = leader.name if leader else _("nobody yet")
            return _("Sector {n}, {name}: led by {person}").format(n=sector.number, name=called, person=who)

        to = [leader.pk] if leader else telling.heads([agency_id]) if agency_id else []
        telling.record(actor, incident, "sector", telling.said(words), to=to, urgent=True, number=sector.number)
    return sector


def end_sector(*, actor: Actor, code: str, sector_id: int) -> Sector:
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_command(on)
        access.must_not_be_closed(incident)
        sector = _sector(incident, sector_id)
        if sector is None:
            raise NotFound(_("There is no such sector."))
        sector.ended_at = clock.now()
        sector.save(update_fields=["ended_at"])
        said = telling.said(lambda: _("Sector {n}, {name}, was dissolved").format(n=sector.number, name=sector.name))
        telling.record(actor, incident, "sector", said, number=sector.number, ended=True)
    return sector


def _leader(leader_id: UUID | None) -> User | None:
    if leader_id is None:
        return None
    found = User.objects.filter(pk=leader_id, kind=User.Kind.STAFF, is_active=True).first()
    if found is None:
        raise Invalid(_("Please choose from the list."), fields={"leader": _("Please choose from the list.")})
    return found


def _agency(agency_id: int | None) -> Any:
    if agency_id is None:
        return None
    found = reference.agencies().get(agency_id)
    if found is None or found.valid_to:
        raise Invalid(_("Please choose from the list."), fields={"agency": _("Please choose from the list.")})
    return found


# Forces


def commit_force(
    *,
    actor: Actor,
    code: str,
    team_id: UUID | None = None,
    agency_id: int | None = None,
    name: str = "",
    people: int | None = None,
    gear: str = "",
    sector_id: int | None = None,
) -> Commitment:
    """A team of the rosters (whoever is on duty counts, unless a number is given), or another force by its name."""
    what = text(gear, 200, "gear", multiline=False)
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_run(incident)
        force = _force(incident, team_id, agency_id, name)
        if not on.works and force.agency_id not in on.agencies:
            raise Forbidden(_("Only the operations centre and those who command may do this."))
        force.sector = _sector(incident, sector_id)
        force.gear, force.since = what, clock.now()
        force.people = _people(force, people)
        if team_id and incident.commitments.filter(team_id=team_id, until=None).exists():
            raise Conflict(_("{name} is committed already.").format(name=force.name))
        force.save()
        if not incident.agencies.filter(agency=force.agency_id, left_at=None).exists():
            bring_in(actor, incident, {force.agency_id})
        said = telling.said(lambda: _("{name}: committed, {n} people").format(name=force.name, n=force.people))
        telling.record(actor, incident, "committed", said, force=force.name, people=force.people)
    return force


def _force(incident: Incident, team_id: UUID | None, agency_id: int | None, name: str) -> Commitment:
    if team_id is not None:
        team = hands.team(team_id)
        if team is None:
            raise NotFound(_("There is no such team."))
        return Commitment(
            incident=incident,
            agency=team.agency,
            team_id=team.pk,
            name=team.name,
            lat=team.base_lat,
            lon=team.base_lon,
        )
    agency = _agency(agency_id)
    if agency is None:
        raise Invalid(_("Whose force is it?"), fields={"agency": _("Please choose from the list.")})
    return Commitment(incident=incident, agency=agency, name=text(name, 120, "name", least=2, multiline=False))


def _people(force: Commitment, given: int | None) -> int:
    if given is not None:
        if not 0 <= given <= 9999:
            raise Invalid(_("This is not a number."), fields={"people": _("This is not a number.")})
        return given
    if force.team_id is None:
        return 0
    return sum(1 for one in hands.on_duty(force.agency_id) if one.team_id == force.team_id)


def release_force(*, actor: Actor, code: str, commitment_id: int) -> Commitment:
    with transaction.atomic():
        incident, on = locked(actor, code)
        access.must_not_be_closed(incident)
        force: Commitment = of_incident(
            incident.commitments.filter(until=None), commitment_id, _("This force is not committed.")
        )
        _may_release(on, force)
        force.until = clock.now()
        force.save(update_fields=["until"])
        said = telling.said(lambda: _("{name}: released").format(name=force.name))
        telling.record(actor, incident, "released", said, force=force.name)
    return force


def _may_release(on: Stand, force: Commitment) -> None:
    if not on.works and force.agency_id not in on.agencies:
        raise NotFound(_("This force is not committed."))
