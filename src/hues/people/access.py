"""Who may change accounts."""

from uuid import UUID

from django.utils.translation import gettext as _

from hues.kernel.actors import ADMINISTRATOR, Actor
from hues.kernel.errors import NotFound


def id_of(actor: Actor) -> UUID:
    """The account of who acts; for whoever has none there is nothing here."""
    if actor.id is None:
        raise NotFound(_("There is no such page."))
    return actor.id


def may_administer(actor: Actor) -> bool:
    return actor.kind == "system" or (actor.kind == "staff" and actor.has(ADMINISTRATOR))


def require_administrator(actor: Actor) -> None:
    """Accounts and keys exist for administrators only; for everybody else there is nothing here."""
    if not may_administer(actor):
        raise NotFound(_("There is no such page."))
