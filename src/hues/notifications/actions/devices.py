"""Browsers that show notices: added by their person, on their own word, and gone when they sign out."""

from hashlib import sha256
from typing import Any
from uuid import UUID

from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from hues.kernel import clock, journal, limits, outbound
from hues.kernel.actors import SYSTEM, Actor
from hues.kernel.errors import Conflict, Invalid, NotFound
from hues.kernel.ids import new_id
from hues.notifications import jobs
from hues.notifications.models import Channel, Delivery, Notice, PushSubscription, RemovedDevice
from hues.notifications.push.encryption import Unusable, read_keys
from hues.notifications.push.network import parse
from hues.people.sessions import stored_key

MOST_DEVICES = 12
LONGEST_ENDPOINT = 1500


def digest_of(endpoint: str) -> str:
    return sha256(endpoint.encode()).hexdigest()


@transaction.atomic
def add_device(
    *, actor: Actor, endpoint: str, p256dh: str, auth: str, device: str = "", session_key: str = "", again: bool = False
) -> PushSubscription:
    """This browser shows the actor's notices from now on; another person's on the same browser no more.

    `again`: nobody pressed anything, the browser only says that it still does. Raises Invalid for what is no push subscription,
    Conflict beyond MOST_DEVICES, NotFound for one that says so after it was removed elsewhere.
    """
    assert actor.id is not None  # noqa: S101 - the doors let signed-in people in only
    public_key, secret = _checked(endpoint, p256dh, auth)
    removed = RemovedDevice.objects.filter(person=actor.id, endpoint_hash=digest_of(endpoint))
    if again and removed.exists():
        raise NotFound(_("There is no such device."))
    removed.delete()
    values = {
        "person_id": actor.id,
        "session": stored_key(session_key) if session_key else "",
        "endpoint": endpoint,
        "public_key": public_key,
        "auth": secret,
        "device": device[:120],
    }
    others = PushSubscription.objects.filter(person=actor.id).exclude(endpoint_hash=digest_of(endpoint))
    if others.count() >= MOST_DEVICES:
        raise Conflict(_("You have many devices already. Remove one that you do not use any more."))
    subscription, new = PushSubscription.objects.update_or_create(
        endpoint_hash=digest_of(endpoint), defaults=values, create_defaults={**values, "created_at": clock.now()}
    )
    if new:
        _note(actor, "notices.device_added", {"device": subscription.device})
    return subscription


def _checked(endpoint: str, p256dh: str, auth: str) -> tuple[bytes, bytes]:
    refusal = _("This browser cannot show notices of ours.")
    if len(endpoint) > LONGEST_ENDPOINT:
        raise Invalid(refusal, fields={"endpoint": refusal})
    try:
        parse(endpoint)
        return read_keys(p256dh, auth)
    except outbound.Refused:
        raise Invalid(refusal, fields={"endpoint": refusal}) from None
    except (Unusable, UnicodeError):
        raise Invalid(refusal, fields={"keys": refusal}) from None


@transaction.atomic
def change_device(*, old_endpoint: str, endpoint: str, p256dh: str, auth: str) -> None:
    """The browser renewed its subscription by itself. Its old address, which only it and we know, says whose it is."""
    known = PushSubscription.objects.select_for_update().filter(endpoint_hash=digest_of(old_endpoint)).first()
    if known is None:
        raise NotFound(_("There is no such device."))
    known.public_key, known.auth = _checked(endpoint, p256dh, auth)
    PushSubscription.objects.filter(endpoint_hash=digest_of(endpoint)).exclude(pk=known.pk).delete()
    known.endpoint, known.endpoint_hash = endpoint, digest_of(endpoint)
    known.save(update_fields=["endpoint", "endpoint_hash", "public_key", "auth"])


@transaction.atomic
def remove_device(*, actor: Actor, device_id: UUID | None = None, endpoint: str = "") -> None:
    """One of one's own, by its id (from any of them) or its address (from itself). NotFound for what is none (any more)."""
    assert actor.id is not None  # noqa: S101 - the doors let signed-in people in only
    mine = PushSubscription.objects.filter(person_id=actor.id)
    found = mine.filter(pk=device_id) if device_id else mine.filter(endpoint_hash=digest_of(endpoint))
    device = found.first()
    if device is None:
        raise NotFound(_("There is no such device."))
    device.delete()
    if device_id:
        RemovedDevice.objects.update_or_create(
            person_id=actor.id, endpoint_hash=device.endpoint_hash, defaults={"at": clock.now()}
        )
    _note(actor, "notices.device_removed", {})


def send_test(*, actor: Actor) -> None:
    """A notice to oneself, through web push: what would come, comes. TooMany beyond five in ten minutes."""
    assert actor.id is not None  # noqa: S101 - the doors let signed-in people in only
    limits.spend(f"notice-test:{actor.id}", limit=5, window=600)
    if not PushSubscription.objects.filter(person_id=actor.id).exists():
        raise NotFound(_("There is no such device."))
    now = clock.now()
    with transaction.atomic():
        entry_id = _note(actor, "notices.tested", {})
        notice = Notice.objects.create(
            person_id=actor.id, entry_id=entry_id, template="account.test", data={}, link="/me/settings/notices", at=now
        )
        Delivery.objects.create(id=new_id(), notice=notice, channel=Channel.PUSH, due_at=now, at=now)
        transaction.on_commit(jobs.ring)


def forget_devices_at_sign_out() -> None:
    """Whoever signs out of a browser wants no news on its screen: it may be a shared one."""
    user_logged_out.connect(_signed_out, dispatch_uid="notices.devices")


def _signed_out(request: HttpRequest | None = None, **_signal: Any) -> None:
    key = request.session.session_key if request is not None else None
    if key:
        PushSubscription.objects.filter(session=stored_key(key)).delete()


def _note(actor: Actor, action: str, audit: dict[str, object]) -> UUID:
    person_id = actor.id or SYSTEM.id
    assert person_id is not None  # noqa: S101 - one's own devices
    return journal.record(
        actor=actor,
        action=action,
        subject_kind="person",
        subject_id=person_id,
        topics=[f"person:{person_id}"],
        audit=audit,
    )
