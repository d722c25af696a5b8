"""The room through its doors: everything for the centre, nothing for anybody else, few statements, and no word about who reported."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from hues.cases.models import Case
from hues.console import actions
from hues.console.models import Bulk, Hold, SavedFilter
from hues.console.pages.marking import marked
from hues.console.sieve import Sieve
from hues.kernel.actors import HEAD, Actor, Grant
from hues.people.models import User
from tests.cases.conftest import People, at_most

Reports = Callable[..., list[Case]]
Browser = Callable[[Actor], Client]


def send(client: Client, path: str, data: dict[str, Any]) -> Any:
    return client.post(path, json.dumps(data), content_type="application/json", headers={"accept": "application/json"})


def decide(client: Client, case: Case, verb: str, **data: Any) -> Any:
    return send(client, f"/desk/triage/cases/{case.code}/decide", {"verb": verb, "version": case.version, **data})


def test_the_list_and_the_first_case_at_once(one: Actor, browser_of: Browser, reports: Reports, citizen: Actor) -> None:
    cases = reports(3)
    client = browser_of(one)
    client.get("/desk/triage")
    with at_most(34):
        page = client.get("/desk/triage").content.decode()
    assert all(case.code in page for case in cases)
    assert page.count("data-case ") == 1 and f'data-code="{cases[0].code}"' in page
    assert citizen.name not in page and str(citizen.id) not in page, (
        "the sender is a number of open cases, nothing else"
    )
    assert "2 việc mở khác" in page
    assert "khá chắc" in page or "có lẽ" in page or "%" in page


def test_the_cluster_stands_before_the_text(one: Actor, browser_of: Browser, reports: Reports) -> None:
    first, second = reports(2, lat=16.4637, body="Đèn đường trước chợ không sáng", address="27 Lê Lợi")
    page = browser_of(one).get(f"/desk/triage/cases/{second.code}").content.decode()
    assert page.index("tri-cluster likely") < page.index("case-words") and f'data-twin="{first.code}"' in page
    assert "cùng địa chỉ" in page


def test_the_fragment_costs_few_statements(one: Actor, browser_of: Browser, reports: Reports) -> None:
    reports(3, lat=16.4637)
    client = browser_of(one)
    client.get("/desk/triage")
    with at_most(20):
        assert send(client, "/desk/triage/next", {"view": {}, "skip": []}).status_code == 200
    with at_most(14):
        client.get("/desk/triage/list")


def test_a_decision_counts_when_the_server_says_so(
    one: Actor, two: Actor, browser_of: Browser, reports: Reports
) -> None:
    case, other = reports(2)
    answer = decide(browser_of(one), case, "accept")
    assert answer.status_code == 200 and "Trung tâm Công viên Cây xanh" in answer.json()["said"]
    late = decide(browser_of(two), case, "accept")
    assert late.status_code == 409 and "Trực ban 1" in late.json()["detail"]
    gap = decide(browser_of(two), other, "reject", reason="spam", text="Thiếu [điều gì] trong phản ánh")
    assert gap.status_code == 422 and "[điều gì]" in json.dumps(gap.json(), ensure_ascii=False)
    assert decide(browser_of(two), other, "fly").status_code == 422


def test_without_scripts_a_form_does_it(one: Actor, browser_of: Browser, reports: Reports) -> None:
    (case,) = reports(1)
    answer = browser_of(one).post(f"/desk/triage/cases/{case.code}/decide", {"verb": "accept", "version": case.version})
    assert answer.status_code == 302 and Bulk.objects.get().verb == "accept"


def test_the_heartbeat_says_who_is_where_and_what_was_lost(
    one: Actor, two: Actor, browser_of: Browser, reports: Reports
) -> None:
    (case,) = reports(1)
    mine, theirs = browser_of(one), browser_of(two)
    mine.get("/desk/triage")
    assert case.first_read_at is None and Case.objects.get(pk=case.pk).first_read_at is not None
    assert send(theirs, "/desk/triage/beat", {"reading": None}).json()["present"] == [
        {"code": case.code, "who": "Trực ban 1"}
    ]
    page = theirs.get(f"/desk/triage/cases/{case.code}").content.decode()
    assert "Trực ban 1 đang xử lý" in page and "data-take-over" in page
    assert send(theirs, f"/desk/triage/cases/{case.code}/take-over", {}).status_code == 200
    beat = send(mine, "/desk/triage/beat", {"reading": str(case.pk), "opened": case.code}).json()
    assert beat["lost"] == {str(case.pk): "Trực ban 2"}


def test_what_was_fetched_ahead_is_not_read_yet(one: Actor, browser_of: Browser, reports: Reports) -> None:
    first, second = reports(2)
    client = browser_of(one)
    client.get("/desk/triage")
    page = send(client, "/desk/triage/next", {"view": {}, "skip": [str(first.pk)]}).content.decode()
    assert second.code in page and Case.objects.get(pk=second.pk).first_read_at is None
    send(client, "/desk/triage/beat", {"reading": str(second.pk), "opened": second.code})
    assert Case.objects.get(pk=second.pk).first_read_at is not None
    assert send(client, "/desk/triage/next", {"view": {}, "skip": [str(first.pk), str(second.pk)]}).status_code == 204


def test_another_category_is_shown_before_anything_is_written(
    one: Actor, browser_of: Browser, reports: Reports
) -> None:
    (case,) = reports(1)
    page = browser_of(one).get(f"/desk/triage/cases/{case.code}?category=MT01").content.decode()
    assert 'data-category="MT01"' in page and Case.objects.get(pk=case.pk).category.code == "DT01"
    assert browser_of(one).get(f"/desk/triage/cases/{case.code}?category=XX").status_code == 422


def test_bulk_and_undo(one: Actor, browser_of: Browser, reports: Reports) -> None:
    cases = reports(2)
    client = browser_of(one)
    sent = {"verb": "accept", "chosen": [[case.code, case.version] for case in cases]}
    answer = send(client, "/desk/triage/bulk", sent).json()
    assert 18 <= answer["left"] <= 20 and "chưa báo cho ai" in answer["said"]
    assert answer["id"] in client.get("/desk/triage").content.decode(), "a page that is opened again still offers undo"
    assert send(client, f"/desk/triage/bulk/{answer['id']}/undo", {}).status_code == 200
    assert Bulk.objects.get().state == "undone"
    assert send(client, "/desk/triage/bulk", {"verb": "accept", "chosen": "all"}).status_code == 422


def test_hold_filters_replies_and_handover(one: Actor, two: Actor, browser_of: Browser, reports: Reports) -> None:
    case, _other = reports(2)
    client = browser_of(one)
    assert decide(client, case, "hold", reason="Chờ phường gọi lại", wake="60").status_code == 200
    assert Hold.objects.get().case_id == case.pk
    assert case.code in client.get("/desk/triage?list=mine").content.decode()
    client.post("/desk/triage/filters", {"name": "Đèn", "category": "DT01", "list": "intake"})
    assert (
        "Đèn" in client.get("/desk/triage/views").content.decode()
        and SavedFilter.objects.get().query["category"] == "DT01"
    )
    assert client.post("/desk/triage/replies", {"verb": "ask", "title": "Cột", "body": "ngắn"}).status_code == 422
    client.post("/desk/triage/replies", {"verb": "ask", "title": "Cột", "body": "Cột đèn số mấy trên {street} ạ?"})
    offered = client.get(f"/desk/triage/cases/{case.code}/replies?verb=ask").json()["replies"]
    assert offered[0]["text"] == "Cột đèn số mấy trên Lê Lợi ạ?" and offered[0]["source"] == "own"
    client.post("/desk/handover/begin")
    page = client.get("/desk/handover").content.decode()
    point = re.search(r'name="keep" value="(\d+)"', page)
    assert point and "Chờ phường gọi lại" in page
    client.post("/desk/handover/write", {"words": "Hết ca", "point": point[1], "keep": point[1], "give": "1"})
    other = browser_of(two)
    assert f"/desk/handover/points/{point[1]}/take" in other.get("/desk/handover").content.decode()
    other.post(f"/desk/handover/points/{point[1]}/take")
    assert Hold.objects.get().by_id == two.id


@pytest.mark.parametrize("path", ["", "/list", "/views", "/replies", "/cases/{code}", "/cases/{code}/replies?verb=ask"])
def test_nobody_else_finds_the_room(
    path: str, browser_of: Browser, reports: Reports, people: People, lights: Any
) -> None:
    (case,) = reports(1)
    address = "/desk/triage" + path.format(code=case.code)
    for actor in (people.staff(HEAD, lights), people.auditor):
        assert browser_of(actor).get(address).status_code == 404
    citizen = Client()
    citizen.force_login(User.objects.get(pk=case.reporter_id))
    assert citizen.get(address).status_code == 404
    assert Client().get(address, headers={"accept": "application/json"}).status_code in (302, 401)
    assert Grant(HEAD, lights.pk)


def test_marks_are_words_and_nothing_slips_through() -> None:
    text = "Ổ gà <b>sâu</b> trước số 5, ổ gàn là khác"
    assert marked(text, ["ổ gà"]) == "<mark>Ổ gà</mark> &lt;b&gt;sâu&lt;/b&gt; trước số 5, ổ gàn là khác"
    assert marked("Gọi 0905 123 456\nnhé", ["gọi"], ["0905 123 456"]) == (
        '<mark>Gọi</mark> <mark class="private">0905 123 456</mark><br>nhé'
    )


def test_the_next_case_of_a_view_stays_in_the_view(one: Actor, reports: Reports) -> None:
    reports(2)
    (tree,) = reports(1, category="DT03", body="Cây đổ chắn đường")
    assert actions.claim_next(actor=one, view=Sieve("intake", {"category": "DT03"})) == tree.code
