"""Dates, distances, money and numbers as people say them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from hues.kernel import clock
from hues.web import words

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 11, 24, 3, 0, tzinfo=UTC)  # Monday, 10:00 in Huế


def test_a_due_date_is_a_weekday_a_date_and_a_time_in_the_citys_zone() -> None:
    with clock.at(NOW):
        assert words.moment(datetime(2025, 11, 25, 10, 0, tzinfo=UTC)) == "thứ Ba, 25/11, 17:00"
        assert words.moment(datetime(2024, 2, 9, 18, 30, tzinfo=UTC)) == "thứ Bảy, 10/2/2024, 01:30"
        with translation.override("en"):
            assert words.moment(datetime(2025, 11, 25, 10, 0, tzinfo=UTC)) == "Tue 25 Nov, 17:00"


@pytest.mark.parametrize(
    ("gone", "vi", "en"),
    [
        (timedelta(seconds=20), "vừa xong", "just now"),
        (timedelta(minutes=1), "1 phút trước", "1 minute ago"),
        (timedelta(hours=3), "3 giờ trước", "3 hours ago"),
        (timedelta(hours=25), "09:00 hôm qua", "09:00 yesterday"),
        (timedelta(days=3), "thứ Sáu, 21/11, 10:00", "Fri 21 Nov, 10:00"),
        (timedelta(days=30), "25/10 10:00", "25 Oct 10:00"),
    ],
)
def test_what_is_past_is_told_by_distance_then_by_date(gone: timedelta, vi: str, en: str) -> None:
    with clock.at(NOW):
        assert words.moment(NOW - gone, "ago") == vi
        with translation.override("en"):
            assert words.moment(NOW - gone, "ago") == en


def test_today_and_tomorrow_have_names_even_across_midnight_utc() -> None:
    with clock.at(NOW):
        assert words.moment(NOW + timedelta(hours=2), "near") == "12:00 hôm nay"
        assert words.moment(NOW + timedelta(hours=15), "near") == "01:00 ngày mai"


def test_numbers_wear_the_readers_separators() -> None:
    assert words.number(183000) == "183.000"
    assert words.money(1_250_000) == "1.250.000 đ"
    assert words.percent(0.5114) == "51,1%"
    assert words.percent(None) == "–"
    with translation.override("en"):
        assert words.number(183000) == "183,000"
        assert words.percent(0.5114) == "51.1%"


def test_distances_are_metres_near_and_kilometres_far() -> None:
    assert [words.distance(m) for m in (7, 348, 1240, 23_400)] == ["7 m", "350 m", "1,2 km", "23 km"]
