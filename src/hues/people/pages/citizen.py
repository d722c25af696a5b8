"""Signing in with a telephone, and what a citizen can see and change about themselves."""

from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Problem
from hues.kernel.http import client_address
from hues.people import actions, codes, phones, queries
from hues.people.decorators import citizen_only, signed_in
from hues.people.models import User
from hues.people.pages.forms import field, safe_next, show
from hues.people.sessions import key_of, sign_in, stored_key

HOME = "/"
_WAITING = "code_sent"  # in the session: what /login/code may show


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Ask for the number. Nobody learns whether it has an account: one without gets one when its code is confirmed."""
    way_back = safe_next(request, HOME)
    if request.method != "POST":
        if _actor(request).kind == "citizen":
            return HttpResponseRedirect(way_back)
        return _phone_form(request, way_back)
    try:
        sent = actions.send_code(
            phone=request.POST.get("phone", ""),
            purpose="sign-in",
            session_key=key_of(request),
            ip=client_address(request),
        )
    except Problem as problem:
        return _phone_form(request, way_back, problem)
    _remember(request, sent, way_back)
    return HttpResponseRedirect("/login/code")


def _phone_form(request: HttpRequest, way_back: str, problem: Problem | None = None) -> HttpResponse:
    phone = field(
        "phone",
        _("Your mobile number"),
        "phone",
        required=True,
        autocomplete="tel",
        autofocus=True,
        maxlength=phones.LONGEST,
    )
    return show(request, "people/login.html", [phone], problem, next=way_back)


def _remember(request: HttpRequest, sent: actions.SentCode, way_back: str) -> None:
    request.session[_WAITING] = {"to": sent.masked_phone, "resend_at": sent.resend_at.isoformat(), "next": way_back}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login_code(request: HttpRequest) -> HttpResponse:
    """Confirm the code that came by text message, or have it sent again."""
    waiting = request.session.get(_WAITING)
    if not waiting:
        return HttpResponseRedirect("/login")
    if request.method != "POST":
        return _code_form(request)
    try:
        if "again" in request.POST:
            sent = actions.resend_code(purpose="sign-in", session_key=key_of(request), ip=client_address(request))
            _remember(request, sent, waiting["next"])
            messages.success(request, _("A new code is on its way."))
            return HttpResponseRedirect("/login/code")
        user = actions.confirm_code(
            code=request.POST.get("code", ""),
            purpose="sign-in",
            session_key=key_of(request),
            ip=client_address(request),
        )
    except Problem as problem:
        return _code_form(request, problem)
    del request.session[_WAITING]
    sign_in(request, user)
    return _with_language(HttpResponseRedirect(safe_next(request, HOME, waiting["next"])), user.language)


def _code_form(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    waiting = request.session[_WAITING]
    code = field(
        "code",
        _("The six digits"),
        "code",
        required=True,
        autocomplete="one-time-code",
        inputmode="numeric",
        autofocus=True,
    )
    seconds = max(0, int((datetime.fromisoformat(waiting["resend_at"]) - clock.now()).total_seconds()))
    return show(
        request, "people/login_code.html", [code], problem,
        to=waiting["to"], wait_seconds=seconds, minutes=int(codes.LIFETIME.total_seconds() // 60),
    )  # fmt: skip


@never_cache
@citizen_only
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """What we hold about somebody, in plain words. Name and number stay closed until their owner asks for them."""
    user, actor = _user(request), _actor(request)
    if request.method == "POST" and "name" in request.POST:
        try:
            actions.set_name(actor=actor, user=user, name=request.POST["name"])
        except Problem as problem:
            return _profile(
                request, problem, identity=actions.open_vault(actor=actor, user=user, purpose="own profile")
            )
        messages.success(request, _("Saved."))
        return HttpResponseRedirect("/me/profile")
    opened = request.method == "POST"
    return _profile(
        request, identity=actions.open_vault(actor=actor, user=user, purpose="own profile") if opened else None
    )


def _profile(
    request: HttpRequest, problem: Problem | None = None, identity: actions.Identity | None = None
) -> HttpResponse:
    fields = []
    if identity:
        hint = _("Not needed for anything. Agencies never see it.")
        fields = [field("name", _("Your name"), value=identity.name, autocomplete="name", maxlength=120, hint=hint)]
    return show(
        request, "people/profile.html", fields, problem,
        phone=phones.shown(identity.phone) if identity else "",
        user=_user(request),
        languages=settings.LANGUAGES,
        sessions=queries.sessions(_user(request), stored_key(key_of(request))),
    )  # fmt: skip


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the language: in this browser, and in the account of whoever is signed in."""
    chosen, way_back = request.POST.get("language", ""), HttpResponseRedirect(safe_next(request, HOME))
    if chosen not in dict(settings.LANGUAGES):
        return way_back
    if isinstance(request.user, User):
        actions.set_language(actor=_actor(request), user=request.user, language=chosen)
    return _with_language(way_back, chosen)


def _with_language(response: HttpResponse, chosen: str) -> HttpResponse:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, chosen, max_age=365 * 86400, secure=settings.HTTPS, httponly=True, samesite="Lax"
    )
    return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    was_staff = _actor(request).kind == "staff"
    logout(request)
    return HttpResponseRedirect("/staff/login" if was_staff else HOME)


@require_POST
@signed_in
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    actor = _actor(request)
    actions.end_sessions(actor=actor, user_id=_user(request).pk)
    logout(request)
    return HttpResponseRedirect("/staff/login" if actor.kind == "staff" else "/login")


@never_cache
@require_GET
def terms(request: HttpRequest) -> HttpResponse:
    """What somebody agrees to by signing in."""
    return render(request, "people/terms.html")


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _user(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - pages that ask are for signed-in people only
    return user
