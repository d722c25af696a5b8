"""What people see after a report: how it stands in words that are true, what is around them, their own first."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hues.cases.actions import support_case, take_step
from hues.cases.models import Case
from hues.cases.queries.public import public_near
from hues.kernel import clock
from hues.kernel.actors import OFFICER, Actor, Grant
from hues.people.models import User
from tests.reports.conftest import HERE, LAMP, NOW, actor_of, photo, report

Make = Callable[..., Case]
MakeCitizen = Callable[[str], User]


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def hands(case: Case, operator: Actor) -> Actor:
    case.refresh_from_db()
    assert case.agency_id
    return Actor("staff", operator.id, "Cán bộ", frozenset({Grant(OFFICER, case.agency_id)}))


@pytest.mark.parametrize(
    ("outcome", "title", "never"),
    [
        ("enforcement_done", "Vi phạm đã được xử lý", "Đã trả lời</p>"),
        ("no_violation_found", "Đã trả lời</p>", "Đã sửa</p>"),
        ("temporary_fix", "Mới sửa tạm", "Đã sửa</p>"),
    ],
)
def test_answered_is_not_called_fixed(
    client: Client, published_case: Make, operator: Actor, outcome: str, title: str, never: str
) -> None:
    case = published_case()
    officer = hands(case, operator)
    take_step(actor=officer, code=case.code, step="start", data={})
    text = "Đơn vị đã kiểm tra tại chỗ và trả lời."
    take_step(actor=officer, code=case.code, step="answer", data={"outcome": outcome, "text": text})
    assert "Trung tâm đang kiểm tra kết quả" in page(client, f"/cases/{case.code}")
    assert text not in page(client, f"/cases/{case.code}"), "not before the centre has published it"
    take_step(actor=operator, code=case.code, step="publish", data={"text": text})
    shown = page(client, f"/cases/{case.code}")
    assert title in shown and never not in shown


def test_a_promised_date_is_said_with_its_day_and_stays_open(
    client: Client, published_case: Make, operator: Actor
) -> None:
    case = published_case()
    officer = hands(case, operator)
    take_step(actor=officer, code=case.code, step="start", data={})
    data = {"outcome": "planned_with_date", "text": "Sẽ thay đèn khi có vốn sửa chữa.", "date": "2026-12-20"}
    take_step(actor=officer, code=case.code, step="answer", data=data)
    take_step(actor=operator, code=case.code, step="publish", data={"text": data["text"]})
    shown = page(client, f"/cases/{case.code}")
    assert "Hẹn làm vào Chủ nhật, 20/12" in shown and "Việc vẫn để mở" in shown


def test_both_dates_where_it_was_extended(client: Client, published_case: Make) -> None:
    case = published_case()
    Case.objects.filter(pk=case.pk).update(due_final_at=case.due_original_at + timedelta(days=5))
    shown = page(client, f"/cases/{case.code}")
    assert "Hẹn lần đầu" in shown and "Gia hạn đến" in shown


def test_what_was_not_taken_on_says_why_on_a_short_line(browser: Client, citizen: User, operator: Actor) -> None:
    case = report(actor_of(citizen))
    data = {"reason": "private_dispute", "text": "Xin liên hệ tổ hòa giải của phường."}
    take_step(actor=operator, code=case.code, step="reject", data=data)
    shown = page(browser, f"/me/cases/{case.code}")
    assert "Tranh chấp dân sự" in shown and "tổ hòa giải" in shown
    assert shown.count('class="stage ') == 2 and 'class="stage end"' in shown


def test_a_report_that_was_joined_leads_on(
    browser: Client, citizen: User, published_case: Make, operator: Actor
) -> None:
    goes_on, joined = published_case(), report(actor_of(citizen))
    take_step(actor=operator, code=joined.code, step="merge", data={"parent": goes_on.code})
    shown = page(browser, f"/me/cases/{joined.code}")
    assert f'href="/cases/{goes_on.code}"' in shown and "Đã gộp với phản ánh cùng việc" in shown
    assert "2 người cùng gặp" in page(Client(), f"/cases/{goes_on.code}")


def test_me_too_without_a_script_and_taken_back(
    client: Client, published_case: Make, make_citizen: MakeCitizen
) -> None:
    case = published_case()
    door = f"/cases/{case.code}/support"
    assert client.post(door)["Location"].startswith("/login?next=")
    client.force_login(make_citizen("cung-gap"))
    assert client.post(door).status_code == 302
    shown = page(client, f"/cases/{case.code}")
    assert "2 người cùng gặp" in shown and "Bạn cũng gặp" in shown
    client.post(door, {"withdraw": "1"})
    assert "người cùng gặp" not in page(client, f"/cases/{case.code}")


def test_who_said_me_too_says_what_they_see_and_gets_a_case_of_their_own(
    client: Client, published_case: Make, operator: Actor, make_citizen: MakeCitizen
) -> None:
    case, neighbour = published_case(), make_citizen("cung-gap")
    support_case(actor=actor_of(neighbour), code=case.code)
    Case.objects.filter(pk=case.pk).update(
        state="closed", phase="done", is_open=False, outcome="enforcement_done", published_at=NOW
    )
    client.force_login(neighbour)
    with clock.at(NOW + timedelta(days=20)):
        assert client.post(f"/cases/{case.code}/fixed", {"fixed": "no"}).status_code == 422
        answer = client.post(f"/cases/{case.code}/fixed", {"fixed": "no", "note": "Đèn lại tắt"})
    again = Case.objects.get(origin=case)
    assert answer["Location"] == f"/me/cases/{again.code}" and again.reporter_id == neighbour.pk


def test_my_list_shows_first_what_waits_for_me(browser: Client, citizen: User, operator: Actor) -> None:
    asked = take_step(actor=operator, code=report(actor_of(citizen)).code, step="accept", data={"agency": "CVX"})
    take_step(actor=operator, code=asked.code, step="ask_citizen", data={"question": "Cột đèn số mấy ạ?"})
    with clock.at(NOW + timedelta(hours=1)):
        newer = report(actor_of(citizen), body="Mới hơn")
    shown = page(browser, "/me")
    assert shown.index(asked.code) < shown.index(newer.code)
    assert "Đang chờ bạn" in shown and "Đơn vị đang hỏi bạn" in shown
    assert shown.count(f"/me/cases/{asked.code}") == 1


def test_who_has_sent_nothing_is_invited(browser: Client) -> None:
    assert "Chưa gửi gì" in page(browser, "/me") or 'class="empty"' in page(browser, "/me")


def test_around_me_the_nearest_first_with_their_distance(client: Client, published_case: Make, citizen: User) -> None:
    far = published_case(lat=HERE[0] + 0.004, lon=HERE[1])
    near = published_case(lat=HERE[0] + 0.001, lon=HERE[1])
    hidden = report(actor_of(citizen))
    answer = client.post("/near", {"lat": HERE[0], "lon": HERE[1]})
    shown = answer.content.decode()
    assert shown.index(near.code) < shown.index(far.code) and "110 m" in shown
    assert hidden.code not in shown
    assert client.post("/near", {"lat": "x", "lon": "1"}).status_code == 422
    assert client.get(f"/near?lat={HERE[0]}&lon={HERE[1]}").status_code == 405, (
        "a position does not belong into an address"
    )


def test_what_is_around_costs_two_statements_and_an_index(published_case: Make) -> None:
    for n in range(5):
        published_case(lat=HERE[0] + n / 5000)
    public_near(*HERE)
    with CaptureQueriesContext(connection) as seen:
        assert len(public_near(*HERE)) == 5
    assert len(seen) == 2


def test_the_home_page_knows_the_ward_that_was_chosen(client: Client, published_case: Make) -> None:
    case = published_case()
    assert case.unit is not None
    other = "19831" if case.unit.code != "19831" else "19828"
    assert client.post("/ward", {"ward": other, "next": "/"})["Location"] == "/"
    assert case.code not in page(client, "/")
    client.post("/ward", {"ward": case.unit.code})
    shown = page(client, "/")
    assert case.code in shown and f"/follow?unit={case.unit.code}" in shown
    assert client.post("/ward", {"ward": "khong-co", "next": "https://evil.example/"})["Location"] == "/"


def test_the_home_page_proves_repairs_with_their_photos(client: Client, published_case: Make) -> None:
    from hues.cases.models import CaseFile
    from hues.kernel.files import store_image
    from hues.kernel.models import StoredFile

    case = published_case()
    Case.objects.filter(pk=case.pk).update(
        state="closed", phase="done", is_open=False, outcome="fixed_with_evidence", published_at=NOW
    )
    files = [store_image(BytesIO(photo())).file for _n in range(2)]
    StoredFile.objects.update(masking="done")
    for role, file in zip(("before", "after"), files, strict=True):
        CaseFile.objects.create(case=case, file=file, role=role, public=True, at=NOW, added_by_kind="staff")
    shown = page(client, "/")
    assert "Vừa sửa xong" in shown and f"/files/{files[0].pk}/" in shown and f"/files/{files[1].pk}/" in shown
    cache.clear()
    StoredFile.objects.update(masking="waiting")
    assert "Vừa sửa xong" not in page(client, "/")


def test_public_parts_of_the_home_page_are_asked_once_a_minute(client: Client, published_case: Make) -> None:
    published_case()
    page(client, "/")
    with CaptureQueriesContext(connection) as seen:
        page(client, "/")
    assert len(seen) == 0, [query["sql"][:80] for query in seen.captured_queries]


def test_filters_can_be_taken_back_one_by_one(client: Client, published_case: Make) -> None:
    case = published_case()
    assert case.unit is not None
    shown = page(client, f"/cases?category={LAMP}&unit={case.unit.code}&state=open")
    assert f'href="/cases?unit={case.unit.code}&amp;state=open"' in shown
    assert f'href="/cases?category={LAMP}&amp;state=open"' in shown
    assert f"/follow?category={LAMP}&amp;unit={case.unit.code}" in shown


def test_a_printed_page_leads_back_by_its_code(client: Client, published_case: Make) -> None:
    case = published_case()
    picture = client.get(f"/cases/{case.code}/qr.svg")
    assert picture["Content-Type"] == "image/svg+xml" and b"<svg" in picture.content
    assert client.get("/cases/PA-0000-00/qr.svg").status_code == 404


def test_a_public_result_costs_few_statements(client: Client, published_case: Make, operator: Actor) -> None:
    case = published_case()
    Case.objects.filter(pk=case.pk).update(
        state="closed", phase="done", is_open=False, outcome="enforcement_done", published_at=NOW, answer="Đã xử lý."
    )
    page(client, f"/cases/{case.code}")
    with CaptureQueriesContext(connection) as seen:
        page(client, f"/cases/{case.code}")
    assert len(seen) <= 7, len(seen)
