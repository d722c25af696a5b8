"""What the console asks of the roster: who leads this shift, and which shift somebody is in. Without a roster: every shift lead, and no shift."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from hues.city import routing
from hues.city.clock import time_text
from hues.duty import queries as duty
from hues.kernel.actors import LEAD, Actor
from hues.people.models import Membership
from hues.people.queries import today, valid_on


@dataclass(frozen=True)
class Here:
    """The shift that somebody works in now."""

    id: str = ""
    name: str = ""


def leads() -> Sequence[UUID]:
    """Who leads the centre now: the shift lead on duty, else everybody who may."""
    on_duty = duty.shift_leads()
    if on_duty:
        return on_duty
    held = Membership.objects.filter(valid_on(today()), role=LEAD, user__is_active=True)
    return list(held.values_list("user_id", flat=True).distinct())


def current(actor: Actor) -> Here:
    """One's own shift. One statement."""
    shift = duty.current_shift(actor)
    if shift is None:
        return Here()
    hours = f"{time_text(shift.starts_at)}–{time_text(shift.ends_at)}"
    return Here(str(shift.pk), f"{shift.team.name}, {hours}")


def coming() -> Sequence[UUID]:
    """Who takes over next in the centre: those who come at the next change of the roster, else nobody in particular. Four statements."""
    change = duty.handover(routing.centre().pk)
    return [one.person_id for one in change.coming] if change else []
