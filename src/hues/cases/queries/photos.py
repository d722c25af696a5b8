"""Who may see a photo."""

from collections.abc import Collection
from uuid import UUID

from hues.cases import access
from hues.cases.models import LISTED, Case, CaseFile
from hues.kernel.actors import Actor
from hues.kernel.models import StoredFile


def may_see_photo(actor: Actor, file_id: UUID, *, drafts: Collection[str] = ()) -> str | None:
    """ "public", "own", or None. `drafts` are the draft keys of this browser. At most two statements."""
    held = CaseFile.objects.filter(file_id=file_id).values("case_id", "public", "role").first()
    if held is None:
        return _upload(actor, file_id, drafts)
    if held["public"] and Case.objects.filter(LISTED, pk=held["case_id"]).exists():
        return "public"
    case = Case.objects.filter(access.visible_to(actor), pk=held["case_id"]).select_related("parent").first()
    if case is None:
        return None
    staff = "staff" in access.parts_for(actor, case)
    theirs = held["public"] or held["role"] in (CaseFile.Role.BEFORE, CaseFile.Role.MESSAGE)
    return "own" if staff or theirs else None


def _upload(actor: Actor, file_id: UUID, drafts: Collection[str]) -> str | None:
    """A photo that no case has yet: for whoever sent it."""
    upload = StoredFile.objects.filter(pk=file_id).values("owner_id", "draft_key").first()
    if upload is None:
        return None
    mine = upload["owner_id"] is not None and upload["owner_id"] == actor.id
    return "own" if mine or (upload["draft_key"] and upload["draft_key"] in drafts) else None
