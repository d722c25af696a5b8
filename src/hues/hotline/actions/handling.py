"""What somebody at the desk does with a call: where they sit, take it, hold it, end it, wrap it up, write down what is needed."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from hues.hotline import access, fold, grounds, numbers, sources, telephony
from hues.hotline.actions import missed
from hues.hotline.actions.taking import lock_call, note_event, record, settle, topics
from hues.hotline.models import Call, CallBack, CallEvent, Seat
from hues.hotline.policy import policy
from hues.kernel import clock, journal, limits
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.ids import new_id
from hues.kernel.text import clean

NOTES_MAX = 4000
DIRECTIONS = tuple(Call.Direction.values)
SHOWN_AN_HOUR = (60, 3600)
BY_HAND_AN_HOUR = (120, 3600)
_KINDS = {
    telephony.ANSWER: fold.ANSWER, telephony.HANG_UP: fold.HANGUP, telephony.HOLD: fold.HOLD,
    telephony.RESUME: fold.RESUME, telephony.TRANSFER: fold.TRANSFER,
}  # fmt: skip


def locked(actor: Actor, call_id: UUID) -> Call:
    """A call that this person may see, held for writing. Raises NotFound, Forbidden."""
    rows = Call.objects.select_for_update(of=("self",)).filter(access.visible_to(actor), pk=call_id)
    call = rows.first()
    if call is None:
        raise NotFound(_("There is no such call."))
    if not access.may_handle(actor, call):
        raise Forbidden(_("Somebody else has this call."))
    return call


# ── at the desk ──


def choose(*, actor: Actor, chosen: str, extension: str | None = None) -> Seat:
    """Say whether one takes calls, and at which telephone. Raises Forbidden, Invalid, Conflict (a call still to wrap up; the
    telephone is somebody else's).
    """
    if not access.may_answer(actor) or actor.id is None:
        raise Forbidden(_("This desk is for those who answer calls."))
    if chosen not in Seat.Chosen.values:
        raise Invalid(_("There is no such state."), fields={"chosen": _("This is not one of the choices.")})
    with transaction.atomic():
        if chosen == Seat.Chosen.AVAILABLE and (left := unwrapped(actor)) is not None:
            raise Conflict(_("Say first how call %(code)s ended.") % {"code": left.code})
        now = clock.now()
        seat, made = Seat.objects.select_for_update().get_or_create(
            person_id=actor.id, defaults={"since": now, "seated_at": now}
        )
        seat.since = now if made or seat.chosen != chosen else seat.since
        seat.chosen = chosen
        if extension is not None:
            _sit(seat, clean(extension, max_length=32, field="extension"))
        try:
            with transaction.atomic():
                seat.save()
        except IntegrityError:
            reason = _("Somebody else sits at this telephone.")
            raise Conflict(reason, fields={"extension": reason}) from None
        journal.record(
            actor=actor, action="desk.chosen", subject_kind="person", subject_id=actor.id, topics=["calls"],
            centre={"chosen": chosen},
        )  # fmt: skip
    return seat


def _sit(seat: Seat, extension: str) -> None:
    if extension == seat.extension:
        return
    seat.extension, seat.seated_at = extension, clock.now()
    if extension:  # whoever left without saying so is not in the way
        Seat.objects.filter(extension=extension, chosen=Seat.Chosen.AWAY).exclude(pk=seat.pk).update(extension="")


def unwrapped(actor: Actor) -> Call | None:
    """One's own oldest call that ended and was not wrapped up. One statement."""
    rows = Call.objects.filter(
        operator_id=actor.id, state=Call.State.ENDED, result=Call.Result.ANSWERED, wrap_code=""
    )  # fmt: skip
    return rows.order_by("ended_at").first()


# ── a call ──


def start_call(*, actor: Actor, number: str, direction: str = "in") -> Call:
    """Write down a call that no telephone system tells of. Its number counts like any other: as a hint."""
    if not access.may_answer(actor) or actor.id is None:
        raise Forbidden(_("This desk is for those who answer calls."))
    if direction not in DIRECTIONS:
        raise Invalid(_("There is no such direction."), fields={"direction": _("This is not one of the choices.")})
    read = numbers.read(number)
    if number.strip() and not read:
        reason = _("This is not a telephone number. Leave it empty where it is not known.")
        raise Invalid(reason, fields={"number": reason})
    limits.spend(f"call:{actor.id}", limit=BY_HAND_AN_HOUR[0], window=BY_HAND_AN_HOUR[1])
    with transaction.atomic():
        call = lock_call(sources.DESK, new_id().hex)
        call.operator_id = actor.id
        now = clock.now()
        CallEvent.objects.bulk_create(
            CallEvent(
                call=call, source=sources.DESK, event_id=new_id().hex, kind=kind, at=now, received_at=now,
                data={"direction": direction},
                sealed_number=numbers.seal(read, call.id).blob if kind == fold.RING else b"",
            )
            for kind in (fold.RING, fold.ANSWER)
        )  # fmt: skip
        settle(call, actor=actor)
    return call


def claim_call(*, actor: Actor, call_id: UUID) -> Call:
    """ "This is mine": for telephones whose extension nobody has said, and calls of a colleague who left."""
    with transaction.atomic():
        call = locked(actor, call_id)
        if call.operator_id not in (None, actor.id) and not access.may_lead(actor):
            raise Forbidden(_("Somebody else has this call."))
        call.operator_id = actor.id
        call.save(update_fields=["operator"])
        record(call, "call.claimed", actor=actor)
    return call


def control_call(*, actor: Actor, call_id: UUID, verb: str, to: str = "") -> Call:
    """Answer, hold, go on, transfer, hang up. The telephone system does it and tells us; for calls that only the desk knows,
    and where it cannot hang up, it is written down here.

    Raises Invalid, NotFound, Forbidden, Conflict, telephony.NotPlaced.
    """
    if verb not in _KINDS:
        raise Invalid(_("A telephone cannot do this."), fields={"verb": _("This is not one of the choices.")})
    to = clean(to, max_length=32, field="to")
    if verb == telephony.TRANSFER and not to:
        raise Invalid(_("To which telephone?"), fields={"to": _("Say to which extension.")})
    with transaction.atomic():
        call = locked(actor, call_id)
        if not call.is_open:
            raise Conflict(_("This call has ended."))
        if verb == telephony.ANSWER and call.operator_id is None:
            call.operator_id = actor.id
            call.save(update_fields=["operator"])
        if (machine := _machine_for(call, verb)) is None:
            note_event(call, _KINDS[verb], actor=actor, to=to)
            return call
    machine.control(ref=call.source_id, verb=verb, to=to)  # outside: nobody waits for a telephone system with a lock
    call.refresh_from_db()
    return call


def _machine_for(call: Call, verb: str) -> telephony.Adapter | None:
    if call.source == sources.DESK:
        return None
    found = telephony.adapter()
    if found is not None and call.source == telephony.source() and verb in found.verbs:
        return found
    if verb == telephony.HANG_UP:
        return None
    raise Conflict(_("This telephone system cannot do that from here. Use the telephone."))


def note_consent(*, actor: Actor, call_id: UUID, agreed: bool) -> Call:
    """What the caller said about recording. A "no" deletes what is there, for good."""
    with transaction.atomic():
        call = locked(actor, call_id)
        note_event(call, fold.CONSENT, actor=actor, consent=bool(agreed))
        record(call, "call.consent", actor=actor, agreed=bool(agreed))
    return call


def write_notes(*, actor: Actor, call_id: UUID, notes: str) -> Call:
    """The operator's own words about a call."""
    text = clean(notes, max_length=NOTES_MAX, multiline=True, field="notes")
    with transaction.atomic():
        call = locked(actor, call_id)
        call.notes = text
        call.save(update_fields=["notes"])
        record(call, "call.noted", actor=actor)
    return call


def wrap_up(*, actor: Actor, call_id: UUID, code: str, notes: str | None = None, promise_at: object = None) -> Call:
    """How a call ended for the caller: asked of everybody after each call. A promise makes a call-back.

    Raises NotFound, Forbidden, Conflict (it still runs), Invalid.
    """
    chosen = policy().code(code)
    if chosen is None:
        raise Invalid(_("How did it end?"), fields={"code": _("This is not one of the choices.")})
    text = None if notes is None else clean(notes, max_length=NOTES_MAX, multiline=True, field="notes")
    with transaction.atomic():
        call = locked(actor, call_id)
        if call.is_open:
            raise Conflict(_("This call has not ended yet."))
        if chosen.needs_case and not call.links.exists():
            raise Invalid(
                _("No case is linked to this call."),
                fields={"code": _("File or link a case first, or choose another way it ended.")},
            )
        if chosen.promises and not CallBack.objects.filter(call=call).exists():
            _promise(call, actor, promise_at)
        if call.operator_id is None:
            call.operator_id = actor.id
        if not call.wrap_code:
            call.wrapped_at = clock.now()
            call.wrap_s = max(0, round((call.wrapped_at - call.ended_at).total_seconds())) if call.ended_at else 0
        call.wrap_code = chosen.code
        call.notes = call.notes if text is None else text
        call.save()
        record(call, "call.wrapped", actor=actor, wrap_code=chosen.code)
    return call


def _promise(call: Call, actor: Actor, promise_at: object) -> None:
    from hues.hotline.actions.callbacks import promise

    promise(actor=actor, call=call, promise_at=promise_at)


def show_number(*, actor: Actor, call_id: UUID, reason: str) -> str:
    """The number of a call that is over, for a reason that is written down. Raises NotFound, Forbidden, Invalid, TooMany."""
    call = Call.objects.filter(access.visible_to(actor), pk=call_id).first()
    if call is None:
        raise NotFound(_("There is no such call."))
    if not actor.in_centre:
        raise Forbidden(_("Only the centre may see a number."))
    words = clean(reason, max_length=300, field="reason")
    if len(words) < grounds.SHORTEST_REASON:
        raise Invalid(_("Some of it needs mending."), fields={"reason": _("Say in a few words why: it is kept.")})
    limits.spend(f"number:{actor.id}", limit=SHOWN_AN_HOUR[0], window=SHOWN_AN_HOUR[1])
    with transaction.atomic():
        journal.record(
            actor=actor, action="call.number_shown", subject_kind="call", subject_id=call.pk, topics=topics(call),
            centre={"code": call.code}, audit={"reason": words, "by": str(actor.id)},
        )  # fmt: skip
    return numbers.shown(numbers.unseal(call.sealed_number, call.id))


__all__ = [
    "choose", "claim_call", "control_call", "missed", "note_consent", "show_number", "start_call", "unwrapped", "wrap_up",
    "write_notes",
]  # fmt: skip
