"""So many uses in a while, and no more."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hues.kernel import clock, limits
from hues.kernel.errors import TooMany
from hues.kernel.limits import spend
from hues.kernel.models import RateCounter

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_the_limit_holds_and_ends_with_its_window() -> None:
    with clock.at(NOON):
        for _ in range(3):
            spend("code:a", limit=3, window=60)
        spend("code:b", limit=3, window=60)
    with clock.at(NOON + timedelta(seconds=20)):
        for _ in range(5):
            with pytest.raises(TooMany) as refused:
                spend("code:a", limit=3, window=60)
        assert refused.value.retry_after == 40
    with clock.at(NOON + timedelta(seconds=60)):
        spend("code:a", limit=3, window=timedelta(minutes=1))


def test_a_use_costs_one_statement() -> None:
    with CaptureQueriesContext(connection) as asked:
        spend("x" * 5_000, limit=1, window=1)
    assert len(asked) == 1


def test_counters_wait_for_no_disk() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select relpersistence from pg_class where relname = 'kernel_ratecounter'")
        assert cursor.fetchone() == ("u",)


def test_old_counters_are_forgotten() -> None:
    with clock.at(NOON):
        spend("old", limit=1, window=60)
    with clock.at(NOON + timedelta(minutes=2)):
        spend("new", limit=1, window=60)
        limits.forget_old()
    assert list(RateCounter.objects.values_list("key", flat=True)) == ["new"]


def test_limits_can_be_switched_off_for_measuring(settings: Any) -> None:
    settings.LIMITS = False
    for _ in range(9):
        spend("measured", limit=1, window=60)
