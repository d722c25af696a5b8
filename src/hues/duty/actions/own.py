"""What somebody says of themselves: the number on which they are reached for duty."""

from django.db import transaction
from django.utils.translation import gettext as _

from hues.city import pack
from hues.duty import phones
from hues.duty.models import DutyPhone
from hues.kernel.actors import Actor
from hues.kernel.errors import Forbidden
from hues.people.phones import normalise


@transaction.atomic
def keep_phone(*, actor: Actor, phone: str) -> str:
    """Keep one's duty number, or forget it where nothing is typed. Returns it in E.164. Raises Invalid."""
    if actor.kind != "staff" or actor.id is None:
        raise Forbidden(_("Only staff have a duty number."))
    if not phone.strip():
        DutyPhone.objects.filter(person=actor.id).delete()
        return ""
    number = normalise(phone, str(pack.settings()["phone_region"]))
    phones.keep(actor.id, number)
    return number
