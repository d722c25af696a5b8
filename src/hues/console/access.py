"""Who works at the console: the operations centre, and nobody else."""

from uuid import UUID

from django.utils.translation import gettext as _

from hues.kernel.actors import Actor
from hues.kernel.errors import Forbidden


def operator(actor: Actor) -> UUID:
    """The operator's id. Raises Forbidden for everyone outside the centre."""
    if actor.kind != "staff" or not actor.in_centre or actor.id is None:
        raise Forbidden(_("Only the centre triages."))
    return actor.id
