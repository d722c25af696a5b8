"""What people choose, on the page and through the API; their devices; the log for administrators; leaving no trace."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.test import Client, override_settings

from hues.kernel import clock
from hues.kernel.actors import SYSTEM
from hues.kernel.ids import new_id
from hues.notifications import actions, queries
from hues.notifications.erasing import erase_of, export_of
from hues.notifications.models import Delivery, MailAddress, Notice, Preferences, PushSubscription, SandboxMail
from hues.people.actions import create_staff, grant_role, open_account
from hues.people.erasing import ERASERS, EXPORTERS
from hues.people.models import User
from tests.notifications.peers import Browser

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
PAGE = "/me/settings/notices"
ENDPOINT = "https://push.example/send/abc"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sandbox() -> Iterator[None]:
    with override_settings(SANDBOX=True, SMS_PROVIDER="sandbox", MAIL_PROVIDER="sandbox"):
        yield


@pytest.fixture
def hương(client: Client) -> User:
    user = open_account(number="+84905123456", language="vi")
    client.force_login(user)
    return user


def staff(role: str) -> Client:
    user = create_staff(actor=SYSTEM, username=f"{role}.mau", password="x", is_sample=True)
    grant_role(actor=SYSTEM, user_id=user.pk, role=role)
    client = Client()
    client.force_login(user)
    return client


def subscribe(client: Client, endpoint: str = ENDPOINT, browser: Browser | None = None) -> int:
    body = {"endpoint": endpoint, "keys": (browser or Browser()).keys}
    answer = client.post(
        "/api/v1/me/devices", body, content_type="application/json", headers={"User-Agent": "Android Chrome/1"}
    )
    return answer.status_code


def test_the_page_offers_every_kind_and_keeps_what_was_chosen(client: Client, hương: User) -> None:
    page = client.get(PAGE).text
    for word in (
        "Phản ánh của tôi",
        "Tôi theo dõi",
        "Tài khoản của tôi",
        "Giờ yên lặng",
        "Cảnh báo nguy hiểm luôn được gửi",
    ):
        assert word in page
    chosen = {
        "kind-case": ["push"], "kind-follow": ["push", "mail"], "kind-account": [], "quiet_from": "21:30", "quiet_until": "07:00", "accents": "1",
    }  # fmt: skip
    assert client.post(PAGE, chosen)["Location"] == PAGE
    row = Preferences.objects.get()
    assert row.channels["case"] == {"push": True, "mail": False, "sms": False} and row.channels["account"] == {
        "push": False,
        "mail": False,
    }
    assert not row.quiet and row.quiet_from == time(21, 30) and not row.plain_sms
    again = client.get(PAGE).text
    assert '<option value="21:30" selected>' in again


def test_a_time_that_is_none_is_said_at_its_field(client: Client, hương: User) -> None:
    answer = client.post(PAGE, {"quiet_from": "25:99"})
    assert answer.status_code == 422 and "Hãy chọn giờ." in answer.text and not Preferences.objects.exists()


def test_the_api_says_and_changes_the_same(client: Client, hương: User) -> None:
    said = client.get("/api/v1/me/notices/choices").json()
    assert said["channels"]["case"] == {"push": True, "mail": True, "sms": True} and said["quiet_until"] == "06:30:00"
    body = {"channels": {"case": {"sms": False}}, "plain_sms": False}
    changed = client.patch("/api/v1/me/notices/choices", body, content_type="application/json").json()
    assert (
        changed["channels"]["case"] == {"push": True, "mail": True, "sms": False}
        and not changed["plain_sms"]
        and changed["quiet"]
    )
    for wrong in ({"alert": {"push": False}}, {"case": {"pigeon": True}}, {"x": {}}):
        answer = client.patch("/api/v1/me/notices/choices", {"channels": wrong}, content_type="application/json")
        assert answer.status_code == 422


def test_staff_choose_on_the_same_page_without_what_is_for_citizens() -> None:
    client = staff("operator")
    page = client.get(PAGE).text
    assert (
        "Công việc" in page
        and "Việc tức thời vẫn báo ngay." in page
        and "Tin nhắn SMS" not in page
        and "Tôi theo dõi" not in page
    )
    assert (
        client.post(
            PAGE, {"kind-case": ["mail"], "quiet": "1", "quiet_from": "22:00", "quiet_until": "06:30"}
        ).status_code
        == 302
    )


def test_guests_choose_nothing() -> None:
    assert Client().get(PAGE).status_code == 302
    for path in ("/api/v1/me/notices/choices", "/api/v1/me/devices"):
        assert Client().get(path).status_code == 401


def test_the_address_is_given_confirmed_and_forgotten_on_the_page(client: Client, hương: User) -> None:
    client.post(f"{PAGE}/mail", {"address": "huong@mail.example"})
    code = next(line for line in SandboxMail.objects.get().text.splitlines() if line.isdigit())
    assert "huong@mail.example" in client.get(PAGE).text
    assert client.post(f"{PAGE}/mail", {"code": "000000" if code != "000000" else "1"}).status_code == 422
    client.post(f"{PAGE}/mail", {"code": code})
    assert MailAddress.objects.get().confirmed_at and "đã xác nhận" in client.get(PAGE).text
    client.post(f"{PAGE}/mail", {"forget": "1"})
    assert not MailAddress.objects.exists()


# ── Devices ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_browser_is_one_device_and_belongs_to_who_used_it_last(client: Client, hương: User) -> None:
    assert [subscribe(client), subscribe(client)] == [200, 200]
    assert PushSubscription.objects.get().device == "Chrome · Android"
    other = Client()
    other.force_login(open_account(number="+84905123457", language="vi"))
    assert subscribe(other) == 200
    assert PushSubscription.objects.get().person != hương and client.get("/api/v1/me/devices").json()["items"] == []


@pytest.mark.parametrize(
    "endpoint",
    ["http://push.example/x", "https://127.0.0.1/x", "https://push.example:22/x", "x", "https://u:p@push.example/"],
)
def test_only_push_services_are_taken(client: Client, hương: User, endpoint: str) -> None:
    assert subscribe(client, endpoint) == 422 and not PushSubscription.objects.exists()


def test_there_is_an_end_to_devices(client: Client, hương: User) -> None:
    assert [subscribe(client, f"{ENDPOINT}{n}") for n in range(13)] == [200] * 12 + [409]


def test_signing_out_of_a_browser_ends_its_notices_and_no_other_s(client: Client, hương: User) -> None:
    subscribe(client)
    tablet = Client()
    tablet.force_login(hương)
    subscribe(tablet, f"{ENDPOINT}2")
    client.post("/logout")
    assert [each.endpoint for each in PushSubscription.objects.all()] == [f"{ENDPOINT}2"]


def test_a_browser_that_renews_itself_is_known_by_its_old_address_alone(client: Client, hương: User) -> None:
    subscribe(client)
    renewed = {"old_endpoint": ENDPOINT, "endpoint": f"{ENDPOINT}new", "keys": Browser().keys}
    worker = Client(enforce_csrf_checks=True)
    assert worker.post("/api/v1/me/devices/changed", renewed, content_type="application/json").status_code == 204
    assert (
        PushSubscription.objects.get().endpoint == f"{ENDPOINT}new" and PushSubscription.objects.get().person == hương
    )
    assert worker.post("/api/v1/me/devices/changed", renewed, content_type="application/json").status_code == 404


def test_a_device_is_removed_by_its_owner_alone(client: Client, hương: User) -> None:
    subscribe(client)
    device = PushSubscription.objects.get()
    other = Client()
    other.force_login(open_account(number="+84905123457", language="vi"))
    assert other.post(f"{PAGE}/devices/{device.pk}/remove").status_code == 404
    assert (
        other.post("/api/v1/me/devices/remove", {"endpoint": ENDPOINT}, content_type="application/json").status_code
        == 404
    )
    assert (
        client.post(f"{PAGE}/devices/{device.pk}/remove").status_code == 302 and not PushSubscription.objects.exists()
    )


def test_a_device_that_was_removed_elsewhere_does_not_come_back_by_itself(client: Client, hương: User) -> None:
    keys = Browser().keys
    asked = {"endpoint": ENDPOINT, "keys": keys}
    once_more = {**asked, "again": True}
    assert client.post("/api/v1/me/devices", asked, content_type="application/json").status_code == 200
    assert client.post("/api/v1/me/devices", once_more, content_type="application/json").status_code == 200
    client.post(f"{PAGE}/devices/{PushSubscription.objects.get().pk}/remove")
    assert client.post("/api/v1/me/devices", once_more, content_type="application/json").status_code == 404
    assert not PushSubscription.objects.exists()

    other = Client()  # whoever signs in on that browser next has removed nothing
    other.force_login(open_account(number="+84905123457", language="vi"))
    assert other.post("/api/v1/me/devices", once_more, content_type="application/json").status_code == 200
    assert client.post("/api/v1/me/devices", asked, content_type="application/json").status_code == 200  # pressed again
    assert client.post("/api/v1/me/devices", once_more, content_type="application/json").status_code == 200


def test_a_test_goes_to_one_s_own_devices(client: Client, hương: User) -> None:
    assert client.post(f"{PAGE}/test").status_code == 404
    subscribe(client)
    assert client.post(f"{PAGE}/test").status_code == 302
    assert Delivery.objects.get().channel == "push" and "Tin thử" in client.get("/me/inbox").text


def test_a_notification_leads_to_its_page_and_counts_as_read_for_its_owner_alone(client: Client, hương: User) -> None:
    notice = Notice.objects.create(
        person=hương, entry_id=uuid4(), template="case.publish", link="/me/cases/PA-1", at=NOW
    )
    other = Client()
    other.force_login(open_account(number="+84905123457", language="vi"))
    assert other.get(f"/me/notices/{notice.pk}")["Location"] == "/me/inbox" and queries.unread_count(hương.pk) == 1
    client.get(f"/me/notices/{notice.pk}", headers={"Sec-Purpose": "prefetch"})
    assert queries.unread_count(hương.pk) == 1
    assert (
        client.get(f"/me/notices/{notice.pk}")["Location"] == "/me/cases/PA-1" and queries.unread_count(hương.pk) == 0
    )


def test_notices_are_never_asked_for_by_a_page_itself(client: Client, hương: User) -> None:
    page = client.get("/me/inbox").text
    assert 'data-push="ask"' in page and "hidden>" in page.split('data-push="ask"')[1][:300]
    assert 'data-push="ask"' not in Client().get("/").text


# ── For whoever looks after it ───────────────────────────────────────────────────────────────────────────────────────


def test_the_log_counts_and_names_nobody(hương: User, django_assert_max_num_queries: Callable[..., object]) -> None:
    with clock.at(NOW):
        for n, (state, reason) in enumerate(
            [("sent", ""), ("sent", ""), ("failed", "refused: SMTP 550"), ("suppressed", "read")]
        ):
            notice = Notice.objects.create(
                person=hương, entry_id=uuid4(), template="case.publish", data={"code": f"PA-{n}"}, at=NOW
            )
            Delivery.objects.create(
                notice=notice, channel="mail", provider="smtp", state=state, reason=reason, due_at=NOW, at=NOW, tries=1
            )
    page = staff("lead").get("/admin/deliveries").text
    assert "smtp" in page and "refused: SMTP 550" in page and "case.publish" in page
    assert "PA-2" not in page and hương.username not in page
    with django_assert_max_num_queries(1):
        assert {(c.state, c.count) for c in queries.counts(datetime.now(UTC) - timedelta(hours=1))} == {
            ("sent", 2),
            ("failed", 1),
            ("suppressed", 1),
        }
    assert staff("administrator").get("/admin/deliveries").status_code == 200


def test_the_log_is_for_those_who_look_after_it(client: Client, hương: User) -> None:
    assert client.get("/admin/deliveries").status_code == staff("operator").get("/admin/deliveries").status_code == 404
    assert Client().get("/admin/deliveries").status_code == 302


def test_the_sandbox_s_mails_are_in_the_sandbox_only(client: Client) -> None:
    assert client.get("/dev/mail").status_code == 200
    with override_settings(SANDBOX=False):
        assert client.get("/dev/mail").status_code == 404


def test_whoever_leaves_takes_everything_along_and_leaves_nothing(client: Client, hương: User) -> None:
    subscribe(client)
    actions.save_preferences(actor=SYSTEM.__class__("citizen", hương.pk), plain_sms=False)
    client.post(f"{PAGE}/mail", {"address": "huong@mail.example"})
    notice = Notice.objects.create(
        person=hương, entry_id=uuid4(), template="case.publish", data={"code": "PA-1"}, link="/me/cases/PA-1", at=NOW
    )
    Delivery.objects.create(id=new_id(), notice=notice, channel="push", state="sent", due_at=NOW, at=NOW)
    taken = json.loads(json.dumps(export_of(hương.pk), default=str))
    assert (
        taken["email"] == "huong@mail.example"
        and not taken["preferences"][0]["plain_sms"]
        and taken["devices"][0]["device"] == "Chrome · Android"
    )
    assert (
        taken["notices"][0]["title"] == "Phản ánh của bạn đã có kết quả"
        and taken["notices"][0]["sent"][0]["by"] == "push"
    )
    assert ERASERS.get("notices") is erase_of and EXPORTERS.get("notices") is export_of
    assert all(erase_of(hương.pk).values()) and not any(erase_of(hương.pk).values())
