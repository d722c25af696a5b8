"""Photos and videos whose masking waits: what is taken, what is kept, and when it is given up.

Each try is counted before it begins, so that a picture that kills whoever looks at it is tried three times and no more.
The work is done outside of transactions; writing its result asks whether the file is still there and still waits, so
that it does no harm to do it twice, nor to be killed at any moment: the file then waits again.
"""

import json
import logging
import tempfile
from collections.abc import Iterator
from hashlib import file_digest
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection, transaction

from hues.assist.photos import children
from hues.kernel import files, metrics
from hues.kernel.errors import Problem
from hues.kernel.files.films import MAX_SECONDS, SLACK
from hues.kernel.files.images import redraw
from hues.kernel.files.store import CLIP, UPLOAD, name_of, write_variants
from hues.kernel.models import StoredFile

log = logging.getLogger("hues.photos")

BATCH = 8  # photos for one child: starting it takes half a second, each photo a third
TRIES = 3
_START, _PHOTO_SECONDS = 10.0, 10.0  # on the wall, on a busy machine
_FILM_SECONDS, _FILM_CPU = 300.0, 150

# The oldest first; `for update skip locked`, as two workers may come at once.
_TAKE = """
update kernel_storedfile set found = found || jsonb_build_object('tries', coalesce((found->>'tries')::int, 0) + 1)
where id in (
    select id from kernel_storedfile where masking = 'waiting' and {kind}
    order by coalesce((found->>'tries')::int, 0), at limit %(most)s for update skip locked
)
returning id, (found->>'tries')::int
"""
_PHOTOS = "(media_type = 'image/jpeg' or sha256 <> '')"  # a re-encoded video waits for its still
_FILMS = "media_type like 'video/%%' and sha256 = ''"


def mask_some() -> int:
    """Mask a batch of waiting photos. Returns how many were looked at: 0 when none waits."""
    taken = _take(_PHOTOS, BATCH)
    ids = [file_id for file_id, tries in taken if tries <= TRIES]
    _give_up([file_id for file_id, tries in taken if tries > TRIES], "unreadable")
    if ids:
        _mask(ids)
    return len(taken)


def photos_wait() -> bool:
    return _any(_PHOTOS)


def films_wait() -> bool:
    return _any(_FILMS)


def _any(kind: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"select exists (select from kernel_storedfile where masking = 'waiting' and {kind})", {})  # noqa: S608 - our own words
        return bool(cursor.fetchone()[0])


