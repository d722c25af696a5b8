"""The ladders that a task climbs: what its process says, as timers with a moment each. Pure but for the writing of rows.

`accept`: minutes after it was sent, until somebody accepts. The lead's is the case's own (timers of the state in which somebody is sent);
support climbs the same steps with timers of its task. `arrival`: shares of the time in which whoever accepted promised to be there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from hues.cases.definition import Process, State, Texts
from hues.dispatch.models import Task, TaskTimer

ACCEPT, ARRIVAL = "accept", "arrival"
SHORTEST_PROMISE = timedelta(minutes=3)


@dataclass(frozen=True)
class Rule:
    """A step of a ladder: who is told what."""

    ladder: str
    kind: str
    to: tuple[str, ...]
    texts: Texts
    minutes: int = 0  # of the acceptance
    percent: int = 0  # of the promised time


def sent_state(process: Process) -> State | None:
    return next((state for state in process.states.values() if state.task == "sent"), None)


def rules(process: Process) -> dict[str, Rule]:
    """Every step of both ladders, by kind, in the order in which they are climbed."""
    found: dict[str, Rule] = {}
    state = sent_state(process)
    for timer in state.timers if state else ():
        if timer.to and "minutes" in timer.after:
            found[timer.kind] = Rule(ACCEPT, timer.kind, timer.to, timer.texts, minutes=timer.after["minutes"])
    for rung in process.ladders.get(ARRIVAL, ()):
        found[rung.kind] = Rule(ARRIVAL, rung.kind, rung.to, rung.texts, percent=rung.at)
    return found


def moment(rule: Rule, start: datetime, promised: datetime | None) -> datetime:
    """When a step comes: minutes of the wall after `start`, or a share of the promised time."""
    if rule.ladder == ACCEPT or promised is None:
        return start + timedelta(minutes=rule.minutes)
    return start + max(promised - start, SHORTEST_PROMISE) * rule.percent / 100


def timers(task: Task, process: Process, ladder: str, start: datetime) -> Iterator[TaskTimer]:
    for rule in rules(process).values():
        if rule.ladder == ladder:
            due = moment(rule, start, task.promised_at)
            yield TaskTimer(task_id=task.pk, ladder=ladder, kind=rule.kind, round=task.round, due_at=due)


def begin(task: Task, process: Process, ladder: str, start: datetime) -> None:
    """Set the steps of a ladder; what has not fired of the other is spared. Two statements."""
    spare(task, start)
    TaskTimer.objects.bulk_create(timers(task, process, ladder, start))


def spare(task: Task, at: datetime) -> None:
    """Nothing more is climbed. One statement."""
    TaskTimer.objects.filter(task=task.pk, fired_at=None, spared_at=None).update(spared_at=at)
