"""The shell's own pages: home, who sees what, the theme, and every error page."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST, require_safe

from hues.cases import reference
from hues.kernel.http import answer, problem_of, wants_json
from hues.web import home as home_page
from hues.web.context import THEMES

YEAR = 60 * 60 * 24 * 365


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "web/home.html", home_page.content(request))


@require_safe
def about(_request: HttpRequest) -> HttpResponse:
    """An older address of what the room of people tells."""
    return HttpResponsePermanentRedirect("/privacy")


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """To where the form was, if that is here."""
    target = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if safe else "/")


@require_POST
def ward(request: HttpRequest) -> HttpResponse:
    """Remember whose neighbourhood the home page shows first; nothing chosen means the whole city."""
    response = _back(request)
    code = request.POST.get("ward", "")
    if code in reference.units_by_code():
        _remember(response, home_page.WARD_COOKIE, code)
    else:
        response.delete_cookie(home_page.WARD_COOKIE)
    return response


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light or dark; anything else means as the device says."""
    response = _back(request)
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        _remember(response, "theme", chosen)
    else:
        response.delete_cookie("theme")
    return response


def _remember(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=settings.HTTPS)


# Errors. Each says what to do next.


def problem(
    request: HttpRequest,
    status: int,
    *,
    title: str = "",
    detail: str = "",
    fields: dict[str, str] | None = None,
    **more: Any,
) -> HttpResponse:
    """The page of an error. Words that are not given are those of the status."""
    return HttpResponse(
        render_to_string("web/problem.html", wording(status, title, detail, fields) | more, request), status=status
    )


def wording(status: int, title: str = "", detail: str = "", fields: dict[str, str] | None = None) -> dict[str, Any]:
    known: dict[int, tuple[str, str, str]] = {
        400: ("warning", _("This request could not be read"), _("Go back, check what you entered and send it again.")),
        401: ("user", _("Please sign in"), _("This page is yours alone, so we need to know that it is you.")),
        403: ("lock", _("This is not open to you"), _("Sign in with an account that may do this, or ask the operations centre.")),
        404: ("search", _("There is nothing here"), _("The address may be mistyped, or the report is not public. You can look for it by its code.")),
        405: ("warning", _("This cannot be done here"), _("Go back and use the button on the page.")),
        409: ("users", _("Somebody was faster"), _("It has changed in the meantime. Load it again to see how it stands.")),
        413: ("photo", _("That is too large"), _("Send fewer or smaller photos.")),
        415: ("photo", _("This kind of file cannot be used"), _("Photos as JPEG, PNG or WebP work.")),
        422: ("warning", _("Something needs another look"), _("Go back and correct what is marked.")),
        429: ("clock", _("Too many tries"), _("Wait a minute, then try again. In danger, call: that always works.")),
        500: ("tool", _("Something broke on our side"), _("It was not you. Try again in a minute; your text is kept on this device.")),
        503: ("tool", _("Back in a moment"), _("The system is being looked after. Try again in a minute.")),
    }  # fmt: skip
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = str(status)
    sign, own_title, own_detail = known.get(status) or (known[500] if status >= 500 else ("warning", phrase, ""))
    return {
        "status": status,
        "sign": sign,
        "title": title or own_title,
        "detail": detail or own_detail,
        "fields": fields or {},
        "retry": status in (409, 429, 500, 502, 503, 504),
    }


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Also for what fails before any view is asked, such as a host that is not ours: a program gets a problem document."""
    found = problem_of(exception)
    return answer(request, found) if found and wants_json(request) else problem(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django hands it over
    return problem(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django hands it over
    return problem(request, 404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django hands it over
    detail = _(
        "The page was open for too long, or cookies are off. Load it again; what you typed is kept on this device."
    )
    return problem(request, 403, title=_("Please send it once more"), detail=detail, retry=request.method == "GET")


def server_error(_request: HttpRequest) -> HttpResponse:
    """Without database, session or context: whatever broke may break again. Both languages, plain."""
    pages = []
    for code, _name in settings.LANGUAGES:
        with override(code):
            pages.append({"code": code, **wording(500)})
    return HttpResponse(render_to_string("web/broken.html", {"pages": pages}), status=500)
