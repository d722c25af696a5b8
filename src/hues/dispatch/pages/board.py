"""The centre's board, and one case on it: who is sent, who is called, what everybody writes."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hues.cases import access as case_access
from hues.cases import reference
from hues.dispatch import actions, queries, texts
from hues.dispatch.models import Call
from hues.dispatch.pages import forms, words
from hues.dispatch.queries import CaseView, TaskRow
from hues.kernel import clock
from hues.kernel.actors import AUDITOR, HEAD, Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.idempotency import idempotent
from hues.people.decorators import STAFF_DOOR, allowing

_watches = allowing(lambda actor: actor.kind == "staff" and (actor.in_centre or actor.has(HEAD, AUDITOR)), STAFF_DOOR)


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


def topics_of(actor: Actor) -> list[str]:
    """What moves this person's lists."""
    return case_access.topics_of(actor)


@require_GET
@_watches
def board(request: HttpRequest) -> HttpResponse:
    """Everything that must be handled at once, by how far it is."""
    return render(request, "dispatch/board.html", _board(request))


@require_GET
@_watches
def cards(request: HttpRequest) -> HttpResponse:
    """The cards alone, for the open page."""
    return render(request, "dispatch/cards.html", _board(request))


def _board(request: HttpRequest) -> dict[str, Any]:
    actor = _actor(request)
    agency = reference.agencies_by_code().get(request.GET.get("agency", ""))
    kind, text = request.GET.get("kind", ""), request.GET.get("q", "")[:80].strip()
    every = queries.board(actor)
    found = (
        queries.board(actor, agency_id=agency.pk if agency else None, kind=kind, text=text)
        if agency or kind or text
        else every
    )
    columns = (
        ("waiting", _("Nobody is sent"), found.waiting), ("sent", _("Nobody accepted yet"), found.sent),
        ("going", _("Under way"), found.going), ("there", _("On the scene"), found.there), ("done", _("Done, to be checked"), found.done),
    )  # fmt: skip
    rows = list(found.rows())
    return {
        "columns": [{"name": name, "title": title, "cards": [_card(row) for row in listed]} for name, title, listed in columns],
        "total": len(rows),
        "more": found.more,
        "late": sum(row.late for row in every.rows()),
        "points": _points(rows),
        "points_json": json.dumps(_points(rows)),
        "filters": {"kind": kind, "agency": agency.code if agency else "", "q": text},
        "agencies": _agencies(list(every.rows())),
        "now": clock.now(),
        "live_topics": topics_of(actor),
        "cards_url": request.get_full_path().replace("/desk/dispatch", "/desk/dispatch/cards", 1)
        if request.path == "/desk/dispatch"
        else request.get_full_path(),
    }  # fmt: skip


def _agencies(rows: list[TaskRow]) -> list[dict[str, str]]:
    found = {row.agency_id for row in rows if row.agency_id} & set(reference.agencies())
    agencies = sorted((reference.agencies()[pk] for pk in found), key=lambda one: one.sort_key)
    return [{"code": one.code, "name": one.name(texts_language())} for one in agencies]


def texts_language() -> str:
    return get_language() or "vi"


def _card(row: TaskRow) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in TaskRow.__dataclass_fields__},
        "chip": words.state(row.state),
        "url": f"/desk/dispatch/{row.code}",
        "clock": row.next_rung_at if row.state in ("sent", "waiting") else row.promised_at if row.state in ("accepted", "on_way") else None,
    }  # fmt: skip


def _points(rows: list[TaskRow]) -> list[dict[str, Any]]:
    stages = {"waiting": "received", "sent": "received", "arrived": "checking", "done": "done"}
    return [
        {
            "lat": row.lat, "lon": row.lon, "code": row.code, "title": row.title, "url": f"/desk/dispatch/{row.code}",
            "state": row.state, "stage": stages.get(row.state, "handling"),
        }
        for row in rows
        if row.lat is not None and row.role != "support"
    ]  # fmt: skip


@require_GET
@_watches
def case(request: HttpRequest, code: str) -> HttpResponse:
    return _show(request, code)


@require_GET
@_watches
def case_now(request: HttpRequest, code: str) -> HttpResponse:
    """What changes by itself, for the open page: parties, ladders, whom to send, whom to call."""
    return render(request, "dispatch/case_now.html", _case(request, code))


@require_GET
@_watches
def case_log(request: HttpRequest, code: str) -> HttpResponse:
    return render(request, "dispatch/log.html", _case(request, code))


def _show(request: HttpRequest, code: str, *, problem: str = "", status: int = 200) -> HttpResponse:
    return render(request, "dispatch/case.html", _case(request, code) | {"problem": problem}, status=status)


