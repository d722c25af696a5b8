"""The ladders of a case as everybody sees them: what was climbed, what comes next and when, what was not needed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from hues.cases import processes
from hues.cases.models import Case, CaseTimer
from hues.dispatch import ladders
from hues.dispatch.ladders import ACCEPT, ARRIVAL, Rule
from hues.dispatch.models import State, Task, TaskTimer

How = Literal["done", "next", "later", "spared"]


@dataclass(frozen=True)
class Rung:
    """A step: who is told, when it comes or came."""

    kind: str
    to: tuple[str, ...]  # rungs of the process: on_duty, team_chief, …
    minutes: int
    percent: int
    due_at: datetime | None
    fired_at: datetime | None
    how: How


@dataclass(frozen=True)
class Ladder:
    """What one party climbs. `task` is None where nobody leads at the moment."""

    name: str  # accept, arrival
    task: Task | None
    since: datetime | None
    until: datetime | None  # promised, of the arrival
    rungs: list[Rung]
    running: bool

    @property
    def next(self) -> Rung | None:
        return next((rung for rung in self.rungs if rung.how == "next"), None)

    @property
    def climbed(self) -> int:
        return sum(rung.how == "done" for rung in self.rungs)


def ladders_of(case: Case, tasks: Collection[Task]) -> list[Ladder]:
    """Of the lead first; `tasks` are all of the case. Two statements."""
    process = processes.process(case.process_id)
    rules = list(ladders.rules(process).values())
    if not rules:
        return []
    own = case_timers([case.pk]).get(case.pk, [])
    theirs = task_timers([task.pk for task in tasks])
    found: list[Ladder] = []
    lead = _lead(tasks)
    at = process.states[case.state].task if case.state in process.states else ""
    if lead is not None or at == State.SENT:
        found.append(_of_case(lead, own, rules, at == State.SENT))
    for task in tasks:
        timers = theirs.get(task.pk, [])
        if task.role == Task.Role.SUPPORT and task.is_open:
            found.append(_of_task(task, timers, rules, ACCEPT, running=task.state == State.SENT))
        if task.accepted_at and (task.is_open or task is lead):
            running = task.state in (State.ACCEPTED, State.ON_WAY)
            found.append(_of_task(task, timers, rules, ARRIVAL, running=running))
    return found


def case_timers(case_ids: Iterable[UUID]) -> Mapping[UUID, list[CaseTimer]]:
    """The steps of the newest ladder of each case. One statement."""
    rows: dict[UUID, list[CaseTimer]] = defaultdict(list)
    for timer in CaseTimer.objects.filter(case__in=list(case_ids), kind__startswith="ladder-").order_by("fire_at"):
        rows[timer.case_id].append(timer)
    return {pk: [t for t in timers if t.serial == max(one.serial for one in timers)] for pk, timers in rows.items()}


def task_timers(task_ids: Iterable[UUID]) -> Mapping[UUID, list[TaskTimer]]:
    """One statement."""
    rows: dict[UUID, list[TaskTimer]] = defaultdict(list)
    for timer in TaskTimer.objects.filter(task__in=list(task_ids)).order_by("due_at", "pk"):
        rows[timer.task_id].append(timer)
    return rows


def _lead(tasks: Collection[Task]) -> Task | None:
    """Who leads, else who led last."""
    leads = sorted((task for task in tasks if task.role == Task.Role.LEAD), key=lambda task: task.sent_at)
    return next((task for task in leads if task.is_open), leads[-1] if leads else None)


def _of_case(lead: Task | None, own: list[CaseTimer], rules: list[Rule], running: bool) -> Ladder:
    by_kind = {timer.kind: timer for timer in own}
    since = next((t.fire_at - _after(rules, t.kind) for t in own if t.kind in {r.kind for r in rules}), None)
    since = since or (lead.sent_at if lead else None)
    rungs: list[Rung] = []
    for rule in (rule for rule in rules if rule.ladder == ACCEPT):
        timer = by_kind.get(rule.kind)
        fired = timer.fired_at if timer else None
        due = timer.fire_at if timer else None
        rungs.append(_rung(rule, due, fired, running and timer is not None, rungs))
    task = lead if lead is not None and (lead.is_open or not running) else None
    return Ladder(ACCEPT, task, since, None, rungs, running)


def _after(rules: list[Rule], kind: str) -> timedelta:
    return timedelta(minutes=next(rule.minutes for rule in rules if rule.kind == kind))


def _of_task(task: Task, timers: list[TaskTimer], rules: list[Rule], name: str, *, running: bool) -> Ladder:
    newest = max((timer.round for timer in timers), default=1)
    by_kind = {timer.kind: timer for timer in timers if timer.ladder == name and timer.round == newest}
    rungs: list[Rung] = []
    for rule in (rule for rule in rules if rule.ladder == name):
        timer = by_kind.get(rule.kind)
        waits = running and timer is not None and timer.spared_at is None
        rungs.append(_rung(rule, timer.due_at if timer else None, timer.fired_at if timer else None, waits, rungs))
    since = task.sent_at if name == ACCEPT else task.accepted_at
    return Ladder(name, task, since, task.promised_at if name == ARRIVAL else None, rungs, running)


def _rung(rule: Rule, due: datetime | None, fired: datetime | None, waits: bool, before: list[Rung]) -> Rung:
    how: How = "spared"
    if fired:
        how = "done"
    elif waits:
        how = "later" if any(rung.how == "next" for rung in before) else "next"
    return Rung(rule.kind, rule.to, rule.minutes, rule.percent, due, fired, how)
