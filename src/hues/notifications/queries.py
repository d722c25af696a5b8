"""Reads: one's own inbox and choices, and the delivery log."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count as CountOf
from django.db.models import Sum
from django.db.models.functions import Coalesce

from hues.kernel import clock
from hues.kernel.pages import Page, keyset
from hues.notifications.models import Delivery, Notice, Preferences, PushSubscription

MOST_UNREAD = 100  # the badge shows "99+": nobody needs the exact number, and the count stays cheap


def notices(person_id: UUID, after: str | None = None, limit: int = 30) -> Page[Notice]:
    """Somebody's notices, newest first. One statement."""
    return keyset(
        Notice.objects.filter(person_id=person_id),
        order=["-id"],
        after=after,
        limit=limit,
        scope=f"notices:{person_id}",
    )


def unread_count(person_id: UUID) -> int:
    """How many notices were not read yet, at most MOST_UNREAD. One statement on a partial index."""
    return Notice.objects.filter(person_id=person_id, read_at=None).values("pk")[:MOST_UNREAD].count()


def unread_links(person_id: UUID) -> frozenset[str]:
    """The pages that unread notices lead to: what is new there is marked as new. One statement on the same index."""
    unread = Notice.objects.filter(person_id=person_id, read_at=None).values_list("link", flat=True)[:MOST_UNREAD]
    return frozenset(link.partition("#")[0] for link in unread if link)


def link_of(person_id: UUID | None, notice_id: UUID) -> str | None:
    """Where a notice of this person leads; None where it is not theirs."""
    return Notice.objects.filter(pk=notice_id, person_id=person_id).values_list("link", flat=True).first()


def preferences(person_id: UUID) -> Preferences:
    """What somebody chose, or the city's way."""
    return Preferences.objects.filter(person=person_id).first() or Preferences(person_id=person_id)


def devices(person_id: UUID) -> list[PushSubscription]:
    """Browsers that show this person's notices, newest first."""
    return list(PushSubscription.objects.filter(person=person_id).order_by("-created_at")[:50])


@dataclass(frozen=True)
class Count:
    """Of the deliveries made on a day: one way, one state, one provider."""

    channel: str
    provider: str
    state: str
    count: int
    parts: int


def counts(since: datetime) -> list[Count]:
    """What was to leave the house since a moment. One statement over the end of the primary key."""
    rows = (
        Delivery.objects.filter(pk__gte=first_id(since))
        .values("channel", "provider", "state")
        .annotate(count=CountOf("pk"), parts=Coalesce(Sum("parts"), 0))
        .order_by("channel", "provider", "state")
    )
    return [Count(**row) for row in rows]


def waiting() -> dict[str, int]:
    """How many deliveries are due and not sent yet, by channel."""
    due = Delivery.objects.filter(state=Delivery.State.QUEUED, due_at__lte=clock.now())
    return dict(due.values_list("channel").annotate(count=CountOf("pk")))


def failures(after: str | None = None) -> Page[Delivery]:
    """What was given up or refused, newest first: for whoever looks after providers, without a word of the person."""
    rows = Delivery.objects.filter(state=Delivery.State.FAILED).select_related("notice").only(
        "channel", "provider", "reason", "tries", "at", "notice__template"
    )  # fmt: skip
    return keyset(rows, order=["-id"], after=after, limit=50, scope="deliveries.failed")


def first_id(at: datetime) -> UUID:
    """The smallest UUIDv7 that can be made at a moment."""
    return UUID(int=int(at.timestamp() * 1000) << 80)
