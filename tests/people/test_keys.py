"""Keys of programs, and who calls the JSON API."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.http import HttpRequest
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client
from django.urls import path
from ninja import NinjaAPI

from hues.config.urls import urlpatterns as real_urls
from hues.kernel.actors import SYSTEM
from hues.kernel.errors import Invalid, NotFound
from hues.kernel.models import JournalEntry
from hues.people import actions, auth, queries
from hues.people.models import ApiKey, User
from tests.people.conftest import actor, sign_in

api = NinjaAPI(urls_namespace="test-people", docs_url=None, openapi_url=None)


@api.get("/who", auth=[auth.signed_in, auth.key("reports")])
@api.post("/who", auth=[auth.signed_in, auth.key("reports")])
def who(request: HttpRequest) -> dict[str, str]:
    return {"kind": request.actor.kind, "name": request.actor.name}


@api.get("/staff", auth=auth.staff)
def staff(request: HttpRequest) -> dict[str, str]:
    return {"kind": request.actor.kind}


urlpatterns = [path("api/", api.urls), *real_urls]
pytestmark = pytest.mark.urls(__name__)


def make_key(*scopes: str) -> str:
    return actions.create_key(actor=SYSTEM, name="Open311 của bạn", scopes=scopes or ["reports"])


def test_a_key_is_shown_once_and_kept_as_a_hash() -> None:
    raw = make_key("open311", "reports")
    assert raw.startswith("hues_") and raw.count("_") == 2 and len(raw) > 40
    stored = ApiKey.objects.values().get()
    assert raw not in str(stored) and raw.split("_")[2] not in str(stored) and stored["prefix"] == raw.split("_")[1]
    assert raw not in str(list(JournalEntry.objects.values_list("parts", flat=True)))


def test_a_key_is_found_with_one_statement_and_writes_nothing(django_assert_num_queries: Callable[..., object]) -> None:
    raw = make_key("open311")
    with django_assert_num_queries(1):
        found = queries.actor_for_key(raw)
    assert found and found.kind == "key" and found.scopes == {"open311"} and not found.grants


@pytest.mark.parametrize("raw", ["", "hues_", "hues_x_y", "x" * 10_000, "hues_\x00_x", "Bearer", "hues_ü_ü"])
def test_what_is_no_key_opens_nothing(raw: str) -> None:
    assert queries.actor_for_key(raw) is None


def test_a_revoked_key_opens_nothing(client: Client, administrator: User) -> None:
    raw = make_key()
    headers = {"HTTP_AUTHORIZATION": f"Bearer {raw}"}
    assert client.get("/api/who", **headers).json() == {"kind": "key", "name": "Open311 của bạn"}
    actions.revoke_key(actor=actor(administrator), key_id=ApiKey.objects.get().pk)
    actions.revoke_key(actor=actor(administrator), key_id=ApiKey.objects.get().pk)
    assert client.get("/api/who", **headers).status_code == 401
    assert JournalEntry.objects.filter(action="people.key_revoked").count() == 1
    with pytest.raises(NotFound):
        actions.revoke_key(actor=actor(administrator), key_id=uuid4())


@pytest.mark.parametrize("scopes", [[], ["everything"], ["open311", "everything"]])
def test_a_key_names_scopes_that_exist(scopes: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        actions.create_key(actor=SYSTEM, name="x", scopes=scopes)
    assert "open311" in refused.value.fields["scopes"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, "a\x00b"])
def test_a_key_has_a_name(name: str) -> None:
    with pytest.raises(Invalid):
        actions.create_key(actor=SYSTEM, name=name, scopes=["open311"])


def test_a_key_without_the_scope_is_told_so(client: Client) -> None:
    raw = make_key("open311")
    answer = client.get("/api/who", HTTP_AUTHORIZATION=f"Bearer {raw}")
    assert answer.status_code == 403


def test_a_browser_needs_its_csrf_token_to_write_but_not_to_read(citizen: User) -> None:
    browser = sign_in(Client(enforce_csrf_checks=True), citizen)
    assert browser.get("/api/who").json()["kind"] == "citizen"
    assert browser.post("/api/who").status_code == 403
    token = _get_new_csrf_string()
    browser.cookies["csrftoken"] = token
    assert browser.post("/api/who", HTTP_X_CSRFTOKEN=token).json()["kind"] == "citizen"


def test_a_program_needs_no_csrf_token_and_is_never_taken_for_the_browser_it_runs_in(citizen: User) -> None:
    raw = make_key()
    program = Client(enforce_csrf_checks=True)
    assert program.post("/api/who", HTTP_AUTHORIZATION=f"Bearer {raw}").json()["kind"] == "key"
    both = sign_in(Client(enforce_csrf_checks=True), citizen)
    assert both.post("/api/who", HTTP_AUTHORIZATION=f"Bearer {raw}").json()["kind"] == "key"
    assert both.post("/api/who", HTTP_AUTHORIZATION="Bearer hues_x_y").status_code == 401


def test_guests_and_citizens_do_not_pass_a_door_for_staff(client: Client, citizen: User, administrator: User) -> None:
    assert client.get("/api/staff").status_code == 401
    assert sign_in(Client(), citizen).get("/api/staff").status_code == 401
    assert sign_in(Client(), administrator).get("/api/staff").json() == {"kind": "staff"}
