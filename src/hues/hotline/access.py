"""Who may do what at the telephones.

|                         | the queue, their own calls | others' calls | a number                 | what was said    | surge, hold |
|-------------------------|----------------------------|---------------|--------------------------|------------------|-------------|
| operators               | yes                        | read          | while they talk; else    | own calls, with  | –           |
|                         |                            |               | for a reason, journalled | a reason         |             |
| leads                   | yes                        | read          | the same                 | with a reason    | yes         |
| auditors                | –                          | read          | –                        | with a reason    | –           |
| volunteers, in a surge  | yes                        | –             | while they talk          | –                | –           |
| agencies                | that somebody called, on their case: when, for how long   | –                | –           |
"""

from django.db.models import Q

from hues.hotline.models import Call
from hues.kernel.actors import AUDITOR, LEAD, VOLUNTEER, Actor

NOBODY = Q(pk__in=())


def is_volunteer(actor: Actor) -> bool:
    """Somebody who only helps at the telephones."""
    return actor.kind == "staff" and actor.has(VOLUNTEER) and not actor.in_centre


def may_answer(actor: Actor) -> bool:
    """The centre; volunteers while there is a surge. One statement for volunteers, none for others."""
    if actor.kind != "staff":
        return False
    return actor.in_centre or (actor.has(VOLUNTEER) and in_surge())


def may_look(actor: Actor) -> bool:
    """Who finds the desk at all: those who answer, and auditors. A volunteer without a surge is told that it is over."""
    return actor.kind == "staff" and (actor.in_centre or actor.has(AUDITOR, VOLUNTEER))


def may_lead(actor: Actor) -> bool:
    return actor.kind == "staff" and actor.has(LEAD)


def may_read(actor: Actor) -> bool:
    """Everybody's calls, call-backs and figures."""
    return actor.kind == "staff" and (actor.in_centre or actor.has(AUDITOR))


def visible_to(actor: Actor) -> Q:
    """Calls that this viewer may see."""
    if actor.kind == "system" or may_read(actor):
        return Q()
    if is_volunteer(actor) and actor.id is not None and in_surge():
        return Q(operator_id=actor.id) | Q(state=Call.State.WAITING)
    return NOBODY


def may_handle(actor: Actor, call: Call) -> bool:
    """Who writes to a call: whoever took it, a lead; anybody who answers while it is nobody's."""
    if actor.kind == "system":
        return True
    if not may_answer(actor):
        return False
    return call.operator_id in (None, actor.id) or may_lead(actor)


def may_open_recording(actor: Actor, call: Call) -> bool:
    if actor.kind != "staff":
        return False
    return actor.has(LEAD, AUDITOR) or (
        actor.in_centre and call.operator_id is not None and call.operator_id == actor.id
    )


def may_read_log(actor: Actor) -> bool:
    """Who listened to what, and why: those who answer for it."""
    return actor.kind == "staff" and actor.has(LEAD, AUDITOR)


def in_surge() -> bool:
    """One statement."""
    from hues.hotline.models import Surge

    return Surge.objects.filter(off_at=None).exists()
