"""Keeping photos and videos: on Django's default storage, durable before the row that names them, immutable afterwards.

A photo is drawn anew at once. A video lies as it was sent until a process of its own has re-encoded it
(hues.assist.photos); nobody can fetch it before.
"""

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import SEEK_END
from typing import BinaryIO, Protocol
from uuid import UUID

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import ProtectedError, Q
from django.utils.translation import gettext as _

from hues.kernel import clock, metrics
from hues.kernel.errors import NotFound, Problem, TooLarge, TooMany
from hues.kernel.files.films import kind_of, read_film
from hues.kernel.files.images import MAX_UPLOAD, VARIANTS, redraw
from hues.kernel.ids import new_id
from hues.kernel.models import StoredFile

log = logging.getLogger("hues.files")

KEEP_UNCLAIMED = timedelta(days=1)
MASKED = tuple(f"masked-{name}" for name in VARIANTS)
CLIP, UPLOAD = "clip", "upload"  # of a video: the re-encoded film, and what was sent, until then
_ENDINGS = {CLIP: "mp4", UPLOAD: "bin"}
_MOST_ALT = 200
_AT_ONCE = 2  # photos decoded at a time in one process: each may need 200 MB for a second
_WAIT = 20.0  # seconds in the queue
_decoding = threading.BoundedSemaphore(_AT_ONCE)


# Told of every file whose masking waits, after the transaction that stored it: (id, is it a video).
WHEN_STORED: list[Callable[[UUID, bool], None]] = []


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


Upload = BinaryIO | File  # can be read twice


@dataclass(frozen=True)
class StoredImage:
    file: StoredFile
    lat: float | None  # where the photo or video says that it was taken …
    lon: float | None
    taken_at: datetime | None  # … and when; naive (the camera's local time) where it gave no offset


def store_upload(upload: Upload, *, owner_id: UUID | None = None, draft_key: str = "", alt: str = "") -> StoredImage:
    """Keep a photo or a video, whichever it is. Raises like `store_image`, and Invalid for a video that is too long."""
    start = upload.read(16)
    upload.seek(0)
    if kind_of(start):
        return store_film(upload, owner_id=owner_id, draft_key=draft_key, alt=alt)
    return store_image(upload, owner_id=owner_id, draft_key=draft_key, alt=alt)


def describe(file_id: UUID, alt: str) -> None:
    """What a photo or video shows, in its sender's words. The caller has checked whose it is, and that it is not sent yet."""
    StoredFile.objects.filter(pk=file_id).update(alt=alt.strip()[:_MOST_ALT])


def store_image(
    stream: Readable, *, owner_id: UUID | None = None, draft_key: str = "", alt: str = "", drawn: bool = False
) -> StoredImage:
    """Decode an uploaded photo, draw it anew in three sizes and keep those; the public sees it once it is masked.

    `owner_id` is the person who sent it, or `draft_key` the guest's draft it belongs to; `drawn` by us, so that there
    is nothing in it to hide. Raises TooLarge, UnsupportedMedia, Invalid (damaged), TooMany (too many photos at once).
    """
    with _turn():
        data = _read(stream)
        try:
            photo = redraw(data)
        except Problem as problem:
            metrics.PHOTOS.labels(problem.code).inc()
            raise
    masking = StoredFile.Masking.DONE if drawn else StoredFile.Masking.WAITING
    file = StoredFile(
        id=new_id(),
        at=clock.now(),
        owner_id=owner_id,
        draft_key=draft_key,
        media_type="image/jpeg",
        size=len(photo.variants["full"]),
        width=photo.width,
        height=photo.height,
        sha256=hashlib.sha256(photo.variants["full"]).hexdigest(),
        upload_sha256=hashlib.sha256(data).hexdigest(),
        phash=photo.phash,
        masking=masking,
        alt=alt.strip()[:_MOST_ALT],
    )
    write_variants(file.id, photo.variants)
    _insert(file)
    metrics.PHOTOS.labels("stored").inc()
    return StoredImage(file, photo.taken.lat, photo.taken.lon, photo.taken.at)


def store_film(upload: Upload, *, owner_id: UUID | None = None, draft_key: str = "", alt: str = "") -> StoredImage:
    """Keep a video of at most a minute, as it came, until it is re-encoded. Never in memory as a whole.

    Raises TooLarge, UnsupportedMedia, Invalid (too long, damaged).
    """
    upload.seek(0, SEEK_END)
    size = upload.tell()
    try:
        film = read_film(upload, size)
    except Problem as problem:
        metrics.PHOTOS.labels(problem.code).inc()
        raise
    upload.seek(0)
    file = StoredFile(
        id=new_id(),
        at=clock.now(),
        owner_id=owner_id,
        draft_key=draft_key,
        media_type=film.media_type,
        size=size,
        width=film.width,
        height=film.height,
        sha256="",
        upload_sha256=_digest(upload),
        duration_s=film.seconds,
        alt=alt.strip()[:_MOST_ALT],
    )
    upload.seek(0)
    _save(name_of(file.id, UPLOAD), File(upload))
    _insert(file)
    metrics.PHOTOS.labels("video").inc()
    return StoredImage(file, film.taken.lat, film.taken.lon, film.taken.at)


