"""`request.actor`: who is behind a request, found when somebody asks (session and account, one statement each)."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from hues.kernel.actors import Actor
from hues.people import queries
from hues.people.models import User
from hues.people.sessions import SessionStore


class ActorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: actor_of(request))  # type: ignore[attr-defined]
        request.sample_account = SimpleLazyObject(lambda: is_sample_account(request))  # type: ignore[attr-defined]
        response = self.get_response(request)
        session = request.session
        if session.accessed and isinstance(session, SessionStore):
            session.note_seen()
        return response


def actor_of(request: HttpRequest) -> Actor:
    user = request.user
    return queries.actor_for(user if isinstance(user, User) else None)


def is_sample_account(request: HttpRequest) -> bool:
    """A member of staff that exists only in the sandbox, without a second factor: pages say so in a banner."""
    user = request.user
    return settings.SANDBOX and isinstance(user, User) and user.is_sample and user.kind == User.Kind.STAFF
