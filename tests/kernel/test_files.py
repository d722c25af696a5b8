"""Photos: whatever is sent, only fresh pixels are kept."""

import hashlib
import io
import struct
import time
import uuid
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from PIL import Image, PngImagePlugin

from hues.kernel import clock, files
from hues.kernel.errors import Invalid, NotFound, Problem, TooLarge, UnsupportedMedia
from hues.kernel.files import images, store
from hues.kernel.files.images import looks_apart
from hues.kernel.ids import new_id
from hues.kernel.models import StoredFile

pytestmark = pytest.mark.django_db
SECRET = b"<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Iterator[Path]:
    settings.STORAGES = settings.STORAGES | {
        "default": settings.STORAGES["default"] | {"OPTIONS": {"location": tmp_path}},
    }
    yield tmp_path


def picture(width: int = 640, height: int = 480, mode: str = "RGB") -> Image.Image:
    """A street in four colours: red top left, so that its orientation can be seen."""
    image = Image.new("RGB", (width, height), "white")
    for at, colour in (((0, 0), "red"), ((width // 2, 0), "green"), ((0, height // 2), "blue")):
        image.paste(colour, (*at, at[0] + width // 2, at[1] + height // 2))
    return image.convert(mode)


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def kept(data: bytes) -> files.StoredImage:
    return files.store_image(io.BytesIO(data), draft_key="draft")


def bytes_of(file: StoredFile, variant: str = "full") -> bytes:
    with files.open_variant(file.pk, variant) as opened:
        return opened.read()


def pixel(file: StoredFile, x: float, y: float) -> tuple[int, ...]:
    image = Image.open(io.BytesIO(bytes_of(file)))
    found = image.getpixel((int(x * image.width), int(y * image.height)))
    assert isinstance(found, tuple)
    return found


def near(found: tuple[int, ...], expected: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 24 for a, b in zip(found, expected, strict=True))


def test_a_photo_is_kept_in_three_sizes_with_its_fingerprints() -> None:
    data = encoded(picture(4000, 3000), quality=90)
    file = kept(data).file
    sizes = {name: Image.open(io.BytesIO(bytes_of(file, name))).size for name in files.VARIANTS}
    assert sizes == {"full": (2048, 1536), "medium": (1024, 768), "thumb": (320, 240)}
    assert (file.width, file.height, file.media_type, file.draft_key) == (2048, 1536, "image/jpeg", "draft")
    assert file.sha256 == hashlib.sha256(bytes_of(file)).hexdigest()
    assert file.upload_sha256 == hashlib.sha256(data).hexdigest()
    assert StoredFile.objects.get(pk=file.pk).phash == file.phash


def test_small_photos_are_not_blown_up() -> None:
    assert kept(encoded(picture(200, 100))).file.width == 200


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("JPEG", "RGB", {}), ("JPEG", "L", {}), ("JPEG", "CMYK", {}), ("JPEG", "RGB", {"progressive": True}),
        ("PNG", "RGB", {}), ("PNG", "RGBA", {}), ("PNG", "P", {}), ("PNG", "LA", {}), ("PNG", "1", {}), ("PNG", "I;16", {}),
        ("WEBP", "RGB", {}), ("WEBP", "RGBA", {"lossless": True}),
    ],
)  # fmt: skip
def test_every_kind_of_picture_becomes_an_rgb_jpeg(kind: str, mode: str, options: dict[str, Any]) -> None:
    source = (
        picture().convert("L").point(lambda v: v * 257, "I").convert("I;16") if mode == "I;16" else picture(mode=mode)
    )
    file = kept(encoded(source, kind, **options)).file
    image = Image.open(io.BytesIO(bytes_of(file)))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (640, 480))
    assert near(pixel(file, 0.75, 0.75), (255, 255, 255))
    if mode not in ("L", "LA", "1", "I;16"):
        assert near(pixel(file, 0.25, 0.25), (255, 0, 0))


def test_transparency_becomes_white_not_black() -> None:
    assert near(pixel(kept(encoded(Image.new("RGBA", (64, 64), (0, 0, 0, 0)), "PNG")).file, 0.5, 0.5), (255, 255, 255))


@pytest.mark.parametrize("turn", range(1, 9))
def test_photos_stand_upright(turn: int) -> None:
    undo = {1: [], 2: [0], 3: [3], 4: [1], 5: [5], 6: [2], 7: [6], 8: [4]}[
        turn
    ]  # how a camera held so would have seen it
    sent = picture()
    for step in undo:
        sent = sent.transpose(Image.Transpose(step))
    exif = Image.Exif()
    exif[0x0112] = turn
    file = kept(encoded(sent, exif=exif)).file
    assert (file.width, file.height) == (640, 480)
    assert near(pixel(file, 0.25, 0.25), (255, 0, 0))
    assert near(pixel(file, 0.75, 0.25), (0, 128, 0))


# ── What must not survive ────────────────────────────────────────────────────────────────────────────────────────────


def gps_exif(**more: Any) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825).update({1: "N", 2: (16.0, 28.0, 11.28), 3: "E", 4: (107.0, 34.0, 42.96)})
    exif.get_ifd(0x8769).update({0x9003: "2026:10:05 07:30:00", **more.get("when", {})})
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_no_byte_of_metadata_survives(kind: str) -> None:
    options: dict[str, Any] = {"exif": gps_exif(), "icc_profile": SECRET * 9}
    if kind == "JPEG":
        options["comment"] = SECRET
    if kind == "PNG":
        options["pnginfo"] = info = PngImagePlugin.PngInfo()
        info.add_text("Comment", SECRET.decode())
    else:
        options["xmp"] = SECRET
    data = encoded(picture(), kind, **options) + SECRET + b"PK\x03\x04 a zip behind the picture"
    assert SECRET in data
    file = kept(data).file
    for variant in files.VARIANTS:
        written = bytes_of(file, variant)
        assert not any(
            word in written for word in (b"script", b"SecretCamera", b"Exif", b"ICC_PROFILE", b"PK\x03\x04", b"http")
        )
        opened = Image.open(io.BytesIO(written))
        assert not opened.getexif()
        assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}


