"""The page of a running incident: one board, whose parts are fetched again when something happens."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hues.cases import reference
from hues.command.actions.ending import remaining
from hues.command.models import Incident
from hues.command.naming import names_somebody
from hues.command.pages import forms
from hues.command.pages.forms import Refused
from hues.command.queries.board import Board, board, map_features, people_choices
from hues.command.queries.offers import COUNTED, offered_calls, offers
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import NotFound
from hues.kernel.text import whole_number
from hues.people.decorators import staff_only

PARTS = ("head", "tasks", "log", "cases", "plan", "papers")


def actor_of(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


@require_GET
@staff_only
def show(request: HttpRequest, code: str) -> HttpResponse:
    return page(request, board(actor_of(request), code))


def page(request: HttpRequest, found: Board, refused: Refused | None = None, status: int = 200) -> HttpResponse:
    again = refused or Refused()
    context: dict[str, Any] = frame(found) | {"on_board": True}
    before = whole_number(request.GET.get("before", ""))
    for part_name in PARTS:
        context |= _PART[part_name](found, again, before)
    return render(request, "command/board.html", context, status=status)


@require_GET
@staff_only
def part(request: HttpRequest, code: str, part: str) -> HttpResponse:
    """One part of the board, for the open page."""
    return fragment(request, code, part)


def fragment(request: HttpRequest, code: str, name: str) -> HttpResponse:
    if name not in PARTS:
        raise NotFound(_("There is no such page."))
    found = board(actor_of(request), code)
    before = whole_number(request.GET.get("before", ""))
    context = frame(found) | _PART[name](found, Refused(), before)
    return render(request, f"command/part_{name}.html", context)


@require_GET
@staff_only
def map_json(request: HttpRequest, code: str) -> HttpResponse:
    response = JsonResponse(map_features(board(actor_of(request), code)))
    response["Cache-Control"] = "private, no-store"
    return response


def frame(found: Board) -> dict[str, Any]:
    """What every page of an incident has."""
    incident, on = found.incident, found.on
    return {
        "board": found,
        "incident": incident,
        "on": on,
        "running": incident.state == Incident.State.OPEN,
        "may_write": on.writes and incident.state != Incident.State.CLOSED,
        "works": on.works and incident.state != Incident.State.CLOSED,
        "commands": on.commands,
        "here": f"/desk/incidents/{incident.code}",
        "live_topics": [f"incident:{incident.pk}", *_moving(found)],
        "moved_by": " ".join([f"incident:{incident.pk}", *_moving(found)]),
        "own_topic": f"incident:{incident.pk}",
        "now": clock.now(),
    }


def _moving(found: Board) -> list[str]:
    """The streams on which the tasks and cases of an incident move."""
    on = found.on
    return ["centre"] if on.actor.in_centre else [f"agency:{one}" for one in sorted(on.agencies)[:50]]


def _head(found: Board, refused: Refused, _before: int | None) -> dict[str, Any]:
    incident = found.incident
    period = incident.periods.filter(number=incident.period_number).first()
    ended = incident.stood_down_at or incident.closed_at or clock.now()
    total = (period.ends_at - period.starts_at).total_seconds() if period else 0
    passed = (min(ended, clock.now()) - period.starts_at).total_seconds() if period else 0
    return {
        "head_forms": forms.of_head(found, refused),
        "period": period,
        "period_share": round(max(0.0, min(1.0, passed / total)) * 100) if total else 0,
        "deputies": list(incident.deputies.all()) if found.on.whole else [],
        "commander": incident.commander,
        "open_now": remaining(incident) if found.on.commands and incident.state == Incident.State.OPEN else [],
        "refused": refused,
        "off_the_wall": found.on.works and names_somebody(incident.name),
    }


def _tasks(found: Board, refused: Refused, _before: int | None) -> dict[str, Any]:
    rows = found.tasks()
    return {
        "tasks": rows,
        "tasks_open": sum(row.open for row in rows),
        "tasks_late": sum(row.late for row in rows),
        "task_forms": forms.of_tasks(found, refused),
        "remains_options": remains_options(found),
    }


def remains_options(found: Board) -> list[tuple[str, str]]:
    """Categories that are handled with time, the playbook's own first."""
    usual = found.kind.remains_category
    timed = [one for one in reference.categories_by_code().values() if one.active and one.process_group == "timed"]
    timed.sort(key=lambda one: (one.code != usual, one.position))
    return [(one.code, one.name(found.language)) for one in timed]


def _log(found: Board, refused: Refused, before: int | None) -> dict[str, Any]:
    lines = found.log(before)
    return {
        "lines": lines,
        "pinned": found.pinned() if before is None else [],
        "older": lines[-1].number if lines and lines[-1].number > 1 else None,
        "log_kinds": forms.of_log(found),
        "log_before": before,
        "log_typed": refused.sent.get("body", "") if refused.verb == "log" else "",
        "log_error": refused.detail if refused.verb == "log" else "",
    }


def _cases(found: Board, refused: Refused, _before: int | None) -> dict[str, Any]:
    offering = found.on.works and found.incident.state != Incident.State.CLOSED
    offered = offers(found.incident, found.language) if offering else []
    return {
        "linked": found.cases(),
        "linked_count": found.case_count(),
        "offers": offered,
        "offers_most": COUNTED,
        "calls": found.calls(),
        "offered_calls": offered_calls(found.incident) if offering and found.on.actor.in_centre else [],
        "remains_options": remains_options(found) if offering else [],
        "link_error": refused.detail if refused.verb == "link" else "",
        "link_typed": refused.sent.get("case", "") if refused.verb == "link" else "",
        "in_centre": found.on.actor.in_centre,
        "takes_calls": offering and found.on.actor.in_centre,
        "call_error": refused.detail if refused.verb == "link-call" else "",
        "call_typed": refused.sent.get("call", "") if refused.verb == "link-call" else "",
    }


def _plan(found: Board, refused: Refused, _before: int | None) -> dict[str, Any]:
    sectors = found.sectors()
    return {
        "objectives": [{"goal": goal, "mine": found.on.leads(goal.sector_id)} for goal in found.objectives()],
        "sectors": [
            {"sector": one, "units": [reference.units()[pk] for pk in one.unit_ids if pk in reference.units()]}
            for one in sectors
        ],
        "forces": found.forces(),
        "agencies": found.agencies(),
        "plan_forms": forms.of_plan(found, refused),
        "leaders": people_choices(found) if found.on.commands and found.incident.state == Incident.State.OPEN else [],
    }


def _papers(found: Board, _refused: Refused, _before: int | None) -> dict[str, Any]:
    sitreps = found.sitreps()
    return {
        "sitreps": sitreps,
        "unsigned": next((one for one in sitreps if not one.signed_at), None),
        "bulletins": found.bulletins(),
    }


_PART = {"head": _head, "tasks": _tasks, "log": _log, "cases": _cases, "plan": _plan, "papers": _papers}
