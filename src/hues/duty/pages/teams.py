"""Teams: what they are, who is in them, a roster from a file."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from hues.city.models import Agency
from hues.duty import access, actions, queries
from hues.duty import rota as rotas
from hues.duty.models import Kind, Role, Team
from hues.duty.pages.frame import actor_of, agency_of, frame
from hues.duty.pages.shifts import person_of
from hues.kernel.errors import Invalid, NotFound, Problem
from hues.kernel.geo import parse_point
from hues.kernel.text import whole_number
from hues.people.decorators import staff_only
from hues.people.pages.forms import field, show


@never_cache
@staff_only
@require_GET
def teams(request: HttpRequest) -> HttpResponse:
    choices = queries.agencies_with_teams(actor_of(request))
    if not choices:
        return render(request, "duty/nothing.html", frame(request, "teams"))
    agency = agency_of(request)
    context = {
        "choices": choices,
        "teams": queries.teams_of(agency.pk),
        "manages": access.manages(actor_of(request), agency),
    }
    return render(request, "duty/teams.html", context | frame(request, "teams", agency))


@never_cache
@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest, team_id: UUID) -> HttpResponse:
    """One team with its members; heads take people in, change their crew, let them go."""
    found = queries.team_for(actor_of(request), team_id)
    if request.method != "POST":
        return _team(request, found)
    try:
        _change(request, found)
    except Problem as problem:
        return _team(request, found, problem)
    return redirect("duty-teams" if request.POST.get("do") == "close" else request.path)


def _change(request: HttpRequest, found: Team) -> None:
    actor, do, given = actor_of(request), request.POST.get("do", ""), request.POST
    crew, role = given.get("crew", ""), given.get("role", Role.MEMBER)
    if do == "add":
        actions.add_member(actor=actor, team_id=found.pk, person_id=person_of(request), crew=crew, role=role)
        messages.success(request, _("Taken into the team."))
    elif do == "change":
        actions.change_member(actor=actor, member_id=person_of(request, "member"), crew=crew, role=role)
        messages.success(request, _("Changed; the coming shifts were laid anew."))
    elif do == "remove":
        actions.remove_member(actor=actor, member_id=person_of(request, "member"))
        messages.success(request, _("No longer in the team; look at the gaps."))
    elif do == "close":
        actions.close_team(actor=actor, team_id=found.pk)
        messages.success(request, _("The team is closed; its coming shifts are called off."))


def _team(request: HttpRequest, found: Team, problem: Problem | None = None) -> HttpResponse:
    actor = actor_of(request)
    manages = access.manages(actor, found.agency)
    members = queries.members_of(found)
    inside = {one.person_id for one in members}
    people = [one for one in queries.staff_of(found.agency) if one.pk not in inside] if manages else []
    choices = [{"value": str(person.pk), "label": person.name} for person in people]
    fields = [
        field("person", _("Person"), "select", options=[{"value": "", "label": "–"}, *choices], required=True),
        field("crew", _("Crew"), value="", placeholder="A", maxlength=4, hint=_("A letter of the rota; empty: shifts by hand only")),
        field("role", _("Role"), "select", required=True, options=_roles(), value=Role.MEMBER),
    ]  # fmt: skip
    plan = rotas.read(found.rota)
    return show(
        request, "duty/team.html", fields if manages else [], problem,
        team=found,
        members=members,
        manages=manages,
        may_roster=access.may_roster(actor, found),
        roles=Role.choices,
        plan=plan,
        unmanned=sorted(set(rotas.crews(plan)) - {one.crew for one in members}) if plan else [],
        **frame(request, "teams", found.agency),
    )  # fmt: skip


def _roles() -> list[dict[str, Any]]:
    return [{"value": value, "label": label} for value, label in Role.choices]


@never_cache
@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, team_id: UUID) -> HttpResponse:
    found = queries.team_for(actor_of(request), team_id)
    return _edit(request, found.agency, found)


@never_cache
@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    return _edit(request, agency_of(request), None)


def _edit(request: HttpRequest, agency: Agency, found: Team | None) -> HttpResponse:
    actor, problem = actor_of(request), None
    if not access.manages(actor, agency):
        raise NotFound(_("There is no such page."))
    if request.method == "POST":
        given = request.POST
        try:
            saved = actions.save_team(
                actor=actor, agency_id=agency.pk, team_id=found.pk if found else None, name=given.get("name", ""),
                kind=given.get("kind", ""), chief_id=person_of(request, "chief") if given.get("chief") else None,
                phone=given.get("phone", ""), base_name=given.get("base_name", ""), base_lat=given.get("lat"), base_lon=given.get("lon"),
                always=given.get("hours", "always") == "always", minimum=whole_number(given.get("minimum", "1")) or 0,
                auto_swap=bool(given.get("auto_swap")),
            )  # fmt: skip
        except Problem as raised:
            problem = raised
        else:
            messages.success(request, _("Saved."))
            return redirect("duty-team", saved.pk)
    point = (found.base_lat, found.base_lon) if found else (None, None)
    if problem and request.POST.get("lat"):
        with suppress(Invalid):
            point = parse_point(request.POST.get("lat"), request.POST.get("lon"))
    return show(
        request, "duty/edit.html", _fields(agency, found), problem,
        team=found, lat=point[0], lon=point[1], **frame(request, "teams", agency),
    )  # fmt: skip


def _fields(agency: Agency, found: Team | None) -> list[dict[str, Any]]:
    chiefs = [
        {"value": "", "label": _("nobody")},
        *({"value": str(p.pk), "label": p.name} for p in queries.staff_of(agency)),
    ]
    hours = [
        {"value": "always", "label": _("Day and night"), "hint": _("An hour without anybody is a gap.")},
        {
            "value": "watches",
            "label": _("In the watches of the rota"),
            "hint": _("Outside of them nobody has to be there."),
        },
    ]
    kinds = [{"value": value, "label": label} for value, label in Kind.choices]
    always = "always" if found is None or found.always else "watches"
    chosen = str(found.chief_id) if found and found.chief_id else ""
    return [
        field("name", _("Name of the team"), value=found.name if found else "", required=True, maxlength=120),
        field("kind", _("What kind of team"), "select", required=True, options=kinds,
              value=found.kind if found else (Kind.CENTRE if agency.is_centre else Kind.UTILITY)),
        field("chief", _("Chief"), "select", options=chiefs, value=chosen),
        field("phone", _("Number of the duty room"), value=found.phone if found else "", maxlength=32, inputmode="tel"),
        field("hours", _("When must somebody be there?"), "radio", required=True, options=hours, value=always),
        field("minimum", _("How many at once, at least"), "number", required=True, value=found.minimum if found else 1, min=1, max=99),
        field("auto_swap", _("Swaps need no approval once both agree"), "check", value="on" if found and found.auto_swap else ""),
        field("base_name", _("Where the team waits"), value=found.base_name if found else "", maxlength=120),
    ]  # fmt: skip


@never_cache
@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, team_id: UUID) -> HttpResponse:
    """A roster from a spreadsheet: all of it, or a list of what to mend, line by line."""
    found = queries.team_for(actor_of(request), team_id)
    if not access.may_roster(actor_of(request), found):
        raise NotFound(_("There is no such page."))
    problem, result = None, None
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            content = file.read() if file and not isinstance(file, list) else b""
            result = actions.import_roster(actor=actor_of(request), team_id=found.pk, content=content)
        except Problem as raised:
            problem = raised
        else:
            if result.made:
                messages.success(request, _("Shifts added: %(count)d.") % {"count": result.made})
                return redirect(f"/desk/duty?agency={found.agency.code}")
    upload_field = field("file", _("CSV file"), "file", accept=".csv,text/csv", required=True)
    response = show(
        request, "duty/upload.html", [upload_field], problem,
        team=found, members=queries.members_of(found)[:3], result=result, **frame(request, "teams", found.agency),
    )  # fmt: skip
    if result is not None:
        response.status_code = 422
    return response
