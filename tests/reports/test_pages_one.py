"""The one page as the server gives it: a shell that says nothing of anybody, its hints, its neighbours, its guest's phone; labels; the button of
other sites."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hues.cases.actions import take_step
from hues.cases.models import Case, CaseFile
from hues.kernel.actors import Actor
from hues.people.models import SandboxMessage, User
from tests.reports.conftest import HERE, LAMP, POTHOLE, actor_of, photo, report

JSON = {"content_type": "application/json"}


def ask(client: Client, door: str, **sent: Any) -> Any:
    return client.post(f"/report/{door}", json.dumps(sent), **JSON)


def test_the_page_is_the_same_for_everybody_and_begins_no_draft(browser: Client, citizen: User) -> None:
    page = browser.get("/report").content.decode()
    assert citizen.name not in page and str(citizen.pk) not in page
    mark = re.compile(r'data-(?:csrf|person)="[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"')
    whole = r'<form class="form filing".*?</form>'
    forms = [re.search(whole, mark.sub("", text), re.S) for text in (page, Client().get("/report").content.decode())]
    assert forms[0] and forms[1] and forms[0].group() == forms[1].group()
    assert "filing" not in browser.session


def test_it_holds_every_kind_with_its_questions_in_the_readers_language(client: Client) -> None:
    page = client.get("/report", headers={"accept-language": "en"}).content.decode()
    assert 'lang="en"' in page and page.count("data-kind=") > 50
    scam = re.search(r'<template data-asks="DL01">.*?</template>', page, re.S)
    assert scam and all(f'name="answer_{name}"' in scam.group() for name in ("business", "amount", "when"))
    assert "first help within 2 hours" in page
    assert re.search(r'<template data-calls="DL01">.*?tel:113.*?</template>', page, re.S)


def test_hints_name_the_place_the_kinds_and_whom_to_call(client: Client) -> None:
    said = ask(client, "hints", text="Nhà cháy lớn, có người mắc kẹt", lat=HERE[0], lon=HERE[1]).json()
    assert said["place"]["inside"] and said["place"]["name"]
    assert "114" in said["danger"] and len(said["choices"]) == 3
    said = ask(client, "hints", text="đèn đường không sáng").json()
    assert said["place"] is None and said["danger"] == [] and LAMP in [one["code"] for one in said["choices"]]
    assert ask(client, "hints", text="", lat=21.0285, lon=105.8542).json()["place"]["inside"] is False


@pytest.mark.parametrize("sent", [b"", b"[]", b"{", b'{"text": 3, "lat": "x", "lon": 1e999}', b"\xff"])
def test_odd_questions_are_answered_or_refused(client: Client, sent: bytes) -> None:
    for door in ("hints", "near"):
        assert client.post(f"/report/{door}", sent, **JSON).status_code in (200, 204, 400, 422)


def test_what_people_report_around_here_is_offered_first(client: Client, published_case: Callable[..., Case]) -> None:
    published_case()
    said = ask(client, "hints", text="", lat=HERE[0], lon=HERE[1]).json()
    assert len(said["choices"]) == 3 and all(one["code"] for one in said["choices"])


def test_a_guest_confirms_a_number_and_is_signed_in(client: Client, settings: LazySettings) -> None:
    settings.SMS_PROVIDER = "sandbox"
    refused = client.post("/report/phone", {"phone": "12"}, headers={"accept": "application/json"})
    assert refused.status_code == 422 and "phone" in refused.json()["fields"]
    assert client.post("/report/phone", {"phone": "0900000088"}).json()["to"].endswith("088")
    wrong = client.post("/report/code", {"code": "000000"}, headers={"accept": "application/json"})
    assert wrong.status_code == 422 and "code" in wrong.json()["fields"]
    found = re.search(r"\b(\d{6})\b", SandboxMessage.objects.latest("at").text)
    assert found
    assert client.post("/report/code", {"code": found.group(1)}).status_code == 204
    assert client.get("/me").status_code == 200  # signed in


def test_a_link_fills_in_what_is_right_and_nothing_odd(client: Client) -> None:
    page = client.get(
        f"/report?category={LAMP}&lat={HERE[0]}&lon={HERE[1]}&asset=Tr%E1%BB%A5+0123&place=27+L%C3%AA+L%E1%BB%A3i"
    )
    text = page.content.decode()
    assert "Trụ 0123" in text and "27 Lê Lợi" in text and f"&quot;{LAMP}&quot;" in text
    odd = client.get("/report?category=XX&lat=0&lon=0&asset=" + "a" * 41 + "&place=%0a").content
    assert re.findall(rb'data-prefilled="([^"]*)"', odd) == [b"{}"] and b"data-asset-name></strong>" in odd


def test_the_thing_is_kept_with_the_case_and_shown_to_staff(browser: Client, operator: Any) -> None:
    body = {"category": LAMP, "body": "Tắt", "lat": HERE[0], "lon": HERE[1], "asset": "Trụ  0123"}
    code = browser.post("/api/v1/reports", body, **JSON).json()["code"]
    assert Case.objects.get(code=code).asset == "Trụ 0123"
    desk = Client()
    desk.force_login(User.objects.get(pk=operator.id))
    assert "Trụ 0123" in desk.get(f"/desk/cases/{code}").content.decode()
    long = browser.post("/api/v1/reports", {**body, "asset": "a" * 41}, **JSON)
    assert long.status_code == 422 and "asset" in long.json()["fields"]


def test_a_report_joins_an_open_public_one_and_is_never_lost(
    browser: Client, published_case: Callable[..., Case], make_citizen: Callable[[str], User]
) -> None:
    answers = []
    for joins in ("PA-0000-00", "nonsense"):
        body = {"category": POTHOLE, "body": "Ổ gà sâu", "lat": HERE[0], "lon": HERE[1], "joins": joins}
        answers.append(browser.post("/api/v1/reports", body, **JSON))
    assert [answer.status_code for answer in answers] in ([201, 201], [422, 422])
    if answers[0].status_code == 201:
        assert all(answer.json()["joined"] is None for answer in answers)


def test_labels_lead_to_the_filled_in_form(client: Client, operator: Any) -> None:
    assert client.get("/qr").status_code == 302
    client.force_login(User.objects.get(pk=operator.id))
    assert client.get("/qr").status_code == 200
    rows = "asset,place,lat,lon\n0123, 27 Lê Lợi, 16.4637, 107.5909\n0124, kiệt 12"
    sheet = client.post("/qr", {"rows": rows, "category": LAMP, "title": ""}).content.decode()
    assert sheet.count("<svg") >= 2 and "Quét để báo hỏng" in sheet
    assert "asset=0123" in sheet and "lat=16.463700" in sheet and f"category={LAMP}" in sheet
    for wrong in ("", "a" * 41, "0123, x, 0, 0", "0123,x,,,XX"):
        refused = client.post("/qr", {"rows": wrong})
        assert refused.status_code == 422 and 'id="e-rows"' in refused.content.decode(), wrong


def test_other_sites_may_frame_the_button_and_nothing_else(client: Client) -> None:
    frame = client.get(f"/embed/report?category={LAMP}&place=Ch%E1%BB%A3+%C4%90%C3%B4ng+Ba&language=en")
    assert "frame-ancestors *" in frame["Content-Security-Policy"] and "X-Frame-Options" not in frame
    text = frame.content.decode()
    assert 'target="_blank"' in text and f"category={LAMP}" in text and "Chợ Đông Ba" in text and 'lang="en"' in text
    assert not frame.cookies
    badge = client.get('/embed/button.svg?language=vi&colour="><script>')
    assert badge["Content-Type"].startswith("image/svg+xml") and b"<script" not in badge.content
    for other in ("/embed", "/report", "/"):
        page = client.get(other)
        assert "frame-ancestors 'none'" in page["Content-Security-Policy"] and page["X-Frame-Options"] == "DENY"
    assert "&lt;iframe" in client.get("/embed").content.decode()


def test_hints_say_how_sure_and_why_who_handles_it_and_what_to_leave_out(client: Client) -> None:
    text = "Ổ gà sâu trên mặt đường, gọi 0905123456, đồ ngu"
    said = ask(client, "hints", text=text, lat=HERE[0], lon=HERE[1]).json()
    first = said["choices"][0]
    assert first["code"] == POTHOLE and first["confidence"] > 0
    assert re.match(r"(khả năng rất cao|khả năng cao|có lẽ), (vì: .*ổ gà|từ lời bạn)", first["why"], re.I), first["why"]
    assert said["agency"]["name"]
    assert [(one["kind"], one["excerpt"]) for one in said["flags"]] == [
        ("private", "0905123456"),
        ("abusive", "đồ ngu"),
    ]
    assert "Số 0905123456 sẽ không hiện công khai" in said["flags"][0]["text"]
    english = client.post("/report/hints", json.dumps({"text": text}), **JSON, headers={"accept-language": "en"}).json()
    assert "will not be shown in public" in english["flags"][0]["text"]
    quiet = ask(client, "hints", text="", lat=HERE[0], lon=HERE[1]).json()
    assert quiet["flags"] == [] and quiet["agency"] is None
    chosen = ask(client, "hints", text="", category=LAMP, lat=HERE[0], lon=HERE[1]).json()
    assert chosen["agency"]["name"] and chosen["agency"] != said["agency"]


def test_a_neighbour_is_shown_with_its_address_its_words_and_a_way_to_open_it(
    client: Client, published_case: Callable[..., Case]
) -> None:
    case = published_case(body="Đèn trước cổng trường tắt cả tuần", address="12 Lê Lợi")
    answer = ask(client, "near", text="đèn tắt cổng trường", category=LAMP, lat=HERE[0], lon=HERE[1])
    page = answer.content.decode()
    assert f'data-joins="{case.code}"' in page
    assert "12 Lê Lợi" in page and "Đèn trước cổng trường tắt cả tuần" in page
    assert re.search(rf'<a [^>]*href="/cases/{case.code}" target="_blank"', page)


def test_without_scripts_the_last_step_tells_the_same_and_sends_all_the_same(
    browser: Client, make_citizen: Callable[[str], User], published_case: Callable[..., Case]
) -> None:
    near = published_case(body="Đèn trước cổng trường tắt cả tuần", address="12 Lê Lợi")
    browser.force_login(make_citizen("mai-9p2"))
    browser.post("/report", {"lat": HERE[0], "lon": HERE[1], "place_source": "map", "next": "1"})
    words = {"category": LAMP, "asked": LAMP, "body": "Đèn trước cổng trường tắt, gọi 0905123456", "next": "1"}
    browser.post("/report/what", words)
    page = browser.get("/report/check").content.decode()
    assert "Số 0905123456 sẽ không hiện công khai" in page and 'href="/report/what"' in page
    card = re.search(r'<article class="near-card">.*?</article>', page, re.S)
    assert card and f'value="{near.code}"' in card.group()
    assert "12 Lê Lợi" in card.group() and "Đèn trước cổng trường" in card.group()
    assert f'href="/cases/{near.code}" target="_blank"' in card.group()
    sent = browser.post("/report/check", {"anonymous": "1", "joins": near.code, "send": "1"})
    assert sent["Location"].startswith("/report/sent/"), sent.content.decode()[-800:]
    mine = Case.objects.get(code=sent["Location"].rpartition("/")[2])
    assert mine.body.endswith("0905123456") and mine.parent_id == near.pk


def test_what_a_photo_shows_is_said_in_its_senders_words_on_the_public_page(
    browser: Client, operator: Actor, citizen: User
) -> None:
    upload = SimpleUploadedFile("a.jpg", photo(), content_type="image/jpeg")
    sent = browser.post("/api/v1/files", {"file": upload, "alt": "Cột đèn gãy ngang, gọi 0905123456"})
    assert sent.status_code == 201, sent.content
    case = report(actor_of(citizen), file_ids=[sent.json()["id"]])
    take_step(actor=operator, code=case.code, step="accept", data={"agency": "CVX"})
    CaseFile.objects.filter(case=case).update(public=True)
    page = Client().get(f"/cases/{case.code}").content.decode()
    assert 'alt="Cột đèn gãy ngang' in page and "0905123456" not in page
