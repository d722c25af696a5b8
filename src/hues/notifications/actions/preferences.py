"""What somebody wants to be told, and how."""

from collections.abc import Mapping
from datetime import time
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hues.kernel import clock, journal
from hues.kernel.actors import Actor
from hues.kernel.errors import Forbidden, Invalid
from hues.notifications.models import Channel, Delivery, Preferences
from hues.notifications.wishes import KINDS, USUAL, Wishes, kind_of
from hues.people.models import User

Chosen = Mapping[str, Mapping[str, bool]]


@transaction.atomic
def save_preferences(
    *,
    actor: Actor,
    channels: Chosen | None = None,
    quiet: bool | None = None,
    quiet_from: time | None = None,
    quiet_until: time | None = None,
    plain_sms: bool | None = None,
) -> Preferences:
    """Change what is given; the rest stays. What is already waiting and no longer wanted is not sent."""
    if actor.id is None or actor.kind not in ("citizen", "staff"):
        raise Forbidden(_("Please sign in first."))
    given = {
        "quiet": quiet,
        "quiet_from": quiet_from,
        "quiet_until": quiet_until,
        "plain_sms": plain_sms,
    }
    return _save(actor, actor.id, channels or {}, {name: value for name, value in given.items() if value is not None})


@transaction.atomic
def unsubscribe(*, person_id: UUID, kind: str) -> bool:
    """No more mails of this kind, on the word of a signed link. Returns whether the person is still there."""
    if not User.objects.filter(pk=person_id).exists():
        return False
    _save(Actor("system", name="Hue-S"), person_id, {kind: {Channel.MAIL.value: False}}, {})
    return True


def _save(actor: Actor, person_id: UUID, channels: Chosen, values: dict[str, object]) -> Preferences:
    User.objects.select_for_update(no_key=True).get(pk=person_id)
    row = Preferences.objects.filter(person=person_id).first() or Preferences(person_id=person_id, channels={})
    row.channels = {
        **row.channels,
        **{kind: {**row.channels.get(kind, {}), **_checked(kind, of)} for kind, of in channels.items()},
    }
    for name, value in values.items():
        setattr(row, name, value)
    row.updated_at = clock.now()
    row.save()
    _drop_unwanted(row)
    journal.record(
        actor=actor, action="notices.preferences_saved", subject_kind="person", subject_id=person_id,
        topics=[f"person:{person_id}"], audit={"channels": row.channels, "quiet": row.quiet},
    )  # fmt: skip
    return row


def _checked(kind: str, of: Mapping[str, bool]) -> dict[str, bool]:
    """Raises Invalid for what nobody can choose."""
    if kind not in KINDS or not set(of) <= set(USUAL[kind]):
        problem = _("This cannot be chosen.")
        raise Invalid(problem, fields={"channels": problem})
    return {channel: bool(yes) for channel, yes in of.items()}


def _drop_unwanted(row: Preferences) -> None:
    wishes = Wishes(channels=row.channels)
    waiting = Delivery.objects.filter(notice__person=row.person_id, state=Delivery.State.QUEUED)
    unwanted = [
        pk
        for pk, channel, template in waiting.values_list("pk", "channel", "notice__template")
        if not wishes.wants(kind_of(template), channel)
    ]
    if unwanted:
        Delivery.objects.filter(pk__in=unwanted, state=Delivery.State.QUEUED).update(
            state=Delivery.State.SUPPRESSED, reason="unwanted", at=clock.now()
        )
