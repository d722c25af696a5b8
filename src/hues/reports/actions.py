"""Filing a report, and the drafts of people who have not confirmed their phone yet.

Every door of the channel (web pages, JSON API, Open311) files through `file_report`, so that what is refused is refused
everywhere and in the same words. A case is opened by `cases.actions.open_case`; here is only what a person may send.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hues.cases import reference
from hues.cases.access import source_of
from hues.cases.actions import open_case
from hues.cases.models import Case
from hues.city import queries as city
from hues.city import questions
from hues.city.models import Category
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Forbidden, Invalid, NotFound, SignInNeeded
from hues.kernel.ids import new_id
from hues.kernel.models import StoredFile
from hues.reports.checks import MAX_ADDRESS, MAX_BODY, MAX_FILES, PLACE_SOURCES, Checker
from hues.reports.models import ReportDraft
from hues.reports.queries import find_draft as find_draft

DRAFT_LIFE = timedelta(days=7)
SCOPES = {"api": "reports", "open311": "open311"}  # what a key needs to file through a channel
LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)


def file_report(
    *,
    actor: Actor,
    category: Any,
    body: Any = "",
    lat: Any = None,
    lon: Any = None,
    address: Any = "",
    place_source: Any = "",
    answers: Any = None,
    file_ids: Any = (),
    anonymous: Any = True,
    language: Any = "",
    channel: str = "web",
    draft_key: str = "",
    source: str = "",
    source_id: str = "",
    source_data: Mapping[str, Any] | None = None,
) -> Case:
    """Open a case for what somebody reports. `actor` is a citizen whose phone is confirmed, a member of staff who files
    for somebody, or a key with the channel's scope; a guest is asked to sign in.

    Takes values as they were sent, of whatever type. Raises Invalid with every complaint by field, in the active
    language; then nothing is stored. `draft_key` names the draft whose uploads may be attached besides the actor's own.
    """
    check_may_file(actor, channel)
    sent = {
        "category": category,
        "body": body,
        "lat": lat,
        "lon": lon,
        "address": address,
        "place_source": place_source,
        "answers": answers,
        "file_ids": file_ids,
        "anonymous": anonymous,
        "language": language,
    }
    # `open_case` checks texts, answers, category and place itself. Only where the rest is wrong is everything checked
    # here, so that a person sees all complaints at once and the hot path checks nothing twice.
    report = _shaped(sent) or check_report(**sent)
    if actor.kind == "key" and not source:  # a program stays the reporter of what it sends
        source, source_id = source_of(actor), new_id().hex
    try:
        return open_case(
            actor=actor,
            channel=channel,
            draft_key=draft_key,
            source=source,
            source_id=source_id,
            source_data=source_data,
            **report,
        )
    except Invalid as error:
        raise _renamed(error, lat) from None


def _shaped(sent: dict[str, Any]) -> dict[str, Any] | None:
    """What was sent with everything in its own type that `open_case` does not check; None if something is not."""
    check = Checker()
    point = check.point(sent["lat"], sent["lon"])
    shaped = {
        "file_ids": check.ids("file_ids", sent["file_ids"], limit=MAX_FILES),
        "place_source": check.choice("place_source", sent["place_source"], PLACE_SOURCES, default=""),
        "language": check.choice("language", sent["language"], LANGUAGES, default=_language()),
        "anonymous": check.truth("anonymous", sent["anonymous"], default=True),
    }
    if check.fields:
        return None
    if point is None and isinstance(sent["address"], str) and sent["address"].strip():
        point = point_of_address(sent["address"])
        shaped["place_source"] = shaped["place_source"] or "address"
    lat, lon = point or (None, None)
    return {**sent, **shaped, "lat": lat, "lon": lon}


def _language() -> str:
    return get_language() or str(settings.LANGUAGE_CODE)


def _renamed(error: Invalid, lat: Any) -> Invalid:
    """Complaints of the case under the names by which this door takes the fields."""
    names = {"place": "address" if lat is None or lat == "" else "lat", "files": "file_ids"}
    return Invalid(
        error.detail, fields={names.get(name, name): text for name, text in error.fields.items()}, code=error.code
    )


def check_report(
    *,
    category: Any,
    body: Any = "",
    lat: Any = None,
    lon: Any = None,
    address: Any = "",
    place_source: Any = "",
    answers: Any = None,
    file_ids: Any = (),
    anonymous: Any = True,
    language: Any = "",
) -> dict[str, Any]:
    """What was sent, checked and in its own types, as `open_case` takes it. Raises Invalid with every complaint by
    field.
    """
    check = Checker()
    kind = _category(check, category)
    text = check.text("body", body, limit=MAX_BODY, lines=True)
    files = check.ids("file_ids", file_ids, limit=MAX_FILES)
    street = check.text("address", address, limit=MAX_ADDRESS)
    how = check.choice("place_source", place_source, PLACE_SOURCES, default="")
    tongue = check.choice("language", language, LANGUAGES, default=_language())
    hidden = check.truth("anonymous", anonymous, default=True)
    point = _place(check, lat, lon, street, optional=bool(kind and kind.evidence.get("place_optional")))
    replies = _answers(check, kind, answers, tongue)
    if not text and not files and not replies and not check.fields.keys() & {"body", "file_ids"}:
        check.complain("body", _("Please say what is wrong, or add a photo."))
    check.finish()
    assert kind is not None  # noqa: S101 - or `finish` had raised
    return {
        "category": kind.code,
        "body": text,
        "lat": point[0] if point else None,
        "lon": point[1] if point else None,
        "address": street,
        "place_source": how or ("address" if lat is None or lat == "" else ""),
        "answers": replies,
        "file_ids": files,
        "anonymous": hidden,
        "language": tongue,
    }


def check_may_file(actor: Actor, channel: str) -> None:
    """Raises SignInNeeded or Forbidden."""
    if actor.kind == "guest":
        raise SignInNeeded(_("Please confirm your phone number first."))
    if actor.kind == "key" and SCOPES.get(channel, "reports") not in actor.scopes:
        raise Forbidden(_("This key may not file reports."))


def _category(check: Checker, code: Any) -> Category | None:
    kind = reference.categories_by_code().get(code) if isinstance(code, str) else None
    if kind is None or not kind.active:
        check.complain("category", _("There is no such category.") if code else _("Choose what it is about."))
        return None
    return kind


def _place(check: Checker, lat: Any, lon: Any, address: str, *, optional: bool) -> tuple[float, float] | None:
    """The point given, or that of the address; the centre asks where neither is known well enough."""
    point = check.point(lat, lon)
    if point:
        if city.unit_at(*point) is None:
            check.complain("lat", _("This place is outside the city."))
        return point
    if not address:
        if not optional and not {"lat", "lon", "address"} & check.fields.keys():
            check.complain("address", _("Where is it? Give a place or an address."))
        return None
    if check.fields.keys() & {"lat", "lon"}:
        return None
    return point_of_address(address)


def point_of_address(address: str) -> tuple[float, float] | None:
    """Where a typed address is, as far as the city's own list of places knows."""
    found = city.find_places(address, get_language() or "vi", 1)
    return (found[0].lat, found[0].lon) if found else None


