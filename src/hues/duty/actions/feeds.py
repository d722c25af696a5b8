"""The private address of somebody's calendar: signed, so that it cannot be guessed, and renewed when it got around."""

import base64
import binascii
import hmac
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from hues.duty.models import CalendarFeed
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Forbidden
from hues.people.models import User

_SIGNED = 16  # bytes of the signature: 128 bits


@transaction.atomic
def feed_path(*, actor: Actor) -> str:
    """The address of one's own shifts, made when it is first asked for."""
    feed, _made = CalendarFeed.objects.get_or_create(person_id=_person(actor), defaults={"made_at": clock.now()})
    return f"/duty/calendar/{_token(feed.person_id, feed.serial)}.ics"


@transaction.atomic
def renew_feed(*, actor: Actor) -> str:
    """A new address; the old one opens nothing any more."""
    person_id = _person(actor)
    now = clock.now()
    if not CalendarFeed.objects.filter(person=person_id).update(serial=F("serial") + 1, made_at=now):
        CalendarFeed.objects.create(person_id=person_id, serial=1, made_at=now)
    return feed_path(actor=actor)


def person_of_feed(token: str) -> User | None:
    """Whose calendar an address opens; None for a forged or outdated one, and for a closed account. One statement."""
    try:
        raw = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except (binascii.Error, ValueError):
        return None
    if len(raw) != 20 + _SIGNED or not hmac.compare_digest(raw[20:], _signature(raw[:20])):
        return None
    if base64.b32encode(raw).decode().rstrip("=").lower() != token:  # spelled otherwise: spare bits of the last letter
        return None
    feed = CalendarFeed.objects.select_related("person").filter(
        person=UUID(bytes=raw[:16]), serial=int.from_bytes(raw[16:20], "big"), person__is_active=True
    )
    found = feed.first()
    return found.person if found else None


def _person(actor: Actor) -> UUID:
    if actor.kind != "staff" or actor.id is None:
        raise Forbidden(_("Only staff have a duty calendar."))
    return actor.id


def _token(person_id: UUID, serial: int) -> str:
    body = person_id.bytes + serial.to_bytes(4, "big")
    return base64.b32encode(body + _signature(body)).decode().rstrip("=").lower()


def _signature(body: bytes) -> bytes:
    return salted_hmac("hues.duty.calendar", body, algorithm="sha256").digest()[:_SIGNED]
