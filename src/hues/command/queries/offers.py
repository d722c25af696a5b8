"""Cases and calls that may belong to an incident: by place, kind and time. Found when they are asked for, so that new ones are there at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from hues.cases import reference
from hues.cases.models import Case
from hues.command import area, hands
from hues.command.models import Incident, LinkedCase

LOOKED_AT = 1000  # the newest cases of the kinds and units; more are not gone through
SHOWN = 30
COUNTED = 99


@dataclass(frozen=True)
class Offer:
    id: UUID
    code: str
    category: Any
    where: str
    text: str
    received_at: datetime
    priority: int
    is_open: bool
    lat: float | None
    lon: float | None


def candidates(incident: Incident) -> QuerySet[Case]:
    """Before the exact look at the place: an index of the newest cases answers it."""
    known = LinkedCase.objects.filter(incident=incident, case=OuterRef("pk")).exclude(state=LinkedCase.State.UNLINKED)
    rows = Case.objects.filter(area.near(incident), received_at__gte=incident.since, parent=None)
    if incident.stood_down_at:
        rows = rows.filter(received_at__lte=incident.stood_down_at)
    if incident.categories:
        kinds = reference.categories_by_code()
        rows = rows.filter(category_id__in=[kinds[code].pk for code in incident.categories if code in kinds])
    rows = rows.exclude(phase="done", outcome="").exclude(channel__in=("order", "command"))
    return rows.filter(~Exists(known), is_sample=incident.is_sample)


def offers(incident: Incident, language: str, limit: int = SHOWN) -> list[Offer]:
    """The newest first, what is urgent before. One statement."""
    rows = candidates(incident).only(
        "code", "category_id", "unit_id", "address", "body", "received_at", "priority", "is_open", "lat", "lon"
    )
    found = [
        case
        for case in rows.order_by("-received_at", "-pk")[:LOOKED_AT]
        if area.holds(incident, case.lat, case.lon, case.unit_id)
    ]
    found.sort(key=lambda case: case.priority)
    return [_offer(case, language) for case in found[:limit]]


def offered_count(incident: Incident) -> int:
    """How many wait to be looked at, at most COUNTED + 1. One statement."""
    rows = candidates(incident).values_list("lat", "lon", "unit_id").order_by("-received_at", "-pk")[:LOOKED_AT]
    count = 0
    for lat, lon, unit_id in rows:
        count += area.holds(incident, lat, lon, unit_id)
        if count > COUNTED:
            break
    return count


def _offer(case: Case, language: str) -> Offer:
    unit = reference.units().get(case.unit_id) if case.unit_id else None
    return Offer(
        id=case.pk,
        code=case.code,
        category=reference.categories()[case.category_id],
        where=case.address or (unit.name(language) if unit else ""),
        text=case.body[:160],
        received_at=case.received_at,
        priority=case.priority,
        is_open=case.is_open,
        lat=case.lat,
        lon=case.lon,
    )


def offered_calls(incident: Incident, limit: int = 10) -> list[Any]:
    """Calls of the time of the incident whose case belongs to it, or might: not yet linked themselves. Two statements."""
    known = list(incident.calls.filter(ended_at=None).values_list("call_id", flat=True))
    linked = set(incident.cases.filter(state=LinkedCase.State.LINKED).values_list("case_id", flat=True))
    calls = hands.calls_since(incident.since, skip=known, limit=200)
    kinds = set(incident.categories)
    fitting = [
        call
        for call in calls
        if call.case is not None
        and (
            call.case_id in linked
            or (
                (not kinds or reference.categories()[call.case.category_id].code in kinds)
                and area.holds(incident, call.case.lat, call.case.lon, call.case.unit_id)
            )
        )
    ]
    return fitting[:limit]
