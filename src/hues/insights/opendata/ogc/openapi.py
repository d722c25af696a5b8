"""The description of /ogc as OpenAPI 3.0 (conformance class oas30), complete in itself."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from hues.insights.opendata.ogc.asking import MOST, USUAL
from hues.insights.opendata.ogc.collections import Collection, collections

_TYPES = {
    "string": {"type": "string"}, "integer": {"type": "integer"}, "number": {"type": "number"}, "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"}, "datetime": {"type": "string", "format": "date-time"},
}  # fmt: skip


def description() -> dict[str, Any]:
    paths: dict[str, Any] = {
        "/": _get("getLandingPage", _("What there is and where"), "application/json"),
        "/conformance": _get("getConformance", _("Which parts of the standard hold"), "application/json"),
        "/collections": _get("getCollections", _("The collections"), "application/json"),
    }
    schemas: dict[str, Any] = {}
    for one in collections():
        schemas[one.id] = _schema(one)
        paths[f"/collections/{one.id}"] = _get(f"describe.{one.id}", one.title, "application/json")
        paths[f"/collections/{one.id}/items"] = _items(one)
        paths[f"/collections/{one.id}/items/{{featureId}}"] = _item(one)
    return {
        "openapi": "3.0.3",
        "info": {"title": "OGC API Features", "version": "1.0.1", "description": _("Open data of the city, feature by feature.")},
        "servers": [{"url": f"{settings.PUBLIC_URL}/ogc"}],
        "paths": paths,
        "components": {"parameters": _parameters(), "schemas": schemas},
    }  # fmt: skip


def _get(name: str, text: str, media: str, **more: Any) -> dict[str, Any]:
    answer = {
        "description": text,
        "content": {media: {"schema": {"type": "object"}}, "text/html": {"schema": {"type": "string"}}},
    }
    return {"get": {"operationId": name, "summary": text, "responses": {"200": answer, **_problems()}, **more}}  # fmt: skip


def _problems() -> dict[str, Any]:
    return {code: {"description": text} for code, text in (("400", "Bad request"), ("404", "Not found"))}


def _items(one: Collection) -> dict[str, Any]:
    names = ("limit", "bbox", "datetime")
    common = [{"$ref": f"#/components/parameters/{name}"} for name in names]
    types = {column.name: _TYPES[column.type] for column in one.columns if column.type in _TYPES}
    own = [
        {"name": name, "in": "query", "required": False, "schema": types[name], "style": "form", "explode": False}
        for name in one.filters
    ]
    return _get(f"getFeatures.{one.id}", one.data_set.text, "application/geo+json", parameters=[*common, *own])


def _item(one: Collection) -> dict[str, Any]:
    ident = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
    return _get(f"getFeature.{one.id}", one.title, "application/geo+json", parameters=[ident])


def _schema(one: Collection) -> dict[str, Any]:
    properties = {
        column.name: {**_TYPES[column.type], "description": column.meaning, "nullable": True}
        for column in one.columns
        if column.type in _TYPES
    }
    return {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string"},
            "geometry": {"type": "object", "nullable": True},
            "properties": {"type": "object", "properties": properties},
        },
    }


def _parameters() -> dict[str, Any]:
    form = {"in": "query", "required": False, "style": "form", "explode": False}
    numbers = {
        "type": "array",
        "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
        "items": {"type": "number"},
    }
    return {
        "limit": {"name": "limit", **form, "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}},
        "bbox": {"name": "bbox", **form, "schema": numbers},
        "datetime": {"name": "datetime", **form, "schema": {"type": "string"}},
    }  # fmt: skip
