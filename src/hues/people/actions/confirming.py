"""Somebody who is signed in proves once more that it is them: citizens by a code to their own number."""

from django.utils.translation import gettext as _

from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid, NotFound
from hues.people.actions.citizens import open_vault
from hues.people.actions.codes import SentCode, confirm_code, send_code
from hues.people.models import User

PURPOSE = "confirm"


def send_own_code(*, actor: Actor, user: User, session_key: str, ip: str) -> SentCode:
    """Send a code to the number that the vault holds for this account."""
    if actor.id != user.pk or user.kind != User.Kind.CITIZEN:
        raise NotFound(_("There is no such account."))
    number = open_vault(actor=actor, user=user, purpose="code to confirm").phone
    return send_code(phone=number, purpose=PURPOSE, session_key=session_key, ip=ip)


def confirm_own_code(*, user: User, code: str, session_key: str, ip: str) -> None:
    """Raises Invalid unless it is the code that went to this account's number, in this browser."""
    found = confirm_code(code=code, purpose=PURPOSE, session_key=session_key, ip=ip)
    if found.pk != user.pk:
        raise Invalid(_("Please check the code."), fields={"code": _("Please ask for a new code.")})
