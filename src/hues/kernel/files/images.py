"""Photos: from whatever was sent to three fresh JPEGs. Everything that is not a pixel is left behind.

What is guarded against, in the order of the checks: size, kind (by real decoding, never by name), pixels (from the
header, before memory is taken for them), progressive JPEGs of thousands of scans, damage.
"""

import io
import logging
import math
import re
import struct
from dataclasses import dataclass
from operator import mul
from statistics import median

from django.utils.translation import gettext as _
from PIL import Image

from hues.kernel.errors import Invalid, TooLarge, UnsupportedMedia
from hues.kernel.files.exif import Taken, read_exif

log = logging.getLogger("hues.files")

MAX_UPLOAD = 25_000_000  # bytes
MAX_PIXELS = {"JPEG": 65_000_000, "PNG": 40_000_000, "WEBP": 40_000_000}  # a JPEG is decoded at reduced size
MAX_SIDE = 20_000
MAX_SCANS = 64  # a progressive JPEG has about ten; every further one costs a pass over all its blocks
VARIANTS = {"full": (2048, 84), "medium": (1024, 80), "thumb": (320, 74)}  # longest side in pixels, JPEG quality
_LARGEST = VARIANTS["full"][0]
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
_HEIC = re.compile(rb"....ftyp(heic|heix|hevc|hevx|heim|heis|mif1|msf1)", re.DOTALL)

Image.MAX_IMAGE_PIXELS = None  # its check warns where ours refuses, and comes after some decoders have taken memory


@dataclass(frozen=True)
class Photo:
    """A photo drawn anew."""

    variants: dict[str, bytes]  # JPEG, by the names of VARIANTS
    width: int  # of the largest
    height: int
    phash: int  # signed 64 bits: how it looks; photos within 10 bits of each other look the same
    taken: Taken  # where and when, as its metadata said


def redraw(data: bytes) -> Photo:
    """Decode an upload and draw it anew, upright, in three sizes.

    Raises UnsupportedMedia for what is no JPEG, PNG or WebP; TooLarge for too many pixels; Invalid for damage.
    """
    kind = _kind(data)
    try:
        with _opened(data, kind) as image:
            _check_size(image.size, kind)
            if kind == "JPEG":
                image.draft("RGB", (_LARGEST, _LARGEST))
            image.load()
            exif = image.getexif()
            taken, turn = read_exif(exif), _TURNS.get(exif.get(0x0112, 1))
            full = _flat(_shrunk(_drawable(image), _LARGEST))
    except (Invalid, TooLarge):
        raise
    except Exception as error:  # hostile files make decoders raise anything, from SyntaxError to OverflowError
        log.info("a %s could not be decoded: %s", kind, type(error).__name__)
        raise Invalid(_("The photo is damaged or incomplete. Please send it again.")) from None
    if turn is not None:
        full = full.transpose(turn)
    return Photo(_encode_all(full), *full.size, perceptual_hash(full), taken)


# ── Checks before decoding ───────────────────────────────────────────────────────────────────────────────────────────


def _kind(data: bytes) -> str:
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if _HEIC.match(data[:16]):
        raise UnsupportedMedia(_("Photos in HEIC format cannot be read. Please send the photo as JPEG."), code="heic")
    raise UnsupportedMedia(_("This is not a photo we can read. Please send a JPEG, PNG or WebP picture."))


def _opened(data: bytes, kind: str) -> Image.Image:
    if kind == "JPEG" and _scans(data) > MAX_SCANS:
        raise Invalid(_("The photo is damaged or incomplete. Please send it again."))
    if kind == "WEBP":
        _check_size(_webp_size(data), kind)  # its decoder takes memory for the canvas as it opens
    return Image.open(io.BytesIO(data), formats=[kind])


def _check_size(size: tuple[int, int], kind: str) -> None:
    width, height = size
    if width * height > MAX_PIXELS[kind] or max(size) > MAX_SIDE:
        most = MAX_PIXELS[kind] // 1_000_000
        raise TooLarge(_("The photo has too many pixels; at most {most} megapixels are possible.").format(most=most))


_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # not stuffing, not a restart


def _scans(data: bytes) -> int:
    """How many scans the first picture of a JPEG has. Previews in its metadata are skipped with their segments."""
    scans, at = 0, 2
    while found := _MARKER.search(data, at):
        marker, at = data[found.start() + 1], found.end()
        if marker == 0xD9:
            break
        if marker == 0xDA:
            scans += 1
        if at + 2 > len(data):
            break
        at += max(2, int.from_bytes(data[at : at + 2], "big"))
    return scans


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height from the first chunk (RFC 9649 §2.5–2.7). Raises struct.error on a stub."""
    chunk = data[12:16]
    if chunk == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif chunk == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    return width, height


# ── Drawing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _drawable(image: Image.Image) -> Image.Image:
    """In a mode that can be scaled: RGB, or RGBA where there is transparency."""
    if image.mode.startswith("I"):  # 16 bits of grey; convert("L") alone would clip them, not scale
        return image.convert("I").point(lambda grey: grey * (1 / 257)).convert("L")
    if image.mode in ("RGB", "L", "RGBA"):
        return image
    transparent = image.mode in ("LA", "La", "PA", "RGBa") or "transparency" in image.info
    return image.convert("RGBA" if transparent else "RGB")


def _shrunk(image: Image.Image, longest: int) -> Image.Image:
    """At most `longest` pixels on its longer side, at least one on the other; never made larger."""
    scale = longest / max(image.size)
    if scale >= 1:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _flat(image: Image.Image) -> Image.Image:
    """On a fresh white sheet: comments, profiles and whatever else hung on the image stay behind."""
    sheet = Image.new("RGB", image.size, "white")
    sheet.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    return sheet


def _encode_all(full: Image.Image) -> dict[str, bytes]:
    variants, image = {}, full
    for name, (longest, quality) in VARIANTS.items():
        image = _shrunk(image, longest)
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality, progressive=True, optimize=True)
        variants[name] = out.getvalue()
    return variants


# ── Looks ────────────────────────────────────────────────────────────────────────────────────────────────────────────

_SIDE, _LOW = 32, 8
_WAVES = [[math.cos(math.pi * k * (2 * n + 1) / (2 * _SIDE)) for n in range(_SIDE)] for k in range(_LOW)]  # DCT-II


def perceptual_hash(image: Image.Image) -> int:
    """64 bits of how a picture looks (pHash): which of its 8 × 8 lowest frequencies are above their median. Signed, for SQL."""
    grey = list(image.convert("L").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS).tobytes())
    rows = [grey[at : at + _SIDE] for at in range(0, _SIDE * _SIDE, _SIDE)]
    across = [[sum(map(mul, wave, row)) for row in rows] for wave in _WAVES]
    low = [sum(map(mul, wave, column)) for wave in _WAVES for column in across]
    middle = median(low)
    bits = sum(1 << place for place, strength in enumerate(low) if strength > middle)
    return bits - (1 << 64) if bits >> 63 else bits


def looks_apart(one: int, other: int) -> int:
    """In how many of 64 bits two perceptual hashes differ."""
    return ((one ^ other) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()
