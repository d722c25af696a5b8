"""The kept counts are the same as counting every case, follow every change, and a wrong one is found."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from hues.cases.models import Case
from hues.insights import queries
from hues.insights.actions import check_tallies, rebuild_tallies, refresh_tallies
from hues.insights.exact import city_numbers
from hues.insights.models import Tally, TallyState
from hues.insights.queries import Scope
from hues.people.models import User
from tests.reports.conftest import LAMP, NOW, STRAY, actor_of, report

HOUR = timedelta(hours=1)
ALL = Scope(date(2020, 1, 1), date(2026, 12, 31))


@pytest.fixture
def city(citizen: User) -> list[Case]:
    """Thirty reports over two years, of two kinds, in all stages."""
    made = []
    for number in range(30):
        case = report(actor_of(citizen), category=(STRAY, LAMP)[number % 2])
        at = NOW - timedelta(days=23 * number, hours=number)
        answered = at + number * HOUR
        Case.objects.filter(pk=case.pk).update(
            received_at=at,
            first_read_at=at + timedelta(minutes=number),
            **(
                {
                    "phase": "done",
                    "is_open": False,
                    "answered_at": answered,
                    "published_at": answered,
                    "due_original_at": at + 10 * HOUR,
                    "due_final_at": at + 20 * HOUR,
                    "outcome": ("fixed_with_evidence", "temporary_fix")[number % 3 == 0],
                    "rating": ("satisfied", "accepts", "not_satisfied", "")[number % 4],
                }
                if number % 5
                else {}
            ),
        )
        made.append(case)
    return made


def same(kept: dict[str, Any], exact: dict[str, Any]) -> None:
    spans = ("first_read_minutes", "hours_to_answer", "hours_to_fix")
    assert {k: v for k, v in kept.items() if k not in spans} == {
        k: v for k, v in exact.items() if k not in (*spans, "overdue", "definitions", "by")
    }
    for name in spans:
        if exact[name] is None:
            assert kept[name] is None
            continue
        for part in ("p50", "p90"):
            assert kept[name][part] == pytest.approx(exact[name][part], rel=0.25, abs=1.5)


@pytest.mark.django_db
def test_kept_counts_are_the_exact_ones_in_every_cut(city: list[Case]) -> None:
    rebuild_tallies()
    same(queries.whole(ALL).figures(), city_numbers())
    for by in ("category", "unit", "agency", "channel", "month"):
        exact = city_numbers(by=by)["by"]  # type: ignore[arg-type]
        kept = queries.broken_down(ALL, by)
        assert len(kept) == len(exact)
        assert sorted(row.counts["received"] for row in kept) == sorted(row["received"] for row in exact.values())
        assert sorted(row.counts["resolved"] for row in kept) == sorted(
            row["true_resolution"]["of"] for row in exact.values()
        )
    unit = queries.broken_down(ALL, "unit")[0].key
    by_kind = queries.broken_down(Scope(ALL.since, ALL.until, unit=unit), "category")
    assert sum(row.counts["received"] for row in by_kind) == 30


@pytest.mark.django_db
def test_a_span_of_months_and_years_counts_each_case_once(city: list[Case]) -> None:
    rebuild_tallies()
    since, until = date(2025, 11, 1), date(2026, 10, 31)
    kept = queries.whole(Scope(since, until)).counts["received"]
    wanted = [c for c in Case.objects.all() if since <= c.received_at.date() < date(2026, 11, 1)]
    assert kept == len(wanted)
    assert queries.whole(Scope(date(2025, 1, 1), date(2025, 12, 31))).counts["received"] == sum(
        row.counts["received"] for row in queries.broken_down(Scope(date(2025, 1, 1), date(2025, 12, 31)), "month")
    )


@pytest.mark.django_db
def test_a_corrupted_count_is_found_journalled_and_mended(city: list[Case]) -> None:
    rebuild_tallies()
    assert check_tallies() == 0
    row = Tally.objects.filter(span="m", cut=15).first()
    assert row is not None
    Tally.objects.filter(pk=row.pk).update(resolved=row.resolved + 7)
    assert check_tallies() == 2  # the wrong row, and the right one that was missing
    state = TallyState.objects.get()
    assert (state.found, state.checked_at is not None) == (2, True)
    assert check_tallies() == 0
    same(queries.whole(ALL).figures(), city_numbers())


@pytest.mark.django_db
def test_what_was_fixed_and_came_back_counts_against_the_first_month(city: list[Case], citizen: User) -> None:
    fixed = next(c for c in Case.objects.order_by("received_at") if c.outcome == "fixed_with_evidence")
    later = report(actor_of(citizen), category=fixed.category.code)
    Case.objects.filter(pk=later.pk).update(origin=fixed)
    rebuild_tallies()
    assert queries.whole(ALL).figures()["broke_again"]["of"] == 1
    month = fixed.received_at.date().replace(day=1)
    assert queries.whole(Scope(month, queries.end_of(month, 1))).figures()["broke_again"]["of"] == 1


@pytest.mark.django_db
def test_a_page_costs_the_same_number_of_statements_and_no_look_at_cases(
    city: list[Case], django_assert_num_queries: Any
) -> None:
    rebuild_tallies()
    with django_assert_num_queries(2) as counted:
        queries.broken_down(ALL, "unit")
    assert not any("cases_case" in query["sql"] for query in counted.captured_queries)


@pytest.mark.django_db
def test_sample_data_are_kept_apart(city: list[Case], settings: Any) -> None:
    Case.objects.filter(pk__in=[case.pk for case in city[:10]]).update(is_sample=True)
    rebuild_tallies()
    settings.SANDBOX = False
    assert queries.whole(ALL).counts["received"] == 20
    settings.SANDBOX = True
    assert queries.whole(ALL).counts["received"] == 30


@pytest.mark.django_db
def test_only_the_months_that_changed_are_counted_again(city: list[Case]) -> None:
    from hues.kernel.models import JournalEntry, LogLeaf

    rebuild_tallies()
    assert refresh_tallies() == []
    case = city[20]
    entry = JournalEntry.objects.filter(subject_id=case.pk).first()
    assert entry is not None
    Case.objects.filter(pk=case.pk).update(reject_reason="spam", outcome="")
    place = TallyState.objects.get().place
    LogLeaf.objects.update_or_create(place=place, defaults={"entry_id": entry.pk, "leaf_hash": b"0" * 32})
    months = refresh_tallies()
    assert months[0] == Case.objects.get(pk=case.pk).received_at.date().replace(day=1)
    assert len(months) == 3
    same(queries.whole(ALL).figures(), city_numbers())
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from insights_tally where span = 'y' and cut = 15")
        assert cursor.fetchone()[0] >= 2
