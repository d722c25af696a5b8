"""The kernel's own doors to the web: measurements, and the public log."""

import hmac
import os
from ipaddress import ip_address

from django.http import Http404, HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST

from hues.kernel import metrics
from hues.kernel.http.client import client_address, is_forwarded, is_trusted_proxy


def show_metrics(request: HttpRequest) -> HttpResponse:
    """`GET /metrics`: for the machine and its private network, for HUES_METRICS_KEY, or for all
    (HUES_METRICS_OPEN=1)."""
    if not _may_read_metrics(request):
        raise Http404
    return HttpResponse(metrics.exposition(), CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _may_read_metrics(request: HttpRequest) -> bool:
    if os.environ.get("HUES_METRICS_OPEN") == "1":
        return True
    key = os.environ.get("HUES_METRICS_KEY")
    if key and hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {key}".encode()):
        return True
    if is_forwarded(request) and not is_trusted_proxy(request.META.get("REMOTE_ADDR", "")):
        return False  # a proxy that we were not told of: its own private address says nothing of the client
    address = client_address(request)
    return bool(address) and (ip_address(address).is_private or ip_address(address).is_loopback)
