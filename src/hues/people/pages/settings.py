"""`/me/settings`: one page for everything about one's own account."""

from django.conf import settings as deployment
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from hues.kernel.errors import Problem
from hues.people import actions, conduct, confirming, phones, queries
from hues.people.actions.exports import latest
from hues.people.decorators import citizen_only
from hues.people.models import Restriction
from hues.people.pages.forms import field, show
from hues.people.pages.who import actor_of, user_of
from hues.people.sessions import key_of, stored_key

HERE = "/me/settings"


@never_cache
@citizen_only
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """What we hold about somebody, in plain words. Name and number stay closed until their owner asks for them."""
    user, actor = user_of(request), actor_of(request)
    if request.method == "POST" and "name" in request.POST:
        try:
            actions.set_name(actor=actor, user=user, name=request.POST["name"])
        except Problem as problem:
            identity = actions.open_vault(actor=actor, user=user, purpose="own profile")
            return _page(request, problem, identity)
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(HERE)
    opened = request.method == "POST"
    return _page(
        request, identity=actions.open_vault(actor=actor, user=user, purpose="own profile") if opened else None
    )


@never_cache
@citizen_only
@require_GET
def data(request: HttpRequest) -> HttpResponse:
    """The part of the page that changes while a copy is being made; alone it is no page."""
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(f"{HERE}#data")
    return render(request, "people/settings_data.html", {"export": latest(actor_of(request))})


def old_address(_request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(HERE)


def _page(
    request: HttpRequest, problem: Problem | None = None, identity: actions.Identity | None = None
) -> HttpResponse:
    user, actor = user_of(request), actor_of(request)
    fields = []
    if identity:
        hint = _("Not needed for anything. Agencies never see it.")
        fields = [field("name", _("Your name"), value=identity.name, autocomplete="name", maxlength=120, hint=hint)]
    return show(
        request, "people/settings.html", fields, problem,
        phone=phones.shown(identity.phone) if identity else "",
        user=user,
        languages=deployment.LANGUAGES,
        sessions=queries.sessions(user, stored_key(key_of(request))),
        passkeys=list(user.passkeys.order_by("-created_at")),
        fresh=confirming.is_fresh(request, signing_in_counts=True),
        device=request.session.get("device", ""),
        export=latest(actor),
        restrictions=list(Restriction.objects.filter(user=user).select_related("appeal").order_by("-placed_at")[:10]),
        standing=conduct.standing_of(user.pk) if actor.restricted else None,
        live_topics=[f"person:{user.pk}"],
    )  # fmt: skip
