"""The week of a roster, who is on now, what is missing; the same as a file."""

import csv
import io
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from hues.city import clock as city_clock
from hues.duty import access, queries
from hues.duty.models import Role, Shift
from hues.duty.pages.frame import actor_of, agency_of, day_of, frame, monday_of
from hues.duty.queries.now import during
from hues.people.decorators import staff_only

GAPS_SHOWN = 8
_WEEK = timedelta(days=7)


@never_cache
@staff_only
@require_GET
def week(request: HttpRequest) -> HttpResponse:
    choices = queries.agencies_with_teams(actor_of(request))
    if not choices:
        return render(request, "duty/nothing.html", frame(request, "week"))
    return render(request, "duty/week.html", _week(request) | {"choices": choices})


@never_cache
@staff_only
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """What changes, alone, for the open page."""
    return render(request, "duty/board.html", _week(request))


def _week(request: HttpRequest) -> dict[str, Any]:
    actor, agency = actor_of(request), agency_of(request)
    monday = monday_of(day_of(request.GET.get("day", "")))
    found = queries.week(agency, monday)
    there = queries.on_duty_everywhere([agency.pk])
    return frame(request, "week", agency) | {
        "week": found,
        "number": monday.isocalendar().week,
        "last_day": monday + timedelta(days=6),
        "before": monday - _WEEK,
        "after": monday + _WEEK,
        "is_now": monday == monday_of(city_clock.today()),
        "gaps": found.gaps[:GAPS_SHOWN],
        "more_gaps": max(len(found.gaps) - GAPS_SHOWN, 0),
        "on_now": [one for one in there if not one.standby],
        "on_standby": [one for one in there if one.standby],
        "handover": queries.handover(agency.pk),
        "manages": access.manages(actor, agency),
        "rosters": {one.team.pk for one in found.teams if access.may_roster(actor, one.team)},
        "board_url": request.get_full_path()
        .replace("/desk/duty/board", "/desk/duty")
        .replace("/desk/duty", "/desk/duty/board", 1),
    }


@never_cache
@staff_only
@require_GET
def roster_csv(request: HttpRequest) -> HttpResponse:
    """The week as a file that the import reads again; cells cannot become formulas."""
    agency, monday = agency_of(request), monday_of(day_of(request.GET.get("day", "")))
    start, end = city_clock.start_of_day(monday), city_clock.start_of_day(monday + _WEEK)
    shifts = Shift.objects.filter(during(start, end), team__agency=agency.pk, team__active=True, starts_at__gte=start)
    out = io.StringIO()
    writer = csv.writer(out)
    heads = [_("day"), _("from"), _("until"), _("account"), _("role"), _("standby"), _("team"), _("full name")]
    writer.writerow(heads)
    for shift in shifts.select_related("person", "team").order_by("team__name", "starts_at", "person__username"):
        first, last = city_clock.local(shift.starts_at), city_clock.local(shift.ends_at)
        writer.writerow([
            first.date().isoformat(), f"{first:%H:%M}", f"{last:%H:%M}", _plain(shift.person.username),
            "" if shift.role == Role.MEMBER else shift.role, "x" if shift.standby else "", _plain(shift.team.name),
            _plain(shift.person.name),
        ])  # fmt: skip
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{agency.code}-{monday.isoformat()}.csv"'
    return response


def _plain(text: str) -> str:
    """A spreadsheet takes what begins like this for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