def _take(kind: str, most: int) -> list[tuple[UUID, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE.format(kind=kind), {"most": most})
        return list(cursor.fetchall())


def _mask(ids: list[UUID]) -> None:
    with tempfile.TemporaryDirectory(prefix="hues-photos-") as place:
        folder = Path(place)
        missing = [file_id for file_id in ids if not _lay_out(file_id, folder)]
        _give_up(missing, "missing")
        there = [file_id for file_id in ids if file_id not in missing]
        sizes = {name: list(size) for name, size in files.VARIANTS.items()}
        said = "".join(json.dumps({"name": str(file_id), "sizes": sizes}) + "\n" for file_id in there)
        seconds = _START + _PHOTO_SECONDS * len(there)
        try:
            output = children.run("mask", [place], said=said, seconds=seconds, cpu=int(seconds))
        except children.Died as death:
            log.warning("masking a batch of %d photos ended early: %s", len(there), death)
            output = death.output
        answered = dict(_answers(output))
        for file_id in there:
            if (regions := answered.get(str(file_id))) is not None:
                _keep(file_id, regions, folder)
        # What was not reached has not been tried: only the first unanswered one may have killed the child.
        _not_tried([file_id for file_id in there if str(file_id) not in answered][1:])


def _lay_out(file_id: UUID, folder: Path) -> bool:
    try:
        with files.open_variant(file_id, "full") as photo:
            (folder / str(file_id)).write_bytes(photo.read())
    except Problem:
        return False
    return True


def _answers(output: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for line in output.splitlines():
        try:
            answer = json.loads(line)
        except ValueError:
            return  # cut off as the child died
        yield answer["name"], answer["regions"]


def _keep(file_id: UUID, regions: list[dict[str, Any]], folder: Path) -> None:
    """The first version of a file's masks."""
    variants = {}
    if regions:
        variants = {name: (folder / f"{file_id}-{name}").read_bytes() for name in files.MASKED}
        write_variants(file_id, variants, masks=1)
    counts = {kind: sum(region["kind"] == kind for region in regions) for kind in ("face", "plate")}
    found = {"version": 1 if regions else 0, "regions": regions, **counts}
    waiting = StoredFile.objects.filter(pk=file_id, masking=StoredFile.Masking.WAITING)
    if waiting.update(masking=StoredFile.Masking.DONE, found=found):
        metrics.MASKED.labels("done").inc()


def _not_tried(ids: list[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update kernel_storedfile set found = found || jsonb_build_object('tries', (found->>'tries')::int - 1)"
            " where id = any(%s) and masking = 'waiting'",
            [ids],
        )


def _give_up(ids: list[UUID], problem: str) -> None:
    waiting = StoredFile.objects.filter(pk__in=ids, masking=StoredFile.Masking.WAITING)
    for file_id in ids:
        log.warning("file %s cannot be shown to the public: %s", file_id, problem)
    given_up = waiting.update(masking=StoredFile.Masking.FAILED, found={"problem": problem})
    metrics.MASKED.labels("failed").inc(given_up)


# ── Videos ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def encode_one() -> bool:
    """Re-encode the video that waits longest. False where none waits."""
    taken = _take(_FILMS, 1)
    for file_id, tries in taken:
        if tries > TRIES:
            _refuse(file_id, "damaged")
        else:
            _encode(file_id)
    return bool(taken)


def _encode(file_id: UUID) -> None:
    with tempfile.TemporaryDirectory(prefix="hues-film-") as place:
        sent, clip, still = (Path(place) / name for name in ("sent", "clip.mp4", "still.jpg"))
        try:
            with default_storage.open(name_of(file_id, UPLOAD)) as upload, sent.open("wb") as copy:
                for chunk in upload.chunks():
                    copy.write(chunk)
        except FileNotFoundError:
            _refuse(file_id, "missing")
            return
        try:
            output = children.run("film", [str(sent), str(clip), str(still)], seconds=_FILM_SECONDS, cpu=_FILM_CPU)
        except children.Died as death:
            log.warning("re-encoding video %s ended early: %s", file_id, death)
            return  # it still waits, and this try is counted
        answer = json.loads(output)
        if problem := answer.get("problem"):
            _refuse(file_id, problem)
        elif answer["seconds"] > MAX_SECONDS + SLACK:
            _refuse(file_id, "too-long")
        else:
            _keep_film(file_id, answer["seconds"], clip, still.read_bytes())


def _keep_film(file_id: UUID, seconds: float, clip: Path, still: bytes) -> None:
    """The film and its still are there; the still waits to be masked like a photo. What was sent goes."""
    photo = redraw(still)
    write_variants(file_id, photo.variants)
    name = name_of(file_id, CLIP)
    with clip.open("rb") as film:
        sha256, size = file_digest(film, "sha256").hexdigest(), clip.stat().st_size
        film.seek(0)
        default_storage.delete(name)
        default_storage.save(name, File(film))
    waiting = StoredFile.objects.filter(pk=file_id, masking=StoredFile.Masking.WAITING, sha256="")
    kept = waiting.update(
        media_type="video/mp4", sha256=sha256, size=size, duration_s=seconds, width=photo.width, height=photo.height,
        phash=photo.phash, found={},
    )  # fmt: skip
    if kept:
        metrics.MASKED.labels("film").inc()
    default_storage.delete(name_of(file_id, UPLOAD))


def _refuse(file_id: UUID, problem: str) -> None:
    """The video cannot be used. Nothing of it is kept; who sent it reads why."""
    with transaction.atomic():
        _give_up([file_id], problem)
    default_storage.delete(name_of(file_id, UPLOAD))
