"""Filing through the JSON API: what is accepted, what is refused and how it is said, and what it costs."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hues.cases.models import Case, CaseFile, CaseTimer
from hues.kernel.models import JournalEntry, StoredFile
from hues.people.models import User
from hues.reports.checks import MAX_BODY
from tests.reports.conftest import HERE, LAMP, POTHOLE, photo


def send(client: Client, payload: Any, **headers: str) -> Any:
    body = payload if isinstance(payload, str | bytes) else json.dumps(payload)
    return client.post("/api/v1/reports", body, content_type="application/json", headers=headers)


def lamp(**more: Any) -> dict[str, Any]:
    return {"category": LAMP, "body": "Đèn tắt cả tuần", "lat": HERE[0], "lon": HERE[1], **more}


def test_a_citizen_files_a_report(browser: Client, citizen: User) -> None:
    response = send(browser, lamp(answers={"pole": "TP-117"}))
    assert response.status_code == 201, response.content
    told = response.json()
    case = Case.objects.get(code=told["code"])
    assert response["Location"] == f"/api/v1/me/cases/{case.code}"
    assert (case.reporter_id, case.channel, case.state, case.anonymous) == (citizen.pk, "api", "triage", True)
    assert case.answers == {"pole": "TP-117"}
    assert case.unit is not None
    assert told["emergency"] == []
    assert told["due_at"]


def test_danger_to_life_is_answered_with_numbers_and_blocks_nothing(browser: Client) -> None:
    told = send(browser, lamp(body="Cháy nhà, có người kẹt bên trong")).json()
    assert "114" in [row["number"] for row in told["emergency"]]
    assert Case.objects.filter(code=told["code"]).exists()


def test_a_program_files_with_its_key_and_follows_what_it_sent(client: Client, make_key: Callable[..., str]) -> None:
    key = {"Authorization": f"Bearer {make_key('reports')}"}
    code = send(client, lamp(), **key).json()["code"]
    assert Case.objects.get(code=code).reporter_id is None
    assert client.get(f"/api/v1/me/cases/{code}", headers=key).json()["state"] == "triage"
    other = {"Authorization": f"Bearer {make_key('reports')}"}
    assert client.get(f"/api/v1/me/cases/{code}", headers=other).status_code == 404


def test_guests_and_wrong_keys_file_nothing(client: Client, make_key: Callable[..., str]) -> None:
    for headers, status in (
        ({}, 401),
        ({"Authorization": "Bearer hues_wrong"}, 401),
        ({"Authorization": f"Bearer {make_key('metrics')}"}, 403),
    ):
        response = send(client, lamp(), **headers)
        assert response.status_code == status
        assert response["Content-Type"] == "application/problem+json"
    assert not Case.objects.exists()


def test_a_browser_needs_the_csrf_token(citizen: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(citizen)
    assert send(browser, lamp()).status_code == 403


HOSTILE: list[tuple[dict[str, Any], str]] = [
    ({"body": "x" * (MAX_BODY + 1)}, "body"),
    ({"body": "x" * 10_000}, "body"),
    ({"body": "x" * 900_000}, "body"),
    ({"body": ""}, "body"),
    ({"body": " \n\t "}, "body"),
    ({"body": "a\x00b"}, "body"),
    ({"body": "\ud800"}, "body"),
    ({"body": 7}, "body"),
    ({"body": ["x"]}, "body"),
    ({"body": None, "answers": None}, "body"),
    ({"category": None}, "category"),
    ({"category": "XX99"}, "category"),
    ({"category": {"a": 1}}, "category"),
    ({"category": "\x00"}, "category"),
    ({"lat": None}, "lat"),
    ({"lon": None}, "lon"),
    ({"lat": None, "lon": None}, "address"),
    ({"lat": "16.45"}, "lat"),
    ({"lat": True}, "lat"),
    ({"lat": 91}, "lat"),
    ({"lat": 10**400}, "lat"),
    ({"lat": 1e308}, "lat"),
    ({"lon": -180.5}, "lon"),
    ({"lat": [16]}, "lat"),
    ({"lat": 10.77, "lon": 106.7}, "lat"),
    ({"lat": 0, "lon": 0}, "lat"),
    ({"address": "x" * 301}, "address"),
    ({"address": 5}, "address"),
    ({"place_source": "satellite"}, "place_source"),
    ({"place_source": ["map"]}, "place_source"),
    ({"anonymous": "yes"}, "anonymous"),
    ({"language": "fr"}, "language"),
    ({"language": 1}, "language"),
    ({"answers": []}, "answers"),
    ({"answers": "pole"}, "answers"),
    ({"answers": {"nope": "1"}}, "answers.nope"),
    ({"answers": {"pole": "\x00"}}, "answers.pole"),
    ({"answers": {"pole": "\udfff"}}, "answers.pole"),
    ({"answers": {"pole": "x" * 5000}}, "answers.pole"),
    ({"answers": {"pole": {"a": 1}}}, "answers.pole"),
    ({"answers": {"fault": "nothing"}}, "answers.fault"),
    ({"file_ids": "x"}, "file_ids"),
    ({"file_ids": ["x"]}, "file_ids"),
    ({"file_ids": [None]}, "file_ids"),
    ({"file_ids": ["00000000-0000-0000-0000-000000000000"]}, "file_ids"),
    ({"file_ids": [str(n) for n in range(9)]}, "file_ids"),
    ({"surprise": 1}, "surprise"),
    ({"category": "TA06", "body": "x"}, "file_ids"),  # a photo is needed there
    ({"category": "GT11", "answers": {"seen_at": "2999-01-01T00:00"}}, "answers.seen_at"),
    ({"category": "GT11", "answers": {"seen_at": "yesterday"}}, "answers.seen_at"),
    ({"category": "GT07", "answers": {"injured": 1e308}}, "answers.injured"),
]


@pytest.mark.parametrize(("change", "field"), HOSTILE, ids=lambda value: str(value)[:40])
def test_what_cannot_be_is_refused_by_field_in_the_readers_language(
    browser: Client, change: dict[str, Any], field: str
) -> None:
    told = {}
    for language in ("en", "vi"):
        response = send(browser, lamp(**change), **{"Accept-Language": language})
        assert response.status_code in {413, 422}, response.content
        assert response["Content-Type"] == "application/problem+json"
        told[language] = response.json()["fields"][field]
    assert told["en"] and told["vi"]
    assert told["en"] != told["vi"]
    assert_nothing_stored()


def assert_nothing_stored() -> None:
    assert not Case.objects.exists()
    assert not CaseTimer.objects.exists()
    assert not CaseFile.objects.exists()
    assert not JournalEntry.objects.filter(subject_kind="case").exists()


@pytest.mark.parametrize(
    "body", ["", "null", "[]", '"x"', "{", "NaN", '{"lat": NaN}', "[" * 100_000, b"\xff\xfe", '{"category": "\\ud800"}']
)
def test_a_body_that_is_no_report_is_refused(browser: Client, body: str | bytes) -> None:
    response = send(browser, body)
    assert response.status_code in {400, 422}
    assert response.json()["detail"]
    assert_nothing_stored()


@pytest.mark.parametrize(
    "text",
    [
        "😀 đèn tắt 🙏",
        "مصباح الشارع مطفأ",
        "עברית ועוד",
        "e\u0301" * 50,
        "a\u202eb",
        "x" * MAX_BODY,
        "ﷺ" * 1000,
        "dòng\r\nhai",
    ],
)
def test_every_language_of_the_world_is_welcome(browser: Client, text: str) -> None:
    response = send(browser, lamp(body=text))
    assert response.status_code == 201, response.content
    kept = Case.objects.get(code=response.json()["code"]).body
    assert "\u202e" not in kept and "\r" not in kept


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None, categories=None), max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
names = st.sampled_from(
    ["category", "body", "lat", "lon", "address", "place_source", "answers", "file_ids", "anonymous", "language"]
)


@given(change=st.dictionaries(names | st.text(max_size=12), json_values, max_size=5))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_is_a_report_or_a_clear_refusal(browser: Client, change: dict[str, Any]) -> None:
    from hues.kernel.models import RateCounter

    RateCounter.objects.all().delete()
    before = Case.objects.count(), JournalEntry.objects.count()
    response = send(browser, lamp(**change))
    after = Case.objects.count(), JournalEntry.objects.count()
    if response.status_code == 201:
        assert after == (before[0] + 1, before[1] + 1)
    else:
        assert 400 <= response.status_code < 500, response.content
        assert response["Content-Type"] == "application/problem+json"
        assert after == before


def test_the_same_report_five_times_is_one(browser: Client) -> None:
    answers = [send(browser, lamp(), **{"Idempotency-Key": "phone-71ac"}) for _ in range(5)]
    assert {response.content for response in answers} == {answers[0].content}
    assert [response.headers.get("Idempotent-Replayed") for response in answers] == [None] + ["true"] * 4
    assert Case.objects.count() == 1
    assert send(browser, lamp(body="Khác"), **{"Idempotency-Key": "phone-71ac"}).status_code == 422


def test_keys_of_one_sender_are_not_anothers(client: Client, make_key: Callable[..., str]) -> None:
    codes = set()
    for _ in range(2):
        headers = {"Authorization": f"Bearer {make_key('reports')}", "Idempotency-Key": "same-key-1"}
        codes.add(send(client, lamp(), **headers).json()["code"])
    assert len(codes) == 2


def test_filing_costs_few_statements(browser: Client, django_assert_max_num_queries: Any) -> None:
    send(browser, lamp())
    with django_assert_max_num_queries(12):
        assert send(browser, lamp(), **{"Idempotency-Key": "phone-71ad"}).status_code == 201


def test_filing_with_a_key_costs_fewer(
    client: Client, make_key: Callable[..., str], django_assert_max_num_queries: Any
) -> None:
    headers = {"Authorization": f"Bearer {make_key('reports')}"}
    send(client, lamp(), **headers)
    with django_assert_max_num_queries(10):
        assert send(client, lamp(), **headers).status_code == 201


def test_photos_come_first_and_belong_to_whoever_sent_them(
    browser: Client, make_citizen: Callable[[str], User]
) -> None:
    upload = SimpleUploadedFile("o-ga.jpg", photo(), "image/jpeg")
    response = browser.post("/api/v1/files", {"file": upload})
    assert response.status_code == 201, response.content
    file_id = response.json()["id"]
    stranger = Client()
    stranger.force_login(make_citizen("muop-9k2"))
    stolen = send(stranger, lamp(category=POTHOLE, file_ids=[file_id]))
    assert (stolen.status_code, list(stolen.json()["fields"])) == (422, ["file_ids"])
    taken = send(browser, lamp(category=POTHOLE, file_ids=[file_id]))
    assert taken.status_code == 201, taken.content
    assert str(CaseFile.objects.get().file_id) == file_id
    again = send(browser, lamp(category=POTHOLE, file_ids=[file_id]))
    assert again.status_code == 422
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("x.jpg", b"<html><script>alert(1)</script></html>", 415),
        ("x.jpg", b"", 422),
        ("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415),
        ("x.jpg", photo()[:500], 422),
    ],
)
def test_what_is_no_photo_is_not_kept(browser: Client, name: str, content: bytes, status: int) -> None:
    response = browser.post("/api/v1/files", {"file": SimpleUploadedFile(name, content, "image/jpeg")})
    assert response.status_code in {status, 415, 422}, response.content
    assert not StoredFile.objects.exists()


def test_too_many_reports_are_asked_to_wait(browser: Client) -> None:
    for _ in range(30):
        assert send(browser, lamp()).status_code == 201
    response = send(browser, lamp())
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
