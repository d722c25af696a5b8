"""The city's numbers as people read them: a scope out of what was asked, cards, a table, a trend."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from hues.city import queries as city
from hues.city.clock import city_zone
from hues.city.models import Agency, Category, Unit
from hues.insights import cuts, queries
from hues.insights.counting import back, following
from hues.insights.queries import Row, Scope
from hues.kernel import clock
from hues.kernel.errors import Invalid, Problem
from hues.kernel.text import sort_key

BREAKDOWNS = ("unit", "category", "agency", "month", "channel")
PERIODS = ("3m", "12m", "all")
SMALL = 10  # so few reports of a kind that is never public are not told apart
HIDDEN = -1  # the key of all kinds that are never public, where a row of theirs would give somebody away


@dataclass(frozen=True)
class Asked:
    """What somebody wants to know, checked."""

    scope: Scope
    period: str
    by: str
    unit: Unit | None = None
    category: Category | None = None
    agency: Agency | None = None


def read(asked: Mapping[str, str]) -> Asked:
    """Raises Invalid, by field, in the reader's language."""
    problems: dict[str, str] = {}

    def look_up(name: str, find: Callable[[str], Any]) -> Any:
        code = asked.get(name, "")
        if not code:
            return None
        try:
            return find(code)
        except (KeyError, Problem):
            problems[name] = _("There is no such choice.")
            return None

    unit = look_up("unit", city.unit)
    category = look_up("category", city.category)
    agency = look_up("agency", lambda code: _agencies()[code])
    period = asked.get("period") or "12m"
    by = asked.get("by") or "unit"
    if by not in BREAKDOWNS:
        problems["by"] = _("There is no such choice.")
    if sum(bool(one) for one in (unit, category, agency)) > 1:
        problems["agency" if agency else "category"] = _("Choose one of area, kind and agency at a time.")
    span = _span(period)
    if span is None:
        problems["period"] = _("There is no such choice.")
    if problems or span is None:
        raise Invalid(_("Some choices do not fit."), fields=problems)
    ids = {name: one.pk for name, one in (("unit", unit), ("category", category), ("agency", agency)) if one}
    scope = Scope(*span, **ids)
    asked_for = Asked(scope, period, by, unit, category, agency)
    return asked_for if can_break_down(asked_for, by) else replace(asked_for, by="month")


def can_break_down(asked: Asked, by: str) -> bool:
    """Whether the counts are kept that way, and may be told that way."""
    if by == "month":
        return True
    private = asked.category is not None and asked.category.visibility == Category.Visibility.RESTRICTED
    return by not in asked.scope.dimensions and cuts.is_kept((*asked.scope.dimensions, by)) and not private


def _span(period: str) -> tuple[date, date] | None:
    this_month = clock.now().astimezone(city_zone()).date().replace(day=1)
    last = queries.end_of(this_month, 1)
    if period == "all":
        return queries.first_month() or this_month, last
    if period in PERIODS:
        return back(this_month, int(period[:-1]) - 1), last
    if len(period) == 4 and period.isascii() and period.isdigit() and 1990 <= int(period) <= this_month.year:
        return date(int(period), 1, 1), date(int(period), 12, 31)
    return None


def years() -> list[int]:
    first = queries.first_month()
    this = clock.now().astimezone(city_zone()).year
    return list(range(this, (first.year if first else this) - 1, -1))


@dataclass(frozen=True)
class Line:
    """A row of the table."""

    code: str
    name: str
    figures: Mapping[str, Any]
    drill: str = ""  # the parameter that looks at this row alone


def lines(asked: Asked) -> list[Line]:
    rows = queries.broken_down(asked.scope, asked.by)
    named = _NAMES[asked.by](rows, asked)
    return sorted(named, key=lambda line: (line.figures["received"] == 0, _order(asked.by, line)))


def _order(by: str, line: Line) -> tuple[Any, ...]:
    return (line.code,) if by == "month" else (-int(line.figures["received"]), sort_key(line.name))


