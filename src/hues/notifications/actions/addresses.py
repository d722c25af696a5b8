"""A citizen's e-mail address: sealed, and used only after the code that was sent there was typed."""

from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from hues.kernel import clock, journal, limits
from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid, NotFound
from hues.kernel.http.problems import Unavailable
from hues.kernel.ids import new_id
from hues.notifications import jobs
from hues.notifications.channels.mail import compose
from hues.notifications.mailers import Mail, Refused, mailer
from hues.notifications.models import MailAddress
from hues.people import codes, vault
from hues.people.models import User

CODE_LIVES = timedelta(minutes=15)
TRIES = 5
LONGEST = 254  # RFC 5321 §4.5.3.1.3


def set_address(*, actor: Actor, address: str, language: str) -> None:
    """Send a code to an address that is to be the actor's; the one there was stays until the code is typed.

    Raises Invalid for what is no address, TooMany, Unavailable where the city sends no mail.
    """
    if actor.kind != "citizen" or actor.id is None:
        raise NotFound(_("There is no such page."))
    if not mailer().ready():
        raise Unavailable(_("This city cannot send e-mail at the moment."))
    address = checked(address)
    limits.spend(f"mail-code:{actor.id}", limit=5, window=3600)
    limits.spend(f"mail-code-to:{vault.current().digest(address.lower()).hex()}", limit=5, window=86400)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=actor.id)
        code_id = new_id()
        values = {
            "key_id": vault.current().id,
            "waiting": vault.seal(address.encode(), actor.id.bytes),
            "code_id": code_id,
            "code_until": clock.now() + CODE_LIVES,
            "tries": 0,
        }
        row = MailAddress.objects.filter(person=actor.id).first()
        if row and row.confirmed_at:  # both under one key: what is confirmed is sealed anew
            values["sealed"] = vault.seal(vault.open_sealed(row.sealed, actor.id.bytes), actor.id.bytes)
        MailAddress.objects.update_or_create(person_id=actor.id, defaults=values)
        if mailer().immediate:
            post_code(actor.id, code_id, language)
        else:
            jobs.send_address_code.defer(person_id=str(actor.id), code_id=str(code_id), language=language)


def checked(typed: str) -> str:
    """Raises Invalid."""
    address = typed.strip()
    problem = _("This is not a complete e-mail address.")
    try:
        validate_email(address)
    except ValidationError:
        raise Invalid(problem, fields={"address": problem}) from None
    if len(address) > LONGEST or not address.isascii():
        raise Invalid(problem, fields={"address": problem})
    return address


def post_code(person_id: UUID, code_id: UUID, language: str) -> None:
    """Send the code, unless it was used, replaced or is too old. Raises mailers.NotSent where another try may help."""
    row = MailAddress.objects.filter(person=person_id, code_id=code_id, code_until__gt=clock.now()).first()
    if row is None:
        return
    address = vault.open_sealed(row.waiting, person_id.bytes).decode()
    with translation.override(language):
        message = compose(
            address,
            _("Your code for this address"),
            [_("Type it in the app, and news of your reports will come here. It works for 15 minutes.")],
            message_id=code_id,
            language=language,
            code=codes.code_of(code_id),
        )
    with mailer().open() as send_mail:
        try:
            send_mail(Mail(code_id, address, message))
        except Refused:
            MailAddress.objects.filter(person=person_id, code_id=code_id).update(code_until=clock.now())


def confirm_address(*, actor: Actor, code: str) -> None:
    """The code that came to the address was typed. Raises Invalid, with the tries that are left counted."""
    with transaction.atomic():
        row = MailAddress.objects.select_for_update().filter(person_id=actor.id).first()
        if row is None or row.code_id is None:
            raise NotFound(_("There is no such page."))
        problem = ""
        if row.code_until is None or row.code_until <= clock.now() or row.tries >= TRIES:
            problem = _("This code is too old. Have a new one sent.")
        elif not codes.is_code(row.code_id, code):
            row.tries += 1
            row.save(update_fields=["tries"])
            problem = _("That is not the code. Please look again.")
        else:
            row.sealed, row.confirmed_at = row.waiting, clock.now()
            row.waiting, row.code_id, row.code_until = b"", None, None
            row.save()
            _note(actor, "notices.address_confirmed")
    if problem:  # after the transaction: a wrong try stays counted
        raise Invalid(problem, fields={"code": problem})


@transaction.atomic
def forget_address(*, actor: Actor) -> None:
    if not MailAddress.objects.filter(person_id=actor.id).delete()[0]:
        raise NotFound(_("There is no such page."))
    _note(actor, "notices.address_removed")


def reseal_addresses(batch: int = 500) -> int:
    """Bring addresses under the vault's current key; returns how many."""
    done, current = 0, vault.current().id
    while True:
        with transaction.atomic():
            rows = list(MailAddress.objects.exclude(key_id=current).select_for_update(skip_locked=True)[:batch])
            for row in rows:
                owner = row.person_id.bytes
                row.sealed = (vault.reseal(row.sealed, owner) or row.sealed) if row.sealed else b""
                row.waiting = (vault.reseal(row.waiting, owner) or row.waiting) if row.waiting else b""
                row.key_id = current
            MailAddress.objects.bulk_update(rows, ["sealed", "waiting", "key_id"])
        if not rows:
            return done
        done += len(rows)


def address_of(person_id: UUID) -> tuple[str, str]:
    """For its owner alone: (the confirmed address, the one that waits for its code), each "" where there is none."""
    row = MailAddress.objects.filter(person=person_id).first()
    if row is None:
        return "", ""
    live = row.code_until is not None and row.code_until > clock.now()
    sealed, waiting = (
        vault.open_sealed(blob, person_id.bytes).decode() if blob else "" for blob in (row.sealed, row.waiting)
    )
    return sealed, waiting if live else ""


def _note(actor: Actor, action: str) -> None:
    assert actor.id is not None  # noqa: S101 - one's own address
    journal.record(
        actor=actor, action=action, subject_kind="person", subject_id=actor.id, topics=[f"person:{actor.id}"], audit={}
    )
