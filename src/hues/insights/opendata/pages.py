"""/open: what the city publishes, for people; the files; the catalogue for machines."""

from collections.abc import Callable
from hashlib import sha256
from itertools import groupby
from typing import Any

import orjson
from django.conf import settings
from django.core.files import File
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hues.city.assets.layers import layers
from hues.insights.opendata import datasets, dcat, store
from hues.insights.opendata.datasets import MEDIA, DataSet
from hues.insights.opendata.store import OpenFile
from hues.kernel.http.ranges import ranged

KEPT = 3600  # seconds: files change once a night
_OPEN = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
_FORM_NAMES = {"csv": "CSV", "geojson": "GeoJSON", "parquet": "Parquet"}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    found = store.published()
    cards = [_card(one, found) for one in datasets.data_sets()]
    context = {
        "cards": cards,
        "publisher": datasets.publisher(),
        "built_at": found.built_at,
        "is_sample": datasets.samples(),
        "total": sum(file.bytes for file in found.files),
        "base": settings.PUBLIC_URL,
    }
    return _kept(render(request, "insights/open_home.html", context))


def _card(one: DataSet, found: store.Published) -> dict[str, Any]:
    files = found.of(one)
    return {
        "data_set": one,
        "rows": sum(file.rows for file in files if file.form == "csv"),
        "bytes": sum(file.bytes for file in files),
        "files": files,
        "formats": [_FORM_NAMES[form] for form in one.formats],
        "changed": max((file.changed for file in files), default=None),
    }


@require_safe
def data_set(request: HttpRequest, name: str) -> HttpResponse:
    one, found = datasets.data_set(name), store.published()
    card = _card(one, found)
    context = {
        **card,
        "parts": _parts(one, card["files"]),
        "names": [_FORM_NAMES[form] for form in one.formats],
        "publisher": datasets.publisher(),
        "is_sample": datasets.samples(),
        "ogc": {"reports": "reports", "units": "units", "assets": "assets"}.get(one.id, ""),
        "types": _type_names(),
    }
    return _kept(render(request, "insights/open_data_set.html", context))


def _type_names() -> dict[str, str]:
    return {
        "string": _("text"), "integer": _("whole number"), "number": _("number"), "boolean": _("true or false"), "date": _("date"),
        "datetime": _("time (UTC)"), "geometry": _("shape (WGS 84)"),
    }  # fmt: skip


def _parts(one: DataSet, files: list[OpenFile]) -> list[dict[str, Any]]:
    """The files by part, the latest year first."""
    language = get_language() or "vi"
    named = {layer.code: layer.name(language) for layer in layers()}
    parts = []
    for part, group in groupby(files, key=lambda file: file.partition):
        of_part = list(group)
        parts.append(
            {
                "name": named.get(part, part) if one.partition == "layer" else part or _("everything"),
                "rows": of_part[0].rows,
                "files": of_part,
            }
        )
    return parts[::-1] if one.partition == "year" else parts


@require_safe
def schema(request: HttpRequest, name: str) -> HttpResponse:
    """The columns as a Table Schema (Frictionless), with the data set's version."""
    one = datasets.data_set(name)
    kinds = {"geometry": "geojson"}
    fields = [
        {"name": column.name, "type": kinds.get(column.type, column.type), "description": column.meaning}
        for column in one.columns
    ]
    content = {"name": one.id, "version": one.version, "title": one.title, "description": one.text, "fields": fields}
    return _document(request, orjson.dumps(content, option=orjson.OPT_INDENT_2), "application/json")


@require_safe
def fetch(request: HttpRequest, name: str) -> HttpResponseBase:
    """A published file, or the range of it that was asked for; nothing is made here."""
    file, path = store.find(name)
    etag = f'"{file.sha256[:32]}"'
    if etag in _tags(request.headers.get("If-None-Match", "")):
        response: HttpResponseBase = HttpResponseNotModified()
    else:
        try:
            content = File(path.open("rb"))
        except OSError:  # a night's work has just taken it away
            return HttpResponse(status=404)
        whole = request.headers.get("If-Range", etag) != etag
        media = MEDIA[file.form]
        response = FileResponse(content, content_type=media) if whole else ranged(request, content, media)
    response["ETag"] = etag
    response["Last-Modified"] = file.changed.strftime("%a, %d %b %Y %H:%M:%S GMT")
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response["Cache-Control"] = f"public, max-age={KEPT}"
    for header, value in _OPEN.items():
        response[header] = value
    return response


@require_safe
def catalog_json_ld(request: HttpRequest) -> HttpResponse:
    return _document(request, dcat.as_json_ld(dcat.catalogue()), "application/ld+json")


@require_safe
def catalog_turtle(request: HttpRequest) -> HttpResponse:
    return _document(request, dcat.as_turtle(dcat.catalogue()), "text/turtle; charset=utf-8")


_CATALOGUES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "application/ld+json": catalog_json_ld, "application/json": catalog_json_ld, "text/turtle": catalog_turtle,
}  # fmt: skip


@require_safe
def catalog(request: HttpRequest) -> HttpResponse:
    """The catalogue's own address: in the form that is asked for, for browsers the page."""
    for media in request.headers.get("Accept", "").split(","):
        if found := _CATALOGUES.get(media.split(";")[0].strip()):
            return found(request)
    return home(request)


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}


def _document(request: HttpRequest, body: bytes, media_type: str) -> HttpResponse:
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    fresh = etag in _tags(request.headers.get("If-None-Match", ""))
    response = HttpResponse(b"" if fresh else body, content_type=media_type, status=304 if fresh else 200)
    response["ETag"] = etag
    response["Vary"] = "Accept, Accept-Language, Cookie"
    for header, value in _OPEN.items():
        response[header] = value
    return _kept(response)


def _kept(response: HttpResponse) -> HttpResponse:
    response.headers.setdefault("Cache-Control", "private, max-age=60")
    return response