def _digest(upload: Upload) -> str:
    digest = hashlib.sha256()
    while piece := upload.read(1 << 20):
        digest.update(piece)
    return digest.hexdigest()


def _insert(file: StoredFile) -> None:
    file.save(force_insert=True)
    if file.masking == StoredFile.Masking.WAITING:
        for told in WHEN_STORED:
            transaction.on_commit(lambda told=told: told(file.id, file.is_video), robust=True)  # type: ignore[misc]


def open_variant(file_id: UUID, variant: str, *, masks: int = 0) -> File:
    """The bytes of a stored file: "full", "medium", "thumb", "clip"; "masked-full", … with the version of its masks
    (0: nothing had to be hidden). Whether the reader may see them is for the caller to know.

    Raises NotFound.
    """
    if variant not in (*VARIANTS, *MASKED, CLIP):
        raise NotFound(_("There is nothing here."))
    try:
        return default_storage.open(name_of(file_id, variant, masks))
    except FileNotFoundError:
        raise NotFound(_("There is nothing here.")) from None


def name_of(file_id: UUID, variant: str, masks: int = 0) -> str:
    """Where a variant lies: by the day that is in the id, so that a day's files can be listed."""
    if variant in MASKED:
        variant = f"{variant}-{masks}" if masks else variant.removeprefix("masked-")
    return f"{_day_of(file_id):%Y/%m/%d}/{file_id}-{variant}.{_ENDINGS.get(variant, 'jpg')}"


def write_variants(file_id: UUID, variants: dict[str, bytes], *, masks: int = 0) -> None:
    """Put pictures under their names. What an interrupted attempt left there gives way: no row has named it yet."""
    for variant, content in variants.items():
        _save(name_of(file_id, variant, masks), ContentFile(content))


def _save(name: str, content: File) -> None:
    if default_storage.exists(name):
        default_storage.delete(name)
    if default_storage.save(name, content) != name:
        raise RuntimeError(f"{name} was there already")


def delete_file(file_id: UUID) -> None:
    """Take a file away for good: its row, then its bytes. Raises ProtectedError while something uses it."""
    found = StoredFile.objects.filter(pk=file_id).values_list("found", flat=True).first() or {}
    StoredFile.objects.filter(pk=file_id).delete()
    for variant in (*VARIANTS, CLIP, UPLOAD):
        default_storage.delete(name_of(file_id, variant))
    delete_masks(file_id, upto=int(found.get("version", 0)) + 1)  # one may have been written and never named


def delete_masks(file_id: UUID, *, upto: int) -> None:
    """The masked pictures of all versions up to this one."""
    for masks in range(1, upto + 1):
        for variant in MASKED:
            default_storage.delete(name_of(file_id, variant, masks))


def sweep() -> int:
    """Remove photos that were sent and then used nowhere for a day, and files whose row was never committed. Returns
    how many."""
    limit = clock.now() - KEEP_UNCLAIMED
    unused = Q()
    for relation in StoredFile._meta.related_objects:  # whichever rooms keep files
        unused &= Q(**{f"{relation.name}__isnull": True})
    removed = 0
    for file_id in StoredFile.objects.filter(unused, at__lt=limit).values_list("pk", flat=True)[:10_000]:
        try:
            delete_file(file_id)
            removed += 1
        except ProtectedError:  # used since we looked
            continue
    return removed + sum(_sweep_day((limit - timedelta(days=back)).date()) for back in (1, 2))


def _sweep_day(day: date) -> int:
    try:
        names = default_storage.listdir(f"{day:%Y/%m/%d}")[1]
    except FileNotFoundError:
        return 0
    found = {name[:36]: name for name in names}
    known = {str(pk) for pk in StoredFile.objects.filter(pk__in=list(found)).values_list("pk", flat=True)}
    orphans = [name for name in names if name[:36] not in known]
    for name in orphans:
        default_storage.delete(f"{day:%Y/%m/%d}/{name}")
    return len({name[:36] for name in orphans})


@contextmanager
def _turn() -> Iterator[None]:
    if not _decoding.acquire(timeout=_WAIT):
        raise TooMany(_("Many photos are arriving just now. Please try again in a moment."), retry_after=5)
    try:
        yield
    finally:
        _decoding.release()


def _read(stream: Readable) -> bytes:
    data = stream.read(MAX_UPLOAD + 1)
    if len(data) > MAX_UPLOAD:
        most = MAX_UPLOAD // 1_000_000
        raise TooLarge(_("The photo is too large; at most {most} MB are possible.").format(most=most))
    return data


def _day_of(file_id: UUID) -> date:
    """The day a file was kept, which its id (UUIDv7) begins with; an id that is not of our making may name a year of no calendar."""
    try:
        return datetime.fromtimestamp((file_id.int >> 80) / 1000, UTC).date()
    except (ValueError, OverflowError, OSError):
        raise NotFound(_("There is nothing here.")) from None
