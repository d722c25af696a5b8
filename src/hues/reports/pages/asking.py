"""The small doors of the filing page: hints while writing, reports nearby, and a guest's phone. They answer the page's own script; programs
have `/api/v1`.
"""

import json
import math
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from hues.city import queries as city
from hues.city.assets.near import offered
from hues.kernel import limits
from hues.kernel.errors import Invalid
from hues.kernel.http import client_address
from hues.people.actions.codes import confirm_code, resend_code, send_code
from hues.people.sessions import key_of, sign_in
from hues.reports import hints, nearby, words
from hues.reports.checks import MAX_BODY

A_GUEST = (600, 600)  # questions in ten minutes of one address: somebody types, pauses, types on


@csrf_exempt  # reads only; the page may be a cached copy whose token is old
@require_POST
def hint(request: HttpRequest) -> HttpResponse:
    """{text, lat, lon, category} → the place in words, three kinds with reasons and how sure, who will probably handle it, what the sender may
    rather leave out, the numbers to call if the text speaks of danger, and what stands near that fits the chosen kind."""
    asked = _asked(request)
    language = words.language()
    found = hints.choices(asked["text"], asked["lat"], asked["lon"], language)
    kind = asked["category"] or next((one.category.code for one in found[:1] if one.confidence), "")
    return JsonResponse(
        {
            "place": hints.place(asked["lat"], asked["lon"], language),
            "choices": [{"code": one.category.code, "why": one.why, "confidence": one.confidence} for one in found],
            "agency": hints.handler(kind, asked["lat"], asked["lon"], language),
            "flags": hints.flags(asked["text"]),
            "danger": [row.number for row in city.danger(asked["text"])],
            "things": _things(asked),
        }
    )


@csrf_exempt  # as above
@require_POST
def near(request: HttpRequest) -> HttpResponse:
    """{text, lat, lon, category} → cards of reports that may be about the same, or 204."""
    asked = _asked(request)
    cards = nearby.cards(
        lat=asked["lat"],
        lon=asked["lon"],
        category=asked["category"],
        text=asked["text"],
        actor=request.actor,  # type: ignore[attr-defined]
    )
    if not cards:
        return HttpResponse(status=204)
    return render(request, "reports/file_near.html", {"near": cards})


def _things(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Lamps, drains, trees near the place that fit the chosen kind. One statement, none where no layer fits."""
    if asked["lat"] is None or not asked["category"]:
        return []
    return [
        {"ref": one.ref, "label": one.label, "m": round(one.distance_m), "lat": one.lat, "lon": one.lon}
        for one in offered(asked["lat"], asked["lon"], asked["category"])
        if one.layer.public
    ]


def _asked(request: HttpRequest) -> dict[str, Any]:
    limits.spend(f"hint:{client_address(request)}", limit=A_GUEST[0], window=A_GUEST[1])
    try:
        sent = json.loads(request.body[:20_000])
    except (ValueError, UnicodeDecodeError):
        sent = None
    if not isinstance(sent, dict):
        raise Invalid(_("Some of it needs mending."))
    text, category = sent.get("text"), sent.get("category")
    point = [_degrees(sent.get("lat"), 90), _degrees(sent.get("lon"), 180)]
    lat, lon = point if None not in point else (None, None)
    return {
        "text": text[:MAX_BODY] if isinstance(text, str) else "",
        "category": category[:64] if isinstance(category, str) else "",
        "lat": lat,
        "lon": lon,
    }


def _degrees(value: Any, bound: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > bound:
        return None
    return float(value)


@require_POST
def phone(request: HttpRequest) -> HttpResponse:
    """{phone} (or {again: true}) → where the code went."""
    sent = _form(request)
    session_key, ip = key_of(request), client_address(request)
    if sent.get("again"):
        code = resend_code(purpose="report", session_key=session_key, ip=ip)
    else:
        code = send_code(phone=sent.get("phone", ""), purpose="report", session_key=session_key, ip=ip)
    return JsonResponse({"to": code.masked_phone})


@require_POST
def code(request: HttpRequest) -> HttpResponse:
    """{code} → 204: this browser is the citizen's now, and what waits on it can be sent."""
    user = confirm_code(
        code=_form(request).get("code", "")[:20],
        purpose="report",
        session_key=key_of(request),
        ip=client_address(request),
    )
    sign_in(request, user)
    return HttpResponse(status=204)


def _form(request: HttpRequest) -> dict[str, str]:
    return {name: str(value)[:60] for name, value in request.POST.items()}
