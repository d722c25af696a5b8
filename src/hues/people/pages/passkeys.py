"""The JSON doors of passkeys.js, and the forms that rename and remove. Without scripts people sign in with codes."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from hues.kernel.errors import Conflict, Invalid
from hues.kernel.http import client_address, read_json
from hues.people import actions, confirming
from hues.people.decorators import signed_in
from hues.people.models import User
from hues.people.pages import staff
from hues.people.pages.forms import safe_next
from hues.people.pages.who import actor_of, user_of
from hues.people.sessions import sign_in

PURPOSES = ("sign-in", "second-factor", "confirm", "add")


@never_cache
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """A challenge: `{"purpose": …}` → what `navigator.credentials` takes."""
    purpose = _purpose(_sent(request))
    user = _whose(request, purpose)
    if purpose == "add":
        _must_be_fresh(request)
    options = actions.begin_passkey(
        session=request.session,
        purpose="confirm" if purpose == "second-factor" else purpose,
        user=user,
        ip=client_address(request),
    )
    return JsonResponse(options)


@never_cache
@require_POST
def finish(request: HttpRequest) -> HttpResponse:
    """The browser's answer: `{"purpose", "answer", "name"?, "next"?}` → `{"location"}`."""
    sent = _sent(request)
    purpose = _purpose(sent)
    user = _whose(request, purpose)
    answer, way_back = sent.get("answer"), str(sent.get("next") or "")
    if purpose == "add":
        _must_be_fresh(request)
        actions.add_passkey(
            actor=actor_of(request), user=user_of(request), session=request.session, answer=answer,
            name=str(sent.get("name") or "") or request.session.get("device", ""),
        )  # fmt: skip
        messages.success(request, _("The passkey is kept. Next time you can sign in with it."))
        return _to(safe_next(request, _settings(request), way_back))
    proven = actions.prove_passkey(session=request.session, answer=answer, user=user)
    if purpose == "confirm":
        confirming.note(request, proven)
        return _to(safe_next(request, _settings(request), way_back))
    return _enter(request, proven, way_back)


def _enter(request: HttpRequest, user: User, way_back: str) -> HttpResponse:
    """Signed in with a verified passkey: for staff that is both factors at once."""
    if user.kind == User.Kind.STAFF:
        return _to(staff.enter(request, user, "passkey", safe_next(request, "", way_back))["Location"])
    sign_in(request, user)
    return _to(safe_next(request, "/", way_back))


def _whose(request: HttpRequest, purpose: str) -> User | None:
    """Whose passkey is asked for; None where the passkey itself says it."""
    if purpose == "sign-in":
        return None
    if purpose == "second-factor":
        user = staff.pending(request)
        if user is None:
            raise Invalid(_("This took too long. Please try again."), code="challenge-outdated")
        return user
    if actor_of(request).kind == "guest":
        raise Invalid(_("Please sign in first."))
    return user_of(request)


def _must_be_fresh(request: HttpRequest) -> None:
    if not confirming.is_fresh(request, signing_in_counts=True):
        raise Conflict(_("Please confirm first that it is you."), code="confirm-first")


def _sent(request: HttpRequest) -> dict[str, Any]:
    sent = read_json(request)
    if not isinstance(sent, dict):
        raise Invalid(_("Please try again."))
    return sent


def _purpose(sent: dict[str, Any]) -> str:
    if sent.get("purpose") not in PURPOSES:
        raise Invalid(_("Please try again."))
    return str(sent["purpose"])


def _to(location: str) -> JsonResponse:
    return JsonResponse({"location": location})


def _settings(request: HttpRequest) -> str:
    return "/me/settings#passkeys" if actor_of(request).kind == "citizen" else "/staff/account#passkeys"


@never_cache
@signed_in
@require_POST
def change(request: HttpRequest, passkey_id: UUID) -> HttpResponse:
    """Rename, or remove with `do=remove`."""
    if request.POST.get("do") == "remove":
        actions.remove_passkey(actor=actor_of(request), passkey_id=passkey_id)
        messages.success(request, _("The passkey is removed."))
    else:
        try:
            actions.rename_passkey(actor=actor_of(request), passkey_id=passkey_id, name=request.POST.get("name", ""))
        except Invalid as problem:
            messages.error(request, problem.detail)
    return HttpResponseRedirect(_settings(request))
