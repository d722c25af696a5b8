"""Many hands at once, against a served city: a code opens one door, and a number is sent one code."""

import re
import secrets
import threading
from collections.abc import Callable

import httpx
import pytest

from tests.served import Served

HANDS = 6
pytestmark = pytest.mark.slow


def token(browser: httpx.Client, path: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(path).text)
    assert found
    return found[1]


def at_once(hand: Callable[[], bool]) -> int:
    """How many of the hands got what they wanted, all of them moving together."""
    got: list[bool] = []
    threads = [threading.Thread(target=lambda: got.append(hand())) for _ in range(HANDS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(got)


def new_number() -> str:
    return f"0905{secrets.randbelow(10**6):06d}"


def browser(city: Served, cookies: dict[str, str] | None = None) -> httpx.Client:
    return httpx.Client(base_url=city.base_url, headers={"Referer": city.base_url}, cookies=cookies, timeout=30)


def test_one_of_many_confirmations_wins(served: Served) -> None:
    with browser(served) as phone:
        number = new_number()
        sent = phone.post("/login", data={"csrfmiddlewaretoken": token(phone, "/login"), "phone": number})
        assert sent.status_code == 302
        message = phone.get("/dev/sms").text.split(f"+84{number[1:]}")[1]
        code = re.findall(r"#(\d{6})", message)[0]
        form = {"csrfmiddlewaretoken": token(phone, "/login/code"), "code": code}
        cookies = dict(phone.cookies)

    def signed_in() -> bool:
        with browser(served, cookies) as same:
            same.post("/login/code", data=form)
            return same.get("/me/settings").status_code == 200

    assert at_once(signed_in) == 1


def test_a_number_asked_for_from_many_browsers_is_sent_one_code(served: Served) -> None:
    number = new_number()

    def sent() -> bool:
        with browser(served) as other:
            form = {"csrfmiddlewaretoken": token(other, "/login"), "phone": number}
            return other.post("/login", data=form).status_code == 302

    assert at_once(sent) == 1
