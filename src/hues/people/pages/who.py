"""Who asks for a page of this room."""

from django.http import HttpRequest

from hues.kernel.actors import Actor
from hues.people.models import User


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def user_of(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - pages that ask are for signed-in people only
    return user
