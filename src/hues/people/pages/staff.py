"""Signing in of staff: password, second factor, its setup; one's own account."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hues.kernel import clock
from hues.kernel.actors import AUDITOR, HELPER, Actor
from hues.kernel.errors import Conflict, NotFound, Problem
from hues.kernel.http import client_address
from hues.people import actions, confirming, mfa, queries, second_person, vault
from hues.people.access import may_administer
from hues.people.decorators import staff_only
from hues.people.models import AdministratorAct, User
from hues.people.pages.forms import field, safe_next, show
from hues.people.sessions import key_of, sign_in, stored_key

DESK, ADMINISTRATION, HELPING, ACCOUNT = "/desk", "/admin/people", "/report/for", "/staff/account"
PENDING_SECONDS = 600  # between the password and the second factor
_PENDING, _SECRET = "staff_pending", "staff_totp"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    way_back = safe_next(request, "")
    if request.method != "POST":
        if _actor(request).kind == "staff":
            return HttpResponseRedirect(way_back or home_of(_actor(request)))
        return _login_form(request, way_back)
    try:
        user = actions.check_password(
            username=request.POST.get("username", ""),
            password=request.POST.get("password", ""),
            ip=client_address(request),
        )
    except Problem as problem:
        return _login_form(request, way_back, problem)
    protected = mfa.has_totp(user)
    if settings.SANDBOX and user.is_sample and not protected:
        return enter(request, user, "sandbox", way_back)
    mark = user.get_session_auth_hash()[:16]
    request.session[_PENDING] = {"user": str(user.pk), "at": clock.now().timestamp(), "mark": mark, "next": way_back}
    return HttpResponseRedirect("/staff/mfa" if protected else "/staff/mfa/setup")


def _login_form(request: HttpRequest, way_back: str, problem: Problem | None = None) -> HttpResponse:
    fields = [
        field("username", _("User name"), required=True, autocomplete="username", autofocus=True, maxlength=64),
        field("password", _("Password"), "password", required=True, autocomplete="current-password", maxlength=256),
    ]
    return show(request, "people/staff_login.html", fields, problem, next=way_back)


def enter(request: HttpRequest, user: User, factor: str, way_back: str) -> HttpResponse:
    request.session.pop(_PENDING, None)
    request.session.pop(_SECRET, None)
    sign_in(request, user)
    actions.note_sign_in(user=user, factor=factor)
    return HttpResponseRedirect(way_back or home_of(queries.actor_for(user)))


def home_of(actor: Actor) -> str:
    """Where somebody's work is."""
    if actor.agency_ids or actor.in_centre or actor.has(AUDITOR):
        return DESK
    if may_administer(actor):
        return ADMINISTRATION
    return HELPING if actor.has(HELPER) else ACCOUNT


def pending(request: HttpRequest) -> User | None:
    """Who gave the right password in this browser a moment ago, if nothing changed about their account since."""
    pending: dict[str, Any] = request.session.get(_PENDING) or {}
    if not pending or clock.now().timestamp() - pending["at"] > PENDING_SECONDS:
        return None
    user = queries.account(pending["user"])
    return user if user and user.get_session_auth_hash()[:16] == pending["mark"] else None


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    user = pending(request)
    if user is None:
        return HttpResponseRedirect("/staff/login")
    if not mfa.has_totp(user):
        return HttpResponseRedirect("/staff/mfa/setup")
    if request.method != "POST":
        return _factor_form(request)
    try:
        factor = actions.check_second_factor(user=user, code=request.POST.get("code", ""))
    except Problem as problem:
        return _factor_form(request, problem)
    if factor == "recovery_codes":
        left = len(mfa.recovery_codes(user))
        messages.warning(request, _("You have %(n)s recovery codes left.") % {"n": left})
    return enter(request, user, factor, request.session[_PENDING]["next"])


