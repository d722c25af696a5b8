"""Charts as data for a drawing in the page: bars or a line through time, ordered bars for places and agencies.

Places in a drawing are text with a point, whatever comma the reader writes. Each chart stands beside its table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hues.insights import queries
from hues.insights.catalogue import Indicator, indicator
from hues.insights.scorecards import periods
from hues.insights.scorecards.asking import Asked
from hues.insights.scorecards.cards import FEW, note_of, plain, text_of
from hues.insights.scorecards.cards import target_text as target_text_of

HEIGHT, STEP = 100, 20


@dataclass(frozen=True)
class Point:
    first: date
    label: str
    value: float | None
    text: str
    note: str
    few: bool
    running: bool
    x: str
    top: str
    height: str
    figures: Mapping[str, Any]


@dataclass(frozen=True)
class Trend:
    indicator: Indicator
    points: Sequence[Point]
    width: int
    target_y: str  # "" without a target, or where it is above the drawing
    target_text: str
    top_text: str

    @property
    def says_something(self) -> bool:
        return sum(point.value is not None for point in self.points) > 1


def trend(asked: Asked) -> Trend:
    """The chosen indicator by the periods of the asked one's kind, up to it: 42 days, 26 weeks, 24 months, 12 quarters, years."""
    one, grain = indicator(asked.show), asked.period.grain
    firsts = _firsts(asked)
    rows = {
        row.key: row.figures()
        for row in queries.broken_down(
            asked.scope_of(firsts[0], asked.period.last), grain, spans=one.kind in ("minutes", "hours")
        )
    }
    values = [
        plain(rows[first].get(one.id)) if first in rows else (0.0 if one.kind == "count" else None) for first in firsts
    ]
    target = one.target
    top = _top(one, [value for value in values if value is not None], target)
    points = [
        _point(one, grain, first, number, value, rows.get(first, {}), top, asked)
        for number, (first, value) in enumerate(zip(firsts, values, strict=True))
    ]
    y = "" if target is None or target > top else f"{4 + HEIGHT * (1 - target / top):.1f}"
    return Trend(one, points, len(points) * STEP, y, target_text_of(one), _top_text(one, top))


def _firsts(asked: Asked) -> list[date]:
    grain, at = asked.period.grain, asked.period.first
    firsts = [at]
    oldest = queries.first_month() or at
    if grain in ("day", "week"):
        oldest = max(oldest, periods.first_day_kept())
    while len(firsts) < periods.GRAINS[grain]:
        before = periods.of(grain, firsts[-1] - timedelta(days=1)).first
        if before < oldest and not (before <= oldest <= firsts[-1] and grain in ("quarter", "year")):
            break
        firsts.append(before)
    return firsts[::-1]


def _point(
    one: Indicator,
    grain: str,
    first: date,
    number: int,
    value: float | None,
    row: Mapping[str, Any],
    top: float,
    asked: Asked,
) -> Point:
    height = 0.0 if value is None else HEIGHT * min(value, top) / top
    shown = row.get(one.id)
    over = shown["over"] if one.kind == "share" and shown else FEW
    return Point(
        first,
        periods.short(grain, first),
        value,
        text_of(one, shown) if row else ("0" if one.kind == "count" else "–"),
        note_of(one, shown) if row else "",
        0 < over < FEW,
        asked.period.running and first == asked.period.first,
        str(number * STEP + 3),
        f"{4 + HEIGHT - height:.1f}",
        f"{height:.1f}",
        row,
    )


def _top(one: Indicator, values: Sequence[float], target: float | None) -> float:
    """The value at the upper edge: all of a share; a round number above everything else."""
    if one.kind == "share":
        most = max([*values, target or 0], default=0)
        return 1.0 if most > 0.5 else 0.5 if most > 0.2 else 0.2
    most = max([*values, (target or 0) if values and (target or 0) < 3 * max(values) else 0], default=0) or 1
    size = 10.0 ** (len(str(int(most))) - 1) if most >= 1 else 1.0
    return next(step * size for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * size >= most)


def _top_text(one: Indicator, top: float) -> str:
    if one.kind == "share":
        return text_of(one, {"share": top, "of": 0, "over": 1})
    return (
        text_of(one, {"p50": top}) if one.kind in ("minutes", "hours") else text_of(one, int(top) if top >= 1 else top)
    )
