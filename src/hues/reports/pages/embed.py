"""The report button on other sites: a page that makes it, a badge, and a frame. None of them knows or tells who the reader is."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from hues.city import queries as city
from hues.kernel.http.policy import content_security_policy
from hues.reports import words

COLOURS = {  # ground and ink, each pair at least 7:1
    "purple": ("#5B2A86", "#FFFFFF"),
    "light": ("#F4EEFA", "#3C1B5A"),
    "dark": ("#1B1622", "#FFFFFF"),
    "white": ("#FFFFFF", "#3C1B5A"),
}
RIM = "#C9B8DE"  # around what is nearly as light as the page it stands on


def _chosen(request: HttpRequest) -> dict[str, Any]:
    """What the site's owner chose; anything odd is left out."""
    asked = request.GET
    kind = words.category_of(asked.get("category", ""))
    language = asked.get("language", "")
    place = " ".join(asked.get("place", "").split())[:200]
    return {
        "category": kind,
        "language": language if language in dict(settings.LANGUAGES) else get_language() or settings.LANGUAGE_CODE,
        "colour": asked.get("colour", "") if asked.get("colour", "") in COLOURS else "purple",
        "place": place if place.isprintable() else "",
    }


def _target(chosen: dict[str, Any]) -> str:
    parts = {"category": chosen["category"].code if chosen["category"] else "", "place": chosen["place"]}
    query = urlencode({name: value for name, value in parts.items() if value})
    return f"{settings.PUBLIC_URL}/report{'?' + query if query else ''}"


def _label(chosen: dict[str, Any]) -> str:
    with override(chosen["language"]):
        return _("Report a problem to the city")


@require_safe
def builder(request: HttpRequest) -> HttpResponse:
    """Choose, look, copy."""
    chosen = _chosen(request)
    colours = {"purple": _("Purple"), "light": _("Light"), "dark": _("Dark"), "white": _("White")}
    kinds = [
        {"value": one["code"], "label": one["name"]}
        for family in city.categories(words.language())
        for one in family["categories"]
    ]
    fields = [
        {
            "name": "category",
            "label": _("What the button is for"),
            "kind": "select",
            "options": [{"value": "", "label": _("Any kind: people choose")}, *kinds],
            "value": chosen["category"].code if chosen["category"] else "",
            "required": True,
        },
        {
            "name": "place",
            "label": _("Place to fill in"),
            "hint": _("An address inside the city, if the button is always about one place."),
            "value": chosen["place"],
            "maxlength": 200,
        },
        {
            "name": "language",
            "label": _("Language"),
            "kind": "radio",
            "options": [{"value": code, "label": name} for code, name in settings.LANGUAGES],
            "value": chosen["language"],
            "required": True,
        },
        {
            "name": "colour",
            "label": _("Colour"),
            "kind": "radio",
            "options": [{"value": code, "label": label} for code, label in colours.items()],
            "value": chosen["colour"],
            "required": True,
        },
    ]
    look = urlencode({"language": chosen["language"], "colour": chosen["colour"]})
    frame = f"/embed/report?{_frame_query(chosen)}"
    parts = {
        "target": _target(chosen),
        "label": _label(chosen),
        "badge": f"{settings.PUBLIC_URL}/embed/button.svg?{look}",
        "frame": settings.PUBLIC_URL + frame,
        **_colours(chosen),
    }
    titles = {"badge": _("A picture that links"), "link": _("A plain link, styled"), "frame": _("A frame")}
    context = {
        "fields": fields,
        "badge_url": f"/embed/button.svg?{look}",
        "frame_url": frame,
        "label": _label(chosen),
        "codes": [
            {"id": kind, "title": title, "text": render_to_string(f"reports/embed_{kind}_code.html", parts).strip()}
            for kind, title in titles.items()
        ],
    }
    return render(request, "reports/embed.html", context)


def _frame_query(chosen: dict[str, Any]) -> str:
    parts = {**chosen, "category": chosen["category"].code if chosen["category"] else ""}
    return urlencode({name: value for name, value in parts.items() if value})


def _colours(chosen: dict[str, Any]) -> dict[str, str]:
    ground, ink = COLOURS[chosen["colour"]]
    return {"ground": ground, "ink": ink, "rim": RIM if chosen["colour"] in ("white", "light") else ground}


@require_safe
def badge(request: HttpRequest) -> HttpResponse:
    """The button as a picture, for any site: no script, no cookie."""
    chosen = _chosen(request)
    svg = render_to_string("reports/embed_badge.svg", {"label": _label(chosen), **_colours(chosen)})
    response = HttpResponse(svg, content_type="image/svg+xml; charset=utf-8")
    response["Cache-Control"] = "public, max-age=86400"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return response


@require_safe
@xframe_options_exempt
def frame(request: HttpRequest) -> HttpResponse:
    """The one page that other sites may show in a frame: a button that opens the form in a tab of its own."""
    chosen = _chosen(request)
    with override(chosen["language"]):
        context = {
            "target": _target(chosen),
            "colour": chosen["colour"],
            "kind": chosen["category"],
            "place": chosen["place"],
        }
        response = render(request, "reports/embed_frame.html", context)
    policy = content_security_policy("", https=settings.HTTPS)
    response["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", "frame-ancestors *")
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Cache-Control"] = "public, max-age=3600"
    return response
