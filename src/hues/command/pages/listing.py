"""Incidents in a list, a new one, and its area drawn anew."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hues.cases import reference
from hues.cases.queries import case_for
from hues.city.clock import day_text
from hues.command import access, actions
from hues.command.actions.linking import find_call
from hues.command.models import Incident
from hues.command.pages.board import actor_of, frame
from hues.command.playbooks import playbook
from hues.command.queries.board import board
from hues.command.queries.rows import history, running
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.text import whole_number
from hues.people.decorators import staff_only

PERIODS = (2, 3, 4, 6, 8, 12, 24)


@require_GET
@staff_only
def incidents(request: HttpRequest) -> HttpResponse:
    """What runs, then what ended. Nothing for staff who have nothing to do with incidents."""
    actor = actor_of(request)
    context = _lists(request, actor)
    if not access.works_with_incidents(actor) and not context["running"] and not len(context["page"]):
        raise NotFound(_("There is no such page."))
    return render(request, "command/incidents.html", context)


@require_GET
@staff_only
def rows(request: HttpRequest) -> HttpResponse:
    """The list alone, for the open page."""
    return render(request, "command/incident_rows.html", _lists(request, actor_of(request)))


def _lists(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    topics = ["centre"] if access.sees_all(actor) else [f"agency:{one}" for one in sorted(access.headed(actor))[:50]]
    after = request.GET.get("after")
    return {
        "running": [] if after else running(actor),
        "page": history(actor, after),
        "first_page": not after,
        "may_open": bool(access.roles(actor)),
        "live_topics": topics,
        "moved_by": " ".join(topics),
        "now": clock.now(),
    }


@require_http_methods(["GET", "POST"])
@staff_only
def new(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if not access.roles(actor):
        raise NotFound(_("There is no such page."))
    if request.method == "GET":
        return _asked(request, actor, request.GET, {})
    sent = request.POST
    try:
        incident = actions.open_incident(
            actor=actor,
            kind=sent.get("kind", ""),
            level=whole_number(sent.get("level", "")) or 0,
            name=sent.get("name", ""),
            from_case=sent.get("case", "") or None,
            from_call=sent.get("call", "") or None,
            period_hours=whole_number(sent.get("period_hours", "")),
            **area_sent(sent),
        )
    except (Invalid, Forbidden, Conflict) as problem:
        return _asked(request, actor, sent, problem.fields or {"level": problem.detail}, status=problem.status)
    messages.success(request, _("{code} is open. Those concerned are told.").format(code=incident.code))
    return redirect(f"/desk/incidents/{incident.code}")


def area_sent(sent: QueryDict) -> dict[str, Any]:
    """The area as the form has it. What was drawn comes as JSON."""
    drawn = sent.get("polygon", "").strip()
    try:
        polygon = json.loads(drawn) if drawn else None
    except ValueError:
        polygon = [None]
    return {
        "unit_codes": sent.getlist("units"),
        "lat": sent.get("lat", "").strip() or None,
        "lon": sent.get("lon", "").strip() or None,
        "radius_m": sent.get("radius_m", "").strip() or None,
        "polygon": polygon,
    }


def _asked(request: HttpRequest, actor: Actor, given: QueryDict, errors: Any, status: int = 200) -> HttpResponse:
    language = get_language() or "vi"
    book, case_code, call_id = playbook(), given.get("case", ""), given.get("call", "")
    case = case_for(actor, case_code) if case_code else None
    call = find_call(actor, call_id) if call_id else None
    first = given.get("kind", "") or _kind_of(case)
    kinds = [
        {
            "value": kind.code,
            "label": _of(kind.names, language),
            "icon": kind.icon,
            "hint": _("Periods of {n} h").format(n=kind.period_hours),
        }
        for kind in book.kinds.values()
    ]
    top = access.highest(actor)
    levels = [
        {"value": str(n), "label": _of(level.names, language), "hint": _of(level.meaning, language)}
        for n, level in book.levels.items()
        if n <= top
    ]
    units = [str(one) for one in given.getlist("units")]
    if case is not None and not units and case.unit_id and not errors:
        units = [reference.units()[case.unit_id].code]
    context = {
        "errors": errors,
        "case": case,
        "case_title": reference.categories()[case.category_id].name(language) if case else "",
        "call": call,
        "kind_field": {
            "name": "kind", "label": _("What is it?"), "kind": "radio", "options": kinds, "value": first, "required": True,
            "error": errors.get("kind", ""),
        },
        "level_field": {
            "name": "level", "label": _("How grave?"), "kind": "radio", "options": levels,
            "value": given.get("level", "") or "1", "required": True, "error": errors.get("level", ""),
            "hint": "" if top == 4 else _("Higher levels are set by those who may: {who}.").format(who=_who_sets(top + 1)),
        },
        "name_field": {
            "name": "name", "label": _("Its name"), "kind": "text", "value": given.get("name", "") or _named(first, language),
            "required": True, "maxlength": 160, "error": errors.get("name", ""),
            "hint": _("As everybody will call it. Nobody's name, number or house: walls show it."),
        },
        "period_field": {
            "name": "period_hours", "label": _("Length of a period"), "kind": "select",
            "value": given.get("period_hours", ""), "required": False, "error": errors.get("period_hours", ""),
            "options": [{"value": str(n), "label": _("{n} hours").format(n=n)} for n in PERIODS],
            "hint": _("Left open: as usual for its kind."),
        },
        **area_fields(given, units, language, errors),
        "now": clock.now(),
    }  # fmt: skip
    return render(request, "command/new.html", context, status=status)


def area_fields(given: Any, units: list[str], language: str, errors: Any) -> dict[str, Any]:
    """The fields of the area: units to tick, a circle in numbers, a drawing. Drawn on the map where scripts run."""
    known = [unit for unit in reference.units().values() if unit.valid_to is None]
    options = [
        {"value": unit.code, "label": unit.name(language)} for unit in sorted(known, key=lambda one: one.sort_key)
    ]
    return {
        "units_field": {
            "name": "units", "label": _("Wards and communes"), "kind": "checks", "options": options, "value": units,
            "required": False, "error": errors.get("units", ""),
        },
        "drawn": {name: given.get(name, "") for name in ("lat", "lon", "radius_m", "polygon")},
        "area_errors": {name: errors[name] for name in ("lat", "lon", "radius_m", "polygon") if name in errors},
        "units_chosen": len(units),
    }  # fmt: skip


def _of(texts: Any, language: str) -> str:
    return str(texts.get(language) or next(iter(texts.values()), ""))


def _kind_of(case: Any) -> str:
    """The kind of incident that a case most likely is of: the first whose list names its category."""
    if case is None:
        return ""
    category = reference.categories()[case.category_id].code
    return next((kind.code for kind in playbook().kinds.values() if category in kind.categories), "")


def _named(kind: str, language: str) -> str:
    found = playbook().kinds.get(kind)
    return f"{_of(found.names, language)}, {day_text(clock.now(), language)}" if found else ""


def _who_sets(level: int) -> str:
    words = {
        "operator": _("the operations centre"),
        "lead": _("a shift lead"),
        "command": _("the civil defence command"),
        "chair": _("the chair"),
    }
    return ", ".join(words[one] for one in playbook().levels[level].by)


@require_http_methods(["GET", "POST"])
@staff_only
def redraw(request: HttpRequest, code: str) -> HttpResponse:
    """The area, its name, and the kinds of report that are offered."""
    actor = actor_of(request)
    found = board(actor, code)
    if not found.on.commands or found.incident.state != Incident.State.OPEN:
        raise NotFound(_("There is no such page."))
    if request.method == "POST":
        sent, version = request.POST, whole_number(request.POST.get("version", ""))
        try:
            actions.change_area(
                actor=actor, code=code, name=sent.get("name", ""), categories=sent.getlist("categories"),
                version=version, **area_sent(sent),
            )  # fmt: skip
        except (Invalid, Conflict) as problem:
            errors = problem.fields or {"name": problem.detail}
            return _redrawn(
                request, found, sent, sent.getlist("units"), sent.getlist("categories"), errors, problem.status
            )
        messages.success(request, _("The area is changed."))
        return redirect(f"/desk/incidents/{code}")
    incident, units = found.incident, reference.units()
    given = QueryDict(mutable=True)
    given.update({"name": incident.name, "polygon": json.dumps(incident.polygon[:-1]) if incident.polygon else ""})
    if incident.lat is not None:
        given.update({"lat": f"{incident.lat:.6f}", "lon": f"{incident.lon:.6f}", "radius_m": str(incident.radius_m)})
    chosen = [units[pk].code for pk in incident.unit_ids if pk in units]
    return _redrawn(request, found, given, chosen, list(incident.categories), {}, 200)


def _redrawn(
    request: HttpRequest, found: Any, given: Any, units: list[str], categories: list[str], errors: Any, status: int
) -> HttpResponse:
    kinds = sorted((one for one in reference.categories().values() if one.active), key=lambda one: one.position)
    context = frame(found) | {
        "errors": errors,
        "name_field": {
            "name": "name", "label": _("Its name"), "kind": "text", "value": given.get("name", ""), "required": True,
            "maxlength": 160, "error": errors.get("name", ""),
            "hint": _("As everybody will call it. Nobody's name, number or house: walls show it."),
        },
        "categories_field": {
            "name": "categories", "label": _("Reports of these kinds are offered"), "kind": "checks", "value": categories,
            "required": False, "hint": _("None chosen: of all kinds."), "error": errors.get("categories", ""),
            "options": [{"value": one.code, "label": one.name(found.language)} for one in kinds],
        },
        **area_fields(given, units, found.language, errors),
    }  # fmt: skip
    return render(request, "command/area.html", context, status=status)


@require_POST
@staff_only
def join(request: HttpRequest) -> HttpResponse:
    """From a case's page: link it to a running incident."""
    case, code = request.POST.get("case", ""), request.POST.get("incident", "")
    try:
        actions.link_case(actor=actor_of(request), code=code, case=case)
    except Conflict as problem:
        messages.error(request, problem.detail)
    else:
        messages.success(request, _("{case} belongs to {code} now.").format(case=case, code=code))
    return redirect(f"/desk/cases/{case_for(actor_of(request), case).code}")
