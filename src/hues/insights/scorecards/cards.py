"""Figures side by side with the period before and the same a year ago, with their targets and the way to their records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from hues.insights import queries
from hues.insights.catalogue import Indicator, groups
from hues.insights.figures import KNOWN, SPANS
from hues.insights.queries import Row
from hues.insights.scorecards import asking, records, rooms
from hues.insights.scorecards.asking import Asked
from hues.insights.scorecards.periods import Period
from hues.insights.words import duration, number_text, of_text, share_text
from hues.kernel.actors import Actor

FEW = 10  # a share of fewer says little, and is marked so
RECORDS = "/desk/scorecards/records"


@dataclass(frozen=True)
class Change:
    text: str  # "+2,3 điểm", "−12%"
    tone: str  # good, bad; "" where neither way is better or nothing moved


@dataclass(frozen=True)
class Figure:
    indicator: Indicator
    text: str
    note: str = ""  # "51 of 123", "nine in ten within …"
    url: str = ""  # of the records that it counts
    over_url: str = ""  # of the records that it is a share of
    over_name: str = ""
    before: Change | None = None
    year_ago: Change | None = None
    part: str = ""  # of a share, in hundredths, for a bar
    target: str = ""
    target_at: str = ""
    met: bool | None = None  # whether the target is met; None without one
    few: bool = False
    green: bool = False  # it will still move, so neither good nor bad is said of it
    order_url: str = ""
    ordered: Any = None  # what was ordered out of this number already (hues.orders.queries.Already)
    series_url: str = ""


def plain(value: Any) -> float | None:
    """A figure as one number: a share, the median of a span of time, a count."""
    if isinstance(value, Mapping):
        found = value.get("share") if "over" in value else value.get("p50")
        return None if found is None else float(found)
    return None if value is None else float(value)


def text_of(one: Indicator, value: Any) -> str:
    if one.kind == "share":
        return share_text(value) if value else "–"
    if one.kind in ("minutes", "hours"):
        return duration((value or {}).get("p50"), one.kind)
    return "–" if value is None else number_text(value)


def note_of(one: Indicator, value: Any) -> str:
    if one.kind == "share" and value:
        return of_text(value)
    if one.kind in ("minutes", "hours") and value:
        return _("nine in ten within {span}").format(span=duration(value["p90"], one.kind))
    return ""


def target_text(one: Indicator) -> str:
    if one.target is None:
        return ""
    if one.kind == "share":
        return share_text({"share": one.target})
    return duration(one.target, one.kind) if one.kind in ("minutes", "hours") else number_text(one.target)


def meets(one: Indicator, value: Any) -> bool | None:
    at = plain(value)
    if one.target is None or at is None or not one.better:
        return None
    return at >= one.target if one.better == "up" else at <= one.target


def change(one: Indicator, now: Any, then: Any) -> Change | None:
    a, b = plain(now), plain(then)
    if a is None or b is None:
        return None
    if one.kind == "share":
        moved = round(100 * (a - b), 1)
        text = _("{n} points").format(n=_signed(moved))
    else:
        if not b:
            return None
        moved = round(100 * (a - b) / b)
        text = f"{_signed(moved)}%"
    good = {"up": moved > 0, "down": moved < 0}.get(one.better)
    return Change(text, "" if not moved or good is None else "good" if good else "bad")


def _ripe(moved: Change | None, green: bool) -> Change | None:
    return Change(moved.text, "") if moved and green else moved


def _signed(value: float) -> str:
    return number_text(abs(value)) if not value else ("+" if value > 0 else "−") + number_text(abs(value))


@dataclass(frozen=True)
class Compared:
    """The same scope in a period, the one before, and a year ago; None where nothing is kept of it."""

    now: Row
    before: Row | None
    year_ago: Row | None


def compared(asked: Asked) -> Compared:
    def at(period: Period) -> Row | None:
        return queries.whole(asked.scope(period)) if period.is_kept else None

    return Compared(queries.whole(asked.scope()), at(asked.period.before), at(asked.period.year_ago))


def figure(
    actor: Actor,
    asked: Asked,
    one: Indicator,
    value: Any,
    *,
    before: Any = None,
    year_ago: Any = None,
    cases: int = 0,
    ordered: Any = None,
) -> Figure:
    """`cases` is what a span of time was measured on."""
    open_to = asking.may_open(actor, asked.scope())
    over = value["over"] if one.kind == "share" and value else cases
    part = plain(value) if one.kind == "share" else None
    text, green = text_of(one, value), one.ripens and not asked.period.settled
    return Figure(
        one,
        text,
        note_of(one, value),
        url=records_url(asked, one.of) if open_to and one.of and plain(value) is not None else "",
        over_url=records_url(asked, [one.over]) if open_to and one.over and over else "",
        over_name=one.denominator,
        before=_ripe(change(one, value, before), green),
        year_ago=_ripe(change(one, value, year_ago), green),
        part="" if part is None else f"{100 * part:.1f}",
        target=target_text(one),
        target_at=f"{100 * one.target:.1f}" if one.kind == "share" and one.target is not None else "",
        met=None if green else meets(one, value),
        green=green,
        few=one.kind not in ("count", "number") and 0 < over < FEW,
        order_url=order_url(actor, one.id, f"{one.name}: {text} ({asked.place}, {asked.period.days})", asked.query()),
        ordered=ordered,
        series_url=f"/desk/scorecards?{asked.query(show=one.id)}#trend" if one.id in KNOWN else "",
    )


def grouped(actor: Actor, asked: Asked) -> list[dict[str, Any]]:
    """The figures that the kept counts tell, in the groups of the catalogue; groups without anything are left out."""
    found = compared(asked)
    now, before, year_ago = (
        {} if row is None else row.figures() | rooms.values(asked, period)
        for row, period in (
            (found.now, asked.period), (found.before, asked.period.before), (found.year_ago, asked.period.year_ago)
        )
    )  # fmt: skip
    now["overdue"] = records.count(asked.scope(), ["overdue"])
    links, ordered = rooms.links(asked), rooms.ordered(actor, "number", now.keys())
    cards = []
    for key, name, members in groups():
        shown = [
            figure(
                actor, asked, one, now[one.id], before=before.get(one.id), year_ago=year_ago.get(one.id),
                cases=found.now.of_duration(SPANS[one.id][0]) if one.id in SPANS else 0,
                ordered=ordered.get(one.id),
            )
            for one in members if one.id in now
        ]  # fmt: skip
        if any(_says_something(one, now[one.indicator.id]) for one in shown):
            cards.append({"key": key, "name": name, "figures": shown, "url": links.get(key, "")})
    return cards


def _says_something(one: Figure, value: Any) -> bool:
    return bool(value["over"] if one.indicator.kind == "share" and value else value)


def records_url(asked: Asked, measures: Sequence[str], **more: str) -> str:
    scope = asked.scope()
    values = {
        "measure": ",".join(measures),
        "since": f"{scope.since:%Y-%m-%d}",
        "until": f"{scope.until:%Y-%m-%d}",
        **{name: one.code for name, one in asked.filters.items()},
        "channel": asked.channel,
        **more,
    }
    return f"{RECORDS}?{urlencode({name: value for name, value in values.items() if value}, safe=',')}"


def order_url(
    actor: Actor, ref: str, label: str, query: str, kind: str = "number", path: str = "/desk/scorecards"
) -> str:
    """Where a leader gives an order because of a number; empty for whoever gives none."""
    if not rooms.may_order(actor):
        return ""
    return "/desk/orders/new?" + urlencode({"kind": kind, "ref": ref, "label": label[:200], "url": f"{path}?{query}"})


def headline(figures: Sequence[Mapping[str, Any]]) -> list[Figure]:
    """What stands large at the top: how many came, how late it is, and the two honest shares."""
    wanted = ("received", "overdue", "true_resolution", "on_time_original")
    known = {one.indicator.id: one for card in figures for one in card["figures"]}
    return [known[name] for name in wanted if name in known]
