"""GeoReport v2 as other people's clients meet it: every list, every filter, every error of the specification."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from django.test import Client
from django.utils import translation

from hues.cases.models import Case
from hues.kernel import clock
from hues.kernel.actors import Actor
from tests.reports.conftest import HERE, LAMP, NOW, POTHOLE, STRAY, actor_of, report

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
