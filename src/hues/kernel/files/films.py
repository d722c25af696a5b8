"""Videos: what the head of the file says, read without decoding anything: kind, length, size, where and when.

Whether it is true shows when the film is re-encoded, in a process of its own (hues.assist.photos). This only keeps out
what cannot be meant: other kinds of files, films that are too long, pictures without end.
"""

import math
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from django.core.files.base import File
from django.utils.translation import gettext as _

from hues.kernel import clock
from hues.kernel.errors import Invalid, TooLarge, UnsupportedMedia
from hues.kernel.files.exif import Taken

MAX_FILM = 80_000_000  # bytes
MAX_SECONDS = 60.0
SLACK = 1.0  # seconds that a telephone's "one minute" may run over
MAX_FILM_SIDE = 4096
_MOST_BOXES = 4000
_INSIDE = {b"moov", b"trak", b"mdia", b"udta", b"meta", b"ilst"}
_BRANDS = {
    b"isom",
    b"iso2",
    b"iso4",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"M4V ",
    b"MSNV",
    b"3gp4",
    b"3gp5",
    b"3gp6",
    b"3gp7",
}
_EPOCH_1904 = datetime(1904, 1, 1, tzinfo=UTC)
_PLACE = re.compile(rb"([+-]\d{1,2}\.\d+)([+-]\d{1,3}\.\d+)")  # ISO 6709, in decimal degrees


@dataclass(frozen=True)
class Film:
    """What a video says of itself. None: it does not say."""

    media_type: str
    seconds: float | None = None
    width: int | None = None
    height: int | None = None
    taken: Taken = field(default_factory=Taken)


def kind_of(start: bytes) -> str:
    """The media type of a video by its first bytes; "" for anything else."""
    if start[4:8] == b"ftyp":
        brand = start[8:12]
        return "video/quicktime" if brand == b"qt  " else "video/mp4" if brand in _BRANDS else ""
    if start[4:8] in (b"moov", b"wide", b"mdat") and len(start) >= 12:
        return "video/quicktime"  # from before brands
    return "video/webm" if start.startswith(b"\x1a\x45\xdf\xa3") else ""


def read_film(file: BinaryIO | File, size: int) -> Film:
    """The head of a video. Raises TooLarge, UnsupportedMedia, and Invalid for what is too long or damaged."""
    if size > MAX_FILM:
        most = MAX_FILM // 1_000_000
        raise TooLarge(_("The video is too large; at most {most} MB are possible.").format(most=most))
    file.seek(0)
    kind = kind_of(file.read(16))
    if not kind:
        raise UnsupportedMedia(_("This is not a video we can read. Please send MP4, MOV or WebM."))
    try:
        film = _matroska(file, size) if kind == "video/webm" else _mp4(file, size, kind)
    except (struct.error, ValueError, OverflowError, IndexError, RecursionError):  # boxes in boxes without end
        raise Invalid(_("The video is damaged or incomplete. Please send it again.")) from None
    if film.seconds is not None and film.seconds > MAX_SECONDS + SLACK:
        raise Invalid(too_long())
    if max(film.width or 0, film.height or 0) > MAX_FILM_SIDE:
        raise TooLarge(_("The video has too many pixels; please record it in 4K or less."))
    return film


def too_long() -> str:
    return _("The video is longer than {n} seconds. Please cut it, or send photos.").format(n=int(MAX_SECONDS))


# ── MP4 and QuickTime (ISO/IEC 14496-12) ─────────────────────────────────────────────────────────────────────────────


def _mp4(file: BinaryIO | File, size: int, kind: str) -> Film:
    film, has_head, keys = Film(kind), False, list[bytes]()
    for name, content in _boxes(file, 0, size, [_MOST_BOXES]):
        if name == b"mvhd":
            film, has_head = _movie_header(film, content), True
        elif name == b"tkhd" and len(content) >= 84:
            width, height = (side >> 16 for side in struct.unpack_from(">II", content, len(content) - 8))
            if width and height:
                film = replace(film, width=width, height=height)
        elif name == b"keys":
            keys = re.findall(rb"mdta([\w.\-]+)", content)
        elif (name == b"\xa9xyz" or (keys and b"location" in b"".join(keys))) and film.taken.lat is None:
            film = replace(film, taken=_place(film.taken, content))
    if not has_head:
        raise ValueError("no moov")
    return film


