"""The shell's own doors: language, theme, errors, the app's papers, the ground of the maps."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from hues.city.models import Unit
from hues.kernel.errors import Conflict
from hues.web import pages

pytestmark = pytest.mark.django_db


def test_the_reader_chooses_the_language_and_keeps_it(client: Client) -> None:
    assert "Mới trong thành phố" in client.get("/").content.decode()
    answer = client.post("/language", {"language": "en", "next": "/about"})
    assert answer.headers["Location"] == "/about"
    assert "Lately in the city" in client.get("/").content.decode()


def test_a_language_that_is_not_spoken_changes_nothing(client: Client) -> None:
    client.post("/language", {"language": "xx", "next": "/"})
    assert '<html lang="vi"' in client.get("/").content.decode()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil"])
@pytest.mark.parametrize("door", ["/language", "/theme"])
def test_the_way_back_never_leads_elsewhere(client: Client, door: str, target: str) -> None:
    assert client.post(door, {"next": target}).headers["Location"] == "/"


def test_dark_is_remembered_without_a_script_and_forgotten_on_request(client: Client) -> None:
    client.post("/theme", {"theme": "dark", "next": "/"})
    assert 'data-theme="dark"' in client.get("/").content.decode()
    client.post("/theme", {"theme": "", "next": "/"})
    assert "data-theme=" not in client.get("/").content.decode().split(">")[1]


def test_a_missing_page_says_what_to_do_next(client: Client) -> None:
    answer = client.get("/khong-co")
    assert answer.status_code == 404
    html = answer.content.decode()
    assert "Về trang chủ" in html and 'href="tel:112"' in html


def test_a_form_without_its_token_is_asked_for_once_more() -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/language", {"language": "en"})
    assert answer.status_code == 403
    assert "Mời bạn gửi lại lần nữa" in answer.content.decode()


def test_a_fault_of_ours_is_told_in_both_languages_without_the_database(
    rf: Any, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        answer = pages.server_error(rf.get("/"))
    assert answer.status_code == 500
    assert "Hệ thống gặp lỗi" in answer.content.decode() and "Something broke on our side" in answer.content.decode()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 415, 418, 422, 429, 500, 503])
def test_every_status_has_a_page_with_a_title(rf: Any, status: int) -> None:
    answer = pages.problem(rf.get("/"), status)
    assert answer.status_code == status
    assert "<h1>" in answer.content.decode()


def test_the_detail_of_a_problem_is_escaped(rf: Any) -> None:
    answer = pages.problem(rf.get("/"), 409, detail=str(Conflict("<b>x</b>").detail))
    assert "&lt;b&gt;x" in answer.content.decode()


def test_who_sees_what_is_said_plainly(client: Client) -> None:
    html = client.get("/privacy").content.decode()
    assert "Số điện thoại và tên của bạn" in html and "chỉ theo luật, phải hai người" in html


def test_the_app_carries_the_citys_name(client: Client) -> None:
    answer = client.get("/manifest.webmanifest")
    manifest = json.loads(answer.content)
    assert answer.headers["Content-Type"] == "application/manifest+json"
    assert manifest["name"] == "Hue-S · Thành phố Huế"
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}
    assert any(icon["purpose"] == "maskable" for icon in manifest["icons"])


def test_the_service_worker_may_care_for_every_page_and_is_always_asked_for(client: Client) -> None:
    answer = client.get("/sw.js")
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert '"/offline", "/report", "/me/drafts"' in answer.content.decode()
    assert 'href="tel:112"' in client.get("/offline").content.decode()


def test_machines_find_their_texts(client: Client) -> None:
    assert "Disallow: /desk" in client.get("/robots.txt").content.decode()
    security = client.get("/.well-known/security.txt").content.decode()
    assert security.startswith("Contact: ") and "\nExpires: " in security


def test_the_ground_of_the_map_has_the_drawing_and_every_valid_unit(client: Client) -> None:
    answer = client.get("/map/base.geojson")
    features = json.loads(answer.content)["features"]
    kinds = [feature["properties"]["kind"] for feature in features]
    assert kinds.count("unit-name") == 40
    assert "river" in kinds and "unit" not in kinds
    assert all("name_en" not in feature["properties"] for feature in features)
    assert client.get("/map/base.geojson", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_imported_borders_appear_on_the_map(client: Client) -> None:
    tag = client.get("/map/base.geojson").headers["ETag"]
    square = {"type": "Polygon", "coordinates": [[[107.5, 16.4], [107.6, 16.4], [107.6, 16.5], [107.5, 16.4]]]}
    Unit.objects.filter(code="19789").update(boundary=square)
    answer = client.get("/map/base.geojson", headers={"If-None-Match": tag})
    borders = [f for f in json.loads(answer.content)["features"] if f["properties"]["kind"] == "unit"]
    assert [f["geometry"] for f in borders] == [square]


def test_the_gallery_is_for_the_sandbox_only(client: Client, settings: Settings) -> None:
    settings.SANDBOX = False
    assert client.get("/dev/components").status_code == 404
    settings.SANDBOX = True
    assert client.get("/dev/components").status_code == 200
    assert client.get("/dev/components?shell=desk").status_code == 200


def test_sample_data_is_called_so_on_every_page(client: Client, settings: Settings) -> None:
    settings.SANDBOX = True
    assert "Dữ liệu mẫu" in client.get("/privacy").content.decode()
    settings.SANDBOX = False
    assert "ribbon" not in client.get("/privacy").content.decode()


def test_pages_travel_compressed_and_data_as_it_is(client: Client) -> None:
    assert client.get("/", headers={"Accept-Encoding": "gzip"}).headers.get("Content-Encoding") == "gzip"
    assert "Content-Encoding" not in client.get("/map/base.geojson", headers={"Accept-Encoding": "gzip"}).headers
