"""What was said in a call: kept only where the caller agreed, sealed, for the pack's days; opened only for a reason.

Consent comes with the events (the announcement, and a key for "no") or from the operator. One "no" counts more than any
"yes", whenever it comes: what is there already is deleted.
"""

import logging
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from hues.hotline import access, fold, grounds
from hues.hotline.events import Event
from hues.hotline.models import Call, Recording, RecordingAccess
from hues.hotline.policy import policy
from hues.kernel import clock, journal, limits
from hues.kernel.actors import SYSTEM, Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from hues.kernel.ids import new_id
from hues.kernel.text import clean
from hues.people import vault

log = logging.getLogger(__name__)

MOST_BYTES = 50_000_000
OPEN_FOR = timedelta(minutes=15)
UNDECIDED = timedelta(days=1)  # how long a recording may wait for somebody's word on consent
LONGEST_HOLD = timedelta(days=365 * 3)
AN_HOUR = (60, 3600)  # openings


def keep(call: Call, event: Event) -> Recording | None:
    """What an event says was recorded or written down. In the transaction that holds the call."""
    if event.kind == fold.TRANSCRIPT:
        return _transcript(call, event)
    if event.kind != fold.RECORDING:
        return None
    state = Recording.State.REFUSED if call.consent == Call.Consent.REFUSED else Recording.State.WAITING
    row = _row(call, Recording.Kind.SOUND, state)
    row.fetch_url = event.url if state == Recording.State.WAITING else ""
    row.save(force_insert=True)
    if call.consent == Call.Consent.GIVEN and row.fetch_url:
        _fetch_soon(row)
    return row


def _transcript(call: Call, event: Event) -> Recording:
    agreed = call.consent == Call.Consent.GIVEN
    row = _row(call, Recording.Kind.TRANSCRIPT, Recording.State.STORED if agreed else Recording.State.REFUSED)
    if agreed:
        row.sealed_text = vault.seal(event.text.encode(), row.id.bytes)
        row.size = len(event.text)
    row.save(force_insert=True)
    return row


def _row(call: Call, kind: str, state: str) -> Recording:
    now = clock.now()
    return Recording(
        id=new_id(),
        call=call,
        kind=kind,
        state=state,
        made_at=now,
        delete_at=now + timedelta(days=policy().recording_days),
    )


def _fetch_soon(row: Recording) -> None:
    from hues.hotline import jobs

    jobs.fetch_recording.defer(recording_id=str(row.pk))


def after_consent(call: Call) -> None:
    """The word on consent may have changed: fetch what waits, or delete what is there."""
    if call.consent == Call.Consent.UNKNOWN:
        return
    rows = Recording.objects.filter(call=call, state__in=[Recording.State.WAITING, Recording.State.STORED])
    for row in rows:
        if call.consent == Call.Consent.REFUSED:
            wipe(row, Recording.State.REFUSED)
        elif row.state == Recording.State.WAITING and row.fetch_url:
            _fetch_soon(row)


def store_sound(*, recording_id: UUID, content: bytes) -> bool:
    """The sound of a call, sealed. False where consent is missing (nothing is stored) or it is there already. Raises
    TooLarge, Invalid.
    """
    if len(content) > MOST_BYTES:
        raise TooLarge(_("This recording is too large."))
    media_type = media_type_of(content)
    if not media_type:
        raise Invalid(_("This is no sound that we can play: send WAV, Ogg, MP3 or M4A."))
    with transaction.atomic():
        row = Recording.objects.select_for_update(of=("self",)).select_related("call").filter(pk=recording_id).first()
        if row is None or row.state != Recording.State.WAITING or row.call.consent != Call.Consent.GIVEN:
            return False
        default_storage.delete(name_of(row))
        default_storage.save(name_of(row), ContentFile(vault.seal(content, row.id.bytes)))
        row.state, row.media_type, row.size, row.fetch_url = Recording.State.STORED, media_type, len(content), ""
        row.save(update_fields=["state", "media_type", "size", "fetch_url"])
        _note(row.call, "call.recorded", SYSTEM, {"bytes": row.size})
    return True


def media_type_of(content: bytes) -> str:
    """By its first bytes; what the sender calls it does not count. "" for anything else."""
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return "audio/wav"
    if content[:4] == b"OggS":
        return "audio/ogg"
    if content[:3] == b"ID3" or (len(content) > 1 and content[0] == 0xFF and content[1] & 0xE0 == 0xE0):
        return "audio/mpeg"
    return "audio/mp4" if content[4:8] == b"ftyp" else ""


def name_of(row: Recording) -> str:
    return f"recordings/{row.pk}"


def open_recording(*, actor: Actor, call_id: UUID, ground: str, reason: str) -> RecordingAccess:
    """Open what was said in a call for a quarter of an hour, for a reason that is written down. Raises NotFound, Forbidden,
    Invalid, TooMany.
    """
    call = Call.objects.filter(access.visible_to(actor), pk=call_id).first()
    if call is None:
        raise NotFound(_("There is no such call."))
    if not access.may_open_recording(actor, call):
        raise Forbidden(_("Leads, auditors and whoever took the call may hear it."))
    wrong = {}
    if ground not in grounds.GROUNDS:
        wrong["ground"] = _("This is not one of the choices.")
    words = clean(reason, max_length=300, field="reason")
    if len(words) < grounds.SHORTEST_REASON:
        wrong["reason"] = _("Say in a few words why: it is kept.")
    if wrong:
        raise Invalid(_("Some of it needs mending."), fields=wrong)
    limits.spend(f"recording:{actor.id}", limit=AN_HOUR[0], window=AN_HOUR[1])
    with transaction.atomic():
        if not stored(call):
            raise Conflict(_("Nothing of this call is kept."))
        now = clock.now()
        opened = RecordingAccess.objects.create(
            id=new_id(), call=call, by_id=actor.id, ground=ground, reason=words, at=now, expires_at=now + OPEN_FOR
        )
        _note(call, "call.recording_opened", actor, {"ground": ground}, audit={"reason": words, "by": str(actor.id)})
    return opened


