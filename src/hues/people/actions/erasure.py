"""A citizen leaves: the account closes at once, then a job takes away, room by room, what is kept of them.

The job may be killed at any moment: each step is one transaction that also notes that it is done.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from hues.kernel import clock, files, journal
from hues.kernel.actors import SYSTEM, Actor
from hues.kernel.errors import NotFound
from hues.kernel.ids import new_code
from hues.kernel.models import StoredFile
from hues.people import erasing, exporting, jobs, queries, receipts
from hues.people.actions.citizens import HELD
from hues.people.models import Erasure, Export, OneTimeCode, Passkey, Restriction, Session, User, VaultRecord

GROUND = "PDP Law 91/2025/QH15: erased by its owner"
AGAIN = timedelta(minutes=10)  # after a step that failed


def erase_person(*, actor: Actor, withdraw_public: bool = False) -> Erasure:
    """Erase the account of a citizen; the page has just made sure that it is really them. Returns the receipt.

    `withdraw_public`: texts and photos that everybody could see go as well. Asked twice, it answers the same.
    """
    if actor.kind != "citizen" or actor.id is None:
        raise NotFound(_("There is no such account."))
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=actor.id, kind=User.Kind.CITIZEN).first()
        if user is None:
            raise NotFound(_("There is no such account."))
        erasure = Erasure.objects.filter(person_id=user.pk).first()
        if erasure is not None:
            return erasure
        now = clock.now()
        erasure = Erasure.objects.create(
            receipt=new_code("XD", 8), person_id=user.pk, withdraw_public=withdraw_public, asked_at=now, next_at=now
        )
        close_account(user, now)
        journal.record(
            actor=actor, action="people.erasure_asked", subject_kind="person", subject_id=user.pk,
            audit={"receipt": erasure.receipt, "withdraw_public": withdraw_public},
        )  # fmt: skip
        jobs.erase.defer(erasure_id=str(erasure.pk))
        transaction.on_commit(partial(receipts.write, erasure), robust=True)
    return erasure


def close_account(user: User, now: datetime) -> None:
    """Nobody can sign in any more, and the pseudonym is gone."""
    Session.objects.filter(user=user).delete()
    Passkey.objects.filter(user=user).delete()
    for export in Export.objects.filter(user=user):
        drop_export(export)
    lookups = list(VaultRecord.objects.filter(user=user).values_list("phone_lookup", flat=True))
    OneTimeCode.objects.filter(phone_lookup__in=lookups).delete()
    held = erasing.holds_of(user.pk)
    if not held:
        VaultRecord.objects.filter(user=user).delete()
    elif not queries.in_force().filter(user=user).exists():  # kept for the law, but the number is free again
        VaultRecord.objects.filter(user=user).update(phone_lookup=f"{HELD}{user.pk.hex}")
    user.username, user.is_active, user.erased_at = f"erased-{user.pk.hex[-12:]}", False, now
    user.save(update_fields=["username", "is_active", "erased_at"])


def drop_export(export: Export) -> None:
    """The archive, then its row: a crash in between leaves a row without a file, which the next tidying removes."""
    exporting.delete_archive(export.pk)
    export.delete()


def go_on(erasure_id: UUID) -> bool:
    """Take the next step. Returns whether there is another one to take now."""
    with transaction.atomic():
        erasure = Erasure.objects.select_for_update(skip_locked=True).filter(pk=erasure_id).first()
        if erasure is None or erasure.next_at is None or erasure.next_at > clock.now():
            return False
        turn: list[str] = erasure.done.setdefault("turn", [])
        for name, erase in (*erasing.ERASERS.items(), *_LAST):
            if name not in turn:
                _count(erasure.done, erase(erasure.person_id))
                turn.append(name)
                erasure.save(update_fields=["done"])
                return True
        _finish(erasure)
    return False


def _count(done: dict[str, Any], counts: dict[str, int]) -> None:
    kept = done.setdefault("counts", {})
    for what, n in counts.items():
        kept[what] = kept.get(what, 0) + n


def _finish(erasure: Erasure) -> None:
    """After the last room: wait for what the law holds, or be done."""
    holds, now = erasing.holds_of(erasure.person_id), clock.now()
    erasure.held = [{"subject": one.subject, "reason": one.reason, "until": one.until.isoformat()} for one in holds]
    erasure.done["turn"] = []
    erasure.next_at = None
    if holds:  # looked at once a day: a hold may end early
        erasure.next_at = min(max(min(one.until for one in holds), now + AGAIN), now + timedelta(days=1))
    erasure.save(update_fields=["held", "next_at", "done"])
    receipts.write(erasure)
    journal.record(
        actor=SYSTEM, action="people.erasure_waits" if holds else "people.erased", subject_kind="person",
        subject_id=erasure.person_id,
        audit={"receipt": erasure.receipt, "counts": erasure.done["counts"], "held": len(holds)},
    )  # fmt: skip


def postpone(erasure_id: UUID) -> None:
    """A step failed: the others are done, this one is tried again."""
    Erasure.objects.filter(pk=erasure_id, next_at__isnull=False).update(next_at=clock.now() + AGAIN)


# What the people room itself erases, in this order, after all other rooms.


def erase_uploads(person_id: UUID) -> dict[str, int]:
    """Photos that nothing uses any more; what a published case still shows loses its owner's name."""
    relations = [relation.name for relation in StoredFile._meta.related_objects]
    own = StoredFile.objects.filter(owner_id=person_id)
    unused = own.filter(**{f"{name}__isnull": True for name in relations})
    ids = list(unused.values_list("pk", flat=True))
    for file_id in ids:
        files.delete_file(file_id)
    return {"photos": len(ids)}


def erase_words(person_id: UUID) -> dict[str, int]:
    """Entries of the journal about the person that carry words of theirs (names of devices, notices)."""
    about = [person_id, *Restriction.objects.filter(user_id=person_id).values_list("pk", flat=True)]
    sql = """select id from kernel_journalentry
    where subject_id = any(%s) and parts ?| array['notify', 'party', 'staff', 'centre'] and salt <> ''"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [about])
        ids = [row[0] for row in cursor.fetchall()]
    for entry_id in ids:
        journal.erase_entry(actor=SYSTEM, entry_id=entry_id, ground=GROUND)
    return {"entries": len(ids)}


def erase_account(person_id: UUID) -> dict[str, int]:
    """Number and name, unless the law still holds them; what is left of the account is an empty row."""
    if erasing.holds_of(person_id):
        return {"identity": 0}
    Restriction.objects.filter(user_id=person_id).delete()
    gone, _by_model = VaultRecord.objects.filter(user_id=person_id).delete()
    StoredFile.objects.filter(owner_id=person_id).update(owner_id=None)
    User.objects.filter(pk=person_id, kind=User.Kind.CITIZEN).update(display_name="", email="")
    return {"identity": gone}


_LAST = (("uploads", erase_uploads), ("words", erase_words), ("account", erase_account))
