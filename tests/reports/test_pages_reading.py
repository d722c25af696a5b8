"""What everyone reads, and what a sender reads of their own: the right things, once, with few statements."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hues.cases.actions import take_step
from hues.cases.models import Case
from hues.kernel.actors import Actor
from hues.people.models import User
from tests.reports.conftest import LAMP, actor_of, report

Make = Callable[..., Case]


def read(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content.decode()[-1500:]
    return answer.content.decode()


def statements(do: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as seen:
        do()
    return len(seen.captured_queries)


def test_pages_that_everyone_reads_ask_the_database_little(client: Client, published_case: Make) -> None:
    codes = [published_case(body=f"Đèn tắt {n}").code for n in range(6)]
    paths = {f"/cases/{codes[0]}": 5, "/cases": 4, "/cases?q=den+tat&state=open": 4, "/map": 4}
    for path in paths:
        read(client, path)
    found = {path: statements(lambda path=path: read(client, path)) for path in paths}  # type: ignore[misc]
    assert all(found[path] <= most for path, most in paths.items()), found


def test_ones_own_pages_ask_the_database_little(browser: Client, citizen: User) -> None:
    codes = [report(actor_of(citizen), body=f"Đèn tắt {n}").code for n in range(6)]
    paths = {"/me": 7, f"/me/cases/{codes[0]}": 12}
    for path in paths:
        read(browser, path)
    found = {path: statements(lambda path=path: read(browser, path)) for path in paths}  # type: ignore[misc]
    assert all(found[path] <= most for path, most in paths.items()), found


def test_a_list_costs_the_same_however_long_it_is(client: Client, published_case: Make) -> None:
    published_case()
    read(client, "/cases")
    few = statements(lambda: read(client, "/cases"))
    for n in range(12):
        published_case(body=f"Đèn tắt {n}")
    assert statements(lambda: read(client, "/cases")) == few


def test_before_the_centre_has_read_it_nobody_else_sees_it(client: Client, browser: Client, citizen: User) -> None:
    case = report(actor_of(citizen))
    assert case.code not in read(Client(), "/cases")
    read(Client(), f"/cases/{case.code}", 404)
    assert case.code in read(browser, "/me")


def test_where_it_is_is_said_once(client: Client, published_case: Make) -> None:
    case = published_case(address="12 Lê Lợi, phường Thuận Hóa")
    page = read(client, f"/cases/{case.code}")
    lead = re.findall(r'<p class="lead">([^<]+)</p>', page)[0]
    assert lead.casefold().count("phường") == 1, lead


def test_the_question_is_asked_once_and_answering_it_moves_the_case(
    browser: Client, citizen: User, operator: Actor
) -> None:
    case = report(actor_of(citizen))
    case = take_step(actor=operator, code=case.code, step="accept", data={"agency": "CVX"})
    take_step(actor=operator, code=case.code, step="ask_citizen", data={"question": "Cột đèn số mấy, xin cho biết?"})
    page = read(browser, f"/me/cases/{case.code}")
    assert "Cần bạn cho biết thêm" in page
    assert page.count("Cột đèn số mấy") == 2, "as the question, and in the talk"
    answer = browser.post(f"/me/cases/{case.code}/reply", {"citizen_reply__text": "Cột số 14"})
    assert answer.status_code == 302
    assert Case.objects.get(pk=case.pk).state == "in_progress"
    assert "Cần bạn cho biết thêm" not in read(browser, f"/me/cases/{case.code}")


def test_a_reason_is_asked_for_where_one_is_not_satisfied(browser: Client, citizen: User, operator: Actor) -> None:
    case = published_result(citizen, operator)
    here = f"/me/cases/{case.code}"
    refused = browser.post(f"{here}/rate", {"rate__rating": "not_satisfied"})
    assert refused.status_code == 422 and 'id="e-rate__reason"' in refused.content.decode()
    assert browser.post(f"{here}/rate", {"rate__rating": "satisfied"}).status_code == 302
    assert Case.objects.get(pk=case.pk).state == "closed"


def published_result(citizen: User, operator: Actor) -> Case:
    """A case whose answer is public, without a photo: it was explained."""
    from hues.kernel.actors import OFFICER, Grant

    case = report(actor_of(citizen), LAMP)
    case = take_step(actor=operator, code=case.code, step="accept", data={"agency": "CVX"})
    assert case.agency_id
    officer = Actor("staff", operator.id, "Cán bộ", frozenset({Grant(OFFICER, case.agency_id)}))
    take_step(actor=officer, code=case.code, step="start", data={})
    data = {"outcome": "no_violation_found", "text": "Đã kiểm tra, đèn sáng bình thường trở lại."}
    take_step(actor=officer, code=case.code, step="answer", data=data)
    return take_step(actor=operator, code=case.code, step="publish", data={"text": data["text"]})


@pytest.mark.parametrize(
    "query", ["unit=khong-co", "category=%00", "state=%F0%9F%98%A1", "after=khong", "q=" + "a" * 3000, "q=%ED%A0%BD", "unit[]=1"]
)  # fmt: skip
def test_whatever_is_asked_the_list_answers(client: Client, query: str) -> None:
    assert client.get(f"/cases?{query}").status_code in (200, 400, 404, 422)


def test_somebody_elses_case_is_not_there(client: Client, make_citizen: Callable[[str], User], citizen: User) -> None:
    case = report(actor_of(make_citizen("nguoi-khac")))
    client.force_login(citizen)
    read(client, f"/me/cases/{case.code}", 404)
    for act in ("rate", "reply", "reopen"):
        assert client.post(f"/me/cases/{case.code}/{act}").status_code == 404
