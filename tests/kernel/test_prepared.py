"""A query whose SQL is written once answers as the ORM does, for each value anew."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from hues.kernel import clock
from hues.kernel.models import StoredFile
from hues.kernel.prepared import Prepared


def sized(above: int, since: datetime) -> QuerySet[StoredFile, tuple[object, ...]]:
    found = StoredFile.objects.filter(size__gt=above, at__gt=since, media_type="image/webp")
    return found.order_by("size").values_list("id", "size", "at")


def test_it_answers_as_the_orm_does(db: None) -> None:
    now = clock.now()
    for size in range(5):
        StoredFile.objects.create(at=now - timedelta(days=size), media_type="image/webp", size=size)
    asked = Prepared(sized, above=99_999, since=datetime(1901, 1, 1, tzinfo=UTC))
    for above in (0, 2, 9):
        for since in (now - timedelta(days=10), now - timedelta(days=3)):
            with CaptureQueriesContext(
                connection,
            ) as statements:
                rows = asked.rows(above=above, since=since)
            assert len(statements) == 1
            assert rows == list(sized(above, since))


def test_an_example_without_a_place_is_a_mistake(db: None) -> None:
    def make(above: int, other: int) -> QuerySet[StoredFile, tuple[object, ...]]:
        return sized(above, clock.now() - timedelta(other * 0))

    asked = Prepared(make, above=99_999, other=98)
    with pytest.raises(AssertionError, match="other"):
        asked.rows(above=1, other=2)
