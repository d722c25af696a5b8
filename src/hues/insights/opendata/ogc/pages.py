"""The doors of /ogc: each in JSON and as a page for people, by `f` or by the Accept header (§7.2)."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hues.insights.opendata import datasets
from hues.insights.opendata.ogc import asking, openapi
from hues.insights.opendata.ogc.asking import Refused
from hues.insights.opendata.ogc.collections import Collection
from hues.insights.opendata.ogc.collections import collection as collection_of
from hues.insights.opendata.ogc.collections import collections as all_collections
from hues.insights.opendata.rows import as_utc
from hues.kernel import clock, limits
from hues.kernel.errors import NotFound
from hues.kernel.http import client_address

CONFORMS = [
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}" for name in ("core", "oas30", "html", "geojson")
]
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
OPENAPI, GEOJSON, JSON, HTML = (
    "application/vnd.oai.openapi+json;version=3.0",
    "application/geo+json",
    "application/json",
    "text/html",
)
A_GUEST = (3000, 600)  # requests in ten minutes of one address: a program reads all pages of a collection
_OPEN = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}

View = Callable[..., HttpResponse]


def door(view: View) -> View:
    """Open to every origin; refusals in the words of the standard: 400 and 404 with `code` and `description`."""

    @wraps(view)
    @require_safe
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        limits.spend(f"ogc:{client_address(request)}", limit=A_GUEST[0], window=A_GUEST[1])
        try:
            response = view(request, *args, **kwargs)
        except Refused as problem:
            response = _refusal(problem.code, problem.detail, 400)
        except NotFound as problem:
            response = _refusal("NotFound", problem.detail, 404)
        for name, value in _OPEN.items():
            response[name] = value
        patch_vary_headers(response, ["Accept", "Accept-Language"])
        return response

    return guarded


def _refusal(code: str, text: str, status: int) -> HttpResponse:
    body = orjson.dumps({"type": "about:blank", "title": text, "code": code, "description": text, "status": status})
    return HttpResponse(body, content_type="application/problem+json", status=status)


def _wants_html(request: HttpRequest) -> bool:
    given = request.GET.get("f")
    if given is not None:
        if given not in ("json", "html"):
            raise Refused(_("f must be json or html."))
        return given == "html"
    for part in request.headers.get("Accept", "").split(","):
        media = part.split(";")[0].strip()
        if media in (HTML, "application/xhtml+xml"):
            return True
        if media in (JSON, GEOJSON, "application/*", "*/*"):
            return False
    return False


def _at(path: str, **query: Any) -> str:
    return f"{settings.PUBLIC_URL}/ogc{path}" + (f"?{urlencode(query)}" if query else "")


def _link(rel: str, href: str, media: str, title: str = "") -> dict[str, str]:
    return {"rel": rel, "href": href, "type": media, **({"title": title} if title else {})}


def _both(path: str, html: bool, media: str = JSON) -> list[dict[str, str]]:
    """This document, and itself in the other form."""
    forms = [_link("self", _at(path, f="json"), media, "JSON"), _link("alternate", _at(path, f="html"), HTML, "HTML")]
    if html:
        forms = [{**forms[1], "rel": "self"}, {**forms[0], "rel": "alternate"}]
    return forms


def _answer(
    request: HttpRequest, html: bool, template: str, content: dict[str, Any], media: str = JSON
) -> HttpResponse:
    if html:
        page = {"content": content, "publisher": datasets.publisher(), "is_sample": datasets.samples()}
        return render(request, f"insights/{template}.html", page)
    return HttpResponse(orjson.dumps(content), content_type=media)


@door
def landing(request: HttpRequest) -> HttpResponse:
    asking.known_only(request.GET)
    html = _wants_html(request)
    content = {
        "title": _("Open data of the city, feature by feature"),
        "description": _("Reports, wards and assets as OGC API Features, for QGIS, GDAL and programs of every kind."),
        "links": [
            *_both("", html),
            _link("service-desc", _at("/api"), OPENAPI, "OpenAPI 3.0"),
            _link("service-doc", _at("/api", f="html"), HTML, _("Description")),
            _link("conformance", _at("/conformance"), JSON, _("Conformance")),
            _link("data", _at("/collections"), JSON, _("Collections")),
            _link("license", datasets.publisher().licence_url, HTML, datasets.publisher().licence),
        ],
    }
    return _answer(request, html, "ogc_landing", content)


@door
def conformance(request: HttpRequest) -> HttpResponse:
    asking.known_only(request.GET)
    html = _wants_html(request)
    content = {"conformsTo": CONFORMS, "links": _both("/conformance", html)}
    return _answer(request, html, "ogc_conformance", content)


@door
def api(request: HttpRequest) -> HttpResponse:
    asking.known_only(request.GET)
    return _answer(request, _wants_html(request), "ogc_api", openapi.description(), OPENAPI)


@door
def collections(request: HttpRequest) -> HttpResponse:
    asking.known_only(request.GET)
    html = _wants_html(request)
    content = {
        "links": _both("/collections", html),
        "collections": [_described(one, html) for one in all_collections()],
    }
    return _answer(request, html, "ogc_collections", content)


@door
def collection(request: HttpRequest, collection: str) -> HttpResponse:
    asking.known_only(request.GET)
    html = _wants_html(request)
    one = collection_of(collection)
    return _answer(request, html, "ogc_collection", _described(one, html) | (_columns(one) if html else {}))


def _columns(one: Collection) -> dict[str, Any]:
    return {"columns": [column for column in one.columns if column.type != "geometry"], "filters": one.filters}


def _described(one: Collection, html: bool) -> dict[str, Any]:
    who = datasets.publisher()
    path = f"/collections/{one.id}"
    return {
        "id": one.id,
        "title": one.title,
        "description": one.data_set.text,
        "itemType": "feature",
        "extent": one.extent(),
        "crs": [CRS84],
        "links": [
            *_both(path, html),
            _link("items", _at(f"{path}/items", f="json"), GEOJSON, one.title),
            _link("items", _at(f"{path}/items", f="html"), HTML, one.title),
            _link("license", who.licence_url, HTML, who.licence),
            _link("describedby", f"{settings.PUBLIC_URL}/open/{one.data_set.id}/schema.json", JSON, _("Columns")),
            _link("enclosure", f"{settings.PUBLIC_URL}/open/{one.data_set.id}", HTML, _("Whole files")),
        ],
    }


@door
def items(request: HttpRequest, collection: str) -> HttpResponse:
    html = _wants_html(request)
    one = collection_of(collection)
    asked = asking.read(request.GET, one.filters)
    found = one.items(asked)
    path = f"/collections/{one.id}/items"
    given = {name: value for name, value in request.GET.items() if name not in ("f", "after")}
    forms = [
        _link("self", _at(path, **given, **_after(asked.after), f="json"), GEOJSON),
        _link("alternate", _at(path, **given, **_after(asked.after), f="html"), HTML),
    ]
    if html:
        forms = [{**forms[1], "rel": "self"}, {**forms[0], "rel": "alternate"}]
    following = [
        _link("next", _at(path, **given, after=found.next, f="html" if html else "json"), HTML if html else GEOJSON)
    ]
    content = {
        "type": "FeatureCollection",
        "timeStamp": as_utc(clock.now()),
        "numberReturned": len(found.features),
        "features": found.features,
        "links": [*forms, *(following if found.next else []), _link("collection", _at(f"/collections/{one.id}"), JSON, one.title)],
    }  # fmt: skip
    if html:
        content |= {"title": one.title, "id": one.id, "next": following[0]["href"] if found.next else ""}
        content |= {"rows": [_line(feature) for feature in found.features], **_columns(one)}
    return _answer(request, html, "ogc_items", content, GEOJSON)


def _after(cursor: str) -> dict[str, str]:
    return {"after": cursor} if cursor else {}


def _line(feature: dict[str, Any]) -> dict[str, Any]:
    """What a page shows of a feature: what it is, and the first facts that are there."""
    facts = [
        value for name, value in feature["properties"].items() if value not in (None, "", False) and name != "code"
    ]
    return {"id": feature["id"], "code": feature["properties"].get("code") or feature["id"], "facts": facts[:5]}


@door
def item(request: HttpRequest, collection: str, feature: str) -> HttpResponse:
    asking.known_only(request.GET)
    html = _wants_html(request)
    one = collection_of(collection)
    found = one.item(feature)
    path = f"/collections/{one.id}"
    links = [*_both(f"{path}/items/{feature}", html, GEOJSON), _link("collection", _at(path), JSON, one.title)]
    content = {**found, "links": links}
    if html:
        names = {column.name: column.meaning for column in one.columns}
        facts = [(name, names[name], value) for name, value in found["properties"].items() if value not in (None, "")]
        content |= {"title": one.title, "collection": one.id, "facts": facts}
        content["case"] = found["id"] if one.id == "reports" else ""
    return _answer(request, html, "ogc_item", content, GEOJSON)
