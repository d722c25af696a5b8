"""One call: what is known, what the number reminds of, the report, the link, the notes, how it ended."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hues.assist import queries as assist
from hues.city import queries as city
from hues.city.clock import moment_text
from hues.hotline import access, actions, dossiers, numbers, queries
from hues.hotline.models import Call, CallLink, Recording
from hues.hotline.pages.desk import facts
from hues.hotline.pages.frame import DESK, actor_of, desk_only, doing, frame, refused
from hues.hotline.pages.recordings import log_of
from hues.hotline.policy import policy
from hues.kernel.errors import Conflict, Invalid, NotFound
from hues.kernel.http.problems import Unavailable
from hues.kernel.outbound import Failed

SHORTEST = 4  # letters that may mean something
ASKED = ("category", "body", "address", "lat", "lon", "tell")


def _url(call_id: UUID) -> str:
    return f"{DESK}/{call_id}"


@require_GET
@desk_only
def call(request: HttpRequest, call_id: UUID) -> HttpResponse:
    return _show(request, call_id)


def _show(
    request: HttpRequest,
    call_id: UUID,
    *,
    sent: Mapping[str, Any] | None = None,
    problem: Invalid | None = None,
    dossier: dossiers.Dossier | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = actor_of(request)
    found = queries.call_for(actor, call_id)
    context = frame(request, "desk") | facts(request, found)
    given = sent or {}
    errors = dict(problem.fields) if problem else {}
    context |= {
        "call": found,
        "call_url": _url(found.pk),
        "call_began": moment_text(found.rang_at),
        "links": list(found.links.select_related("case__category", "by")),
        "form": _report_fields(found, given, errors),
        "errors": errors,
        "open": request.GET.get("do", "") or ("report" if problem else ""),
        "wrap_codes": policy().wrap_codes,
        "recordings": Recording.objects.filter(call=found).exclude(state=Recording.State.REFUSED).order_by("made_at"),
        "may_look_up": dossiers.may_look_up(actor, found) and access.may_handle(actor, found),
        "dossier": dossier,
        "dossiers": dossiers.source(),
        "heard_by": log_of(actor, found),
        "may_hear": access.may_open_recording(actor, found),
        "may_handle": access.may_handle(actor, found),
        "events": found.events.order_by("at", "event_id")[:60],
        "link_kinds": [(one.value, one.label) for one in (CallLink.Kind.SAME, CallLink.Kind.ABOUT)],
        "codes_waiting": request.GET.get("do") == "confirm",
        "live_topics": ["calls", f"call:{found.pk}"],
    }
    return render(request, "hotline/call.html", context, status=status)


def _report_fields(found: Call, given: Mapping[str, Any], errors: Mapping[str, str]) -> dict[str, Any]:
    language = get_language() or "vi"
    kinds = [
        {"value": row["code"], "label": f"{domain['name']} · {row['name']}"}
        for domain in city.categories(language)
        for row in domain["categories"]
    ]
    chosen = str(given.get("category", ""))
    texts = numbers.takes_texts(numbers.unseal(found.sealed_number, found.id))
    tell = {
        "name": "tell",
        "label": _("Send the code by text message"),
        "hint": _("To the number that called, with a link to follow it. Ask the caller first.") if texts
        else _("No text message can be sent to this number. Read the code out instead."),
        "kind": "check", "value": bool(given.get("tell")), "error": errors.get("tell", ""),
    }  # fmt: skip
    return {
        "body": {
            "name": "body", "label": _("What is wrong, in the caller's words"), "kind": "textarea", "rows": 4, "maxlength": 4000,
            "value": given.get("body", ""), "error": errors.get("body", ""), "required": True,
        },
        "category": {
            "name": "category", "label": _("Kind"), "kind": "select", "required": True, "value": chosen,
            "options": [{"value": "", "label": _("Choose, or take a suggestion above")}, *kinds], "error": errors.get("category", ""),
        },
        "address": given.get("address", ""),
        "address_error": errors.get("address", "") or errors.get("place", "") or errors.get("lat", ""),
        "lat": _number(given.get("lat")), "lon": _number(given.get("lon")),
        "tell": tell,
        "can_tell": texts,
        "questions": _questions(chosen, given, errors, language),
        "kind": chosen,
    }  # fmt: skip


def _number(value: Any) -> float | None:
    try:
        return float(value) if value not in (None, "") else None
    except (TypeError, ValueError):
        return None


def _questions(code: str, given: Mapping[str, Any], errors: Mapping[str, str], language: str) -> list[dict[str, Any]]:
    if not code:
        return []
    for domain in city.categories(language):
        for row in domain["categories"]:
            if row["code"] == code:
                return [
                    {"spec": one, "value": given.get(f"answer_{one['code']}", ""), "error": errors.get(one["code"], "")}
                    for one in row.get("questions", [])
                ]
    return []


@require_GET
@desk_only
def now(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The head of a call alone, for the open page."""
    found = queries.call_for(actor_of(request), call_id)
    return render(request, "hotline/parts/head.html", {"call": found, "alone": True, **facts(request, found)})


