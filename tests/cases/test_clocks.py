"""Clocks: nothing is gained by pausing, nothing is lost, and Tết is not worked."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hues.cases import clocks
from hues.cases.clocks import Clock
from hues.city.calendar import WorkingCalendar

HUE = ZoneInfo("Asia/Ho_Chi_Minh")
TET = {date(2026, 2, 14) + timedelta(days=n): False for n in range(9)}
CALENDAR = WorkingCalendar(HUE, [(time(7, 30), time(11, 30)), (time(13, 30), time(17))], range(5), TET)
START = datetime(2026, 1, 5, tzinfo=UTC)

moments = st.integers(0, 90 * 24 * 3600 * 10).map(lambda tenths: START + timedelta(milliseconds=100 * tenths))
targets = st.one_of(
    st.integers(1, 20).map(lambda n: {"working_days": n}),
    st.integers(1, 5000).map(lambda n: {"working_minutes": n}),
    st.integers(1, 20000).map(lambda n: {"minutes": n}),
)
spans = st.lists(st.integers(1, 6 * 24 * 60).map(lambda n: timedelta(minutes=n)), min_size=2, max_size=12)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HUE)


@given(moments, targets)
def test_nothing_is_due_before_it_begins(at: datetime, target: dict[str, int]) -> None:
    clock = clocks.start("handling", target, at, CALENDAR)
    assert clock.due > at
    assert clocks.share(clock, at, CALENDAR) == 0
    assert clocks.share(clock, clock.due, CALENDAR) == pytest.approx(1)


@given(moments, targets, spans)
def test_pauses_give_back_exactly_what_was_left(at: datetime, target: dict[str, int], steps: list[timedelta]) -> None:
    """However often it stops, the time that was worked adds up to the target at the deadline."""
    clock, now, worked = clocks.start("handling", target, at, CALENDAR), at, 0.0
    calendar = clocks.WALL if clock.wall else CALENDAR
    for number, step in enumerate(steps):
        then = now + step
        if number % 2 == 0:
            worked += calendar.working_minutes_between(now, then)
            clock = clocks.pause(clock, then, CALENDAR)
            assert clocks.used(clock, then + timedelta(days=3), CALENDAR) == pytest.approx(worked, abs=1e-6)
        else:
            clock = clocks.resume(clock, then, CALENDAR)
            if worked < clock.total:
                left = calendar.working_minutes_between(then, clock.due)
                assert worked + left == pytest.approx(clock.total, abs=1e-6)
                assert clock.due >= then
        now = then


@given(moments, targets, moments)
def test_pausing_and_going_on_at_once_changes_nothing(at: datetime, target: dict[str, int], other: datetime) -> None:
    clock = clocks.start("handling", target, at, CALENDAR)
    moment = max(at, other)
    again = clocks.resume(clocks.pause(clock, moment, CALENDAR), moment, CALENDAR)
    assert abs(again.due - clock.due) <= timedelta(microseconds=100) or clocks.share(clock, moment, CALENDAR) >= 1
    assert clocks.pause(clocks.pause(clock, moment, CALENDAR), moment + timedelta(days=9), CALENDAR) == clocks.pause(
        clock, moment, CALENDAR
    )
    assert clocks.resume(clock, moment, CALENDAR) == clock


@given(moments, targets, st.integers(1, 30))
def test_an_extension_adds_whole_days(at: datetime, target: dict[str, int], days: int) -> None:
    clock = clocks.start("handling", target, at, CALENDAR)
    longer = clocks.extend(clock, days, CALENDAR)
    calendar = clocks.WALL if clock.wall else CALENDAR
    assert longer.due > clock.due
    assert calendar.working_minutes_between(clock.due, longer.due) == pytest.approx(days * calendar.minutes_a_day())
    assert longer.extended == 1


@given(moments, targets)
def test_the_ladder_is_climbed_in_order(at: datetime, target: dict[str, int]) -> None:
    clock = clocks.start("handling", target, at, CALENDAR)
    found = [clocks.moment(clock, percent, CALENDAR) for percent in (50, 80, 100, 150)]
    assert all(found)
    assert found == sorted(found)  # type: ignore[type-var]
    half = found[0]
    assert half and clocks.share(clock, half, CALENDAR) == pytest.approx(0.5)


@given(moments, targets, moments)
def test_a_rung_that_was_passed_is_not_climbed_again(at: datetime, target: dict[str, int], other: datetime) -> None:
    clock = clocks.start("handling", target, at, CALENDAR)
    moment = max(at, other)
    again = clocks.resume(clocks.pause(clock, moment, CALENDAR), moment, CALENDAR)
    for percent in (50, 80, 100, 150):
        planned = clocks.moment(again, percent, CALENDAR)
        assert planned is None or planned >= moment


def test_a_missed_deadline_stays_missed() -> None:
    clock = clocks.start("handling", {"minutes": 60}, START, CALENDAR)
    late = START + timedelta(hours=3)
    again = clocks.resume(clocks.pause(clock, late, CALENDAR), late + timedelta(days=2), CALENDAR)
    assert again.due == START + timedelta(hours=1)


def test_tet_is_not_worked() -> None:
    """Five working days from the Wednesday before Tết end after it."""
    clock = clocks.start("handling", {"working_days": 5}, local("2026-02-11 09:00"), CALENDAR)
    assert clock.due == local("2026-02-25 17:00")


def test_a_night_report_waits_for_the_morning() -> None:
    clock = clocks.start("triage", {"working_minutes": 240}, local("2026-03-03 22:22"), CALENDAR)
    assert clock.due == local("2026-03-04 11:30")


@given(moments, targets, st.booleans())
def test_a_clock_survives_storage(at: datetime, target: dict[str, int], paused: bool) -> None:
    clock = clocks.start("triage", target, at, CALENDAR)
    clock = clocks.pause(clock, at, CALENDAR) if paused else clock
    assert Clock.from_json(clock.to_json()) == clock
    assert Clock.from_json({}) is None


def test_on_time_is_on_the_dot() -> None:
    assert clocks.on_time(START, START) is True
    assert clocks.on_time(START, START + timedelta(seconds=1)) is False
    assert clocks.on_time(None, START) is None
    assert clocks.on_time(START, None) is None
