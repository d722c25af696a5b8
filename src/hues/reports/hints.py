"""What the filing page may say while somebody is still writing: where that is, what it may be about, whom to call.

Nothing here decides: a suggestion is a card to tap. Without words, the likeliest kinds are those that people report
around the place; with words, those of the assistant, each with the words that speak for it.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from hues.assist import queries as assist
from hues.assist.triage import privacy
from hues.cases import reference
from hues.cases.models import LISTED, Case
from hues.city import queries as city
from hues.city import routing
from hues.city.models import Category
from hues.kernel import clock
from hues.kernel.errors import Problem

MOST = 3
FLAGS = 3  # more at once is nagging
AROUND = 0.01  # degrees: about a kilometre
RECENT = timedelta(days=60)
REMEMBERED = 600.0  # seconds: what is common somewhere does not change by the minute
VERY_LIKELY, LIKELY = 0.7, 0.35  # calibrated: of a hundred that are called very likely, some seventy and more are right
SURE_ENOUGH = 0.12  # below this the assistant is guessing, and what is common here is the better guess


@dataclass(frozen=True)
class Hint:
    """A kind of report with the reason for showing it, in words."""

    category: Category
    why: str
    confidence: float = 0.0  # 0 … 1, of a kind that the sender's own words speak for; 0 of one that is only usual here


def choices(text: str, lat: float | None, lon: float | None, language: str) -> list[Hint]:
    """The three kinds to offer first, likeliest first."""
    found: dict[str, Hint] = {}
    for choice in _spoken_of(text, lat, lon, language):
        found.setdefault(choice.category.code, choice)
    if len(found) < MOST:
        for hint in _usual(lat, lon):
            found.setdefault(hint.category.code, hint)
    return list(found.values())[:MOST]


def _spoken_of(text: str, lat: float | None, lon: float | None, language: str) -> Iterable[Hint]:
    if not text.strip():
        return
    said = assist.suggest(text[:2000], lat=lat, lon=lon, language=language)
    for choice in said.categories:
        kind = _offered(choice.code)
        if kind is not None and choice.confidence >= SURE_ENOUGH:
            words = ", ".join(choice.because[:3])
            why = _("because: %(words)s") % {"words": words} if words else _("from your words")
            yield Hint(kind, f"{_sure(choice.confidence)}, {why}", choice.confidence)


def _sure(confidence: float) -> str:
    """How sure, as people say it."""
    if confidence >= VERY_LIKELY:
        return _("very likely")
    return _("likely") if confidence >= LIKELY else _("perhaps")


def _offered(code: str) -> Category | None:
    kind = reference.categories_by_code().get(code)
    return kind if kind is not None and kind.active else None


def _usual(lat: float | None, lon: float | None) -> Iterable[Hint]:
    """What people report around this place, then in the whole city."""
    if lat is not None and lon is not None:
        for code in _common(round(lat, 2), round(lon, 2)):
            if kind := _offered(code):
                yield Hint(kind, _("often reported around here"))
    for code in _common(None, None):
        if kind := _offered(code):
            yield Hint(kind, _("often reported in the city"))
    for family in city.categories("")[:MOST]:  # a city that has just begun
        if kind := _offered(family["categories"][0]["code"]):
            yield Hint(kind, "")


_kept: dict[tuple[float | None, float | None], tuple[float, list[str]]] = {}


def _common(lat: float | None, lon: float | None) -> list[str]:
    """The kinds of the last weeks in a square around the point (all of the city for None), most frequent first."""
    at, codes = _kept.get((lat, lon), (float("-inf"), []))
    if time.monotonic() - at < REMEMBERED:
        return codes
    rows = Case.objects.filter(LISTED, received_at__gte=clock.now() - RECENT)
    if lat is not None and lon is not None:
        rows = rows.filter(
            public_lat__range=(lat - AROUND, lat + AROUND), public_lon__range=(lon - AROUND, lon + AROUND)
        )
    counted = rows.values_list("category__code").annotate(n=Count("pk")).order_by("-n", "category__code")[:6]
    codes = [code for code, _n in counted]
    if len(_kept) > 2000:
        _kept.clear()
    _kept[lat, lon] = (time.monotonic(), codes)
    return codes


def place(lat: float | None, lon: float | None, language: str) -> dict[str, Any] | None:
    """The unit of a point, in words; `inside` is False beyond the city."""
    if lat is None or lon is None:
        return None
    hit = city.unit_at(lat, lon)
    if hit is None:
        return {"inside": False, "name": "", "approximate": False}
    return {"inside": True, "name": city.unit_by_id(hit.unit_id).name(language), "approximate": hit.approximate}


def handler(code: str, lat: float | None, lon: float | None, language: str) -> dict[str, str] | None:
    """Who will probably get a report of this kind from this place, and why there; the centre may decide otherwise. No statement once warm."""
    kind = _offered(code)
    if kind is None:
        return None
    hit = city.unit_at(lat, lon) if lat is not None and lon is not None else None
    unit = city.unit_by_id(hit.unit_id) if hit else None
    try:
        found = routing.route(kind, unit, lat=lat, lon=lon)
    except Problem:  # a body in each ward, and no ward yet
        return None
    return {"name": found.agency.name(language), "because": found.because}


def flags(text: str) -> list[dict[str, str]]:
    """What in a text its sender may rather leave out, with a friendly word about it. Nothing is taken away and nothing is held up."""
    return [
        {"kind": flag.kind, "excerpt": flag.excerpt, "text": _friendly(flag)} for flag in privacy.flags(text)[:FLAGS]
    ]


def _friendly(flag: privacy.Flag) -> str:
    match flag.what:
        case "phone":
            said = _("The number %(excerpt)s will not be shown in public. Would you like to leave it out?")
        case "name":
            said = _("“%(excerpt)s” names somebody. Everyone can judge the matter without the name: leave it out?")
        case "insult":
            said = _("“%(excerpt)s” may hurt somebody and helps nobody fix it. Say it in another way?")
        case _:
            said = _("“%(excerpt)s” belongs to somebody and will not be shown in public. Leave it out?")
    return said % {"excerpt": flag.excerpt}
