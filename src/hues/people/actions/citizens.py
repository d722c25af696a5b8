"""What a citizen entrusts to us (name and number in the vault, the language), and the only doors to the vault."""

import json
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from hues.kernel import clock, journal
from hues.kernel.actors import SYSTEM, Actor
from hues.kernel.errors import Invalid, NotFound
from hues.kernel.text import clean
from hues.people import vault
from hues.people.models import Reveal, User, VaultRecord

LONGEST_NAME = 120
HELD = "held:"  # begins the lookup of a record that the law holds after its owner left: no number leads to it


@dataclass(frozen=True)
class Identity:
    phone: str  # E.164
    name: str


def seal_identity(user_id: UUID, *, phone: str, name: str) -> bytes:
    return vault.seal(json.dumps({"phone": phone, "name": name}, ensure_ascii=False).encode(), user_id.bytes)


def _unseal(record: VaultRecord) -> Identity:
    return Identity(**json.loads(vault.open_sealed(record.ciphertext, record.user_id.bytes)))


def _locked(user_id: UUID) -> VaultRecord:
    record = VaultRecord.objects.select_for_update().filter(user_id=user_id).first()
    if record is None:
        raise NotFound(_("We hold no personal data of this account."))
    return record


@transaction.atomic
def open_vault(*, actor: Actor, user: User, purpose: str) -> Identity:
    """Who a citizen is.

    Only they themselves may ask; every opening is written in the journal for auditors. Others get NotFound.
    """
    if actor.id != user.pk:
        raise NotFound(_("We hold no personal data of this account."))
    identity = _unseal(_locked(user.pk))
    _note(actor, "people.vault_opened", user.pk, {"purpose": purpose})
    return identity


def unseal_for_law(*, actor: Actor, reveal: Reveal) -> Identity:
    """What a reveal that two people agreed on may show, and no more. Called by `open_reveal` alone, in its transaction.

    The table itself refuses a reveal that one person decided alone; here it is checked once more, at the vault's door.
    """
    if reveal.decided_by_id is None or reveal.decided_by_id == reveal.asked_by_id or actor.id != reveal.asked_by_id:
        raise NotFound(_("We hold no personal data of this account."))
    identity = _unseal(_locked(reveal.person_id))
    _note(actor, "people.vault_opened", reveal.person_id, {"purpose": "reveal", "number": reveal.number})
    return Identity(
        phone=identity.phone if "phone" in reveal.needs else "", name=identity.name if "name" in reveal.needs else ""
    )


@transaction.atomic
def set_name(*, actor: Actor, user: User, name: str) -> None:
    """Keep, change or (with an empty text) forget the name of a citizen; only they themselves may."""
    if actor.id != user.pk:
        raise NotFound(_("We hold no personal data of this account."))
    name = clean(name, max_length=LONGEST_NAME, field="name")
    record = _locked(user.pk)
    record.ciphertext = seal_identity(user.pk, phone=_unseal(record).phone, name=name)
    record.key_id, record.updated_at = vault.current().id, clock.now()
    record.save(update_fields=["ciphertext", "key_id", "updated_at"])
    _note(actor, "people.name_set", user.pk, {"given": bool(name)})


@transaction.atomic
def set_language(*, actor: Actor, user: User, language: str) -> None:
    """The language in which the system speaks to somebody."""
    if actor.id != user.pk:
        raise NotFound(_("There is no such account."))
    if language not in dict(settings.LANGUAGES):
        raise Invalid(
            _("We do not speak this language yet."), fields={"language": _("We do not speak this language yet.")}
        )
    if user.language == language:
        return
    User.objects.filter(pk=user.pk).update(language=language)
    _note(actor, "people.language_set", user.pk, {"language": language})


def rotate_vault(*, batch: int = 500) -> int:
    """Re-seal under the current key whatever is still under an old one; returns how many records.

    Each batch is its own transaction, so it can be stopped and started again at any time, while the city is running.
    """
    done = 0
    while moved := _rotate_batch(batch):
        done += moved
    return done + _rotate_second_factors() + sum(reseal() for _name, reseal in vault.RESEALERS.items())


@transaction.atomic
def _rotate_batch(batch: int) -> int:
    key, *old = vault.keyring().values()
    outdated = VaultRecord.objects.filter(key_id__in=[k.id for k in old]).order_by("key_id", "user_id")
    records = list(outdated.select_for_update()[:batch])
    now = clock.now()
    for record in records:
        identity = _unseal(record)
        record.ciphertext = seal_identity(record.user_id, phone=identity.phone, name=identity.name)
        record.key_id, record.updated_at = key.id, now
        if not record.phone_lookup.startswith(HELD):
            record.phone_lookup = key.lookup(identity.phone)
    VaultRecord.objects.bulk_update(records, ["ciphertext", "key_id", "phone_lookup", "updated_at"])
    if records:
        journal.record(
            actor=SYSTEM,
            action="people.vault_rotated",
            subject_kind="vault",
            subject_id=records[0].user_id,
            audit={"records": len(records), "key": key.id},
        )
    return len(records)


def _rotate_second_factors() -> int:
    from hues.people import mfa

    return mfa.reseal_all()


def _note(actor: Actor, action: str, user_id: UUID, audit: dict[str, object]) -> None:
    journal.record(
        actor=actor, action=action, subject_kind="person", subject_id=user_id, topics=[f"person:{user_id}"], audit=audit
    )
