"""Places, agencies, kinds and channels side by side: every number of a row with what it is a share of and its records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from hues.cases import reference
from hues.city.models import Category
from hues.insights import queries
from hues.insights.catalogue import Indicator, indicator
from hues.insights.queries import Row
from hues.insights.scorecards import asking
from hues.insights.scorecards.asking import Asked
from hues.insights.scorecards.cards import FEW, RECORDS, plain, text_of
from hues.insights.words import of_short
from hues.kernel.actors import Actor
from hues.kernel.text import sort_key

COLUMNS = (
    "received",
    "open",
    "answer_rate",
    "true_resolution",
    "on_time_original",
    "on_time_final",
    "acceptance",
    "acceptance_worst_case",
    "first_read_minutes",
    "hours_to_fix",
)


@dataclass(frozen=True)
class Line:
    """One unit, agency, kind or channel. `url` leads to the scorecard of it alone."""

    code: str
    name: str
    row: Row
    figures: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""
    records: str = ""  # the address of its records, without the measure; empty where they may not be listed
    sortable: str = ""

    @property
    def received(self) -> int:
        return int(self.row.counts["received"])


@dataclass(frozen=True)
class Cell:
    text: str
    of: str
    url: str
    over_url: str
    few: bool
    label: str


@dataclass(frozen=True)
class Bar:
    line: Line
    text: str
    of: str
    width: str  # in hundredths of the drawing
    few: bool
    met: bool | None
    rank: int  # 0 where too few to be ranked


def lines(actor: Actor, asked: Asked) -> list[Line]:
    """The most reports first."""
    rows = queries.broken_down(asked.scope(), asked.by)
    open_to = asking.may_open(actor, asked.scope())
    found = [line for row in rows if (line := _line(asked, row, open_to))]
    return sorted(found, key=lambda line: (-line.received, line.sortable))


def _line(asked: Asked, row: Row, open_to: bool) -> Line:
    code, name = _named(asked.by, row.key)
    secret = asked.by == "category" and not open_to and _is_secret(row.key)
    if secret:
        code, name = "", _("A kind that is never public")
    base = {
        "since": f"{asked.period.first:%Y-%m-%d}",
        "until": f"{asked.period.until:%Y-%m-%d}",
        **{key: one.code for key, one in asked.filters.items()},
        asked.by: code,
    }
    url = f"/desk/scorecards?{asked.query(**{asked.by: code, 'by': ''})}" if code and not secret else ""
    if url and asked.by == "agency" and not asked.dimensions:
        url = f"/desk/scorecards/agencies/{code}?{asked.query(by='', show='')}"
    return Line(
        code, name, row, row.figures(), url, f"{RECORDS}?{urlencode(base)}" if open_to and code else "", sort_key(name)
    )


def _is_secret(category_id: int) -> bool:
    category = reference.categories().get(category_id)
    return category is not None and category.visibility == Category.Visibility.RESTRICTED


def _named(by: str, key: Any) -> tuple[str, str]:
    language = get_language() or "vi"
    match by:
        case "unit":
            unit = reference.units().get(key)
            return (unit.code, unit.name(language)) if unit else ("", pgettext("where", "No place given"))
        case "agency":
            agency = reference.agencies().get(key)
            return (agency.code, agency.name(language)) if agency else ("", _("Not yet assigned"))
        case "category":
            category = reference.categories()[key]
            return category.code, category.name(language)
    return str(key), asking.channel_name(str(key))


def columns() -> list[Indicator]:
    return [indicator(name) for name in COLUMNS]


def cells(line: Line) -> list[Cell]:
    return [_cell(line, one, line.figures[one.id]) for one in columns()]


def _cell(line: Line, one: Indicator, value: Any) -> Cell:
    share = one.kind == "share"
    over = value["over"] if share else FEW
    says = bool(line.records) and plain(value) not in (None, 0.0)
    return Cell(
        text_of(one, value),
        of_short(value) if share else "",
        f"{line.records}&measure={','.join(one.of)}" if says else "",
        f"{line.records}&measure={one.over}" if share and line.records and over else "",
        share and 0 < over < FEW,
        one.name,
    )


def bars(lines: Sequence[Line], shown: Indicator, *, every: bool = False) -> list[Bar]:
    """Ordered by the chosen indicator, the best first; where it is neither good nor bad, the most first. Those with too
    few to say anything come after them, without a rank; with `every` also those of whom it says nothing."""
    values = [(line, line.figures.get(shown.id)) for line in lines]
    known = [(line, value, at) for line, value in values if (at := plain(value)) is not None]
    enough = [one for one in known if not _few(shown, one[0], one[1])]
    enough.sort(key=lambda one: (one[2] if shown.better == "down" else -one[2], one[0].sortable))
    few = [one for one in known if _few(shown, one[0], one[1])]
    most = max((at for _line, _value, at in known), default=0) or 1
    top = max(most, shown.target or 0) if shown.kind != "share" else 1.0
    ranked, rank, last = [], 0, None
    for number, (line, value, at) in enumerate(enough, start=1):
        rank, last = (rank, last) if at == last else (number, at)
        ranked.append(_bar(line, shown, value, at, top, rank))
    silent = [Bar(line, "–", "", "", False, None, 0) for line, value in values if every and plain(value) is None]
    return ranked + [_bar(line, shown, value, at, top, 0) for line, value, at in few] + silent


def _few(shown: Indicator, line: Line, value: Any) -> bool:
    if shown.kind == "share":
        return int(value["over"]) < FEW
    return shown.kind != "count" and line.received < FEW


def _bar(line: Line, shown: Indicator, value: Any, at: float, top: float, rank: int) -> Bar:
    from hues.insights.scorecards.cards import meets

    of = of_short(value) if shown.kind == "share" else ""
    few = _few(shown, line, value)
    return Bar(
        line, text_of(shown, value), of, f"{100 * at / top:.1f}", few, None if few else meets(shown, value), rank
    )


def target_at(lines: Sequence[Line], shown: Indicator) -> str:
    """Where the line of the target stands in the bars; empty without one."""
    if shown.target is None:
        return ""
    if shown.kind == "share":
        return f"{100 * shown.target:.1f}"
    most = max((at for line in lines if (at := plain(line.figures.get(shown.id))) is not None), default=0)
    return f"{100 * shown.target / max(most, shown.target):.1f}"
