"""The short link of a caller's text message: where the case stands. Nothing of the caller."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from hues.city.clock import moment_text
from hues.hotline.actions import reporting
from hues.kernel import limits
from hues.kernel.http import client_address


@require_GET
def follow(request: HttpRequest, token: str) -> HttpResponse:
    limits.spend(f"link:{client_address(request)}", limit=120, window=3600)
    case = reporting.by_token(token)
    language = get_language() or "vi"
    context = {
        "case": case,
        "title": case.category.name(language),
        "agency": case.agency.name(language) if case.agency else "",
        "due": moment_text(case.due_at) if case.is_open and case.due_at else "",
    }
    response = render(request, "hotline/follow.html", context)
    response["Referrer-Policy"] = "same-origin"  # the link goes nowhere else; a form of the page is still believed
    response["X-Robots-Tag"] = "noindex"
    return response
