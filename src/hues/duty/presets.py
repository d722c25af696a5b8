"""Rotas that many services use, to begin with: each is the data of a plan, and can be changed cell by cell."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


@dataclass(frozen=True)
class Preset:
    name: str
    label: str | Promise
    hint: str | Promise

    def plan(self) -> dict[str, Any]:
        return _PLANS[self.name]()


def _watch(name: str, start: str, end: str) -> dict[str, str]:
    return {"name": name, "start": start, "end": end}


def _three_shifts() -> dict[str, Any]:
    """Two mornings, two afternoons, two nights, two days of rest: each crew two days behind the one before."""
    watches = [_watch(_("Morning"), "07:30", "15:30"), _watch(_("Afternoon"), "15:30", "23:30"),
               _watch(_("Night"), "23:30", "07:30")]  # fmt: skip
    crews = "ABCD"
    rounds = [[crews[(day // 2 - watch) % 4] for watch in range(3)] for day in range(8)]
    return {"watches": watches, "round": rounds}


def _day_night() -> dict[str, Any]:
    """A day, a night, two days of rest."""
    watches = [_watch(_("Day"), "07:00", "19:00"), _watch(_("Night"), "19:00", "07:00")]
    return {"watches": watches, "round": [["ABCD"[day % 4], "ABCD"[(day - 1) % 4]] for day in range(4)]}


def _whole_days(crews: str) -> dict[str, Any]:
    return {"watches": [_watch(_("Whole day"), "07:30", "07:30")], "round": [[crew] for crew in crews]}


def _ward() -> dict[str, Any]:
    """Office hours on working days; each night and each day of the weekend one crew, another one on standby."""
    watches = [_watch(_("Day"), "07:00", "17:00"), _watch(_("Night"), "17:00", "07:00")]
    crews = "ABC"
    rounds = []
    for day in range(21):
        night, next_night = crews[day % 3], crews[(day + 1) % 3]
        rounds.append(["O" if day % 7 < 5 else next_night, f"{night} ({next_night})"])
    return {"watches": watches, "round": rounds}


def _office() -> dict[str, Any]:
    return {"watches": [_watch(_("Day"), "07:30", "17:00")], "round": [["A"]] * 5 + [["-"]] * 2}


_PLANS = {
    "three_shifts": _three_shifts,
    "day_night": _day_night,
    "whole_days_3": lambda: _whole_days("ABC"),
    "whole_days_4": lambda: _whole_days("ABCD"),
    "ward": _ward,
    "office": _office,
}

PRESETS: tuple[Preset, ...] = (
    Preset("three_shifts", gettext_lazy("Three shifts, four crews"), gettext_lazy("07:30, 15:30, 23:30; two of each, then two days of rest")),
    Preset("day_night", gettext_lazy("Day and night, four crews"), gettext_lazy("12 hours from 07:00 and 19:00; a day, a night, two days of rest")),
    Preset("whole_days_3", gettext_lazy("Whole days, three crews"), gettext_lazy("24 hours from 07:30, then two days of rest")),
    Preset("whole_days_4", gettext_lazy("Whole days, four crews"), gettext_lazy("24 hours from 07:30, then three days of rest")),
    Preset("ward", gettext_lazy("Ward: office hours and nights"), gettext_lazy("Crew O by day; A, B, C in turns at night and on weekends")),
    Preset("office", gettext_lazy("Office hours only"), gettext_lazy("Monday to Friday, 07:30 to 17:00")),
)  # fmt: skip


def preset(name: str) -> Preset | None:
    return next((one for one in PRESETS if one.name == name), None)
