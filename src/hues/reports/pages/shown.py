"""What the pages of a case show, in the reader's language: the same words for its sender and for everyone."""

from collections.abc import Iterable
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from hues.cases import captions
from hues.cases.models import CaseFile, Outcome
from hues.cases.pages.words import lines, place, talk
from hues.cases.queries.own import OwnRow
from hues.city.models import Agency, Category, Unit
from hues.reports.words import language

__all__ = [
    "excerpt",
    "lines",
    "metres",
    "name",
    "own_row",
    "photos",
    "row",
    "seen_by",
    "state_words",
    "talk",
    "title",
    "where",
]

BEFORE, AFTER = CaseFile.Role.BEFORE, CaseFile.Role.AFTER


def title(category: Category) -> str:
    return category.name(language())


def where(address: str, unit: Unit | None) -> str:
    return place(address, unit) or _("Place not given")


def name(thing: Agency | Unit | None) -> str:
    return thing.name(language()) if thing else ""


def state_words(case: Any) -> str:
    """How it stands, in one word or two: as it ended, else its stage."""
    if not case.is_open and case.outcome:
        return str(Outcome(case.outcome).label)
    return {
        "received": _("Received"),
        "assigned": _("Assigned"),
        "handling": _("Being handled"),
        "checking": _("Being checked"),
    }.get(case.stage, _("Done"))


def metres(distance: float) -> str:
    """A distance as people say it: to ten metres, to a hundred from a kilometre on."""
    if distance < 1000:
        return f"{max(10, round(distance, -1)):.0f} m"
    return formats.number_format(distance / 1000, 1 if distance % 1000 else 0) + " km"


def excerpt(text: str) -> str:
    return text if len(text) <= 140 else text[:139].rsplit(" ", 1)[0] + "…"


def row(case: Any) -> dict[str, Any]:
    """A line of a list."""
    return {
        "case": case,
        "code": case.code,
        "title": title(case.category),
        "excerpt": excerpt(case.body),
        "where": where(case.address, case.unit),
        "thumb": case.photo,
        "icon": case.category.icon,
        **{
            key: getattr(case, key)
            for key in (
                "state",
                "stage",
                "phase",
                "is_open",
                "group",
                "outcome",
                "received_at",
                "assigned_at",
                "due_at",
            )
        },
    }


def own_row(case: OwnRow, new: frozenset[str]) -> dict[str, Any]:
    """A line of one's own list, and what it wants of its sender."""
    wants = {"waiting_citizen": _("They ask you something"), "published": _("Is it really fixed?")}
    asks = wants.get(case.state, "") if case.state != "published" or not case.rating else ""
    return {**row(case), "wants": asks, "new": f"/me/cases/{case.code}" in new, "wake_on": case.wake_on}


def photos(files: Iterable[CaseFile], what: str = "") -> dict[str, Any]:
    """Before, after, and the pair that stands side by side; `what` they show, where nobody said it ("Pothole, Lê Lợi")."""
    rows = list(files)
    before, after = [f for f in rows if f.role == BEFORE], [f for f in rows if f.role == AFTER]
    return {
        "before": before,
        "after": after,
        "pair": (before[0], after[0]) if before and after else None,
        "before_alt": captions.default_alt(BEFORE, what),
        "after_alt": captions.default_alt(AFTER, what),
    }


def seen_by(visibility: str) -> str:
    return {
        "public": _(
            "the centre, the agency in charge (without your name), and everyone once the centre has checked it"
        ),
        "masked": _("the centre, the agency in charge (without your name), and everyone, without the exact place"),
    }.get(visibility, _("the centre and the agency in charge only, without your name"))
