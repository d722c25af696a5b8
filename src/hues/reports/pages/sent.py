"""The page that thanks: the code, what happens next, and how one hears of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from hues.cases.queries import case_page
from hues.city import queries as city
from hues.city.clock import moment_text
from hues.people.decorators import citizen_only
from hues.reports.pages import shown


@require_GET
@citizen_only
def sent(request: HttpRequest, code: str) -> HttpResponse:
    found = case_page(request.actor, code)  # type: ignore[attr-defined]
    case = found.case
    context = {
        "case": case,
        "title": shown.title(case.category),
        "where": shown.where(case.address, case.unit),
        "read_by": moment_text(case.due_at) if case.is_open and case.due_at and case.phase == "intake" else "",
        "joined": case.parent.code if case.parent else "",
        "apart_from": case.same_as if not case.parent else "",
        "numbers": (city.danger(case.body) or city.emergency_numbers()) if case.same_as else [],
        "public": case.visibility != "restricted",
        "seen_by": shown.seen_by(case.visibility),
    }
    return render(request, "reports/sent.html", context)
