"""Beside a case at the desk: what people say of its result, and the thanks that its agency has received."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from hues.cases.models import Case
from hues.reports import checkback
from hues.reports.pages import standing


def panel(request: HttpRequest, case: Case) -> str | None:
    """A card, or nothing where there is no result. Four statements at most."""
    if not checkback.stands(case):
        return None
    tally = checkback.tally(case.pk, case.reopened)
    thanks, _mine = checkback.thanked(case.pk)
    words = checkback.kind_words(case.pk)
    of_agency = checkback.thanks_of_agencies().get(case.agency_id or 0, 0)
    if not (tally.fixed or tally.broken or thanks or of_agency):
        return None
    context = {
        "tally_text": standing.tally_text(tally.fixed, tally.broken),
        "doubted": tally.broken > 0,
        "thanks_text": standing.thanks_text(thanks),
        "words": words,
        "of_agency": of_agency,
    }
    return render_to_string("reports/voices.html", context, request)
