"""Reads of the channel that are not about cases themselves."""

from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from hues.kernel import clock
from hues.reports.models import RemoteCase, RemoteCity, ReportDraft


def find_draft(*, draft_id: UUID, session_hash: str) -> ReportDraft | None:
    """The draft of this browser session, as long as it lives."""
    return ReportDraft.objects.filter(pk=draft_id, session_hash=session_hash, expires_at__gt=clock.now()).first()


def remote_cities() -> list[RemoteCity]:
    """The cities that we read or feed, by name."""
    return list(RemoteCity.objects.order_by("name"))


def remote_cases_due(now: datetime, limit: int) -> QuerySet[RemoteCase]:
    """Cases of ours whose turn it is to be sent to, or asked about in, another city; the longest waiting first. Locks
    them, passing over what somebody else has in hand."""
    waiting = RemoteCase.objects.filter(next_try_at__lte=now).select_related("city", "case__category")
    return waiting.select_for_update(of=("self",), skip_locked=True).order_by("next_try_at")[:limit]


def cases_by_city() -> dict[int, tuple[int, int, int]]:
    """Of each city that we feed: cases sent, still waiting to be sent, and given up. One statement."""
    given_up = Q(next_try_at=None) & ~Q(error="")
    rows = RemoteCase.objects.values("city_id").annotate(
        sent=Count("pk", filter=Q(sent_at__isnull=False)),
        waiting=Count("pk", filter=Q(sent_at=None) & ~given_up),
        stuck=Count("pk", filter=given_up),
    )
    return {row["city_id"]: (row["sent"], row["waiting"], row["stuck"]) for row in rows}
