"""A real browser and a served city. Without Chromium on this machine these tests are skipped, saying so."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.served import Served

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}
PASSWORD = "hue-s-sample-city"
expect.set_options(timeout=15_000)  # a loaded machine is slow, not wrong
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = os.environ.get("HUES_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not program:
        pytest.skip("no Chromium on this machine (make test installs it as root)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def citizen_state(browser: Browser, served: Served) -> dict[str, Any]:
    """A citizen of the sample city with cases in several stages."""
    context = browser.new_context(base_url=served.base_url, locale="vi-VN")
    page = context.new_page()
    page.goto("/login?next=/me")
    page.fill("[name=phone]", "0900000003")
    page.click("main form button")
    page.wait_for_url("**/login/code**")
    codes = context.new_page()
    codes.goto("/dev/sms")
    said = codes.locator("li", has_text="900000003").first.inner_text()
    found = re.search(r"(?<!\d)(\d{6})(?!\d)", said)
    assert found, said
    page.fill("[name=code]", found.group(1))
    page.click("main form button")
    page.wait_for_url("**/me")
    state = dict(context.storage_state())
    context.close()
    return state


Opened = Callable[..., Page]


def eventually(page: Page, true: Callable[[], object], *, looks: int = 60, every_ms: int = 500) -> None:
    """For what `expect` cannot ask: looked at again and again, while the browser goes on."""
    for _look in range(looks):
        if true():
            return
        page.wait_for_timeout(every_ms)
    raise AssertionError(page.inner_text("main"))


def fill_in_a_lamp(page: Page, address: str, body: str) -> None:
    """The filing page, ready to be sent: a lamp that does not shine, its kind picked from the sheet."""
    page.fill("[name=address]", address)
    page.keyboard.press("Escape")
    page.fill("[name=body]", body)
    page.click("[data-opens=kinds]")
    page.fill("#f-look", "den duong")
    page.locator("#kinds label:visible", has_text="Đèn đường").first.click()


@pytest.fixture
def open_page(browser: Browser, served: Served) -> Iterator[Opened]:
    """Opens a page of the city in a browser of its own: `open_page("/", **context options)`. A script error fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_(path: str, **options: Any) -> Page:
        settings: dict[str, Any] = {"viewport": PHONE, "locale": "vi-VN", "timezone_id": "Asia/Ho_Chi_Minh", **options}
        context = browser.new_context(base_url=served.base_url, **settings)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not errors, errors


@pytest.fixture(scope="session")
def kept_sessions() -> dict[str, Any]:
    """Cookies of members of staff by name: one typed password serves many tests, as the city limits how often it is tried."""
    return {}


@pytest.fixture
def sign_in(open_page: Opened, kept_sessions: dict[str, Any]) -> Opened:
    """A member of staff at the desk: `sign_in("truc1")`."""

    def sign_in_(username: str, path: str = "/desk", **options: Any) -> Page:
        options = {"viewport": DESK, **options}
        if username in kept_sessions:
            page = open_page(path, storage_state=kept_sessions[username], **options)
            if "/staff/login" not in page.url:
                return page
        page = open_page(f"/staff/login?next={path}", **options)
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        page.click("main form button")
        page.wait_for_url(f"**{path}")
        kept_sessions[username] = page.context.storage_state()
        return page

    return sign_in_


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A photo file with a word on it."""
    folder = tmp_path_factory.mktemp("photos")

    def make(word: str) -> Path:
        path = folder / f"{word}.jpg"
        if not path.exists():
            image = Image.effect_noise((1600, 1200), 60).convert("RGB")
            ImageDraw.Draw(image).rectangle((400, 300, 1200, 900), fill=(hash(word) % 200, 80, 120))
            image.save(path, quality=85)
        return path

    return make


def code_for(open_page: Opened, phone: str) -> str:
    """The code that the sandbox provider shows for a number."""
    page = open_page("/dev/sms")
    row = page.locator("article, li, tr", has_text=phone[-9:]).filter(has_text=re.compile(r"\b\d{6}\b")).first
    digits = row.locator("text=/\\b\\d{6}\\b/").first.inner_text()
    return next(
        word for word in digits.replace(":", " ").split() if word.strip("#.").isdigit() and len(word.strip("#.")) == 6
    )
