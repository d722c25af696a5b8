"""The doors of GeoReport v2: parse, call, render. Errors come as the specification's list, in the format that was asked
for.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from hues.city import pack
from hues.city.models import PackLoad
from hues.kernel import limits
from hues.kernel.actors import Actor
from hues.kernel.errors import Problem, TooMany
from hues.kernel.http import problem_of
from hues.kernel.idempotency import idempotent
from hues.people.queries import actor_for_key
from hues.reports.open311 import filing, formats, params, requests, services, updates
from hues.reports.open311.formats import Format

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
POSTS_PER_MINUTE = 600  # of one key
Door = Callable[..., tuple[str, Any] | HttpResponseBase]


class BadKey(Problem):
    """403: "Missing or Invalid API Key"."""

    status, code = 403, "api-key"


def door(*methods: str) -> Callable[[Door], Callable[..., HttpResponseBase]]:
    """Renders (root element, content), and every error as the specification wants it. Unsafe methods need a key, not a
    cookie.
    """

    def decorate(view: Door) -> Callable[..., HttpResponseBase]:
        @csrf_exempt
        @wraps(view)
        def rendered(request: HttpRequest, format: str, **names: str) -> HttpResponseBase:
            shape: Format = "json" if format == "json" else "xml"
            try:
                if format not in formats.CONTENT_TYPES:
                    return formats.errors(shape, 404, [_("The formats are xml and json.")])
                if request.method == "OPTIONS":
                    return _preflight(methods)
                if request.method not in methods:
                    response = formats.errors(
                        shape, 400, [_("%(method)s is not possible here.") % {"method": request.method}]
                    )
                    response["Allow"] = ", ".join(methods)
                    return response
                params.check_jurisdiction(_values(request), services.jurisdiction_id())
                result = view(request, **names)
                return result if isinstance(result, HttpResponseBase) else formats.answer(shape, *result)
            except Exception as error:
                problem = problem_of(error)
                if problem is None:
                    raise  # a fault of ours: logged, and 500
                return refusal(shape, problem)

        return rendered

    return decorate


def shape_of(request: HttpRequest) -> Format:
    return "json" if request.path.endswith(".json") else "xml"


def refusal(shape: Format, problem: Problem) -> HttpResponse:
    """403 and 404; 429 and 503 because a client can act on them; "basically 400 for any other error"."""
    status = problem.status if problem.status in {403, 404, 429, 503} else 400
    lines = (
        problem.lines if isinstance(problem, filing.BadFields) and problem.fields else [problem.detail or problem.code]
    )
    response = formats.errors(shape, status, lines)
    if isinstance(problem, TooMany):
        response["Retry-After"] = str(problem.retry_after)
    return response


def _preflight(methods: tuple[str, ...]) -> HttpResponse:
    response = HttpResponse(status=204)
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Allow-Methods"] = ", ".join(methods)
    response["Access-Control-Allow-Headers"] = "Content-Type, Idempotency-Key"
    return response


def _values(request: HttpRequest) -> QueryDict:
    """The parameters: of the form where there is one, for a POST with those of the address behind them."""
    if request.method != "POST":
        return request.GET
    if request.content_type not in ("application/x-www-form-urlencoded", "multipart/form-data", ""):
        raise params.BadArgument(_("Send the fields as application/x-www-form-urlencoded in UTF-8."))
    merged = request.GET.copy()
    merged.update(request.POST)
    return merged


def key_of(request: HttpRequest) -> str:
    bearer = request.headers.get("Authorization", "")
    if bearer.startswith("Bearer "):
        return bearer[7:].strip()
    return params.text(_values(request), "api_key")


def known_actor(request: HttpRequest) -> Actor | None:
    """The system behind the key that came along; None where none came. Raises BadKey for a wrong one."""
    raw = key_of(request)
    if not raw:
        return None
    actor = actor_for_key(raw)
    if actor is None or "open311" not in actor.scopes:
        raise BadKey(_("api_key is not valid for this."))
    request.actor = actor  # type: ignore[attr-defined]
    return actor


def needed_actor(request: HttpRequest) -> Actor:
    actor = known_actor(request)
    if actor is None:
        raise BadKey(_("api_key is missing."))
    limits.spend(f"open311:{actor.id}", limit=POSTS_PER_MINUTE, window=60)
    return actor


@door("GET", "HEAD")
def discovery(_request: HttpRequest) -> tuple[str, Any]:
    """Service Discovery: all fields are required, in both formats."""
    loaded = PackLoad.objects.filter(city=settings.CITY).values_list("at", flat=True).first()
    changeset = loaded.strftime("%Y-%m-%d %H:%M") if loaded else ""
    texts = pack.settings().get("texts", {})
    formats_served = ["text/xml", "application/json"]
    return "discovery", {
        "changeset": changeset,
        "contact": services.pick(texts.get("open311_contact") or {}) or contact_line(),
        "key_service": services.pick(texts.get("open311_keys") or {})
        or _("Write to us; the administrator makes a key with the command: hues key create --scope open311 NAME"),
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": f"{settings.PUBLIC_URL}/open311/v2",
                "changeset": changeset,
                "type": "test" if settings.SANDBOX else "production",
                "formats": formats_served,
            }
        ],
    }


def contact_line() -> str:
    city = pack.settings()
    return f"{services.pick(city['names'])}, {city.get('hotline', '')}".rstrip(", ")


@door("GET", "HEAD")
def service_list(_request: HttpRequest) -> tuple[str, Any]:
    return "services", services.service_list()


@door("GET", "HEAD")
def service_definition(_request: HttpRequest, code: str) -> tuple[str, Any]:
    return "service_definition", services.service_definition(code)


@door("GET", "HEAD", "POST")
def request_list(request: HttpRequest) -> tuple[str, Any] | HttpResponseBase:
    if request.method == "POST":
        needed_actor(request)
        return post_request(request)
    reader = requests.Reader(known_actor(request))
    return "service_requests", requests.service_requests(request.GET, reader)


@idempotent("open311")
def post_request(request: HttpRequest) -> HttpResponseBase:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    uploads = {f"{name}{place}": file for name, files in request.FILES.lists() for place, file in enumerate(files)}
    record = filing.file_request(_values(request), uploads, actor)
    return formats.answer(shape_of(request), "service_requests", record, status=201)


@door("GET", "HEAD")
def single_request(request: HttpRequest, code: str) -> tuple[str, Any]:
    reader = requests.Reader(known_actor(request))
    return "service_requests", requests.service_request(code, request.GET, reader)


@door("GET", "HEAD")
def token(request: HttpRequest, token: str) -> tuple[str, Any]:
    """Every service is realtime: POST gives the number at once, and the number is its own token."""
    reader = requests.Reader(known_actor(request))
    found = requests.service_request(token, {}, reader)[0]
    return "service_requests", [{"service_request_id": found["service_request_id"], "token": token}]


@door("GET", "HEAD", "POST")
def request_updates(request: HttpRequest) -> tuple[str, Any] | HttpResponseBase:
    """mySociety's extension."""
    if request.method == "POST":
        needed_actor(request)
        return post_update(request)
    reader = requests.Reader(known_actor(request))
    return "service_request_updates", updates.request_updates(request.GET, reader)


@idempotent("open311-update")
def post_update(request: HttpRequest) -> HttpResponseBase:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    record = updates.receive_update(_values(request), actor)
    return formats.answer(shape_of(request), "service_request_updates", record, status=201)


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """404 for what the specification does not know, in its own form."""
    return formats.errors(
        shape_of(request), 404, [_("There is nothing here. The endpoint is %(url)s.") % {"url": "/open311/v2"}]
    )
