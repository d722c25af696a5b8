"""JSON door of the assistant: what a text may be about, while somebody is still writing it. Assembled by config/api.py."""

from datetime import timedelta
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from hues.assist import queries
from hues.kernel import limits
from hues.kernel.http import client_address

router = Router(tags=["assist"])

ASKING = (120, timedelta(minutes=1))  # of one address: somebody who types asks about once a second at most


class SuggestionIn(Schema):
    """What somebody wrote, and where it is, as far as they said."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=10_000)
    lat: float | None = Field(None, ge=-90, le=90, description="WGS 84")
    lon: float | None = Field(None, ge=-180, le=180)


class SuggestedCategory(Schema):
    code: str
    name: str
    confidence: float = Field(description="0 to 1, calibrated: of those with 0.7, seven in ten are right")
    because: list[str] = Field(description="The words of the text that speak for it, as typed")


class SuggestedUrgency(Schema):
    level: Literal["immediate", "normal"]
    because: str


class SuggestedAgency(Schema):
    code: str
    name: str


class SuggestionFlag(Schema):
    kind: Literal["private", "abusive"]
    excerpt: str


class SuggestionOut(Schema):
    """Hints for a person who decides; nothing is ever applied by itself."""

    model: str = Field(description="Version of the model; `keywords` before the first training")
    categories: list[SuggestedCategory] = Field(description="At most three, the likeliest first")
    urgency: SuggestedUrgency
    agency: SuggestedAgency | None = Field(description="Who would handle the first category there")
    flags: list[SuggestionFlag] = Field(description="What should not be seen in public")


@router.post("/suggestions", response=SuggestionOut, summary="What a text may be about")
def suggestions(request: HttpRequest, body: SuggestionIn) -> dict[str, Any]:
    """For everybody, guests too. Nothing is stored. At most 120 a minute from one address."""
    limit, window = ASKING
    limits.spend(f"suggest:{client_address(request)}", limit=limit, window=window)
    found = queries.suggest(body.text, lat=body.lat, lon=body.lon, language=get_language() or "vi")
    return {**vars(found), "flags": [{"kind": kind, "excerpt": excerpt} for kind, excerpt in found.flags]}
