"""Open reports near a place, as cards: enough to decide whether one's own is the same matter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hues.assist import duplicates
from hues.city.clock import moment_text
from hues.kernel.actors import Actor

MOST = 3
LIKELY = 0.15  # as probable as this at least: asking about somebody else's matter would only be in the way


@dataclass(frozen=True)
class Card:
    code: str
    title: str
    because: str  # how far, and why it may be the same
    received_at: datetime
    agency: str
    people: str  # how many said so
    state: str
    photo: Any


def cards(*, lat: float | None, lon: float | None, category: str, text: str, actor: Actor) -> list[Card]:
    """At most three, the likeliest first; none without a point."""
    if lat is None or lon is None:
        return []
    found = duplicates.near(lat, lon, category=category, text=text, limit=MOST, actor=actor)
    return [_card(one) for one in found if one.score >= LIKELY]


def _card(one: Any) -> Card:
    people = 1 + (one.supporters or 0)
    return Card(
        code=one.code,
        title=one.title,
        because=" · ".join(one.because),
        received_at=one.received_at,
        agency=one.agency,
        people=ngettext("%(n)s person", "%(n)s people", people) % {"n": people} if people > 1 else "",
        state=one.state,
        photo=one.photo,
    )


def field(data: Mapping[str, Any], request: HttpRequest) -> dict[str, Any] | None:
    """Reports that may be about the same, as cards to choose from; None where there are none."""
    found = cards(
        lat=data.get("lat"),
        lon=data.get("lon"),
        category=str(data.get("category") or ""),
        text=str(data.get("body") or ""),
        actor=request.actor,  # type: ignore[attr-defined]
    )
    if not found:
        return None
    own = {"value": "", "label": _("No, mine is another matter")}
    return {
        "name": "joins",
        "label": _("Is it one of these?"),
        "hint": _("Then yours is added to it: you hear its news, and it counts for more."),
        "kind": "radio",
        "required": True,
        "value": data.get("joins") or "",
        "options": [
            *({"value": card.code, "label": card.title, "hint": _line(card), "photo": card.photo} for card in found),
            own,
        ],
    }


def _line(card: Card) -> str:
    when = moment_text(card.received_at)
    return " · ".join(part for part in (card.because, when, card.people, card.agency) if part)


def joined(post: QueryDict, near: Mapping[str, Any] | None) -> str:
    """The code of the report that was chosen among those shown."""
    asked = post.get("joins", "")
    return asked if near and any(option["value"] == asked for option in near["options"]) else ""
