"""What people do with photos: ask for the original, say what must be hidden, say what a picture shows."""

import math
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image

from hues.assist.photos import drawing
from hues.cases.models import CaseFile
from hues.cases.pages.photos import open_ticket
from hues.cases.queries.photos import Sight, see_file
from hues.kernel import files, journal
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.files.store import MASKED, name_of, write_variants
from hues.kernel.models import StoredFile

MOST_REGIONS = 200
MOST_ALT = 200
_SMALLEST = 0.004  # of the picture: a slip of the finger hides nothing


def _seen(actor: Actor, file_id: UUID) -> Sight:
    sight = see_file(actor, file_id)
    if sight is None or sight.case_id is None or sight.level != "staff":
        raise NotFound(_("There is no such photo."))
    return sight


@transaction.atomic
def see_original(*, actor: Actor, file_id: UUID) -> str:
    """Let somebody who handles the case see a photo or video as it is; written down first. Returns the ticket that
    opens `/files/<id>/original?seen=…` for half an hour. Raises NotFound, Forbidden."""
    sight = _seen(actor, file_id)
    if not sight.handles:
        raise Forbidden(_("Only those who handle this case may see the original."))
    assert sight.case_id is not None  # noqa: S101 - for the type
    journal.record(
        actor=actor,
        action="file.original_seen",
        subject_kind="case",
        subject_id=sight.case_id,
        audit={
            "file": str(file_id),
            "kind": "video" if sight.is_video else "photo",
            "said": {"vi": "Xem ảnh gốc, không che", "en": "Saw the original, nothing hidden"},
        },
    )
    return open_ticket(actor, file_id)


def change_masks(
    *, actor: Actor, file_id: UUID, regions: Sequence[drawing.Region], version: int | None = None
) -> StoredFile:
    """The centre decides what is hidden: exactly these regions from now on. Earlier versions stay in the journal, the
    original always. Raises NotFound, Forbidden, Invalid, Conflict (somebody else changed it since `version`)."""
    sight = _seen(actor, file_id)
    if not actor.in_centre:
        raise Forbidden(_("Only the operations centre decides what is hidden."))
    if not sight.ready:
        raise Invalid(_("The video is still being prepared. Please try again in a minute."))
    wanted = _checked(regions)
    with transaction.atomic():
        file = StoredFile.objects.select_for_update().get(pk=file_id)
        before, hidden = file.mask_version, file.found.get("regions", [])
        if version is not None and version != before:
            raise Conflict(_("Somebody changed what is hidden in this photo just now. This is how it is."))
        now = max(before, 1) + 1  # the first version is the machine's, which may be writing it at this moment
        write_variants(file_id, _drawn(file_id, wanted), masks=now)
        counts = {kind: sum(one["kind"] == kind for one in wanted) for kind in ("face", "plate", "hand")}
        file.masking, file.found = StoredFile.Masking.DONE, {"version": now, "regions": wanted, **counts}
        file.save(update_fields=["masking", "found"])
        assert sight.case_id is not None  # noqa: S101 - for the type
        journal.record(
            actor=actor,
            action="file.masked",
            subject_kind="case",
            subject_id=sight.case_id,
            topics=[f"case:{sight.case_id}"],
            staff={
                "file": str(file_id), "version": now, "regions": wanted, "before": hidden,
                "said": {"vi": "Đổi phần được che trong ảnh", "en": "Changed what is hidden in a photo"},
            },
        )  # fmt: skip
        transaction.on_commit(lambda: _forget(file_id, before))
    return file


def _checked(regions: Sequence[drawing.Region]) -> list[dict[str, Any]]:
    if len(regions) > MOST_REGIONS:
        raise Invalid(_("That is too much to hide in one photo. Rather do not show it at all."))
    return [_region(one) for one in regions]


def _region(one: drawing.Region) -> dict[str, Any]:
    """Within the picture, and large enough to be meant."""
    left, top, width, height = (float(value) for value in one["box"])
    if not all(math.isfinite(value) for value in (left, top, width, height)):
        raise Invalid(_("Give the place of the box in per cent of the photo."))
    right, bottom = min(1.0, left + width), min(1.0, top + height)
    left, top = max(0.0, left), max(0.0, top)
    if right - left < _SMALLEST or bottom - top < _SMALLEST:
        raise Invalid(_("Give the place of the box in per cent of the photo."))
    kind = one["kind"] if one["kind"] in ("face", "plate") else "hand"
    return {"kind": kind, "box": [round(value, 4) for value in (left, top, right - left, bottom - top)]}


def _drawn(file_id: UUID, regions: list[dict[str, Any]]) -> dict[str, bytes]:
    with files.open_variant(file_id, "full") as content, Image.open(content, formats=["JPEG"]) as picture:
        return drawing.jpegs(drawing.masked(picture.convert("RGB"), regions), files.VARIANTS)


def _forget(file_id: UUID, version: int) -> None:
    """The pictures of the version before: what is hidden now may be seen in them."""
    from django.core.files.storage import default_storage

    for variant in MASKED if version else ():
        default_storage.delete(name_of(file_id, variant, version))


@transaction.atomic
def describe_photo(*, actor: Actor, file_id: UUID, text: str) -> CaseFile:
    """What a picture shows, for those who cannot see it: by its sender or by those who handle the case. Public with the
    picture. Raises NotFound, Forbidden."""
    sight = see_file(actor, file_id)
    if sight is None or sight.case_id is None or sight.level == "public":
        raise NotFound(_("There is no such photo."))
    if sight.level == "staff" and not sight.handles:
        raise Forbidden(_("Only those who handle this case may describe its photos."))
    held = CaseFile.objects.select_for_update().get(file_id=file_id)
    text = " ".join(text.split())[:MOST_ALT]
    if text != held.caption:
        before, held.caption = held.caption, text
        held.save(update_fields=["caption"])
        journal.record(
            actor=actor,
            action="file.described",
            subject_kind="case",
            subject_id=sight.case_id,
            topics=[f"case:{sight.case_id}"],
            staff={"file": str(file_id), "text": text, "before": before},
        )
    return held
