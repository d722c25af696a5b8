"""GeoReport v2 as other people's clients meet it: every list, every filter, every error of the specification."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from django.db import connection
from django.test import Client
from django.utils import translation

from hues.cases.actions import take_step
from hues.cases.models import Case
from hues.kernel import clock
from hues.kernel.actors import Actor
from tests.reports.conftest import HERE, LAMP, NOW, POTHOLE, STRAY, actor_of, photo, report

BASE = "/open311/v2"


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


def get(client: Client, path: str, **query: str) -> Any:
    response = client.get(f"{BASE}/{path}", query, headers={"Accept-Language": "en"})
    return _body(response)


def _body(response: Any) -> Any:
    if response["Content-Type"].startswith("text/xml"):
        assert response["Content-Type"] == "text/xml; charset=utf-8"
        assert response.content.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n')
        return fromstring(response.content)
    assert response["Content-Type"] == "application/json; charset=utf-8"
    return json.loads(response.content)


def texts(root: Any, item: str, name: str) -> list[str | None]:
    return [element.findtext(name) for element in root.findall(item)]


# Discovery and services


def test_discovery_has_every_field_in_both_formats(client: Client) -> None:
    spoken = client.get("/open311/discovery.json").json()
    assert set(spoken) == {"changeset", "contact", "key_service", "endpoints"}
    endpoint = spoken["endpoints"][0]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    assert endpoint["type"] in {"production", "test"}
    written = fromstring(client.get("/open311/discovery.xml").content)
    assert written.tag == "discovery"
    assert written.findtext("endpoints/endpoint/url") == endpoint["url"]
    assert [f.text for f in written.findall("endpoints/endpoint/formats/format")] == endpoint["formats"]


def test_services_are_the_categories_and_say_which_have_questions(client: Client) -> None:
    root = get(client, "services.xml", jurisdiction_id="hue.gov.vn")
    assert root.tag == "services"
    assert len(root.findall("service")) == 60
    pothole = next(s for s in root.findall("service") if s.findtext("service_code") == POTHOLE)
    assert [child.tag for child in pothole] == [
        "service_code", "service_name", "description", "metadata", "type", "keywords", "group",
    ]  # fmt: skip
    assert pothole.findtext("metadata") == "true"
    assert pothole.findtext("type") == "realtime"
    assert "asphalt" in (pothole.findtext("keywords") or "").split(", ")
    listed = get(client, "services.json")
    assert isinstance(listed, list)
    assert next(s for s in listed if s["service_code"] == POTHOLE)["metadata"] is True


def test_a_definition_lists_the_questions_as_attributes(client: Client) -> None:
    definition = get(client, f"services/{POTHOLE}.json")
    assert definition["service_code"] == POTHOLE
    assert [a["order"] for a in definition["attributes"]] == [1, 2]
    size, fell = definition["attributes"]
    assert (size["datatype"], fell["datatype"]) == ("singlevaluelist", "singlevaluelist")
    assert size["values"][0] == {"key": "small", "name": "Smaller than a helmet"}
    root = get(client, f"services/{POTHOLE}.xml")
    assert root.tag == "service_definition"
    assert root.findtext("attributes/attribute/values/value/key") == "small"
    assert root.findtext("attributes/attribute/required") == "false"


# Reading requests


def test_a_listed_case_is_told_in_the_order_of_the_specification(
    client: Client, published_case: Callable[..., Case]
) -> None:
    case = published_case()
    root = get(client, "requests.xml")
    assert root.tag == "service_requests"
    record = root.find("request")
    assert [child.tag for child in record] == [
        "service_request_id", "status", "status_notes", "service_name", "service_code", "description",
        "agency_responsible", "service_notice", "requested_datetime", "updated_datetime", "expected_datetime",
        "address", "address_id", "zipcode", "lat", "long", "media_url",
    ]  # fmt: skip
    assert record.findtext("service_request_id") == case.code
    assert record.findtext("status") == "open"
    assert record.findtext("requested_datetime") == "2026-11-24T09:00:00+07:00"
    assert record.findtext("lat") == str(HERE[0])
    one = get(client, f"requests/{case.code}.json")
    assert one[0]["service_request_id"] == case.code
    assert one[0]["address_id"] is None
    assert one[0]["long"] == HERE[1]


def test_what_is_not_public_is_not_there(client: Client, citizen: Any, published_case: Callable[..., Case]) -> None:
    waiting = report(actor_of(citizen))
    restricted = published_case(category="HC01")
    assert Case.objects.get(pk=restricted.pk).visibility == "restricted"
    assert get(client, "requests.json") == []
    assert get(client, "requests.json", service_request_id=f"{waiting.code},{restricted.code}") == []
    for code in (waiting.code, restricted.code, "PA-NONE-11"):
        response = client.get(f"{BASE}/requests/{code}.json")
        assert response.status_code == 404
        assert response.json()[0]["code"] == 404


def test_a_masked_case_shows_its_street_and_not_its_house(client: Client, published_case: Callable[..., Case]) -> None:
    published_case(category="MT04", address="27 Lê Lợi")
    record = get(client, "requests.json")[0]
    assert record["address"] == "Lê Lợi"
    assert (record["lat"], record["long"]) != HERE


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["new", "old"]),
        ({"status": "open"}, ["new"]),
        ({"status": "closed"}, ["old"]),
        ({"status": "open,closed"}, ["new", "old"]),
        ({"status": ""}, ["new", "old"]),
        ({"service_code": STRAY}, ["old"]),
        ({"service_code": f"{STRAY},{LAMP}"}, ["new", "old"]),
        ({"start_date": "2026-11-24T00:00:00Z"}, ["new"]),
        ({"start_date": "2026-11-20", "end_date": "2026-11-20"}, ["old"]),
        ({"end_date": "2026-11-21T00:00:00+07:00"}, ["old"]),
        ({"start_date": "2026-11-24T07:00:00 07:00"}, ["new"]),  # `+` that nobody escaped
        ({"start_date": "2020-01-01", "end_date": "2020-02-01"}, []),
        ({"page": "1", "page_size": "1"}, ["new"]),
        ({"page": "2", "page_size": "1"}, ["old"]),
        ({"page": "9"}, []),
        ({"updated_after": "2026-11-24T01:30:00Z"}, ["new"]),
        ({"updated_before": "2026-11-24T01:00:00Z"}, ["old"]),
        ({"jurisdiction_id": "HUE.gov.vn"}, ["new", "old"]),
        ({"jurisdiction_id": ""}, ["new", "old"]),
    ],
)
def test_filters(
    client: Client, published_case: Callable[..., Case], query: dict[str, str], expected: list[str]
) -> None:
    with clock.at(NOW - timedelta(days=4)):
        old = published_case(category=STRAY)
    Case.objects.filter(pk=old.pk).update(is_open=False, closed_at=NOW - timedelta(days=3))
    new = published_case()
    names = {old.code: "old", new.code: "new"}
    assert [names[row["service_request_id"]] for row in get(client, "requests.json", **query)] == expected
    root = get(client, "requests.xml", **query)
    assert [names[code] for code in texts(root, "request", "service_request_id") if code] == expected


def test_naming_requests_overrides_every_other_argument(client: Client, published_case: Callable[..., Case]) -> None:
    with clock.at(NOW - timedelta(days=400)):
        old = published_case()
    query = {"service_request_id": f"{old.code},PA-NONE-11", "status": "closed", "start_date": "2026-11-01"}
    assert [row["service_request_id"] for row in get(client, "requests.json", **query)] == [old.code]


def test_the_default_is_the_last_ninety_days(client: Client, published_case: Callable[..., Case]) -> None:
    with clock.at(NOW - timedelta(days=91)):
        published_case()
    with clock.at(NOW - timedelta(days=89)):
        recent = published_case()
    assert [row["service_request_id"] for row in get(client, "requests.json")] == [recent.code]


def test_the_time_of_a_closed_request_is_that_of_its_closing(
    client: Client, published_case: Callable[..., Case]
) -> None:
    case = published_case()
    Case.objects.filter(pk=case.pk).update(
        is_open=False, closed_at=NOW + timedelta(hours=1), updated_at=NOW + timedelta(days=3)
    )
    record = get(client, f"requests/{case.code}.json")[0]
    assert (record["status"], record["updated_datetime"]) == ("closed", "2026-11-24T10:00:00+07:00")


def test_extensions_tell_the_history_and_the_finer_state(
    client: Client, published_case: Callable[..., Case], operator: Actor
) -> None:
    case = published_case()
    record = get(client, f"requests/{case.code}.json", extensions="true")[0]
    assert record["extended_attributes"]["status"] == "open"
    assert record["extended_attributes"]["channel"] == "web"
    assert [note["type"] for note in record["notes"]] == ["opened", "accept"]
    assert "extended_attributes" not in get(client, f"requests/{case.code}.json")[0]
    root = get(client, f"requests/{case.code}.xml", extensions="true")
    assert root.findtext("request/notes/note/type") == "opened"


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("services.json", {"jurisdiction_id": "boston.gov"}, 404),
        ("requests.xml", {"jurisdiction_id": "boston.gov"}, 404),
        ("services/XX99.json", {}, 404),
        ("services/XX99.xml", {}, 404),
        ("requests/nope.xml", {}, 404),
        ("tokens/nope.json", {}, 404),
        ("requests.json", {"service_code": "XX99"}, 404),
        ("services.html", {}, 404),
        ("nothing.json", {}, 404),
        ("requests.json", {"start_date": "yesterday"}, 400),
        ("requests.json", {"start_date": "2026-01-01T10:00:00"}, 400),  # no offset
        ("requests.json", {"start_date": "2026-02-30"}, 400),
        ("requests.json", {"start_date": "0001-01-01T00:00:00+14:00"}, 400),
        ("requests.json", {"start_date": "2026-01-01", "end_date": "2026-06-01"}, 400),
        ("requests.json", {"start_date": "2026-02-01", "end_date": "2026-01-01"}, 400),
        ("requests.xml", {"status": "solved"}, 400),
        ("requests.json", {"page": "0"}, 400),
        ("requests.json", {"page": "1e9"}, 400),
        ("requests.json", {"page_size": "1001"}, 400),
        ("requests.json", {"api_key": "hues_wrong"}, 403),
        ("servicerequestupdates.json", {"start_date": "x"}, 400),
    ],
)
def test_errors_are_lists_of_code_and_description(
    client: Client, path: str, query: dict[str, str], status: int
) -> None:
    response = client.get(f"{BASE}/{path}", query)
    assert response.status_code == status
    body = _body(response)
    if isinstance(body, list):
        assert body[0]["code"] == status
        assert body[0]["description"]
    else:
        assert body.tag == "errors"
        assert body.findtext("error/code") == str(status)
        assert body.findtext("error/description")


def test_errors_speak_the_language_of_the_client(client: Client) -> None:
    vietnamese = client.get(f"{BASE}/requests/nope.json", headers={"Accept-Language": "vi"}).json()[0]["description"]
    english = client.get(f"{BASE}/requests/nope.json", headers={"Accept-Language": "en"}).json()[0]["description"]
    assert "không" in vietnamese.lower()
    assert "not found" in english


def test_whatever_people_write_comes_out_as_sound_xml(client: Client, published_case: Callable[..., Case]) -> None:
    case = published_case()
    hostile = 'Nước <b>"đọng"</b> & ]]> \x0b\x1f\ufffe 😀 العربية'
    Case.objects.filter(pk=case.pk).update(public_body=hostile)
    described = get(client, f"requests/{case.code}.xml").findtext("request/description")
    assert described == 'Nước <b>"đọng"</b> & ]]>  😀 العربية'


def test_a_list_costs_two_statements_whatever_its_length(
    client: Client, published_case: Callable[..., Case], django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        published_case()
    get(client, "requests.json")
    with django_assert_num_queries(2):
        assert len(get(client, "requests.json")) == 3


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
