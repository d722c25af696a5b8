"""Drafts of browsers without JavaScript (with it, a draft lives on the device: web/outbox.js). They are nobody's record:
no entry in the journal until a report is made of one.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.cases import reference
from hues.cases.models import Case
from hues.cases.moderation import scrub
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Invalid, NotFound
from hues.kernel.files import describe
from hues.kernel.models import StoredFile
from hues.reports.actions.filing import check_report, file_report
from hues.reports.checks import MAX_ADDRESS, MAX_ASSET, MAX_BODY, MAX_FILES, Checker
from hues.reports.models import ReportDraft

DRAFT_LIFE = timedelta(days=7)
DRAFT_FIELDS = frozenset(
    {
        "category",
        "body",
        "lat",
        "lon",
        "address",
        "place_source",
        "answers",
        "anonymous",
        "language",
        "asset",
        "joins",
        "for_other",
    }
)


def start_draft(*, actor: Actor, session_hash: str, data: Mapping[str, Any] | None = None) -> ReportDraft:
    """A draft of the browser session whose hash is given; it vanishes after a week without a change."""
    now = clock.now()
    return ReportDraft.objects.create(
        session_hash=session_hash,
        language=get_language() or actor.language,
        data=_draft_data(data or {}),
        created_at=now,
        expires_at=now + DRAFT_LIFE,
    )


def update_draft(
    *,
    actor: Actor,
    draft_id: UUID,
    session_hash: str,
    data: Mapping[str, Any] | None = None,
    file_ids: Iterable[UUID] | None = None,
    alts: Mapping[UUID, str] | None = None,
) -> ReportDraft:
    """Keep what was typed: `data` is merged field by field, `file_ids` replaces the list, `alts` says what some of them show.

    Raises NotFound and Invalid.

    Half a draft is fine; only what could not be stored, or never be sent, is refused.
    """
    with transaction.atomic():
        draft = _own_draft(draft_id, session_hash)
        if draft.submitted_case_id:
            raise Invalid(_("This report has been sent already."), code="sent-already")
        draft.data |= _draft_data(data or {})
        if file_ids is not None:
            check = Checker()
            draft.file_ids = check.ids("file_ids", list(file_ids), limit=MAX_FILES)
            _own_files(check, draft.file_ids, actor, draft_key(draft))
            check.finish()
        for file_id in set(alts or {}) & set(draft.file_ids):
            describe(file_id, scrub((alts or {})[file_id]))  # public with the photo
        draft.expires_at = clock.now() + DRAFT_LIFE
        draft.save()
    return draft


def submit_draft(*, actor: Actor, draft_id: UUID, session_hash: str) -> Case:
    """Make a report of a draft, once: pressing the button again gives the same case. Raises like `file_report`, and
    NotFound.
    """
    with transaction.atomic():
        draft = _own_draft(draft_id, session_hash)
        if draft.submitted_case:
            return draft.submitted_case
        case = file_report(
            actor=actor, file_ids=draft.file_ids, draft_key=draft_key(draft), channel="web", **_needed(draft)
        )
        # What was typed now lives in the case; nothing of it stays behind.
        draft.submitted_case, draft.data = case, {}
        draft.save()
    return case


def check_draft(*, actor: Actor, draft: ReportDraft) -> None:
    """Whether a draft could be sent as it is, before somebody is asked for a phone number. Raises Invalid as
    `submit_draft` would.
    """
    needed = {name: value for name, value in _needed(draft).items() if name not in ("joins", "for_other")}
    check_report(file_ids=draft.file_ids, **needed)
    check = Checker()
    kind = reference.categories_by_code()[draft.data["category"]]
    if kind.evidence.get("photos_required") and not draft.file_ids:
        check.complain("file_ids", _("A photo is needed here: without it nobody can check this."))
    _own_files(check, draft.file_ids, actor, draft_key(draft))
    check.finish()


def draft_key(draft: ReportDraft) -> str:
    """Under which uploads belong to a draft (StoredFile.draft_key)."""
    return f"draft-{draft.id}"


def purge_drafts() -> int:
    """Forget expired drafts; returns how many. Their unused uploads fall to the file store's own cleaning."""
    deleted, _by_model = ReportDraft.objects.filter(expires_at__lt=clock.now()).delete()
    return deleted


def _own_draft(draft_id: UUID, session_hash: str) -> ReportDraft:
    drafts = ReportDraft.objects.select_for_update(of=("self",)).select_related("submitted_case")
    draft = drafts.filter(pk=draft_id, session_hash=session_hash, expires_at__gt=clock.now()).first()
    if draft is None:
        raise NotFound(_("This draft is not here any more."))
    return draft


def _needed(draft: ReportDraft) -> dict[str, Any]:
    data = {name: value for name, value in draft.data.items() if name in DRAFT_FIELDS}
    return {"category": "", "language": draft.language, **data}


def _draft_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """What can be kept of a form half filled in: known fields, storable values."""
    check = Checker()
    kept = {name: value for name, value in data.items() if name in DRAFT_FIELDS}
    for name, limit in (
        ("body", MAX_BODY),
        ("address", MAX_ADDRESS),
        ("category", 64),
        ("place_source", 16),
        ("language", 8),
        ("asset", MAX_ASSET),
        ("joins", 16),
        ("for_other", 36),
    ):
        if name in kept:
            kept[name] = check.text(name, kept[name], limit=limit, lines=name == "body")
    if "lat" in kept or "lon" in kept:
        point = check.point(kept.get("lat"), kept.get("lon"))
        kept["lat"], kept["lon"] = point or (None, None)
    if "anonymous" in kept:
        kept["anonymous"] = check.truth("anonymous", kept["anonymous"], default=True)
    if "answers" in kept:
        kept["answers"] = _storable_answers(check, kept["answers"])
    check.finish()
    return kept


def _storable_answers(check: Checker, answers: Any) -> dict[str, Any]:
    """Answers are checked against their questions when the report is sent; until then they only have to be plain and
    small.
    """
    kept: dict[str, Any] = {}
    for name, value in list(check.mapping("answers", answers).items())[:50]:
        key = check.text("answers", name, limit=64)
        if isinstance(value, str):
            kept[key] = check.text(f"answers.{key}", value, limit=MAX_BODY, lines=True)
        elif isinstance(value, list):
            kept[key] = [check.text(f"answers.{key}", item, limit=200) for item in value[:50]]
        elif isinstance(value, bool | int) or value is None:
            kept[key] = value if not isinstance(value, int) or abs(value) < 1e15 else None
    return kept


def _own_files(check: Checker, ids: list[UUID], actor: Actor, draft_key: str) -> None:
    """Only uploads of the same person or the same draft, and none that another case already has."""
    if not ids:
        return
    uploads = StoredFile.objects.filter(id__in=ids, case_file=None).values_list("owner_id", "draft_key")
    own = [1 for owner, key in uploads if (owner and owner == actor.id) or (key and key == draft_key)]
    if len(own) != len(ids):
        check.complain("file_ids", _("One of the photos is not here any more. Please add it again."))
