"""GeoReport v2 as other people's clients send to it: requests and updates, who they are from, and what is refused."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from django.db import connection
from django.test import Client

from hues.cases.actions import take_step
from hues.cases.models import Case
from hues.kernel import clock
from hues.kernel.actors import Actor
from tests.reports.conftest import HERE, LAMP, NOW, POTHOLE, photo
from tests.reports.test_open311_server import BASE, _english, get, texts  # noqa: F401 - a fixture

# Sending requests


@pytest.fixture
def key(make_key: Callable[..., str]) -> str:
    return make_key("open311")


def post(client: Client, path: str = "requests.json", **fields: Any) -> Any:
    headers = fields.pop("headers", {})
    return client.post(f"{BASE}/{path}", fields, headers={"Accept-Language": "en", **headers})


def form(**fields: str) -> dict[str, str]:
    return {"service_code": LAMP, "lat": str(HERE[0]), "long": str(HERE[1]), "description": "Blocked", **fields}


def test_a_request_by_form_opens_a_case(client: Client, key: str) -> None:
    body = (
        f"api_key={key}&service_code={POTHOLE}&lat={HERE[0]}&long={HERE[1]}&address_string=1234+5th+street"
        "&email=smit333%40sfgov.edu&device_id=tt222111&account_id=123456&first_name=john&last_name=smith"
        "&phone=111111111&description=A+large+sinkhole%0Ais+destroying&attribute[size]=large&attribute[fell]=true"
    )
    response = client.post(
        f"{BASE}/requests.xml", body, content_type="application/x-www-form-urlencoded; charset=utf-8"
    )
    assert response.status_code == 201, response.content
    root = fromstring(response.content)
    case = Case.objects.get(code=root.findtext("request/service_request_id"))
    assert root.find("request/token") is None
    assert (case.channel, case.body) == ("open311", "A large sinkhole\nis destroying")
    assert case.answers == {"size": "large", "fell": True}
    assert case.reporter_id is None
    assert "smith" not in json.dumps(case.source_data)  # sealed


def test_who_reported_is_sealed_and_can_be_opened_by_the_vault(client: Client, key: str) -> None:
    from hues.reports.open311.filing import contact_of

    post(client, api_key=key, **form(first_name="Lan", phone="0905123456"))
    case = Case.objects.get()
    assert contact_of(case) == {"first_name": "Lan", "phone": "0905123456"}


def test_several_values_of_one_attribute(client: Client, key: str) -> None:
    from hues.cases.reference import categories_by_code

    category, question = next(
        (c, q) for c in categories_by_code().values() for q in c.questions if q["type"] == "multichoice"
    )
    values = [option["value"] for option in question["options"][:2]]
    fields = form(service_code=category.code) | {f"attribute[{question['code']}][]": values}
    response = post(client, api_key=key, **fields)
    assert response.status_code == 201, response.content
    assert Case.objects.get().answers[question["code"]] == values


def test_an_address_alone_is_found(client: Client, key: str) -> None:
    fields = form(address_string="phường Thuận Hóa")
    del fields["lat"], fields["long"]
    response = post(client, api_key=key, **fields)
    assert response.status_code == 201, response.content
    case = Case.objects.select_related("unit").get()
    assert case.unit is not None and case.unit.code == "19789"


@pytest.mark.parametrize(
    ("change", "status", "told"),
    [
        ({"service_code": ""}, 400, "service_code"),
        ({"service_code": "XX99"}, 404, "service_code"),
        ({"lat": "", "long": ""}, 400, "location"),
        ({"long": ""}, 400, "long"),
        ({"lat": "nan"}, 400, "lat"),
        ({"lat": "1e1"}, 400, "lat"),
        ({"lat": "95"}, 400, "lat"),
        ({"lat": "10.8", "long": "106.6"}, 400, "outside the city"),
        ({"lat": "", "long": "", "address_id": "7"}, 400, "address_id"),
        ({"description": "x" * 4001}, 400, "description"),
        ({"description": ""}, 400, "description"),
        ({"description": "a\x00b"}, 400, "description"),
        ({"attribute[nope]": "1"}, 400, "attribute[nope]"),
        ({"media_url": "file:///etc/passwd"}, 400, "media_url"),
        ({"media_url": "http://"}, 400, "media_url"),
        ({"jurisdiction_id": "boston.gov"}, 404, "jurisdiction_id"),
    ],
)
def test_a_refused_request_says_why_and_leaves_nothing(
    client: Client, key: str, change: dict[str, str], status: int, told: str
) -> None:
    response = post(client, api_key=key, **(form() | change))
    assert response.status_code == status, response.content
    assert told in response.json()[0]["description"]
    assert not Case.objects.exists()


def test_every_wrong_field_is_named_at_once(client: Client, key: str) -> None:
    response = post(
        client, api_key=key, **form(service_code=POTHOLE, description="x" * 5000), **{"attribute[size]": "huge"}
    )
    assert {line["description"].partition(":")[0] for line in response.json()} == {"description", "attribute[size]"}


@pytest.mark.parametrize("bad", ["", "hues_wrong_key", "x" * 500])
def test_without_a_good_key_nothing_is_taken(client: Client, bad: str) -> None:
    response = post(client, api_key=bad, **form())
    assert response.status_code == 403
    assert response.json()[0]["code"] == 403


def test_a_key_for_something_else_is_not_enough(client: Client, make_key: Callable[..., str]) -> None:
    assert post(client, api_key=make_key("reports"), **form()).status_code == 403


def test_a_repetition_is_the_same_request(client: Client, key: str) -> None:
    first = post(client, api_key=key, **form()).json()
    for _ in range(4):
        assert post(client, api_key=key, **form()).json() == first
    assert Case.objects.count() == 1
    with clock.at(NOW + timedelta(minutes=11)):
        assert post(client, api_key=key, **form()).json() != first


def test_an_idempotency_key_makes_five_requests_one(client: Client, key: str) -> None:
    answers = {
        post(client, api_key=key, headers={"Idempotency-Key": "client-7f31"}, **form()).content for _ in range(5)
    }
    assert len(answers) == 1
    assert Case.objects.count() == 1
    other = post(client, api_key=key, headers={"Idempotency-Key": "client-7f31"}, **form(description="Other"))
    assert other.status_code == 400


def test_a_photo_can_come_along(client: Client, key: str) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    upload = SimpleUploadedFile("cong.jpg", photo(), "image/jpeg")
    response = post(client, api_key=key, media=upload, **form())
    assert response.status_code == 201, response.content
    assert Case.objects.get().files.count() == 1
    page = SimpleUploadedFile("x.jpg", b"<html><script>alert(1)</script>", "image/jpeg")
    assert post(client, api_key=key, media=page, **form(description="Two")).status_code == 400


def test_only_forms_are_read(client: Client, key: str) -> None:
    response = client.post(f"{BASE}/requests.json?api_key={key}", "{}", content_type="application/json")
    assert response.status_code == 400
    response = client.put(f"{BASE}/requests.json?api_key={key}")
    assert (response.status_code, response["Allow"]) == (400, "GET, HEAD, POST")


def test_the_sender_sees_its_request_before_it_is_public_and_nobody_else_does(
    client: Client, key: str, make_key: Callable[..., str]
) -> None:
    code = post(client, api_key=key, **form()).json()[0]["service_request_id"]
    assert client.get(f"{BASE}/requests/{code}.json").status_code == 404
    own = client.get(f"{BASE}/requests/{code}.json", {"api_key": key})
    assert own.json()[0]["description"] == "Blocked"
    assert client.get(f"{BASE}/requests/{code}.json", {"api_key": make_key("open311")}).status_code == 404
    token = client.get(f"{BASE}/tokens/{code}.json", {"api_key": key}).json()
    assert token == [{"service_request_id": code, "token": code}]


# Updates


def test_updates_tell_what_happened_since(client: Client, published_case: Callable[..., Case]) -> None:
    case = published_case()
    updates = get(client, "servicerequestupdates.json")
    assert [u["service_request_id"] for u in updates] == [case.code, case.code]
    assert [u["status"] for u in updates] == ["for_triage", "open"]
    assert "Assigned to" in updates[1]["description"]
    root = get(client, "servicerequestupdates.xml")
    assert root.tag == "service_request_updates"
    assert texts(root, "request_update", "update_id") == [u["update_id"] for u in updates]
    assert get(client, "servicerequestupdates.json", end_date="2026-11-01") == []


def test_a_system_is_told_of_its_own_requests_what_a_reporter_is_told(
    client: Client, key: str, operator: Actor
) -> None:
    code = post(client, api_key=key, **form()).json()[0]["service_request_id"]
    data = {"reason": "spam", "text": "Nội dung không phải là phản ánh"}
    take_step(actor=operator, code=code, step="reject", data=data)
    assert get(client, "servicerequestupdates.json") == []
    updates = client.get(f"{BASE}/servicerequestupdates.json", {"api_key": key}).json()
    assert [u["status"] for u in updates] == ["for_triage", "no_further_action"]
    assert data["text"] in updates[1]["description"]


def test_an_update_joins_the_talk_once(client: Client, key: str, make_key: Callable[..., str]) -> None:
    code = post(client, api_key=key, **form()).json()[0]["service_request_id"]
    news = {
        "api_key": key, "update_id": "77", "service_request_id": code, "status": "OPEN", "description": "Still there",
        "updated_datetime": "2026-11-24T08:00:00+07:00",
    }  # fmt: skip
    for _ in range(3):
        response = post(client, "servicerequestupdates.json", **news)
        assert (response.status_code, response.json()) == (201, [{"update_id": "77"}])
    assert [m.body for m in Case.objects.get().messages.all()] == ["Still there"]
    stranger = news | {"api_key": make_key("open311"), "update_id": "78"}
    assert post(client, "servicerequestupdates.json", **stranger).status_code == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"update_id": ""}, 400),
        ({"service_request_id": ""}, 400),
        ({"service_request_id": "PA-NONE-11"}, 404),
        ({"status": "VERY_FIXED"}, 400),
        ({"updated_datetime": "2027-01-01T00:00:00Z"}, 400),
        ({"updated_datetime": "tomorrow"}, 400),
        ({"description": ""}, 400),
        ({"api_key": ""}, 403),
    ],
)
def test_a_refused_update_leaves_nothing(client: Client, key: str, change: dict[str, str], status: int) -> None:
    code = post(client, api_key=key, **form()).json()[0]["service_request_id"]
    news = {
        "api_key": key,
        "update_id": "1",
        "service_request_id": code,
        "description": "Hm",
        "status": "OPEN",
    } | change
    assert post(client, "servicerequestupdates.json", **news).status_code == status
    assert not Case.objects.get().messages.exists()


def test_a_photo_that_is_only_named_is_fetched_later_and_only_if_the_request_was_kept(client: Client, key: str) -> None:
    def jobs() -> list[dict[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute("select args from procrastinate_jobs where task_name = 'hues.reports.jobs.fetch_media'")
            return [json.loads(row[0]) for row in cursor.fetchall()]

    url = "http://farm3.static.flickr.com/2002/2212426634_5ed477a060.jpg"
    post(client, api_key=key, **form(media_url=url, description="x" * 5000))
    assert jobs() == []
    for _ in range(2):
        post(client, api_key=key, **form(media_url=url))
    assert jobs() == [{"case_id": str(Case.objects.get().pk), "url": url}]
