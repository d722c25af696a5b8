"""Who goes: the people of a party, in the order in which they are told and called."""

from collections.abc import Collection, Sequence
from uuid import UUID

from hues.cases import reference
from hues.dispatch.models import Task
from hues.duty import queries as duty
from hues.duty.models import Team
from hues.kernel.actors import HEAD, LEAD, OFFICER, OPERATOR
from hues.people.models import Membership
from hues.people.queries import today, valid_on


def people_for(agency_id: int, team_id: UUID | None = None, named: Sequence[UUID] = ()) -> list[UUID]:
    """Those who were named; else whoever of the team is on duty, else of the agency; where nobody is on a roster, its officers.

    Standby comes where nobody is there. At most three statements.
    """
    if named:
        return list(dict.fromkeys(named))
    present = duty.on_duty_everywhere([agency_id])
    of_team = [one for one in present if team_id is None or one.team_id == team_id] or present
    awake = [one.person_id for one in of_team if not one.standby] or [one.person_id for one in of_team]
    return list(dict.fromkeys(awake)) or members(agency_id, (OFFICER,)) or members(agency_id, (OFFICER, HEAD))


def behind(agency_id: int, team: Team | None) -> list[UUID]:
    """Whom to call when those who were sent do not answer: chiefs, who is on standby, the heads. At most three statements."""
    present = duty.on_duty_everywhere([agency_id])
    chief = [team.chief_id] if team is not None and team.chief_id else []
    standby = [one.person_id for one in present if one.standby]
    return list(dict.fromkeys([*duty.chiefs(agency_id), *chief, *standby, *members(agency_id, (HEAD,))]))


def members(agency_id: int, roles: Collection[str]) -> list[UUID]:
    """Who has one of these roles in an agency today; in the centre its operators and leads. One statement."""
    held = Membership.objects.filter(valid_on(today()), user__is_active=True)
    if reference.is_centre(agency_id):
        held = held.filter(role__in=(OPERATOR, LEAD) if OFFICER in roles else (LEAD,))
    else:
        held = held.filter(role__in=tuple(roles), agency_id=agency_id)
    return list(dict.fromkeys(held.order_by("user_id").values_list("user_id", flat=True)))


def told_of(task: Task) -> list[UUID]:
    """Who knows of a task: whoever took it first, then those who were sent. One statement."""
    people = list(task.people.order_by("place", "pk").values_list("person_id", flat=True))
    return list(dict.fromkeys([*([task.taken_by_id] if task.taken_by_id else []), *people]))
