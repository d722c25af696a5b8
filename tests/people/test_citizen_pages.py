"""A citizen signs in, looks at what is held about them, and leaves."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.test import Client

from hues.kernel import clock
from hues.kernel.models import JournalEntry
from hues.people import actions
from hues.people.models import Session, User
from hues.people.plugins.sandbox import Sandbox
from hues.people.sessions import stored_key
from tests.people.conftest import NOW, actor, sign_in

Code = Callable[[], str]
BROWSER = {"HTTP_USER_AGENT": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"}


def ask(client: Client, phone: str = "0905 123 456", way_back: str = "") -> None:
    answer = client.post("/login", {"phone": phone, "next": way_back}, **BROWSER)
    assert (answer.status_code, answer["Location"]) == (302, "/login/code")


def test_from_number_to_account_in_two_steps(client: Client, newest_code: Code) -> None:
    assert "Gửi mã cho tôi" in client.get("/login").text
    ask(client, way_back="/me/inbox")
    page = client.get("/login/code").text
    assert "••• 456" in page and "905 123" not in page
    answer = client.post("/login/code", {"code": newest_code()}, **BROWSER)
    assert (answer.status_code, answer["Location"]) == (302, "/me/inbox")
    profile = client.get("/me/settings")
    assert profile.status_code == 200
    assert f"Người dân {User.objects.get(kind='citizen').username}" in profile.text


@pytest.mark.parametrize(
    "way_back", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "\thttps://evil"]
)
def test_nobody_is_sent_elsewhere_after_signing_in(client: Client, newest_code: Code, way_back: str) -> None:
    ask(client, way_back=way_back)
    assert client.post("/login/code", {"code": newest_code()})["Location"] == "/"


def test_a_mistyped_number_is_explained_at_its_field(client: Client) -> None:
    answer = client.post("/login", {"phone": "0905"})
    assert answer.status_code == 422
    assert "chưa phải một số di động đầy đủ" in answer.text and 'value="0905"' in answer.text


def test_the_answer_for_a_known_number_is_that_for_an_unknown_one(newest_code: Code) -> None:
    with clock.at(NOW):
        first = Client()
        ask(first, "0905123456")
        first.post("/login/code", {"code": newest_code()})
    pages = []
    with clock.at(NOW + timedelta(hours=2)):
        for phone in ("0905123456", "0905777456"):
            browser = Client()
            ask(browser, phone)
            page = browser.get("/login/code")
            pages.append((page.status_code, re.sub(r"\b[A-Za-z0-9]{64}\b", "token", page.text)))
    assert pages[0] == pages[1]


def test_wrong_codes_are_counted_and_the_page_says_how_many_are_left(client: Client, newest_code: Code) -> None:
    ask(client)
    code = newest_code()
    answer = client.post("/login/code", {"code": "000000" if code != "000000" else "000001"})
    assert answer.status_code == 422 and "còn 4 lần thử" in answer.text
    assert client.post("/login/code", {"code": code}).status_code == 302


def test_sending_again_too_early_says_how_long_to_wait(client: Client) -> None:
    ask(client)
    answer = client.post("/login/code", {"again": "1"})
    assert answer.status_code == 429 and 0 < int(answer["Retry-After"]) <= 30


def test_the_code_page_without_a_code_leads_back(client: Client) -> None:
    assert client.get("/login/code")["Location"] == "/login"


def test_signing_in_changes_the_key_of_the_session_and_keeps_the_draft(client: Client, newest_code: Code) -> None:
    ask(client)
    session = client.session
    session["draft"] = "đèn đường không sáng"
    session.save()
    before = client.cookies["hues"].value
    client.post("/login/code", {"code": newest_code()})
    after = client.cookies["hues"].value
    assert after != before
    assert client.session["draft"] == "đèn đường không sáng"
    planted = Client()
    planted.cookies["hues"] = before  # whoever planted the key before the sign-in holds nothing
    assert planted.get("/me/settings").status_code == 302
    assert not Session.objects.filter(session_key=stored_key(before)).exists()


def test_the_table_of_sessions_lets_nobody_in(client: Client, citizen: User) -> None:
    sign_in(client, citizen)
    thief = Client()
    thief.cookies["hues"] = Session.objects.get(user=citizen).session_key
    assert thief.get("/me/settings").status_code == 302
    assert client.get("/me/settings").status_code == 200


def test_details_stay_closed_until_their_owner_asks(client: Client, citizen: User) -> None:
    sign_in(client, citizen)
    assert "905 123 456" not in client.get("/me/settings").text
    assert not JournalEntry.objects.filter(action="people.vault_opened").exists()
    assert "+84 905 123 456" in client.post("/me/settings", {}).text
    assert JournalEntry.objects.filter(action="people.vault_opened", actor_id=citizen.pk).count() == 1


def test_a_name_is_kept_in_the_vault_and_can_be_taken_back(client: Client, citizen: User) -> None:
    sign_in(client, citizen)
    assert client.post("/me/settings", {"name": "  Nguyễn   Thị Hương "}).status_code == 302
    assert 'value="Nguyễn Thị Hương"' in client.post("/me/settings", {}).text
    client.post("/me/settings", {"name": ""})
    assert actions.open_vault(actor=actor(citizen), user=citizen, purpose="test").name == ""


@pytest.mark.parametrize("name", ["x" * 121, "\x00", "\ud800"])
def test_a_name_that_cannot_be_kept_is_refused_clearly(client: Client, citizen: User, name: str) -> None:
    sign_in(client, citizen)
    data = {"name": name.encode("utf-8", "surrogatepass").decode("latin-1")} if "\ud800" in name else {"name": name}
    assert client.post("/me/settings", data).status_code in (302, 422)
    assert client.get("/me/settings").status_code == 200


def test_the_language_is_remembered_in_the_browser_and_in_the_account(client: Client, citizen: User) -> None:
    sign_in(client, citizen)
    answer = client.post("/language", {"language": "en", "next": "/me/settings"})
    assert answer["Location"] == "/me/settings"
    citizen.refresh_from_db()
    assert citizen.language == "en"
    assert "What we know about you" in client.get("/me/settings").text


@pytest.mark.parametrize("language", ["", "xx", "de", "vi" * 50, "\x00"])
def test_an_unknown_language_changes_nothing(client: Client, language: str) -> None:
    answer = client.post("/language", {"language": language})
    assert answer.status_code == 302 and "hues_language" not in client.cookies


def test_signing_out_ends_this_browser_and_everywhere_ends_all(client: Client, citizen: User) -> None:
    sign_in(client, citizen)
    other = sign_in(Client(), citizen)
    client.post("/logout")
    assert client.get("/me/settings").status_code == 302 and other.get("/me/settings").status_code == 200
    sign_in(client, citizen)
    other.post("/logout/everywhere")
    assert client.get("/me/settings").status_code == 302 and other.get("/me/settings").status_code == 302


def test_one_s_own_browsers_are_listed_and_nobody_else_s(
    client: Client, citizen: User, make_staff: Callable[..., User], newest_code: Code
) -> None:
    sign_in(Client(HTTP_USER_AGENT="Firefox/130 Windows"), make_staff("nguoi.khac"))
    with clock.at(clock.now() + timedelta(hours=2)):
        ask(client)
        client.post("/login/code", {"code": newest_code()}, **BROWSER)
        page = client.get("/me/settings").text
    assert "Chrome · Android" in page and "máy này" in page and "Windows" not in page


def test_a_session_ends_after_a_long_silence_and_at_a_certain_age(client: Client, citizen: User) -> None:
    with clock.at(NOW):
        sign_in(client, citizen)
    for day in (29, 58, 87, 116, 145, 174):
        with clock.at(NOW + timedelta(days=day)):
            assert client.get("/me/settings").status_code == 200
    with clock.at(NOW + timedelta(days=181)):
        assert client.get("/me/settings").status_code == 302
    silent = Client()
    with clock.at(NOW):
        sign_in(silent, citizen)
    with clock.at(NOW + timedelta(days=31)):
        assert silent.get("/me/settings").status_code == 302


def test_a_session_of_staff_lasts_a_shift(make_staff: Callable[..., User], client: Client) -> None:
    user = make_staff("can.bo", "operator", sample=True)
    with clock.at(NOW):
        client.post("/staff/login", {"username": "can.bo", "password": "mưa dầm thấm đất Huế"})
    assert Session.objects.get(user=user).expire_date == NOW + timedelta(hours=12)
    with clock.at(NOW + timedelta(hours=11)):
        assert client.get("/staff/account").status_code == 200
    assert Session.objects.get(user=user).expire_date == NOW + timedelta(hours=23)
    with clock.at(NOW + timedelta(hours=22)):
        assert client.get("/staff/account").status_code == 200
    with clock.at(NOW + timedelta(hours=24, seconds=1)):
        assert client.get("/staff/account").status_code == 302


def test_whoever_is_behind_a_request_costs_two_statements(
    client: Client, citizen: User, django_assert_num_queries: Callable[..., object]
) -> None:
    sign_in(client, citizen)
    client.get("/login")
    with django_assert_num_queries(2):  # the session, the account with its roles
        assert client.get("/login").status_code == 302


@pytest.mark.parametrize("path", ["/me/settings", "/staff/account", "/admin/people", "/admin/keys"])
def test_guests_are_led_to_the_right_door(client: Client, path: str) -> None:
    answer = client.get(path)
    door = "/login" if path.startswith("/me") else "/staff/login"
    assert answer.status_code == 302 and answer["Location"].startswith(f"{door}?next=%2F")
    assert client.post(path).status_code in (401, 405)


def test_the_page_of_text_messages_exists_in_the_sandbox_only_and_says_so(
    client: Client, settings: LazySettings, newest_code: Code
) -> None:
    ask(client)
    page = client.get("/dev/sms").text
    assert newest_code() in page and "người phát triển" in page and "HUES_SANDBOX" in page
    settings.SANDBOX = False
    assert client.get("/dev/sms").status_code == 404


def test_a_code_is_found_however_many_others_are_called(client: Client, newest_code: Code) -> None:
    ask(client)
    code = newest_code()
    for n in range(120):  # a storm: everybody on duty is called
        Sandbox().send(f"+8490000{n:04}", f"Hue-S: Can nguoi xu ly ngay {n}", message_id=uuid4())
    assert code in client.get("/dev/sms").text


def test_forms_need_their_token(newest_code: Code) -> None:
    strict = Client(enforce_csrf_checks=True)
    for path in ("/login", "/login/code", "/staff/login", "/language", "/logout", "/admin/keys"):
        assert strict.post(path, {"phone": "0905123456"}).status_code == 403, path
