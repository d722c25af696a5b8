"""One shift: what it is, what became of it, and what may be done with it. Naming somebody for a gap."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hues.city import clock as city_clock
from hues.duty import access, actions, queries
from hues.duty.models import Role, Shift, Team
from hues.duty.pages.frame import actor_of, frame, moment_of, typed
from hues.duty.pages.history import history
from hues.duty.queries.candidates import Candidate
from hues.kernel import clock
from hues.kernel.errors import Invalid, Problem
from hues.people.decorators import staff_only
from hues.people.pages.forms import field, show


@never_cache
@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def shift(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    found = queries.shift_for(actor_of(request), shift_id)
    if request.method != "POST":
        return _shown(request, found)
    try:
        found = _change(request, found)
    except Problem as problem:
        return _shown(request, queries.shift_for(actor_of(request), shift_id), problem)
    return redirect("duty-shift", found.pk)


def _change(request: HttpRequest, found: Shift) -> Shift:
    actor, do = actor_of(request), request.POST.get("do", "")
    if do == "hand_over":
        person_id = person_of(request)
        found = actions.hand_over(actor=actor, shift_id=found.pk, person_id=person_id)
        messages.success(request, _("The shift has somebody else now."))
    elif do == "call_off":
        actions.call_off(actor=actor, shift_id=found.pk)
        messages.success(request, _("The shift is called off."))
    elif do == "call_in":
        actions.call_in(actor=actor, shift_id=found.pk)
        messages.success(request, _("Called in: on duty from now on."))
    return found


def _shown(request: HttpRequest, found: Shift, problem: Problem | None = None) -> HttpResponse:
    actor, now = actor_of(request), clock.now()
    ahead = not found.called_off and found.ends_at > now
    rosters = access.may_roster(actor, found.team) and ahead
    free = (
        queries.candidates(found.team, max(found.starts_at, now), found.ends_at, without=found.person_id)
        if rosters
        else []
    )
    fields = [who_field(free)] if rosters else []
    return show(
        request, "duty/shift.html", fields, problem,
        shift=found,
        rosters=rosters,
        any_free=bool(free),
        may_call_in=ahead and found.standby and found.starts_at <= now and (rosters or actor.in_centre),
        may_swap=found.person_id == actor.id and ahead and found.starts_at > now,
        history=history(found),
        phone=queries.phone_of(actor, found.person_id),
        **frame(request, "week", found.team.agency),
    )  # fmt: skip


@never_cache
@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, team_id: UUID) -> HttpResponse:
    """Put somebody on duty: those who are free come first, the rested ones with the fewest hours on top."""
    team = queries.team_for(actor_of(request), team_id)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            actions.add_shift(
                actor=actor_of(request), team_id=team.pk, person_id=person_of(request),
                starts_at=moment_of(request.POST.get("starts_at", ""), "starts_at"),
                ends_at=moment_of(request.POST.get("ends_at", ""), "ends_at"),
                role=request.POST.get("role", Role.MEMBER), standby=bool(request.POST.get("standby")),
            )  # fmt: skip
        except Problem as raised:
            problem = raised
        else:
            messages.success(request, _("Done: they are told."))
            day = request.POST.get("starts_at", "")[:10]
            return redirect(f"/desk/duty?agency={team.agency.code}&day={day}")
    return _adding(request, team, problem)


def _adding(request: HttpRequest, team: Team, problem: Problem | None) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    start, end = given.get("starts_at", ""), given.get("ends_at", "")
    free: list[Candidate] = []
    if start and end:
        try:
            free = queries.candidates(team, moment_of(start, "starts_at"), moment_of(end, "ends_at"))
        except Invalid as raised:
            problem = problem or raised
    else:
        start = end = typed(city_clock.local(clock.now()).replace(minute=0))
    times = [
        field("starts_at", _("Begins"), "datetime", value=start, required=True),
        field("ends_at", _("Ends"), "datetime", value=end, required=True),
    ]
    fields = [
        *times,
        who_field(free),
        field("role", _("Role"), "select", required=True, options=[{"value": v, "label": label} for v, label in Role.choices], value=Role.MEMBER),
        field("standby", _("On standby at home, comes when called"), "check"),
    ]  # fmt: skip
    return show(
        request, "duty/add.html", fields, problem,
        team=team, any_free=bool(free), asked=bool(given.get("starts_at")), **frame(request, "week", team.agency),
    )  # fmt: skip


def who_field(free: list[Candidate]) -> dict[str, Any]:
    options = [{"value": str(one.person_id), "label": one.name, "hint": _hint(one)} for one in free]
    return field("person", _("Who is on duty?"), "radio", options=options, required=True)


def _hint(one: Candidate) -> str:
    hours = _("%(hours)d hours on duty in these 30 days") % {"hours": one.hours}
    if one.rested:
        return hours
    return _("%(hours)s · only %(rest)d hours of rest") % {"hours": hours, "rest": round(one.rest_hours)}


def person_of(request: HttpRequest, name: str = "person") -> UUID:
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        wrong = _("Please choose somebody.")
        raise Invalid(wrong, fields={name: wrong}) from None
