"""The editor of a rota: watches, a round of days, another one for holidays; what it means for the coming days."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hues.city import clock as city_clock
from hues.duty import access, actions, presets, queries
from hues.duty import rota as rotas
from hues.duty.holidays import city_holidays
from hues.duty.pages.frame import actor_of, day_of, frame, monday_of
from hues.duty.rota import MOST_DAYS, MOST_WATCHES, Rota
from hues.kernel.errors import NotFound, Problem
from hues.kernel.text import whole_number
from hues.people.decorators import staff_only

PREVIEW_DAYS = 14
_DAY = timedelta(days=1)
Data = dict[str, Any]


@never_cache
@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def rota(request: HttpRequest, team_id: UUID) -> HttpResponse:
    team = queries.team_for(actor_of(request), team_id)
    if not access.manages(actor_of(request), team.agency):
        raise NotFound(_("There is no such page."))
    data, anchor, problem = dict(team.rota), team.anchor or monday_of(city_clock.today()), None
    chosen = presets.preset(request.GET.get("preset", ""))
    if chosen:
        data, anchor = {"usual": chosen.plan(), "holiday": data.get("holiday")}, monday_of(city_clock.today())
    plan: Rota | None = None
    if request.method == "POST":
        data, anchor = _typed(request.POST), day_of(request.POST.get("anchor", ""))
        try:
            if request.POST.get("do") == "save":
                laid = actions.save_rota(actor=actor_of(request), team_id=team.pk, rota=_given(data), anchor=anchor)
                messages.success(request, _("Saved. Shifts laid: %(count)d.") % {"count": laid.made})
                if laid.clashes:
                    text = _("%(count)d were not laid: the person has another shift at that time.")
                    messages.warning(request, text % {"count": laid.clashes})
                return redirect("duty-team", team.pk)
        except Problem as raised:
            problem = raised
    try:
        plan = rotas.read(_given(data))
    except Problem as raised:
        problem = problem or raised
    context = {
        "team": team,
        "presets": presets.PRESETS,
        "plans": [_form("usual", data.get("usual") or {}, anchor), _form("holiday", data.get("holiday") or {}, None)],
        "own_holidays": bool(data.get("holiday")),
        "anchor": anchor,
        "today": city_clock.today(),
        "problem": problem,
        "errors": problem.fields if problem else {},
        "ahead": _ahead(plan, anchor, city_clock.today(), PREVIEW_DAYS) if plan else [],
        "next_holiday": _next_holiday(plan, anchor) if plan else [],
        "members": queries.members_of(team),
    }
    status = problem.status if problem and request.method == "POST" else 200
    return render(request, "duty/rota.html", context | frame(request, "teams", team.agency), status=status)


def _given(data: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, without a plan that nothing was typed into."""
    usual, holiday = data.get("usual") or {}, data.get("holiday") or None
    return {"usual": usual, "holiday": holiday} if usual.get("watches") else {}


def _typed(given: QueryDict) -> Data:
    own = given.get("holidays") == "own"
    return {"usual": _plan(given, "usual"), "holiday": _plan(given, "holiday") if own else None}


def _plan(given: QueryDict, name: str) -> Data:
    """Watches without a name are none; each keeps its column of the round."""
    rows = [
        {part: given.get(f"{name}-{part}-{column}", "").strip() for part in ("name", "start", "end")}
        for column in range(MOST_WATCHES)
    ]
    columns = [column for column, row in enumerate(rows) if row["name"]]
    days = min(max(whole_number(given.get(f"{name}-days", "")) or 1, 1), MOST_DAYS)
    cells = [[given.get(f"{name}-{day}-{column}", "") for column in columns] for day in range(days)]
    return {"watches": [rows[column] for column in columns], "round": cells}


def _form(name: str, plan: Mapping[str, Any], anchor: date | None) -> Data:
    """A plan as the editor shows it: one column more than there are watches, to add one."""
    watches = [dict(one) for one in plan.get("watches") or []]
    columns = min(len(watches) + 1, MOST_WATCHES)
    watches += [{"name": "", "start": "", "end": ""}] * (columns - len(watches))
    weekly = anchor is not None and len(plan.get("round") or []) % 7 == 0
    days = []
    for number, row in enumerate(plan.get("round") or [[]]):
        cells = [str(cell) for cell in row] + [""] * (columns - len(row))
        day = anchor + number * _DAY if weekly and anchor else None
        days.append({"number": number + 1, "day": day, "cells": cells})
    return {"name": name, "watches": watches, "days": days, "count": len(days), "most": MOST_DAYS}


def _ahead(plan: Rota, anchor: date, first: date, days: int) -> list[Data]:
    """Each of some days with its watches and crews."""
    holidays, zone, language = city_holidays(), city_clock.city_zone(), get_language() or "vi"
    found = []
    for day in (first + number * _DAY for number in range(days)):
        turns = list(rotas.turns(plan, day, since=anchor, holiday=holidays.number(day, anchor), zone=zone))
        found.append({"day": day, "holiday": holidays.name(day, language), "turns": turns})
    return found


def _next_holiday(plan: Rota, anchor: date) -> list[Data]:
    """The first whole run of holidays that is still to come."""
    days = [day for day in city_holidays().days if day >= city_clock.today()]
    run = [day for number, day in enumerate(days) if (day - days[0]).days == number]
    return _ahead(plan, anchor, run[0], len(run)) if run else []
