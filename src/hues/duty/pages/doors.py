"""Doors for machines: the calendar on a telephone, and the telephone that tells where it is."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from hues.city.clock import time_text
from hues.duty import actions, ics, queries
from hues.duty.models import Position
from hues.duty.pages.frame import actor_of
from hues.kernel import clock, limits
from hues.kernel.errors import Invalid, NotFound
from hues.people.decorators import staff_only

BACK, AHEAD = timedelta(days=31), timedelta(days=120)
CALENDAR_LIMIT = {"limit": 120, "window": 3600}
POSITION_LIMIT = {"limit": 30, "window": 60}


@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001 - Django passes the request
    """Somebody's shifts (RFC 5545). Whoever has the address has the calendar; a wrong one is as good as none."""
    person = actions.person_of_feed(token)
    if person is None:
        raise NotFound(_("There is no such calendar."))
    limits.spend(f"duty.calendar:{person.pk}", **CALENDAR_LIMIT)
    now = clock.now()
    with override(person.language):
        shifts = queries.shifts_of(person.pk, now - BACK, now + AHEAD)
        host = urlsplit(settings.PUBLIC_URL or "").hostname or "localhost"
        text = ics.calendar(shifts, name=_("My duty"), host=host, now=now)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="duty.ics"'
    response["X-Robots-Tag"] = "noindex"
    patch_cache_control(response, private=True, max_age=300)
    return response


@never_cache
@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def position(request: HttpRequest) -> JsonResponse:
    """GET: whether one is on duty and shares. POST `do`: start, stop, note (with lat, lon, accuracy_m)."""
    actor = actor_of(request)
    if request.method == "POST":
        limits.spend(f"duty.position:{actor.id}", **POSITION_LIMIT)
        match request.POST.get("do"):
            case "start":
                actions.start_sharing(actor=actor)
            case "stop":
                actions.stop_sharing(actor=actor)
            case "note":
                point = (request.POST.get("lat"), request.POST.get("lon"))
                actions.note_position(
                    actor=actor, lat=point[0], lon=point[1], accuracy_m=request.POST.get("accuracy_m")
                )
            case _:
                raise Invalid(_("Please choose what to do."))
    return JsonResponse(_state(request))


def _state(request: HttpRequest) -> dict[str, Any]:
    actor, now = actor_of(request), clock.now()
    row = Position.objects.filter(person=actor.id, until__gt=now).first()
    return {
        "on_duty": queries.current_shift(actor) is not None,
        "sharing": row is not None,
        "until": row.until.isoformat() if row else None,
        "until_text": time_text(row.until) if row else "",
        "at": row.at.isoformat() if row and row.at else None,
    }
