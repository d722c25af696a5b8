"""What makes the site an app: manifest, service worker, offline page; and the texts that machines look for."""

import hashlib
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.http import http_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hues import __version__
from hues.city.models import PackLoad, Unit
from hues.kernel import clock
from hues.web.context import City
from hues.web.templatetags.hues import style_sheets

WORKER = Path(__file__).parent / "worker"
SENDER = Path(__file__).parent / "static" / "web" / "outbox.js"  # pages and worker send by the same code
# What the first screen of any page needs; what PAGES name besides is found in them, the rest is cached as it is used.
SHELL = ("web/ui.js", "web/icons.svg", "web/mark.svg", "web/lattice.svg", "web/cloud.svg")
FONTS = tuple(f"vendor/fonts/be-vietnam-pro-core-{weight}.woff2" for weight in (400, 600))
PAGES = ("/offline", "/report", "/me/drafts")  # open without a network, as a guest sees them


@require_safe
def manifest(_request: HttpRequest) -> HttpResponse:
    """The web app manifest (W3C), in the city's name."""
    city = City()
    icons = [
        {
            "src": static(f"vendor/icons/icon-{name}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for name, size, purpose in (("192", 192, "any"), ("512", 512, "any"), ("512-maskable", 512, "maskable"))
    ]
    data = {
        "id": "/",
        "name": f"{city.app_name} · {city.name}",
        "short_name": city.app_name,
        "description": city.tagline or _("Report what is wrong, follow it until it is mended."),
        "lang": get_language(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#FAF8FC",
        "theme_color": "#5B2A86",
        "icons": icons,
        "display_override": ["standalone", "minimal-ui"],
        "orientation": "any",
        "categories": ["government", "utilities"],
        "launch_handler": {"client_mode": ["navigate-existing", "auto"]},
        "prefer_related_applications": False,
        "shortcuts": [
            _shortcut(_("Report"), "/report"),
            _shortcut(_("City map"), "/map"),
            _shortcut(_("Mine"), "/me"),
            _shortcut(_("Emergencies and offline"), "/offline"),
        ],
        # A photo of the gallery, shared with this app, begins a report (worker/share.js).
        "share_target": {
            "action": "/report/shared",
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {
                "title": "title",
                "text": "text",
                "url": "url",
                "files": [{"name": "photos", "accept": ["image/*", "video/*"]}],
            },
        },
    }
    response = JsonResponse(data, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})
    response["Vary"] = "Accept-Language, Cookie"
    return response


def _shortcut(name: str, url: str) -> dict[str, Any]:
    icon = {"src": static("vendor/icons/icon-192.png"), "sizes": "192x192", "type": "image/png"}
    return {"name": name, "url": url, "icons": [icon]}


@require_safe
def service_worker(_request: HttpRequest) -> HttpResponse:
    """Served from the root, so that it may care for every page. Its version is the hash of all that it keeps: whatever
    changes in a file, in its own code or in the pack makes a new worker with caches of its own.
    """
    files = [*style_sheets("citizen"), *(static(name) for name in (*SHELL, *FONTS))]
    config = {"files": files, "pages": PAGES, "icon": static("vendor/icons/icon-192.png")}
    code = worker_code()
    loaded = PackLoad.objects.filter(city=settings.CITY).values_list("at", flat=True).first()
    kept = json.dumps([__version__, str(loaded), config, code]).encode()
    version = hashlib.sha256(kept).hexdigest()[:12]
    body = f"const CONFIG = {json.dumps({'version': version, **config})};\n{code}"
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    response["Service-Worker-Allowed"] = "/"
    return response


def worker_code() -> str:
    """The sender and every file of worker/ in the order of their names, as one classic script: modules in workers are
    too new for many phones.
    """
    sender = re.sub(r"^export ", "", SENDER.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return "\n".join([sender, *(part.read_text(encoding="utf-8") for part in sorted(WORKER.glob("*.js")))])


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    return render(request, "web/offline.html")


@require_safe
def base_map(request: HttpRequest) -> HttpResponse:
    """The ground of every map: the pack's schematic drawing, the units with their borders where those were imported, and their names."""
    loaded = PackLoad.objects.filter(city=settings.CITY).values_list("at", "settings").first()
    language = get_language() or settings.LANGUAGE_CODE
    units = Unit.objects.filter(valid_to=None)
    stamp = _stamp(loaded[0] if loaded else None, units)
    tag = f'"{language}-{stamp}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    drawn = (loaded[1].get("map") or {}).get("features", []) if loaded else []
    features = [
        *(_drawn(feature, language) for feature in drawn),
        *(f for unit in units for f in _unit_features(unit, language)),
    ]
    body = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":"))
    headers = {"ETag": tag, "Cache-Control": "public, max-age=3600", "Vary": "Accept-Language, Cookie"}
    return HttpResponse(body, content_type="application/geo+json", headers=headers)


def _stamp(at: Any, units: QuerySet[Unit]) -> str:
    """Changes with the pack and with an import of borders."""
    bounded = units.filter(boundary__isnull=False).count()
    return f"{http_date(at.timestamp()) if at else ''}-{bounded}"


def _drawn(feature: dict[str, Any], language: str) -> dict[str, Any]:
    """A feature of the pack's drawing with its name in the reader's language alone."""
    known = feature["properties"]
    name = (
        known.get(f"name_{language}")
        or known.get("name")
        or next((v for k, v in known.items() if k.startswith("name_")), "")
    )
    properties = {key: known[key] for key in ("kind", "width") if key in known}
    return {**feature, "properties": {**properties, **({"name": name} if name else {})}}


def _unit_features(unit: Unit, language: str) -> list[dict[str, Any]]:
    """The unit's border (if known) and its name at a point inside."""
    properties = {"kind": "unit", "code": unit.code, "name": unit.name(language)}
    point = {"type": "Point", "coordinates": [unit.lon, unit.lat]}
    features = [{"type": "Feature", "properties": {**properties, "kind": "unit-name"}, "geometry": point}]
    if unit.boundary:
        features.append({"type": "Feature", "properties": properties, "geometry": unit.boundary})
    return features


@require_safe
def robots(_request: HttpRequest) -> HttpResponse:
    lines = (
        "User-agent: *",
        "Disallow: /me",
        "Disallow: /desk",
        "Disallow: /login",
        "Disallow: /staff",
        "Disallow: /dev",
        "Disallow: /api",
        "",
    )
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def security(_request: HttpRequest) -> HttpResponse:
    """RFC 9116. Where no contact was given, the hotline is the one there is."""
    city = City()
    contact = str(
        city.pack.get("security_contact")
        or (f"tel:{city.hotline}" if city.hotline else settings.PUBLIC_URL + "/privacy")
    )
    expires = (clock.now() + timedelta(days=180)).strftime("%Y-%m-%dT00:00:00Z")
    lines = (
        f"Contact: {contact}",
        f"Expires: {expires}",
        f"Preferred-Languages: {', '.join(code for code, _name in settings.LANGUAGES)}",
        f"Canonical: {settings.PUBLIC_URL}/.well-known/security.txt",
        "",
    )
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