def _answers(check: Checker, kind: Category | None, answers: Any, language: str) -> dict[str, Any]:
    given = check.mapping("answers", answers)
    if kind is None:
        return {}
    try:
        return questions.check(kind, given, get_language() or language)
    except Invalid as error:
        for name, complaint in error.fields.items():
            check.complain(name, complaint)
        if not error.fields:
            check.complain("answers", error.detail)
        return {}


def _own_files(check: Checker, ids: list[UUID], actor: Actor, draft_key: str) -> None:
    """Only uploads of the same person or the same draft, and none that another case already has."""
    if not ids:
        return
    uploads = StoredFile.objects.filter(id__in=ids, case_file=None).values_list("owner_id", "draft_key")
    own = [1 for owner, key in uploads if (owner and owner == actor.id) or (key and key == draft_key)]
    if len(own) != len(ids):
        check.complain("file_ids", _("One of the photos is not here any more. Please add it again."))


# Drafts. They are nobody's record yet: no entry in the journal until a report is made of one.

DRAFT_FIELDS = frozenset(
    {"category", "body", "lat", "lon", "address", "place_source", "answers", "anonymous", "language"}
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
) -> ReportDraft:
    """Keep what was typed: `data` is merged field by field, `file_ids` replaces the list. Raises NotFound and Invalid.

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
    check_report(file_ids=draft.file_ids, **_needed(draft))
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
