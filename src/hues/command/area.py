"""Where an incident is: whole units, a circle, a polygon. None of them means the whole city."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from shapely.geometry import Point, Polygon

from hues.cases import reference
from hues.city.models import Unit
from hues.city.pack import settings as pack_settings
from hues.command.models import Incident
from hues.kernel import geo
from hues.kernel.errors import Invalid

RADIUS_LEAST, RADIUS_MOST = 50, 50_000  # metres
POINTS_MOST = 200
_ROUND = 48  # corners of a drawn circle

Ring = list[list[float]]


@dataclass(frozen=True)
class Area:
    unit_ids: tuple[int, ...] = ()
    lat: float | None = None
    lon: float | None = None
    radius_m: int | None = None
    polygon: Ring | None = None


def read(
    unit_codes: Iterable[str] = (),
    lat: object = None,
    lon: object = None,
    radius_m: object = None,
    polygon: object = None,
) -> Area:
    """What somebody chose or drew. Raises Invalid with the fields to mend."""
    wrong: dict[str, str] = {}
    units = reference.units_by_code()
    chosen = [units.get(code) for code in dict.fromkeys(unit_codes)]
    if any(unit is None or unit.valid_to is not None for unit in chosen):
        wrong["units"] = _("Please choose from the list.")
    circle: tuple[float | None, float | None, int | None] = (None, None, None)
    if any(value not in (None, "") for value in (lat, lon, radius_m)):
        circle = _circle(lat, lon, radius_m, wrong)
    ring = _ring(polygon, wrong) if polygon else None
    if wrong:
        raise Invalid(_("The area is not right yet."), fields=wrong)
    return Area(tuple(unit.pk for unit in chosen if unit), *circle, ring)


def _circle(lat: object, lon: object, radius_m: object, wrong: dict[str, str]) -> tuple[float, float, int]:
    try:
        point = geo.parse_point(lat, lon)
    except Invalid as problem:
        wrong["lat"] = problem.detail
        return 0.0, 0.0, 0
    if not _inside(point.lat, point.lon):
        wrong["lat"] = _("This place is outside the city.")
    metres = geo._number(radius_m)
    if metres is None or not RADIUS_LEAST <= metres <= RADIUS_MOST:
        wrong["radius_m"] = _("Between {least} and {most} metres.").format(least=RADIUS_LEAST, most=RADIUS_MOST)
        metres = 0
    return point.lat, point.lon, round(metres)


def _ring(polygon: object, wrong: dict[str, str]) -> Ring | None:
    """A closed ring of [lon, lat] that does not cross itself."""
    try:
        points = [[round(float(lon), 6), round(float(lat), 6)] for lon, lat in polygon]  # type: ignore[attr-defined]
        good = all(math.isfinite(n) for point in points for n in point) and all(
            _inside(lat, lon) for lon, lat in points
        )
    except (TypeError, ValueError):
        points, good = [], False
    if points and points[0] != points[-1]:
        points.append(points[0])
    shape = Polygon(points) if good and 4 <= len(points) <= POINTS_MOST + 1 else None
    if shape is None or not shape.is_valid or not shape.area:
        wrong["polygon"] = _("The drawn area needs at least three corners, inside the city, and must not cross itself.")
        return None
    return points


def _inside(lat: float, lon: float) -> bool:
    bounds = pack_settings()["bounds"]
    return bool(bounds["west"] <= lon <= bounds["east"] and bounds["south"] <= lat <= bounds["north"])


def boundless(area: Area | Incident) -> bool:
    return not area.unit_ids and area.lat is None and not area.polygon


def near(area: Area | Incident) -> Q:
    """Cases that may lie in the area: by unit, or in the box around what was drawn. `holds` looks exactly."""
    if boundless(area):
        return Q()
    found = Q(unit_id__in=list(area.unit_ids)) if area.unit_ids else Q(pk__in=())
    if area.lat is not None and area.lon is not None and area.radius_m:
        found |= _in_box(geo.box_around(area.lat, area.lon, area.radius_m))
    if area.polygon:
        west, south, east, north = Polygon(area.polygon).bounds
        found |= _in_box(geo.Box(west, south, east, north))
    return found


def _in_box(box: geo.Box) -> Q:
    return Q(lat__gte=box.south, lat__lte=box.north, lon__gte=box.west, lon__lte=box.east)


def holds(area: Area | Incident, lat: float | None, lon: float | None, unit_id: int | None) -> bool:
    """Whether a point lies in the area. Without a point its unit decides."""
    if boundless(area) or (unit_id is not None and unit_id in area.unit_ids):
        return True
    if lat is None or lon is None:
        return False
    drawn = area.lat is not None and area.lon is not None and area.radius_m is not None
    if drawn and geo.distance_m(area.lat, area.lon, lat, lon) <= area.radius_m:  # type: ignore[arg-type,operator]
        return True
    return bool(area.polygon and Polygon(area.polygon).covers(Point(lon, lat)))


def units(area: Area | Incident) -> list[Unit]:
    """The units of the area: those that were chosen, else those whose middle lies in it; the whole city's for no area."""
    known = reference.units()
    if area.unit_ids:
        return [known[unit_id] for unit_id in area.unit_ids if unit_id in known]
    return [unit for unit in known.values() if unit.valid_to is None and holds(area, unit.lat, unit.lon, None)]


def named(area: Area | Incident, language: str) -> str:
    """The area in a few words."""
    names = [reference.units()[unit_id].name(language) for unit_id in area.unit_ids if unit_id in reference.units()]
    if area.radius_m:
        names.append(_("{distance} around a point").format(distance=_metres(area.radius_m)))
    if area.polygon:
        names.append(_("a drawn area"))
    if not names:
        return str(pack_settings()["names"].get(language) or next(iter(pack_settings()["names"].values())))
    shown = ", ".join(names[:4])
    return _("{units} and {n} more").format(units=shown, n=len(names) - 4) if len(names) > 4 else shown


def _metres(metres: int) -> str:
    return f"{metres} m" if metres < 1000 else f"{metres / 1000:.1f} km".replace(".0 ", " ")


def shapes(area: Any) -> list[dict[str, Any]]:
    """GeoJSON geometries to draw. A unit whose boundary nobody imported is a ring around its middle."""
    found: list[dict[str, Any]] = []
    for unit in Unit.objects.filter(pk__in=area.unit_ids) if area.unit_ids else ():
        if unit.boundary:
            found.append(unit.boundary)
        else:
            found.append(_polygon(circle(unit.lat, unit.lon, 1000 * math.sqrt((unit.area_km2 or 3.0) / math.pi))))
    if getattr(area, "radius_m", None):
        found.append(_polygon(circle(area.lat, area.lon, area.radius_m)))
    if area.polygon:
        found.append(_polygon(area.polygon))
    return found


def _polygon(ring: Sequence[Sequence[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(point) for point in ring]]}


def circle(lat: float, lon: float, metres: float) -> Ring:
    """A ring of [lon, lat] around a point."""
    up = math.degrees(metres / geo.EARTH_RADIUS_M)
    across = up / max(0.01, math.cos(math.radians(lat)))
    turns = [2 * math.pi * n / _ROUND for n in range(_ROUND)]
    ring = [[round(lon + across * math.cos(t), 6), round(lat + up * math.sin(t), 6)] for t in turns]
    return [*ring, ring[0]]
