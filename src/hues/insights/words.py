"""Figures as people read them. A share always comes with what it is a share of."""

from collections.abc import Mapping
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hues.insights.catalogue import indicator

# The cards at the top: one question each, with the figures that answer it, the honest one never left out.
CARDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("answered", ("answer_rate", "true_resolution")),
    ("on_time", ("on_time_original", "on_time_final")),
    ("content", ("acceptance", "acceptance_worst_case", "satisfaction")),
    ("fast", ("first_read_minutes", "hours_to_fix")),
    ("lasting", ("reopen_rate", "broke_again", "recurrence")),
    ("screened", ("eligible_rate", "duplicate_ratio")),
)


def headline(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    titles = {
        "answered": _("Answered, and truly fixed?"),
        "on_time": _("On time?"),
        "content": _("Were people content?"),
        "fast": _("How fast?"),
        "lasting": _("Did it last?"),
        "screened": _("What came in?"),
    }
    return [
        {"key": key, "title": titles[key], "figures": [_figure(name, figures[name]) for name in names]}
        for key, names in CARDS
    ]


def _figure(name: str, value: Any) -> dict[str, Any]:
    one = indicator(name)
    if one.kind == "share":
        return {
            "id": name,
            "name": one.name,
            "text": share_text(value),
            "note": of_text(value),
            "part": f"{100 * (value['share'] or 0):.1f}",
            "better": one.better,
        }
    p50, p90 = ((value or {}).get(part) for part in ("p50", "p90"))
    note = _("nine in ten within {span}").format(span=duration(p90, one.kind)) if p90 is not None else ""
    return {"id": name, "name": one.name, "text": duration(p50, one.kind), "note": note, "part": None, "better": "down"}


def share_text(value: Mapping[str, Any]) -> str:
    """ "51,1%"; a dash where there is nothing to take a share of."""
    return "–" if value["share"] is None else _decimal(100 * value["share"], always=True) + "%"


def of_text(value: Mapping[str, Any]) -> str:
    if not value["over"]:
        return _("nothing to count yet")
    return _("{of} of {over}").format(of=_whole(value["of"]), over=_whole(value["over"]))


def of_short(value: Mapping[str, Any]) -> str:
    return f"{_whole(value['of'])} / {_whole(value['over'])}" if value["over"] else ""


def duration(amount: float | None, kind: str) -> str:
    """Minutes or hours in the unit that people would use."""
    if amount is None:
        return "–"
    minutes = amount if kind == "minutes" else amount * 60
    if minutes < 90:
        whole = max(1, round(minutes))
        return ngettext("{n} minute", "{n} minutes", whole).format(n=whole)
    if minutes < 48 * 60:
        return _("{n} hours").format(n=_decimal(minutes / 60))
    return _("{n} days").format(n=_decimal(minutes / 1440))


def number_text(value: float) -> str:
    """Counts in full; other numbers with as many decimals as say something."""
    if isinstance(value, int) or (value == int(value) and abs(value) >= 10):
        return _whole(int(value))
    if abs(value) >= 10:
        return _decimal(value)
    rounded = round(value, 2)
    return formats.number_format(
        rounded, decimal_pos=0 if rounded == int(rounded) else 1 if rounded * 10 % 1 == 0 else 2
    )


def _decimal(value: float, *, always: bool = False) -> str:
    """One decimal, rounded here: Django's format cuts off. None where it would be a zero, unless `always`."""
    rounded = round(value, 1)
    return formats.number_format(rounded, decimal_pos=1 if always or rounded % 1 else 0)


def _whole(value: int) -> str:
    return f"{value:,}".replace(",", formats.get_format("THOUSAND_SEPARATOR"))
