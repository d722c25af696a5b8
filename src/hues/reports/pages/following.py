"""Following: choosing what to hear of, and the list of what one follows with its latest news."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hues.city import queries as city
from hues.kernel import geo, limits
from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid
from hues.people.decorators import signed_in
from hues.reports.following import RADII, actions, digest, queries
from hues.reports.pages import shown
from hues.reports.words import language

OFTEN = (120, 3600)  # changes of one person, an hour


@signed_in
@require_http_methods(["GET", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """What is meant is in the address, so that a guest comes back to it after signing in."""
    asked = request.POST if request.method == "POST" else request.GET
    problem: Invalid | None = None
    if request.method == "POST":
        try:
            limits.spend(f"follow:{_me(request).id}", limit=OFTEN[0], window=OFTEN[1])
            return _follow(request)
        except Invalid as refused:
            problem = refused
    return _ask(request, asked, problem)


def _follow(request: HttpRequest) -> HttpResponse:
    sent, actor = request.POST, _me(request)
    if code := sent.get("case"):
        actions.follow_case(actor=actor, code=code)
        messages.success(request, _("You hear of each step of it."))
        return redirect(f"/cases/{code}")
    if sent.get("lat") or sent.get("lon"):
        radius, label = sent.get("radius", "500"), sent.get("label", "")
        actions.follow_place(
            actor=actor, lat=sent.get("lat"), lon=sent.get("lon"), radius_m=radius, label=label, pace=sent.get("pace")
        )
    else:
        unit, category = sent.get("unit", ""), sent.get("category", "")
        actions.follow_area(actor=actor, unit=unit, category=category, pace=sent.get("pace"))
    messages.success(request, _("Done. You hear of what is new and what was answered."))
    return redirect("/me/following")


def _ask(request: HttpRequest, asked: Any, problem: Invalid | None) -> HttpResponse:
    context: dict[str, Any] = {"errors": (problem.fields or {"unit": problem.detail}) if problem else {}}
    status = 422 if problem else 200
    if code := asked.get("case"):
        found = queries.listed_case(code)
        if found is None:
            return redirect("/cases")
        context |= {"code": found.code, "title": shown.title(city_category(found.category_id))}
        return render(request, "reports/follow_case.html", context, status=status)
    point = _point(asked)
    if point is not None:
        hit = city.unit_at(*point)
        context |= {
            "lat": point.lat,
            "lon": point.lon,
            "unit_name": shown.name(city.unit_by_id(hit.unit_id)) if hit else "",
            "radius_field": _radius_field(asked.get("radius") or "500"),
            "label_field": {
                "name": "label",
                "label": _("What do you call this place?"),
                "placeholder": _("Home, school, market …"),
                "maxlength": actions.LABEL_MAX,
                "value": asked.get("label", ""),
            },
        }
    else:
        context["area_fields"] = _area_fields(asked)
    context |= {"pace_field": _pace_field(asked.get("pace") or "daily"), "place": point is not None}
    return render(request, "reports/follow_place.html", context, status=status)


def city_category(category_id: int) -> Any:
    from hues.cases import reference

    return reference.categories()[category_id]


def _point(asked: Any) -> geo.Point | None:
    try:
        return geo.parse_point(asked.get("lat"), asked.get("lon"))
    except Invalid:
        return None


def _radius_field(value: str) -> dict[str, Any]:
    words = {200: _("my street"), 500: _("a few streets"), 1000: _("the neighbourhood")}
    return {
        "name": "radius",
        "label": _("How far around?"),
        "kind": "radio",
        "value": value,
        "required": True,
        "options": [{"value": str(metres), "label": shown.metres(metres), "hint": words[metres]} for metres in RADII],
    }


def _pace_field(value: str) -> dict[str, Any]:
    return {
        "name": "pace",
        "label": _("When do you want to hear?"),
        "kind": "radio",
        "value": value,
        "required": True,
        "options": [
            {
                "value": "daily",
                "label": _("Once a day"),
                "hint": _("all in one, at {time}").format(time=f"{digest.hour():%H:%M}"),
            },
            {"value": "now", "label": _("At once"), "hint": _("within minutes")},
        ],
    }


def _area_fields(asked: Any) -> list[dict[str, Any]]:
    from hues.reports.pages.public import filter_fields

    return filter_fields({"unit": asked.get("unit", ""), "category": asked.get("category", "")})


@signed_in
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    actor = _me(request)
    assert actor.id is not None  # noqa: S101 - signed in
    context = {
        "follows": queries.follows_of(actor.id, language()),
        "news": queries.news_for(actor.id, language()),
        "hour": f"{digest.hour():%H:%M}",
    }
    return render(request, "reports/following.html", context)


@signed_in
@require_POST
def stop(request: HttpRequest, follow_id: UUID) -> HttpResponse:
    actions.stop_following(actor=_me(request), follow_id=follow_id)
    messages.success(request, _("You no longer follow it."))
    return redirect("/me/following")


@signed_in
@require_POST
def stop_case(request: HttpRequest, code: str) -> HttpResponse:
    actions.stop_following_case(actor=_me(request), code=code)
    messages.success(request, _("You no longer follow it."))
    return redirect(f"/cases/{code}")


@signed_in
@require_POST
def pace(request: HttpRequest, follow_id: UUID) -> HttpResponse:
    actions.set_pace(actor=_me(request), follow_id=follow_id, pace=request.POST.get("pace", ""))
    return redirect("/me/following")


def _me(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor
