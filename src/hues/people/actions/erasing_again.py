"""Erasures that a restored backup does not know of are done once more."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from hues.kernel import clock, journal
from hues.kernel.actors import SYSTEM
from hues.people import jobs
from hues.people.actions.erasure import close_account
from hues.people.models import Erasure, User
from hues.people.receipts import Line


@dataclass
class Redone:
    again: int = 0  # erased now
    before: int = 0  # erased already
    absent: int = 0  # not in this database: the backup is older than the account
    unfinished: int = 0  # held by law, or a step failed: a running city goes on with it

    def said(self) -> str:
        return (
            f"{self.again} erasures done again, {self.before} were done, {self.absent} are of accounts that are not here, "
            f"{self.unfinished} go on when the city is served"
        )


def erase_again(lines: Iterable[Line]) -> Redone:
    """Idempotent; killed in the middle, it can be called again, or a running city goes on with what it began."""
    done = Redone()
    for line in lines:
        erasure, fresh = _begin(line)
        if erasure is None:
            done.absent += 1
        elif not fresh and erasure.next_at is None:
            done.before += 1
        else:
            jobs.erase_now(erasure.pk)
            erasure.refresh_from_db()
            if erasure.next_at is None:
                done.again += 1
            else:
                done.unfinished += 1
    return done


@transaction.atomic
def _begin(line: Line) -> tuple[Erasure | None, bool]:
    """The erasure of a receipt, and whether this database did not know of it; None if it does not know the person."""
    person = UUID(line.person)
    user = User.objects.select_for_update().filter(pk=person, kind=User.Kind.CITIZEN).first()
    erasure = Erasure.objects.filter(person_id=person).first()
    if erasure or user is None:
        return erasure, False
    now = clock.now()
    erasure = Erasure.objects.create(
        receipt=line.receipt, person_id=person, withdraw_public=line.withdraw_public,
        asked_at=datetime.fromisoformat(line.asked_at), next_at=now,
    )  # fmt: skip
    close_account(user, now)
    journal.record(
        actor=SYSTEM, action="people.erasure_asked", subject_kind="person", subject_id=person,
        audit={"receipt": line.receipt, "withdraw_public": line.withdraw_public, "again": True},
    )  # fmt: skip
    return erasure, True
