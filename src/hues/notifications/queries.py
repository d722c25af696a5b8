"""Reads of one's own inbox."""

from uuid import UUID

from hues.kernel.pages import Page, keyset
from hues.notifications.models import Notice

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
