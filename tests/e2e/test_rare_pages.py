"""Pages that one comes to once in a while: nothing that axe finds, nothing that runs off the smallest screen at double text size."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.rare import CITIZEN, PASSWORD, rare_pages
from tests.e2e.test_pages import BEYOND, SIDEWAYS, opened
from tests.people.conftest import totp
from tests.served import Served
from tests.web import axe

OPEN = ("/open", "/open/reports", "/open/units", "/ogc?f=html", "/ogc/collections/reports/items?f=html&limit=5")
NOWHERE = "/khong-co-trang-nay"


def too_wide(page: Page) -> list[str]:
    """Which text sizes run off the smallest screen."""
    size, wrong = page.viewport_size or {}, []
    page.set_viewport_size({"width": 320, "height": 640})
    for text in ("100%", "200%"):
        page.evaluate("size => document.documentElement.style.fontSize = size", text)
        if (over := page.evaluate(SIDEWAYS)) > 0:
            wrong.append(f"at {text} of text: {over} px too wide: {page.evaluate(BEYOND)}")
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.set_viewport_size(size)  # type: ignore[arg-type]
    return wrong


def faults(page: Page, what: str = "") -> list[str]:
    return [f"{what or page.url}: {one}" for one in [*axe.run(page), *too_wide(page)]]


def visit(page: Page, paths: list[str]) -> list[str]:
    wrong = []
    for path in paths:
        answer = page.goto(path)
        assert answer and answer.status == (404 if path == NOWHERE else 200), f"{path}: {answer and answer.status}"
        wrong += faults(page, path)
    return wrong


@pytest.fixture(params=[(320, "dark", "en"), (360, "light", "vi")], ids=["320-dark-en", "360-light-vi"])
def view(request: pytest.FixtureRequest) -> Iterator[tuple[int, str, str]]:
    yield request.param


def code_in(page: Page, number: str) -> str:
    """The last code that the sandbox's provider was given for a number."""
    codes = page.context.new_page()
    codes.goto("/dev/sms")
    found = re.search(r"(?<!\d)(\d{6})(?!\d)", codes.locator("li", has_text=number[-9:]).first.inner_text())
    codes.close()
    assert found
    return found.group(1)


def test_what_a_guest_comes_to_rarely(browser: Browser, served: Served, view: tuple[int, str, str]) -> None:
    made = rare_pages(served)
    page = opened(browser, served, *view)
    page.goto("/follow?category=DT01")
    expect(page.locator("[name=phone]")).to_be_visible()  # signed out: asked first who it is
    wrong = faults(page, "/follow, signed out")
    page.fill("[name=phone]", "0900000057" if view[2] == "vi" else "0900000056")
    page.click("main form button")
    page.wait_for_url("**/login/code")
    wrong += faults(page)
    page.fill("[name=code]", "12")
    page.click("main form button.wide")
    expect(page.locator("[name=code][aria-invalid=true]")).to_be_visible()
    wrong += faults(page, "/login/code, refused")
    paths = [made["followed"], made["erased"], made["no mails"], made["no warnings"], NOWHERE, *OPEN]
    wrong += visit(page, paths)
    page.context.close()
    assert not wrong, "\n".join(wrong)


def test_what_is_near_is_told_to_everyone(browser: Browser, served: Served, view: tuple[int, str, str]) -> None:
    page = opened(browser, served, *view)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 16.4637, "longitude": 107.5909})
    page.goto("/")
    page.locator("[data-near]:visible").first.click()
    expect(page.locator(".near-head").first).to_be_visible()
    wrong = faults(page, "/near on the home page")
    page.context.close()
    assert not wrong, "\n".join(wrong)


def test_what_somebody_comes_to_rarely(
    browser: Browser,
    served: Served,
    citizen_state: object,
    view: tuple[int, str, str],
) -> None:
    made = rare_pages(served)
    page = opened(browser, served, *view, citizen_state)
    asked = ["/follow", "/follow?lat=16.4637&lon=107.5909", "/me/following", made["conduct"]]
    wrong = visit(page, [*asked, "/me/settings/erase", "/confirm?next=/me/settings/erase"])
    page.click("main button[name=send]")
    page.locator("[name=code]").wait_for()
    wrong += faults(page, "/confirm, a code is there")
    page.fill("[name=code]", code_in(page, CITIZEN))
    page.locator("main form:has([name=code]) button.wide").click()
    page.wait_for_url("**/me/settings/erase")
    wrong += faults(page, "/me/settings/erase, confirmed")
    page.context.close()
    assert not wrong, "\n".join(wrong)


def test_the_second_factor_from_its_setup_on(browser: Browser, served: Served) -> None:
    newcomer = rare_pages(served)["newcomer"]
    page = opened(browser, served, 360, "dark", "vi")

    def sign_in() -> None:
        page.goto("/staff/login?next=/staff/account")
        page.fill("[name=username]", newcomer)
        page.fill("[name=password]", PASSWORD)
        page.click("main form button")

    sign_in()
    page.wait_for_url("**/staff/mfa/setup")
    wrong = faults(page)
    page.fill("[name=code]", "000000")
    page.click("main form button.wide")
    expect(page.locator("[name=code][aria-invalid=true]")).to_be_visible()
    wrong += faults(page, "/staff/mfa/setup, refused")
    page.fill("[name=code]", totp(page.locator("main ol code").inner_text()))
    page.click("main form button.wide")
    page.locator("main", has_text="khôi phục").wait_for()
    wrong += faults(page, "recovery codes")
    page.goto("/staff/account")
    wrong += faults(page)
    page.context.clear_cookies()
    sign_in()
    page.wait_for_url("**/staff/mfa")
    wrong += faults(page)
    page.context.close()
    assert not wrong, "\n".join(wrong)


def test_the_sheets_of_filing(browser: Browser, served: Served, view: tuple[int, str, str]) -> None:
    page = opened(browser, served, *view)
    page.goto(rare_pages(served)["same"])
    page.wait_for_selector("body[data-filing=ready]")
    page.click("[data-opens=kinds]")
    wrong = faults(page, "#kinds")
    page.fill("#f-look", "zzqqxx")
    expect(page.locator("[data-picker-none]")).to_be_visible()
    wrong += faults(page, "#kinds, nothing found")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")  # the first one empties the search
    page.fill("[name=body]", "?")
    page.click("[data-send]")
    page.locator("#near[open]").wait_for()
    wrong += faults(page, "#near")
    page.click("[data-not-same]")
    page.locator("#who[open]").wait_for()
    wrong += faults(page, "#who")
    page.context.close()
    assert not wrong, "\n".join(wrong)
