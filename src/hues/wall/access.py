"""Who looks at the wall: the centre, and those the ladder ends with. Screens without a person have a link of their own (`actions.open_screen`)."""

from hues.cases import reference
from hues.kernel.actors import LEAD, Actor


def sees(actor: Actor) -> bool:
    if actor.kind != "staff":
        return False
    chair = reference.chair()
    return actor.in_centre or bool(chair and actor.heads(chair.pk))


def arranges(actor: Actor) -> bool:
    """Who says what the walls show, and gives screens their links."""
    return actor.kind == "staff" and actor.has(LEAD)
