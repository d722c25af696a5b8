"""What is forgotten of callers: by time, when somebody leaves, and brought under the current key when keys change."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from hues.hotline.actions import said
from hues.hotline.models import Call, CallBack, CallEvent, Recording
from hues.hotline.policy import policy
from hues.kernel import clock
from hues.people import sms, vault
from hues.people.erasing import ERASERS, EXPORTERS, HOLDS, Hold
from hues.people.models import VaultRecord

_FORGOTTEN = {"sealed_number": b"", "number_lookup": "", "number_end": ""}


def forget_old(limit: int = 2000) -> int:
    """Numbers and notes of calls that are older than the pack's days; the figures stay. Returns how many calls."""
    before = clock.now() - timedelta(days=policy().number_days)
    rows = Call.objects.filter(~Q(sealed_number=b""), rang_at__lt=before).order_by("rang_at")
    ids = list(rows.values_list("pk", flat=True)[:limit])
    _forget(ids)
    CallBack.objects.filter(~Q(state=CallBack.State.OPEN), made_at__lt=before).exclude(sealed_number=b"").update(
        **_FORGOTTEN
    )
    return len(ids)


@transaction.atomic
def _forget(ids: list[UUID]) -> None:
    Call.objects.filter(pk__in=ids).update(**_FORGOTTEN, notes="", person=None)
    CallEvent.objects.filter(call_id__in=ids).exclude(sealed_number=b"").update(sealed_number=b"")


def _of(person_id: UUID) -> Q:
    """Calls that this person confirmed, and those with the number that is (still) theirs."""
    lookups: list[str] = []
    if (record := VaultRecord.objects.filter(user_id=person_id).first()) is not None:
        try:
            lookups = vault.lookups(sms.numbers_of([record.user_id])[record.user_id])
        except (
            vault.Unreadable
        ):  # a restored city without its old keys: what was sealed is gone, the lookup still finds
            lookups = [record.phone_lookup]
    return Q(person_id=person_id) | Q(number_lookup__in=lookups)


@ERASERS.register("calls")
def erase_of(person_id: UUID) -> dict[str, int]:
    """Number, notes, and what was said, but for what is held as evidence."""
    now = clock.now()
    ids = list(Call.objects.filter(_of(person_id)).values_list("pk", flat=True))
    recordings = Recording.objects.filter(call_id__in=ids, state__in=[Recording.State.STORED, Recording.State.WAITING])
    free = list(recordings.exclude(held_until__gt=now))
    for row in free:
        said.wipe(row, Recording.State.DELETED)
    back = CallBack.objects.filter(Q(person_id=person_id) | Q(call_id__in=ids))
    back.filter(state=CallBack.State.OPEN).update(state=CallBack.State.WITHDRAWN, ended_at=now)
    kept = set(recordings.filter(held_until__gt=now).values_list("call_id", flat=True))
    gone = [call_id for call_id in ids if call_id not in kept]
    count = back.exclude(sealed_number=b"", person=None).update(**_FORGOTTEN, person=None, words="")
    _forget(gone)
    Call.objects.filter(pk__in=kept).update(
        person_id=person_id
    )  # found again when the hold ends and the account is gone
    return {"calls": len(gone), "recordings": len(free), "callbacks": count}


@EXPORTERS.register("calls")
def export_of(person_id: UUID) -> list[dict[str, Any]]:
    """Of calls that this person confirmed, everything; of calls that only showed their number, that there was one: who
    held the telephone then is not known.
    """
    calls = Call.objects.filter(_of(person_id)).order_by("rang_at").prefetch_related("links__case", "recordings")
    return [_exported(call, own=call.person_id == person_id) for call in calls]


def _exported(call: Call, *, own: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "at": call.rang_at, "direction": call.direction, "seconds": call.talk_s, "confirmed_by_code": own,
        "cases": [link.case.code for link in call.links.all()] if own else [],
    }  # fmt: skip
    if own:
        told["notes"] = call.notes
        kept = [row for row in call.recordings.all() if row.state == Recording.State.STORED]
        told["transcripts"] = [said.transcript(row) for row in kept if row.kind == Recording.Kind.TRANSCRIPT]
        told["recordings"] = sum(row.kind == Recording.Kind.SOUND for row in kept)
    return told


@HOLDS.register("calls")
def held_of(person_id: UUID) -> list[Hold]:
    rows = Recording.objects.filter(held_until__gt=clock.now(), state=Recording.State.STORED)
    rows = rows.filter(call__in=Call.objects.filter(_of(person_id))).select_related("call")
    reason = _("The recording of a call is kept as evidence")
    return [Hold(row.call.code, reason, row.held_until) for row in rows if row.held_until]


@vault.RESEALERS.register("calls")
def reseal(batch: int = 500) -> int:
    """Everything sealed in this room under the current key, with its lookups. Can be stopped and repeated."""
    done = 0
    prefix = vault.current().id.encode()
    done += _reseal(Call.objects.exclude(sealed_number=b"").iterator(chunk_size=batch), prefix, lookup=True)
    done += _reseal(CallBack.objects.exclude(sealed_number=b"").iterator(chunk_size=batch), prefix, lookup=True)
    for event in CallEvent.objects.exclude(sealed_number=b"").iterator(chunk_size=batch):
        if (fresh := vault.reseal(event.sealed_number, event.call_id.bytes)) is not None:
            CallEvent.objects.filter(pk=event.pk).update(sealed_number=fresh)
            done += 1
    for row in Recording.objects.filter(state=Recording.State.STORED).iterator(chunk_size=50):
        done += said.reseal(row)
    return done


def _reseal(rows: Any, prefix: bytes, *, lookup: bool) -> int:
    done = 0
    for row in rows:
        if bytes(row.sealed_number)[: len(prefix)] == prefix:
            continue
        number = vault.open_sealed(row.sealed_number, row.pk.bytes)
        changed = {"sealed_number": vault.seal(number, row.pk.bytes)}
        if lookup:
            changed["number_lookup"] = vault.current().lookup(number.decode())  # type: ignore[assignment]
        type(row).objects.filter(pk=row.pk).update(**changed)
        done += 1
    return done
