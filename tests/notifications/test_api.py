"""The inbox as JSON."""

import pytest
from django.db import transaction
from django.test import Client

from hues.kernel import journal
from hues.kernel.actors import SYSTEM
from hues.kernel.ids import new_id
from hues.kernel.journal import Notify
from hues.notifications import actions
from hues.people.actions import open_account
from hues.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client) -> User:
    user = open_account(number="+84905123456", language="vi")
    client.force_login(user)
    for n in range(3):
        with transaction.atomic():
            notice = Notify(
                user.pk, "case.accept", f"/me/cases/PA-{n}", {"code": f"PA-{n}", "texts": {"vi": f"Đã giao PA-{n}."}}
            )
            entry_id = journal.record(
                actor=SYSTEM, action="case.accept", subject_kind="case", subject_id=new_id(), notify=[notice]
            )
        actions.deliver(journal.read([entry_id])[entry_id])
    return user


def test_notices_come_newest_first_in_words(client: Client, reader: User) -> None:
    first = client.get("/api/v1/me/notices?limit=2").json()
    assert first["unread"] == 3 and [item["body"] for item in first["items"]] == ["Đã giao PA-2.", "Đã giao PA-1."]
    rest = client.get("/api/v1/me/notices", {"after": first["next"]}).json()
    assert [item["link"] for item in rest["items"]] == ["/me/cases/PA-0"] and rest["next"] is None


def test_some_or_all_are_marked_as_read(client: Client, reader: User) -> None:
    newest = client.get("/api/v1/me/notices").json()["items"][0]["id"]
    read = client.post("/api/v1/me/notices/read", {"ids": [newest]}, content_type="application/json")
    assert read.json() == {"read": 1}
    assert [item["read"] for item in client.get("/api/v1/me/notices").json()["items"]] == [True, False, False]
    assert client.post("/api/v1/me/notices/read", {}, content_type="application/json").json() == {"read": 2}


def test_guests_have_no_inbox(reader: User) -> None:
    assert Client().get("/api/v1/me/notices").status_code == 401
    assert Client().post("/api/v1/me/notices/read", {}, content_type="application/json").status_code == 401


@pytest.mark.parametrize("limit", ["0", "101", "x", "-1"])
def test_a_limit_is_a_small_number(client: Client, reader: User, limit: str) -> None:
    assert client.get(f"/api/v1/me/notices?limit={limit}").status_code == 422
