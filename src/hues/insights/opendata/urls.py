"""Doors of open data, mounted by the room."""

from django.urls import URLPattern, URLResolver, path

from hues.insights.opendata import pages
from hues.insights.opendata.ogc import pages as ogc

urlpatterns: list[URLPattern | URLResolver] = [
    path("open", pages.home, name="open-data"),
    path("open/catalog", pages.catalog),
    path("open/catalog.jsonld", pages.catalog_json_ld),
    path("open/catalog.ttl", pages.catalog_turtle),
    path("open/files/<str:name>", pages.fetch),
    path("open/<slug:name>", pages.data_set, name="open-data-set"),
    path("open/<slug:name>/schema.json", pages.schema),
    path("ogc", ogc.landing),
    path("ogc/", ogc.landing),
    path("ogc/api", ogc.api),
    path("ogc/conformance", ogc.conformance),
    path("ogc/collections", ogc.collections),
    path("ogc/collections/<str:collection>", ogc.collection),
    path("ogc/collections/<str:collection>/items", ogc.items),
    path("ogc/collections/<str:collection>/items/<str:feature>", ogc.item),
]