def opened(actor: Actor, access_id: UUID) -> RecordingAccess:
    """One's own opening, while it lasts. Raises NotFound."""
    rows = RecordingAccess.objects.select_related("call").filter(
        pk=access_id, by_id=actor.id, expires_at__gt=clock.now()
    )
    found = rows.first() if actor.kind == "staff" else None
    if found is None or not access.may_open_recording(actor, found.call):
        raise NotFound(_("There is no such page."))
    return found


def stored(call: Call) -> list[Recording]:
    return list(Recording.objects.filter(call=call, state=Recording.State.STORED).order_by("made_at"))


def sound(row: Recording) -> File:
    """Raises NotFound."""
    try:
        with default_storage.open(name_of(row)) as file:
            plain = vault.open_sealed(file.read(), row.id.bytes)
    except FileNotFoundError:
        raise NotFound(_("This recording is gone.")) from None
    found: File = File(BytesIO(plain))
    found.size = len(plain)  # of the plain bytes
    return found


def transcript(row: Recording) -> str:
    return vault.open_sealed(row.sealed_text, row.id.bytes).decode() if row.sealed_text else ""


def hold_recording(*, actor: Actor, call_id: UUID, days: int, reason: str) -> int:
    """Keep what was said in a call longer than the pack's days (evidence), or let it go again with 0. Leads. Returns how
    many pieces. Raises NotFound, Forbidden, Invalid.
    """
    call = Call.objects.filter(access.visible_to(actor), pk=call_id).first()
    if call is None:
        raise NotFound(_("There is no such call."))
    if not access.may_lead(actor):
        raise Forbidden(_("A lead decides this."))
    words = clean(reason, max_length=300, field="reason")
    if not 0 <= days <= LONGEST_HOLD.days:
        raise Invalid(_("Please check the dates."), fields={"days": _("At most {n}.").format(n=LONGEST_HOLD.days)})
    if days and len(words) < grounds.SHORTEST_REASON:
        raise Invalid(_("Some of it needs mending."), fields={"reason": _("Say in a few words why: it is kept.")})
    until = clock.now() + timedelta(days=days) if days else None
    with transaction.atomic():
        rows = Recording.objects.filter(call=call, state=Recording.State.STORED)
        count = rows.update(held_until=until, held_for=words if days else "", held_by=actor.id if days else None)
        _note(
            call,
            "call.recording_held" if days else "call.recording_released",
            actor,
            {"days": days},
            audit={"reason": words},
        )
    return count


def delete_due(limit: int = 500) -> int:
    """Delete what has been kept long enough and is not held; forget what nobody agreed to. Returns how many."""
    now = clock.now()
    gone = 0
    due = Recording.objects.filter(state__in=[Recording.State.STORED, Recording.State.WAITING], delete_at__lte=now)
    undecided = Recording.objects.filter(state=Recording.State.WAITING, made_at__lte=now - UNDECIDED).exclude(
        call__consent=Call.Consent.GIVEN
    )
    for row_id, state in [
        *((pk, Recording.State.REFUSED) for pk in undecided.values_list("pk", flat=True)[:limit]),
        *((pk, Recording.State.DELETED) for pk in due.exclude(held_until__gt=now).values_list("pk", flat=True)[:limit]),
    ]:
        with transaction.atomic():
            rows = Recording.objects.select_for_update(of=("self",), skip_locked=True).select_related("call")
            row = rows.filter(pk=row_id, state__in=[Recording.State.STORED, Recording.State.WAITING]).first()
            if row is None or (row.held_until and row.held_until > now):
                continue
            wipe(row, state)
            _note(row.call, "call.recording_deleted", SYSTEM, {"why": str(state)})
            gone += 1
    return gone


def wipe(row: Recording, state: str) -> None:
    """The words go with the row; the file once that is written for good."""
    row.state, row.sealed_text, row.fetch_url, row.deleted_at = state, b"", "", clock.now()
    row.save(update_fields=["state", "sealed_text", "fetch_url", "deleted_at"])
    transaction.on_commit(lambda: default_storage.delete(name_of(row)))


def _note(call: Call, action: str, actor: Actor, centre: dict[str, Any], audit: dict[str, Any] | None = None) -> None:
    journal.record(
        actor=actor,
        action=action,
        subject_kind="call",
        subject_id=call.pk,
        topics=[f"call:{call.pk}"],
        centre={"code": call.code, **centre},
        audit=audit,
    )


def reseal(row: Recording) -> int:
    """Under the current key of the vault. Returns 1 where it was not."""
    if row.kind == Recording.Kind.TRANSCRIPT:
        fresh = vault.reseal(row.sealed_text, row.id.bytes) if row.sealed_text else None
        if fresh is None:
            return 0
        return Recording.objects.filter(pk=row.pk).update(sealed_text=fresh)
    with default_storage.open(name_of(row)) as file:
        fresh = vault.reseal(file.read(), row.id.bytes)
    if fresh is None:
        return 0
    default_storage.delete(name_of(row))
    default_storage.save(name_of(row), ContentFile(fresh))
    return 1
