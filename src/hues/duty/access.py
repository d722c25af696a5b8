"""Who sees which roster, and who may change it."""

from uuid import UUID

from hues.city import routing
from hues.city.models import Agency
from hues.duty.models import Member, Team
from hues.kernel.actors import CENTRE_ROLES, HEAD, HELPER, LEAD, Actor
from hues.people.models import Membership
from hues.people.queries import today, valid_on


def may_see(actor: Actor, agency: Agency) -> bool:
    """The centre sees every roster; an agency its own; heads those of the agencies below them."""
    if actor.kind != "staff":
        return False
    if actor.in_centre or agency.pk in actor.agency_ids or (agency.is_centre and actor.has(HELPER)):
        return True
    return any(actor.heads(above.pk) for above in routing.ladder(agency)[1:])


def manages(actor: Actor, agency: Agency) -> bool:
    """Heads of an agency, and the leads of the centre for the centre, keep its teams and rosters."""
    return actor.kind == "staff" and (actor.heads(agency.pk) or (agency.is_centre and actor.has(LEAD)))


def may_roster(actor: Actor, team: Team) -> bool:
    """Change the shifts of a team: its chief too."""
    return actor.kind == "staff" and (
        manages(actor, team.agency) or (actor.id is not None and actor.id == team.chief_id)
    )


def agency_roles(agency: Agency) -> dict[str, object]:
    """The memberships of those who can be on duty in an agency, as a filter."""
    if agency.is_centre:
        return {"role__in": (*CENTRE_ROLES, HELPER)}
    return {"agency": agency.pk}


def works_in(person_id: UUID, agency: Agency) -> bool:
    held = Membership.objects.filter(valid_on(today()), user=person_id, user__is_active=True)
    return held.filter(**agency_roles(agency)).exists()


def managers_of(team: Team) -> list[UUID]:
    """Who is told of gaps and asked to approve: the chief and those who keep the agency's rosters. One statement."""
    role = {"role": LEAD} if team.agency.is_centre else {"role": HEAD, "agency": team.agency_id}
    held = Membership.objects.filter(valid_on(today()), user__is_active=True, **role)
    people = list(held.order_by("user_id").values_list("user_id", flat=True).distinct())
    return list(dict.fromkeys([*([team.chief_id] if team.chief_id else []), *people]))


def may_call(actor: Actor, person_id: UUID) -> bool:
    """See the whole duty number: oneself, the centre, and colleagues of the agencies whose teams the person is in."""
    if actor.kind != "staff":
        return False
    if actor.id == person_id or actor.in_centre:
        return True
    agencies = set(Member.objects.filter(person=person_id, valid_to=None).values_list("team__agency_id", flat=True))
    return bool(agencies & actor.agency_ids)


def is_head_somewhere(actor: Actor) -> bool:
    return actor.has(HEAD, LEAD)
