"""Who calls the JSON API: a signed-in browser (session cookie and CSRF token) or a program (`Authorization: Bearer …`).

    @router.get("/notices", auth=signed_in)
    @router.post("/reports", auth=[signed_in, key("reports")])

Either way the view finds the caller in `request.actor`.
"""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from hues.kernel.actors import Actor, Kind
from hues.kernel.errors import Forbidden
from hues.people import queries


class SessionAuth(APIKeyCookie):
    """The session's cookie. Unsafe methods need the CSRF token as well."""

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self, *kinds: Kind) -> None:
        self.kinds = kinds
        super().__init__(csrf=True)

    def _get_key(self, request: HttpRequest) -> str | None:
        # No cookie, or a program's own header: no browser's call, so there is nothing that CSRF could abuse.
        if self.param_name not in request.COOKIES or "Authorization" in request.headers:
            return None
        if self.csrf and check_csrf(request):
            raise Forbidden(_("The page is out of date. Please load it again."), code="csrf")
        return request.COOKIES[self.param_name]

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        if key is None:
            return None
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if actor.kind == "guest" or (self.kinds and actor.kind not in self.kinds):
            return None
        return actor


class KeyAuth(HttpBearer):
    """An API key with a scope."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__()

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        actor = queries.actor_for_key(token)
        if actor is None:
            return None
        if self.scope not in actor.scopes:
            raise Forbidden(_("This key is not meant for this: it lacks the scope %(scope)s.") % {"scope": self.scope})
        request.actor = actor  # type: ignore[attr-defined]
        return actor


signed_in = SessionAuth()
staff = SessionAuth("staff")
citizen = SessionAuth("citizen")
key = KeyAuth
