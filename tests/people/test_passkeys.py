"""Passkeys: made in a browser that just proved whose it is, used instead of codes, worthless anywhere else."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client

from hues.kernel import clock
from hues.kernel.models import JournalEntry
from hues.people import actions, mfa, passkeys
from hues.people.models import Passkey, User
from tests.people.authenticator import HOST, ORIGIN, PRESENT, Device
from tests.people.conftest import NOW, PASSWORD, actor, totp

Make = Callable[..., User]


@pytest.fixture(autouse=True)
def address(settings: LazySettings) -> None:
    settings.PUBLIC_URL = ORIGIN


def send(client: Client, path: str, **body: Any) -> HttpResponse:
    return client.post(f"/passkeys/{path}", json.dumps(body), content_type="application/json")  # type: ignore[return-value]


def add(client: Client, device: Device, name: str = "Điện thoại") -> HttpResponse:
    options = send(client, "begin", purpose="add").json()  # type: ignore[attr-defined]
    return send(client, "finish", purpose="add", answer=device.make(options), name=name)


def sign_in(client: Client, device: Device, way_back: str = "") -> HttpResponse:
    options = send(client, "begin", purpose="sign-in").json()  # type: ignore[attr-defined]
    return send(client, "finish", purpose="sign-in", answer=device.prove(options), next=way_back)


@pytest.fixture
def phone(newest_code: Callable[[], str]) -> Client:
    """A citizen who just signed in with a code."""
    client = Client()
    client.post("/login", {"phone": "0905 123 456"})
    client.post("/login/code", {"code": newest_code()})
    return client


@pytest.fixture
def device(phone: Client) -> Device:
    made = Device()
    assert add(phone, made).status_code == 200
    return made


def test_a_passkey_alone_signs_its_owner_in(phone: Client, device: Device) -> None:
    other = Client()
    done = sign_in(other, device, "/me/inbox")
    assert (done.status_code, done.json()) == (200, {"location": "/me/inbox"})  # type: ignore[attr-defined]
    assert User.objects.get(kind="citizen").name in other.get("/me/settings").text
    kept = Passkey.objects.get()
    assert kept.name == "Điện thoại" and kept.last_used_at is not None
    assert JournalEntry.objects.get(action="people.passkey_added").parts["notify"][0]["data"] == {"name": "Điện thoại"}


def test_nobody_is_sent_elsewhere_by_a_passkey(device: Device) -> None:
    assert sign_in(Client(), device, "https://evil.example/").json() == {"location": "/"}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("origin", "https://hue-s.example.evil.example"),
        ("origin", "http://hue-s.example"),
        ("origin", "https://sub.hue-s.example"),
        ("host", "evil.example"),
        ("flags", PRESENT),  # the device did not check who holds it
        ("flags", 0),
    ],
)
def test_an_answer_of_another_site_or_without_its_holder_is_refused(device: Device, what: str, value: Any) -> None:
    setattr(device, what, value)
    stranger = Client()
    assert sign_in(stranger, device).status_code == 422
    assert stranger.get("/me/settings").status_code == 302


def test_a_passkey_made_for_another_site_is_not_kept(phone: Client) -> None:
    for bad in (Device(origin="https://evil.example"), Device(host="evil.example"), Device(flags=PRESENT)):
        assert add(phone, bad).status_code == 422
    assert not Passkey.objects.exists()


def test_a_challenge_works_once_in_its_own_browser_and_for_five_minutes(device: Device) -> None:
    first, second = Client(), Client()
    options = send(first, "begin", purpose="sign-in").json()  # type: ignore[attr-defined]
    answer = device.prove(options)
    assert send(second, "finish", purpose="sign-in", answer=answer).status_code == 422, "another browser"
    send(second, "begin", purpose="sign-in")
    assert send(second, "finish", purpose="sign-in", answer=answer).status_code == 422, "another challenge"
    assert send(first, "finish", purpose="sign-in", answer=answer).status_code == 200
    assert send(first, "finish", purpose="sign-in", answer=answer).status_code == 422, "a replay"
    options = send(first, "begin", purpose="sign-in").json()  # type: ignore[attr-defined]
    with clock.at(clock.now() + timedelta(seconds=passkeys.LIFETIME + 1)):
        late = send(first, "finish", purpose="sign-in", answer=device.prove(options))
    assert late.status_code == 422


def test_another_key_under_the_same_name_is_refused(device: Device) -> None:
    forger = Device(id=device.id, user=device.user)
    assert sign_in(Client(), forger).status_code == 422
    device.user = Device().user or "AAAA"
    assert sign_in(Client(), device).status_code == 422, "a handle of somebody else"


def test_a_copied_device_is_noticed_by_its_counter(phone: Client) -> None:
    counting = Device(count=7)
    add(phone, counting)
    assert sign_in(Client(), counting).status_code == 200
    counting.count = 3
    assert sign_in(Client(), counting).status_code == 422
    assert JournalEntry.objects.filter(action="people.passkey_copied").count() == 1


def test_whatever_is_sent_instead_of_an_answer_is_a_plain_refusal(phone: Client) -> None:
    for junk in (None, 7, "x", [], {}, {"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}):
        send(phone, "begin", purpose="sign-in")
        assert send(phone, "finish", purpose="sign-in", answer=junk).status_code == 422, junk
        send(phone, "begin", purpose="add")
        assert send(phone, "finish", purpose="add", answer=junk).status_code == 422, junk
    for purpose in (None, "", "root", {"a": 1}):
        assert send(phone, "begin", purpose=purpose).status_code == 422
    assert send(Client(), "begin", purpose="add").status_code == 422
    assert send(Client(), "begin", purpose="second-factor").status_code == 422


def test_challenges_are_limited_by_address(phone: Client) -> None:
    codes = [send(Client(), "begin", purpose="sign-in").status_code for _try in range(61)]
    assert codes[-1] == 429 and set(codes[:-1]) == {200}


def test_an_old_session_cannot_plant_a_passkey(phone: Client, newest_code: Callable[[], str]) -> None:
    with clock.at(clock.now() + timedelta(hours=1)):
        assert send(phone, "begin", purpose="add").status_code == 409
        assert "Thêm khóa đăng nhập" in phone.get("/me/settings").text
        phone.post("/confirm?next=/me/settings", {"send": "1"})
        done = phone.post("/confirm?next=/me/settings", {"code": newest_code(), "next": "/me/settings"})
        assert done["Location"] == "/me/settings"
        assert send(phone, "begin", purpose="add").status_code == 200


def test_a_passkey_confirms_only_its_own_account(phone: Client, device: Device, make_staff: Make) -> None:
    with clock.at(clock.now() + timedelta(hours=1)):
        options = send(phone, "begin", purpose="confirm").json()  # type: ignore[attr-defined]
        assert [one["id"] for one in options["allowCredentials"]] == [device.prove(options)["id"]]
        foreign = Device(user=device.user)
        assert send(phone, "finish", purpose="confirm", answer=foreign.prove(options)).status_code == 422
        assert "/confirm" in phone.get("/me/settings/erase").text
        options = send(phone, "begin", purpose="confirm").json()  # type: ignore[attr-defined]
        assert send(phone, "finish", purpose="confirm", answer=device.prove(options)).status_code == 200
        assert "/confirm" not in phone.get("/me/settings/erase").text


def test_passkeys_are_renamed_and_removed_by_their_owner_alone(phone: Client, device: Device, make_staff: Make) -> None:
    address = f"/passkeys/{Passkey.objects.get().pk}"
    thief = Client()
    thief.force_login(make_staff("ke.trom", "lead"))
    assert thief.post(address, {"do": "remove"}).status_code == 404
    phone.post(address, {"name": "Máy của mạ"})
    assert "Máy của mạ" in phone.get("/me/settings").text
    phone.post(address, {"do": "remove"})
    assert not Passkey.objects.exists()
    assert sign_in(Client(), device).status_code == 422


def test_names_of_devices_are_shown_as_text(phone: Client) -> None:
    add(phone, Device(), "<script>alert(1)</script>")
    assert "<script>alert" not in phone.get("/me/settings").text


# Staff


@pytest.fixture
def operator(make_staff: Make) -> User:
    return make_staff("truc.ban", "operator")


@pytest.fixture
def key_of_staff(operator: User) -> Device:
    made, session = Device(), Client().session
    options = passkeys.begin_adding(session, operator)
    actions.add_passkey(actor=actor(operator), user=operator, session=session, answer=made.make(options), name="Khoá")
    return made


def test_for_staff_a_verified_passkey_is_both_factors(operator: User, key_of_staff: Device) -> None:
    client = Client()
    assert sign_in(client, key_of_staff).json() == {"location": "/desk"}  # type: ignore[attr-defined]
    assert client.get("/desk").status_code == 200
    signed = JournalEntry.objects.filter(action="people.signed_in").latest("id")
    assert signed.parts["audit"] == {"factor": "passkey"}


def test_after_the_password_a_passkey_is_the_second_factor(operator: User, key_of_staff: Device) -> None:
    secret = mfa.new_secret()
    with clock.at(NOW):
        mfa.activate(operator, secret, totp(secret))
        client = Client()
        client.post("/staff/login", {"username": operator.username, "password": PASSWORD})
        assert "Dùng khóa đăng nhập" in client.get("/staff/mfa").text
        options = send(client, "begin", purpose="second-factor").json()  # type: ignore[attr-defined]
        assert client.get("/desk").status_code == 302, "a password and a challenge open nothing"
        done = send(client, "finish", purpose="second-factor", answer=key_of_staff.prove(options))
        assert done.status_code == 200 and client.get("/desk").status_code == 200


def test_a_closed_account_is_not_opened_by_its_passkey(
    operator: User, key_of_staff: Device, administrator: User
) -> None:
    actions.deactivate(actor=actor(administrator), user_id=operator.pk)
    client = Client()
    assert sign_in(client, key_of_staff).status_code == 403
    assert client.get("/desk").status_code == 302


def test_resetting_the_second_factor_forgets_passkeys_too(
    operator: User, key_of_staff: Device, administrator: User
) -> None:
    actions.reset_second_factor(actor=actor(administrator), user_id=operator.pk)
    assert sign_in(Client(), key_of_staff).status_code == 422


def test_on_ones_own_machine_the_name_is_localhost(settings: LazySettings) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:8150"
    assert (passkeys.origin(), passkeys.relying_party()) == ("http://localhost:8150", "localhost")
    assert HOST == "hue-s.example"
