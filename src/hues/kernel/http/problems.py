"""Named errors → RFC 9457 for programs, a page for people, in the reader's language. Nothing that a client can send
gives 500."""

import logging
from collections.abc import Callable
from typing import Any

import orjson
import psycopg
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.kernel.errors import Forbidden, NotFound, Problem, TooLarge
from hues.kernel.logs import request_id

log = logging.getLogger("hues.problems")
_CODES = {403: "forbidden", 404: "not-found", 405: "method-not-allowed", 500: "fault", 503: "unavailable"}
Handler = Callable[[HttpRequest], HttpResponseBase]


class Unavailable(Problem):
    """A part of us that is needed is away for the moment."""

    status, code = 503, "unavailable"
    retry_after = 5


class ProblemResponses:
    """Innermost middleware: what a view raises becomes an answer."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code >= 400 and _is_page(response) and wants_json(request):
            return answer(
                request, _by_status(response.status_code), as_json=True
            )  # no such route, CSRF, a fault of ours
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        problem = problem_of(exception)
        return answer(request, problem) if problem else None


def _is_page(response: HttpResponseBase) -> bool:
    return response.headers.get("Content-Type", "").startswith("text/html")


def _by_status(status: int) -> Problem:
    details = {
        404: _("There is nothing here."),
        403: _("You may not do this."),
        500: _("Something broke on our side. Please try again in a minute."),
    }
    problem = Problem(details.get(status) or _("The request could not be read."))
    problem.status, problem.code = status, _CODES.get(status, "bad-request")
    return problem


def problem_of(exception: BaseException | None) -> Problem | None:
    """The problem that an exception means for the client; None for a fault of ours, which stays a 500 and is logged."""
    match exception:
        case Problem():
            return exception
        case Http404():
            return NotFound(_("There is nothing here."))
        case PermissionDenied():
            return Forbidden(_("You may not do this."))
        case RequestDataTooBig():
            return TooLarge(_("What was sent is too large."))
        case TooManyFieldsSent() | TooManyFilesSent():
            return Problem(_("Too many fields were sent."), code="too-many-fields")
        case MultiPartParserError() | UnreadablePostError() | BadRequest() | SuspiciousOperation():
            return Problem(_("The request could not be read."))
        case OperationalError() | InterfaceError() | psycopg.OperationalError() | psycopg.InterfaceError():
            log.error("the database does not answer: %s", exception)
            return Unavailable(_("We cannot reach our records just now. Please try again in a moment."))
        case DataError():  # the net below all checks: too big a number, an impossible date
            log.error("unchecked value reached the database", exc_info=exception)
            return Problem(_("Something in the request has a value that cannot be stored."), code="bad-value")
        case UnicodeEncodeError() if exception.encoding in ("utf-8", "utf8"):
            return Problem(_("The text contains characters that cannot be stored."), code="bad-text")
        case ValueError() if "NUL (0x00)" in str(exception) or "null character" in str(exception):
            return Problem(_("The text contains characters that cannot be stored."), code="bad-text")
    return None


def wants_json(request: HttpRequest) -> bool:
    """Programs say so, by door, by what they accept or by what they send; everyone else gets a page."""
    if request.path_info.startswith("/api/") or request.content_type == "application/json":
        return True
    preferred = request.get_preferred_type(["text/html", "application/problem+json", "application/json"])
    return preferred is not None and preferred != "text/html"


def answer(request: HttpRequest, problem: Problem, *, as_json: bool | None = None) -> HttpResponse:
    """The answer to a problem, as RFC 9457 JSON or as a page."""
    if wants_json(request) if as_json is None else as_json:
        response = HttpResponse(orjson.dumps(body_of(problem)), "application/problem+json", problem.status)
    else:
        response = HttpResponse(_page(request, problem), status=problem.status)
    if retry_after := getattr(problem, "retry_after", None):
        response["Retry-After"] = str(retry_after)
    if problem.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    response["Content-Language"] = get_language() or ""
    response["Cache-Control"] = "no-store"
    return response


def body_of(problem: Problem) -> dict[str, Any]:
    """RFC 9457 §3.1, with `code` for programs and `fields` for forms."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": title_of(problem.status),
        "status": problem.status,
        "detail": str(problem.detail),
        "code": problem.code,
    }
    if problem.fields:
        body["fields"] = {name: str(text) for name, text in problem.fields.items()}
    if name := request_id.get():
        body["instance"] = f"urn:request:{name}"
    return body


def title_of(status: int) -> str:
    titles = {
        400: _("That did not work"),
        401: _("Please sign in"),
        403: _("Not allowed"),
        404: _("Not found"),
        409: _("Changed in the meantime"),
        413: _("Too large"),
        415: _("Unsupported kind of file"),
        422: _("Please check what you entered"),
        429: _("Too many attempts"),
        500: _("A fault on our side"),
        503: _("Back in a moment"),
    }
    return titles.get(status) or (titles[400] if status < 500 else titles[500])


def _page(request: HttpRequest, problem: Problem) -> str:
    context = {
        "problem": problem,
        "status": problem.status,
        "title": title_of(problem.status),
        "detail": problem.detail,
        "fields": problem.fields,
        "request_id": request_id.get(),
    }
    try:
        return render_to_string("web/problem.html", context, request)
    except Exception:  # the page shows who is signed in, which needs what may just be broken: say it plainly
        log.warning("the page of a problem could not be rendered", exc_info=True)
        return format_html(
            '<!doctype html><html lang="{}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            "<title>{}</title><h1>{}</h1><p>{}</p></html>",
            get_language() or "vi", context["title"], context["title"], problem.detail,
        )  # fmt: skip