def test_where_and_when_are_read_once_for_the_report() -> None:
    stored = kept(encoded(picture(), exif=gps_exif(when={0x9011: "+07:00"})))
    assert (stored.lat, stored.lon) == (16.469800, 107.578600)
    assert stored.taken_at == datetime(2026, 10, 5, 7, 30, tzinfo=timezone(timedelta(hours=7)))


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        ({1: "S", 2: (33.0, 0.0, 0.0), 3: "W", 4: (70.0, 0.0, 0.0)}, (-33.0, -70.0)),
        ({1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)}, (None, None)),
        ({1: "N", 2: (91.0, 0.0, 0.0), 3: "E", 4: (1.0, 0.0, 0.0)}, (None, None)),
        ({1: "N", 2: (16.0,), 3: "E", 4: (107.0, 0.0)}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_places_that_make_no_sense_are_no_places(position: dict[int, Any], expected: tuple[Any, Any]) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825).update(position)
    stored = kept(encoded(picture(64, 64), exif=exif))
    assert (stored.lat, stored.lon) == expected


def test_a_camera_from_the_future_tells_no_time() -> None:
    exif = gps_exif(when={0x9003: "2099:01:01 00:00:00", 0x9011: "+07:00"})
    assert kept(encoded(picture(64, 64), exif=exif)).taken_at is None


# ── What must not get in ─────────────────────────────────────────────────────────────────────────────────────────────


def png(width: int, height: int, pixels: bytes = b"\0" * 1000) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")


def jpeg_of(width: int, height: int) -> bytes:
    """A small JPEG whose header claims another size."""
    data = bytearray(encoded(picture(64, 64)))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def scans(count: int) -> bytes:
    """A progressive JPEG that repeats its last scan."""
    data = encoded(picture(), progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * count + b"\xff\xd9"


def webp_of(width: int, height: int) -> bytes:
    data = bytearray(encoded(picture(mode="RGBA"), "WEBP", exif=gps_exif()))
    assert data[12:16] == b"VP8X"
    data[24:30] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes(data)


@pytest.mark.parametrize(
    ("sent", "refusal"),
    [
        (b"", UnsupportedMedia),
        (b"<html><script>alert(1)</script></html>", UnsupportedMedia),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", UnsupportedMedia),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", UnsupportedMedia),
        (encoded(picture(), "GIF") + b"PK\x03\x04", UnsupportedMedia),  # GIFAR
        (encoded(picture(), "BMP"), UnsupportedMedia),
        (encoded(picture(), "TIFF"), UnsupportedMedia),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", UnsupportedMedia),
        (b"\xff\xd8\xff\xe0<html>", Invalid),
        (b"\x89PNG\r\n\x1a\n<html>", Invalid),
        (b"RIFF\0\0\0\0WEBP", Invalid),
        (encoded(picture(), quality=95)[:4000], Invalid),
        (encoded(picture(), "PNG")[:-600], Invalid),
        (png(5000, 5000), Invalid),
        (scans(100), Invalid),
        (png(10_000, 10_000), TooLarge),
        (png(60_000, 2), TooLarge),
        (jpeg_of(12_000, 9_000), TooLarge),
        (jpeg_of(65_500, 10), TooLarge),
        (webp_of(16_000, 16_000), TooLarge),
        (b"\xff\xd8\xff" + b"\0" * 25_000_000, TooLarge),
    ],
    ids=[
        "nothing", "html", "pdf", "svg", "gif+jar", "bmp", "tiff", "heic", "html as jpeg", "html as png", "webp stub", "half a jpeg",
        "half a png", "empty png", "scans", "png bomb", "png strip", "jpeg bomb", "jpeg strip", "webp bomb", "bytes",
    ],
)  # fmt: skip
def test_what_is_no_photo_is_refused_quickly_and_leaves_nothing(
    sent: bytes, refusal: type[Problem], folder: Path
) -> None:
    began = time.process_time()
    with pytest.raises(refusal) as refused:
        kept(sent)
    assert refused.value.detail
    assert time.process_time() - began < 1
    assert not StoredFile.objects.exists()
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_of_an_animation_the_first_picture_is_kept() -> None:
    data = encoded(
        picture(), "WEBP", save_all=True, append_images=[Image.new("RGB", (640, 480), "black")] * 3, lossless=True
    )
    assert near(pixel(kept(data).file, 0.25, 0.25), (255, 0, 0))


