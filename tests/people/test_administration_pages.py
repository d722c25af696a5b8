"""The administrator's pages."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client

from hues.city.models import Agency
from hues.people import actions, mfa, queries
from hues.people.models import ApiKey, Membership, User
from tests.people.conftest import PASSWORD, actor, sign_in, totp

Make = Callable[..., User]


@pytest.fixture
def desk(client: Client, administrator: User) -> Client:
    return sign_in(client, administrator)


def test_an_account_is_made_given_a_role_and_closed(desk: Client) -> None:
    answer = desk.post("/admin/people/add", {"username": "le.loi", "display_name": "Lê Lợi", "password": PASSWORD})
    user = User.objects.get(username="le.loi")
    here = f"/admin/people/{user.pk}"
    assert answer["Location"] == here
    assert desk.post(here, {"do": "grant", "role": "officer", "agency": "HEP"}).status_code == 302
    assert actor(user).agency_ids
    page = desk.get(here).text
    assert "Cán bộ đơn vị" in page and Agency.objects.get(code="HEP").name("vi") in page
    desk.post(here, {"do": "end", "membership": Membership.objects.get(user=user).pk})
    assert not actor(user).grants
    desk.post(here, {"do": "deactivate"})
    assert queries.account(user.pk) is None
    desk.post(here, {"do": "reactivate"})
    assert queries.account(user.pk)


def test_mistakes_come_back_beside_their_fields(desk: Client, make_staff: Make) -> None:
    answer = desk.post("/admin/people/add", {"username": "Lê Lợi", "display_name": "Lê Lợi", "password": PASSWORD})
    assert answer.status_code == 422 and 'value="Lê Lợi"' in answer.text and PASSWORD not in answer.text
    here = f"/admin/people/{make_staff('le.lai').pk}"
    for data in (
        {"do": "grant", "role": "officer"}, {"do": "grant", "role": "lead", "valid_from": "mai"}, {"do": "password", "password": "ngắn"},
        {"do": "grant", "role": "lead", "valid_from": "2026-05-02", "valid_to": "2026-05-01"}, {"do": "nonsense"}, {},
    ):  # fmt: skip
        assert desk.post(here, data).status_code == 422, data
    for membership in ("", "x", "9" * 40, "-1", "٣"):
        assert desk.post(here, {"do": "end", "membership": membership}).status_code == 404


def test_the_list_is_searched_and_paged(desk: Client, make_staff: Make) -> None:
    for n in range(55):
        make_staff(f"can.bo.{n:02d}", sample=True)
    first = desk.get("/admin/people")
    assert first.text.count("can.bo.") >= 50 and "can.bo.00" not in first.text
    after = queries_after(first.text)
    second = desk.get(f"/admin/people?after={after}")
    assert "can.bo.00" in second.text and "can.bo.54" not in second.text
    found = desk.get("/admin/people?search=BO.07").text
    assert "can.bo.07" in found and "can.bo.08" not in found
    assert desk.get("/admin/people?after=nonsense").status_code == 422
    assert "Không tìm thấy ai" in desk.get("/admin/people?search=%25_%25").text
    assert desk.get("/admin/people?search=%00").status_code in (200, 400, 422)


def queries_after(html: str) -> str:
    return html.split("after=")[1].split('"')[0].split("&")[0]


def test_a_page_of_people_costs_the_same_however_many_there_are(
    desk: Client, make_staff: Make, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for n in range(30):
        make_staff(f"can.bo.{n:02d}", ("officer", "HEP"), sample=True)
    desk.get("/admin/people")
    with django_assert_max_num_queries(5):  # session, account, list, what waits, unread notices
        desk.get("/admin/people")


def test_a_key_is_shown_once(desk: Client) -> None:
    page = desk.post("/admin/keys", {"name": "Ứng dụng xe buýt", "scopes": ["open311"]}).text
    raw = next(
        word for word in page.replace("<", " ").replace(">", " ").split() if word.startswith("hues_") and len(word) > 30
    )
    assert queries.actor_for_key(raw)
    again = desk.get("/admin/keys").text
    assert raw not in again and "Ứng dụng xe buýt" in again
    desk.post(f"/admin/keys/{ApiKey.objects.get().pk}/revoke")
    assert queries.actor_for_key(raw) is None
    assert desk.post(f"/admin/keys/{uuid4()}/revoke").status_code == 404
    assert desk.post("/admin/keys", {"name": ""}).status_code == 422


def test_a_lost_telephone_is_reset_on_the_page(desk: Client, make_staff: Make) -> None:
    user, secret = make_staff("le.loi"), mfa.new_secret()
    assert mfa.activate(user, secret, totp(secret))
    assert "Mất điện thoại" in desk.get(f"/admin/people/{user.pk}").text
    desk.post(f"/admin/people/{user.pk}", {"do": "factor"})
    assert not mfa.has_totp(user)


@pytest.mark.parametrize("path", ["/admin/people", "/admin/people/add", "/admin/keys"])
@pytest.mark.parametrize("role", ["operator", "lead", "auditor", ("officer", "HEP"), ("head", "HEP"), "citizen"])
def test_for_everybody_else_there_is_nothing_here(
    client: Client, make_staff: Make, citizen: User, path: str, role: str | tuple[str, str]
) -> None:
    sign_in(client, citizen if role == "citizen" else make_staff("ai.do", role))
    assert client.get(path).status_code == 404
    assert client.post(
        path, {"username": "le.loi", "password": PASSWORD, "name": "x", "scopes": ["open311"]}
    ).status_code in (404, 405)
    assert not ApiKey.objects.exists() and not User.objects.filter(username="le.loi").exists()


def test_a_citizen_is_not_shown_among_the_staff(desk: Client, citizen: User) -> None:
    assert citizen.username not in desk.get("/admin/people").text
    assert desk.get(f"/admin/people/{citizen.pk}").status_code == 404
    assert desk.post(f"/admin/people/{citizen.pk}", {"do": "deactivate"}).status_code == 404
    assert actions.open_vault(actor=actor(citizen), user=citizen, purpose="test")
