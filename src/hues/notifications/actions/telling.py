"""Notices, written by the journal's relay and by whoever tells many the same; and each one's ways out of the house."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from hues.kernel import clock, journal
from hues.kernel.actors import Actor
from hues.kernel.ids import new_id
from hues.kernel.journal import Entry, follower
from hues.notifications import channels, jobs, wishes
from hues.notifications.models import Channel, Delivery, MailAddress, Notice, PushSubscription
from hues.notifications.wishes import OLD, Wishes
from hues.people import sms
from hues.people.models import User, VaultRecord

CHUNK = 500  # people told in one transaction

_INSERT = """
insert into notifications_notice (id, person_id, entry_id, template, data, link, at)
select n.id, n.person, %(entry)s, n.template, n.data, n.link, %(at)s
from jsonb_to_recordset(%(rows)s::jsonb) as n(id uuid, person uuid, template text, data jsonb, link text)
on conflict (person_id, entry_id) do nothing returning person_id, id
"""


@dataclass(frozen=True)
class Reader:
    """Somebody to be told: through which channels they can be reached at all, and what they wish."""

    person_id: UUID
    reachable: frozenset[str]
    wishes: Wishes


@follower("notices", part="notify")
def deliver(entry: Entry) -> None:
    """Put what an entry tells into inboxes, and on its way to telephones.

    Idempotent: a person hears of an entry once, however often the relay brings it.
    Whoever has no account (any more) is passed over.
    """
    told: dict[UUID, Mapping[str, Any]] = {}
    for notice in _told(entry):
        told.setdefault(UUID(str(notice["person_id"])), notice)
    _keep(entry, told)


def tell(
    entry_id: UUID, person_ids: Iterable[UUID], template: str, link: str = "", data: Mapping[str, Any] | None = None
) -> int:
    """Tell many people the same about a journal entry; each hears of an entry once. Returns how many notices are new.

    In chunks, each a transaction of its own unless the caller has one: begun again, it goes on where it was.
    """
    entry = journal.read([entry_id])[entry_id]
    notice = {"template": template, "link": link, "data": data or {}}
    people = list(dict.fromkeys(person_ids))
    chunks = (people[start : start + CHUNK] for start in range(0, len(people), CHUNK))
    return sum(_keep(entry, dict.fromkeys(chunk, notice)) for chunk in chunks)


def mark_read(*, actor: Actor, notice_ids: Collection[UUID] | None = None) -> int:
    """One's own notices, these or all, are read. Returns how many were new.

    Nothing for the journal: nobody else depends on it.
    """
    mine = Notice.objects.filter(person_id=actor.id, read_at=None)
    if notice_ids is not None:
        mine = mine.filter(pk__in=list(notice_ids))
    return mine.update(read_at=clock.now())


def _told(entry: Entry) -> list[dict[str, Any]]:
    part: Any = entry.parts.get("notify") or []
    return list(part)


@transaction.atomic
def _keep(entry: Entry, told: Mapping[UUID, Mapping[str, Any]]) -> int:
    """The notices and, in the same transaction, the deliveries of those that are new. At most three statements."""
    readers = _readers(told)
    rows = [_row(person_id, told[person_id]) for person_id in readers]
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, {"entry": entry.id, "at": entry.at, "rows": json.dumps(rows, default=str)})
        new = cursor.fetchall()
    now = clock.now()
    if now - entry.at > OLD:  # the relay catches up, or sample data is filled in
        return len(new)
    queued = [
        delivery
        for person_id, notice_id in new
        for delivery in _deliveries(notice_id, readers[person_id], told[person_id], now)
    ]
    if queued:
        Delivery.objects.bulk_create(queued)
        if any(delivery.due_at <= now for delivery in queued):
            transaction.on_commit(jobs.ring)
    return len(new)


def _row(person_id: UUID, notice: Mapping[str, Any]) -> dict[str, Any]:
    link = str(notice.get("link") or "")
    return {
        "id": new_id(),
        "person": person_id,
        "template": str(notice["template"])[:64],
        "data": notice.get("data") or {},
        "link": link if link.startswith("/") and not link.startswith("//") and len(link) <= 200 else "",
    }


def _deliveries(notice_id: UUID, reader: Reader, notice: Mapping[str, Any], now: datetime) -> list[Delivery]:
    planned = wishes.plan(
        str(notice["template"]), notice.get("data") or {}, wishes=reader.wishes, reachable=reader.reachable, now=now
    )
    return [Delivery(notice_id=notice_id, channel=one.channel, due_at=one.due_at, at=now) for one in planned]


_CHOSEN = ("channels", "quiet", "quiet_from", "quiet_until")


def _readers(told: Mapping[UUID, Mapping[str, Any]]) -> dict[UUID, Reader]:
    """Those who have an account, held against its deletion until the notices are written."""
    has = {
        Channel.PUSH.value: Exists(PushSubscription.objects.filter(person=OuterRef("pk"))),
        Channel.MAIL.value: Exists(MailAddress.objects.filter(person=OuterRef("pk"), confirmed_at__isnull=False))
        | (Q(kind=User.Kind.STAFF) & ~Q(email="")),
        Channel.SMS.value: Exists(VaultRecord.objects.filter(user=OuterRef("pk"))),
    }
    found = (
        User.objects.filter(pk__in=list(told))
        .select_for_update(of=("self",), no_key=True)
        .annotate(**{f"has_{name}": test for name, test in has.items()})
        .values_list("pk", *(f"has_{name}" for name in has), *(f"notice_preferences__{name}" for name in _CHOSEN))
    )
    open_ = channels.in_use()
    on_duty = _texted(told)
    readers = {}
    for pk, push, mail, text_message, *chosen in found:
        reachable = {name for name, yes in zip(has, (push, mail, text_message or pk in on_duty), strict=True) if yes}
        wished = Wishes() if chosen[1] is None else Wishes(**dict(zip(_CHOSEN, chosen, strict=True)))
        readers[pk] = Reader(pk, open_ & reachable, wished)
    return readers


def _texted(told: Mapping[UUID, Mapping[str, Any]]) -> Collection[UUID]:
    """Staff who get this as a text message on their duty number: orders to go, nothing else. One statement for each room that knows numbers."""
    orders = [pk for pk, notice in told.items() if wishes.kind_of(str(notice["template"])) == wishes.TASK]
    return sms.numbers_of(orders) if orders else ()
