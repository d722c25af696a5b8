"""Teams, their rotas and members: kept by the heads of the agency, for the centre by its leads."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from hues.city import clock as city_clock
from hues.city import routing
from hues.duty import access
from hues.duty import rota as rotas
from hues.duty.actions.laying import Laid, lay_again
from hues.duty.actions.noting import note
from hues.duty.models import Kind, Member, Role, Shift, Team
from hues.duty.queries.teams import team_for
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.geo import parse_point


@transaction.atomic
def save_team(
    *,
    actor: Actor,
    agency_id: int,
    name: str,
    kind: str,
    team_id: UUID | None = None,
    chief_id: UUID | None = None,
    phone: str = "",
    base_name: str = "",
    base_lat: object = None,
    base_lon: object = None,
    always: bool = True,
    minimum: int = 1,
    auto_swap: bool = False,
    is_sample: bool = False,
) -> Team:
    """Make a team, or change what it is. Raises Invalid with the fields to mend."""
    agency = next((one for one in routing.current_agencies() if one.pk == agency_id), None)
    if agency is None or not access.may_see(actor, agency):
        raise NotFound(_("There is no such agency."))
    if not access.manages(actor, agency):
        raise Forbidden(_("Only the heads of the agency keep its teams."))
    team = _managed(actor, team_id) if team_id else Team(agency=agency, created_at=clock.now(), is_sample=is_sample)
    fields: dict[str, str] = {}
    if not (name := name.strip()):
        fields["name"] = _("Please give the team a name.")
    if kind not in Kind.values:
        fields["kind"] = _("Please choose what kind of team it is.")
    if not 1 <= minimum <= 99:
        fields["minimum"] = _("From 1 to 99.")
    if chief_id and not access.works_in(chief_id, agency):
        fields["chief"] = _("The chief must work in this agency.")
    if fields:
        raise Invalid(_("Please check the marked fields."), fields=fields)
    point = None if base_lat in (None, "") and base_lon in (None, "") else parse_point(base_lat, base_lon)
    team.name, team.kind, team.chief_id, team.phone = name[:120], kind, chief_id, phone.strip()[:32]
    team.base_name = base_name.strip()[:120]
    team.base_lat, team.base_lon = point or (None, None)
    team.always, team.minimum, team.auto_swap = always, minimum, auto_swap
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError:
        taken = _("There is a team with this name already.")
        raise Invalid(taken, fields={"name": taken}) from None
    said = {"name": team.name, "kind": team.kind, "chief": str(chief_id) if chief_id else None, "minimum": minimum,
            "always": always, "auto_swap": auto_swap}  # fmt: skip
    note(actor, "team_saved", ("team", team.pk), team, staff=said)
    return team


@transaction.atomic
def save_rota(*, actor: Actor, team_id: UUID, rota: Mapping[str, Any], anchor: date) -> Laid:
    """Give a team a rota (`{}` takes it away) whose round begins on `anchor`; what has not begun is laid anew."""
    team = _managed(actor, team_id)
    plan = rotas.read(rota)
    if plan is not None and anchor > city_clock.today():
        text = _("The first day of the round cannot be in the future.")
        raise Invalid(text, fields={"anchor": text})
    team.rota, team.anchor = rotas.written(plan) if plan else {}, anchor
    team.save(update_fields=["rota", "anchor"])
    note(actor, "rota_saved", ("team", team.pk), team, staff={"rota": team.rota, "anchor": anchor.isoformat()})
    return lay_again(actor, team)


@transaction.atomic
def close_team(*, actor: Actor, team_id: UUID) -> None:
    """The team is no more: what has not begun is called off, the past stays."""
    team = _managed(actor, team_id)
    team.active = False
    team.save(update_fields=["active"])
    coming = Shift.objects.filter(team=team, called_off=False, starts_at__gt=clock.now())
    called_off = coming.update(called_off=True, touched=True, changed_at=clock.now())
    note(actor, "team_closed", ("team", team.pk), team, staff={"called_off": called_off})


@transaction.atomic
def add_member(
    *, actor: Actor, team_id: UUID, person_id: UUID, crew: str = "", role: str = Role.MEMBER, relay: bool = True
) -> Member:
    """Take somebody of the agency into a team; the rota is laid anew (`relay=False` where more are to come)."""
    team = _managed(actor, team_id)
    if not access.works_in(person_id, team.agency):
        text = _("Please choose somebody who works in this agency.")
        raise Invalid(text, fields={"person": text})
    crew = _crew(crew)
    _role(role)
    try:
        with transaction.atomic():
            today = city_clock.today()
            member = Member.objects.create(team=team, person_id=person_id, crew=crew, role=role, valid_from=today)
    except IntegrityError:
        raise Conflict(_("This person is in the team already.")) from None
    _changed(actor, team, "member_added", member, relay)
    return member


@transaction.atomic
def change_member(*, actor: Actor, member_id: UUID, crew: str, role: str) -> Member:
    member, team = _member(actor, member_id)
    member.crew, member.role = _crew(crew), _role(role)
    member.save(update_fields=["crew", "role"])
    _changed(actor, team, "member_changed", member)
    return member


@transaction.atomic
def remove_member(*, actor: Actor, member_id: UUID) -> None:
    """Somebody leaves the team today: shifts that they had by hand or by a swap are called off, and may leave a gap."""
    member, team = _member(actor, member_id)
    member.valid_to = city_clock.today()
    member.save(update_fields=["valid_to"])
    now = clock.now()
    coming = Shift.objects.filter(team=team, person=member.person_id, called_off=False, starts_at__gt=now)
    coming.exclude(source=Shift.Source.ROTA, touched=False).update(called_off=True, touched=True, changed_at=now)
    _changed(actor, team, "member_removed", member)


def _managed(actor: Actor, team_id: UUID) -> Team:
    team = team_for(actor, team_id, lock=True)
    if not access.manages(actor, team.agency):
        raise Forbidden(_("Only the heads of the agency keep its teams."))
    return team


def _member(actor: Actor, member_id: UUID) -> tuple[Member, Team]:
    member = Member.objects.select_related("person").filter(pk=member_id, valid_to=None).first()
    if member is None:
        raise NotFound(_("There is no such member."))
    return member, _managed(actor, member.team_id)


def _changed(actor: Actor, team: Team, action: str, member: Member, relay: bool = True) -> None:
    staff = {"person": str(member.person_id), "crew": member.crew, "role": member.role}
    note(actor, action, ("team", team.pk), team, people=[member.person_id], staff=staff)
    if relay and team.rota:
        lay_again(actor, team)


def _crew(crew: str) -> str:
    crew = crew.strip().upper()
    if crew and not (crew.isalnum() and crew.isascii() and len(crew) <= 4 and crew[0].isalpha()):
        raise Invalid(_("A crew is a letter, such as A."), fields={"crew": _("A letter, such as A.")})
    return crew


def _role(role: str) -> str:
    if role not in Role.values:
        raise Invalid(_("Please choose a role."), fields={"role": _("Please choose a role.")})
    return role
