"""The call list of a task: whom to phone in which order, and what came of it."""

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from hues.dispatch import parties
from hues.dispatch.models import Call, State, Task
from hues.duty import phones
from hues.kernel.actors import Actor
from hues.people.models import User


@dataclass(frozen=True)
class CallRow:
    """Somebody on the list. `phone` is the whole duty number, for the centre alone; `next` marks who comes now."""

    person_id: UUID
    name: str
    rank: str  # sent, behind: chiefs, standby and heads
    phone: str
    attempts: list[Call] = field(default_factory=list)
    next: bool = False


def call_list(actor: Actor, task: Task) -> list[CallRow]:
    """Those who were sent, then who stands behind them; the one with the fewest attempts is next. Empty for everybody but the centre.

    At most seven statements.
    """
    if not actor.in_centre or not task.is_open:
        return []
    sent = parties.told_of(task)
    people = list(dict.fromkeys([*sent, *parties.behind(task.agency_id, task.team)]))
    names = {user.pk: user.name for user in User.objects.filter(pk__in=people, is_active=True)}
    numbers = phones.numbers_of(people)
    tried: dict[UUID, list[Call]] = defaultdict(list)
    for call in Call.objects.filter(task=task.pk).order_by("at"):
        tried[call.person_id].append(call)
    listed = [one for one in people if one in names]
    upcoming = _next(listed, tried, numbers) if task.state == State.SENT else None
    return [
        CallRow(
            one,
            names[one],
            "sent" if one in sent else "behind",
            numbers.get(one, ""),
            tried.get(one, []),
            one == upcoming,
        )
        for one in listed
    ]


def _next(people: list[UUID], tried: dict[UUID, list[Call]], numbers: dict[UUID, str]) -> UUID | None:
    """Round and round: whoever was tried least, in the order of the list; not who said no, and first who has a number."""
    open_ = [one for one in people if not any(call.result == Call.Result.CANNOT for call in tried.get(one, []))]
    return min(open_, key=lambda one: (one not in numbers, len(tried.get(one, [])), people.index(one)), default=None)
