"""The JSON door: open public reports around a place, before one more is sent."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from hues.assist.duplicates import near
from hues.kernel import geo, limits
from hues.kernel.actors import Actor
from hues.kernel.http.client import client_address

router = Router(tags=["assistant"])

ASKING = (120, 600)  # times in so many seconds, by person or address


class NearbyOut(Schema):
    code: str
    title: str
    category: str
    text: str
    address: str
    lat: float
    lon: float
    distance_m: float
    score: float = Field(description="How much speaks for its being the same against its being something new, 0 … 1")
    received_at: datetime
    agency: str
    state: str
    stage: str
    photo: UUID | None = Field(description="GET /files/{photo}/masked-thumb")
    supporters: int = Field(description="People besides its reporter: merged reports and “me too”")
    mine: bool
    because: list[str] = Field(description="Why it is shown, in the language of the request")


class NearbyList(Schema):
    items: list[NearbyOut]


@router.get("/nearby", response=NearbyList, summary="Open public reports that may be about the same thing")
def nearby(
    request: HttpRequest,
    lat: str = Query(max_length=40),
    lon: str = Query(max_length=40),
    category: str = Query("", max_length=16),
    text: str = Query("", max_length=2000),
    address: str = Query("", max_length=300),
    limit: int = Query(4, ge=1, le=8),
) -> dict[str, object]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    limits.spend(f"nearby:{actor.id or client_address(request)}", limit=ASKING[0], window=ASKING[1])
    point = geo.parse_point(lat, lon)
    asker = actor if actor.kind == "citizen" else Actor("guest")  # what is public, whoever asks
    found = near(point.lat, point.lon, category=category, text=text, address=address, limit=limit, actor=asker)
    return {"items": [asdict(one) for one in found]}
