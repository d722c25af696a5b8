"""The outermost frame of every request: its id, its time, its headers, its line in the log."""

import hashlib
import hmac
import logging
import re
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _

from hues.kernel import clock, metrics
from hues.kernel.errors import Problem
from hues.kernel.http.client import client_address, is_trusted_proxy
from hues.kernel.http.policy import protect
from hues.kernel.http.problems import answer
from hues.kernel.logs import request_id

log = logging.getLogger("hues.access")
Handler = Callable[[HttpRequest], HttpResponseBase]
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_QUIET = frozenset({"healthz", "metrics", "static"})  # told only when something is wrong


class RequestFrame:
    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        behind_proxy = is_trusted_proxy(request.META.get("REMOTE_ADDR", ""))
        if behind_proxy and request.META.get("HTTP_X_FORWARDED_PROTO") == "https":
            request.META["wsgi.url_scheme"] = "https"
            request.environ["wsgi.url_scheme"] = "https"  # type: ignore[attr-defined]  # what request.scheme reads
        given = request.META.get("HTTP_X_REQUEST_ID", "") if behind_proxy else ""
        name = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
        token = request_id.set(name)
        try:
            response = _refuse_nul(request) or self.get_response(request)
            protect(request, response)
            response["X-Request-ID"] = name
            _tell(request, response, time.perf_counter() - began)
            return response
        finally:
            request_id.reset(token)


def _refuse_nul(request: HttpRequest) -> HttpResponseBase | None:
    """No address of ours has a NUL in it, and the database would refuse it much later."""
    if "\0" not in request.path_info and "%00" not in request.META.get("QUERY_STRING", ""):
        return None
    with translation.override(translation.get_language_from_request(request)):
        return answer(request, Problem(_("The address contains characters that cannot be used.")))


def _tell(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    """One line and two measurements: by route, never by address, so that no code or search text is kept."""
    route = _route(request)
    metrics.REQUESTS.labels(request.method or "", route, str(response.status_code)).inc()
    metrics.REQUEST_SECONDS.labels(route).observe(seconds)
    if route in _QUIET and response.status_code < 400:
        return
    fields = {
        "method": request.method,
        "route": route,
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
        "client": _client_mark(client_address(request)),
    }
    log.info("request", extra={"fields": fields})


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    if match:
        return match.route or "/"
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "(none)"


def _client_mark(address: str) -> str:
    """Tells clients of one day apart, and says nothing else about them."""
    text = f"{clock.now():%Y-%m-%d}\n{address}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).hexdigest()[:10]
