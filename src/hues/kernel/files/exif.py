"""Where and when a photo was taken, from its EXIF: read once, handed to the person who files the report, then gone."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from PIL import Image

from hues.kernel import clock

_EXIF, _GPS = 0x8769, 0x8825
_DATE = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)")
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")


@dataclass(frozen=True)
class Taken:
    lat: float | None = None
    lon: float | None = None
    at: datetime | None = None  # aware where the camera said its offset or the satellites their time; else naive, local


def read_exif(exif: Image.Exif) -> Taken:
    """Whatever of it makes sense; nothing that metadata can hold raises."""
    lat, lon = _position(_directory(exif, _GPS))
    return Taken(lat, lon, _moment(_directory(exif, _EXIF), _directory(exif, _GPS)))


def _directory(exif: Image.Exif, tag: int) -> dict[int, Any]:
    try:
        return dict(exif.get_ifd(tag))
    except Exception:  # the TIFF reader raises anything on hostile directories
        return {}


def _position(gps: dict[int, Any]) -> tuple[float | None, float | None]:
    lat, lon = _degrees(gps.get(2), gps.get(1), "S"), _degrees(gps.get(4), gps.get(3), "W")
    if lat is None or lon is None or abs(lat) > 90 or abs(lon) > 180 or lat == lon == 0:  # 0, 0: no fix yet
        return None, None
    return round(lat, 6), round(lon, 6)


def _degrees(value: Any, reference: Any, negative: str) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    total = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(total):
        return None
    return -total if str(reference).strip("\0 ").upper() == negative else total


def _moment(exif: dict[int, Any], gps: dict[int, Any]) -> datetime | None:
    local = _parsed(str(exif.get(0x9003) or exif.get(0x9004) or ""))
    offset = _OFFSET.fullmatch(str(exif.get(0x9011) or exif.get(0x9012) or "").strip("\0 "))
    if local and offset:
        sign = -1 if offset[1] == "-" else 1
        away = sign * timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        if abs(away) < timedelta(hours=15):
            return _plausible(local.replace(tzinfo=timezone(away)))
    if satellites := _satellite_time(gps):
        return _plausible(satellites)
    return local


def _satellite_time(gps: dict[int, Any]) -> datetime | None:
    try:
        hours, minutes, seconds = (int(float(part)) for part in gps[7])
        day = str(gps[0x1D]).strip("\0 ")
        return datetime.strptime(f"{day} {hours:02}:{minutes:02}:{seconds:02}", "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None


def _parsed(text: str) -> datetime | None:
    found = _DATE.match(text)
    if not found:
        return None
    try:
        return datetime(*map(int, found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001  # six numbers, local time
    except ValueError:
        return None


def _plausible(moment: datetime) -> datetime | None:
    """A camera whose clock runs in the future tells nothing."""
    return moment if moment <= clock.now() + timedelta(days=1) else None
