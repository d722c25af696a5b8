"""What everyone sees: the list and the map."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hues.cases.queries import public_list
from hues.cases.queries.public import public_near
from hues.city import queries as city
from hues.kernel import geo, limits
from hues.kernel.http import client_address
from hues.reports.pages import shown
from hues.reports.words import language

FILTERS = ("unit", "category", "agency", "state")
PAGE = 24
NEAR = 12  # cases around somebody
ASKING = (120, 600)  # questions for what is near, of one address in ten minutes


def _filters(request: HttpRequest) -> dict[str, str]:
    found = {name: request.GET.get(name, "") for name in FILTERS}
    return {**found, "text": request.GET.get("q", "")}


@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    filters = _filters(request)
    page = public_list(filters, after=request.GET.get("after"), limit=PAGE)
    kept = _kept(request)
    context = {
        "rows": [shown.row(row) for row in page],
        "page": page,
        "filters": {**filters, "q": filters["text"]},
        "filter_fields": filter_fields(filters),
        "chosen": _chosen(request, "/cases"),
        "state_chips": _state_chips(request, "/cases"),
        "feed_query": f"?{urlencode(kept)}" if kept else "",
        "map_url": _with("/map", {k: v for k, v in kept.items() if k != "q"}),
        "source": _with("/api/v1/map", {("text" if k == "q" else k): v for k, v in kept.items() if k != "agency"}),
        "map_label": _("Map of reports"),
        "follow_url": _with("/follow", {k: v for k, v in kept.items() if k in ("unit", "category")}),
        "can_follow": bool(filters["unit"] or filters["category"]),
        "explain": _(
            "Checked by the centre before they are shown. “Resolved” counts only repairs and enforcement that are proved."
        ),
        "none_title": _("Nothing found"),
        "none_text": _("Try fewer words, or another area or kind."),
        "none_label": _("Show all"),
        "live_topics": ["public"],
    }
    return render(request, "reports/public_list.html", context)


def _kept(request: HttpRequest) -> dict[str, str]:
    return {k: str(v) for k, v in request.GET.items() if k in (*FILTERS, "q") and v}


def _with(path: str, parameters: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(parameters)}" if parameters else path


def filter_fields(filters: Mapping[str, str]) -> list[dict[str, Any]]:
    """Area and kind as fields of a form."""
    units = [{"value": row["code"], "label": row["name"]} for row in city.units(language())]
    kinds = [
        {"value": row["code"], "label": row["name"]}
        for domain in city.categories(language())
        for row in domain["categories"]
    ]
    everywhere, all_kinds = {"value": "", "label": _("Everywhere")}, {"value": "", "label": _("All kinds")}
    return [
        {
            "name": "unit",
            "label": _("Area"),
            "kind": "select",
            "value": filters["unit"],
            "options": [everywhere, *units],
            "required": True,
        },
        {
            "name": "category",
            "label": _("Kind"),
            "kind": "select",
            "value": filters["category"],
            "options": [all_kinds, *kinds],
            "required": True,
        },
    ]


def _chosen(request: HttpRequest, path: str) -> list[dict[str, str]]:
    """What the list is narrowed to, each with the way to take it back."""
    from hues.cases import reference

    kept = _kept(request)
    known: dict[str, Mapping[str, Any]] = {
        "unit": reference.units_by_code(),
        "category": reference.categories_by_code(),
        "agency": reference.agencies_by_code(),
    }
    found = []
    for name, value in kept.items():
        if name == "q" or (name in known and value in known[name]):
            label = f"“{value}”" if name == "q" else known[name][value].name(language())
            found.append({"label": label, "url": _with(path, {k: v for k, v in kept.items() if k != name})})
    return found


def _state_chips(request: HttpRequest, path: str) -> list[dict[str, Any]]:
    kept = {k: v for k, v in _kept(request).items() if k != "state"}
    now = request.GET.get("state", "")
    states = [
        ("", _("All")),
        ("open", _("Still open")),
        ("resolved", _("Resolved")),
        ("planned", _("Promised")),
        ("late", _("Late")),
    ]
    return [
        {
            "label": label,
            "current": now == state,
            "url": _with(path, {**kept, **({"state": state} if state else {})}),
        }
        for state, label in states
    ]


@require_GET
def on_map(request: HttpRequest) -> HttpResponse:
    filters = {k: v for k, v in _filters(request).items() if v}
    page = public_list(filters, limit=8)
    context = {
        "rows": [shown.row(row) for row in page],
        "chosen": _chosen(request, "/map"),
        "state_chips": _state_chips(request, "/map"),
        "list_url": _with("/cases", _kept(request)),
        "source": _with("/api/v1/map", {k: v for k, v in filters.items() if k != "agency"}),
        "map_label": _("Map of reports"),
        "none_title": _("Nothing found"),
        "live_topics": ["public"],
    }
    return render(request, "reports/map.html", context)


@require_POST
def near(request: HttpRequest) -> HttpResponse:
    """What is around somebody, the nearest first. The position comes in the body: it stays in no log and nowhere else."""
    limits.spend(f"near:{client_address(request)}", limit=ASKING[0], window=ASKING[1])
    point = geo.parse_point(request.POST.get("lat"), request.POST.get("lon"))
    rows = public_near(point.lat, point.lon, limit=NEAR)
    hit = city.unit_at(point.lat, point.lon)
    context = {
        "rows": [shown.row(row) | {"distance": shown.metres(row.distance)} for row in rows],
        "unit_name": shown.name(city.unit_by_id(hit.unit_id)) if hit else "",
        "points": [
            {"lat": row.lat, "lon": row.lon, "title": shown.title(row.category), "code": row.code, "state": row.state}
            for row in rows
        ]
        if "map" in request.POST
        else [],
        "map_label": _("Map of reports"),
        "none_title": _("Nothing wrong is known around you") if hit else _("This place is outside the city."),
        "none_text": _("Within a kilometre, in the last 90 days."),
    }
    return render(request, "reports/near.html", context)
