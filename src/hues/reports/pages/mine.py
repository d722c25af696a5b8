"""The pages of somebody's own cases: list, one case, and what its sender may do with it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hues.cases import actions
from hues.cases.models import Case
from hues.cases.queries import CasePage, StepView, case_page, mine
from hues.cases.step_forms import step_data, step_fields
from hues.city.clock import moment_text
from hues.kernel.errors import Conflict, Forbidden, Invalid
from hues.people.decorators import citizen_only
from hues.reports import words
from hues.reports.pages import shown


@require_GET
@citizen_only
def my_cases(request: HttpRequest) -> HttpResponse:
    page = mine(request.actor.id, after=request.GET.get("after"))  # type: ignore[attr-defined]
    context = {
        "rows": [shown.row(row) for row in page],
        "page": page,
        "live_topics": [f"person:{request.actor.id}"],  # type: ignore[attr-defined]
        "no_title": _("Nothing sent yet"),
        "no_text": _("A broken lamp, rubbish, a hole in the road: a photo and a place are enough."),
        "new_label": _("Report something"),
    }
    return render(request, "reports/my_cases.html", context)


@require_GET
@citizen_only
def my_case(request: HttpRequest, code: str) -> HttpResponse:
    return _show(request, code, "reports/my_case.html")


@require_GET
@citizen_only
def my_case_now(request: HttpRequest, code: str) -> HttpResponse:
    """The part that changes while the page is open."""
    return _show(request, code, "reports/my_case_now.html")


def _show(request: HttpRequest, code: str, template: str, problem: Invalid | None = None, at: str = "") -> HttpResponse:
    found = case_page(request.actor, code)  # type: ignore[attr-defined]
    context = _context(request, found)
    if problem is not None:
        context["errors"] = words.page_fields(problem) or {"page": problem.detail}
        context[f"{at}_fields"] = _fields(found, at, request, problem)
    return render(request, template, context, status=422 if problem else 200)


def _step(found: CasePage, name: str) -> StepView | None:
    return next((step for step in found.steps if step.name == name), None)


def _fields(
    found: CasePage, name: str, request: HttpRequest | None = None, problem: Invalid | None = None
) -> list[dict[str, Any]]:
    step = _step(found, {"reply": "citizen_reply"}.get(name, name))
    if step is None:
        return []
    sent = request.POST if request is not None and problem is not None else None
    return step_fields(step, sent=sent, errors=problem.fields if problem else {})


def _context(request: HttpRequest, found: CasePage) -> dict[str, Any]:
    case = found.case
    reopen = _step(found, "reopen")
    asking = _step(found, "citizen_reply") is not None
    return {
        "case": case,
        "title": shown.title(case.category),
        "where": shown.where(case.address, case.unit),
        "just_sent": "sent" in request.GET,
        "due_line": _due_line(case),
        "agency_name": shown.name(case.agency),
        "reject_text": _choice("rejection_reasons", case.reject_reason),
        "redirect_text": _choice("redirect_targets", case.redirected_to),
        "question": case.pending.get("ask_citizen", {}).get("question", "") if asking else "",
        "reply_fields": _fields(found, "reply"),
        "can_rate": _step(found, "rate") is not None,
        "rate_hint": _("Your answer counts in the agency's evaluation and is shown with the case."),
        "rate_fields": _fields(found, "rate"),
        "can_reopen": reopen is not None,
        "reopen_hint": reopen.help if reopen else "",
        "reopen_fields": _fields(found, "reopen"),
        "timeline": shown.lines(found.timeline, {case.answer, *(message.body for message in found.messages)}),
        "talk": shown.talk(found.messages, request.actor),  # type: ignore[attr-defined]
        "can_talk": found.stage != "done" or case.state == "published",
        "talk_field": {"name": "body", "label": _("Your message"), "kind": "textarea", "rows": 2, "maxlength": 4000},
        "answers": words.shown_answers(case.category, case.answers),
        "seen_by": shown.seen_by(case.visibility),
        "live_topics": [f"case:{case.pk}"],
        **shown.photos(found.files),
    }


def _due_line(case: Case) -> str:
    """When, as a date and a time."""
    if not case.is_open or case.due_at is None:
        return ""
    when = moment_text(case.due_at)
    if case.phase == "intake":
        return _("Read and passed on by %(when)s at the latest.") % {"when": when}
    return _("Due %(when)s.") % {"when": when}


def _choice(kind: str, code: str) -> str:
    from hues.city import pack

    row = next((row for row in pack.settings()[kind] if str(row["code"]) == code), None)
    return (row["names"].get(words.language()) or code) if row else code


@require_POST
@citizen_only
def take(request: HttpRequest, code: str, act: str) -> HttpResponse:
    """Reply, rate or reopen: a step of the process, taken by the sender."""
    found = case_page(request.actor, code)  # type: ignore[attr-defined]
    name = {"reply": "citizen_reply"}.get(act, act)
    step = _step(found, name)
    here = f"/me/cases/{found.case.code}"
    if step is None:
        raise Conflict(_("This is not possible any more. The page shows where the case stands now."))
    try:
        data = step_data(step, request, actor=request.actor)  # type: ignore[attr-defined]
        version = int(request.POST["version"]) if request.POST.get("version", "").isdigit() else None
        actions.take_step(actor=request.actor, code=code, step=name, data=data, version=version)  # type: ignore[attr-defined]
    except Invalid as problem:
        return _show(request, code, "reports/my_case.html", problem, act)
    messages.success(
        request,
        {
            "reply": _("Your answer is with those who handle the case."),
            "rate": _("Thank you for your rating."),
            "reopen": _("The case is open again."),
        }[act],
    )
    return redirect(here)


@require_POST
@citizen_only
def write(request: HttpRequest, code: str) -> HttpResponse:
    """A line of the talk."""
    try:
        actions.send_message(actor=request.actor, code=code, body=request.POST.get("body", ""))  # type: ignore[attr-defined]
    except (Invalid, Forbidden) as problem:
        messages.error(request, problem.fields.get("body") or problem.detail)
    return redirect(f"/me/cases/{code}#talk")
