"""Beside a case at the desk: the asset it is about with its history, or those nearby to choose from; and why an agency is proposed."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import get_language

from hues.cases import access, moderation, panels, reference
from hues.cases.assets.actions import HANDLING
from hues.cases.assets.history import history
from hues.cases.models import Case
from hues.city.assets import layers, near
from hues.city.assets.near import Found
from hues.kernel.actors import Actor

INTAKE = "intake"


def render(request: HttpRequest, case: Case) -> str | None:
    """At most four statements, none where no layer is loaded."""
    if not layers.filled():
        return None
    actor: Actor = request.actor  # type: ignore[attr-defined]
    kind = reference.categories()[case.category_id]
    named = named_by(case)
    may = bool(access.roles(actor, case) & HANDLING) and case.is_open
    choices = _choices(case, kind.code) if named is None and may else []
    route = moderation.suggested_route(case) if case.is_open and (actor.in_centre or case.phase == INTAKE) else None
    because = route.because if route and (route.on or route.because) else ""
    if named is None and not choices and not because:
        return None
    language = get_language() or "vi"
    owner = reference.agencies().get(named.owner_id or 0) if named else None
    context = {
        "case": case,
        "asset": named,
        "owner": owner.name(language) if owner else "",
        "history": history(actor, named, without=case.code) if named else None,
        "choices": choices,
        "may": may,
        "because": because,
        "proposed": route.agency.name(language) if route else "",
        "proposed_now": bool(route and route.agency.pk == case.agency_id),
        "queue": request.GET.get("queue", ""),
    }
    return render_to_string("cases/panel_asset.html", context, request)


def named_by(case: Case) -> Found | None:
    """The asset that a case names, if it is known."""
    if not case.asset:
        return None
    kind = reference.categories()[case.category_id]
    return near.named(case.asset, [layer.code for layer in layers.fitting(kind.code)])


def _choices(case: Case, category: str) -> list[Found]:
    return near.offered(case.lat, case.lon, category) if case.lat is not None and case.lon is not None else []


panels.register("asset", 20, render)
