"""Calls that we owe or want: taken by one person, tried, reached or given up. Each attempt is kept."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from hues.cases import queries as case_queries
from hues.city.clock import city_zone
from hues.hotline import access, numbers, sources, telephony
from hues.hotline.actions.missed import copy_number
from hues.hotline.actions.taking import CODE_PREFIX
from hues.hotline.models import Call, CallBack, CallBackTry, Seat
from hues.hotline.policy import policy
from hues.kernel import clock, journal
from hues.kernel.actors import SYSTEM, Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.ids import new_code, new_id
from hues.kernel.text import clean
from hues.people import sms, vault

TAKEN_FOR = timedelta(minutes=15)
FURTHEST = timedelta(days=30)
_GONE = {CallBackTry.Result.REACHED: CallBack.State.DONE, CallBackTry.Result.WRONG: CallBack.State.GIVEN_UP}


def promise(*, actor: Actor, call: Call, promise_at: object = None, words: str = "") -> CallBack:
    """Promise a caller to call back, by a moment (else the pack's time). In the transaction that holds the call."""
    if not call.sealed_number:
        reason = _("The number is not known: write it down first, or ask the caller to call again.")
        raise Invalid(reason, fields={"code": reason})
    row = CallBack(
        id=new_id(),
        reason=CallBack.Reason.PROMISED,
        call=call,
        promise_at=_moment(promise_at) or clock.now() + policy().callback_within,
        next_at=clock.now(),
        words=clean(words, max_length=300),
        made_at=clock.now(),
        made_by_id=actor.id if actor.kind == "staff" else None,
        is_sample=call.is_sample,
    )
    copy_number(call, row)
    row.save(force_insert=True)
    _record(row, "callback.promised", actor)
    return row


def ask_for_callback(*, call: Call) -> CallBack | None:
    """The caller pressed the key for being called back. Once for a call; a missed one becomes a promised one."""
    if not call.sealed_number or CallBack.objects.filter(call=call, reason=CallBack.Reason.PROMISED).exists():
        return None
    CallBack.objects.filter(call=call, reason=CallBack.Reason.MISSED, state=CallBack.State.OPEN).update(
        state=CallBack.State.WITHDRAWN, ended_at=clock.now()
    )
    return promise(actor=SYSTEM, call=call)


def _moment(given: object) -> datetime | None:
    if given in (None, ""):
        return None
    try:
        at = given if isinstance(given, datetime) else datetime.fromisoformat(str(given))
    except ValueError:
        at = None
    if at is not None and at.tzinfo is None:
        at = at.replace(tzinfo=city_zone())
    if at is None or not clock.now() - timedelta(minutes=1) <= at <= clock.now() + FURTHEST:
        raise Invalid(_("Please check the time."), fields={"promise_at": _("A moment from now to 30 days ahead.")})
    return at


def call_reporter(*, actor: Actor, code: str, reason: str, words: str = "") -> CallBack:
    """Put the reporter of a case on the list: to ask something, or whether the result is good. Their number is not shown to
    anybody: it goes from the vault to the telephone system. Raises NotFound, Forbidden, Invalid, Conflict.
    """
    case = case_queries.case_for(actor, code)
    if not actor.in_centre:
        raise Forbidden(_("Only the centre calls people."))
    if reason not in (CallBack.Reason.QUALITY, CallBack.Reason.QUESTION):
        raise Invalid(_("What for?"), fields={"reason": _("This is not one of the choices.")})
    if case.reporter_id is None:
        raise Conflict(_("Nobody to call: this case has no sender with a telephone."))
    with transaction.atomic():
        if CallBack.objects.filter(case=case, person_id=case.reporter_id, state=CallBack.State.OPEN).exists():
            raise Conflict(_("Calling the sender of this case is on the list already."))
        now = clock.now()
        row = CallBack.objects.create(
            id=new_id(), reason=reason, case=case, person_id=case.reporter_id, promise_at=now + timedelta(days=1),
            next_at=now, words=clean(words, max_length=300), made_at=now, made_by_id=actor.id, is_sample=case.is_sample,
        )  # fmt: skip
        _record(row, "callback.wanted", actor, case=case.code)
    return row


def take_callback(*, actor: Actor, callback_id: UUID) -> CallBack:
    """ "I am calling them": for a quarter of an hour nobody else does. Raises NotFound, Forbidden, Conflict."""
    with transaction.atomic():
        row = _locked(actor, callback_id)
        _take(row, actor)
    return row


def _take(row: CallBack, actor: Actor) -> None:
    """Refused where somebody else is calling them; a claim lapses after a while."""
    now = clock.now()
    if row.taken_by_id not in (None, actor.id) and row.taken_at and row.taken_at > now - TAKEN_FOR:
        raise Conflict(_("A colleague is calling them just now."))
    row.taken_by_id, row.taken_at = actor.id, now
    row.save(update_fields=["taken_by", "taken_at"])
    _record(row, "callback.taken", actor)


def dial_callback(*, actor: Actor, callback_id: UUID) -> Call:
    """Ring one's own telephone, then theirs. Raises NotFound, Forbidden, Conflict, Unavailable, telephony.NotPlaced."""
    machine = telephony.required()
    seat = Seat.objects.filter(person_id=actor.id).first()
    if seat is None or not seat.extension:
        reason = _("Say first at which telephone you sit.")
        raise Conflict(reason, fields={"extension": reason})
    with transaction.atomic():
        row = _locked(actor, callback_id)
        _take(row, actor)
        number = _number_of(row)
        call = _outgoing(row, seat)
    try:
        machine.dial(ref=call.source_id, extension=seat.extension, number=number)
    except telephony.NotPlaced:
        note_try(actor=actor, callback_id=callback_id, result=CallBackTry.Result.FAILED)
        Call.objects.filter(pk=call.pk, events=None).delete()
        raise
    call.refresh_from_db()
    return call


def _outgoing(row: CallBack, seat: Seat) -> Call:
    """The call that we place, before any event tells of it: the name is ours, so its events find it."""
    now = clock.now()
    local = now.astimezone(city_zone())
    call_id = new_id()
    number = _number_of(row)
    sealed = numbers.Sealed() if row.person_id else numbers.seal(number, call_id)
    return Call.objects.create(
        id=call_id,
        code=new_code(CODE_PREFIX),
        source=telephony.source() if telephony.adapter() else sources.DESK,
        source_id=f"hues-{call_id}",
        direction=Call.Direction.OUT,
        extension=seat.extension,
        operator_id=seat.person_id,
        callback=row,
        case=row.case,
        rang_at=now,
        close_at=now + policy().ring_limit,
        local_day=local.date(),
        local_hour=local.hour,
        sealed_number=sealed.blob,
        number_lookup=sealed.lookup,
        number_end=sealed.end,
        is_sample=row.is_sample,
    )


def _number_of(row: CallBack) -> str:
    """In the clear, for the telephone system only. Raises Conflict where it is gone."""
    if row.person_id is not None:
        number = sms.numbers_of([row.person_id]).get(row.person_id, "")
    else:
        number = vault.open_sealed(row.sealed_number, row.id.bytes).decode() if row.sealed_number else ""
    if not number:
        raise Conflict(_("The number is not kept any more."))
    return number


def number_to_dial(*, actor: Actor, callback_id: UUID) -> str:
    """For whoever took a call-back and dials by hand; written down. Never of a case's sender. Raises NotFound, Forbidden,
    Conflict.
    """
    with transaction.atomic():
        row = _locked(actor, callback_id)
        if row.person_id is not None:
            raise Forbidden(
                _("The number of a sender is not shown. Connect a telephone system, or write to them in the case.")
            )
        if row.taken_by_id != actor.id:
            raise Conflict(_("Take it first: then nobody else calls them."))
        number = _number_of(row)
        _record(row, "callback.number_shown", actor)
    return number


def note_try(*, actor: Actor, callback_id: UUID, result: str, note: str = "", call: Call | None = None) -> CallBack:
    """What came of an attempt. Reached ends it; a wrong number too; after the pack's tries it is given up.

    Raises NotFound, Forbidden, Conflict, Invalid.
    """
    if result not in CallBackTry.Result.values:
        raise Invalid(_("What came of it?"), fields={"result": _("This is not one of the choices.")})
    words = clean(note, max_length=300, field="note")
    with transaction.atomic():
        row = _locked(actor, callback_id)
        now = clock.now()
        CallBackTry.objects.create(callback=row, at=now, by_id=actor.id, call=call, result=result, note=words)
        row.tries += 1
        row.taken_by, row.taken_at = None, None
        row.next_at = now + policy().callback_again
        ended = _GONE.get(CallBackTry.Result(result))
        if ended is None and row.tries >= policy().callback_tries and row.reason != CallBack.Reason.PROMISED:
            ended = CallBack.State.GIVEN_UP
        if ended is not None:
            _end(row, ended, actor)
        row.save()
        _record(row, "callback.tried", actor, result=result, state=row.state)
    return row


def give_up(*, actor: Actor, callback_id: UUID, note: str) -> CallBack:
    """End a call-back without having reached them; why is asked."""
    words = clean(note, max_length=300, field="note")
    if len(words) < 3:
        raise Invalid(_("Some of it needs mending."), fields={"note": _("Say in a few words why: it is kept.")})
    with transaction.atomic():
        row = _locked(actor, callback_id)
        row.words = f"{row.words}\n{words}".strip()
        _end(row, CallBack.State.GIVEN_UP, actor)
        row.save()
        _record(row, "callback.given_up", actor)
    return row


def _end(row: CallBack, state: str, actor: Actor) -> None:
    """The number is not needed any more."""
    row.state, row.ended_at, row.ended_by_id = state, clock.now(), actor.id
    row.kept = state == CallBack.State.DONE and row.ended_at <= row.promise_at
    row.taken_by, row.taken_at = None, None


def _locked(actor: Actor, callback_id: UUID) -> CallBack:
    if not (actor.in_centre or access.may_answer(actor)) or actor.id is None:
        raise NotFound(_("There is no such call-back."))
    row = CallBack.objects.select_for_update(of=("self",)).select_related("case").filter(pk=callback_id).first()
    if row is None or (row.person_id is not None and not actor.in_centre):
        raise NotFound(_("There is no such call-back."))
    if row.state != CallBack.State.OPEN:
        raise Conflict(_("This call-back has ended already."))
    return row


def _record(row: CallBack, action: str, actor: Actor, **centre: object) -> None:
    journal.record(
        actor=actor, action=action, subject_kind="callback", subject_id=row.pk, topics=["calls"],
        centre={"reason": row.reason, **centre},
    )  # fmt: skip


__all__ = [
    "ask_for_callback", "call_reporter", "dial_callback", "give_up", "note_try", "number_to_dial", "promise",
    "take_callback",
]  # fmt: skip
