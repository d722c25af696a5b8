"""The tables of the scorecards' pages as files: CSV, XLSX, JSON."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hues.cases import reference
from hues.insights.scorecards import asking, files, taking
from hues.insights.scorecards.pages import brief_of, place_of, read_strictly, records_asked, who
from hues.kernel.errors import NotFound
from hues.people.decorators import staff_only


@require_GET
@staff_only
def overview_file(request: HttpRequest, format: str) -> HttpResponse:
    actor, asked = read_strictly(request)
    return files.answer(actor, taking.side_by_side(actor, asked), format)


@require_GET
@staff_only
def trend_file(request: HttpRequest, format: str) -> HttpResponse:
    actor, asked = read_strictly(request)
    return files.answer(actor, taking.through_time(asked), format)


@require_GET
@staff_only
def morning_file(request: HttpRequest, format: str) -> HttpResponse:
    return files.answer(who(request), taking.of_brief(brief_of(request)), format)


@require_GET
@staff_only
def behind_file(request: HttpRequest, format: str) -> HttpResponse:
    actor = who(request)
    scope, measures = records_asked(request)
    asking.check_open(actor, scope)
    return files.answer(actor, taking.behind(actor, scope, measures, place_of(scope)), format)


@require_GET
@staff_only
def fairness_file(request: HttpRequest, format: str) -> HttpResponse:
    actor, asked = read_strictly(request, whole=True)
    return files.answer(actor, taking.fairness(actor, asked), format)


@require_GET
@staff_only
def agencies_file(request: HttpRequest, format: str) -> HttpResponse:
    actor, asked = read_strictly(request, whole=True)
    return files.answer(actor, taking.ranked(actor, asked, request.GET.get("kind", "")), format)


@require_GET
@staff_only
def agency_file(request: HttpRequest, code: str, format: str) -> HttpResponse:
    if code not in reference.agencies_by_code():
        raise NotFound(_("There is no such page."))
    actor, asked = read_strictly(request, agency=code)
    return files.answer(actor, taking.of_agency(actor, asked), format)


@require_GET
@staff_only
def catalogue_file(request: HttpRequest, format: str) -> HttpResponse:
    return files.answer(who(request), taking.catalogue(), format)
