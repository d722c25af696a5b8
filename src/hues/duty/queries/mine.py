"""What concerns one person: their shifts, swaps to answer or to decide, absences."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from hues.city import routing
from hues.duty import access
from hues.duty.models import Absence, Position, Shift, Swap
from hues.duty.queries.now import current_shift
from hues.kernel import clock
from hues.kernel.actors import HEAD, LEAD, Actor
from hues.kernel.errors import NotFound

AHEAD = timedelta(days=60)


@dataclass(frozen=True)
class Mine:
    current: Shift | None
    position: Position | None  # where the person shares it
    coming: list[Shift]
    asked: list[Swap]  # by me, that are open or were decided lately
    to_answer: list[Swap]
    to_decide: list[Swap]
    absences: list[Absence]
    absences_to_decide: list[Absence]


def mine(actor: Actor) -> Mine:
    """At most nine statements."""
    now = clock.now()
    shifts = Shift.objects.filter(person=actor.id, called_off=False, ends_at__gt=now, starts_at__lt=now + AHEAD)
    swaps = Swap.objects.select_related("shift__team", "in_return__team", "asked_by", "colleague", "decided_by")
    open_or_new = Q(state__in=Swap.OPEN) | Q(asked_at__gt=now - timedelta(days=14))
    absences = Absence.objects.select_related("person", "decided_by")
    return Mine(
        current_shift(actor),
        Position.objects.filter(person=actor.id, until__gt=now).first(),
        list(shifts.select_related("team__agency", "swapped_for").order_by("starts_at")),
        list(swaps.filter(open_or_new, asked_by=actor.id).order_by("-asked_at")[:20]),
        list(swaps.filter(colleague=actor.id, state=Swap.State.ASKED).order_by("expires_at")),
        list(
            swaps.filter(decided_by_actor(actor, "shift__team"), state=Swap.State.ACCEPTED).order_by("expires_at")[:50]
        ),
        list(absences.filter(person=actor.id, ends_at__gt=now).order_by("starts_at")),
        list(
            absences.filter(state=Absence.State.ASKED, ends_at__gt=now)
            .filter(decided_by_actor(actor, "person__duty_teams__team"))
            .distinct()
            .order_by("starts_at")[:50]
        ),
    )


def decided_by_actor(actor: Actor, team: str) -> Q:
    """What somebody decides: of the teams whose chief they are, and of the agencies that they head."""
    agencies = [grant.agency_id for grant in actor.grants if grant.role == HEAD]
    if actor.has(LEAD):
        agencies.append(routing.centre().pk)
    return Q(**{f"{team}__chief": actor.id}) | Q(**{f"{team}__agency__in": agencies})


def shift_for(actor: Actor, shift_id: UUID, *, lock: bool = False) -> Shift:
    """A shift that somebody may see. Raises NotFound."""
    shifts = Shift.objects.select_related("team__agency", "person", "swapped_for")
    found = (shifts.select_for_update(of=("self",)) if lock else shifts).filter(pk=shift_id).first()
    if found is None or not (found.person_id == actor.id or access.may_see(actor, found.team.agency)):
        raise NotFound(_("There is no such shift."))
    return found


def swap_for(actor: Actor, swap_id: UUID, *, lock: bool = False) -> Swap:
    """A swap that somebody takes part in or decides. Raises NotFound."""
    swaps = Swap.objects.select_related("shift__team__agency", "in_return__team", "asked_by", "colleague")
    found = (swaps.select_for_update(of=("self",)) if lock else swaps).filter(pk=swap_id).first()
    if found is None or not (
        actor.id in (found.asked_by_id, found.colleague_id) or access.may_roster(actor, found.shift.team)
    ):
        raise NotFound(_("There is no such swap."))
    return found


def shifts_of(person_id: UUID, start: datetime, end: datetime) -> QuerySet[Shift]:
    shifts = Shift.objects.filter(person=person_id, called_off=False, ends_at__gt=start, starts_at__lt=end)
    return shifts.select_related("team__agency").order_by("starts_at")
