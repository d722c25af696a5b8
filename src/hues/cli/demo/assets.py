"""Sample layers of assets along the sample city's streets: lamps, drains, manholes, trees, bins, and whose the ground is. Invented, labelled so.

Streets and lanes are those of the sample (real names, invented courses, `places.Ward`), zones lie around real landmarks of the pack. Deterministic:
loading again changes nothing. `small`: some hundred things in the middle of the city; `hue`: about 60,000 everywhere.
"""

import json
import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from hues.city.assets.actions import import_assets
from hues.city.models import Place
from hues.cli.demo.places import Geography, Street, Ward
from hues.cli.demo.texts import read_texts
from hues.kernel.actors import SYSTEM

_METRE = 1 / 111_195  # degrees of latitude
_SPECIES = ["Phượng vĩ", "Bằng lăng", "Long não", "Muối", "Xà cừ", "Ngô đồng", "Điệp vàng", "Sưa"]
_SMALL = ("19789", "19753", "19777", "19815")  # the wards of the middle
_CITY_ROADS = 6  # streets of a ward that the city keeps; the others are the ward's
# Layer: its code on signs, metres between two in `hue`, metres from the middle of the road.
_THINGS = {
    "lamp": ("CS", 30, 5.0),
    "tree": ("CX", 24, 6.5),
    "drain": ("TN", 40, 4.0),
    "manhole": ("HG", 62, 1.5),
    "bin": ("TR", 150, 6.0),
}
_LANES = 17  # of a street, in `hue`
_THIN = 6  # `small` has every ninth of them


@dataclass(frozen=True)
class _Road:
    street: Street
    ward: Ward
    number: int
    lane: bool

    def point(self, t: float, aside: float = 0.0) -> tuple[float, float]:
        """lat, lon at `t` of its length (-1 … 1), `aside` metres to the right."""
        dlat, dlon = self.street.along
        length = math.hypot(dlat, dlon) or 1.0
        right = (-dlon / length * aside * _METRE, dlat / length * aside * _METRE)
        return round(self.street.lat + dlat * t + right[0], 6), round(self.street.lon + dlon * t + right[1], 6)

    @property
    def metres(self) -> float:
        return 2 * math.hypot(*self.street.along) / _METRE


def fill(size: str) -> int:
    """Bring the sample's layers in; returns how many assets there are now."""
    roads = list(_roads(size))
    layers: dict[str, Iterable[dict[str, Any]]] = {
        "cityroad": (_line(road) for road in roads if not road.lane),
        "lane": (_line(road) for road in roads if road.lane),
        "heritage": _zones("heritage", 260, 12 if size == "hue" else 4),
        "economic": _zones("area", 900, 4),
        "works": _sites(roads, 40 if size == "hue" else 5),
        **{layer: _things(layer, roads, size) for layer in _THINGS},
    }
    made = 0
    for layer, features in layers.items():
        rows = list(features)
        content = json.dumps({"type": "FeatureCollection", "features": rows}, ensure_ascii=False).encode()
        if rows:
            import_assets(actor=SYSTEM, layer=layer, name="sample.geojson", content=content, is_sample=True)
        made += len(rows)
    _name_in_cases()
    return made


_NAME = """
update cases_case c set asset = found.ref from (
  select c.id, (
    select l.code || '/' || a.code from city_asset a join city_assetlayer l on l.id = a.layer_id
    where l.categories @> array[k.code]::varchar[] and not l.ground and a.valid_to is null
      and a.place && box(point(c.lon - 0.0008, c.lat - 0.0008), point(c.lon + 0.0008, c.lat + 0.0008))
    order by a.place <-> point(c.lon, c.lat) limit 1
  ) as ref
  from cases_case c join city_category k on k.id = c.category_id
  where c.is_sample and c.asset = '' and c.lat is not null and hashtext(c.code) % 3 = 0
    and k.code in (select unnest(categories) from city_assetlayer where not ground and assets > 0)
) found where found.id = c.id and found.ref is not null
"""


def _name_in_cases() -> None:
    """A third of the sample's reports about such things say which one: written in bulk, as the reports are."""
    with connection.cursor() as cursor:
        cursor.execute(_NAME)


def _roads(size: str) -> Iterator[_Road]:
    """Streets, and the lanes (kiệt) that leave them."""
    wards = Geography(read_texts().shape).wards
    for code, ward in wards.items():
        if size != "hue" and code not in _SMALL:
            continue
        for number, street in enumerate(ward.streets if size == "hue" else ward.streets[:10]):
            road = _Road(street, ward, number, ward.village or number >= _CITY_ROADS)
            yield road
            for lane in range(1, (_LANES if size == "hue" else 1) + 1):
                yield _Road(_branch(road, lane), ward, number * 100 + lane, lane=True)