def _language() -> str:
    return get_language() or "vi"


def _agencies() -> dict[str, Agency]:
    return {row.code: row for row in Agency.objects.all()}


def _by_unit(rows: Sequence[Row], _asked: Asked) -> list[Line]:
    known = {unit.pk: unit for unit in Unit.objects.filter(pk__in=[row.key for row in rows])}
    lines = []
    for row in rows:
        unit = known.get(row.key)
        name = unit.name(_language()) if unit else pgettext("where", "No place given")
        lines.append(Line(unit.code if unit else "", name, row.figures(), "unit" if unit else ""))
    return lines


def _by_agency(rows: Sequence[Row], _asked: Asked) -> list[Line]:
    known = {row.pk: row for row in _agencies().values()}
    lines = []
    for row in rows:
        agency = known.get(row.key)
        name = agency.name(_language()) if agency else _("Not yet assigned")
        lines.append(Line(agency.code if agency else "", name, row.figures(), "agency" if agency else ""))
    return lines


def _by_category(rows: Sequence[Row], asked: Asked) -> list[Line]:
    """Kinds that are never public: told apart only for the whole city, and not when they are very few."""
    lines, hidden = [], []
    for row in rows:
        category = city.category_by_id(row.key)
        private = category.visibility == Category.Visibility.RESTRICTED
        if private and (asked.scope.dimensions or row.counts["received"] < SMALL):
            hidden.append(row)
        else:
            lines.append(Line(category.code, category.name(_language()), row.figures(), "category"))
    if hidden:
        counts = {name: sum(row.counts[name] for row in hidden) for name in hidden[0].counts}
        lines.append(Line("", _("Kinds that are never public, together"), Row(HIDDEN, counts).figures()))
    return lines


def _by_month(rows: Sequence[Row], _asked: Asked) -> list[Line]:
    return [Line(f"{row.key:%Y-%m}", f"{row.key:%m/%Y}", row.figures()) for row in rows]


def _by_channel(rows: Sequence[Row], _asked: Asked) -> list[Line]:
    names = {
        "web": _("App and website"),
        "api": _("Programs (API)"),
        "open311": "Open311",
        "hotline": _("Hotline"),
        "import": _("Imported"),
    }
    return [Line(row.key, names.get(row.key, row.key), row.figures()) for row in rows]


_NAMES: Mapping[str, Callable[[Sequence[Row], Asked], list[Line]]] = {
    "unit": _by_unit,
    "category": _by_category,
    "agency": _by_agency,
    "month": _by_month,
    "channel": _by_channel,
}


def trend(asked: Asked) -> list[dict[str, Any]]:
    """Reports received and truly resolved by month, each as a share of the tallest bar; for a drawing."""
    rows = {row.key: row.counts for row in queries.broken_down(asked.scope, "month", spans=False)}
    months: list[date] = []
    day = asked.scope.since
    while day <= asked.scope.until and len(months) < 240:
        months.append(day)
        day = following(day)
    tallest = max((counts["received"] for counts in rows.values()), default=0) or 1
    return [
        _bar(at, month, rows.get(month) or {"received": 0, "resolved": 0}, tallest) for at, month in enumerate(months)
    ]


def _bar(at: int, month: date, counts: Mapping[str, int], tallest: int) -> dict[str, Any]:
    """Places in the drawing are text: no reader's decimal comma gets into them."""
    heights = {name: 100 * counts[name] / tallest for name in ("received", "resolved")}
    return {
        "month": month,
        "x": str(at * 20 + 3),
        "received": counts["received"],
        "resolved": counts["resolved"],
        "height": f"{heights['received']:.1f}",
        "top": f"{104 - heights['received']:.1f}",
        "resolved_height": f"{heights['resolved']:.1f}",
        "resolved_top": f"{104 - heights['resolved']:.1f}",
    }
