"""Staff sign in: a password, then a second factor, whoever tries."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client

from hues.config.urls import urlpatterns
from hues.kernel import clock
from hues.kernel.actors import SYSTEM
from hues.kernel.models import JournalEntry
from hues.people import actions, mfa
from hues.people.models import Session, User
from hues.people.pages.staff import home_of
from tests.doors.test_every_door import routes
from tests.people.conftest import NOW, PASSWORD, actor, sign_in, totp

Make = Callable[..., User]


def give_password(client: Client, username: str = "le.loi", password: str = PASSWORD, way_back: str = "") -> str:
    answer = client.post("/staff/login", {"username": username, "password": password, "next": way_back})
    return answer["Location"] if answer.status_code == 302 else f"{answer.status_code}"


@pytest.fixture
def officer(make_staff: Make) -> User:
    return make_staff("le.loi", ("officer", "HEP"))


@pytest.fixture
def secret(officer: User) -> str:
    """The officer's authenticator, bound a while ago."""
    value = mfa.new_secret()
    with clock.at(NOW - timedelta(days=1)):
        assert mfa.activate(officer, value, totp(value))
    return value


def test_the_first_sign_in_sets_up_the_second_factor(client: Client, officer: User) -> None:
    with clock.at(NOW):
        assert give_password(client, way_back="/desk/cases/PA-1") == "/staff/mfa/setup"
        assert client.get("/staff/account").status_code == 302, "a password alone opens nothing"
        shown = client.get("/staff/mfa/setup").text
        secret = shown.split("<code")[1].split(">")[1].split("<")[0]
        picture = client.get("/staff/mfa/qr.svg")
        assert picture["Content-Type"] == "image/svg+xml" and b"<svg" in picture.content
        assert "no-store" in picture["Cache-Control"]
        assert client.post("/staff/mfa/setup", {"code": "000000"}).status_code == 422
        done = client.post("/staff/mfa/setup", {"code": totp(secret)})
    assert done.status_code == 200 and done.text.count("<code") == 10 and 'href="/desk/cases/PA-1"' in done.text
    assert client.get("/staff/account").status_code == 200
    assert client.get("/staff/mfa/qr.svg").status_code == 404
    stored = str(list(officer.authenticator_set.values_list("data", flat=True))) + str(list(Session.objects.values()))
    assert secret.replace(" ", "") not in stored


def test_password_and_code_open_the_desk(client: Client, officer: User, secret: str) -> None:
    with clock.at(NOW):
        assert give_password(client) == "/staff/mfa"
        assert client.get("/staff/account").status_code == 302
        assert client.post("/staff/mfa", {"code": totp(secret)})["Location"] == "/desk"
        assert client.get("/staff/account").status_code == 200
    assert JournalEntry.objects.filter(action="people.signed_in", actor_id=officer.pk).values_list("parts", flat=True)[
        0
    ] == {"audit": {"factor": "totp"}}


def test_nobody_sets_up_a_new_factor_over_an_existing_one(client: Client, secret: str) -> None:
    with clock.at(NOW):
        give_password(client)
        assert client.get("/staff/mfa/setup")["Location"] == "/staff/mfa"
        assert client.get("/staff/mfa/qr.svg").status_code == 404
        other = mfa.new_secret()
        assert client.post("/staff/mfa/setup", {"code": totp(other)})["Location"] == "/staff/mfa"


def test_a_code_of_the_app_works_once_even_in_another_process(client: Client, officer: User, secret: str) -> None:
    with clock.at(NOW):
        code = totp(secret)
        give_password(client)
        assert client.post("/staff/mfa", {"code": code}).status_code == 302
        watcher = Client()  # looked over the shoulder, and knows the password
        give_password(watcher)
        assert watcher.post("/staff/mfa", {"code": code}).status_code == 422
        earlier = totp(secret, NOW - timedelta(seconds=30))
        assert watcher.post("/staff/mfa", {"code": earlier}).status_code == 422, "nor does an older one"
    with clock.at(NOW + timedelta(seconds=30)):
        assert watcher.post("/staff/mfa", {"code": totp(secret)}).status_code == 302


