"""From the hotline to an order: its figures, its charts and a call say where the order came from, and tell nobody who called."""

from collections.abc import Callable

import pytest

from hues.hotline.models import Call
from hues.kernel.actors import Actor
from tests.hotline.conftest import CALLER, at_desk
from tests.orders.test_links import links


def test_figures_and_charts_of_the_hotline_lead_to_an_order(
    over: Callable[..., Call], lead: Actor, operator: Actor
) -> None:
    over("one")
    over("before", "0905000099", at=-90_000)
    shown = links(at_desk(lead).get("/desk/calls/numbers?period=7d").content.decode())
    assert {"hotline:answered_fast", "hotline:abandoned", "hotline:hours", "hotline:trend", "hotline:codes"} <= set(
        shown
    )
    fast = shown["hotline:answered_fast"]
    assert fast["kind"] == "number" and fast["url"] == "/desk/calls/numbers?period=7d"
    assert "100" in fast["label"] and "18/11/2026 – 24/11/2026" in fast["label"], "its value, and of which days"
    assert shown["hotline:hours"]["kind"] == "chart"
    assert links(at_desk(operator).get("/desk/calls/numbers").content.decode()) == {}, "who gives no orders sees none"


def test_a_call_leads_to_an_order_that_does_not_tell_the_number(
    over: Callable[..., Call], lead: Actor, operator: Actor
) -> None:
    call = over("one")
    page = f"/desk/calls/{call.pk}"
    html = at_desk(lead).get(page).content.decode()
    link = links(html)[call.code]
    assert (link["kind"], link["url"]) == ("call", page)
    assert call.code in link["label"] and CALLER[-4:] not in str(link)
    form = at_desk(lead).get("/desk/orders/new", link).content.decode()
    assert call.code in form and CALLER[-9:] not in form
    assert links(at_desk(operator).get(page).content.decode()) == {}


@pytest.mark.parametrize("period", ["7d", "all"])
def test_no_figure_no_link(lead: Actor, period: str) -> None:
    assert links(at_desk(lead).get(f"/desk/calls/numbers?period={period}").content.decode()) == {}
