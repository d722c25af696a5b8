"""The JSON doors: small, cached, in the reader's language."""

import json

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
API = "/api/v1"


def test_categories_are_sent_once_and_then_known(client: Client) -> None:
    first = client.get(f"{API}/categories?lang=vi")
    groups = json.loads(first.content)["groups"]
    assert groups[0]["categories"][0]["name"] == "Ổ gà, hư hỏng mặt đường"
    lamp = next(row for group in groups for row in group["categories"] if row["code"] == "DT01")
    assert lamp["questions"][0]["label"] == "Số trên trụ đèn"
    again = client.get(f"{API}/categories?lang=vi", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(f"{API}/categories?lang=en", headers={"If-None-Match": first["ETag"]})
    assert other.status_code == 200
    assert "Pothole" in other.content.decode()


def test_units_and_the_unit_of_a_point(client: Client) -> None:
    assert len(client.get(f"{API}/units?lang=vi").json()["units"]) == 40
    found = client.get(f"{API}/unit-at?lat=16.4622&lon=107.5870&lang=en").json()
    assert found == {"code": "19789", "name": "Thuận Hóa Ward", "approximate": True}


@pytest.mark.parametrize(
    "query", ["lat=21&lon=105", "lat=nan&lon=107", "lat=inf&lon=inf", "lat=x&lon=y", "", "lat=1e400&lon=0"]
)
def test_a_point_that_is_none_is_a_clear_refusal(client: Client, query: str) -> None:
    answer = client.get(f"{API}/unit-at?{query}")
    assert 400 <= answer.status_code < 500


def test_places(client: Client) -> None:
    (found, *_others) = client.get(f"{API}/places", {"q": "27 le loi", "lang": "vi"}).json()["places"]
    assert (found["label"], found["unit"]) == ("27 Lê Lợi", "19789")
    assert client.get(f"{API}/places?q=" + "x" * 201).status_code == 422
    assert client.get(f"{API}/places?q=a&limit=1000").status_code == 422


def test_the_city_and_its_drawing(client: Client) -> None:
    city = client.get(f"{API}/city?lang=en").json()
    assert city["names"] == "Huế City"
    assert [row["number"] for row in city["emergency_numbers"]][:2] == ["112", "113"]
    drawing = client.get(f"{API}/city/map").json()
    assert drawing["type"] == "FeatureCollection"
    assert all(feature["properties"]["schematic"] for feature in drawing["features"])


def test_the_list_of_categories_costs_no_statement(client: Client, django_assert_num_queries: object) -> None:
    client.get(f"{API}/categories?lang=vi")
    with django_assert_num_queries(0):  # type: ignore[operator]
        client.get(f"{API}/categories?lang=vi")
