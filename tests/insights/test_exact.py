"""The numbers and their denominators, on a city small enough to count by hand."""

from datetime import timedelta
from typing import Any

import pytest

from hues.cases.models import Case
from hues.insights.exact import city_numbers
from hues.people.models import User
from tests.reports.conftest import NOW, STRAY, actor_of, report

HOUR = timedelta(hours=1)


@pytest.fixture
def make(citizen: User) -> Any:
    def make(category: str = STRAY, **set: Any) -> Case:
        case = report(actor_of(citizen), category=category)
        Case.objects.filter(pk=case.pk).update(**set)
        return case

    return make


def answered(after: timedelta, due: timedelta, final: timedelta | None = None, **more: Any) -> dict[str, Any]:
    at = NOW + after
    return {
        "phase": "done", "state": "published", "is_open": False, "due_at": None, "answered_at": at, "published_at": at,
        "due_original_at": NOW + due, "due_final_at": NOW + (final or due), **more,
    }  # fmt: skip


def shares(numbers: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {
        name: (value["of"], value["over"])
        for name, value in numbers.items()
        if isinstance(value, dict) and "over" in value
    }


def test_every_share_has_its_denominator(make: Any) -> None:
    make(**answered(2 * HOUR, 4 * HOUR, outcome="fixed_with_evidence", rating="satisfied"))
    make(**answered(5 * HOUR, 4 * HOUR, 8 * HOUR, outcome="temporary_fix", rating="accepts"))  # late, with an extension
    make(**answered(9 * HOUR, 4 * HOUR, 8 * HOUR, outcome="enforcement_done", rating="not_satisfied", reopened=1))
    kept = make(**answered(3 * HOUR, 4 * HOUR, outcome="explained_with_legal_ground"))  # nobody rated it
    make(phase="done", is_open=False, reject_reason="spam", answered_at=NOW, published_at=NOW)
    make(phase="done", is_open=False, redirected_to="113")
    make(phase="done", is_open=False, parent=kept)
    make(phase="handling", due_at=NOW - HOUR)  # open, and late
    make()  # waiting to be read
    numbers = city_numbers()
    assert (numbers["received"], numbers["open"], numbers["overdue"]) == (9, 2, 1)
    assert shares(numbers) == {
        "eligible_rate": (5, 9),
        "duplicate_ratio": (1, 9),
        "answer_rate": (4, 5),
        "true_resolution": (2, 5),
        "on_time_original": (2, 4),
        "on_time_final": (3, 4),
        "rating_coverage": (3, 4),
        "satisfaction": (1, 3),
        "acceptance": (2, 3),
        "acceptance_worst_case": (2, 4),
        "reopen_rate": (1, 4),
        "broke_again": (0, 2),
        "recurrence": (8, 9),  # all at one place
        "accepted_in_time": (0, 0),
        "promises_kept": (0, 0),
    }
    assert numbers["hours_to_answer"] == {"p50": 4.0, "p90": 7.8}


def test_exactly_on_the_due_date_is_on_time_and_a_second_later_is_not(make: Any) -> None:
    make(**answered(4 * HOUR, 4 * HOUR))
    make(**answered(4 * HOUR + timedelta(seconds=1), 4 * HOUR))
    assert shares(city_numbers())["on_time_original"] == (1, 2)


def test_an_empty_city_has_no_shares_and_no_faults() -> None:
    numbers = city_numbers(by="unit")
    assert numbers["received"] == 0
    assert numbers["answer_rate"] == {"share": None, "of": 0, "over": 0}
    assert numbers["by"] == {}


def test_sample_data_do_not_count_unless_asked_for(make: Any) -> None:
    make(is_sample=True)
    make()
    assert city_numbers()["received"] == 1
    assert city_numbers(sample=True)["received"] == 2


def test_a_span_of_time_and_a_breakdown(make: Any) -> None:
    make(received_at=NOW - timedelta(days=40))
    make()
    numbers = city_numbers(by="month")
    assert {month: row["received"] for month, row in numbers["by"].items()} == {"2026-10": 1, "2026-11": 1}
    assert city_numbers(since=NOW - timedelta(days=1))["received"] == 1
    assert city_numbers(until=NOW - timedelta(days=1))["received"] == 1
    assert list(city_numbers(by="unit")["by"]) == ["19789"]
    assert list(city_numbers(by="category")["by"]) == [STRAY]


def test_the_numbers_cost_one_statement(django_assert_num_queries: Any) -> None:
    city_numbers()
    with django_assert_num_queries(1):
        city_numbers()
    with django_assert_num_queries(2):
        city_numbers(by="agency")
