"""After the clock was set back: no step of a ladder waits longer than it ever had to.

A step comes at most its distance from the step before after that one was told. Where it would come later than that, measured from now, the
clock has gone back since: what is left of the ladder is drawn nearer by the difference. What was told stays told.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from hues.cases import lateness, processes
from hues.cases.models import Case, CaseTimer
from hues.dispatch import ladders, moving
from hues.dispatch.ladders import ACCEPT, Rule
from hues.dispatch.models import Task, TaskTimer
from hues.kernel import clock, journal
from hues.kernel.actors import SYSTEM

_SAID = {
    "vi": "Đồng hồ hệ thống bị chỉnh lùi: các bậc nhắc còn lại được tính lại, sớm hơn {n} phút",
    "en": "The clock was set back: what is left of the ladder comes {n} minutes earlier",
}
_MOST = 2_000  # steps that wait at once in a whole city, and many more than ever did


def straighten_ladders() -> int:
    """Draw nearer what the clock has put off; returns how many ladders. Any number of workers may call it at once; twice is once.

    Two statements where nothing is wrong. The worker asks once a minute.
    """
    now = clock.now()
    return sum(_straighten_case(pk, now) for pk in _cases(now)) + sum(_straighten_task(pk, now) for pk in _tasks(now))


def _cases(now: datetime) -> list[UUID]:
    """Cases whose lead climbs, with a step that is too far off."""
    sent = {state.name for process in processes.known().values() if (state := ladders.sent_state(process))}
    rows = CaseTimer.objects.filter(case__state__in=sent, case__is_open=True)
    found: dict[UUID, list[CaseTimer]] = defaultdict(list)
    for timer in rows.select_related("case")[:_MOST]:
        if timer.data.get("state") == timer.case.state:
            found[timer.case_id].append(timer)
    return [pk for pk, timers in found.items() if _too_far(_newest(timers), _rules_of(timers[0].case), None, now)]


def _tasks(now: datetime) -> list[UUID]:
    """Tasks of which a step is too far off."""
    waiting = TaskTimer.objects.filter(fired_at=None, spared_at=None).values("task")[:_MOST]
    found: dict[UUID, list[TaskTimer]] = defaultdict(list)
    for timer in TaskTimer.objects.filter(task__in=waiting).select_related("task__case"):
        found[timer.task_id].append(timer)
    return [
        pk
        for pk, timers in found.items()
        if _too_far(_running(timers), _rules_of(timers[0].task.case), timers[0].task, now)
    ]


def _rules_of(case: Case) -> dict[str, Rule]:
    return ladders.rules(processes.process(case.process_id))


def _newest(timers: Sequence[CaseTimer]) -> list[CaseTimer]:
    serial = max(timer.serial for timer in timers)
    return [timer for timer in timers if timer.serial == serial]


def _running(timers: Sequence[TaskTimer]) -> list[TaskTimer]:
    """The ladder that is being climbed, in its newest round."""
    waiting = next((timer for timer in timers if timer.fired_at is None and timer.spared_at is None), None)
    if waiting is None:
        return []
    return [timer for timer in timers if (timer.ladder, timer.round) == (waiting.ladder, waiting.round)]


def _too_far(timers: Sequence[Any], rules: dict[str, Rule], task: Task | None, now: datetime) -> timedelta:
    """By how much the next step of one ladder is farther off than it can be; nothing where all is well."""
    known = [
        timer for timer in timers if timer.kind in rules and (task is not None or rules[timer.kind].ladder == ACCEPT)
    ]
    known.sort(key=lambda timer: _distance(rules[timer.kind], task))
    told, after = timedelta(0), None
    for timer in known:
        if timer.fired_at is None:
            after = timer
            break
        told = _distance(rules[timer.kind], task)
    if after is None:
        return timedelta(0)
    due = after.fire_at if isinstance(after, CaseTimer) else after.due_at
    return lateness.late_by(now + _distance(rules[after.kind], task) - told, due)


def _distance(rule: Rule, task: Task | None) -> timedelta:
    """From the beginning of its ladder."""
    if task is None or rule.ladder == ACCEPT or task.accepted_at is None:
        return timedelta(minutes=rule.minutes)
    return ladders.moment(rule, task.accepted_at, task.promised_at) - task.accepted_at


def _straighten_case(case_id: UUID, now: datetime) -> bool:
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).get(pk=case_id)
        timers = list(CaseTimer.objects.filter(case_id=case_id, data__state=case.state))
        rules = _rules_of(case)
        excess = _too_far(_newest(timers), rules, None, now) if timers else timedelta(0)
        if not excess:
            return False
        rows = CaseTimer.objects.filter(case_id=case_id, fired_at=None, kind__in=rules, data__state=case.state)
        rows.update(fire_at=F("fire_at") - excess)
        _tell(case, excess, None)
    return True


def _straighten_task(task_id: UUID, now: datetime) -> bool:
    with transaction.atomic():
        task = Task.objects.select_for_update(of=("self", "case")).select_related("case").get(pk=task_id)
        timers = _running(list(TaskTimer.objects.filter(task=task_id)))
        excess = _too_far(timers, _rules_of(task.case), task, now)
        if not excess:
            return False
        rows = TaskTimer.objects.filter(pk__in=[timer.pk for timer in timers], fired_at=None, spared_at=None)
        rows.update(due_at=F("due_at") - excess)
        _tell(task.case, excess, task)
    return True


def _tell(case: Case, excess: timedelta, task: Task | None) -> None:
    minutes = lateness.minutes(excess)
    journal.record(
        actor=SYSTEM,
        action="case.retimed",
        subject_kind="case",
        subject_id=case.pk,
        topics=moving.topics(case, *([task] if task else [])),
        staff={
            "said": {name: text.format(n=minutes) for name, text in _SAID.items()},
            "minutes": minutes,
            **({"task": str(task.pk)} if task else {}),
        },
    )
