"""Whether somebody is at the place of a case: their position says so, or a photo from the scene. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from hues.kernel.errors import Invalid
from hues.kernel.geo import distance_m, parse_point

WITHIN_M = 100  # where a definition says nothing else
VAGUE_M = 150  # a position that may be wrong by more says nothing about a place


@dataclass(frozen=True)
class Position:
    """Where somebody says that they are; `accuracy_m` is the radius in which it holds, 0 where the device did not say."""

    lat: float
    lon: float
    accuracy_m: float = 0.0


def read_position(given: object) -> Position | None:
    """From {"lat", "lon", "accuracy_m"?}; None where nothing was given. Raises Invalid."""
    if given is None or given == "":
        return None
    if isinstance(given, Position):
        return given
    if not isinstance(given, Mapping):
        raise Invalid(_("The place is not a point on the earth."))
    point = parse_point(given.get("lat"), given.get("lon"))
    try:
        accuracy = float(given.get("accuracy_m") or 0)
    except (TypeError, ValueError):
        accuracy = 0.0
    return Position(point.lat, point.lon, accuracy if math.isfinite(accuracy) and accuracy > 0 else 0.0)


def distance_to(lat: float | None, lon: float | None, position: Position | None) -> float | None:
    """Metres from a position to a place, None where one of them is not known."""
    if lat is None or lon is None or position is None:
        return None
    return distance_m(lat, lon, position.lat, position.lon)


def refusal(
    lat: float | None, lon: float | None, position: Position | None, photos: Any, within_m: float
) -> str | None:
    """Why this does not count as being there, and how far away one is; None where it counts."""
    if photos:
        return None
    if lat is None or lon is None:
        return _("The place of this case is not known. Please take a photo on the scene.")
    metres = distance_to(lat, lon, position)
    if position is None or metres is None:
        return _("Your position is needed to arrive, or a photo from the scene.")
    if position.accuracy_m > VAGUE_M:
        return _(
            "Your position is known to {accuracy} only. Step into the open and try again, or take a photo of the scene."
        ).format(accuracy=spoken(position.accuracy_m))
    if metres > within_m:
        return _(
            "You are {distance} away from the place. Arriving counts within {within}, or with a photo from the scene."
        ).format(distance=spoken(metres), within=spoken(within_m))
    return None


def spoken(metres: float) -> str:
    """ "340 m", "1,2 km"."""
    if metres < 995:
        return f"{round(metres, -1):.0f} m" if metres >= 20 else f"{metres:.0f} m"
    return f"{number_format(metres / 1000, 1)} km"
