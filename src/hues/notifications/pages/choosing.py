"""`/me/settings/notices`: what one hears of, by which way, and when it stays quiet; devices; the e-mail address."""

from datetime import time
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from hues.kernel.actors import ADMINISTRATOR, LEAD, Actor
from hues.kernel.errors import Invalid, Problem
from hues.notifications import actions, channels, queries, texts
from hues.notifications.channels.sms import app_name
from hues.notifications.models import Preferences
from hues.notifications.push import vapid
from hues.notifications.wishes import CASE, FOLLOW, KINDS, MAIL, PUSH, SMS, USUAL, Wishes
from hues.people import gsm
from hues.people.decorators import signed_in
from hues.people.models import User
from hues.people.pages.forms import field, show

HERE = "/me/settings/notices"
HOURS = [f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in (0, 30)]


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    try:
        actions.save_preferences(actor=_actor(request), **_typed(request))
    except Problem as problem:
        return _page(request, problem)
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(HERE)


def _typed(request: HttpRequest) -> dict[str, Any]:
    """What the form says; what it could not offer (a channel without an address) stays as it was."""
    offered = _reachable(request)
    chosen = {
        kind: {
            channel: channel in request.POST.getlist(f"kind-{kind}") for channel in USUAL[kind] if channel in offered
        }
        for kind in _kinds(request)
    }
    typed: dict[str, Any] = {
        "channels": chosen,
        "quiet": "quiet" in request.POST,
        "quiet_from": _hour(request, "quiet_from"),
        "quiet_until": _hour(request, "quiet_until"),
    }
    if not _is_staff(request):
        typed["plain_sms"] = "accents" not in request.POST
    return typed


def _hour(request: HttpRequest, name: str) -> time | None:
    value = request.POST.get(name, "")
    if not value:
        return None
    try:
        return time.fromisoformat(value)
    except ValueError:
        problem = _("Choose a time.")
        raise Invalid(problem, fields={name: problem}) from None


def _page(request: HttpRequest, problem: Problem | None = None, **context: Any) -> HttpResponse:
    user = _user(request)
    chosen = queries.preferences(user.pk)
    address, waiting = actions.address_of(user.pk) if not _is_staff(request) else (user.email, "")
    example = _example(user)
    return show(
        request, "notifications/choices.html", _fields(request, chosen, address), problem,
        frame="web/desk.html" if _is_staff(request) else "web/citizen.html",
        staff=_is_staff(request), address=address, waiting=waiting, mail_in_use=MAIL in channels.in_use(),
        address_field=_address_field(problem), code_field=_code_field(problem),
        devices=queries.devices(user.pk), example=example, price=settings.SMS_PRICE, user=user,
        administers=_actor(request).has(ADMINISTRATOR), looks_after_notices=_actor(request).has(LEAD),
        languages=settings.LANGUAGES, **push_context(), **context,
    )  # fmt: skip


def push_context() -> dict[str, Any]:
    """What `push.js` is told by a page."""
    return {"push_key": vapid.public_key() if PUSH in channels.in_use() else ""}


def _fields(request: HttpRequest, chosen: Preferences, address: str) -> list[dict[str, Any]]:
    wishes, offered = Wishes(channels=chosen.channels), _reachable(request)
    fields = []
    for kind in _kinds(request):
        options = [
            {
                "value": channel,
                "label": _labels()[channel],
                "hint": _hints(kind, address)[channel],
                "icon": _ICONS[channel],
            }
            for channel in USUAL[kind]
            if channel in offered
        ]
        value = [channel for channel in USUAL[kind] if wishes.wants(kind, channel)]
        title, hint = _kind_words(kind, staff=_is_staff(request))
        fields.append(field(f"kind-{kind}", title, "checks", hint=hint, options=options, value=value, required=True))
    return fields + _quiet_fields(request, chosen)


def _quiet_fields(request: HttpRequest, chosen: Preferences) -> list[dict[str, Any]]:
    staff = _is_staff(request)
    hint = (
        _("Immediate tasks come all the same.")
        if staff
        else _("News waits until the morning. Warnings, and help that is on its way to you, come at once.")
    )
    hours = [{"value": hour, "label": hour} for hour in HOURS]
    fields = [
        field("quiet", _("Quiet at night"), "check", value=chosen.quiet, hint=hint),
        field("quiet_from", _("Begins at"), "select", options=hours, value=f"{chosen.quiet_from:%H:%M}", required=True),
        field("quiet_until", _("Ends at"), "select", options=hours, value=f"{chosen.quiet_until:%H:%M}", required=True),
    ]
    if not staff and SMS in channels.in_use():
        fields.append(
            field(
                "accents", _("Text messages with Vietnamese accents"), "check", value=not chosen.plain_sms,
                hint=_("Nicer to read, but a message becomes longer and old telephones show squares."),
            )
        )  # fmt: skip
    return fields


