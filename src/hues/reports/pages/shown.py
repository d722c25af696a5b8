"""What the pages of a case show, in the reader's language: the same words for its sender and for everyone."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from hues.cases.models import CaseFile
from hues.cases.pages.words import lines, place, talk
from hues.city.models import Agency, Category, Unit
from hues.reports.words import language

__all__ = ["excerpt", "lines", "name", "photos", "row", "seen_by", "talk", "title", "where"]

BEFORE, AFTER = CaseFile.Role.BEFORE, CaseFile.Role.AFTER


def title(category: Category) -> str:
    return category.name(language())


def where(address: str, unit: Unit | None) -> str:
    return place(address, unit) or _("Place not given")


def name(thing: Agency | Unit | None) -> str:
    return thing.name(language()) if thing else ""


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


def photos(files: Iterable[CaseFile]) -> dict[str, Any]:
    """Before, after, and the pair that stands side by side."""
    rows = list(files)
    before, after = [f for f in rows if f.role == BEFORE], [f for f in rows if f.role == AFTER]
    return {
        "before": before,
        "after": after,
        "pair": (before[0], after[0]) if before and after else None,
        "before_alt": _("Photo of what was reported"),
        "after_alt": _("Photo of the work done"),
    }


def seen_by(visibility: str) -> str:
    return {
        "public": _(
            "the centre, the agency in charge (without your name), and everyone once the centre has checked it"
        ),
        "masked": _("the centre, the agency in charge (without your name), and everyone, without the exact place"),
    }.get(visibility, _("the centre and the agency in charge only, without your name"))
