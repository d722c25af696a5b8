"""Which unit a point belongs to: exactly where boundaries were imported, otherwise by the nearest known point, and then labelled approximate."""

import math
from dataclasses import dataclass, field
from datetime import date

import orjson
from shapely import STRtree, from_geojson, prepare
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from hues.city import pack
from hues.city.memory import remembered
from hues.city.models import Place, Unit
from hues.kernel import clock

# Beyond the box of the place it stands for, an anchor speaks with half the voice (measured: see README).
_OUTSIDE_BOX = 2.0
_NEAR_BOX = 0.01  # degrees, about 1 km: how far outside every box a point may still be called the city's
_NEAR_BOUNDARY = 0.003  # degrees, about 300 m: bridges, piers and simplified coasts

Box = tuple[float, float, float, float]  # west, south, east, north


@dataclass(frozen=True)
class UnitHit:
    unit_id: int
    code: str
    approximate: bool


@dataclass(frozen=True)
class _Anchor:
    """A point that is known to lie in a unit, with the box of the former unit it stands for."""

    lat: float
    lon: float
    hit: UnitHit
    unit_box: Box | None
    box: Box | None = None


@dataclass
class _Geography:
    bounds: Box
    shrink: float  # a degree of longitude in degrees of latitude
    anchors: list[_Anchor] = field(default_factory=list)
    hits: list[UnitHit] = field(default_factory=list)
    tree: STRtree | None = None
    complete: bool = False  # every unit has its boundary

    def exactly(self, lat: float, lon: float) -> UnitHit | None:
        if self.tree is None:
            return None
        point = Point(lon, lat)
        found = self.tree.query(point, predicate="intersects")
        if len(found):
            return self.hits[int(found.min())]
        if self.complete:
            near = self.tree.query_nearest(point, max_distance=_NEAR_BOUNDARY)
            if len(near):
                hit = self.hits[int(near[0])]
                return UnitHit(hit.unit_id, hit.code, approximate=True)
        return None

    def nearly(self, lat: float, lon: float) -> UnitHit | None:
        """The unit of the nearest anchor, among the units whose box holds the point; at the city's edge also a little outside every box."""
        return self._nearest(lat, lon, 0.0) or self._nearest(lat, lon, _NEAR_BOX)

    def _nearest(self, lat: float, lon: float, margin: float) -> UnitHit | None:
        best, least = None, math.inf
        for anchor in self.anchors:
            if anchor.unit_box and not _inside(anchor.unit_box, lat, lon, margin):
                continue
            distance = math.hypot(lat - anchor.lat, (lon - anchor.lon) * self.shrink)
            if anchor.box and not _inside(anchor.box, lat, lon):
                distance *= _OUTSIDE_BOX
            if distance < least:
                best, least = anchor.hit, distance
        return best


def unit_at(lat: float, lon: float) -> UnitHit | None:
    """The unit of a point (WGS 84 degrees), or None outside the city. In memory, no statement."""
    geography = _geography()
    if not _inside(geography.bounds, lat, lon):  # also for NaN
        return None
    hit = geography.exactly(lat, lon)
    if hit or geography.complete:
        return hit
    return geography.nearly(lat, lon)


def _inside(box: Box, lat: float, lon: float, margin: float = 0.0) -> bool:
    west, south, east, north = box
    return south - margin <= lat <= north + margin and west - margin <= lon <= east + margin


@remembered
def current_units() -> dict[int, Unit]:
    """The units of today by id, without their boundaries."""
    return {unit.id: unit for unit in Unit.objects.defer("boundary") if is_current(unit)}


def is_current(unit: Unit, day: date | None = None) -> bool:
    day = day or clock.now().date()
    return (unit.valid_from is None or unit.valid_from <= day) and (unit.valid_to is None or unit.valid_to > day)


@remembered
def successors() -> dict[int, list[int]]:
    """Former unit → the units of today that it became part of, by id."""
    found: dict[int, list[int]] = {}
    for former, heir in Unit.successors.through.objects.order_by("id").values_list("from_unit_id", "to_unit_id"):
        found.setdefault(former, []).append(heir)
    return found


@remembered
def _geography() -> _Geography:
    bounds = pack.settings()["bounds"]
    box: Box = (bounds["west"], bounds["south"], bounds["east"], bounds["north"])
    geography = _Geography(box, math.cos(math.radians((box[1] + box[3]) / 2)))
    units = current_units()
    _lay_anchors(geography, units)
    _lay_boundaries(geography, units)
    return geography


def _lay_anchors(geography: _Geography, units: dict[int, Unit]) -> None:
    for unit in units.values():
        hit, box = UnitHit(unit.id, unit.code, approximate=True), _box(unit)
        for lat, lon in [(unit.lat, unit.lon), *unit.anchors]:
            geography.anchors.append(_Anchor(lat, lon, hit, box))
    for place in Place.objects.filter(unit_id__in=units).only("lat", "lon", "unit_id"):
        unit = units[place.unit_id or 0]
        geography.anchors.append(_Anchor(place.lat, place.lon, UnitHit(unit.id, unit.code, True), _box(unit)))
    heirs = successors()
    for former in Unit.objects.filter(id__in=heirs).only("lat", "lon", "box"):
        if len(heirs[former.id]) == 1 and heirs[former.id][0] in units:
            heir = units[heirs[former.id][0]]
            hit = UnitHit(heir.id, heir.code, approximate=True)
            geography.anchors.append(_Anchor(former.lat, former.lon, hit, _box(heir), _box(former)))


def _lay_boundaries(geography: _Geography, units: dict[int, Unit]) -> None:
    rows = (
        Unit.objects.filter(id__in=units, boundary__isnull=False).order_by("code").values_list("id", "code", "boundary")
    )
    shapes: list[BaseGeometry] = []
    for unit_id, code, boundary in rows:
        shape = from_geojson(orjson.dumps(boundary).decode())
        prepare(shape)
        shapes.append(shape)
        geography.hits.append(UnitHit(unit_id, code, approximate=False))
    if shapes:
        geography.tree = STRtree(shapes)
        geography.complete = len(shapes) == len(units)


def _box(unit: Unit) -> Box | None:
    return tuple(unit.box) if unit.box else None
