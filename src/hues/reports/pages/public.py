"""What everyone sees: the list, the map, a case, its photos."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hues.cases.pages.words import rating
from hues.cases.queries import public_case, public_list
from hues.cases.queries.timeline import public_timeline
from hues.city import queries as city
from hues.reports.pages import shown
from hues.reports.words import language

FILTERS = ("unit", "category", "state")
PAGE = 24


def _filters(request: HttpRequest) -> dict[str, str]:
    found = {name: request.GET.get(name, "") for name in FILTERS}
    return {**found, "text": request.GET.get("q", "")}


@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    filters = _filters(request)
    page = public_list(filters, after=request.GET.get("after"), limit=PAGE)
    context = {
        "rows": [shown.row(row) for row in page],
        "page": page,
        "filters": {**filters, "q": filters["text"]},
        "filtered": bool(filters["unit"] or filters["category"]),
        "filter_fields": _filter_fields(filters),
        "state_chips": _state_chips(request, "/cases"),
        "explain": _(
            "Checked by the centre before they are shown. “Resolved” counts only repairs and enforcement that are proved."
        ),
        "none_title": _("Nothing found"),
        "none_text": _("Try fewer words, or another area or kind."),
        "none_label": _("Show all"),
        "live_topics": ["public"],
    }
    return render(request, "reports/public_list.html", context)


def _filter_fields(filters: dict[str, str]) -> list[dict[str, Any]]:
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
        },
        {
            "name": "category",
            "label": _("Kind"),
            "kind": "select",
            "value": filters["category"],
            "options": [all_kinds, *kinds],
        },
    ]


def _state_chips(request: HttpRequest, path: str) -> list[dict[str, Any]]:
    kept = {k: v for k, v in request.GET.items() if k in ("unit", "category", "q") and v}
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
            "url": f"{path}?{urlencode({**kept, **({'state': state} if state else {})})}",
        }
        for state, label in states
    ]


@require_GET
def on_map(request: HttpRequest) -> HttpResponse:
    filters = {k: v for k, v in _filters(request).items() if v}
    page = public_list(filters, limit=8)
    query = urlencode(filters)
    context = {
        "rows": [shown.row(row) for row in page],
        "state_chips": _state_chips(request, "/map"),
        "source": f"/api/v1/map?{query}" if query else "/api/v1/map",
        "map_label": _("Map of reports"),
    }
    return render(request, "reports/map.html", context)


@require_GET
def case(request: HttpRequest, code: str) -> HttpResponse:
    return render(request, "reports/public_case.html", _context(code))


@require_GET
def case_now(request: HttpRequest, code: str) -> HttpResponse:
    """The part that changes while the page is open."""
    return render(request, "reports/public_case_now.html", _context(code))


def _context(code: str) -> dict[str, Any]:
    found = public_case(code)
    title = shown.title(found.category)
    point = {"lat": found.lat, "lon": found.lon, "title": title} if found.lat is not None else None
    return {
        "case": found,
        "title": title,
        "where": shown.where(found.address, found.unit),
        "unit_name": shown.name(found.unit),
        "agency_name": shown.name(found.agency),
        "points": [point] if point else [],
        "map_label": _("Where it is"),
        "masked": found.visibility == "masked",
        "merged": found.merged_count,
        "rating_text": rating(found.rating),
        "on_time_text": on_time_text(found),
        "timeline": shown.lines(public_timeline(found.id), {found.answer}),
        "live_topics": [f"public:{found.id}"],
        **shown.photos(found.files),
    }


def on_time_text(found: Any) -> str:
    """Both readings side by side: against the first date, and against the extended one."""
    if not found.answered_at or not found.due_original_at:
        return ""
    if found.answered_at <= found.due_original_at:
        return _("on time")
    if found.due_final_at and found.answered_at <= found.due_final_at:
        return _("after the first date, within the extension")
    return _("late")
