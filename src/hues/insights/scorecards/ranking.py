"""Agencies among their like, honestly: whoever has too few to say anything is shown but not ranked, and equals share a rank."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from hues.cases import reference
from hues.insights.catalogue import Indicator, indicator
from hues.insights.scorecards import tables
from hues.insights.scorecards.asking import Asked
from hues.insights.scorecards.cards import target_text
from hues.insights.scorecards.tables import Bar, Line
from hues.kernel.actors import Actor

# By what agencies are ranked: what is good or bad, and theirs to answer for.
RANKED = (
    "true_resolution",
    "on_time_original",
    "on_time_final",
    "acceptance_worst_case",
    "reopen_rate",
    "broke_again",
    "recurrence",
    "hours_to_answer",
    "hours_to_fix",
    "accepted_in_time",
    "minutes_to_accept",
    "promises_kept",
)
WARDS = "wards"


@dataclass(frozen=True)
class Standing:
    """Where one agency stands by one indicator."""

    indicator: Indicator
    bar: Bar | None
    ranked: int  # how many are ranked
    best: str
    middle: str
    target: str


def kinds() -> list[tuple[str, str]]:
    return [("", _("All agencies")), (WARDS, _("Agencies of wards and communes")), ("city", _("Agencies of the city"))]


def kind_of(agency_code: str) -> str:
    return WARDS if reference.agencies_by_code()[agency_code].unit_id else "city"


def ranked(actor: Actor, asked: Asked, kind: str) -> Sequence[Bar]:
    """All agencies of a kind by the chosen indicator, the best first."""
    return tables.bars(_of_kind(tables.lines(actor, replace(asked, by="agency")), kind), indicator(shown(asked)))


def shown(asked: Asked) -> str:
    """By which indicator agencies are ranked: the chosen one, if one can rank by it."""
    return asked.show if asked.show in RANKED else RANKED[0]


def standings(actor: Actor, asked: Asked) -> Sequence[Standing]:
    """One agency by every indicator that says something of it, among those of its kind."""
    if asked.agency is None:
        return []
    everybody = replace(asked, agency=None, unit=None, category=None, by="agency")
    lines = _of_kind(tables.lines(actor, everybody), kind_of(asked.agency.code))
    found = []
    for name in RANKED:
        one = indicator(name)
        bars = tables.bars(lines, one)
        own = next((bar for bar in bars if bar.line.code == asked.agency.code), None)
        enough = [bar for bar in bars if bar.rank]
        if own is not None:
            middle = enough[len(enough) // 2].text if enough else ""
            found.append(Standing(one, own, len(enough), enough[0].text if enough else "", middle, target_text(one)))
    return found


def _of_kind(lines: Sequence[Line], kind: str) -> list[Line]:
    known = [line for line in lines if line.code]
    return [line for line in known if not kind or kind_of(line.code) == kind]
