"""Every write of the wall: arrangements, and screens with a link of their own."""

import hashlib
import secrets
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hues.city.clock import today
from hues.kernel import clock, journal
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.wall.access import arranges
from hues.wall.models import Layout, Screen
from hues.wall.panes import CENTRE, PANES

MOST_LAYOUTS, MOST_SCREENS = 12, 40
_SIDE = 3  # panes one above the other that can still be read from five metres


@transaction.atomic
def save_layout(
    *, actor: Actor, name: str, centre: str, left: Sequence[str], right: Sequence[str], seconds: int,
    layout_id: UUID | None = None,
) -> Layout:  # fmt: skip
    """A new arrangement, or another one in the place of `layout_id`. Raises Invalid with the fields to mend."""
    _may(actor)
    fields = _mistakes(name, centre, left, right, seconds)
    if fields:
        raise Invalid(_("This arrangement cannot be shown."), fields=fields)
    Layout.objects.select_for_update().count()
    layout = Layout(created_at=clock.now()) if layout_id is None else _layout(layout_id)
    if Layout.objects.exclude(pk=layout.pk).filter(name=name.strip()).exists():
        raise Invalid(_("This arrangement cannot be shown."), fields={"name": _("Another one has this name.")})
    if layout_id is None and Layout.objects.count() >= MOST_LAYOUTS:
        raise Conflict(_("There are {most} arrangements already. Remove one first.").format(most=MOST_LAYOUTS))
    layout.name, layout.centre, layout.seconds = name.strip(), centre, seconds
    layout.left, layout.right = list(left), list(right)
    layout.save()
    _tell(actor, "wall.layout_saved", layout.pk, {"name": layout.name})
    return layout


@transaction.atomic
def remove_layout(*, actor: Actor, layout_id: UUID) -> None:
    """The wall goes on with the others; with none left, with those that come with the program."""
    _may(actor)
    layout = _layout(layout_id)
    layout.delete()
    _tell(actor, "wall.layout_removed", layout_id, {"name": layout.name})


@transaction.atomic
def open_screen(*, actor: Actor, name: str) -> tuple[Screen, str]:
    """A link for a screen on which nobody is signed in. The secret of the link is given here and never again."""
    _may(actor)
    if not 1 <= len(name.strip()) <= 60:
        raise Invalid(_("Where does it hang?"), fields={"name": _("Between 1 and 60 characters, please.")})
    if Screen.objects.filter(ended_at=None).count() >= MOST_SCREENS:
        raise Conflict(_("There are {most} screens already. End one first.").format(most=MOST_SCREENS))
    secret = secrets.token_urlsafe(24)
    screen = Screen.objects.create(
        name=name.strip(), link_hash=hashed(secret), opened_by_id=actor.id, opened_at=clock.now()
    )
    _tell(actor, "wall.screen_opened", screen.pk, {"name": screen.name})
    return screen, secret


@transaction.atomic
def end_screen(*, actor: Actor, screen_id: UUID) -> None:
    """Its link shows nothing any more, and what listens with it is cut off. Ending it twice changes nothing."""
    _may(actor)
    screen = Screen.objects.select_for_update().filter(pk=screen_id).first()
    if screen is None:
        raise NotFound(_("There is no such screen."))
    if screen.ended_at is None:
        screen.ended_at = clock.now()
        screen.save(update_fields=["ended_at"])
        _tell(actor, "wall.screen_ended", screen.pk, {"name": screen.name}, until(screen.pk))


def note_seen(screen: Screen) -> None:
    """Once a day: whoever looks after the screens sees which of them still live."""
    if screen.seen_on != today():
        Screen.objects.filter(pk=screen.pk).update(seen_on=today())


def until(screen_id: UUID) -> str:
    """The topic that ends the streams of a screen (hues.live)."""
    return f"until:screen:{screen_id}"


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _may(actor: Actor) -> None:
    if not arranges(actor):
        raise Forbidden(_("The shift lead arranges the walls."))


def _layout(layout_id: UUID) -> Layout:
    layout = Layout.objects.select_for_update().filter(pk=layout_id).first()
    if layout is None:
        raise NotFound(_("There is no such arrangement."))
    return layout


def _mistakes(name: str, centre: str, left: Sequence[str], right: Sequence[str], seconds: int) -> dict[str, str]:
    fields: dict[str, str] = {}
    if not 1 <= len(name.strip()) <= 60:
        fields["name"] = _("Between 1 and 60 characters, please.")
    if centre not in CENTRE:
        fields["centre"] = _("Choose one of the list.")
    for side, panes in (("left", left), ("right", right)):
        if len(panes) > _SIDE:
            fields[side] = _("At most {most}: more cannot be read from five metres.").format(most=_SIDE)
        elif not set(panes) <= set(PANES) or len(set(panes)) < len(panes):
            fields[side] = _("Choose from the list, each once.")
    if not 10 <= seconds <= 3600:
        fields["seconds"] = _("Between 10 seconds and an hour.")
    return fields


def _tell(actor: Actor, action: str, subject_id: UUID, said: dict[str, str], *topics: str) -> None:
    journal.record(
        actor=actor, action=action, subject_kind="wall", subject_id=subject_id, centre=said, topics=["centre", *topics]
    )