def _factor_form(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    code = field(
        "code", _("Code of your authenticator app"), "code", required=True, autocomplete="one-time-code",
        autofocus=True, maxlength=16, hint=_("Without your telephone: one of your recovery codes."),
    )  # fmt: skip
    user = pending(request)
    has_passkey = user is not None and user.passkeys.exists()
    return show(
        request, "people/staff_mfa.html", [code], problem, has_passkey=has_passkey,
        next=request.session[_PENDING]["next"],
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Bind an authenticator app at the first sign-in; ends with the recovery codes, shown once."""
    user = pending(request)
    if user is None or mfa.has_totp(user):
        return HttpResponseRedirect("/staff/mfa" if user else "/staff/login")
    secret = _secret(request, user)
    if request.method != "POST":
        return _setup_form(request, user, secret)
    try:
        sent = request.POST
        actions.set_up_second_factor(
            user=user, secret=secret, code=sent.get("code", ""), setup_code=sent.get("setup_code", "")
        )
    except Problem as problem:
        return _setup_form(request, user, secret, problem)
    way_back = enter(request, user, "totp", request.session[_PENDING]["next"])["Location"]
    return render(request, "people/recovery_codes.html", {"codes": mfa.recovery_codes(user), "next": way_back})


def _setup_form(request: HttpRequest, user: User, secret: str, problem: Problem | None = None) -> HttpResponse:
    fields = [
        field("code", _("The six digits that the app shows"), "code", required=True, autocomplete="one-time-code")
    ]
    if second_person.setup_act(user):
        fields.append(
            field("setup_code", _("Code of the second administrator"), required=True, autocomplete="off", maxlength=24,
                  hint=_("It begins with CD. They hand it to you in person."))
        )  # fmt: skip
    groups = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    return show(request, "people/staff_mfa_setup.html", fields, problem, secret=groups)


def _secret(request: HttpRequest, user: User) -> str:
    """The secret being set up; sealed in the session until the app proves to know it."""
    if _SECRET not in request.session:
        request.session[_SECRET] = vault.seal(mfa.new_secret().encode(), user.pk.bytes).hex()
    try:
        return vault.open_sealed(bytes.fromhex(request.session[_SECRET]), user.pk.bytes).decode()
    except vault.Unreadable:  # begun for another account in this browser
        del request.session[_SECRET]
        return _secret(request, user)


@never_cache
@require_GET
def qr(request: HttpRequest) -> HttpResponse:
    """The secret as a picture for the authenticator app."""
    user = pending(request)
    if user is None or mfa.has_totp(user):
        raise NotFound(_("There is no such page."))
    return HttpResponse(mfa.qr_svg(user, _secret(request, user)), content_type="image/svg+xml")


@never_cache
@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """One's own account: password, signed-in browsers, recovery codes."""
    if request.method != "POST":
        return _account(request)
    actor = _actor(request)
    try:
        if "act" in request.POST:
            return _answer_reset(request)
        user = actions.change_password(
            actor=actor, current=request.POST.get("current", ""), password=request.POST.get("password", "")
        )
    except Problem as problem:
        return _account(request, problem)
    sign_in(request, user)
    messages.success(request, _("Your password is changed. Other browsers are signed out."))
    return HttpResponseRedirect("/staff/account")


def _answer_reset(request: HttpRequest) -> HttpResponse:
    """Yes or no to a new second factor that an administrator asked for. Yes ends all sessions, this one too."""
    sent, approve = request.POST, request.POST.get("do") == "approve"
    reset = _own_reset(_user(request))
    if reset is None or str(reset.pk) != sent["act"]:
        raise Conflict(_("This is decided already, or its time has run out."))
    code = actions.answer_own_reset(
        actor=_actor(request), user=_user(request), act_id=reset.pk, approve=approve, code=sent.get("recovery", "")
    )
    if approve:
        return render(request, "people/setup_code.html", {"setup_code": code})
    messages.success(request, _("The request is refused."))
    return HttpResponseRedirect(ACCOUNT)


def _own_reset(user: User) -> AdministratorAct | None:
    return second_person.waiting().filter(user=user, deed=AdministratorAct.Deed.RESET).first()


def _account(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    user = _user(request)
    fields = [
        field("current", _("Current password"), "password", required=True, autocomplete="current-password"),
        field(
            "password", _("New password"), "password", required=True, autocomplete="new-password", minlength=12,
            hint=_("At least 12 characters. A sentence is easiest to remember."),
        ),
    ]  # fmt: skip
    code = field("code", _("Code of your app"), "code", required=True, autocomplete="one-time-code")
    return show(
        request, "people/account.html", fields, problem,
        code_field=code,
        reset=_own_reset(user),
        recovery_field=field("recovery", _("One of your recovery codes"), "code", required=True, autocomplete="off",
                             maxlength=32, error=problem.fields.get("code", "") if problem else ""),
        languages=settings.LANGUAGES,
        administers=may_administer(_actor(request)),
        user=user,
        memberships=queries.memberships(user),
        sessions=queries.sessions(user, stored_key(key_of(request))),
        protected=mfa.has_totp(user),
        passkeys=list(user.passkeys.order_by("-created_at")),
        fresh=confirming.is_fresh(request, signing_in_counts=True),
    )  # fmt: skip


@never_cache
@staff_only
@require_POST
def new_recovery_codes(request: HttpRequest) -> HttpResponse:
    """Replace the recovery codes, after a code of the app: an open browser alone must not give away a way in."""
    try:
        fresh = actions.renew_recovery_codes(
            user=_user(request), actor=_actor(request), code=request.POST.get("code", "")
        )
    except Problem as problem:
        messages.error(request, next(iter(problem.fields.values()), problem.detail))
        return HttpResponseRedirect("/staff/account")
    return render(request, "people/recovery_codes.html", {"codes": fresh, "next": "/staff/account"})


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _user(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - pages that ask are for signed-in people only
    return user