@require_GET
@desk_only
def suggest(request: HttpRequest) -> HttpResponse:
    """What the words may be about, how urgent that is, whom to call at once; while somebody types. No statement once warm."""
    text = request.GET.get("q", "")[:2000]
    language = get_language() or "vi"
    lat, lon = _number(request.GET.get("lat")), _number(request.GET.get("lon"))
    address = request.GET.get("address", "")[:300]
    found = None
    if len(text.strip()) >= SHORTEST:
        found = assist.suggest(text, lat=lat, lon=lon, address=address, language=language)
    choices = [
        {"code": one.code, "name": one.name, "percent": round(one.confidence * 100), "because": one.because[:4],
         "group": city.category(one.code).process_group}
        for one in (found.categories if found else ())
    ]  # fmt: skip
    context = {"found": found, "choices": choices, "emergency": city.danger(text), "language": language}
    return render(request, "hotline/parts/suggest.html", context)


@require_GET
@desk_only
def questions(request: HttpRequest) -> HttpResponse:
    """The questions of a kind, once it is chosen."""
    rows = _questions(request.GET.get("category", "")[:64], {}, {}, get_language() or "vi")
    return render(request, "hotline/parts/questions.html", {"questions": rows})


# ── deeds ──


@require_POST
@desk_only
def report(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The report of the caller: filed, linked, its code to be read out."""
    sent = {name: request.POST.get(name, "") for name in ASKED}
    answers = _answers(request, sent["category"])
    given = {**sent, **{f"answer_{name}": value for name, value in answers.items()}}
    try:
        case = actions.file_report(
            actor=actor_of(request), call_id=call_id, category=sent["category"], body=sent["body"], address=sent["address"],
            lat=_number(sent["lat"]), lon=_number(sent["lon"]), answers=answers, tell=bool(sent["tell"]),
        )  # fmt: skip
    except Invalid as problem:
        return _show(request, call_id, sent=given, problem=problem, status=422)
    done = _("Report %(code)s is filed. Read the code out to the caller.") % {"code": case.code}
    return doing(request, lambda: None, done, to=f"{_url(call_id)}#linked")


def _answers(request: HttpRequest, code: str) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for one in _questions(code, {}, {}, get_language() or "vi"):
        name = one["spec"]["code"]
        values = [value for value in request.POST.getlist(f"answer_{name}") if value.strip()]
        if values:
            given[name] = values if one["spec"].get("type") == "multichoice" else values[0]
    return given


@require_POST
@desk_only
def link(request: HttpRequest, call_id: UUID) -> HttpResponse:
    code, kind = request.POST.get("code", "")[:24], request.POST.get("kind", "")[:8]
    words = request.POST.get("words", "")[:500]
    return doing(
        request,
        lambda: _found(
            lambda: actions.link_case(actor=actor_of(request), call_id=call_id, code=code, kind=kind, words=words)
        ),
        _("The case is linked to this call."),
        to=f"{_url(call_id)}#linked",
    )


def _found(deed: Any) -> Any:
    """A mistyped code is a mistake to mend, not a page that is missing."""
    try:
        return deed()
    except NotFound as problem:
        raise Invalid(problem.detail) from None


@require_POST
@desk_only
def notes(request: HttpRequest, call_id: UUID) -> HttpResponse:
    text = request.POST.get("notes", "")[:20000]
    deed = lambda: actions.write_notes(actor=actor_of(request), call_id=call_id, notes=text)  # noqa: E731
    return doing(request, deed, _("Noted."), to=_url(call_id))


@require_POST
@desk_only
def control(request: HttpRequest, call_id: UUID, verb: str) -> HttpResponse:
    to = request.POST.get("to", "")[:40]
    return doing(
        request,
        lambda: actions.control_call(actor=actor_of(request), call_id=call_id, verb=verb, to=to),
        to=_url(call_id),
    )


@require_POST
@desk_only
def claim(request: HttpRequest, call_id: UUID) -> HttpResponse:
    return doing(request, lambda: actions.claim_call(actor=actor_of(request), call_id=call_id), to=_url(call_id))


@require_POST
@desk_only
def consent(request: HttpRequest, call_id: UUID) -> HttpResponse:
    agreed = request.POST.get("agreed") == "1"
    done = (
        _("The caller agrees to be recorded.")
        if agreed
        else _("Nothing of this call is recorded; what was there is deleted.")
    )
    deed = lambda: actions.note_consent(actor=actor_of(request), call_id=call_id, agreed=agreed)  # noqa: E731
    return doing(request, deed, done, to=_url(call_id))


@require_POST
@desk_only
def wrap(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """How it ended; then back to the queue."""
    code, text = request.POST.get("code", "")[:32], request.POST.get("notes")
    try:
        found = actions.wrap_up(
            actor=actor_of(request),
            call_id=call_id,
            code=code,
            notes=text,
            promise_at=request.POST.get("promise_at", "")[:32],
        )
    except (Invalid, Conflict) as problem:
        return refused(request, problem, to=f"{_url(call_id)}?do=wrap")
    return doing(request, lambda: None, _("Call %(code)s is done.") % {"code": found.code})


@require_POST
@desk_only
def code(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Send the code that says who the caller is."""

    def deed() -> str:
        return actions.send_caller_code(actor=actor_of(request), call_id=call_id).masked_phone

    try:
        masked = deed()
    except (Invalid, Conflict) as problem:
        return refused(request, problem, to=_url(call_id))
    done = _("A code is on its way to %(number)s. Ask the caller to read it out.") % {"number": masked}
    return doing(request, lambda: None, done, to=f"{_url(call_id)}?do=confirm")


@require_POST
@desk_only
def confirm(request: HttpRequest, call_id: UUID) -> HttpResponse:
    typed = request.POST.get("code", "")[:20]
    return doing(
        request,
        lambda: actions.confirm_caller(actor=actor_of(request), call_id=call_id, code=typed),
        _("Confirmed: this is the account of that telephone."),
        to=f"{_url(call_id)}?do=confirm",
    )


@require_POST
@desk_only
def dossier(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """A dossier by its code, once the caller is confirmed. It is shown this once."""
    typed = request.POST.get("dossier", "")[:60]
    try:
        found = dossiers.look_up(actor=actor_of(request), call_id=call_id, code=typed)
        answer = _show(request, call_id, dossier=found)
    except (Invalid, Conflict, Unavailable, Failed) as problem:
        return refused(request, problem, to=f"{_url(call_id)}?do=dossier")
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@desk_only
def number(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The number of a call that is over, once, for a reason."""
    reason = request.POST.get("reason", "")[:400]
    try:
        shown = actions.show_number(actor=actor_of(request), call_id=call_id, reason=reason)
    except Invalid as problem:
        return refused(request, problem, to=_url(call_id))
    answer = render(request, "hotline/number.html", frame(request, "desk") | {"shown": shown, "call_id": call_id})
    answer["Cache-Control"] = "no-store"
    return answer
