"""Writing the city: the boundaries that an operator brings. The pack itself is loaded by hues.city.pack."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import shapely
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from hues.city import pack
from hues.city.geography import is_current
from hues.city.memory import changed
from hues.city.models import Unit
from hues.kernel import journal
from hues.kernel.actors import ADMINISTRATOR, Actor
from hues.kernel.errors import Forbidden, Invalid

_MOST_POINTS = (
    60_000  # of all units together; more is simplified as one coverage, so that neighbours keep their common border
)
_TOLERANCE = 0.0003  # degrees, about 30 m
_POINT_SLACK = 0.02  # degrees: how far a unit's own point may lie outside the boundary that claims to be its


@dataclass
class BoundaryImport:
    """What became of a file of boundaries."""

    imported: list[str] = field(default_factory=list)  # codes of units
    unchanged: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)  # features that could not be used, and why
    simplified: bool = False


def import_boundaries(*, actor: Actor, collection: Any, source: str = "") -> BoundaryImport:
    """Give units the boundaries of a GeoJSON FeatureCollection (WGS 84), matched by the property or id `code`.

    Importing the same again changes nothing. Features that fit no unit or are no polygon are named and left out. Raises Invalid if the whole is not a
    FeatureCollection or nothing in it can be used, Forbidden for whoever is not an administrator.
    """
    if actor.kind != "system" and not actor.has(ADMINISTRATOR):
        raise Forbidden(_("Only an administrator may change the city's boundaries."))
    if not isinstance(collection, Mapping) or collection.get("type") != "FeatureCollection":
        raise Invalid(_("This is not a GeoJSON FeatureCollection."))
    outcome = BoundaryImport()
    with transaction.atomic():
        units = {unit.code: unit for unit in Unit.objects.select_for_update().order_by("id") if is_current(unit)}
        shapes = _usable(collection.get("features") or [], units, outcome.problems)
        if not shapes:
            raise Invalid(_("No feature of the file fits a unit of the city."))
        shapes, outcome.simplified = _simplified(shapes)
        given = []
        for code, shape in sorted(shapes.items()):
            geometry = orjson.loads(shapely.to_geojson(shape))
            if units[code].boundary == geometry:
                outcome.unchanged.append(code)
                continue
            units[code].boundary = geometry
            given.append(units[code])
            outcome.imported.append(code)
        if given:
            Unit.objects.bulk_update(given, ["boundary"])
            changed()
            journal.record(
                actor=actor,
                action="city.boundaries_imported",
                subject_kind="city",
                subject_id=pack.city_id(settings.CITY),
                topics=["centre"],
                staff={"source": source, "units": outcome.imported, "problems": outcome.problems},
            )
    return outcome


def _usable(features: Any, units: Mapping[str, Unit], problems: list[str]) -> dict[str, BaseGeometry]:
    shapes: dict[str, BaseGeometry] = {}
    for number, feature in enumerate(features if isinstance(features, list) else [], 1):
        code = _code(feature)
        name = _("feature %(number)s (%(code)s)") % {"number": number, "code": code or "?"}
        if code not in units:
            problems.append(f"{name}: " + _("no unit of the city has this code"))
        elif code in shapes:
            problems.append(f"{name}: " + _("the unit is in the file twice"))
        elif (shape := _polygon(feature)) is None:
            problems.append(f"{name}: " + _("this is not a polygon with valid coordinates"))
        elif shape.distance(shapely.Point(units[code].lon, units[code].lat)) > _POINT_SLACK:
            problems.append(f"{name}: " + _("the boundary lies elsewhere than the unit"))
        else:
            shapes[code] = shape
    return shapes


def _code(feature: Any) -> str:
    if not isinstance(feature, Mapping):
        return ""
    properties = feature.get("properties")
    given = properties.get("code") if isinstance(properties, Mapping) else None
    return str(given if given is not None else feature.get("id", ""))


def _polygon(feature: Mapping[str, Any]) -> BaseGeometry | None:
    """The feature's geometry, mended if it crosses itself; None if it is no area on Earth."""
    try:
        shape = shapely.from_geojson(orjson.dumps(feature.get("geometry")).decode())
    except (shapely.errors.GEOSException, orjson.JSONEncodeError, TypeError):
        return None
    if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
        return None
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return None
    if not shape.is_valid:
        parts = [
            part
            for part in shapely.get_parts(shapely.make_valid(shape))
            if part.geom_type in ("Polygon", "MultiPolygon")
        ]
        shape = shapely.union_all(parts) if parts else None
    return shape if shape is not None and shape.area > 0 else None


def _simplified(shapes: dict[str, BaseGeometry]) -> tuple[dict[str, BaseGeometry], bool]:
    if sum(shapely.get_num_coordinates(shape) for shape in shapes.values()) <= _MOST_POINTS:
        return shapes, False
    simpler = shapely.coverage_simplify(list(shapes.values()), _TOLERANCE)
    return dict(zip(shapes, simpler, strict=True)), True
