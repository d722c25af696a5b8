"""Rules for everyone; what was placed on one's account and the appeal; the lead's side of it at the desk."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from hues.kernel.actors import LEAD
from hues.kernel.errors import NotFound, Problem
from hues.kernel.pages import keyset
from hues.people import actions, conduct, queries, subjects
from hues.people.access import id_of
from hues.people.decorators import STAFF_DOOR, allowing, citizen_only
from hues.people.models import Restriction
from hues.people.pages.forms import field, show
from hues.people.pages.who import actor_of

lead_only = allowing(lambda actor: actor.kind == "staff" and actor.has(LEAD), STAFF_DOOR)


def kind_names() -> dict[str, str]:
    return {
        "warning": _("Warning"),
        "limit": _("Reports limited"),
        "lock": _("Account locked"),
    }


@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """What is asked of everybody, and what follows if somebody keeps doing otherwise."""
    policy, language = conduct.policy(), get_language() or "vi"
    return render(
        request,
        "people/rules.html",
        {"policy": policy, "own": policy.texts.get(language, []), "source": policy.source.get(language, "")},
    )


@never_cache
@citizen_only
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest, restriction_id: UUID) -> HttpResponse:
    """Why, until when, and the one appeal."""
    placed = (
        Restriction.objects.filter(pk=restriction_id, user_id=id_of(actor_of(request))).select_related("appeal").first()
    )
    if placed is None:
        raise NotFound(_("There is no such page."))
    if request.method != "POST":
        return _own(request, placed)
    try:
        actions.appeal_restriction(
            actor=actor_of(request), restriction_id=restriction_id, text=request.POST.get("text", "")
        )
    except Problem as problem:
        return _own(request, placed, problem)
    messages.success(request, _("Your appeal is in. Somebody else than before decides."))
    return HttpResponseRedirect(request.path)


def _own(request: HttpRequest, placed: Restriction, problem: Problem | None = None) -> HttpResponse:
    text = field("text", _("What happened, in your words"), "textarea", required=True, rows=6, maxlength=4000)
    return show(
        request, "people/restriction.html", [text], problem,
        placed=placed,
        kind=kind_names()[placed.kind],
        in_force=placed.lifted_at is None and placed.pk in queries.in_force().values_list("pk", flat=True),
        appeal=getattr(placed, "appeal", None),
        days=conduct.policy().appeal_days,
    )  # fmt: skip


# At the desk


@never_cache
@lead_only
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """What to look at, what waits for an answer, what is in force."""
    page = keyset(queries.restrictions(), order=["-placed_at", "-id"], after=request.GET.get("after"), scope="conduct")
    names = kind_names()
    for one in page:
        one.shown_kind = names[one.kind]  # type: ignore[attr-defined]
    return render(
        request,
        "people/desk_conduct.html",
        {
            "page": page,
            "signals": [] if request.GET.get("after") else subjects.cases().signals(),
            "appeals": [_appeal(one, actor_of(request).id) for one in queries.open_appeals()[:50]],
            "policy": conduct.policy(),
        },
    )


def _appeal(appeal: Any, reader: UUID | None) -> dict[str, Any]:
    placed = appeal.restriction
    return {"appeal": appeal, "placed": placed, "kind": kind_names()[placed.kind], "own": placed.placed_by_id == reader}


@never_cache
@lead_only
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest) -> HttpResponse:
    """Warn, limit or lock the account behind a case."""
    if request.method != "POST":
        return _place(request)
    sent = request.POST
    try:
        actions.place_restriction(
            actor=actor_of(request), code=sent.get("code", ""), kind=sent.get("kind", ""),
            reason=sent.get("reason", ""), days=_number(sent.get("days", "")),
            evidence=sent.get("evidence", "").replace(",", " ").split(),
        )  # fmt: skip
    except Problem as problem:
        return _place(request, problem)
    messages.success(request, _("Done. The person is told why, until when, and how to appeal."))
    return HttpResponseRedirect("/desk/conduct")


def _place(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    policy = conduct.policy()
    fields = [
        field("code", _("Case"), required=True, maxlength=16, value=request.GET.get("code", ""),
              hint=_("The account behind it is meant. Nobody learns whose it is.")),
        field("evidence", _("Further cases of the same account"), maxlength=300, hint=_("Codes, with spaces between them.")),
        field("kind", _("What is to happen"), "radio", required=True, options=[
            {"value": "warning", "label": _("Warn"), "hint": _("The person reads why. Nothing is blocked.")},
            {"value": "limit", "label": _("Limit"), "hint": _("At most %(n)s reports a day.") % {"n": policy.limited_reports_a_day}},
            {"value": "lock", "label": _("Lock"), "hint": _("No ordinary reports. Urgent ones and reading stay open. Needs an earlier step.")},
        ]),
        field("days", _("For how many days"), "number", min=1, max=policy.longest_lock, inputmode="numeric",
              hint=_("A limit up to %(limit)s, a lock up to %(lock)s. A warning needs none.")
              % {"limit": policy.longest_limit, "lock": policy.longest_lock}),
        field("reason", _("Why, as the person will read it"), "textarea", required=True, rows=5, maxlength=2000),
    ]  # fmt: skip
    return show(request, "people/desk_conduct_new.html", fields, problem)


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 0


@never_cache
@lead_only
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, restriction_id: UUID) -> HttpResponse:
    """One restriction: lift it, or answer its appeal."""
    placed = queries.restrictions().filter(pk=restriction_id).first()
    if placed is None:
        raise NotFound(_("There is no such page."))
    if request.method != "POST":
        return _one(request, placed)
    try:
        said = _do(request, restriction_id)
    except Problem as problem:
        return _one(request, placed, problem)
    messages.success(request, said)
    return HttpResponseRedirect(request.path)


def _do(request: HttpRequest, restriction_id: UUID) -> str:
    sent, actor = request.POST, actor_of(request)
    if sent.get("do") == "lift":
        actions.lift_restriction(actor=actor, restriction_id=restriction_id, reason=sent.get("reason", ""))
        return _("It has ended. The person is told.")
    actions.decide_appeal(
        actor=actor, restriction_id=restriction_id, granted=sent.get("do") == "grant", answer=sent.get("answer", "")
    )
    return _("The appeal is answered. The person is told.")


def _one(request: HttpRequest, placed: Restriction, problem: Problem | None = None) -> HttpResponse:
    answer = field(
        "answer", _("Your answer, as the person will read it"), "textarea", required=True, rows=5, maxlength=4000
    )
    return show(
        request, "people/desk_restriction.html", [answer], problem,
        placed=placed,
        kind=kind_names()[placed.kind],
        in_force=queries.in_force().filter(pk=placed.pk).exists(),
        appeal=getattr(placed, "appeal", None),
        own=placed.placed_by_id == actor_of(request).id,
    )  # fmt: skip
