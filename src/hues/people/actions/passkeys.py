"""Passkeys: add, use, rename, remove."""

from typing import Any
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.utils.translation import gettext as _
from fido2.webauthn import AuthenticatorData

from hues.kernel import clock, journal
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.limits import spend
from hues.kernel.text import clean
from hues.people import passkeys, queries
from hues.people.access import id_of
from hues.people.addresses import network
from hues.people.models import Passkey, User

MOST = 10  # of one account
CEREMONIES = (60, 3600)  # challenges for one address in an hour


def begin_passkey(*, session: SessionBase, purpose: str, user: User | None, ip: str) -> dict[str, Any]:
    """A challenge for this browser: to "add" a passkey to `user`, to "confirm" that it is them, or to "sign-in"."""
    spend(f"passkey:ip:{network(ip)}", limit=CEREMONIES[0], window=CEREMONIES[1])
    if purpose == "sign-in":
        return passkeys.begin_proving(session)
    if user is None:
        raise NotFound(_("There is no such account."))
    if purpose == "confirm":
        return passkeys.begin_proving(session, user)
    if user.passkeys.count() >= MOST:
        raise Conflict(_("You have ten passkeys. Remove one that you no longer use."))
    return passkeys.begin_adding(session, user)


def add_passkey(*, actor: Actor, user: User, session: SessionBase, answer: Any, name: str) -> Passkey:
    """Keep a new passkey under a name of its owner's choosing. The page has just made sure that it is really them."""
    if actor.id != user.pk:
        raise NotFound(_("There is no such account."))
    name = clean(name, max_length=60, field="name") or _("My device")
    made = passkeys.finish_adding(session, user, answer)
    credential = made.credential_data
    if credential is None:
        raise Invalid(_("This device made no passkey."))
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if user.passkeys.count() >= MOST or Passkey.objects.filter(credential_id=credential.credential_id).exists():
            raise Conflict(_("This passkey is known already."))
        passkey = Passkey.objects.create(
            user=user,
            credential_id=credential.credential_id,
            credential=bytes(credential),
            sign_count=made.counter,
            synced=made.is_backed_up(),
            name=name,
            created_at=clock.now(),
        )
        _note(actor, "people.passkey_added", user.pk, {"passkey": str(passkey.pk)}, tell={"name": name})
    return passkey


def prove_passkey(*, session: SessionBase, answer: Any, user: User | None = None) -> User:
    """Whose passkey answered this browser's challenge: to sign in, or (with `user`) to confirm. Raises Invalid.

    A counter that did not rise means that a copy of the device is about (WebAuthn §7.2 step 22): refused, written down.
    """
    passkey, said = passkeys.finish_proving(session, answer, user)
    with transaction.atomic():
        kept = Passkey.objects.select_for_update().filter(pk=passkey.pk).first()
        owner = queries.account(passkey.user_id)
        copied = kept is not None and bool(said.counter or kept.sign_count) and said.counter <= kept.sign_count
        if kept and owner and not copied:
            _note_use(kept, said)
        elif copied:
            _note(queries.actor_for(owner), "people.passkey_copied", passkey.user_id, {"passkey": str(passkey.pk)})
    if copied or kept is None:
        raise Invalid(_("This passkey was not accepted. Please sign in another way."), code="passkey-refused")
    if owner is None:
        raise Forbidden(_("This account is closed. Please call the city's information line."))
    return owner


def _note_use(passkey: Passkey, said: AuthenticatorData) -> None:
    passkey.sign_count, passkey.last_used_at, passkey.synced = said.counter, clock.now(), said.is_backed_up()
    passkey.save(update_fields=["sign_count", "last_used_at", "synced"])


@transaction.atomic
def rename_passkey(*, actor: Actor, passkey_id: UUID, name: str) -> None:
    passkey = _own(actor, passkey_id)
    if not (name := clean(name, max_length=60, field="name")):
        raise Invalid(_("Please give it a name."), fields={"name": _("Please give it a name.")})
    passkey.name = name
    passkey.save(update_fields=["name"])
    _note(actor, "people.passkey_renamed", passkey.user_id, {"passkey": str(passkey.pk)})


@transaction.atomic
def remove_passkey(*, actor: Actor, passkey_id: UUID) -> None:
    """It opens nothing any more. Numbers and passwords still do, so nobody is locked out by this."""
    passkey = _own(actor, passkey_id)
    name = passkey.name
    passkey.delete()
    _note(actor, "people.passkey_removed", passkey.user_id, {"passkey": str(passkey_id)}, tell={"name": name})


def _own(actor: Actor, passkey_id: UUID) -> Passkey:
    passkey = Passkey.objects.select_for_update().filter(pk=passkey_id, user_id=id_of(actor)).first()
    if passkey is None:
        raise NotFound(_("There is no such passkey."))
    return passkey


def _note(actor: Actor, action: str, user_id: UUID, audit: dict[str, Any], tell: dict[str, Any] | None = None) -> None:
    notify = (
        [journal.Notify(user_id, action, "/me/settings#passkeys", tell)] if tell and actor.kind == "citizen" else []
    )
    journal.record(
        actor=actor, action=action, subject_kind="person", subject_id=user_id, topics=[f"person:{user_id}"],
        audit=audit, notify=notify,
    )  # fmt: skip
