"""What the desk shows: who waits, who talks, one's own call, lists. Nothing here grows with the number of calls kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from hues.city.clock import today
from hues.hotline import access
from hues.hotline.models import Call, CallBack, CallLink, Seat
from hues.hotline.policy import policy
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import NotFound
from hues.kernel.pages import Page, keyset

MOST_LIVE = 200


@dataclass(frozen=True)
class QueueNow:
    """The telephones at this moment. For the wall: no person, no number."""

    waiting: int
    longest_s: int
    on_call: int
    available: int
    answered_today: int
    abandoned_today: int
    callbacks_due: int

    @property
    def too_many(self) -> bool:
        """More than the pack's surge bounds."""
        return self.waiting >= policy().surge_waiting or self.longest_s >= policy().surge_longest_s


_QUEUE = """
select
  (select count(*) from hotline_call where state = 'waiting' and direction = 'in'),
  (select extract(epoch from %(now)s - min(rang_at))::int from hotline_call where state = 'waiting' and direction = 'in'),
  (select count(*) from hotline_call where state in ('talking', 'held')),
  (select count(*) from hotline_seat s where chosen = 'available' and not exists
     (select 1 from hotline_call c where c.operator_id = s.person_id and c.state in ('talking', 'held')) and not exists
     (select 1 from hotline_call c where c.operator_id = s.person_id
        and c.state = 'ended' and c.result = 'answered' and c.wrap_code = '')),
  (select coalesce(sum(answered), 0) from hotline_calltally where day = %(today)s and direction = 'in'),
  (select coalesce(sum(calls - answered), 0) from hotline_calltally where day = %(today)s and direction = 'in'),
  (select count(*) from hotline_callback where state = 'open' and promise_at <= %(now)s)
"""


