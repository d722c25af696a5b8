"""What a page or the service worker asks before it sends: who the cookie says we are, and a token for writing."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from ninja import Router, Schema

from hues.kernel.actors import Actor
from hues.web.context import person_mark

router = Router(tags=["session"])


class SessionOut(Schema):
    signed_in: bool
    person: str  # the mark that pages carry too; "" for a guest
    csrf: str  # for the header X-CSRFToken


@router.get("/session", response=SessionOut, summary="Who this browser is, and its token for writing")
def session(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    """The cookies are unreadable for scripts; only our own origin can read this answer."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    response["Cache-Control"] = "no-store"
    person = person_mark(actor)
    return {"signed_in": bool(person), "person": person, "csrf": get_token(request)}
