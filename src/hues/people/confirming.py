"""Is it really them? What cannot be undone asks again, in a browser that is signed in already.

Citizens confirm by a new code or a passkey, staff by their app or a passkey. It holds for a few minutes, in this
browser only, and only for the account that confirmed.
"""

from datetime import timedelta

from django.http import HttpRequest

from hues.kernel import clock
from hues.people.models import User

_KEY = "confirmed"
FRESH = timedelta(minutes=10)


def note(request: HttpRequest, user: User, *, signing_in: bool = False) -> None:
    """They just proved who they are; `signing_in` is not enough for what cannot be undone."""
    request.session[_KEY] = {"user": str(user.pk), "at": clock.now().timestamp(), "signing_in": signing_in}


def is_fresh(request: HttpRequest, *, signing_in_counts: bool = False) -> bool:
    held = request.session.get(_KEY)
    if not held or held["user"] != str(getattr(request.user, "pk", "")):
        return False
    if held["signing_in"] and not signing_in_counts:
        return False
    return 0 <= clock.now().timestamp() - held["at"] <= FRESH.total_seconds()


def forget(request: HttpRequest) -> None:
    """It was used for what it was given for."""
    request.session.pop(_KEY, None)
