"""Points on the earth: reading what people and programs send, distance, H3 cells, hiding a house in its street."""

import math
import re
from typing import NamedTuple

import h3
from django.utils.translation import gettext as _

from hues.kernel.errors import Invalid

EARTH_RADIUS_M = 6_371_008.8  # mean radius (IUGG)
CELL = 10  # H3 resolution for "nearby": about 130 m across
STREET = 9  # … and for hiding: about 350 m across, a few streets in a town
_NUMBER = re.compile(r"\s*[+-]?(\d{1,18}(\.\d{0,18})?|\.\d{1,18})([eE][+-]?\d{1,2})?\s*", re.ASCII)


class Point(NamedTuple):
    lat: float
    lon: float


class Box(NamedTuple):
    """A rectangle of degrees, edges included. It does not cross the antimeridian."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lat: float, lon: float) -> bool:
        return self.south <= lat <= self.north and self.west <= lon <= self.east


def distance_m(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Metres along the great circle (haversine: exact to 0.5 %, stable for neighbours and for antipodes)."""
    a, b = math.radians(lat1), math.radians(lat2)
    half_lat, half_lon = (b - a) / 2, math.radians(lon2 - lon1) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(a) * math.cos(b) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, chord)))


def box_around(lat: float, lon: float, metres: float) -> Box:
    """A box that holds every point within `metres`: the cheap first filter before `distance_m`."""
    dlat = math.degrees(metres / EARTH_RADIUS_M)
    dlon = min(180.0, dlat / max(0.01, math.cos(math.radians(min(89.0, abs(lat) + dlat)))))
    return Box(max(-180.0, lon - dlon), max(-90.0, lat - dlat), min(180.0, lon + dlon), min(90.0, lat + dlat))


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def parse_point(lat: object, lon: object) -> Point:
    """WGS 84 degrees from numbers or strings. Raises Invalid with the field that is wrong; NaN and infinity are
    wrong."""
    fields = {}
    values = []
    for name, value, most in (("lat", lat, 90.0), ("lon", lon, 180.0)):
        number = _number(value)
        if number is None:
            fields[name] = _("This is not a number.")
        elif abs(number) > most:
            fields[name] = _("This must be between {least} and {most}.").format(least=-int(most), most=int(most))
        else:
            values.append(number)
    if fields:
        raise Invalid(_("The place is not a point on the earth."), fields=fields)
    return Point(*values)


def parse_box(text: str) -> Box:
    """ "west,south,east,north" in degrees (RFC 7946 §5). Raises Invalid."""
    numbers = [_number(part) for part in text.split(",")]
    if len(numbers) != 4 or None in numbers:
        raise _wrong_box()
    box = Box(*(number for number in numbers if number is not None))
    if not (-180 <= box.west <= box.east <= 180 and -90 <= box.south <= box.north <= 90):
        raise _wrong_box()
    return box


def _wrong_box() -> Invalid:
    message = _("The area must be four numbers: west, south, east, north.")
    return Invalid(message, fields={"bbox": message})


def _number(value: object) -> float | None:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            return None
        return number if math.isfinite(number) else None
    return None


# ── Cells and hiding ─────────────────────────────────────────────────────────────────────────────────────────────────


def cell(lat: float, lon: float, resolution: int = CELL) -> str:
    """The H3 cell that holds a point."""
    return h3.latlng_to_cell(lat, lon, resolution)


def cells_near(lat: float, lon: float, rings: int = 1, resolution: int = CELL) -> list[str]:
    """The cell of a point and `rings` rings of neighbours."""
    return list(h3.grid_disk(h3.latlng_to_cell(lat, lon, resolution), rings))


def hide_in_street(lat: float, lon: float) -> Point:
    """The middle of the cell around a point: what the public sees of a masked case.

    The same for every point of the cell and on every call. There is no randomness that an average over many cases, or
    over many reads of one, could take away.
    """
    middle = h3.cell_to_latlng(h3.latlng_to_cell(lat, lon, STREET))
    return Point(round(middle[0], 5), round(middle[1], 5))
