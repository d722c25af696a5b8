"""Turns the clock of a case to what its state says, and sets the timers that follow from state and clock."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from hues.cases import clocks
from hues.cases.change import category_of
from hues.cases.clocks import Clock, Kind
from hues.cases.definition import RECEIVED, Process, State, TimerRule
from hues.cases.models import Case, CaseTimer
from hues.city.calendar import city_calendar
from hues.city.clock import start_of_day


def turn(case: Case, state: State, at: datetime, *, afresh: bool = False, more_days: int = 0) -> None:
    """Start, pause, resume, extend or drop the clock on entering `state`, and the columns that show it."""
    calendar = city_calendar()
    clock = None if afresh else Clock.from_json(case.clock)
    match state.clock:
        case "triage" | "handling":
            clock = _running(case, clock, "triage" if state.clock == "triage" else "handling", at)
            if more_days:
                clock = clocks.extend(clock, more_days, calendar)
        case "paused" | "stopped":
            clock = clocks.pause(clock, at, calendar) if clock else None
        case _:
            clock = None
    case.clock = clock.to_json() if clock else {}
    case.due_at = clock.due if clock and clock.since else None
    if clock and clock.kind == "handling":
        case.due_final_at = clock.due


def _running(case: Case, clock: Clock | None, kind: Kind, at: datetime) -> Clock:
    if clock and clock.kind == kind:
        return clocks.resume(clock, at, city_calendar())
    category = category_of(case)
    clock = clocks.start(kind, category.triage if kind == "triage" else category.target, at, city_calendar())
    if (
        kind == "handling" and case.due_original_at is None
    ):  # the first promise of a round stays known, whoever gets it later
        case.due_original_at = clock.due
    return clock


def timers(case: Case, process: Process, at: datetime) -> Iterator[CaseTimer]:
    """What will happen by itself from now on, if nothing else does: the ladder of the clock, and the timers of the state."""
    for ladder, clock in _ladders(case, process):
        for rung in process.ladders.get(ladder, ()):
            moment = clocks.moment(clock, rung.at, city_calendar())
            if moment and (ladder != "first" or moment >= at):
                yield _timer(case, rung.kind, moment, {"ladder": ladder})
    for rule in process.states[case.state].timers:
        yield _timer(case, rule.kind, _moment(rule, case, at), {"state": case.state})


def _ladders(case: Case, process: Process) -> Iterator[tuple[str, Clock]]:
    """The running clock, and where the category asks for first help, the one for that.

    It began with the assignment; where the process counts from the receipt, it runs before anybody is assigned.
    """
    clock = Clock.from_json(case.clock)
    if clock is None or clock.since is None:
        return
    yield clock.kind, clock
    first = category_of(case).first_target
    began = case.received_at if process.first_from == RECEIVED else case.assigned_at
    if first and began and (clock.kind == "handling" or process.first_from == RECEIVED):
        yield "first", clocks.start("handling", first, began, city_calendar())


def _timer(case: Case, kind: str, fire_at: datetime, data: dict[str, str]) -> CaseTimer:
    return CaseTimer(case_id=case.pk, kind=kind, fire_at=fire_at, serial=case.version, data=data)


def _moment(rule: TimerRule, case: Case, at: datetime) -> datetime:
    ((unit, amount),) = rule.after.items()
    match unit:
        case "working_days":
            return city_calendar().add_working_days(at, amount)
        case "minutes":
            return at + timedelta(minutes=amount)
        case "promised" if case.wake_on:  # the opening of the promised day, or of the next working day
            return city_calendar().next_opening(start_of_day(case.wake_on))
    return at + timedelta(days=amount)


def set_timers(case: Case, process: Process, at: datetime) -> None:
    """Replace what has not fired. Two statements."""
    CaseTimer.objects.filter(case_id=case.pk, fired_at=None).delete()
    CaseTimer.objects.bulk_create(timers(case, process, at))
