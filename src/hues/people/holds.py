"""What the law, or a restriction, keeps of an account that its owner wants erased (`hues.people.erasing.HOLDS`)."""

from uuid import UUID

from django.utils.translation import gettext as _

from hues.kernel import clock
from hues.people import queries
from hues.people.erasing import HOLDS, Hold
from hues.people.grounds import HELD_AFTER
from hues.people.models import Reveal


@HOLDS.register("reveals")
def of_reveals(person_id: UUID) -> list[Hold]:
    """An identity that is being asked for, or was opened lately: it may be evidence."""
    now, found = clock.now(), []
    waiting = (Reveal.State.ASKED, Reveal.State.APPROVED)
    for one in Reveal.objects.filter(person_id=person_id, state__in=[*waiting, Reveal.State.OPENED]):
        until = one.opened_at + HELD_AFTER if one.opened_at else one.expires_at
        if until > now:
            found.append(Hold(one.subject_code, _("A request by law is being handled"), until))
    return found


@HOLDS.register("restrictions")
def of_restrictions(person_id: UUID) -> list[Hold]:
    """A lock is not shaken off by a new account: the number stays taken until it ends."""
    rows = queries.in_force().filter(user_id=person_id)
    return [Hold("", _("Your number stays reserved until the restriction ends"), row.ends_at) for row in rows]
