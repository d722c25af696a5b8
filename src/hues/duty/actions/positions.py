"""Where people on duty are: only with their yes, only while on duty, only the newest position. Not in the journal."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from hues.duty.models import Position, Shift
from hues.duty.queries.now import current_shift, present
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Forbidden, Invalid
from hues.kernel.geo import parse_point

AT_MOST = timedelta(hours=12)
WORST_ACCURACY_M = 5_000


@transaction.atomic
def start_sharing(*, actor: Actor) -> Position:
    """Somebody on duty says yes: until the end of this shift, or until they say no. Raises Forbidden off duty."""
    shift = current_shift(actor)
    if shift is None or actor.id is None:
        raise Forbidden(_("You can share your position only while you are on duty."))
    now = clock.now()
    given = {"agreed_at": now, "until": min(shift.ends_at, now + AT_MOST), "lat": None, "lon": None, "at": None}
    return Position.objects.update_or_create(person_id=actor.id, defaults={**given, "accuracy_m": None})[0]


@transaction.atomic
def stop_sharing(*, actor: Actor) -> None:
    """What was known of the position is gone at once."""
    Position.objects.filter(person=actor.id).delete()


@transaction.atomic
def note_position(*, actor: Actor, lat: object, lon: object, accuracy_m: object = None) -> Position:
    """Keep where somebody is now. Raises Forbidden for who is not on duty or did not say yes, Invalid for no point.

    A row that is refused because the shift is over is erased with it.
    """
    point = parse_point(lat, lon)
    accuracy = _accuracy(accuracy_m)
    row = Position.objects.select_for_update().filter(person=actor.id).first()
    if row is None:
        raise Forbidden(_("Switch on sharing first: without your yes no position is kept."))
    now = clock.now()
    if row.until <= now or current_shift(actor) is None:
        raise Forbidden(_("You can share your position only while you are on duty."))
    row.lat, row.lon, row.accuracy_m, row.at = point.lat, point.lon, accuracy, now
    row.save(update_fields=["lat", "lon", "accuracy_m", "at"])
    return row


def _accuracy(given: object) -> float | None:
    if given in (None, ""):
        return None
    try:
        metres = float(str(given))
    except ValueError:
        metres = -1.0
    if not 0 <= metres <= WORST_ACCURACY_M:
        raise Invalid(_("This position is too vague to be of use."), fields={"accuracy_m": _("Try again outdoors.")})
    return metres


def sweep_positions() -> int:
    """Erase positions whose time is over or whose person is no longer on duty; returns how many."""
    now = clock.now()
    there = present(Shift.objects.filter(person=OuterRef("person"), standby=False), now)
    return Position.objects.filter(Q(until__lte=now) | Q(agreed_at__lte=now - AT_MOST) | ~Exists(there)).delete()[0]
