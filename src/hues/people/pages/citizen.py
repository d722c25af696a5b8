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
from hues.kernel.errors import Problem
from hues.kernel.http import client_address
from hues.people import actions, codes, phones
from hues.people.decorators import signed_in
from hues.people.models import User
from hues.people.pages.forms import field, safe_next, show
from hues.people.pages.who import actor_of, user_of
from hues.people.sessions import key_of, sign_in

HOME = "/"
_WAITING = "code_sent"  # in the session: what /login/code may show


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Ask for the number. Nobody learns whether it has an account: one without gets one when its code is confirmed."""
    way_back = safe_next(request, HOME)
    if request.method != "POST":
        if actor_of(request).kind == "citizen":
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


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the language: in this browser, and in the account of whoever is signed in."""
    chosen, way_back = request.POST.get("language", ""), HttpResponseRedirect(safe_next(request, HOME))
    if chosen not in dict(settings.LANGUAGES):
        return way_back
    if isinstance(request.user, User):
        actions.set_language(actor=actor_of(request), user=request.user, language=chosen)
    return _with_language(way_back, chosen)


def _with_language(response: HttpResponse, chosen: str) -> HttpResponse:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, chosen, max_age=365 * 86400, secure=settings.HTTPS, httponly=True, samesite="Lax"
    )
    return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    was_staff = actor_of(request).kind == "staff"
    logout(request)
    return HttpResponseRedirect("/staff/login" if was_staff else HOME)


@require_POST
@signed_in
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    actions.end_sessions(actor=actor, user_id=user_of(request).pk)
    logout(request)
    return HttpResponseRedirect("/staff/login" if actor.kind == "staff" else "/login")


@never_cache
@require_GET
def terms(request: HttpRequest) -> HttpResponse:
    """What somebody agrees to by signing in."""
    return render(request, "people/terms.html")