def test_a_preview_in_the_metadata_does_not_count_as_scans() -> None:
    exif = gps_exif().tobytes() + encoded(picture(64, 64)) * 90
    assert kept(encoded(picture(), exif=exif[:60_000])).file.width == 640


def test_too_many_photos_at_once_are_asked_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_WAIT", 0.01)
    held = [store._decoding.acquire() for _ in range(store._AT_ONCE)]
    try:
        with pytest.raises(Problem) as refused:
            kept(encoded(picture()))
        assert refused.value.status == 429
    finally:
        for _ in held:
            store._decoding.release()


# ── Keeping and finding ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_scene_looks_the_same_and_another_does_not() -> None:
    scene = Image.effect_noise((640, 480), 80).convert("RGB")
    scene.paste(picture(300, 200), (40, 40))
    first = kept(encoded(scene)).file.phash
    again = kept(encoded(scene.resize((320, 240)), quality=40)).file.phash
    other = kept(encoded(scene.transpose(Image.Transpose.ROTATE_180))).file.phash
    assert first is not None and again is not None and other is not None
    assert looks_apart(first, again) <= 10 < looks_apart(first, other)
    assert looks_apart(-1, 0) == 64


def test_variants_that_do_not_exist_are_not_found() -> None:
    file = kept(encoded(picture(64, 64))).file
    for file_id, variant in (
        (file.pk, "original"),
        (file.pk, "../full"),
        (new_id(), "full"),
        (uuid.UUID(int=2**128 - 1), "full"),
    ):
        with pytest.raises(NotFound):
            files.open_variant(file_id, variant)


def test_nothing_half_written_is_ever_seen(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("hues.kernel.files.durable.os.fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        kept(encoded(picture(64, 64)))
    assert not StoredFile.objects.exists()
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_photos_that_nobody_used_go_and_used_ones_stay(folder: Path) -> None:
    unused, orphan = kept(encoded(picture(64, 64))).file, kept(encoded(picture(64, 64))).file
    StoredFile.objects.filter(pk=orphan.pk).delete()  # as when the transaction of its row was rolled back
    fresh = kept(encoded(picture(64, 64))).file
    assert files.sweep() == 0, "a day has not passed"
    with clock.at(datetime.now(UTC) + timedelta(days=2)):
        StoredFile.objects.filter(pk=fresh.pk).update(at=clock.now())
        assert files.sweep() == 2
    assert list(StoredFile.objects.values_list("pk", flat=True)) == [fresh.pk]
    assert default_storage.exists(store.name_of(fresh.pk, "full"))
    assert not default_storage.exists(store.name_of(unused.pk, "full"))
    assert not default_storage.exists(store.name_of(orphan.pk, "thumb"))


def test_a_photo_of_a_modern_phone_takes_about_a_second() -> None:
    noise = Image.effect_noise((4000, 3000), 60).resize((8000, 6000))
    data = encoded(Image.merge("RGB", [noise] * 3), quality=88)
    assert 12_000_000 < len(data) < images.MAX_UPLOAD
    began = time.process_time()
    assert kept(data).file.width == 2048
    assert time.process_time() - began < 3