_ICONS = {PUSH: "bell", MAIL: "send", SMS: "chat"}


def _labels() -> dict[str, str]:
    return {PUSH: _("On my devices"), MAIL: _("By e-mail"), SMS: _("By text message")}


def _hints(kind: str, address: str) -> dict[str, str]:
    return {
        PUSH: "",
        MAIL: "" if address else _("Needs your address: it is added on this page."),
        SMS: _("Only what matters, and only if nothing else reached you.") if kind == CASE else "",
    }


def _kind_words(kind: str, *, staff: bool) -> tuple[str, str]:
    if kind == CASE:
        return (_("Work"), _("New cases, answers, time that runs out.")) if staff else (
            _("My reports"), _("Who handles it, questions to you, the result."))  # fmt: skip
    if kind == FOLLOW:
        return _("What I follow"), _("At once or once a day, as chosen for each under “What I follow”.")
    return _("My account"), _("Sign-ins and changes, for safety.")


def _address_field(problem: Problem | None) -> dict[str, Any]:
    error = problem.fields.get("address", "") if problem else ""
    return field("address", _("Your e-mail address"), "email", required=True, maxlength=254, error=error)


def _code_field(problem: Problem | None) -> dict[str, Any]:
    error = problem.fields.get("code", "") if problem else ""
    return field("code", _("The six digits"), "code", required=True, autocomplete="one-time-code", error=error)


def _example(user: User) -> dict[str, Any]:
    """One text message as it would come, with and without accents."""
    words = texts.told("case.publish", {"code": "PA-7K3M-Q2"}, language=user.language)
    found = gsm.preview(texts.short(words, "PA-7K3M-Q2", app=app_name(user.language), language=user.language))
    parts = {
        "plain": ngettext("%(n)d part", "%(n)d parts", found.plain.parts) % {"n": found.plain.parts},
        "as_is": ngettext("%(n)d part", "%(n)d parts", found.as_is.parts) % {"n": found.as_is.parts},
    }
    return {"preview": found, "parts": parts}


# ── E-mail and devices ───────────────────────────────────────────────────────────────────────────────────────────────


@require_POST
@signed_in
def mail(request: HttpRequest) -> HttpResponse:
    """Set, confirm or forget the address."""
    actor = _actor(request)
    try:
        if "forget" in request.POST:
            actions.forget_address(actor=actor)
            messages.success(request, _("Your e-mail address is forgotten."))
        elif "code" in request.POST:
            actions.confirm_address(actor=actor, code=request.POST["code"])
            messages.success(request, _("Confirmed. News comes to this address, too."))
        else:
            actions.set_address(actor=actor, address=request.POST.get("address", ""), language=_user(request).language)
            messages.success(request, _("A mail with a code is on its way."))
    except Problem as problem:
        return _page(request, problem)
    return HttpResponseRedirect(f"{HERE}#mail")


@require_POST
@signed_in
def remove_device(request: HttpRequest, device_id: UUID) -> HttpResponse:
    actions.remove_device(actor=_actor(request), device_id=device_id)
    messages.success(request, _("Removed."))
    return HttpResponseRedirect(f"{HERE}#devices")


@require_POST
@signed_in
def test(request: HttpRequest) -> HttpResponse:
    actions.send_test(actor=_actor(request))
    messages.success(request, _("A test is on its way to your devices."))
    return HttpResponseRedirect(f"{HERE}#devices")


def _reachable(request: HttpRequest) -> frozenset[str]:
    """The channels that can be offered to this person."""
    offered = channels.in_use()
    return offered - {SMS} if _is_staff(request) else offered


def _kinds(request: HttpRequest) -> tuple[str, ...]:
    return (CASE,) if _is_staff(request) else KINDS


def _is_staff(request: HttpRequest) -> bool:
    return _actor(request).kind == "staff"


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _user(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - pages that ask are for signed-in people only
    return user
