"""Is the city as attentive to one ward as to the other: by head, by speed, and where people may not speak up at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hues.cases import reference
from hues.city.models import Unit
from hues.insights import queries
from hues.insights.scorecards import asking
from hues.insights.scorecards.asking import Asked
from hues.insights.scorecards.cards import FEW, RECORDS
from hues.insights.words import duration, number_text, of_short, share_text
from hues.kernel.actors import Actor

QUIET = 0.5  # of the city's reports by head: fewer hints at people who do not report
LONG = 1.5  # times the city's median: people wait markedly longer
DAYS_OF_A_YEAR = 365.25


@dataclass(frozen=True)
class Ward:
    unit: Unit
    name: str
    population: int | None
    received: int
    per_1000: float | None  # in a year, at the pace of the period
    index: float | None  # against the city's
    echo: float | None  # of ten troubles, how many were reported by more than one person: few where people keep silent
    fix_hours: float | None
    fix_gap: float | None
    on_time: Any
    resolved: Any
    quiet: bool
    slow: bool
    few: bool
    url: str
    records: str
    width: str = "0"


@dataclass(frozen=True)
class Equity:
    wards: Sequence[Ward]
    per_1000: float | None
    fix_hours: float | None
    spread: float | None  # the most reporting tenth of the wards over the least, by head
    fix_spread: float | None
    quiet: Sequence[Ward]
    slow: Sequence[Ward]

    @property
    def average_at(self) -> str:
        """Where the city's average stands in the bars."""
        most = max((ward.per_1000 or 0 for ward in self.wards), default=0)
        return f"{100 * self.per_1000 / most:.1f}" if most and self.per_1000 is not None else ""


def view(actor: Actor, asked: Asked, language: str) -> Equity:
    """Wards of today, by reports for each 1,000 people in a year. Four statements."""
    scope = asked.scope()
    whole = queries.whole(scope)
    rows = {row.key: row for row in queries.broken_down(scope, "unit")}
    units = [unit for unit in reference.units().values() if unit.valid_to is None]
    people = sum(unit.population or 0 for unit in units)
    years = ((asked.period.until - asked.period.first).days + 1) / DAYS_OF_A_YEAR
    placed = sum(rows[unit.pk].counts["received"] for unit in units if unit.pk in rows and unit.population)
    per_1000 = 1000 * placed / people / years if people else None
    fix = (whole.figures()["hours_to_fix"] or {}).get("p50")
    open_to = asking.may_open(actor, scope)
    wards = [_ward(unit, rows.get(unit.pk), per_1000, fix, years, asked, language, open_to) for unit in units]
    most = max((ward.per_1000 or 0 for ward in wards), default=0) or 1
    wards = [Ward(**{**vars(ward), "width": f"{100 * (ward.per_1000 or 0) / most:.1f}"}) for ward in wards]
    wards.sort(key=lambda ward: -(ward.per_1000 or 0))
    fixes = [ward.fix_hours for ward in wards if ward.fix_hours is not None and not ward.few]
    heads = [ward.per_1000 for ward in wards if ward.per_1000]
    return Equity(
        wards, per_1000, fix, _spread(heads), _spread(fixes),
        [ward for ward in wards if ward.quiet], [ward for ward in wards if ward.slow],
    )  # fmt: skip


def _ward(
    unit: Unit,
    row: Any,
    per_1000: float | None,
    fix: float | None,
    years: float,
    asked: Asked,
    language: str,
    open_to: bool,
) -> Ward:
    received = row.counts["received"] if row else 0
    figures = row.figures() if row else {}
    by_head = 1000 * received / unit.population / years if unit.population else None
    index = by_head / per_1000 if by_head is not None and per_1000 else None
    hours = (figures.get("hours_to_fix") or {}).get("p50")
    gap = hours / fix if hours is not None and fix else None
    resolved = figures.get("true_resolution")
    few = not resolved or resolved["of"] < FEW
    first = received - (row.counts["duplicates"] if row else 0)
    query = f"since={asked.period.first:%Y-%m-%d}&until={asked.period.until:%Y-%m-%d}&unit={unit.code}&measure=received"
    return Ward(
        unit, unit.name(language), unit.population, received, by_head, index,
        10 * row.counts["duplicates"] / first if row and first >= FEW else None,
        hours, gap, figures.get("on_time_original"), resolved,
        quiet=index is not None and index < QUIET, slow=gap is not None and gap > LONG and not few, few=few,
        url=f"/desk/scorecards?{asked.query(unit=unit.code, by='', agency='', category='', channel='')}",
        records=f"{RECORDS}?{query}" if open_to and received else "",
    )  # fmt: skip


def _spread(values: Sequence[float]) -> float | None:
    """The ninth tenth over the first: 1 where all are alike."""
    if len(values) < 10:
        return None
    ordered = sorted(values)
    low, high = ordered[len(ordered) // 10], ordered[-len(ordered) // 10]
    return high / low if low else None


def headline(view: Equity) -> dict[str, str]:
    return {
        "per_1000": _number(view.per_1000),
        "spread": _times(view.spread),
        "fix_spread": _times(view.fix_spread),
    }


def told(ward: Ward) -> dict[str, Any]:
    """A ward in words, for a table."""
    return {
        **vars(ward),
        "per_1000": _number(ward.per_1000),
        "index": _times(ward.index),
        "echo": _number(ward.echo),
        "fix": duration(ward.fix_hours, "hours"),
        "gap": _times(ward.fix_gap),
        "on_time": share_text(ward.on_time) if ward.on_time else "–",
        "on_time_of": of_short(ward.on_time) if ward.on_time else "",
    }


def _number(value: float | None) -> str:
    return "–" if value is None else number_text(round(value, 1))


def _times(value: float | None) -> str:
    return "–" if value is None else f"{number_text(round(value, 2))}×"