def waiting() -> QueueNow:
    """One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE, {"now": clock.now(), "today": today()})
        people, longest, talking, free, answered, lost, due = cursor.fetchone()
    return QueueNow(people, max(0, longest or 0), talking, free, int(answered), int(lost), due)


@dataclass(frozen=True)
class CallRow:
    """A call in a list. `number_end`: its last digits."""

    id: UUID
    code: str
    direction: str
    state: str
    result: str
    rang_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    wait_s: int
    talk_s: int
    queue: str
    extension: str
    number_end: str
    operator_id: UUID | None
    operator: str
    wrap_code: str
    case_code: str
    confirmed: bool
    closed_itself: bool
    is_sample: bool

    @property
    def wrapped(self) -> str:
        found = policy().code(self.wrap_code)
        return found.name if found else self.wrap_code


_ROW = (
    "id", "code", "direction", "state", "result", "rang_at", "answered_at", "ended_at", "wait_s", "talk_s", "queue",
    "extension", "number_end", "operator_id", "wrap_code", "closed_itself", "is_sample",
)  # fmt: skip


def _rows(calls: Iterable[Call]) -> list[CallRow]:
    """Of calls read with operator and case."""
    return [
        CallRow(
            **{name: getattr(call, name) for name in _ROW},
            operator=call.operator.name if call.operator else "",
            case_code=call.case.code if call.case else "",
            confirmed=call.person_id is not None,
        )
        for call in calls
    ]


def _read() -> Any:
    return Call.objects.select_related("operator", "case").only(
        *_ROW,
        "person_id",
        "case__code",
        "operator__display_name",
        "operator__username",
        "operator__kind",
        "operator__erased_at",
    )


def live_calls(actor: Actor) -> list[CallRow]:
    """Calls that run: who waits longest first, then those who talk. One statement (two for volunteers)."""
    rows = _read().filter(access.visible_to(actor)).exclude(state=Call.State.ENDED).order_by("rang_at")[:MOST_LIVE]
    found = _rows(rows)
    return sorted(found, key=lambda row: (row.state != Call.State.WAITING, row.rang_at))


def calls(
    actor: Actor,
    *,
    after: str | None = None,
    mine: bool = False,
    direction: str = "",
    result: str = "",
    limit: int = 30,
) -> Page[CallRow]:
    """Calls that ended, the newest first; keyset pages. One statement."""
    rows = _read().filter(access.visible_to(actor), state=Call.State.ENDED)
    if mine or access.is_volunteer(actor):
        rows = rows.filter(operator_id=actor.id)
    if direction in Call.Direction.values:
        rows = rows.filter(direction=direction)
    if result in Call.Result.values:
        rows = rows.filter(result=result)
    page = keyset(rows, order=["-rang_at", "-id"], after=after, limit=limit, scope=f"calls:{mine}{direction}{result}")
    return Page(_rows(page), page.next)


def call_for(actor: Actor, call_id: UUID) -> Call:
    """One call as somebody may see it, with operator and case. One statement (two for volunteers). Raises NotFound."""
    rows = Call.objects.filter(access.visible_to(actor), pk=call_id)
    found = rows.select_related("operator", "case__category", "case__unit", "person", "callback").first()
    if found is None:
        raise NotFound(_("There is no such call."))
    return found


def my_call(actor: Actor) -> Call | None:
    """What is on one's desk: the call at one's own telephone, else the one still to wrap up. One statement."""
    seat = Q(operator_id=actor.id)
    open_ = ~Q(state=Call.State.ENDED)
    unwrapped = Q(state=Call.State.ENDED, result=Call.Result.ANSWERED, wrap_code="")
    rows = Call.objects.filter(seat & (open_ | unwrapped)).select_related(
        "operator", "case__category", "person", "callback"
    )
    return min(rows.order_by("-rang_at")[:20], key=_how_near, default=None)


def _how_near(call: Call) -> tuple[int, float]:
    """What one talks in comes first, of several the newest; then what rings; then what is to be wrapped up, the oldest first."""
    moment = (call.answered_at or call.rang_at).timestamp()
    order = {Call.State.TALKING: 0, Call.State.HELD: 1, Call.State.WAITING: 2, Call.State.ENDED: 3}[
        Call.State(call.state)
    ]
    return order, moment if call.state == Call.State.ENDED else -moment


def calls_of_case(case_id: UUID) -> list[CallLink]:
    """The calls that are about a case, newest first, with how. One statement."""
    rows = CallLink.objects.filter(case_id=case_id).select_related("call__operator", "by")
    return list(rows.order_by("-at", "-pk")[:50])


@dataclass(frozen=True)
class SeatNow:
    """Somebody at the desk: talking, wrapping up, or what they chose."""

    person_id: UUID
    name: str
    state: str
    since: datetime
    extension: str


def seats() -> list[SeatNow]:
    """Everybody who is not away. One statement."""
    own = Call.objects.filter(operator=OuterRef("person"))
    rows = Seat.objects.exclude(chosen=Seat.Chosen.AWAY).select_related("person").annotate(
        talks=Exists(own.filter(state__in=[Call.State.TALKING, Call.State.HELD])),
        wraps=Exists(own.filter(state=Call.State.ENDED, result=Call.Result.ANSWERED, wrap_code="")),
    )  # fmt: skip
    return [
        SeatNow(
            seat.person_id,
            str(seat.person.name),
            "talking" if seat.talks else "wrap_up" if seat.wraps else seat.chosen,
            seat.since,
            seat.extension,
        )
        for seat in rows.order_by("person__display_name")[:MOST_LIVE]
    ]


@dataclass(frozen=True)
class CallBackRow:
    id: UUID
    reason: str
    state: str
    promise_at: datetime
    next_at: datetime
    late: bool
    tries: int
    last_result: str
    number_end: str
    of_sender: bool  # of a case: their number is not shown to anybody
    case_code: str
    call_id: UUID | None
    call_code: str
    words: str
    taken_by: str
    taken_by_me: bool
    ended_at: datetime | None

    @property
    def reason_text(self) -> str:
        return str(CallBack.Reason(self.reason).label)

    @property
    def state_text(self) -> str:
        return str(CallBack.State(self.state).label)


def open_call_backs(actor: Actor, *, after: str | None = None, limit: int = 50) -> Page[CallBackRow]:
    """By what was promised. Two statements."""
    return call_backs(actor, after=after, ended=False, limit=limit)


def call_backs(actor: Actor, *, after: str | None = None, ended: bool = False, limit: int = 50) -> Page[CallBackRow]:
    """A list of call-backs: open ones by their promise, ended ones newest first; keyset pages. Two statements."""
    rows = CallBack.objects.select_related("call", "case", "taken_by").prefetch_related("attempts")
    if not actor.in_centre:
        rows = rows.filter(person__isnull=True)
    if ended:
        rows, order = rows.exclude(state=CallBack.State.OPEN).filter(ended_at__isnull=False), ["-ended_at", "-id"]
    else:
        rows, order = rows.filter(state=CallBack.State.OPEN), ["promise_at", "id"]
    page = keyset(rows, order=order, after=after, limit=limit, scope=f"callbacks:{ended}")
    now = clock.now()
    return Page([_callback(row, actor, now) for row in page], page.next)


def _callback(row: CallBack, actor: Actor, now: datetime) -> CallBackRow:
    attempts = sorted(row.attempts.all(), key=lambda one: one.at)
    taken = row.taken_by if row.taken_at and (now - row.taken_at).total_seconds() < 900 else None
    return CallBackRow(
        id=row.pk,
        reason=row.reason,
        state=row.state,
        promise_at=row.promise_at,
        next_at=row.next_at,
        late=row.state == CallBack.State.OPEN and row.promise_at < now,
        tries=row.tries,
        last_result=str(attempts[-1].get_result_display()) if attempts else "",
        number_end=row.number_end,
        of_sender=row.person_id is not None,
        case_code=row.case.code if row.case else "",
        call_id=row.call_id,
        call_code=row.call.code if row.call else "",
        words=row.words,
        taken_by=taken.name if taken else "",
        taken_by_me=taken is not None and taken.pk == actor.id,
        ended_at=row.ended_at,
    )
