"""Fires the steps of tasks' ladders that are due: each once, late rather than never, and never two at once after a gap (`cases.lateness`)."""

import copy
import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from hues.cases import lateness, processes, rungs
from hues.cases.change import Change
from hues.cases.definition import Step
from hues.cases.models import Case
from hues.dispatch import ladders, moving, parties
from hues.dispatch.ladders import Rule
from hues.dispatch.models import Task, TaskTimer
from hues.kernel import clock, journal
from hues.kernel.actors import SYSTEM
from hues.kernel.journal import Notify

log = logging.getLogger(__name__)

AGAIN_AFTER = timedelta(minutes=1)
_REMINDER = Step("timer", (), (), (), {}, {}, {}, (), (), {}, {})


def fire_task_timers(limit: int = 200) -> int:
    """Fire what is due, the longest overdue first; returns how many. Any number of workers may call it at once.

    Each has a transaction of its own: after a crash it is still due, after the commit it is done.
    """
    fired = tried = 0
    while tried < limit:
        timer = None
        try:
            with transaction.atomic():
                timer = _next()
                if timer is None:
                    break
                tried += 1
                _fire(timer)
            fired += 1
        except Exception:
            if timer is None:
                raise
            log.exception("a task's timer failed", extra={"timer": timer.pk})
            waiting = TaskTimer.objects.filter(pk=timer.pk, fired_at=None)
            waiting.update(due_at=clock.now() + AGAIN_AFTER)
    return fired


def _next() -> TaskTimer | None:
    """A due timer with its task and case, all locked; what somebody else has locked is passed over until the next call."""
    due = TaskTimer.objects.filter(fired_at=None, spared_at=None, due_at__lte=clock.now())
    due = due.select_for_update(skip_locked=True, of=("self", "task", "task__case"))
    return due.select_related("task__case").order_by("due_at", "pk").first()


def _fire(timer: TaskTimer) -> None:
    task, case = timer.task, timer.task.case
    timer.fired_at = clock.now()
    timer.save(update_fields=["fired_at"])
    rule = ladders.rules(processes.process(case.process_id)).get(timer.kind)
    if rule is None or not task.is_open:
        return
    seen = _as_of_party(case, task)
    change = Change(SYSTEM, seen, processes.process(case.process_id), _REMINDER, frozenset({"system"}), clock.now())
    late = _hold_back(timer)
    said = lateness.explained(change.say(rule.texts), late)
    delay = {"late_minutes": lateness.minutes(late)} if late else {}
    moving.note_line(case, task, "climbed", SYSTEM, facts={"kind": rule.kind, "to": list(rule.to), **delay})
    journal.record(
        actor=SYSTEM,
        action="case.timer",
        subject_kind="case",
        subject_id=case.pk,
        topics=moving.topics(case, task),
        staff={
            "kind": rule.kind,
            "said": said,
            "to": list(rule.to),
            "planned": timer.due_at.isoformat(),
            "task": str(task.pk),
            "role": task.role,
            **delay,
        },
        notify=_notices(seen, task, rule, said),
    )


def _hold_back(timer: TaskTimer) -> timedelta:
    """A step that came late holds those after it back by as much. Returns by how much it is late. One statement where it is."""
    late = lateness.late_by(timer.due_at, clock.now())
    if late:
        rows = TaskTimer.objects.filter(task=timer.task_id, ladder=timer.ladder, fired_at=None, spared_at=None)
        rows.update(due_at=F("due_at") + late)
    return late


def _as_of_party(case: Case, task: Task) -> Case:
    """The case as the rungs of this party see it: its agency, whoever took it, the promised moment."""
    seen = copy.copy(case)
    seen._state = copy.copy(case._state)
    seen._state.fields_cache = {}
    seen.agency_id, seen.officer_id = task.agency_id, task.taken_by_id
    if task.promised_at is not None:
        seen.due_at = task.promised_at
    return seen


def _notices(seen: Case, task: Task, rule: Rule, said: dict[str, str]) -> list[Notify]:
    """The people of the party are led to their task, everybody else to the case."""
    template = f"case.timer.{rule.kind}"
    own = parties.told_of(task) if {"on_duty", "officer"} & set(rule.to) else []
    data = {"code": seen.code, "texts": said, "urgent": True}
    told = [Notify(one, template, f"/desk/tasks/{task.pk}", data) for one in own]
    others = rungs.notices(seen, dict.fromkeys(rule.to, said), template=template, actor=SYSTEM)
    return [*told, *(one for one in others if one.person_id not in set(own))]
