"""Arithmetic on spans of time, against counting minutes one by one."""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hues.duty.spans import Span, joined, minus, thin

START = datetime(2026, 1, 1, tzinfo=UTC)


def span(a: int, b: int) -> Span:
    return START + timedelta(minutes=min(a, b)), START + timedelta(minutes=max(a, b))


spans = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda ab: span(*ab)), max_size=6)
ALL = span(0, 60)
MINUTES = [START + timedelta(minutes=n) for n in range(60)]


def holds(one: Span, at: datetime) -> bool:
    return one[0] <= at < one[1]


@given(spans)
def test_what_is_left_is_what_nothing_took(cuts: list[Span]) -> None:
    left = minus(ALL, cuts)
    for at in MINUTES:
        assert sum(holds(one, at) for one in left) == (not any(holds(cut, at) for cut in cuts))


@given(spans)
def test_joined_is_the_same_time_in_order(given_: list[Span]) -> None:
    out = joined(given_)
    assert out == sorted(out) and all(a[1] < b[0] for a, b in itertools.pairwise(out))
    for at in MINUTES:
        assert any(holds(one, at) for one in out) == any(holds(one, at) for one in given_)


@given(spans, spans, st.integers(1, 3))
def test_thin_says_every_minute_with_too_few_and_how_many_are_there(
    required: list[Span], there: list[Span], needed: int
) -> None:
    found = thin(required, there, needed)
    for at in MINUTES:
        count = sum(holds(one, at) for one in there)
        expected = [count] if any(holds(one, at) for one in required) and count < needed else []
        assert [gap.there for gap in found if gap.starts_at <= at < gap.ends_at] == expected
    assert all(a.ends_at < b.starts_at or a.there != b.there for a, b in itertools.pairwise(found))
