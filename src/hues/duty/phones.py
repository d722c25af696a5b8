"""The numbers on which staff are reached for duty: sealed, entered by themselves, read for calling and texting only."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from hues.duty.models import DutyPhone
from hues.people import vault


def numbers_of(person_ids: Collection[UUID]) -> dict[UUID, str]:
    """E.164 numbers by person. One statement."""
    rows = DutyPhone.objects.filter(person__in=person_ids)
    return {row.person_id: vault.open_sealed(row.sealed, row.person_id.bytes).decode() for row in rows}


def keep(person_id: UUID, number: str) -> None:
    sealed = {"key_id": vault.current().id, "sealed": vault.seal(number.encode(), person_id.bytes)}
    DutyPhone.objects.update_or_create(person_id=person_id, defaults=sealed)


def reseal_all(batch: int = 500) -> int:
    """Bring numbers under the vault's current key; returns how many."""
    done, current = 0, vault.current().id
    while True:
        with transaction.atomic():
            rows = list(DutyPhone.objects.exclude(key_id=current).select_for_update(skip_locked=True)[:batch])
            for row in rows:
                row.sealed = vault.reseal(row.sealed, row.person_id.bytes) or row.sealed
                row.key_id = current
            DutyPhone.objects.bulk_update(rows, ["sealed", "key_id"])
        if not rows:
            return done
        done += len(rows)
