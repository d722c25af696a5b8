"""The administrator's pages: accounts of staff, their roles, API keys."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from hues.city.models import Agency
from hues.kernel.actors import ADMINISTRATOR, AUDITOR, HEAD, HELPER, LEAD, OFFICER, OPERATOR, VOLUNTEER, Actor
from hues.kernel.errors import Conflict, Invalid, Problem
from hues.kernel.pages import keyset
from hues.people import actions, confirming, mfa, queries, second_person
from hues.people.decorators import administrator_only
from hues.people.models import AdministratorAct
from hues.people.pages.forms import field, show
from hues.people.scopes import SCOPES

PEOPLE, KEYS = "/admin/people", "/admin/keys"


def role_names() -> dict[str, str]:
    return {
        HELPER: _("Helper: files for people who cannot do it alone"),
        VOLUNTEER: _("Volunteer at the telephones, in a flood"),
        OFFICER: _("Officer of an agency"),
        HEAD: _("Head of an agency"),
        OPERATOR: _("Operator of the centre"),
        LEAD: _("Lead of the centre"),
        ADMINISTRATOR: _("Administrator"),
        AUDITOR: _("Auditor"),
    }


@never_cache
@administrator_only
@require_http_methods(["GET", "HEAD"])
def people(request: HttpRequest) -> HttpResponse:
    search = request.GET.get("search", "").strip()[:64]
    page = keyset(queries.staff(search=search), order=["-id"], after=request.GET.get("after"), scope=f"staff:{search}")
    for user in page:
        user.shown_roles = [_role_text(item["role"]) for item in user.held]  # type: ignore[attr-defined]
    acts = [_act(act, _actor(request)) for act in second_person.waiting()[:20]]
    return render(
        request, "people/admin_people.html", {"page": page, "search": search, "administers": True, "acts": acts}
    )


@never_cache
@administrator_only
@require_http_methods(["GET", "HEAD", "POST"])
def add_person(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _add_form(request)
    try:
        user = actions.create_staff(
            actor=_actor(request),
            username=request.POST.get("username", ""),
            display_name=request.POST.get("display_name", ""),
            password=request.POST.get("password", ""),
        )
    except Problem as problem:
        return _add_form(request, problem)
    messages.success(request, _("The account is made. Now give it a role."))
    return HttpResponseRedirect(f"{PEOPLE}/{user.pk}")


def _add_form(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    fields = [
        field("username", _("User name"), required=True, maxlength=64, autocomplete="off"),
        field("display_name", _("Name as colleagues see it"), required=True, maxlength=120, autocomplete="off"),
        field("password", _("First password"), "password", required=True, autocomplete="new-password", minlength=12,
              hint=_("At least 12 characters. They set up their second factor at the first sign-in.")),
    ]  # fmt: skip
    return show(request, "people/admin_add.html", fields, problem, administers=True)


@never_cache
@administrator_only
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """One account; a POST names what to `do` with it."""
    queries.staff_member(user_id)
    if request.method != "POST":
        return _person(request, user_id)
    deed = request.POST.get("do", "")
    try:
        if deed == "approve":  # its code is shown on this answer, and never again
            return _person(request, user_id, setup_code=_decide(request, user_id, approve=True), approved=True)
        said = _DEEDS.get(deed, _unknown)(request, user_id)
    except Problem as problem:
        return _person(request, user_id, problem)
    messages.success(request, said)
    return HttpResponseRedirect(f"{PEOPLE}/{user_id}")


def _person(request: HttpRequest, user_id: UUID, problem: Problem | None = None, **shown: Any) -> HttpResponse:
    user, today = queries.staff_member(user_id), queries.today()
    agencies = Agency.objects.filter(valid_to=None).order_by("sort_key")
    roles = [
        field("role", _("Role"), "select", required=True, options=_options(role_names())),
        field("agency", _("Agency (for officers and heads)"), "select",
              options=_options({"": "—"} | {agency.code: agency.name(_language()) for agency in agencies})),
        field("valid_from", _("From day"), "date", hint=_("Empty: from today.")),
        field("valid_to", _("Until day (not including it)"), "date", hint=_("Empty: no end.")),
    ]  # fmt: skip
    password = [field("password", _("New password"), "password", autocomplete="new-password", minlength=12)]
    held = [
        {"row": row, "name": _role_text(row.role), "agency": row.agency.name(_language()) if row.agency else "",
         "over": row.valid_to is not None and row.valid_to <= today}
        for row in queries.memberships(user)
    ]  # fmt: skip
    actor = _actor(request)
    return show(
        request, "people/admin_person.html", [*roles, *password], problem,
        role_fields=roles, password_fields=password, person=user, held=held, protected=mfa.has_totp(user),
        administers=True,
        acts=[_act(act, actor) for act in second_person.waiting().filter(user=user)],
        fresh=confirming.is_fresh(request),
        takes_two=second_person.reset_needs_another(actor, user),
        alone=second_person.is_alone(actor),
        **shown,
    )  # fmt: skip


def _act(act: AdministratorAct, actor: Actor) -> dict[str, Any]:
    """What waits, in words, and whether the reader may decide it."""
    return {
        "id": act.pk,
        "title": act_title(act),
        "by": act.asked_by.name,
        "until": act.expires_at,
        "own": act.asked_by_id == actor.id,
        "about_me": act.user_id == actor.id,
        "name": act.user.name,
        "person": act.user_id,
    }


def act_title(act: AdministratorAct) -> str:
    if act.deed == AdministratorAct.Deed.RESET:
        return _("A new second factor")
    return _("The role “%(role)s”") % {"role": _role_text(act.details["role"])}


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


def _role_text(role: str) -> str:
    return role_names().get(role, role)


def _options(names: dict[str, str]) -> list[dict[str, str]]:
    return [{"value": value, "label": label} for value, label in names.items()]


def _grant(request: HttpRequest, user_id: UUID) -> str:
    actor, role = _actor(request), request.POST.get("role", "")
    days = {"valid_from": _day(request, "valid_from"), "valid_to": _day(request, "valid_to")}
    if second_person.grant_needs_another(actor, role):
        actions.ask_role(actor=actor, user_id=user_id, role=role, **days)
        return _("Asked. Another administrator has to approve it within 24 hours.")
    actions.grant_role(actor=actor, user_id=user_id, role=role, agency=request.POST.get("agency", ""), **days)
    return _("The role is given.")


def _end(request: HttpRequest, _user_id: UUID) -> str:
    number = request.POST.get("membership", "")
    actions.end_role(
        actor=_actor(request),
        membership_id=int(number) if number.isascii() and number.isdigit() and len(number) < 18 else 0,
    )
    return _("The role has ended.")


def _password(request: HttpRequest, user_id: UUID) -> str:
    actions.set_password(actor=_actor(request), user_id=user_id, password=request.POST.get("password", ""))
    return _("The new password is set. All sessions have ended.")


def _factor(request: HttpRequest, user_id: UUID) -> str:
    actor = _actor(request)
    if second_person.reset_needs_another(actor, queries.staff_member(user_id)):
        actions.ask_reset(actor=actor, user_id=user_id)
        return _("Asked. Another administrator has to approve it within 24 hours.")
    actions.reset_second_factor(actor=actor, user_id=user_id)
    return _("The second factor will be set up anew at the next sign-in.")


def _deactivate(request: HttpRequest, user_id: UUID) -> str:
    actions.deactivate(actor=_actor(request), user_id=user_id)
    return _("The account is closed. All sessions have ended.")


def _reactivate(request: HttpRequest, user_id: UUID) -> str:
    actions.reactivate(actor=_actor(request), user_id=user_id)
    return _("The account is open again.")


def _refuse(request: HttpRequest, user_id: UUID) -> str:
    _decide(request, user_id, approve=False)
    return _("The request is refused.")


def _decide(request: HttpRequest, user_id: UUID, *, approve: bool) -> str:
    """Returns the code for setting up a second factor, or ""."""
    chosen = request.POST.get("act", "")
    act = next((one for one in second_person.waiting().filter(user=user_id) if str(one.pk) == chosen), None)
    if act is None:
        raise Conflict(_("This is decided already, or its time has run out."))
    if not confirming.is_fresh(request):
        raise Conflict(_("Please confirm first that it is you."), code="confirm-first")
    return actions.decide_act(actor=_actor(request), act_id=act.pk, approve=approve)


def _unknown(_request: HttpRequest, _user_id: UUID) -> str:
    raise Invalid(_("Please choose what to do."))


_DEEDS: dict[str, Callable[[HttpRequest, UUID], str]] = {
    "grant": _grant,
    "end": _end,
    "password": _password,
    "factor": _factor,
    "refuse": _refuse,
    "deactivate": _deactivate,
    "reactivate": _reactivate,
}


def _day(request: HttpRequest, name: str) -> date | None:
    typed = request.POST.get(name, "")
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise Invalid(_("Please check the dates."), fields={name: _("This is not a date.")}) from None


@never_cache
@administrator_only
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _keys(request)
    try:
        raw = actions.create_key(
            actor=_actor(request), name=request.POST.get("name", ""), scopes=request.POST.getlist("scopes")
        )
    except Problem as problem:
        return _keys(request, problem)
    return _keys(request, raw=raw)


def _keys(request: HttpRequest, problem: Problem | None = None, raw: str = "") -> HttpResponse:
    fields: list[dict[str, Any]] = [
        field("name", _("Who will use it"), required=True, maxlength=120),
        field(
            "scopes",
            _("What it may open"),
            "checks",
            required=True,
            options=_options({k: str(v) for k, v in SCOPES.items()}),
        ),
    ]
    return show(
        request, "people/admin_keys.html", fields, problem, keys=queries.keys()[:200], raw=raw, administers=True
    )


@administrator_only
@require_POST
def revoke_key(request: HttpRequest, key_id: UUID) -> HttpResponse:
    actions.revoke_key(actor=_actor(request), key_id=key_id)
    messages.success(request, _("The key is revoked."))
    return HttpResponseRedirect(KEYS)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor
