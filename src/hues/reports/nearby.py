"""Open reports near a place, as cards: enough to decide whether one's own is the same matter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import ngettext

from hues.assist import duplicates
from hues.cases import access
from hues.kernel.actors import AUDITOR, Actor

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
    address: str
    excerpt: str  # its first words; the page shows two lines of them
    url: str  # the whole of it, as the asker may read it


def cards(*, lat: float | None, lon: float | None, category: str, text: str, actor: Actor) -> list[Card]:
    """At most three, the likeliest first; none without a point."""
    if lat is None or lon is None:
        return []
    found = duplicates.near(lat, lon, category=category, text=text, limit=MOST, actor=actor)
    return [_card(one, actor) for one in found if one.score >= LIKELY]


def _card(one: Any, actor: Actor) -> Card:
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
        address=one.address,
        excerpt=one.text,
        url=_url(one, actor),
    )


def _url(one: Any, actor: Actor) -> str:
    """One's own in one's own pages; those who work here are offered what is not listed too, and open it at the desk."""
    if one.mine:
        return f"/me/cases/{one.code}"
    return f"/desk/cases/{one.code}" if _has_a_desk(actor) else f"/cases/{one.code}"


def _has_a_desk(actor: Actor) -> bool:
    """To whom `duplicates.near` offers more than everyone may read."""
    return actor.kind == "staff" and bool(actor.in_centre or actor.has(AUDITOR) or access.agencies_of(actor))


def field(data: Mapping[str, Any], request: HttpRequest) -> dict[str, Any] | None:
    """Reports that may be about the same, as cards to choose from; None where there are none."""
    found = cards(
        lat=data.get("lat"),
        lon=data.get("lon"),
        category=str(data.get("category") or ""),
        text=str(data.get("body") or ""),
        actor=request.actor,  # type: ignore[attr-defined]
    )
    return {"cards": found, "value": data.get("joins") or ""} if found else None


def joined(post: QueryDict, near: Mapping[str, Any] | None) -> str:
    """The code of the report that was chosen among those shown."""
    asked = post.get("joins", "")
    return asked if near and any(card.code == asked for card in near["cards"]) else ""
