"""The rest of the JSON API: lists, cases, the map, one's own, the desk. What a caller may not see is not there."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from hues.cases.models import Case
from hues.kernel import clock
from hues.kernel.actors import SYSTEM, Actor
from hues.people import actions
from hues.people.models import User
from tests.reports.conftest import HERE, LAMP, NOW, STRAY, actor_of, report

API = "/api/v1"


def test_the_public_list_pages_by_cursor(client: Client, published_case: Callable[..., Case], citizen: User) -> None:
    codes = []
    for minutes in range(5):
        with clock.at(NOW - timedelta(minutes=minutes)):
            codes.append(published_case().code)
    report(actor_of(citizen))  # not moderated: not in the list
    first = client.get(f"{API}/cases", {"limit": 2}).json()
    assert [row["code"] for row in first["items"]] == codes[:2]
    second = client.get(f"{API}/cases", {"limit": 2, "after": first["next"]}).json()
    third = client.get(f"{API}/cases", {"limit": 2, "after": second["next"]}).json()
    assert [row["code"] for row in second["items"] + third["items"]] == codes[2:]
    assert third["next"] is None
    row = first["items"][0]
    assert row["category"] == {"code": LAMP, "name": "Đèn đường không sáng/sáng sai giờ"}
    assert row["stage"] == "assigned"


def test_the_language_of_the_request_names_things(client: Client, published_case: Callable[..., Case]) -> None:
    published_case()
    english = client.get(f"{API}/cases", headers={"Accept-Language": "en"}).json()["items"][0]
    assert english["category"]["name"] == "Street light fault"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"category": STRAY}, 1),
        ({"domain": "DT"}, 1),
        ({"unit": "19789"}, 2),
        ({"state": "open"}, 2),
        ({"state": "resolved"}, 0),
        ({"text": "den tat"}, 1),
        ({"text": "khong co chu nay"}, 0),
        ({"group": "timed"}, 2),
    ],
)
def test_filters(client: Client, published_case: Callable[..., Case], query: dict[str, str], found: int) -> None:
    published_case()
    published_case(category=STRAY, body="Chó thả rông")
    assert len(client.get(f"{API}/cases", query).json()["items"]) == found


def test_a_list_costs_two_statements(
    client: Client, published_case: Callable[..., Case], django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        published_case()
    client.get(f"{API}/cases")
    with django_assert_num_queries(2):
        assert len(client.get(f"{API}/cases").json()["items"]) == 3


def test_a_public_case_says_nothing_of_who_reported(
    client: Client, published_case: Callable[..., Case], citizen: User
) -> None:
    case = published_case()
    response = client.get(f"{API}/cases/{case.code}")
    assert response.status_code == 200
    assert citizen.username not in response.content.decode()
    body = response.json()
    assert [event["action"] for event in body["timeline"]] == ["opened", "accept"]


def test_the_map_is_geojson(client: Client, published_case: Callable[..., Case]) -> None:
    case = published_case()
    box = f"{HERE[1] - 0.01},{HERE[0] - 0.01},{HERE[1] + 0.01},{HERE[0] + 0.01}"
    response = client.get(f"{API}/map", {"bbox": box, "zoom": 18})
    assert response["Content-Type"] == "application/geo+json"
    assert [feature["properties"]["code"] for feature in response.json()["features"]] == [case.code]
    for bad in ("1,2,3", "a,b,c,d", "nan,0,1,1", "5,5,1,1", ""):
        assert client.get(f"{API}/map", {"bbox": bad, "zoom": 10}).status_code == 422


def test_my_cases_are_mine(browser: Client, citizen: User, make_citizen: Callable[[str], User]) -> None:
    mine, other = report(actor_of(citizen)), report(actor_of(make_citizen("muop-2b9")))
    assert [row["code"] for row in browser.get(f"{API}/me/cases").json()["items"]] == [mine.code]
    assert browser.get(f"{API}/me/cases/{mine.code}").json()["state"] == "triage"
    response = browser.get(f"{API}/me/cases/{other.code}")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


def test_one_writes_in_ones_own_case_only(browser: Client, citizen: User, make_citizen: Callable[[str], User]) -> None:
    mine, other = report(actor_of(citizen)), report(actor_of(make_citizen("muop-2b9")))
    sent = browser.post(f"{API}/cases/{mine.code}/messages", {"body": "Vẫn còn tối"}, content_type="application/json")
    assert sent.status_code == 201, sent.content
    assert [m["body"] for m in browser.get(f"{API}/me/cases/{mine.code}").json()["messages"]] == ["Vẫn còn tối"]
    url = f"{API}/cases/{other.code}/messages"
    assert browser.post(url, {"body": "x"}, content_type="application/json").status_code == 404
    empty = browser.post(f"{API}/cases/{mine.code}/messages", {"body": ""}, content_type="application/json")
    assert (empty.status_code, list(empty.json()["fields"])) == (422, ["body"])


@pytest.fixture
def desk(client: Client) -> Client:
    user = actions.create_staff(actor=SYSTEM, username="nha.den", password="mưa dầm thấm đất Huế")
    actions.grant_role(actor=SYSTEM, user_id=user.pk, role="head", agency="CVX")
    client.force_login(user)
    return client


def test_a_step_is_taken_through_the_api_and_refused_in_words(
    published_case: Callable[..., Case], desk: Client
) -> None:
    case = published_case()
    seen = desk.get(f"{API}/desk/cases/{case.code}").json()
    assert "start" in [step["name"] for step in seen["steps"]]
    url = f"{API}/cases/{case.code}/steps/start"
    taken = desk.post(url, {"version": seen["version"]}, content_type="application/json")
    assert (taken.status_code, taken.json()["state"]) == (200, "in_progress")
    late = desk.post(url, {"version": seen["version"]}, content_type="application/json")
    assert (late.status_code, late["Content-Type"]) == (409, "application/problem+json")
    assert late.json()["detail"]
    answer = desk.post(f"{API}/cases/{case.code}/steps/answer", {"data": {}}, content_type="application/json")
    assert answer.status_code == 422 and answer.json()["fields"]
    nothing = desk.post(f"{API}/cases/{case.code}/steps/fly", "{}", content_type="application/json")
    assert nothing.status_code == 422


def test_the_inbox_is_that_of_ones_own_agency(
    desk: Client, published_case: Callable[..., Case], operator: Actor, citizen: User
) -> None:
    from hues.cases.actions import take_step

    ours = published_case()
    theirs = report(actor_of(citizen))
    take_step(actor=operator, code=theirs.code, step="accept", data={"agency": "HEP"})
    body = desk.get(f"{API}/desk/inbox", {"queue": "all"}).json()
    assert [row["code"] for row in body["items"]] == [ours.code]
    assert body["counts"]["all"] == 1
    assert citizen.username not in str(body)
    assert desk.get(f"{API}/desk/cases/{theirs.code}").status_code == 404
    seen = desk.get(f"{API}/desk/cases/{ours.code}").json()
    assert "CVX" in str(seen["agency"]) and str(citizen.pk) not in str(seen)


@pytest.mark.parametrize(
    "path", ["desk/inbox", "desk/cases/PA-2222-22", "me/cases", "me/cases/PA-2222-22", "me/notices"]
)
def test_strangers_are_asked_to_sign_in(client: Client, path: str) -> None:
    response = client.get(f"{API}/{path}")
    assert (response.status_code, response["Content-Type"]) == (401, "application/problem+json")


def test_citizens_have_no_desk(browser: Client) -> None:
    for path in ("inbox", "cases/PA-2222-22"):
        assert browser.get(f"{API}/desk/{path}").status_code in {401, 403, 404}


def test_the_description_is_openapi_and_names_every_door(client: Client) -> None:
    schema = client.get(f"{API}/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    assert {
        "/api/v1/reports", "/api/v1/files", "/api/v1/cases", "/api/v1/cases/{code}", "/api/v1/map", "/api/v1/categories",
        "/api/v1/units", "/api/v1/places", "/api/v1/me/cases", "/api/v1/me/notices", "/api/v1/cases/{code}/messages",
        "/api/v1/cases/{code}/steps/{step}", "/api/v1/desk/inbox", "/api/v1/desk/cases/{code}",
    } <= schema["paths"].keys()  # fmt: skip
    for operations in schema["paths"].values():
        for operation in operations.values():
            assert "application/problem+json" in operation["responses"]["4XX"]["content"]


def test_a_call_to_a_host_that_is_not_ours_gets_a_problem_document(client: Client) -> None:
    response = client.get(f"{API}/categories", headers={"Host": "evil.example"})
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
