"""One-time codes, as people and as fraudsters use them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import translation

from hues.kernel import clock
from hues.kernel.errors import Forbidden, Invalid, TooMany
from hues.kernel.models import JournalEntry
from hues.people import actions, codes, jobs
from hues.people.models import OneTimeCode, SandboxMessage, User
from tests.people.conftest import NOW

PHONE = "0905 123 456"
Code = Callable[[], str]


def send(
    session: str = "phone", phone: str = PHONE, purpose: str = "sign-in", ip: str = "203.0.113.7"
) -> actions.SentCode:
    return actions.send_code(phone=phone, purpose=purpose, session_key=session, ip=ip)


def confirm(code: str, session: str = "phone", purpose: str = "sign-in") -> User:
    return actions.confirm_code(code=code, purpose=purpose, session_key=session, ip="203.0.113.7")


def test_a_new_number_gets_an_account_and_finds_it_again(newest_code: Code) -> None:
    with clock.at(NOW):
        send()
        first = confirm(newest_code())
    with clock.at(NOW + timedelta(hours=2)):
        send("tablet")
        assert confirm(newest_code(), "tablet") == first
    assert first.kind == "citizen" and not first.has_usable_password()
    assert JournalEntry.objects.filter(action="people.account_opened", subject_id=first.pk).count() == 1


def test_the_code_is_six_digits_and_nowhere_in_the_database(newest_code: Code) -> None:
    send()
    code = newest_code()
    assert len(code) == codes.DIGITS and code.isdigit()
    row = OneTimeCode.objects.values().get()
    assert code not in str({k: v for k, v in row.items() if k not in ("id", "sent_at", "expires_at")})
    assert b"905123456" not in bytes(row["sealed_phone"])


def test_a_code_is_typed_as_it_is_read(newest_code: Code) -> None:
    send()
    code = newest_code()
    assert confirm(f" {code[:3]} {code[3:]} ").kind == "citizen"


def test_after_five_wrong_tries_even_the_right_code_is_dead(newest_code: Code) -> None:
    send()
    code = newest_code()
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(Invalid) as refused:
            confirm(wrong)
        assert (str(left) in refused.value.fields["code"]) == bool(left)
    with pytest.raises(Invalid):
        confirm(code)
    assert not User.objects.filter(kind="citizen").exists()


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "\x00" * 6, "0" * 10_000, "９９９９９９"]
)
def test_nonsense_is_a_wrong_code(typed: str) -> None:
    send()
    with pytest.raises(Invalid):
        confirm(typed)


def test_a_code_lives_180_seconds(newest_code: Code) -> None:
    with clock.at(NOW):
        send("a")
        early = newest_code()
    with clock.at(NOW + timedelta(seconds=179)):
        assert confirm(early, "a")
    later = NOW + timedelta(minutes=10)
    with clock.at(later):
        send("b")
        late = newest_code()
    with clock.at(later + timedelta(seconds=180)), pytest.raises(Invalid) as refused:
        confirm(late, "b")
    assert refused.value.code == "code-outdated"


def test_a_code_works_once(newest_code: Code) -> None:
    send()
    code = newest_code()
    confirm(code)
    with pytest.raises(Invalid):
        confirm(code)


def test_a_code_works_only_in_the_browser_and_for_the_purpose_it_was_asked_for(newest_code: Code) -> None:
    send()
    code = newest_code()
    with pytest.raises(Invalid):
        confirm(code, session="thief")
    with pytest.raises(Invalid):
        confirm(code, purpose="report")
    assert confirm(code)


def test_purposes_have_their_own_live_codes(newest_code: Code) -> None:
    send()
    sign_in = newest_code()
    send(purpose="report")
    assert confirm(newest_code(), purpose="report") == confirm(sign_in)


def test_a_newer_code_replaces_the_older_one(newest_code: Code) -> None:
    with clock.at(NOW):
        send()
        old = newest_code()
    with clock.at(NOW + timedelta(seconds=31)):
        send()
        new = newest_code()
        assert new != old
        with pytest.raises(Invalid):
            confirm(old)
        assert confirm(new)


def test_sending_again_waits_longer_each_time(newest_code: Code) -> None:
    moment = NOW
    for pause in (30, 60, 120, 300, 300):
        with clock.at(moment):
            assert send().resend_at == moment + timedelta(seconds=pause)
        with clock.at(moment + timedelta(seconds=pause - 1)), pytest.raises(TooMany) as refused:
            actions.resend_code(purpose="sign-in", session_key="phone")
        assert refused.value.retry_after == 1
        moment += timedelta(seconds=pause)
    with clock.at(moment):
        actions.resend_code(purpose="sign-in", session_key="phone")
        assert confirm(newest_code())


def test_sending_again_needs_a_browser_that_asked_before_and_not_too_long_ago() -> None:
    with pytest.raises(Invalid):
        actions.resend_code(purpose="sign-in", session_key="stranger")
    with clock.at(NOW):
        send()
    with clock.at(NOW + codes.RESEND_WITHIN + timedelta(seconds=1)), pytest.raises(Invalid):
        actions.resend_code(purpose="sign-in", session_key="phone")


def test_known_and_unknown_numbers_get_the_same_answer(newest_code: Code) -> None:
    with clock.at(NOW):
        send("a", "0905123456")
        confirm(newest_code(), "a")
    with clock.at(NOW + timedelta(hours=2)):
        known, unknown = send("b", "0905123456"), send("c", "0905999456")
    assert known == unknown
    texts = SandboxMessage.objects.order_by("-id")[:2]
    assert len({text.text[6:100].split("\n")[0] for text in texts}) == 1


def test_a_number_has_a_daily_budget() -> None:
    limit, _window = codes.PER_PHONE
    for n in range(limit):
        with clock.at(NOW + timedelta(minutes=61 * n)):
            send(ip="")
    with clock.at(NOW + timedelta(minutes=61 * limit)), pytest.raises(TooMany):
        send(ip="")
    with clock.at(NOW + timedelta(days=1, minutes=1)):
        send(ip="")


def test_an_address_has_an_hourly_budget_and_an_ipv6_subscriber_one_for_all_addresses() -> None:
    limit, _window = codes.PER_ADDRESS
    for n in range(limit):
        send(phone=f"09051{n:05d}", ip=f"2001:db8:1:2::{n:x}")
    with pytest.raises(TooMany):
        send(phone="0905199999", ip="2001:db8:1:2:ffff::1")
    send(phone="0905199999", ip="2001:db8:1:3::1")


def test_numbers_abroad_have_a_small_budget_for_each_country() -> None:
    limit, _window = codes.PER_COUNTRY_ABROAD
    for n in range(limit):
        send(phone=f"+8190123400{n:02d}", ip="")
    with pytest.raises(TooMany):
        send(phone="+819012340099", ip="")
    send(phone="+16176354500", ip="")
    send(phone="0905000001", ip="")


def test_the_whole_system_has_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "IN_ALL", (3, 3600))
    for n in range(3):
        send(phone=f"090500000{n}", ip="")
    with pytest.raises(TooMany):
        send(phone="0905000009", ip="")


def test_a_closed_account_cannot_be_entered_and_only_its_owner_learns_it(citizen: User, newest_code: Code) -> None:
    User.objects.filter(pk=citizen.pk).update(is_active=False)
    send()
    with pytest.raises(Forbidden):
        confirm(newest_code())


def test_no_code_and_no_number_reach_the_log(caplog: pytest.LogCaptureFixture, newest_code: Code) -> None:
    caplog.set_level("DEBUG")
    send()
    code = newest_code()
    with pytest.raises(Invalid):
        confirm("000000" if code != "000000" else "000001")
    confirm(code)
    logged = "\n".join(
        f"{record.getMessage()} {record.__dict__}" for record in caplog.records if record.name != "django.db.backends"
    )
    assert code not in logged and "905123456" not in logged


@pytest.mark.parametrize(("language", "word"), [("vi", "mã"), ("en", "code")])
def test_the_message_is_in_the_reader_s_language_and_fits_one_part(language: str, word: str) -> None:
    with translation.override(language):
        text = codes.message("012345")
    assert text.splitlines()[-1].startswith("@") and text.endswith("#012345")
    assert "012345" in text.splitlines()[0]
    if language == "vi":
        assert text.isascii() and "ma" in text.split()
    else:
        assert word in text
    assert len(text) <= 160


def test_numbers_of_codes_nobody_confirmed_are_forgotten(newest_code: Code) -> None:
    with clock.at(NOW):
        send()
    with clock.at(NOW + timedelta(minutes=16)):
        jobs.tidy(0)
        assert bytes(OneTimeCode.objects.get().sealed_phone) == b""
    with clock.at(NOW + timedelta(days=2)):
        jobs.tidy(0)
        assert not OneTimeCode.objects.exists()


def test_a_used_code_forgets_its_number_at_once(newest_code: Code) -> None:
    send()
    confirm(newest_code())
    assert bytes(OneTimeCode.objects.get().sealed_phone) == b""
