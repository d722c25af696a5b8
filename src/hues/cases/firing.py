"""Fires timers that are due: reminders climb the ladder, and the system takes steps whose time has come."""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from hues.cases import clocks, engine, lateness, processes, rungs
from hues.cases.change import Change
from hues.cases.clocks import Clock
from hues.cases.definition import State, Step, Texts, TimerRule
from hues.cases.models import Case, CaseTimer
from hues.city.calendar import city_calendar
from hues.kernel import clock, journal
from hues.kernel.actors import SYSTEM
from hues.kernel.errors import Problem

log = logging.getLogger(__name__)

AGAIN_AFTER = timedelta(minutes=1)


def fire_timers(limit: int = 200) -> int:
    """Fire what is due, the longest overdue first; returns how many. Any number of workers may call it at once.

    Each timer has a transaction of its own: after a crash it is still due, after the commit it is done. One that fails is logged and tried
    again a little later, the others go on.
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
            log.exception("a timer failed", extra={"timer": timer.pk})
            CaseTimer.objects.filter(pk=timer.pk, fired_at=None).update(fire_at=clock.now() + AGAIN_AFTER)
    return fired


def _next() -> CaseTimer | None:
    """A due timer with its case, both locked; cases that somebody else has locked are passed over until the next call."""
    due = CaseTimer.objects.filter(fired_at=None, fire_at__lte=clock.now())
    due = due.select_for_update(skip_locked=True, of=("self", "case")).select_related("case")
    return due.order_by("fire_at", "pk").first()


def _fire(timer: CaseTimer) -> None:
    case: Case = timer.case
    process = processes.process(case.process_id)
    timer.fired_at = clock.now()
    timer.save(update_fields=["fired_at"])
    if ladder := timer.data.get("ladder"):
        rung = next((rung for rung in process.ladders.get(ladder, ()) if rung.kind == timer.kind), None)
        if rung:
            _remind(timer, case, rung.to, rung.texts)
        return
    state = process.states.get(case.state)
    rule = next((rule for rule in state.timers if rule.kind == timer.kind), None) if state else None
    if rule is None:
        return
    if not rule.step:
        _remind(timer, case, rule.to, rule.texts, _hold_back(timer, rule, state))
        return
    try:
        with transaction.atomic():
            change = engine.begin(SYSTEM, case, rule.step)
            engine.fill(change, {})
            engine.complete(change)
    except Problem as problem:  # the definition forbids it by now; the timer is done all the same
        log.warning(
            "a timer's step was refused", extra={"timer": timer.pk, "step": rule.step, "reason": problem.detail}
        )


def _hold_back(timer: CaseTimer, rule: TimerRule, state: State | None) -> timedelta:
    """A step of a state's ladder in minutes came late: those after it wait as much longer, so that whoever is told now has their time.
    Returns by how much it is late. One statement where it is."""
    late = lateness.late_by(timer.fire_at, clock.now()) if "minutes" in rule.after else timedelta(0)
    if late and state:
        later = [one.kind for one in state.timers if one.to and one.after.get("minutes", 0) > rule.after["minutes"]]
        rows = CaseTimer.objects.filter(case_id=timer.case_id, fired_at=None, kind__in=later)
        rows.filter(data__state=timer.data.get("state")).update(fire_at=F("fire_at") + late)
    return late


def _remind(timer: CaseTimer, case: Case, to: tuple[str, ...], texts: Texts, late: timedelta = timedelta(0)) -> None:
    process = processes.process(case.process_id)
    change = Change(SYSTEM, case, process, _REMINDER, frozenset({"system"}), clock.now())
    said = lateness.explained(change.say(texts), late)
    running = Clock.from_json(case.clock)
    journal.record(
        actor=SYSTEM,
        action="case.timer",
        subject_kind="case",
        subject_id=case.pk,
        topics=[f"case:{case.pk}", "centre", *([f"agency:{case.agency_id}"] if case.agency_id else [])],
        staff={
            "kind": timer.kind,
            "said": said,
            "to": list(to),
            "planned": timer.fire_at.isoformat(),
            **({"late_minutes": lateness.minutes(late)} if late else {}),
            "share": round(clocks.share(running, change.at, city_calendar()), 3) if running else None,
        },
        notify=rungs.notices(case, dict.fromkeys(to, said), template=f"case.timer.{timer.kind}", actor=SYSTEM),
    )


_REMINDER = Step("timer", (), (), (), {}, {}, {}, (), (), {}, {})