def _branch(road: _Road, lane: int) -> Street:
    """A lane at a right angle to its street."""
    rng = random.Random(f"lane {road.ward.unit.code} {road.number} {lane}")  # noqa: S311 - sample data
    half = rng.uniform(25, 75)
    start = road.point(rng.uniform(-0.95, 0.95), rng.choice((-1, 1)) * (half + 6))
    dlat, dlon = road.street.along
    length = math.hypot(dlat, dlon) or 1.0
    along = (-dlon / length * half * _METRE, dlat / length * half * _METRE)
    return Street(f"Kiệt {rng.randrange(1, 190)} {road.street.name}", *start, along)


def _feature(code: str, geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"code": code, **properties}, "geometry": geometry}


def _point(lat: float, lon: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


def _line(road: _Road) -> dict[str, Any]:
    corners = [road.point(t) for t in (-1, -0.5, 0, 0.5, 1)]
    geometry = {"type": "LineString", "coordinates": [[lon, lat] for lat, lon in corners]}
    code = f"{'K' if road.lane else 'D'}-{road.ward.unit.code}-{road.number:02d}"
    width = 4.5 if road.lane else 12.0
    return _feature(code, geometry, name=road.street.name, street=road.street.name, width_m=width)


def _things(layer: str, roads: list[_Road], size: str) -> Iterator[dict[str, Any]]:
    prefix, every, aside = _THINGS[layer]
    for road in roads:
        rng = random.Random(f"{layer} {road.ward.unit.code} {road.number}")  # noqa: S311 - sample data
        spacing = every * (1.0 if size == "hue" else _THIN) * (1.6 if road.lane else 1.0)
        count = max(1, round(road.metres / spacing))
        for number in range(count):
            t = -0.95 + 1.9 * (number + rng.uniform(0.3, 0.7)) / count
            lat, lon = road.point(t, aside * (1 if number % 2 else -1))
            code = f"{prefix}-{road.ward.unit.code[1:]}-{road.number:02d}-{number + 1:02d}"
            yield _feature(code, _point(lat, lon), street=road.street.name, **_facts(layer, rng))


def _facts(layer: str, rng: random.Random) -> dict[str, Any]:
    if layer == "lamp":
        return {
            "watts": rng.choice([70, 100, 150]),
            "kind": rng.choice(["LED", "Sodium"]),
            "cabinet": f"TĐ-{rng.randrange(1, 90):02d}",
        }
    if layer == "tree":
        return {
            "species": rng.choice(_SPECIES),
            "height_m": rng.randrange(4, 19),
            "checked_on": f"2026-0{rng.randrange(1, 9)}-15",
        }
    if layer == "drain":
        return {"cleaned_on": f"2026-0{rng.randrange(1, 9)}-{rng.randrange(10, 28)}"}
    if layer == "manhole":
        return {"network": rng.choice(["Thoát nước mưa", "Nước thải"]), "depth_m": rng.choice([1.2, 1.8, 2.4])}
    return {"litres": rng.choice([120, 240, 660])}


def _ring(lat: float, lon: float, metres: float, rng: random.Random) -> dict[str, Any]:
    """An uneven polygon around a point."""
    ring = []
    for step in range(10):
        angle, away = step * math.pi / 5, metres * rng.uniform(0.75, 1.15) * _METRE
        ring.append([round(lon + math.cos(angle) * away * 1.043, 6), round(lat + math.sin(angle) * away, 6)])
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def _zones(kind: str, metres: float, most: int) -> Iterator[dict[str, Any]]:
    prefix = {"heritage": "DS", "area": "KKT"}[kind]
    places = Place.objects.filter(kind=kind).order_by("sort_key", "id")
    if kind == "area":
        places = places.filter(folded__regex="khu (kinh te|cong nghiep)|cang")
    for number, place in enumerate(places[:most], 1):
        rng = random.Random(f"zone {place.folded}")  # noqa: S311 - sample data
        yield _feature(f"{prefix}-{number:02d}", _ring(place.lat, place.lon, metres, rng), name=place.name("vi"))


def _sites(roads: list[_Road], most: int) -> Iterator[dict[str, Any]]:
    rng = random.Random("sites under works")  # noqa: S311 - sample data
    for number, road in enumerate(
        rng.sample(
            [road for road in roads if not road.lane] or roads, k=min(most, sum(not road.lane for road in roads))
        ),
        1,
    ):
        lat, lon = road.point(rng.uniform(-0.8, 0.8), 20)
        name = f"Cải tạo đường {road.street.name}"
        yield _feature(
            f"CT-{number:03d}", _ring(lat, lon, 35, rng), name=name, street=road.street.name,
            contractor=f"Nhà thầu mẫu {number}", permit=f"GP-{number:03d}", valid_from="2026-06-01",
        )  # fmt: skip
