"""Under what name everyone sees a report: the choice on the filing page holds on the public page and in the API."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hues.cases.actions import take_step
from hues.cases.models import Case
from hues.cases.queries import public_case
from hues.kernel.actors import Actor
from hues.people import actions
from hues.people.actions import erasure
from hues.people.models import User
from tests.reports.conftest import actor_of, report

Make = Callable[..., Case]
NAMELESS = {"vi": "Một người dân", "en": "A citizen"}
NAMED = {"vi": "Người dân sen-3k7", "en": "Resident sen-3k7"}


def shown(case: Case, language: str) -> str:
    """What the page and the API say, the same."""
    asked = {"accept-language": language}
    page = Client().get(f"/cases/{case.code}", headers=asked).content.decode()
    told: str = Client().get(f"/api/v1/cases/{case.code}", headers=asked).json()["reporter"]
    assert page.count(told) == 1, page
    assert ("sen-3k7" in page) == ("sen-3k7" in told)
    return told


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_one_who_chose_the_pseudonym_is_shown_by_it_and_nobody_else(published_case: Make, language: str) -> None:
    assert shown(published_case(anonymous=False), language) == NAMED[language]
    assert shown(published_case(), language) == NAMELESS[language]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_beside_a_masked_place_nobody_is_named(published_case: Make, language: str) -> None:
    case = published_case(anonymous=False)
    Case.objects.filter(pk=case.pk).update(visibility="masked")
    assert shown(case, language) == NAMELESS[language]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_after_an_erasure_the_name_is_gone_from_the_first_moment(
    published_case: Make, citizen: User, language: str
) -> None:
    case = published_case(anonymous=False)
    asked = actions.erase_person(actor=actor_of(citizen))
    assert shown(case, language) == NAMELESS[language]  # the account is closed, its cases are not yet reached
    while erasure.go_on(asked.pk):
        pass
    assert shown(case, language) == NAMELESS[language]


def test_staff_who_write_down_a_report_are_not_named(operator: Actor) -> None:
    case = report(operator, anonymous=False)
    take_step(actor=operator, code=case.code, step="accept", data={"agency": "CVX"})
    assert shown(case, "vi") == NAMELESS["vi"]


def test_a_restricted_case_is_not_there_and_a_public_one_costs_no_statement_more(published_case: Make) -> None:
    case = published_case(anonymous=False)
    with CaptureQueriesContext(connection) as seen:
        public_case(case.code)
    assert len(seen.captured_queries) == 2
    Case.objects.filter(pk=case.pk).update(visibility="restricted")
    assert Client().get(f"/cases/{case.code}").status_code == 404
    assert Client().get(f"/api/v1/cases/{case.code}").status_code == 404
