"""When things are reported: growth, weekdays, floods."""

import random
from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hues.cli.demo.moments import Moments, six_years
from hues.cli.demo.texts import read_texts

HUE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def a_city_of_six_years() -> dict[date, int]:
    return dict(Moments(read_texts(), HUE).days(six_years(NOW), NOW.date(), 183_000))


def test_the_first_autumn_is_whole() -> None:
    assert six_years(NOW) == date(2020, 10, 1)
    assert six_years(datetime(2027, 6, 1, tzinfo=UTC)) == date(2020, 10, 1)


def test_all_reports_are_given_to_days_and_grow_from_46_to_140() -> None:
    days = a_city_of_six_years()
    assert sum(days.values()) == 183_000
    quiet_first = [n for day, n in days.items() if day.year == 2021 and 3 <= day.month <= 5]
    quiet_last = [n for day, n in days.items() if day.year == 2026 and 3 <= day.month <= 5]
    assert 40 <= sum(quiet_first) / len(quiet_first) <= 60
    assert 105 <= sum(quiet_last) / len(quiet_last) <= 150


def test_floods_stand_out_where_they_were() -> None:
    days = a_city_of_six_years()
    assert date(2025, 10, 25) <= max(days, key=lambda day: days[day]) <= date(2025, 11, 4)
    assert max(n for day, n in days.items() if day.year == 2023) == max(
        n for day, n in days.items() if (day.year, day.month) == (2023, 11)
    )
    assert days[date(2020, 10, 13)] > 2 * days[date(2021, 3, 16)]


def test_water_is_the_matter_in_a_flood_and_not_in_a_dry_spring() -> None:
    moments, rng = Moments(read_texts(), HUE), random.Random(2)
    flood = Counter(moments.kind(date(2025, 10, 29), rng).code for _ in range(2_000))
    spring = Counter(moments.kind(date(2025, 4, 15), rng).code for _ in range(2_000))
    assert sum(flood[code] for code in ("TA01", "TA02", "HT05")) > 800
    assert sum(spring[code] for code in ("TA01", "TA02", "HT05")) < 60


def test_noise_comes_at_night_and_rubbish_in_the_morning() -> None:
    texts, rng = read_texts(), random.Random(4)
    moments, day = Moments(texts, HUE), date(2025, 5, 6)

    def median_hour(code: str) -> int:
        hours = sorted(moments.at(day, texts.kinds[code], rng).astimezone(HUE).hour for _ in range(400))
        return hours[200]

    assert median_hour("MT06") >= 19 > 12 >= median_hour("MT01")


def test_weekends_are_quieter() -> None:
    days = {day: n for day, n in a_city_of_six_years().items() if day.year == 2024 and day.month < 9}
    of = [sum(n for day, n in days.items() if day.weekday() == weekday) for weekday in range(7)]
    assert of[6] < 0.8 * of[0]
