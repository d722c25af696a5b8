"""Sent from a phone whose network comes and goes: photos and reports count once, and say when they were written."""

import json
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hues.cases.access import hide
from hues.cases.models import Case
from hues.kernel import clock, idempotency
from hues.kernel.actors import GUEST
from hues.kernel.models import StoredFile
from hues.people.models import User
from tests.reports.conftest import NOW, photo
from tests.reports.test_api_reports import lamp, send

KEY = "0b6a3c9e-4c7d-4c51-9d3c-0a3f1d6a9f11"


def upload(client: Client, key: str, content: bytes) -> dict[str, str]:
    file = SimpleUploadedFile("den.jpg", content, content_type="image/jpeg")
    answer = client.post("/api/v1/files", {"file": file}, headers={"Idempotency-Key": key})
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_photo_sent_again_is_the_same_photo(browser: Client) -> None:
    content = photo()
    first, again, other = (
        upload(browser, f"{KEY}.0", content),
        upload(browser, f"{KEY}.0", content),
        upload(browser, f"{KEY}.1", content),
    )
    assert first["id"] == again["id"] != other["id"]
    assert StoredFile.objects.count() == 2


def test_a_phone_may_ask_for_the_answer_after_two_months(browser: Client, citizen: User) -> None:
    first = send(browser, lamp(), **{"Idempotency-Key": KEY}).json()
    with clock.at(NOW + timedelta(days=60)):
        idempotency.forget_old()
        browser.force_login(citizen)
        again = send(browser, lamp(), **{"Idempotency-Key": KEY})
    assert again.json()["code"] == first["code"]
    assert again["Idempotent-Replayed"] == "true"
    with clock.at(NOW + timedelta(days=91)):
        assert idempotency.forget_old() == 1


def test_a_report_that_waited_for_a_network_says_when_it_was_written(browser: Client) -> None:
    written = NOW - timedelta(hours=7)
    code = send(browser, lamp(written_at=written.isoformat())).json()["code"]
    case = Case.objects.get(code=code)
    assert (case.written_at, case.received_at) == (written, NOW)
    assert "viết" in browser.get(f"/me/cases/{code}").content.decode()
    assert hide(case, GUEST).written_at == written  # the time says nothing of the sender


@pytest.mark.parametrize("at", ["2031-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2026-11-24T01:58:00Z", "yesterday", 5])
def test_a_clock_that_cannot_be_right_is_left_unsaid(browser: Client, at: object) -> None:
    answer = send(browser, lamp(written_at=at))
    assert answer.status_code == 201
    assert Case.objects.get(code=answer.json()["code"]).written_at is None


def test_the_page_of_drafts_is_for_everybody_and_shows_what_the_server_keeps(client: Client) -> None:
    empty = client.get("/me/drafts").content.decode()
    assert "Begun in this browser" not in empty and "Đang viết" not in empty
    names = re.search(r'<script id="category-names" type="application/json">(.*?)</script>', empty)
    assert names and json.loads(names.group(1))["DT01"].startswith("Đèn đường")
