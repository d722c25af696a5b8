"""The page of numbers: what it says is what was counted, for everyone, with nothing that gives anybody away."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from hues.cases.models import Case
from hues.insights.actions import rebuild_tallies
from hues.people.models import User
from tests.reports.conftest import LAMP, NOW, actor_of, report

DRUGS = "AN02"  # never public


@pytest.fixture
def counted(citizen: User) -> None:
    for number in range(12):
        case = report(actor_of(citizen), category=LAMP if number < 9 else DRUGS)
        Case.objects.filter(pk=case.pk).update(
            phase="done",
            is_open=False,
            answered_at=NOW + timedelta(hours=number + 1),
            published_at=NOW + timedelta(hours=number + 1),
            due_original_at=NOW + timedelta(hours=4),
            due_final_at=NOW + timedelta(hours=8),
            outcome="fixed_with_evidence",
            rating="satisfied" if number < 3 else "",
        )
    rebuild_tallies()


def page(client: Client, query: str = "", language: str = "en") -> str:
    response = client.get(f"/numbers{query}", headers={"accept-language": language})
    assert response.status_code == 200
    return response.content.decode()


def test_both_on_time_figures_and_the_worst_case_stand_side_by_side(client: Client, counted: None) -> None:
    html = page(client)
    assert "4 of 12" in html and "33.3%" in html  # the first date
    assert "8 of 12" in html and "66.7%" in html  # with extensions
    assert "3 of 3" in html and "3 of 12" in html  # content, of the rated and of the answered
    assert 'href="/numbers/definitions#on_time_original"' in html


def test_in_vietnamese_with_a_vietnamese_comma(client: Client, counted: None) -> None:
    html = page(client, language="vi")
    assert "33,3%" in html and "4 trên 12" in html
    assert 'y="4.0"' in html  # the drawing keeps its points


def test_kinds_that_are_never_public_are_not_told_apart(client: Client, counted: None) -> None:
    """Three tip-offs in one ward would point at somebody."""
    assert "Drugs" not in _table(page(client, "?by=category"))
    assert "never public, together" in page(client, "?by=category")
    unit = Case.objects.select_related("unit").first()
    assert unit is not None and unit.unit is not None
    assert "Drugs" not in _table(page(client, f"?unit={unit.unit.code}&by=category"))
    by_month = page(client, f"?category={DRUGS}&by=unit")
    assert unit.unit.name("en") not in _table(by_month)
    assert client.get(f"/numbers.csv?category={DRUGS}&by=agency").content.decode().count("\n") == 2  # months only


def _table(html: str) -> str:
    return html[html.index("<tbody>") : html.index("</tbody>")]


@pytest.mark.parametrize(
    "query",
    ["?period=soon", "?period=²²²²", "?by=colour", "?unit=nowhere", "?unit=19789&category=DT01", "?agency=%27x"],
)
def test_what_makes_no_sense_is_said(client: Client, counted: None, query: str) -> None:
    response = client.get(f"/numbers{query}")
    assert response.status_code == 422
    assert client.get(f"/api/v1/numbers{query}").status_code == 422
    assert client.get(f"/numbers.csv{query}").status_code == 422


def test_the_file_has_numerators_and_denominators_and_no_formulas(client: Client, counted: None) -> None:
    from hues.city.models import Unit

    case = Case.objects.select_related("unit").filter(category__code=LAMP).first()
    assert case is not None and case.unit is not None
    Unit.objects.filter(pk=case.unit.pk).update(names={"vi": "=cmd|' /C calc'!A0", "en": "=1+1"})
    rows = list(csv.DictReader(io.StringIO(client.get("/numbers.csv?by=unit").content.decode("utf-8-sig"))))
    assert rows[0]["name"].startswith("'=")
    assert (rows[0]["true_resolution_of"], rows[0]["true_resolution_over"]) == ("12", "12")


def test_programs_get_the_same_figures(client: Client, counted: None) -> None:
    answer = client.get("/api/v1/numbers?by=month").json()
    assert answer["figures"]["received"] == 12
    assert answer["figures"]["on_time_original"] == {"share": 0.3333, "of": 4, "over": 12}
    assert [row["code"] for row in answer["rows"]] == ["2026-11"]
    ids = {row["id"] for row in client.get("/api/v1/numbers/definitions").json()}
    assert set(answer["figures"]) - ids <= {"open", "rejected", "redirected"}


def test_an_empty_city_says_so(client: Client) -> None:
    assert "Nothing was received" in page(client)


def test_a_page_needs_few_statements(client: Client, counted: None, django_assert_max_num_queries: Any) -> None:
    page(client)
    with django_assert_max_num_queries(14):
        page(client, "?by=category")
