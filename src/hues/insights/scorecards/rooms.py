"""Figures that other rooms keep themselves: the hotline's calls, the leaders' orders. A room that is not there tells nothing."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from typing import Any

from django.apps import apps

from hues.insights.figures import share
from hues.insights.scorecards.asking import Asked
from hues.insights.scorecards.periods import Period
from hues.kernel.actors import Actor

Values = dict[str, Any]


def values(asked: Asked, period: Period) -> Values:
    """What the rooms say of this scope, by indicator; {} where a figure is not kept that way."""
    found: Values = {}
    for room, tell in _ROOMS.items():
        if apps.is_installed(f"hues.{room}"):
            found |= tell(asked, period.first, period.until)
    return found


def links(asked: Asked) -> Mapping[str, str]:
    """Where the records of a room's figures are."""
    agency = f"?agency={asked.agency.code}" if asked.agency else ""
    return {"orders": f"/desk/orders{agency}", "hotline": "/desk/calls"}


def may_order(actor: Actor) -> bool:
    """Whether somebody gives orders; nobody does where there is no book of orders."""
    if not apps.is_installed("hues.orders"):
        return False
    from hues.orders.giving import may_give

    return may_give(actor)


def ordered(actor: Actor, kind: str, refs: Collection[str]) -> Mapping[str, Any]:
    """What leaders ordered out of these numbers already, by number. One statement; {} for whoever gives no orders."""
    if not may_order(actor):
        return {}
    from hues.orders.queries import already

    return already(actor, kind, refs)


def orders_late(day: date) -> int:
    """Orders of the last year that are past their date now."""
    if not apps.is_installed("hues.orders"):
        return 0
    from hues.orders.queries import kept

    return sum(row.open_late for row in kept(day - timedelta(days=365), day).values())


def _calls(asked: Asked, first: date, last: date) -> Values:
    if asked.dimensions:
        return {}
    from hues.hotline.queries.figures import figures

    told = figures(first, last)
    return {
        "calls_in": told.calls_in,
        "calls_out": told.calls_out,
        "calls_in_20s": share(told.fast, told.calls_in),
        "calls_abandoned": share(told.abandoned, told.calls_in),
        "first_call": share(told.known - told.again, told.known),
        "callbacks_kept": share(told.callbacks_kept, told.callbacks),
    }


def _orders(asked: Asked, first: date, last: date) -> Values:
    """Of the city, or of one agency: orders given in the span, and what became of them."""
    if asked.unit or asked.category or asked.channel:
        return {}
    from hues.orders.queries import kept

    by_agency = kept(first, last)
    rows = [by_agency[asked.agency.pk]] if asked.agency and asked.agency.pk in by_agency else []
    if asked.agency is None:
        rows = list(by_agency.values())
    on_time, late = sum(row.on_time for row in rows), sum(row.late + row.open_late for row in rows)
    return {
        "orders_given": sum(row.given for row in rows),
        "orders_kept": share(on_time, on_time + late),
        "orders_late": sum(row.open_late for row in rows),
    }


_ROOMS: Mapping[str, Callable[[Asked, date, date], Values]] = {"hotline": _calls, "orders": _orders}
