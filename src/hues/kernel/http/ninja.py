"""The project's JSON API answers errors like every other door: `install(api)` once, where the API is put together."""

from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, AuthorizationError, HttpError, Throttled, ValidationError

from hues.kernel.errors import Forbidden, Invalid, Problem, SignInNeeded, TooMany
from hues.kernel.http.problems import answer, problem_of

_PLACES = ("body", "query", "path", "header", "form", "file", "cookie")


def install(api: NinjaAPI) -> None:
    """Register the handlers of every error that a client can cause."""
    kinds = (
        Problem, ValidationError, AuthenticationError, AuthorizationError, Throttled, HttpError, Http404,
        PermissionDenied, SuspiciousOperation, Error, UnicodeError, ValueError,
    )  # fmt: skip
    for kind in kinds:
        api.add_exception_handler(kind, _handle)  # type: ignore[arg-type]


def _handle(request: HttpRequest, exception: Exception) -> HttpResponse:
    problem = _problem(exception)
    if problem is None:
        raise exception
    return answer(request, problem, as_json=True)


def _problem(exception: Exception) -> Problem | None:
    match exception:
        case ValidationError():
            return Invalid(_("Please check the marked fields."), fields=_fields(exception.errors))
        case AuthenticationError():
            return SignInNeeded(_("Please sign in, or send a valid API key."))
        case AuthorizationError():
            return Forbidden(_("You may not do this."))
        case Throttled():
            return TooMany(_("Too many attempts. Please try again a little later."))
        case HttpError():
            problem = Problem(_("The request could not be read.") if exception.status_code == 400 else str(exception))
            problem.status = exception.status_code
            return problem
    return problem_of(exception)


def _fields(errors: list[dict[str, Any]]) -> dict[str, str]:
    """Field name → what to mend. The value itself is never repeated: it may be personal."""
    return {_name(error["loc"]): _message(error) for error in errors}


def _name(loc: tuple[Any, ...]) -> str:
    """("body", "payload", "lat") → "lat": without where it came from and the name of our own argument."""
    parts = [str(part) for part in loc]
    if parts and parts[0] in _PLACES:
        parts = parts[2:] if parts[0] in ("body", "form") and len(parts) > 2 else parts[1:]
    return ".".join(parts)


def _message(error: dict[str, Any]) -> str:
    context = error.get("ctx") or {}
    match error["type"]:
        case "missing":
            return _("This is missing.")
        case "string_too_long":
            return _("This is too long: at most {most} characters.").format(most=context.get("max_length"))
        case "string_too_short":
            return _("This is too short: at least {least} characters.").format(least=context.get("min_length"))
        case "too_long":
            return _("These are too many: at most {most}.").format(most=context.get("max_length"))
        case "enum" | "literal_error":
            return _("This must be one of: {choices}.").format(choices=context.get("expected"))
        case "greater_than_equal" | "less_than_equal" | "greater_than" | "less_than":
            return _("This is outside the allowed range.")
        case "extra_forbidden":
            return _("There is no such field.")
    kind = error["type"]
    if kind.startswith(("int", "float", "decimal", "finite")):
        return _("This is not a number.")
    if kind.startswith("uuid"):
        return _("This is not a valid identifier.")
    if kind.startswith(("date", "time")):
        return _("This is not a valid date.")
    return _("This value cannot be used.")
