"""What browsers are told: the Content Security Policy and its neighbours. There is no inline script or style
anywhere."""

from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponseBase

_PERMISSIONS = (
    "geolocation=(self), camera=(self), microphone=(self), fullscreen=(self), web-share=(self), accelerometer=(), "
    "autoplay=(), browsing-topics=(), display-capture=(), gyroscope=(), magnetometer=(), midi=(), payment=(), usb=()"
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": _PERMISSIONS,
    "Cache-Control": "private, no-cache",  # a page shows what its reader may see now
}
_ONE_YEAR = "max-age=31536000; includeSubDomains"


def protect(request: HttpRequest, response: HttpResponseBase) -> None:
    """Add the headers that the view did not set itself. What rules pages would only weigh on a static file, a kilobyte each."""
    if request.path_info.startswith(settings.STATIC_URL) and response.status_code < 400:
        response["X-Content-Type-Options"] = "nosniff"
        return
    framed = getattr(response, "xframe_options_exempt", False)  # the view's own policy says who may
    for name, value in _ALWAYS.items():
        if not (framed and name == "X-Frame-Options"):
            response.setdefault(name, value)
    if "Content-Security-Policy" not in response.headers:
        response["Content-Security-Policy"] = _policy_of(request)
    if settings.HTTPS:
        response.setdefault("Strict-Transport-Security", _ONE_YEAR)


def _policy_of(request: HttpRequest) -> str:
    try:
        return content_security_policy(live_origin(request.scheme or "http", request.get_host()), https=settings.HTTPS)
    except DisallowedHost:
        return content_security_policy("", https=settings.HTTPS)


def live_origin(scheme: str, host: str) -> str:
    """Where the event-stream server answers: HUES_LIVE_URL, else this host, one port above."""
    if settings.LIVE_URL:
        given = urlsplit(settings.LIVE_URL)
        return f"{given.scheme}://{given.netloc}"
    return _one_port_above(scheme, host)


@lru_cache(maxsize=256)
def _one_port_above(scheme: str, host: str) -> str:
    parts = urlsplit(f"{scheme}://{host}")
    name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{scheme}://{name}:{(parts.port or (443 if scheme == 'https' else 80)) + 1}"


@lru_cache(maxsize=256)
def content_security_policy(live: str, *, https: bool) -> str:
    """Maps draw into a canvas from blobs made by their worker; nothing else needs more than our own origin."""
    rules = {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' blob: data:",
        "font-src": "'self'",
        "media-src": "'self' blob:",
        "connect-src": f"'self' {live}".strip(),
        "worker-src": "'self' blob:",
        "manifest-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    policy = "; ".join(f"{name} {value}" for name, value in rules.items())
    return policy + "; upgrade-insecure-requests" if https else policy
