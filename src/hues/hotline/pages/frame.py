"""What surrounds every page of the call desk."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from hues.hotline import access, queries, telephony
from hues.hotline.models import Seat
from hues.hotline.policy import policy
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, Problem
from hues.people.decorators import STAFF_DOOR, allowing

desk_only = allowing(access.may_look, STAFF_DOOR)
readers_only = allowing(access.may_read, STAFF_DOOR)

DESK = "/desk/calls"


def actor_of(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined]


def frame(request: HttpRequest, place: str) -> dict[str, Any]:
    """Side links with the numbers that matter, the state of the desk. Three statements."""
    actor = actor_of(request)
    now = queries.waiting()
    machine = telephony.adapter()
    return {
        "place": place,
        "now": now,
        "surge": access.in_surge(),
        "answers": access.may_answer(actor),
        "reads": access.may_read(actor),
        "lead": access.may_lead(actor),
        "hears_log": access.may_read_log(actor),
        "volunteer": access.is_volunteer(actor),
        "number": policy().number,
        "machine": machine,
        "machine_sandbox": machine is not None and machine.sandbox,
        "sandbox": settings.SANDBOX,
        "seat": Seat.objects.filter(person_id=actor.id).first(),
        "seat_states": [{"value": one.value, "label": one.label} for one in Seat.Chosen],
        "live_topics": ["calls"],
    }


def doing(request: HttpRequest, deed: Callable[[], Any], done: str = "", *, to: str = DESK) -> HttpResponse:
    """Do something, say what came of it, and go back. What can be mended is said; what is not theirs is not there."""
    try:
        result = deed()
    except (Invalid, Conflict, Forbidden, telephony.NotPlaced) as problem:
        messages.error(request, said_of(problem))
    except Problem as problem:
        if problem.status != 503:
            raise
        messages.error(request, problem.detail)
    else:
        if done:
            messages.success(request, done.format(result=result) if "{result" in done else done)
    return HttpResponseRedirect(to)


def refused(request: HttpRequest, problem: Problem, *, to: str = DESK) -> HttpResponse:
    """Back, saying what is to be mended."""
    messages.error(request, said_of(problem))
    return HttpResponseRedirect(to)


def said_of(problem: Problem) -> str:
    return " ".join(dict.fromkeys([*problem.fields.values()] or [problem.detail or _("This could not be done.")]))


def back_to(request: HttpRequest, otherwise: str) -> str:
    """The page of this room that a form was on."""
    wanted = request.POST.get("back", "")
    return wanted if wanted.startswith(DESK) and "//" not in wanted and "\\" not in wanted else otherwise
