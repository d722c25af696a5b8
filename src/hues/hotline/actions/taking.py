"""Events of telephone systems → calls. Once for each event id, in any order, in one transaction for all that was sent.

A call is never counted on: its events are stored, and the whole is folded anew (`hues.hotline.fold`).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from hues.city import clock as city_clock
from hues.hotline import fold, numbers
from hues.hotline.actions import missed, said
from hues.hotline.events import Event
from hues.hotline.fold import Happening, Told
from hues.hotline.models import Call, CallEvent, Seat
from hues.hotline.policy import policy
from hues.kernel import clock, journal
from hues.kernel.actors import SYSTEM, Actor
from hues.kernel.ids import new_code, new_id
from hues.people import vault

CODE_PREFIX = "CG"
DESK = "desk"


def take_event(*, source: str, event: Event) -> Call:
    return take_events(source=source, events=[event])[0]


def take_events(*, source: str, events: Sequence[Event], actor: Actor = SYSTEM, is_sample: bool = False) -> list[Call]:
    """Store what is new and bring the calls to what is known of them now. Returns the call of each event.

    Any number of processes may call it at once: a call is locked, calls in the order of their names.
    """
    by_call: dict[str, list[Event]] = {}
    for event in events:
        by_call.setdefault(event.call, []).append(event)
    calls = {}
    with transaction.atomic():
        for name in sorted(by_call):
            call = lock_call(source, name, by_call[name], is_sample=is_sample)
            if fresh := _store(call, source, by_call[name]):
                settle(call, actor=actor)
                for event in fresh:
                    _also(call, event)
            calls[name] = call
    return [calls[event.call] for event in events]


def _also(call: Call, event: Event) -> None:
    """What an event asks for besides what it makes of the call."""
    from hues.hotline.actions.callbacks import ask_for_callback  # which places calls, and so stands above this module

    if event.kind == fold.CALLBACK:
        ask_for_callback(call=call)
    else:
        said.keep(call, event)


def note_event(call: Call, kind: str, *, actor: Actor, at: datetime | None = None, **data: object) -> Call:
    """What somebody at the desk says of a call (it ended, the caller does not want to be recorded), or our own timer. In
    the caller's transaction, which holds the call.
    """
    CallEvent.objects.create(
        call=call,
        source=DESK,
        event_id=str(uuid4()),
        kind=kind,
        at=at or clock.now(),
        received_at=clock.now(),
        data={name: value for name, value in data.items() if value not in (None, "")},
    )
    settle(call, actor=actor)
    return call


def lock_call(source: str, name: str, events: Iterable[Event] = (), *, is_sample: bool = False) -> Call:
    """The call of that name, made if it is the first time that we hear of it."""
    rows = Call.objects.select_for_update().filter(source=source, source_id=name)
    if (found := rows.first()) is not None:
        return found
    first = min((event.at for event in events), default=clock.now())
    local = city_clock.local(first)
    fresh = Call(
        id=new_id(),
        code=new_code(CODE_PREFIX),
        source=source,
        source_id=name,
        rang_at=first,
        local_day=local.date(),
        local_hour=local.hour,
        is_sample=is_sample,
    )
    Call.objects.bulk_create([fresh], ignore_conflicts=True)  # another process may have been faster
    return rows.first() or lock_call(source, name, events, is_sample=is_sample)  # or the code was taken


def _store(call: Call, source: str, events: list[Event]) -> list[Event]:
    """The events that were not known yet."""
    ids = [event.id for event in events]
    known = set(CallEvent.objects.filter(source=source, event_id__in=ids).values_list("event_id", flat=True))
    fresh = list({event.id: event for event in reversed(events) if event.id not in known}.values())[::-1]
    now = clock.now()
    rows = [
        CallEvent(
            call=call,
            source=source,
            event_id=event.id,
            kind=event.kind,
            at=event.at,
            received_at=now,
            data=dict(event.data),
            sealed_number=numbers.seal(event.number, call.id).blob,
        )
        for event in fresh
    ]
    CallEvent.objects.bulk_create(rows, ignore_conflicts=True)
    return fresh


def settle(call: Call, *, actor: Actor = SYSTEM) -> None:
    """Fold all that is known and write what it makes of the call; tell the journal what changed for those who look on."""
    events = list(CallEvent.objects.filter(call=call).order_by("at", "event_id"))
    told = fold.fold(Happening(f"{one.source}/{one.event_id}", one.kind, one.at, one.data) for one in events)
    before = (call.state, call.extension, call.ended_at, call.operator_id)
    was_new = call._state.adding or (call.close_at is None and call.ended_at is None)
    _number(call, events)
    _write(call, told)
    call.save()
    said.after_consent(call)
    missed.follow(call)
    if was_new or before != (call.state, call.extension, call.ended_at, call.operator_id):
        record(call, _action(before[0], call, was_new), actor=actor)


def _number(call: Call, events: list[CallEvent]) -> None:
    """The number that the earliest event with one told; "withheld" is the absence of any. That of a case's sender, whom we
    call, stays in the vault.
    """
    if call.callback is not None and call.callback.person_id is not None:
        CallEvent.objects.filter(call=call).exclude(sealed_number=b"").update(sealed_number=b"")
        return
    blob = next((bytes(one.sealed_number) for one in events if one.sealed_number), b"")
    if blob == bytes(call.sealed_number):
        return
    number = numbers.unseal(blob, call.id)
    call.sealed_number = blob
    call.known = bool(number)
    call.number_lookup, call.number_end = (vault.current().lookup(number), number[-3:]) if number else ("", "")


def _write(call: Call, told: Told) -> None:
    rules, local = policy(), city_clock.local(told.rang_at)
    moved = told.extension != call.extension
    call.direction, call.state, call.result = told.direction, told.state, told.result
    call.rang_at, call.answered_at, call.ended_at = told.rang_at, told.answered_at, told.ended_at
    call.wait_s, call.talk_s, call.hold_s = told.wait_s, told.talk_s, told.hold_s
    call.closed_itself, call.consent = told.closed_itself, told.consent
    call.queue, call.extension = told.queue, told.extension
    call.language = told.language or call.language
    call.local_day, call.local_hour = local.date(), local.hour
    call.fast = told.answered_at is not None and told.wait_s <= rules.answer_within_s
    call.early = told.result == Call.Result.LOST and told.wait_s <= rules.early_s
    limit = rules.ring_limit if told.answered_at is None else rules.talk_limit
    call.close_at = None if told.ended_at else told.alive_at + limit
    if told.extension and (moved or call.operator_id is None):
        call.operator_id = _who_sits_at(told.extension, told.answered_at or told.rang_at) or call.operator_id


def _who_sits_at(extension: str, at: datetime) -> UUID | None:
    seats = Seat.objects.filter(extension=extension, seated_at__lte=at)
    return seats.values_list("person_id", flat=True).first()


_ACTIONS = {"waiting": "call.rang", "talking": "call.answered", "held": "call.held", "ended": "call.ended"}


def _action(before: str, call: Call, was_new: bool) -> str:
    if not was_new and before == call.state:
        return "call.moved" if call.is_open else "call.corrected"
    if before == "ended" and not was_new:
        return "call.corrected"
    return "call.resumed" if before == "held" and call.state == "talking" else _ACTIONS[call.state]


def record(call: Call, action: str, *, actor: Actor, **centre: object) -> None:
    """An entry about a call: for the centre alone, without anything of the caller."""
    journal.record(
        actor=actor,
        action=action,
        subject_kind="call",
        subject_id=call.pk,
        topics=topics(call),
        centre={"code": call.code, "state": call.state, "direction": call.direction, **centre},
    )


def topics(call: Call) -> list[str]:
    """What moves when a call does: every call desk, and the page of this call."""
    return ["calls", f"call:{call.pk}"]


def close_silent(limit: int = 200) -> int:
    """End calls of which nothing was heard for too long, the longest first; each in a transaction of its own. Returns how
    many. Any number of workers may call it at once; a hangup that comes later corrects it.
    """
    closed = 0
    while closed < limit:
        with transaction.atomic():
            due = Call.objects.filter(close_at__lte=clock.now()).order_by("close_at", "pk")
            call = due.select_for_update(skip_locked=True).first()
            if call is None or call.close_at is None:
                return closed
            note_event(call, fold.TIMEOUT, actor=SYSTEM, at=max(call.close_at, call.rang_at + timedelta(seconds=1)))
        closed += 1
    return closed
