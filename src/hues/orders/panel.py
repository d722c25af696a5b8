"""On a case's page: what the order is about and where it came from; on any other case, which orders were given out of it."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from hues.cases import access, panels, reference
from hues.cases.models import Case
from hues.kernel.actors import Actor
from hues.orders import giving, queries
from hues.orders.models import Order


def render(request: HttpRequest, case: Case) -> str | None:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if case.channel == giving.CHANNEL:
        order = queries.of_case(case)
        if order is None:
            return None
        context = {"order": order, "case": case, "source_open": _opens(actor, order), "returned": _returned(case)}
        return render_to_string("orders/panel_order.html", context, request)
    given = queries.of_source(actor, "case", case.code)
    if not given and not giving.may_give(actor):
        return None
    title = reference.categories()[case.category_id].name(request.LANGUAGE_CODE)
    return render_to_string("orders/panel_given.html", {"case": case, "given": given, "title": title}, request)


def _opens(actor: Actor, order: Order) -> bool:
    """Whether this viewer may open what the order came from: an agency need not see the case that moved its leader."""
    if order.source_kind != "case":
        return bool(order.source_url)
    return Case.objects.filter(access.visible_to(actor), code=order.source_ref).exists()


def _returned(case: Case) -> int:
    """The agency's copy of a case does not hold its source data."""
    data = Case.objects.filter(pk=case.pk).values_list("source_data__returned", flat=True).first()
    return int(data or 0)


panels.register("orders", 5, render)
