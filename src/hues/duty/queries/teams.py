"""Teams, as those who may see them look them up."""

from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from hues.city import routing
from hues.city.models import Agency
from hues.duty import access
from hues.duty.models import Member, Team
from hues.kernel.actors import HELPER, Actor
from hues.kernel.errors import NotFound
from hues.people.models import Membership, User
from hues.people.queries import today, valid_on


def team_for(actor: Actor, team_id: UUID, *, lock: bool = False) -> Team:
    """Raises NotFound, also for whoever may not see it."""
    teams = Team.objects.select_related("agency", "chief")
    found = (teams.select_for_update(of=("self",)) if lock else teams).filter(pk=team_id).first()
    if found is None or not access.may_see(actor, found.agency):
        raise NotFound(_("There is no such team."))
    return found


def teams_of(agency_id: int) -> QuerySet[Team]:
    """The teams of an agency at work, with how many members each has."""
    return (
        Team.objects.filter(agency=agency_id, active=True)
        .select_related("agency", "chief")
        .annotate(size=Count("members", filter=Q(members__valid_to=None)))
        .order_by("name")
    )


def agencies_with_teams(actor: Actor) -> list[Agency]:
    """Whose rosters somebody may look at: their own first (also without any team yet), then the centre, then in the order of names. One statement."""
    have = set(Team.objects.filter(active=True).values_list("agency_id", flat=True).distinct())
    own = own_agencies(actor)
    seen = [
        one for one in routing.current_agencies() if one.pk in have and one not in own and access.may_see(actor, one)
    ]
    return own + sorted(seen, key=lambda one: (not one.is_centre, one.unit_id is not None, one.sort_key))


def own_agencies(actor: Actor) -> list[Agency]:
    """Where somebody works themselves; the centre for those of the centre."""
    centre = [routing.centre()] if actor.in_centre or actor.has(HELPER) else []
    return centre + [one for one in routing.current_agencies() if one.pk in actor.agency_ids and one not in centre]


def members_of(team: Team) -> list[Member]:
    """Who is in a team today, by crew."""
    members = Member.objects.filter(team=team, valid_to=None).select_related("person")
    return list(members.order_by("crew", "role", "person__display_name"))


def staff_of(agency: Agency) -> list[User]:
    """Who can be on duty for an agency: all who work there."""
    held = Membership.objects.filter(valid_on(today()), **access.agency_roles(agency))
    people = User.objects.filter(pk__in=held.values("user_id"), is_active=True)
    return list(people.order_by("display_name", "username"))
