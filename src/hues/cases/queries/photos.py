"""Who may see a photo or video, and how: as it is, or masked (faces and number plates hidden).

|                                          | sees                                                    |
|------------------------------------------|---------------------------------------------------------|
| whoever sent it                          | as it is                                                |
| the reporter of its case                 | what they sent as it is; the rest, once public, masked  |
| staff that handle the case               | masked; as it is after saying so, which is journalled   |
| others who see the case (auditors)       | masked                                                  |
| everyone, if it is public and listed     | masked                                                  |
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from hues.cases import access
from hues.cases.models import LISTED, Case, CaseFile
from hues.kernel.actors import Actor
from hues.kernel.models import StoredFile

_OF_FILE = ("file__masking", "file__found", "file__media_type", "file__sha256")


@dataclass(frozen=True)
class Sight:
    """How one viewer may see one file."""

    level: str  # "own": as it is; "staff", "public": masked
    masking: str
    masks: int  # version
    is_video: bool
    ready: bool  # a video: re-encoded
    case_id: UUID | None = None
    handles: bool = False  # may ask for the original


def see_file(actor: Actor, file_id: UUID, *, drafts: Collection[str] = ()) -> Sight | None:
    """None: it is not there for this viewer. `drafts` are the draft keys of this browser. At most three statements."""
    held = (
        CaseFile.objects.filter(file_id=file_id).values("case_id", "public", "role", "added_by_kind", *_OF_FILE).first()
    )
    if held is None:
        return _upload(actor, file_id, drafts)
    case = Case.objects.filter(access.visible_to(actor), pk=held["case_id"]).select_related("parent").first()
    if case is not None:
        if access.is_reporter(actor, case) and _sent_by_reporter(held):
            return _sight("own", held)
        if "staff" in access.parts_for(actor, case):
            return _sight("staff", held, handles=bool(access.roles(actor, case) - {"reporter"}))
        if held["public"]:
            return _sight("staff", held)
    if case is None and access.takes_part(actor, held["case_id"]):
        return _sight("staff", held)
    if held["public"] and Case.objects.filter(LISTED, pk=held["case_id"]).exists():
        return _sight("public", held)
    return None


def _sent_by_reporter(held: dict) -> bool:
    """The photos of the report, and those sent in the talk; not the agency's."""
    from_them = held["added_by_kind"] in ("citizen", "key")
    return held["role"] == CaseFile.Role.BEFORE or (held["role"] == CaseFile.Role.MESSAGE and from_them)


def _sight(level: str, row: dict, *, handles: bool = False) -> Sight:
    is_video = row["file__media_type"].startswith("video/")
    return Sight(
        level,
        row["file__masking"],
        int(row["file__found"].get("version", 0)),
        is_video,
        not is_video or bool(row["file__sha256"]),
        row.get("case_id"),
        handles,
    )


def _upload(actor: Actor, file_id: UUID, drafts: Collection[str]) -> Sight | None:
    """A file that no case has yet: for whoever sent it."""
    fields = ("masking", "found", "media_type", "sha256")
    upload = StoredFile.objects.filter(pk=file_id).values("owner_id", "draft_key", *fields).first()
    if upload is None:
        return None
    mine = upload["owner_id"] is not None and upload["owner_id"] == actor.id
    if mine or (upload["draft_key"] and upload["draft_key"] in drafts):
        return _sight("own", {f"file__{name}": upload[name] for name in fields})
    return None
