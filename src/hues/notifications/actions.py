"""Notices are written by the journal's relay and read by their owners."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import transaction

from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.ids import new_id
from hues.kernel.journal import Entry, follower
from hues.notifications.models import Notice
from hues.people.models import User


@follower("notices", part="notify")
def deliver(entry: Entry) -> None:
    """Put what an entry tells into inboxes.

    Idempotent: a person hears of an entry once, however often the relay brings it.
    Whoever has no account (any more) is passed over.
    """
    told: dict[UUID, dict[str, Any]] = {}
    for notice in _told(entry):
        told.setdefault(UUID(str(notice["person_id"])), notice)
    with transaction.atomic():
        known = (
            User.objects.filter(pk__in=told).select_for_update(of=("self",), no_key=True).values_list("pk", flat=True)
        )
        Notice.objects.bulk_create(
            [_notice(person_id, entry, told[person_id]) for person_id in known], ignore_conflicts=True
        )


def _told(entry: Entry) -> list[dict[str, Any]]:
    part: Any = entry.parts.get("notify") or []
    return list(part)


def _notice(person_id: UUID, entry: Entry, notice: dict[str, Any]) -> Notice:
    link = str(notice.get("link") or "")
    return Notice(
        id=new_id(),
        person_id=person_id,
        entry_id=entry.id,
        template=str(notice["template"])[:64],
        data=notice.get("data") or {},
        link=link if link.startswith("/") and not link.startswith("//") and len(link) <= 200 else "",
        at=entry.at,
    )


def mark_read(*, actor: Actor, notice_ids: Collection[UUID] | None = None) -> int:
    """One's own notices, these or all, are read. Returns how many were new.

    Nothing for the journal: nobody else depends on it.
    """
    mine = Notice.objects.filter(person_id=actor.id, read_at=None)
    if notice_ids is not None:
        mine = mine.filter(pk__in=list(notice_ids))
    return mine.update(read_at=clock.now())