def _boxes(file: BinaryIO | File, start: int, end: int, left: list[int]) -> Iterator[tuple[bytes, bytes]]:
    """Small boxes with their content, those inside the known containers included. `left`: how many more are read."""
    at = start
    while at + 8 <= end and left[0] > 0:
        left[0] -= 1
        file.seek(at)
        length, name = struct.unpack(">I4s", file.read(8))
        head = 8
        if length == 1:
            (length,), head = struct.unpack(">Q", file.read(8)), 16
        length = length or end - at
        if length < head:
            return
        if name in _INSIDE:
            # QuickTime's `meta` has no version and flags before its boxes, ISO's has.
            skip = 4 if name == b"meta" and file.read(8)[4:8] not in (b"hdlr", b"keys", b"mhdr") else 0
            yield from _boxes(file, at + head + skip, min(at + length, end), left)
        elif name in (b"mvhd", b"tkhd", b"keys", b"\xa9xyz") or start:
            yield name, file.read(min(length - head, 4096))
        at += length


def _movie_header(film: Film, content: bytes) -> Film:
    if content[0] == 1:
        made, _changed, scale, duration = struct.unpack_from(">QQIQ", content, 4)
    else:
        made, _changed, scale, duration = struct.unpack_from(">IIII", content, 4)
    unknown = duration in (0, 0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF) or not scale  # a fragmented film says 0
    at = _EPOCH_1904 + timedelta(seconds=made) if 2_000_000_000 < made < 10_000_000_000 else None
    if at and at > clock.now() + timedelta(days=1):
        at = None
    return replace(film, seconds=None if unknown else duration / scale, taken=replace(film.taken, at=at))


def _place(taken: Taken, content: bytes) -> Taken:
    found = _PLACE.search(content)
    if not found:
        return taken
    lat, lon = float(found[1]), float(found[2])
    if abs(lat) > 90 or abs(lon) > 180 or lat == lon == 0:
        return taken
    return replace(taken, lat=round(lat, 6), lon=round(lon, 6))


# ── WebM (Matroska, RFC 9559) ────────────────────────────────────────────────────────────────────────────────────────

_SEGMENT, _INFO, _TRACKS, _TRACK, _VIDEO, _CLUSTER = 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0, 0x1F43B675
_DOCTYPE, _SCALE, _DURATION, _WIDTH, _HEIGHT = 0x4282, 0x2AD7B1, 0x4489, 0xB0, 0xBA


def _matroska(file: BinaryIO | File, size: int) -> Film:
    values: dict[int, bytes] = {}
    for name, content in _elements(file, 0, size, [_MOST_BOXES]):
        values.setdefault(name, content)
    if values.get(_DOCTYPE, b"").rstrip(b"\0") not in (b"webm", b"matroska"):
        raise ValueError("not a film")
    seconds = None
    if raw := values.get(_DURATION):
        scale = int.from_bytes(values.get(_SCALE, b"\x0f\x42\x40"), "big")
        (ticks,) = struct.unpack(">f" if len(raw) == 4 else ">d", raw)
        seconds = ticks * scale / 1e9 if math.isfinite(ticks) and ticks > 0 else None
    width, height = (int.from_bytes(values[name], "big") if name in values else None for name in (_WIDTH, _HEIGHT))
    return Film("video/webm", seconds, width, height)


def _elements(file: BinaryIO | File, start: int, end: int, left: list[int]) -> Iterator[tuple[int, bytes]]:
    at = start
    while at < end and left[0] > 0:
        left[0] -= 1
        file.seek(at)
        head = file.read(12)
        name, used = _number(head, keep=True)
        length, more = _number(head[used:], keep=False)
        begin = at + used + more
        stop = end if length is None else min(begin + length, end)
        if name == _CLUSTER:
            return  # from here on there is only film
        if name in (_SEGMENT, _INFO, _TRACKS, _TRACK, _VIDEO, 0x1A45DFA3):
            yield from _elements(file, begin, stop, left)
        elif stop - begin <= 64:
            file.seek(begin)
            yield name or 0, file.read(stop - begin)
        at = stop


def _number(data: bytes, *, keep: bool) -> tuple[int | None, int]:
    """A variable-size integer and its length; None: unknown size. `keep` the marker bit, as in an element's name."""
    if not data or not data[0]:
        raise ValueError("no such number")
    length = 9 - data[0].bit_length()
    if len(data) < length:
        raise ValueError("cut off")
    value = int.from_bytes(data[:length], "big")
    if keep:
        return value, length
    value &= (1 << 7 * length) - 1
    return (None if value == (1 << 7 * length) - 1 else value), length
