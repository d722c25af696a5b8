"""JSON doors to the city: what can be reported, the units, places that fit what is typed, the unit of a point. Assembled by config/api.py."""

import math
from dataclasses import asdict
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema

from hues.city import queries
from hues.city.assets import geojson
from hues.kernel import limits
from hues.kernel.errors import Invalid, NotFound
from hues.kernel.geo import parse_box, parse_point
from hues.kernel.http import client_address
from hues.kernel.pages import seal, unseal

router = Router(tags=["city"])

MAX_AGE = 300  # seconds that a client may show what it has without asking


class Category(Schema):
    code: str
    name: str
    group: str
    priority: int
    icon: str
    target: dict[str, float]
    visibility: str
    emergency_numbers: list[str]
    photos_required: bool
    keywords: list[str]
    questions: list[dict[str, Any]]


class CategoryGroup(Schema):
    code: str
    name: str
    categories: list[Category]


class Categories(Schema):
    groups: list[CategoryGroup]


class CityUnit(Schema):
    code: str
    name: str
    kind: str
    lat: float
    lon: float
    area_km2: float | None = None


class Units(Schema):
    units: list[CityUnit]


class FoundPlace(Schema):
    label: str
    kind: str
    lat: float
    lon: float
    unit: str
    unit_name: str
    note: str


class Places(Schema):
    places: list[FoundPlace]


class UnitOfPoint(Schema):
    code: str
    name: str
    approximate: bool


def _language(asked: str) -> str:
    return asked[:2].lower() or (get_language() or "vi")[:2]


def _send(request: HttpRequest, document: queries.Document, media_type: str = "application/json") -> HttpResponse:
    """The document, or 304 if the client has it (RFC 9110 §13.1.2)."""
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")}
    fresh = document.etag in known
    response = HttpResponse(b"" if fresh else document.body, content_type=media_type, status=304 if fresh else 200)
    response["ETag"] = document.etag
    response["Cache-Control"] = f"public, max-age={MAX_AGE}"
    response["Vary"] = "Accept-Language, Cookie"
    return response


@router.get("/categories", response=Categories, summary="What can be reported, by family, with its extra questions")
def categories(request: HttpRequest, lang: str = Query("", max_length=8)) -> HttpResponse:
    return _send(request, queries.categories_json(_language(lang)))


@router.get("/units", response=Units, summary="The city's administrative units of today")
def units(request: HttpRequest, lang: str = Query("", max_length=8)) -> HttpResponse:
    return _send(request, queries.units_json(_language(lang)))


@router.get("/places", response=Places, summary="Streets, landmarks and units that fit what was typed, old names too")
def places(
    request: HttpRequest,
    q: str = Query("", max_length=200),
    limit: int = Query(8, ge=1, le=20),
    lang: str = Query("", max_length=8),
) -> HttpResponse:
    found = []
    for hit in queries.find_places(q, _language(lang), limit):
        row = asdict(hit)
        row["unit"] = row.pop("unit_code")
        del row["unit_id"]
        found.append(row)
    response = HttpResponse(orjson.dumps({"places": found}), content_type="application/json")
    response["Cache-Control"] = f"public, max-age={MAX_AGE}"
    response["Vary"] = "Accept-Language, Cookie"
    return response


@router.get("/unit-at", response=UnitOfPoint, summary="The unit of a point, and whether that is approximate")
def unit_at(request: HttpRequest, lat: float, lon: float, lang: str = Query("", max_length=8)) -> HttpResponse:
    if not (math.isfinite(lat) and math.isfinite(lon)):
        raise Invalid(_("The coordinates are not numbers."), fields={"lat": _("Expected a number.")})
    hit = queries.unit_at(lat, lon)
    if hit is None:
        raise NotFound(_("This point lies outside the city."))
    name = queries.unit_by_id(hit.unit_id).name(_language(lang))
    body = orjson.dumps({"code": hit.code, "name": name, "approximate": hit.approximate})
    return HttpResponse(body, content_type="application/json")


@router.get("/city", summary="Names, bounds, hours and emergency numbers of the city")
def city(request: HttpRequest, lang: str = Query("", max_length=8)) -> HttpResponse:
    return _send(request, queries.city_json(_language(lang)))


@router.get("/city/map", summary="A schematic drawing of the city (GeoJSON)")
def city_map(request: HttpRequest) -> HttpResponse:
    return _send(request, queries.map_json(), "application/geo+json")


ASKING = (1200, 600)  # questions about assets in ten minutes of one address


@router.get("/assets", summary="Public assets of the city (GeoJSON): lamps, drains, trees, roads, zones", auth=None)
def assets(
    request: HttpRequest,
    bbox: str = Query("", max_length=120, description="west,south,east,north in degrees"),
    near: str = Query("", max_length=60, description="lat,lon: the nearest first, each with its distance"),
    radius: float = Query(100, ge=1, le=1000, description="metres around `near`"),
    layer: str = Query("", max_length=200, description="codes of layers, with commas; all public ones without it"),
    after: str = Query("", max_length=200, description="cursor of the next page, from `next`"),
    limit: int = Query(100, ge=1, le=geojson.MOST),
) -> HttpResponse:
    """Of layers that the city publishes, with the attributes that it publishes; the whole layer is a data set at /open."""
    limits.spend(f"assets:{client_address(request)}", limit=ASKING[0], window=ASKING[1])
    layers = geojson.public_layers(layer.split(","))
    scope = f"assets {bbox} {layer}"
    if near:
        lat, _comma, lon = near.partition(",")
        found, cursor = geojson.near_features(layers, *parse_point(lat, lon), radius, limit), None
    else:
        start = unseal(after, scope, 1)[0] if after else 0
        found = geojson.features(layers, box=parse_box(bbox) if bbox else None, after=start, limit=limit + 1)
        cursor = seal([found[limit - 1]["id"]], scope) if len(found) > limit else None
    content = queries.document({"type": "FeatureCollection", "features": found[:limit], "next": cursor})
    return _send(request, content, "application/geo+json")
