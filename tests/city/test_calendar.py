"""Working time: eight hours of work are not eight hours of life, and Tết is no time at all."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hues.city.calendar import WorkingCalendar, city_calendar

HUE = ZoneInfo("Asia/Ho_Chi_Minh")
BOSTON = ZoneInfo("America/New_York")

TET = {date(2026, 2, day): False for day in range(16, 21)}
hue = WorkingCalendar(
    HUE,
    [(time(7, 30), time(11, 30)), (time(13, 30), time(17))],
    exceptions={**TET, date(2026, 1, 2): False, date(2026, 1, 10): True},
)
boston = WorkingCalendar(BOSTON, [(time(8), time(17))], exceptions={date(2015, 11, 26): False})
nights = WorkingCalendar(BOSTON, [(time(0), time(6)), (time(22), time(23, 59))], weekdays=range(7))

calendars = st.sampled_from([hue, boston, nights])
moments = st.integers(0, 13 * 365 * 86400 * 10**6).map(
    lambda microseconds: datetime(2014, 6, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)
amounts = st.integers(0, 60_000)


def at(text: str, zone: ZoneInfo = HUE) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@given(calendars, moments, amounts, amounts)
def test_adding_in_two_steps_is_adding_at_once(cal: WorkingCalendar, start: datetime, a: int, b: int) -> None:
    assert cal.add_working_minutes(cal.add_working_minutes(start, a), b) == cal.add_working_minutes(start, a + b)


@given(calendars, moments, amounts)
def test_between_undoes_adding(cal: WorkingCalendar, start: datetime, amount: int) -> None:
    end = cal.add_working_minutes(start, amount)
    assert cal.working_minutes_between(start, end) == amount
    assert cal.working_minutes_between(end, start) == -amount


@given(calendars, moments, moments, amounts)
def test_who_starts_later_is_never_done_earlier(cal: WorkingCalendar, a: datetime, b: datetime, amount: int) -> None:
    first, second = sorted((a, b))
    assert cal.add_working_minutes(first, amount) <= cal.add_working_minutes(second, amount)
    assert cal.working_minutes_between(first, second) >= 0


@given(calendars, moments, st.integers(1, 60_000))
def test_the_end_of_work_lies_in_working_time(cal: WorkingCalendar, start: datetime, amount: int) -> None:
    end = cal.add_working_minutes(start, amount)
    assert cal.is_working(end - timedelta(microseconds=1))


@given(st.sampled_from([hue, boston]), moments, st.integers(0, 300))
def test_working_days_end_at_closing_time_and_one_more_is_later(cal: WorkingCalendar, start: datetime, n: int) -> None:
    due, next_due = cal.add_working_days(start, n), cal.add_working_days(start, n + 1)
    assert start < due < next_due
    assert due.astimezone(cal.zone).time() == time(17)
    assert cal.is_working_day(due.astimezone(cal.zone).date())
    assert cal.working_minutes_between(due, next_due) == cal.minutes_a_day()


def test_lunch_is_not_work() -> None:
    assert hue.add_working_minutes(at("2026-03-02T11:00"), 60) == at("2026-03-02T14:00")
    assert not hue.is_working(at("2026-03-02T12:00"))
    assert hue.is_working(at("2026-03-02T13:30"))
    assert not hue.is_working(at("2026-03-02T17:00"))
    assert hue.next_opening(at("2026-03-06T17:00")) == at("2026-03-09T07:30")


def test_eight_hours_before_tet_end_after_tet() -> None:
    friday = at("2026-02-13T16:00")
    assert hue.add_working_minutes(friday, 120) == at("2026-02-23T08:30")
    assert hue.working_minutes_between(at("2026-02-13T17:00"), at("2026-02-23T07:30")) == 0


def test_a_saturday_worked_for_an_exchanged_friday_counts() -> None:
    assert hue.add_working_days(at("2026-01-08T09:00"), 2) == at("2026-01-10T17:00")  # Thursday → Friday, Saturday
    assert hue.add_working_days(at("2025-12-31T09:00"), 1) == at(
        "2026-01-01T17:00"
    )  # this test's calendar has no New Year
    assert hue.add_working_days(at("2026-01-01T09:00"), 1) == at("2026-01-05T17:00")  # Friday 2 January is off


@pytest.mark.parametrize(
    ("sent", "due"),
    [
        ("2022-07-19T10:00", "2022-07-28T17:00"),  # Tuesday: the day itself is not counted
        ("2024-07-27T10:00", "2024-08-07T17:00"),  # Saturday: received on Monday
        ("2024-10-27T10:00", "2024-11-06T17:00"),  # Sunday
    ],
)
def test_seven_working_days_as_real_cases_of_hue_had_them(sent: str, due: str) -> None:
    assert hue.add_working_days(at(sent), 7) == at(due)


def test_what_comes_after_closing_is_received_the_next_working_day() -> None:
    on_time, too_late = at("2026-03-02T16:59"), at("2026-03-02T17:00")
    assert hue.add_working_days(on_time, 1) == at("2026-03-03T17:00")
    assert hue.add_working_days(too_late, 1) == at("2026-03-04T17:00")
    assert hue.add_working_days(at("2026-03-02T06:00"), 1) == at("2026-03-03T17:00")  # before opening: the same day


def test_working_hours_stay_on_the_clock_when_the_clock_changes() -> None:
    friday = at("2015-03-06T16:00", BOSTON)  # clocks go forward on Sunday 8 March
    assert boston.add_working_minutes(friday, 120) == at("2015-03-09T09:00", BOSTON)
    autumn = at("2015-10-30T16:00", BOSTON)  # and back on 1 November
    assert boston.add_working_minutes(autumn, 120) == at("2015-11-02T09:00", BOSTON)


def test_a_period_over_the_change_counts_the_time_that_was_lived() -> None:
    spring = date(2015, 3, 8)
    start, end = (datetime.combine(spring, t, BOSTON) for t in (time(0), time(6)))
    assert nights.working_minutes_between(start, end) == 300
    assert nights.working_minutes_between(start + timedelta(days=1), end + timedelta(days=1)) == 360


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="not taken away"):
        hue.add_working_minutes(at("2026-03-02T08:00"), -1)
    with pytest.raises(ValueError, match="not taken away"):
        hue.add_working_days(at("2026-03-02T08:00"), -1)
    with pytest.raises(ValueError, match="as far as"):
        hue.add_working_minutes(at("2026-03-02T08:00"), 10**9)
    with pytest.raises(ValueError, match="knows the years"):
        hue.is_working(datetime(1700, 1, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="in order"):
        WorkingCalendar(HUE, [(time(9), time(8))])


@pytest.mark.django_db
def test_hue_rests_on_its_holidays_and_works_the_saturdays_given_for_them() -> None:
    cal = city_calendar()
    rests = ["2020-01-23", "2021-02-12", "2022-02-01", "2023-01-20", "2024-02-14", "2025-01-29", "2026-02-17",  # Tết
             "2019-04-15", "2020-04-02", "2021-04-21", "2022-04-11", "2024-04-18", "2025-04-07", "2026-04-27",  # 10/3 lunar
             "2024-04-29", "2025-05-02", "2021-09-03", "2026-01-02"]  # fmt: skip
    assert [day for day in rests if cal.is_working_day(date.fromisoformat(day))] == []
    worked = ["2019-01-05", "2019-05-04", "2024-05-04", "2025-04-26", "2026-01-10"]
    assert [day for day in worked if not cal.is_working_day(date.fromisoformat(day))] == []
    assert not cal.is_working_day(date(2024, 5, 11))


@pytest.mark.django_db
def test_every_tet_gives_five_working_days_off() -> None:
    cal = city_calendar()
    for year in range(2018, 2028):
        days = [date(year, 1, 15) + timedelta(n) for n in range(45)]
        assert sum(day.weekday() < 5 and not cal.is_working_day(day) for day in days) == 5, year
