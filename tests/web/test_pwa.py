"""The site as an app: what may be installed, what the worker keeps, and whom a phone is told apart by."""

import json
import re
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from PIL import Image

from hues.kernel import clock
from hues.people.models import User
from hues.web import pwa
from hues.web.modules import imports_of

pytestmark = pytest.mark.django_db


def manifest(client: Client, language: str = "vi") -> dict[str, Any]:
    return json.loads(client.get("/manifest.webmanifest", headers={"Accept-Language": language}).content)


def plain(text: str) -> str:
    """The addresses as they are without a build."""
    return re.sub(r"\.[0-9a-f]{12}(?=\.\w+)", "", text)


def test_everything_that_browsers_ask_of_an_app_that_may_be_installed(client: Client) -> None:
    told = manifest(client)
    assert {"name", "short_name", "start_url", "scope", "id", "display", "background_color", "theme_color"} <= set(told)
    for icon in told["icons"]:
        path = finders.find(plain(icon["src"]).removeprefix("/static/"))
        assert path, icon
        assert "x".join(map(str, Image.open(str(path)).size)) == icon["sizes"]
    assert {icon["purpose"] for icon in told["icons"]} == {"any", "maskable"}
    for shortcut in told["shortcuts"]:
        assert client.get(shortcut["url"]).status_code in (200, 302), shortcut


def test_the_app_speaks_the_readers_language(client: Client) -> None:
    assert manifest(client, "en")["shortcuts"][0]["name"] == "Report"
    assert manifest(client, "vi")["shortcuts"][0]["name"] == "Phản ánh"


def test_a_photo_shared_by_another_app_begins_a_report(client: Client) -> None:
    """The worker takes it; a browser that lost its worker still ends at the form, without a token of ours."""
    target = manifest(client)["share_target"]
    assert target["params"]["files"][0]["accept"] == ["image/*", "video/*"]
    answer = Client(enforce_csrf_checks=True).post(target["action"], {"title": "Ảnh"})
    assert (answer.status_code, answer["Location"]) == (302, "/report")


def test_the_worker_is_one_script_of_the_sender_and_all_parts(client: Client) -> None:
    code = client.get("/sw.js").content.decode()
    assert not re.search(r"^(export|import) ", code, re.MULTILINE)
    for part in pwa.WORKER.glob("*.js"):
        assert part.read_text() in code
    assert "indexedDB" in code


def test_a_change_anywhere_makes_a_new_worker(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def version() -> str:
        found = re.search(r'"version": "(\w+)"', client.get("/sw.js").content.decode())
        assert found
        return found.group(1)

    before = version()
    assert version() == before
    monkeypatch.setattr(pwa, "SHELL", (*pwa.SHELL, "web/keyboard.js"))
    assert version() != before


def test_what_is_kept_for_everybody_says_nothing_of_anybody(client: Client, citizen: User) -> None:
    """The worker fetches these pages without cookies; asked so, they are a guest's."""
    client.force_login(citizen)
    own = client.get("/me").content.decode()
    mark = re.search(r'data-person="(c[0-9a-f]{16})"', own)
    assert mark
    for path in pwa.PAGES:
        answer = Client().get(path)
        assert answer.status_code == 200, path
        assert 'data-person=""' in answer.content.decode()
        assert mark.group(1) not in answer.content.decode()


def test_the_worker_learns_who_it_sends_for_and_gets_a_token(client: Client, citizen: User) -> None:
    guest = client.get("/api/v1/session").json()
    assert (guest["signed_in"], guest["person"]) == (False, "")
    client.force_login(citizen)
    answer = client.get("/api/v1/session")
    told = answer.json()
    assert told["signed_in"]
    assert f'data-person="{told["person"]}"' in client.get("/me").content.decode()
    assert str(citizen.pk) not in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_that_token_opens_the_doors_for_writing(citizen: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(citizen)
    token = browser.get("/api/v1/session").json()["csrf"]

    def send(**headers: str) -> int:
        return browser.post("/api/v1/reports", "{}", content_type="application/json", headers=headers).status_code

    assert send() == 403
    assert send(**{"X-CSRFToken": token}) == 422


def test_what_to_do_is_readable_without_a_network(client: Client) -> None:
    page = client.get("/offline").content.decode()
    assert 'href="tel:112"' in page and 'href="tel:19001075"' in page
    assert "Nước đang lên" in page and "cầu dao" in page
    assert "The water is rising" in client.get("/offline", headers={"Accept-Language": "en"}).content.decode()


def test_a_page_asks_for_its_modules_at_once(client: Client) -> None:
    """Every import of the filing page is named in the page: no level of them waits for the one before."""
    page = plain(client.get("/report").content.decode())
    named = set(re.findall(r'(?:modulepreload" href|src)="/static/([\w/-]+\.js)"', page))
    for name in imports_of("reports/filing.js"):
        assert name in named
    assert {"web/outbox.js", "web/ui.js"} <= named


@pytest.fixture
def citizen() -> User:
    return User.objects.create(kind="citizen", username="sen-3k7", created_at=clock.now())