def _case(request: HttpRequest, code: str) -> dict[str, Any]:
    actor = _actor(request)
    view = queries.case_view(actor, code)
    return case_context(view, actor) | {
        "live_topics": [*topics_of(actor), f"case:{view.case.pk}"],
        "lines": words.lines(view.log, actor.id),
        "calls": [
            {"party": words.party(task), "rows": rows, "results": Call.Result.choices} for task, rows in view.calls if rows
        ],
        "writes": view.may_send or any(task.is_open for task in view.parties),
        "log_url": f"/desk/dispatch/{view.case.code}/log",
    }  # fmt: skip


def case_context(view: CaseView, actor: Actor) -> dict[str, Any]:
    """What page and panel have in common."""
    case = view.case
    language = texts_language()
    return {
        "case": case,
        "title": reference.categories()[case.category_id].name(language),
        "where": texts.where(case, language),
        "parties": [words.party(task) for task in view.parties],
        "ladders": [words.ladder(one) for one in view.ladders],
        "suggestions": view.suggestions,
        "may_send": view.may_send,
        "may_recall": view.may_recall,
        "may_moderate": actor.in_centre and not case.moderated and case.phase != "intake",
        "lead_there": any(task.is_open and task.role == "lead" for task in view.parties),
        "related": view.related,
        "key": forms.new_key(),
        "now": clock.now(),
        "points": [{"lat": case.lat, "lon": case.lon, "title": case.code}] if case.lat is not None else [],
    }


@require_POST
@_watches
@idempotent("dispatch.send")
def send(request: HttpRequest, code: str) -> HttpResponse:
    """One press: this party goes. How far it is, is looked up again, not taken from the form."""
    actor = _actor(request)
    view = queries.case_view(actor, code, brief=True)
    agency = reference.agencies_by_code().get(request.POST.get("agency", ""))
    if agency is None:
        raise Invalid(_("There is no such agency."), fields={"agency": _("There is no such agency.")})
    team_id = forms.uuid_of(request.POST.get("team", ""))
    known = next((one for one in view.suggestions if (one.agency_id, one.team_id) == (agency.pk, team_id)), None)
    try:
        task = actions.send_task(
            actor=actor, code=code, agency_id=agency.pk, team_id=team_id, note=request.POST.get("note", ""),
            distance_m=known.distance_m if known else None, minutes=known.minutes if known else None,
        )  # fmt: skip
    except (Conflict, Invalid, Forbidden) as problem:
        return _show(request, code, problem=problem.detail, status=problem.status)
    messages.success(request, _("Sent: %(party)s") % {"party": texts.party_of(task, texts_language())})
    return _back(request, view.case.code)


@require_POST
@_watches
@idempotent("dispatch.recall")
def recall(request: HttpRequest, code: str) -> HttpResponse:
    """Everybody comes back."""
    try:
        actions.recall_all(actor=_actor(request), code=code, reason=request.POST.get("reason", ""))
    except (Conflict, Invalid, Forbidden) as problem:
        return _show(request, code, problem=problem.detail, status=problem.status)
    messages.success(request, _("Everybody was called back."))
    return _back(request, code)


@require_POST
@_watches
@idempotent("dispatch.stand_down")
def stand_down(request: HttpRequest, code: str, task_id: UUID) -> HttpResponse:
    try:
        actions.stand_down(actor=_actor(request), task_id=task_id, reason=request.POST.get("reason", ""))
    except (Conflict, Invalid, Forbidden) as problem:
        return _show(request, code, problem=problem.detail, status=problem.status)
    return _back(request, code)


@require_POST
@_watches
@idempotent("dispatch.call")
def call(request: HttpRequest, code: str, task_id: UUID) -> HttpResponse:
    """What came of a telephone call; the next person comes up."""
    person = forms.uuid_of(request.POST.get("person", ""))
    if person is None:
        raise NotFound(_("There is no such person."))
    try:
        actions.record_call(
            actor=_actor(request), task_id=task_id, person_id=person, result=request.POST.get("result", ""),
            note=request.POST.get("note", ""),
        )  # fmt: skip
    except (Conflict, Invalid, Forbidden) as problem:
        return _show(request, code, problem=problem.detail, status=problem.status)
    return _back(request, code)


@require_POST
@_watches
@idempotent("dispatch.log")
def write(request: HttpRequest, code: str) -> HttpResponse:
    actor = _actor(request)
    try:
        photos = forms.stored(request, actor, most=4)
        actions.write_log(actor=actor, code=code, text=request.POST.get("text", ""), photos=photos)
    except (Invalid, Forbidden) as problem:
        return _show(request, code, problem=problem.fields.get("text") or problem.detail, status=problem.status)
    return _back(request, code, "#log")


def _back(request: HttpRequest, code: str, anchor: str = "") -> HttpResponse:
    """To where it was pressed: the case's page at the desk, or here."""
    if request.POST.get("back") == "case":
        return redirect(f"/desk/cases/{code}")
    return redirect(f"/desk/dispatch/{code}{anchor}")
