"""Dates as the people of the city read them."""

from datetime import UTC, date, datetime

import pytest

from hues.city import clock as city_clock
from hues.kernel import clock

pytestmark = pytest.mark.django_db
DUE = datetime(2025, 11, 25, 10, 0, tzinfo=UTC)


def test_a_moment_is_told_in_the_citys_time_and_the_readers_language() -> None:
    with clock.at(datetime(2025, 11, 20, tzinfo=UTC)):
        assert city_clock.moment_text(DUE, "vi") == "thứ Ba, 25/11, 17:00"
        assert city_clock.moment_text(DUE, "en") == "Tue 25 Nov, 17:00"
        assert city_clock.day_text(date(2025, 11, 30), "vi") == "Chủ nhật, 30/11"


def test_another_year_is_named() -> None:
    with clock.at(datetime(2026, 3, 1, tzinfo=UTC)):
        assert city_clock.moment_text(DUE, "vi") == "thứ Ba, 25/11/2025, 17:00"
        assert city_clock.day_text(DUE, "en") == "Tue 25 Nov 2025"


def test_the_day_begins_at_the_citys_midnight() -> None:
    with clock.at(datetime(2025, 12, 31, 17, 30, tzinfo=UTC)):
        assert city_clock.today() == date(2026, 1, 1)
    assert city_clock.start_of_day(date(2026, 1, 1)) == datetime(2025, 12, 31, 17, tzinfo=UTC)


def test_boston_has_its_own_clock(boston: None) -> None:
    assert city_clock.time_text(DUE) == "05:00"
