"""`/desk/reveals`: who stands behind a report, on a legal ground, by two people."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from hues.city.clock import day_text
from hues.kernel import clock
from hues.kernel.actors import LEAD
from hues.kernel.errors import Conflict, Invalid, Problem
from hues.kernel.http import client_address
from hues.kernel.pages import keyset
from hues.kernel.text import whole_number
from hues.people import actions, confirming, phones, queries
from hues.people.actions.reveals import may_handle
from hues.people.decorators import STAFF_DOOR, allowing
from hues.people.grounds import GROUNDS, LONGEST_DELAY, NEEDS, READABLE
from hues.people.models import Reveal
from hues.people.pages.forms import field, show
from hues.people.pages.who import actor_of

handlers_only = allowing(may_handle, STAFF_DOOR)


def state_names() -> dict[str, str]:
    return {
        "asked": _("Waits for a second person"),
        "approved": _("Approved, not read yet"),
        "refused": _("Request refused"),
        "opened": _("Opened"),
        "expired": _("Ran out"),
    }


def _leads(request: HttpRequest) -> bool:
    return actor_of(request).has(LEAD)


def _shown(reveal: Reveal) -> Reveal:
    state = reveal.state
    if state in ("asked", "approved") and reveal.expires_at <= clock.now():
        state = "expired"
    reveal.shown_state = state_names()[state]  # type: ignore[attr-defined]
    reveal.tone = {"asked": "warn", "approved": "info", "opened": "purple"}.get(state, "")  # type: ignore[attr-defined]
    reveal.shown_ground = GROUNDS[reveal.ground].name  # type: ignore[attr-defined]
    reveal.shown_needs = [NEEDS[need] for need in reveal.needs]  # type: ignore[attr-defined]
    reveal.shown_day = day_text(reveal.issued_on) if reveal.issued_on else ""  # type: ignore[attr-defined]
    reveal.current_state = state  # type: ignore[attr-defined]
    return reveal


@never_cache
@handlers_only
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    page = keyset(queries.reveals(), order=["-asked_at", "-id"], after=request.GET.get("after"), scope="reveals")
    rows = [_shown(one) for one in page]
    return render(
        request,
        "people/desk_reveals.html",
        {"page": page, "rows": rows, "lead": _leads(request), "live_topics": ["centre"]},
    )


@never_cache
@handlers_only
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _ask(request)
    sent = request.POST
    try:
        reveal = actions.ask_reveal(
            actor=actor_of(request), code=sent.get("code", ""), ground=sent.get("ground", ""),
            document=sent.get("document", ""), issued_by=sent.get("issued_by", ""),
            issued_on=_day(sent.get("issued_on", "")), reason=sent.get("reason", ""), needs=sent.getlist("needs"),
            delay_days=whole_number(sent.get("delay_days", "")) or 0,
        )  # fmt: skip
    except Problem as problem:
        return _ask(request, problem)
    messages.success(request, _("Asked. Another lead or auditor has to decide within 72 hours."))
    return HttpResponseRedirect(f"/desk/reveals/{reveal.number}")


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise Invalid(_("Please check what is marked."), fields={"issued_on": _("This is not a date.")}) from None


def _ask(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    grounds = [{"value": one.code, "label": one.name} for one in GROUNDS.values()]
    needs = [{"value": code, "label": name} for code, name in NEEDS.items()]
    fields = [
        field("code", _("Case"), required=True, maxlength=16, value=request.GET.get("code", "")),
        field("ground", _("Legal ground"), "radio", required=True, options=grounds, value=request.GET.get("ground", "")),
        field("issued_by", _("Who asks for it"), required=True, maxlength=160,
              hint=_("The body and the person in charge; in a rescue, the force at the place.")),
        field("document", _("Number of the document"), maxlength=80, hint=_("Not needed in a rescue.")),
        field("issued_on", _("Date of the document"), "date"),
        field("needs", _("What is needed"), "checks", required=True, options=needs,
              hint=_("Only what is ticked can be read.")),
        field("reason", _("Why it is needed"), "textarea", required=True, rows=4, maxlength=2000),
        field("delay_days", _("Tell the reporter only after (days)"), "number", min=0, max=LONGEST_DELAY, value="0",
              inputmode="numeric", hint=_("0: at once. Later only where a criminal case or a court forbids it.")),
    ]  # fmt: skip
    return show(request, "people/desk_reveal_new.html", fields, problem, lead=_leads(request))


@never_cache
@handlers_only
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, number: str) -> HttpResponse:
    """One request. A POST names what to `do`: approve, refuse, beside, open."""
    reveal = queries.reveal(actor_of(request), number)
    if request.method != "POST":
        return _one(request, reveal)
    deed = request.POST.get("do", "")
    try:
        if deed == "open":
            _must_be_sure(request)
            identity = actions.open_reveal(actor=actor_of(request), number=number)
            response = _one(request, queries.reveal(actor_of(request), number), identity=identity)
            response["Refresh"] = f"{int(READABLE.total_seconds())}; url={request.path}"  # the screen forgets it
            return response
        said = _decide(request, number, deed)
    except Problem as problem:
        return _one(request, queries.reveal(actor_of(request), number), problem)
    messages.success(request, said)
    return HttpResponseRedirect(request.path)


def _decide(request: HttpRequest, number: str, deed: str) -> str:
    actor, sent = actor_of(request), request.POST
    if deed == "beside":
        actions.approve_beside(
            actor=actor, number=number, username=sent.get("username", ""), password=sent.get("password", ""),
            code=sent.get("code", ""), ip=client_address(request),
        )  # fmt: skip
        return _("Approved by the second person. You can read it now.")
    if deed not in ("approve", "refuse"):
        raise Invalid(_("Please choose what to do."))
    _must_be_sure(request)
    actions.decide_reveal(actor=actor, number=number, approve=deed == "approve", reason=sent.get("reason", ""))
    return (
        _("Approved. Only the person who asked can read it, once.")
        if deed == "approve"
        else _("The request is refused.")
    )


def _must_be_sure(request: HttpRequest) -> None:
    if not confirming.is_fresh(request):
        raise Conflict(_("Please confirm first that it is you."), code="confirm-first")


def _one(
    request: HttpRequest, reveal: Reveal, problem: Problem | None = None, identity: actions.Identity | None = None
) -> HttpResponse:
    asker = reveal.asked_by_id == actor_of(request).id
    now = clock.now()
    reading = reveal.state == "opened" and reveal.opened_at is not None and now - reveal.opened_at <= READABLE
    _shown(reveal)
    fields: list[dict[str, Any]] = []
    if reveal.current_state == "asked":  # type: ignore[attr-defined]
        if not asker:
            fields = [field("reason", _("Why you decide so"), "textarea", required=True, rows=3, maxlength=2000)]
        elif GROUNDS[reveal.ground].saves_life:
            fields = [
                field("username", _("User name of the second person"), required=True, autocomplete="off", maxlength=64),
                field("password", _("Password"), "password", required=True, autocomplete="off", maxlength=256),
                field("code", _("Code of their authenticator app"), "code", autocomplete="off", maxlength=16),
            ]  # fmt: skip
    return show(
        request, "people/desk_reveal.html", fields, problem,
        reveal=reveal,
        lead=_leads(request),
        asker=asker,
        fresh=confirming.is_fresh(request),
        may_open=asker and (reveal.current_state == "approved" or reading),  # type: ignore[attr-defined]
        identity=identity,
        phone=phones.shown(identity.phone) if identity and identity.phone else "",
        readable_until=reveal.opened_at + READABLE if reveal.opened_at else None,
        live_topics=["centre"],
    )  # fmt: skip
