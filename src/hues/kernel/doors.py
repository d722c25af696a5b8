"""The kernel's own doors to the web: measurements, and the public log."""

import base64
import hmac
import os
from ipaddress import ip_address
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from hues.kernel import metrics
from hues.kernel.errors import Invalid
from hues.kernel.http.client import client_address, is_forwarded, is_trusted_proxy
from hues.kernel.log import notes, queries

_OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}  # witnesses may ask from anywhere


@require_safe
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


@require_safe
def show_checkpoint(_request: HttpRequest) -> HttpResponse:
    """`GET /log/checkpoint`: the newest signed tree head, as a C2SP signed note."""
    return _text(queries.newest_checkpoint().note)


@require_safe
def show_key(_request: HttpRequest) -> HttpResponse:
    """`GET /log/key`: the key that checks our checkpoints (C2SP verifier key)."""
    return _text(notes.verifier_key() + "\n")


@require_safe
def show_proof(_request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """`GET /log/proof/<entry id>`: that the entry is in the log of the newest checkpoint (RFC 9162 §2.1.3). Hashes only."""
    found = queries.prove_entry(entry_id)
    return _json({
        "entry": str(entry_id),
        "place": found.place,
        "leaf_hash": _base64(found.leaf),
        "proof": [_base64(node) for node in found.proof],
        "size": found.checkpoint.size,
        "root": _base64(bytes(found.checkpoint.root)),
        "checkpoint": found.checkpoint.note,
    })  # fmt: skip


@require_safe
def show_growth(request: HttpRequest) -> HttpResponse:
    """`GET /log/consistency?from=&to=`: that the smaller log is the beginning of the larger (RFC 9162 §2.1.4)."""
    old, new = _size(request, "from"), _size(request, "to")
    return _json({"from": old, "to": new, "proof": [_base64(node) for node in queries.prove_growth(old, new)]})


def _size(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        message = _("This is not a number.")
        raise Invalid(message, fields={name: message})
    return int(text)


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _text(body: str) -> HttpResponse:
    return HttpResponse(body, content_type="text/plain; charset=utf-8", headers=_OPEN)


def _json(body: dict[str, object]) -> HttpResponse:
    return JsonResponse(body, headers=_OPEN)
