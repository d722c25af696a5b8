"""Keeping photos: on Django's default storage, durable before the row that names them, immutable afterwards."""

import hashlib
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db.models import ProtectedError, Q
from django.utils.translation import gettext as _

from hues.kernel import clock, metrics
from hues.kernel.errors import NotFound, Problem, TooLarge, TooMany
from hues.kernel.files.images import MAX_UPLOAD, VARIANTS, Photo, redraw
from hues.kernel.ids import new_id
from hues.kernel.models import StoredFile

log = logging.getLogger("hues.files")

KEEP_UNCLAIMED = timedelta(days=1)
_AT_ONCE = 2  # photos decoded at a time in one process: each may need 200 MB for a second
_WAIT = 20.0  # seconds in the queue
_decoding = threading.BoundedSemaphore(_AT_ONCE)


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class StoredImage:
    file: StoredFile
    lat: float | None  # where the photo says that it was taken …
    lon: float | None
    taken_at: datetime | None  # … and when; naive (the camera's local time) where it gave no offset


def store_image(stream: Readable, *, owner_id: UUID | None = None, draft_key: str = "") -> StoredImage:
    """Decode an uploaded photo, draw it anew in three sizes and keep those.

    `owner_id` is the person who sent it, or `draft_key` the guest's draft it belongs to. Raises TooLarge,
    UnsupportedMedia, Invalid (damaged), TooMany (too many photos at once).
    """
    with _turn():
        data = _read(stream)
        try:
            photo = redraw(data)
        except Problem as problem:
            metrics.PHOTOS.labels(problem.code).inc()
            raise
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
    )
    _write(file.id, photo)
    file.save(force_insert=True)
    metrics.PHOTOS.labels("stored").inc()
    return StoredImage(file, photo.taken.lat, photo.taken.lon, photo.taken.at)


def open_variant(file_id: UUID, variant: str) -> File:
    """The bytes of a stored photo ("full", "medium", "thumb"). Whether the reader may see them is for the caller to
    know.

    Raises NotFound.
    """
    if variant not in VARIANTS:
        raise NotFound(_("There is nothing here."))
    try:
        return default_storage.open(name_of(file_id, variant))
    except FileNotFoundError:
        raise NotFound(_("There is nothing here.")) from None


def name_of(file_id: UUID, variant: str) -> str:
    """Where a variant lies: by the day that is in the id, so that a day's files can be listed."""
    return f"{_day_of(file_id):%Y/%m/%d}/{file_id}-{variant}.jpg"


def delete_file(file_id: UUID) -> None:
    """Take a photo away for good: its row, then its bytes. Raises ProtectedError while something uses it."""
    StoredFile.objects.filter(pk=file_id).delete()
    for variant in VARIANTS:
        default_storage.delete(name_of(file_id, variant))


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


def _write(file_id: UUID, photo: Photo) -> None:
    for variant, content in photo.variants.items():
        name = name_of(file_id, variant)
        if default_storage.save(name, ContentFile(content)) != name:
            raise RuntimeError(f"{name} was there already")


def _day_of(file_id: UUID) -> date:
    return datetime.fromtimestamp((file_id.int >> 80) / 1000, UTC).date()
