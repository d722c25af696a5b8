"""Every write to a case. Pages, APIs, jobs and commands all come through here."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hues.cases import access, engine, files, moderation, processes, rungs
from hues.cases.engine import take_step
from hues.cases.firing import fire_timers
from hues.cases.joining import join_into
from hues.cases.me_too import support_case, withdraw_support
from hues.cases.models import Case, CaseFile, CaseMessage
from hues.cases.opening import open_case
from hues.city.models import Category
from hues.kernel import clock, journal, text
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid
from hues.kernel.ids import new_id

__all__ = [
    "fire_timers",
    "join_into",
    "moderate_case",
    "note_read",
    "open_case",
    "send_message",
    "support_case",
    "take_step",
    "withdraw_support",
]

MESSAGE_MAX = 4000
MESSAGE_FILES = 4


def send_message(
    *, actor: Actor, code: str, body: str, file_ids: Sequence[UUID] = (), audience: str = "party"
) -> CaseMessage | None:
    """A line of the talk with the citizen ("party"), or a note among staff ("staff").

    Where the process waits for the reporter, their message is the reply and takes that step; the message is then part of the step (None is
    returned). Raises NotFound, Forbidden, Invalid.
    """
    if audience not in ("party", "staff"):
        raise Invalid(_("There is no such audience."), fields={"audience": _("This is not one of the choices.")})
    if not isinstance(body, str):
        raise Invalid(_("This must be text."), fields={"body": _("This must be text.")})
    body = text.clean(body, max_length=MESSAGE_MAX, multiline=True, field="body")
    if not body and not file_ids:
        raise Invalid(_("Please write something."), fields={"body": _("This is needed.")})
    with transaction.atomic():
        case = engine.lock(actor, code)
        roles = access.roles(actor, case)
        if not roles or (audience == "staff" and roles == {"reporter"}):
            raise Forbidden(_("You can read this case, but not write in it."))
        if audience == "party" and (heard := _listening_step(case, roles)):
            change = engine.begin(actor, case, heard)
            engine.fill(change, {"text": body or "📷", "files": list(file_ids)})
            engine.complete(change)
            return None
        return _store_message(actor, case, body, file_ids, audience)


def _listening_step(case: Case, roles: frozenset[str]) -> str | None:
    """The step that a message of the reporter takes in this state."""
    steps = processes.process(case.process_id).steps_from.get(case.state, ())
    return next((step.name for step in steps if step.hears == "message" and roles.intersection(step.by)), None)


def _store_message(actor: Actor, case: Case, body: str, file_ids: Sequence[UUID], audience: str) -> CaseMessage:
    now = clock.now()
    by_reporter = actor.id is not None and actor.id == case.reporter_id
    message = CaseMessage(
        id=new_id(),
        case_id=case.pk,
        audience=audience,
        author_kind=actor.kind,
        author_id=actor.id if actor.kind == "staff" else None,  # never who the citizen is
        agency_id=case.agency_id if case.agency_id in actor.agency_ids else None,
        body=body,
        at=now,
    )
    message.save(force_insert=True)
    if len(file_ids) > MESSAGE_FILES:
        reason = _("At most {n} files.").format(n=MESSAGE_FILES)
        raise Invalid(reason, fields={"files": reason})
    role = CaseFile.Role.MESSAGE if audience == "party" else CaseFile.Role.NOTE
    files.attach(case.pk, list(file_ids), actor=actor, role=role, at=now)
    Case.objects.filter(pk=case.pk).update(updated_at=now)
    shown = {"message": str(message.pk), "files": [str(file_id) for file_id in file_ids]}
    journal.record(
        actor=actor,
        action="case.message",
        subject_kind="case",
        subject_id=case.pk,
        topics=_message_topics(case, audience),
        party=shown if audience == "party" else None,
        staff=shown if audience == "staff" else None,
        notify=_message_notices(actor, case, audience, by_reporter),
    )
    return message


def _message_topics(case: Case, audience: str) -> list[str]:
    """A note among staff must not move anything on the reporter's page."""
    if audience == "party":
        return [topic for topic in engine.topics(case) if not topic.startswith("public:")]
    return [topic for topic in engine.topics(case) if topic.startswith(("agency:", "centre"))]


_NEW_MESSAGE = {"vi": "Tin nhắn mới về {code}.", "en": "A new message on {code}."}


def _message_notices(actor: Actor, case: Case, audience: str, by_reporter: bool) -> list[journal.Notify]:
    if audience == "staff":
        return []
    texts = {language: words.format(code=case.code) for language, words in _NEW_MESSAGE.items()}
    heard = "officer" if case.agency_id else "centre"
    told = heard if by_reporter else "reporter"
    return rungs.notices(case, {told: texts}, template="case.message", actor=actor)


def note_read(*, actor: Actor, code: str) -> None:
    """The first time that somebody who handles the case opens it: the reporter sees that it was read. Later calls change nothing."""
    if not engine.is_code(code):
        raise engine.no_case()
    rows = Case.objects.filter(access.visible_to(actor), code=engine.normal_code(code))
    case = rows.first()
    if case is None:
        raise engine.no_case()
    roles = access.roles(actor, case)
    if case.first_read_at or "giver" in roles or not roles - {"reporter", "system"}:
        return
    with transaction.atomic():
        now = clock.now()
        if not Case.objects.filter(pk=case.pk, first_read_at=None).update(first_read_at=now):
            return
        journal.record(
            actor=actor,
            action="case.read",
            subject_kind="case",
            subject_id=case.pk,
            topics=engine.topics(case),
            party={"said": {"vi": "Đã có người đọc", "en": "Somebody has read it"}},
        )


_MODERATED = (
    "visibility", "public_body", "public_address", "public_lat", "public_lon", "moderated", "updated_at", "version",
)  # fmt: skip


def moderate_case(
    *,
    actor: Actor,
    code: str,
    public_body: str,
    public_address: str = "",
    visibility: str = "",
    public_files: Sequence[UUID] = (),
    version: int | None = None,
) -> Case:
    """Decide again what the public sees of a case. The centre only. Raises NotFound, Forbidden, Conflict, Invalid."""
    with transaction.atomic():
        case = engine.lock(actor, code)
        if not actor.in_centre:
            raise Forbidden(_("Only the centre decides what is public."))
        process = processes.process(case.process_id)
        if version is not None and version != case.version:
            raise Conflict(engine.what_happened(actor, case, process))
        if visibility and visibility not in Category.Visibility.values:
            raise Invalid(
                _("This is not one of the choices."), fields={"visibility": _("This is not one of the choices.")}
            )
        before = moderation.shown(case)
        was_listed = engine.topics(case)
        case.visibility = visibility or case.visibility
        case.public_body = text.clean(public_body, max_length=4000, multiline=True, field="public_body")
        address = text.clean(public_address, max_length=300, field="public_address")
        case.public_address = moderation.street_only(address) if case.visibility == "masked" else address
        moderation.place_for_public(case)
        moderation.show_files(case, list(public_files))
        case.moderated, case.updated_at, case.version = True, clock.now(), case.version + 1
        case.save(update_fields=_MODERATED)
        journal.record(
            actor=actor,
            action="case.moderated",
            subject_kind="case",
            subject_id=case.pk,
            topics={*was_listed, *engine.topics(case)},
            centre={
                "said": {"vi": "Thay đổi nội dung công khai", "en": "Changed what the public sees"},
                "before": before,
                "after": moderation.shown(case),
            },
        )
    return case
