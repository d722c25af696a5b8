"""Pages by key: complete, stable, as cheap at depth as at the start, and cursors that nobody can make up."""

import contextlib
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from hues.kernel.errors import Invalid
from hues.kernel.ids import new_id
from hues.kernel.models import StoredFile
from hues.kernel.pages import Page, keyset, seal, unseal

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
VALUES = st.lists(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.uuids() | st.dates()
    | st.datetimes(timezones=st.just(UTC)) | st.floats(allow_nan=False, allow_infinity=False),
    max_size=4,
)  # fmt: skip


@given(VALUES, st.text())
def test_a_cursor_gives_back_what_it_holds(values: list[Any], scope: str) -> None:
    assert unseal(seal(values, scope), scope) == values


@pytest.mark.parametrize(
    "bad",
    ["", "x", "x" * 5_000, "ế", "====", "\x00", seal([1], "other list"), seal([1, 2], "list")],
    ids=["nothing", "x", "long", "letter", "padding", "zero", "another list", "another length"],
)
def test_a_cursor_of_another_list_or_none_at_all_is_refused(bad: str) -> None:
    with pytest.raises(Invalid) as refused:
        unseal(bad, "list", 1)
    assert refused.value.code == "bad-cursor"


@given(st.integers(0, 200), st.characters())
def test_a_changed_cursor_is_refused(at: int, char: str) -> None:
    cursor = seal([NOON, UUID(int=7), date(2026, 1, 1)])
    at %= len(cursor)
    changed = cursor[:at] + char + cursor[at + 1 :]
    if changed != cursor:
        with contextlib.suppress(Invalid):
            assert unseal(changed) == unseal(cursor)  # the unused last bits of base64


def files(count: int, *, nulls: int = 0) -> list[StoredFile]:
    """With ties in time, and `nulls` without a width."""
    return StoredFile.objects.bulk_create(
        StoredFile(id=new_id(), at=NOON + timedelta(minutes=n // 3), media_type="x", size=n, sha256="", upload_sha256="",
                   width=None if n < nulls else n // 2)
        for n in range(count)
    )  # fmt: skip


def walk(order: list[str], limit: int, **filters: Any) -> list[StoredFile]:
    found: list[StoredFile] = []
    page: Page[StoredFile] = Page(next="")
    while page.next is not None:
        page = keyset(StoredFile.objects.filter(**filters), order=order, after=page.next, limit=limit)
        assert len(page) <= limit
        found += page
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("order", [["-at", "-id"], ["at", "id"], ["width", "id"], ["-width", "-id"], ["-id"], ["id"]])
@pytest.mark.parametrize("limit", [1, 3, 7, 20, 100])
def test_pages_together_are_the_whole_list(order: list[str], limit: int) -> None:
    files(20, nulls=5)
    assert walk(order, limit) == list(StoredFile.objects.order_by(*order))


@pytest.mark.django_db
def test_a_row_that_arrives_meanwhile_shifts_nothing() -> None:
    old = files(6)
    first = keyset(StoredFile.objects.all(), order=["-at", "-id"], limit=3)
    StoredFile.objects.create(at=NOON + timedelta(days=1), media_type="x", size=0, sha256="", upload_sha256="")
    second = keyset(StoredFile.objects.all(), order=["-at", "-id"], limit=3, after=first.next)
    assert [*first, *second] == sorted(old, key=lambda f: (f.at, f.id), reverse=True)
    assert second.next is None


@pytest.mark.django_db
def test_a_page_is_one_statement_and_goes_straight_to_its_place() -> None:
    files(10)
    cursor = seal([NOON + timedelta(minutes=2), uuid4()])
    with CaptureQueriesContext(connection) as asked:
        keyset(StoredFile.objects.all(), order=["-at", "-id"], limit=3, after=cursor)
    assert len(asked) == 1
    assert '("kernel_storedfile"."at", "kernel_storedfile"."id") < (' in asked.captured_queries[0]["sql"]


@pytest.mark.django_db
def test_a_page_has_a_largest_size() -> None:
    files(210)
    assert len(keyset(StoredFile.objects.all(), order=["id"], limit=10_000)) == 200
    assert len(keyset(StoredFile.objects.all(), order=["id"], limit=-5)) == 1


def test_the_key_of_cursors_is_not_the_key_of_the_site() -> None:
    assert settings.SECRET_KEY not in seal(["x"])
