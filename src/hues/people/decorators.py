"""Who may open a page. A visitor is led to the right sign-in; who has no business here finds nothing (404)."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from hues.kernel.actors import ADMINISTRATOR, CENTRE_ROLES, Actor
from hues.kernel.errors import NotFound, SignInNeeded

Page = Callable[..., HttpResponseBase]

CITIZEN_DOOR, STAFF_DOOR = "/login", "/staff/login"


def allowing(test: Callable[[Actor], bool], door: str) -> Callable[[Page], Page]:
    """A decorator for pages that only actors who pass `test` may open; guests are sent to `door`."""

    def decorate(page: Page) -> Page:
        @wraps(page)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor: Actor = request.actor  # type: ignore[attr-defined]
            if actor.kind == "guest":
                return _to(door, request)
            if not test(actor):
                raise NotFound(_("There is no such page."))
            return page(request, *args, **kwargs)

        return guarded

    return decorate


def _to(door: str, request: HttpRequest) -> HttpResponse:
    if request.method not in ("GET", "HEAD") or request.headers.get("HX-Request"):
        raise SignInNeeded(_("Please sign in first."))
    return HttpResponseRedirect(f"{door}?{urlencode({'next': request.get_full_path()})}")


signed_in = allowing(lambda _actor: True, CITIZEN_DOOR)
citizen_only = allowing(lambda actor: actor.kind == "citizen", CITIZEN_DOOR)
staff_only = allowing(lambda actor: actor.kind == "staff", STAFF_DOOR)
centre_only = allowing(lambda actor: actor.kind == "staff" and actor.has(*CENTRE_ROLES), STAFF_DOOR)
administrator_only = allowing(lambda actor: actor.kind == "staff" and actor.has(ADMINISTRATOR), STAFF_DOOR)
