"""`/confirm`: is it really you? Before what cannot be undone."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hues.kernel.errors import Problem
from hues.kernel.http import client_address
from hues.people import actions, confirming, queries
from hues.people.actions.confirming import confirm_own_code, send_own_code
from hues.people.decorators import signed_in
from hues.people.models import User
from hues.people.pages.forms import field, safe_next, show
from hues.people.pages.who import actor_of, user_of
from hues.people.sessions import key_of

_SENT = "confirm_sent"  # in the session: that a code is on its way, and to where


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """A citizen's code, a member of staff's app, or a passkey; then back to where they came from."""
    user = user_of(request)
    if request.method != "POST":
        return _form(request, user)
    try:
        if "send" in request.POST:
            sent = send_own_code(
                actor=actor_of(request), user=user, session_key=key_of(request), ip=client_address(request)
            )
            request.session[_SENT] = sent.masked_phone
            messages.success(request, _("The code is on its way."))
            return HttpResponseRedirect(request.get_full_path())
        _check(request, user)
    except Problem as problem:
        return _form(request, user, problem)
    request.session.pop(_SENT, None)
    confirming.note(request, user)
    return HttpResponseRedirect(_way_back(request))


def _check(request: HttpRequest, user: User) -> None:
    code = request.POST.get("code", "")
    if user.kind == User.Kind.CITIZEN:
        confirm_own_code(user=user, code=code, session_key=key_of(request), ip=client_address(request))
    elif not queries.without_second_factor(user):
        actions.check_second_factor(user=user, code=code)


def _way_back(request: HttpRequest) -> str:
    return safe_next(request, "/me/settings" if actor_of(request).kind == "citizen" else "/staff/account")


def _form(request: HttpRequest, user: User, problem: Problem | None = None) -> HttpResponse:
    citizen = user.kind == User.Kind.CITIZEN
    fields: list[dict[str, Any]] = []
    if citizen and _SENT in request.session:
        fields = [field("code", _("The six digits"), "code", required=True, autocomplete="one-time-code",
                        inputmode="numeric", autofocus=True)]  # fmt: skip
    elif not citizen and not queries.without_second_factor(user):
        fields = [field("code", _("Code of your authenticator app"), "code", required=True,
                        autocomplete="one-time-code", autofocus=True, maxlength=16)]  # fmt: skip
    return show(
        request, "people/confirm.html", fields, problem,
        next=_way_back(request),
        citizen=citizen,
        to=request.session.get(_SENT, ""),
        has_passkey=user.passkeys.exists(),
    )  # fmt: skip