@pytest.mark.parametrize(("drift", "opens"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_be_half_a_minute_off(client: Client, secret: str, drift: int, opens: bool) -> None:
    with clock.at(NOW):
        give_password(client)
        answer = client.post("/staff/mfa", {"code": totp(secret, NOW + timedelta(seconds=drift))})
    assert (answer.status_code == 302) == opens


def test_a_recovery_code_works_once(client: Client, officer: User, secret: str) -> None:
    code = mfa.recovery_codes(officer)[3]
    with clock.at(NOW):
        give_password(client)
        assert client.post("/staff/mfa", {"code": code}).status_code == 302
        again = Client()
        give_password(again)
        assert again.post("/staff/mfa", {"code": code}).status_code == 422
    assert len(mfa.recovery_codes(officer)) == 9


def test_new_recovery_codes_need_the_app(client: Client, officer: User, secret: str) -> None:
    sign_in(client, officer)
    old = mfa.recovery_codes(officer)
    client.post("/staff/account/recovery-codes", {"code": "000000"})
    assert mfa.recovery_codes(officer) == old
    with clock.at(NOW):
        page = client.post("/staff/account/recovery-codes", {"code": totp(secret)})
    assert not set(mfa.recovery_codes(officer)) & set(old) and mfa.recovery_codes(officer)[0] in page.text


@pytest.mark.parametrize("typed", ["", "abcdef", "１２３４５６", "\x00", "1" * 5000])
def test_nonsense_is_a_wrong_second_factor(client: Client, secret: str, typed: str) -> None:
    with clock.at(NOW):
        give_password(client)
        assert client.post("/staff/mfa", {"code": typed}).status_code == 422


def test_guessing_the_second_factor_is_slow(client: Client, secret: str) -> None:
    with clock.at(NOW):
        give_password(client)
        answers = [client.post("/staff/mfa", {"code": f"{n:06d}"}).status_code for n in range(6)]
        assert answers[-1] == 429
        browser = Client()  # another browser does not help: it counts for the account
        give_password(browser)
        assert browser.post("/staff/mfa", {"code": totp(secret)}).status_code == 429


def test_the_same_words_for_a_wrong_password_and_for_nobody(client: Client, officer: User) -> None:
    wrong = client.post("/staff/login", {"username": "le.loi", "password": "x" * 14})
    nobody = client.post("/staff/login", {"username": "le.lai", "password": "x" * 14})
    assert wrong.status_code == nobody.status_code == 422
    assert (
        "Tên đăng nhập hoặc mật khẩu chưa đúng" in wrong.text and "Tên đăng nhập hoặc mật khẩu chưa đúng" in nobody.text
    )


def test_a_citizen_has_no_password_door(client: Client, citizen: User) -> None:
    assert give_password(client, citizen.username, "") == "422"


def test_guessing_passwords_locks_the_name_for_this_address_only(client: Client, officer: User, secret: str) -> None:
    with clock.at(NOW):
        answers = [give_password(client, password=f"wrong password {n}") for n in range(6)]
        assert answers == ["422"] * 5 + ["429"]
        assert give_password(client) == "429", "not even the right one"
        colleague = Client(REMOTE_ADDR="198.51.100.9")
        assert give_password(colleague) == "/staff/mfa"
    with clock.at(NOW + timedelta(seconds=61)):
        assert give_password(client) == "/staff/mfa"


def test_the_time_between_the_two_steps_is_short(client: Client, secret: str) -> None:
    with clock.at(NOW):
        give_password(client)
    with clock.at(NOW + timedelta(seconds=601)):
        assert client.post("/staff/mfa", {"code": totp(secret)})["Location"] == "/staff/login"


def test_a_new_password_ends_what_the_old_one_began(client: Client, officer: User, secret: str) -> None:
    signed_in = sign_in(Client(), officer)
    with clock.at(NOW):
        give_password(client)
        actions.set_password(actor=SYSTEM, user_id=officer.pk, password="một mật khẩu hoàn toàn khác")
        assert client.post("/staff/mfa", {"code": totp(secret)})["Location"] == "/staff/login"
    assert signed_in.get("/staff/account").status_code == 302


def test_changing_one_s_own_password(client: Client, officer: User) -> None:
    other = sign_in(Client(), officer)
    sign_in(client, officer)
    new = "cầu Trường Tiền sáu vài"
    assert client.post("/staff/account", {"current": "wrong", "password": new}).status_code == 422
    assert client.post("/staff/account", {"current": PASSWORD, "password": "ngắn"}).status_code == 422
    assert client.post("/staff/account", {"current": PASSWORD, "password": new}).status_code == 302
    assert client.get("/staff/account").status_code == 200 and other.get("/staff/account").status_code == 302
    officer.refresh_from_db()
    assert officer.check_password(new)


def test_sample_accounts_need_no_second_factor_in_the_sandbox_and_do_not_exist_elsewhere(
    client: Client, make_staff: Make, settings: LazySettings
) -> None:
    make_staff("mau.dieuhanh", "operator", sample=True)
    assert give_password(client, "mau.dieuhanh") == "/desk"
    request = client.get("/staff/account").wsgi_request
    assert request.sample_account
    settings.SANDBOX = False
    assert client.get("/staff/account").status_code == 302, "the session ends with the sandbox"
    assert give_password(Client(), "mau.dieuhanh") == "422"


def test_a_real_account_in_the_sandbox_needs_its_second_factor(client: Client, officer: User) -> None:
    assert give_password(client) == "/staff/mfa/setup"


def test_a_deactivated_account_is_out_at_once(client: Client, officer: User, administrator: User) -> None:
    sign_in(client, officer)
    actions.deactivate(actor=actor(administrator), user_id=officer.pk)
    assert client.get("/staff/account").status_code == 302
    assert not Session.objects.filter(user=officer).exists()
    assert give_password(client) == "422"


def test_signing_in_as_staff_changes_the_key_of_the_session(client: Client, secret: str) -> None:
    with clock.at(NOW):
        give_password(client)
        before = client.cookies["hues"].value
        client.post("/staff/mfa", {"code": totp(secret)})
    assert client.cookies["hues"].value != before
    planted = Client()
    planted.cookies["hues"] = before
    assert planted.get("/staff/account").status_code == 302


def test_a_lost_telephone_is_reset_by_an_administrator(
    client: Client, officer: User, secret: str, administrator: User
) -> None:
    signed_in = sign_in(Client(), officer)
    actions.reset_second_factor(actor=actor(administrator), user_id=officer.pk)
    assert give_password(client) == "/staff/mfa/setup"
    assert signed_in.get("/staff/account").status_code == 302


def test_a_password_alone_opens_no_door_of_staff(client: Client, officer: User, secret: str) -> None:
    """Every address of the table that staff may open, asked with a session that only knows the password."""
    with clock.at(NOW):
        give_password(client)
        open_to_it = {"staff/login", "staff/mfa", "staff/mfa/setup"}
        plain = [route for route in routes(urlpatterns) if not re.search(r"[<(]", route)]
        inside = [route for route in plain if re.match(r"(desk|admin|staff)(/|$)", route) and route not in open_to_it]
        assert len(inside) > 10
        for route in inside:
            for ask in (client.get, client.post):
                answer = ask(f"/{route}")
                assert answer.status_code in (302, 401, 403, 404, 405), (route, answer.status_code)
                assert answer.status_code != 302 or "/login" in answer["Location"], (route, answer["Location"])
        assert client.get("/staff/mfa/setup")["Location"] == "/staff/mfa", "no second app beside the one that is bound"


@pytest.mark.parametrize(
    ("role", "home"),
    [
        (("officer", "HEP"), "/desk"),
        ("operator", "/desk"),
        ("auditor", "/desk"),
        ("administrator", "/admin/people"),
        ("helper", "/report/for"),
    ],
)
def test_everybody_begins_where_their_work_is(
    make_staff: Callable[..., User], role: tuple[str, str] | str, home: str
) -> None:
    assert home_of(actor(make_staff("somebody", role))) == home
