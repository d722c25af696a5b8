"""Files of assets, GeoJSON (RFC 7946) or CSV: every mistake is said with its line, and the good lines stay good.

Columns (or properties): `code`, and where it is: `lat` and `lon`, `wkt`, or the feature's geometry. Besides `name`, `street`, `owner` (an agency's
code), `valid_from`, `valid_to`, and the attributes that the layer names. WGS 84 degrees only: nothing is guessed of another system.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson
import shapely
from django.utils.translation import gettext as _
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from hues.city import pack
from hues.city.models import AssetLayer
from hues.kernel.errors import Invalid

MOST_BYTES = 200_000_000  # of a file; the page takes less
MOST_ROWS = 500_000
MOST_POINTS = 10_000  # of one line or area
MOST_TEXT = 200
CODE = re.compile(r"[^\s/\\?#%<>\"']{1,27}")  # what can stand on a sign and in an address
OWN_COLUMNS = ("code", "name", "street", "owner", "valid_from", "valid_to")
PLACE_COLUMNS = ("lat", "lon", "wkt")
SHAPES = {
    AssetLayer.Geometry.POINT: ("Point",),
    AssetLayer.Geometry.LINE: ("LineString", "MultiLineString"),
    AssetLayer.Geometry.AREA: ("Polygon", "MultiPolygon"),
}
_WGS84 = re.compile(r"(CRS84|EPSG:{1,2}[0-9.]*:?4326|WGS ?84)$", re.I)


@dataclass(frozen=True)
class Row:
    """One asset as the file says it."""

    line: int
    code: str
    name: str
    street: str
    owner: str
    lat: float
    lon: float
    box: tuple[float, float, float, float]  # west, south, east, north
    geometry: Mapping[str, Any] | None
    attributes: Mapping[str, Any]
    valid_from: date | None
    valid_to: date | None
    digest: str


@dataclass
class Reading:
    rows: list[Row] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)  # line (or feature), what to mend
    ignored: list[str] = field(default_factory=list)  # columns that the layer does not know


class _Wrong(Exception):
    """What is wrong with one line."""


def read_assets(layer: AssetLayer, name: str, content: bytes) -> Reading:
    """Read a whole file. Raises Invalid where it is no such file at all: not JSON, another coordinate system, too large."""
    if len(content) > MOST_BYTES:
        raise Invalid(_("The file is larger than %(mb)s MB.") % {"mb": MOST_BYTES // 1_000_000})
    entries = _csv_entries(content) if name.lower().endswith((".csv", ".txt")) else _geojson_entries(content)
    reading, seen = Reading(), dict[str, int]()
    known = {*OWN_COLUMNS, *PLACE_COLUMNS, *(attribute["code"] for attribute in layer.attributes)}
    ignored: dict[str, None] = {}
    for count, (line, properties, geometry) in enumerate(entries, 1):
        if count > MOST_ROWS:
            raise Invalid(_("The file has more than %(n)s assets. Please split it.") % {"n": MOST_ROWS})
        ignored |= dict.fromkeys(column for column in properties if column not in known)
        try:
            row = _row(layer, line, properties, geometry)
            if row.code in seen:
                raise _Wrong(_("the code %(code)s is there already, in line %(line)s") % {
                    "code": row.code, "line": seen[row.code],
                })  # fmt: skip
        except _Wrong as wrong:
            reading.problems.append((line, str(wrong)))
            continue
        seen[row.code] = line
        reading.rows.append(row)
    reading.ignored = list(ignored)[:50]
    if not reading.rows and not reading.problems:
        raise Invalid(_("There is nothing in this file."))
    return reading


# ── the two forms ──

_Entry = tuple[int, Mapping[str, Any], Any]


def _csv_entries(content: bytes) -> Iterator[_Entry]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(_("The file is not UTF-8. Save it as “CSV UTF-8”.")) from None
    head = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    columns = {(column or "").strip().lower() for column in reader.fieldnames or ()}
    if "code" not in columns or not ({"lat", "lon"} <= columns or "wkt" in columns):
        raise Invalid(_("The first line must name the columns: code, and lat and lon (or wkt)."))
    try:
        for row in reader:
            given = {(key or "").strip().lower(): value for key, value in row.items() if isinstance(value, str)}
            yield reader.line_num, given, given.get("wkt") or None
    except csv.Error as error:
        raise Invalid(_("Line %(line)s is not CSV: %(why)s") % {"line": reader.line_num, "why": error}) from None


def _geojson_entries(content: bytes) -> Iterator[_Entry]:
    try:
        collection = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise Invalid(_("This is not JSON: %(why)s") % {"why": str(error)[:120]}) from None
    if not isinstance(collection, dict) or collection.get("type") != "FeatureCollection":
        raise Invalid(_("This is not a GeoJSON FeatureCollection."))
    _check_crs(collection.get("crs"))
    features = collection.get("features")
    for number, feature in enumerate(features if isinstance(features, list) else [], 1):
        if not isinstance(feature, dict):
            yield number, {}, None
            continue
        given = feature.get("properties")
        properties = {str(key).lower(): value for key, value in (given if isinstance(given, dict) else {}).items()}
        properties.setdefault("code", feature.get("id"))
        yield number, properties, feature.get("geometry")


def _check_crs(crs: Any) -> None:
    """RFC 7946 knows WGS 84 alone; older files name their system, and another one is refused, not guessed."""
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    if not _WGS84.search(name):
        raise Invalid(
            _("The coordinates of this file are in %(crs)s. Convert it to WGS 84 first: ogr2ogr -t_srs EPSG:4326.")
            % {"crs": name[:60] or "?"}
        )


# ── one line ──


def _row(layer: AssetLayer, line: int, given: Mapping[str, Any], geometry: Any) -> Row:
    code = _text(given, "code", 27)
    if not CODE.fullmatch(code):
        raise _Wrong(
            _("the code is missing") if not code else _("the code %(code)s has spaces or signs") % {"code": code}
        )
    shape = _shape(layer, given, geometry)
    point = shape if shape.geom_type == "Point" else _point_on(shape)
    values: dict[str, Any] = {
        "code": code,
        "name": _text(given, "name"),
        "street": _text(given, "street"),
        "owner": _text(given, "owner", 32),
        "lat": round(point.y, 7),
        "lon": round(point.x, 7),
        "geometry": None if shape.geom_type == "Point" else orjson.loads(shapely.to_geojson(shape)),
        "attributes": _attributes(layer, given),
        "valid_from": _date(given, "valid_from"),
        "valid_to": _date(given, "valid_to"),
    }
    if values["valid_from"] and values["valid_to"] and values["valid_to"] <= values["valid_from"]:
        raise _Wrong(_("it ends before it begins"))
    digest = hashlib.blake2b(orjson.dumps(values, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()
    west, south, east, north = (round(edge, 7) for edge in shape.bounds)
    return Row(line=line, box=(west, south, east, north), digest=digest, **values)


def _text(given: Mapping[str, Any], name: str, most: int = MOST_TEXT) -> str:
    value = given.get(name)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if value is None or isinstance(value, (dict, list, bool)):
        return ""
    text = " ".join(str(value).split())
    if len(text) > most:
        raise _Wrong(_("%(column)s is longer than %(n)s characters") % {"column": name, "n": most})
    if not text.isprintable():
        raise _Wrong(_("%(column)s has signs that cannot be printed") % {"column": name})
    return text


def _date(given: Mapping[str, Any], name: str) -> date | None:
    text = _text(given, name)
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        raise _Wrong(_("%(column)s is no date such as 2026-01-31: %(text)s") % {"column": name, "text": text}) from None


def _attributes(layer: AssetLayer, given: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for attribute in layer.attributes:
        name, kind = attribute["code"], attribute["type"]
        text = _text(given, name) if not isinstance(given.get(name), bool) else str(given[name]).lower()
        if not text:
            continue
        if kind == "number":
            number = _number(name, text)
            found[name] = int(number) if number.is_integer() else number
        elif kind == "date":
            day = _date(given, name)
            found[name] = day.isoformat() if day else None
        elif kind == "yesno":
            if text.lower() not in ("true", "false", "1", "0", "yes", "no"):
                raise _Wrong(_("%(column)s is neither true nor false: %(text)s") % {"column": name, "text": text})
            found[name] = text.lower() in ("true", "1", "yes")
        else:
            found[name] = text
    return found


def _number(name: str, text: str) -> float:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = float("nan")
    if not abs(number) < 1e15:
        raise _Wrong(_("%(column)s is no number: %(text)s") % {"column": name, "text": text[:40]})
    return number


# ── where ──


def _shape(layer: AssetLayer, given: Mapping[str, Any], geometry: Any) -> BaseGeometry:
    shape = _given_shape(given, geometry)
    allowed = SHAPES[AssetLayer.Geometry(layer.geometry)]
    if shape.geom_type not in allowed:
        raise _Wrong(
            _("this layer is made of %(kinds)s, not of %(kind)s")
            % {"kinds": "/".join(allowed), "kind": shape.geom_type}
        )
    if shapely.get_num_coordinates(shape) > MOST_POINTS:
        raise _Wrong(_("it has more than %(n)s points: simplify it first") % {"n": MOST_POINTS})
    _check_place(shape)
    if layer.geometry == AssetLayer.Geometry.AREA and not shape.is_valid:
        whole = shapely.make_valid(shape)
        parts = [part for part in shapely.get_parts(whole) if part.geom_type in allowed]
        shape = shapely.union_all(parts) if parts else shape
    if (layer.geometry == AssetLayer.Geometry.AREA and not shape.area) or shape.is_empty:
        raise _Wrong(_("the area is empty"))
    return shapely.transform(shapely.force_2d(shape), lambda points: points.round(7))


def _given_shape(given: Mapping[str, Any], geometry: Any) -> BaseGeometry:
    try:
        if isinstance(geometry, str):
            shape = shapely.from_wkt(geometry)
        elif geometry is not None:
            shape = shapely.from_geojson(orjson.dumps(geometry).decode())
        else:
            shape = shapely.Point(_degrees(given, "lon"), _degrees(given, "lat"))
    except (GEOSException, orjson.JSONEncodeError, TypeError, ValueError):
        raise _Wrong(_("the geometry cannot be read")) from None
    if shape is None or shape.is_empty:
        raise _Wrong(_("it has no place"))
    return shape


def _degrees(given: Mapping[str, Any], name: str) -> float:
    text = _text(given, name)
    if not text:
        raise _Wrong(_("%(column)s is missing") % {"column": name})
    return _number(name, text)


def _check_place(shape: BaseGeometry) -> None:
    """Degrees inside the city; the two usual mistakes are named."""
    bounds = pack.settings()["bounds"]
    west, south, east, north = shape.bounds
    if not all(abs(edge) < 1e9 for edge in shape.bounds):
        raise _Wrong(_("the geometry cannot be read"))
    if bounds["west"] <= west and east <= bounds["east"] and bounds["south"] <= south and north <= bounds["north"]:
        return
    if bounds["west"] <= south and north <= bounds["east"] and bounds["south"] <= west and east <= bounds["north"]:
        raise _Wrong(_("latitude and longitude are exchanged"))
    if abs(west) > 180 or abs(east) > 180 or abs(south) > 90 or abs(north) > 90:
        raise _Wrong(_("these are metres of a national grid (VN-2000?), not degrees: convert to WGS 84"))
    raise _Wrong(_("it lies outside the city (%(lat).4f, %(lon).4f)") % {"lat": south, "lon": west})


def _point_on(shape: BaseGeometry) -> BaseGeometry:
    if shape.geom_type in ("LineString", "MultiLineString"):
        longest = max(_lines(shape), key=lambda part: part.length)
        return longest.interpolate(0.5, normalized=True)
    return shape.representative_point()


def _lines(shape: BaseGeometry) -> Iterable[Any]:
    return list(shapely.get_parts(shape))
