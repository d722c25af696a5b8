"""The pages of somebody's own cases: list, one case, and what its sender may do with it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hues.cases import actions, captions, recurring
from hues.cases.models import LISTED_VISIBILITIES
from hues.cases.pages.words import rating
from hues.cases.queries import CasePage, StepView, case_page, mine
from hues.cases.queries.own import waiting_for
from hues.cases.step_forms import step_data, step_fields
from hues.kernel import limits
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid
from hues.kernel.text import whole_number
from hues.notifications.queries import unread_links
from hues.people.decorators import citizen_only
from hues.reports import checkback, words
from hues.reports.following.queries import asked_again
from hues.reports.pages import public_case, shown, standing


@require_GET
@citizen_only
def my_cases(request: HttpRequest) -> HttpResponse:
    """What waits for me, then what is new, then the rest."""
    person_id = request.actor.id  # type: ignore[attr-defined]
    page = mine(person_id, after=request.GET.get("after"))
    first = not request.GET.get("after")
    waiting = waiting_for(person_id) if first else []
    new = unread_links(person_id)
    rows = [shown.own_row(row, new) for row in page if row.id not in {one.id for one in waiting}]
    context = {
        "waiting": [shown.own_row(row, new) for row in waiting],
        "news": [row for row in rows if row["new"]] if first else [],
        "rows": [row for row in rows if not (first and row["new"])],
        "page": page,
        "live_topics": [f"person:{person_id}"],
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
        for one in ("note_field", "thanks_field"):
            if one in context and (wrong := problem.fields.get(context[one]["name"])):
                context[one] |= {"error": wrong, "value": request.POST.get(context[one]["name"], "")}
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
    case, actor = found.case, request.actor  # type: ignore[attr-defined]
    case.stage = found.stage  # type: ignore[attr-defined]
    reopen = _step(found, "reopen")
    asking = _step(found, "citizen_reply") is not None
    agency = shown.name(case.agency)
    listed = case.moderated and case.visibility in LISTED_VISIBILITIES
    title, where = shown.title(case.category), shown.where(case.address, case.unit)
    return {
        "case": case,
        "title": title,
        "where": where,
        "just_sent": "sent" in request.GET,
        "standing": standing.standing(case, agency, own=True, proof=bool(found.files_of(shown.AFTER))),
        "stage_line": standing.stage_line(case),
        "promise": standing.promise(case),
        "people": standing.people_text(case),
        "agency_name": agency,
        "listed": listed,
        "share": public_case.share(
            title, shown.where(case.public_address, case.unit), case.code, f"{settings.PUBLIC_URL}/cases/{case.code}"
        )
        if listed
        else None,
        "question": case.pending.get("ask_citizen", {}).get("question", "") if asking else "",
        "reply_fields": _fields(found, "reply"),
        "can_rate": _step(found, "rate") is not None,
        "rate_hint": _("Your answer counts in the agency's evaluation and is shown with the case."),
        "rate_fields": _fields(found, "rate"),
        "rating_text": rating(case.rating),
        "can_reopen": reopen is not None,
        "reopen_hint": reopen.help if reopen else "",
        "reopen_fields": _fields(found, "reopen"),
        "timeline": shown.lines(found.timeline, {case.answer, *(message.body for message in found.messages)}),
        "talk": shown.talk(found.messages, actor),
        "can_talk": found.stage != "done" or case.state == "published",
        "talk_field": {"name": "body", "label": _("Your message"), "kind": "textarea", "rows": 2, "maxlength": 4000},
        "answers": words.shown_answers(case.category, case.answers),
        "seen_by": shown.seen_by(case.visibility),
        "live_topics": [f"case:{case.pk}"],
        **_afterwards(found, actor, can_reopen=reopen is not None),
        **shown.photos(found.files, captions.what_of(case)),
    }


def _afterwards(found: CasePage, actor: Actor, *, can_reopen: bool) -> dict[str, Any]:
    """What its sender may say of a result, weeks later too: of their own case, or of that which it was joined to."""
    case = found.case.parent or found.case
    if not checkback.stands(case) or actor.id is None:
        return {}
    said = checkback.word_of(actor.id, case.pk, case.reopened)
    thanks, mine_too = checkback.thanked(case.pk, actor.id)
    tally = checkback.tally(case.pk, case.reopened)
    asked = asked_again(case.pk) if said is None else None
    glad = (said is not None and said.fixed) or found.case.rating in ("satisfied", "accepts")
    return {
        "result_code": case.code,
        "said": said,
        "asked": asked,
        "can_say": said is None and not can_reopen and (asked is not None or recurring.may_recur(case)),
        "tally_text": standing.tally_text(tally.fixed, tally.broken),
        "thanks_text": standing.thanks_text(thanks),
        "can_thank": glad and not mine_too and case.agency_id is not None,
        "thanked": mine_too,
        "note_field": public_case.note_field(),
        "thanks_field": {
            "name": "body",
            "label": _("A few kind words"),
            "hint": _("Those who did it read them. In public only the number of thanks is shown."),
            "kind": "textarea",
            "rows": 2,
            "maxlength": checkback.THANKS_MAX,
            "counter": True,
        },
    }


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
        version = whole_number(request.POST.get("version", ""))
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


@require_POST
@citizen_only
def still(request: HttpRequest, code: str) -> HttpResponse:
    """ "Is it still fixed?" One tap for yes; for no a few words, and photos if there are any."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = case_page(actor, code)
    about = found.case.parent or found.case
    is_fixed = request.POST.get("fixed") == "yes"
    try:
        limits.spend(f"fixed:{actor.id}", limit=60, window=3600)
        note = request.POST.get("note", "")
        stored = [] if is_fixed else public_case.stored_photos(request, actor)
        said = checkback.say_whether_fixed(actor=actor, code=about.code, fixed=is_fixed, note=note, file_ids=stored)
    except Invalid as problem:
        return _show(request, code, "reports/my_case.html", problem, "still")
    except Conflict as problem:
        messages.info(request, problem.detail)
        return redirect(f"/me/cases/{found.case.code}")
    messages.success(request, public_case.thanks_for(said))
    if said.recurrence is not None:
        return redirect(f"/me/cases/{said.recurrence.code}")
    return redirect(f"/me/cases/{found.case.code}")


@require_POST
@citizen_only
def thanks(request: HttpRequest, code: str) -> HttpResponse:
    """A few kind words for those who did it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = case_page(actor, code)
    try:
        about = found.case.parent or found.case
        checkback.send_thanks(actor=actor, code=about.code, body=request.POST.get("body", ""))
    except Invalid as problem:
        return _show(request, code, "reports/my_case.html", problem, "thanks")
    except (Conflict, Forbidden) as problem:
        messages.info(request, problem.detail)
    else:
        messages.success(request, _("Your thanks are on their way to those who did it."))
    return redirect(f"/me/cases/{found.case.code}")
