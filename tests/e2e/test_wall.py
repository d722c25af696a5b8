"""The wall in a browser: it knows of a new report within a second, goes through its arrangements, and hangs on a screen with nobody signed in."""

import time

import httpx
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Opened
from tests.served import Served, served  # noqa: F401 - a fixture
from tests.web import axe

WALL = {"width": 1920, "height": 1080}
SOON = 5.0  # seconds in all on a busy machine: the relay, the stream, one look at the panes; benchmarks/live.py has the bound for a calm one


def received(page: Page) -> int:
    return int(page.locator(".pane-numbers dd").last.inner_text().replace(".", ""))


def file_fallen_tree(served: Served) -> str:  # noqa: F811
    key = served.hues("key", "create", "--scope", "reports", "wall").stdout.strip()
    answer = httpx.post(
        f"{served.base_url}/api/v1/reports",
        headers={"Authorization": f"Bearer {key}", "Idempotency-Key": f"wall-{time.time_ns()}"},
        json={"category": "DT03", "body": "Cây ngã chắn ngang đường.", "lat": 16.4637, "lon": 107.5909},
        timeout=10,
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


def test_it_knows_of_what_just_happened_and_needs_nobody(sign_in: Opened, served: Served, open_page: Opened) -> None:  # noqa: F811
    page = sign_in("truongca", "/wall", viewport=WALL)
    page.locator("body[data-live=open]").wait_for()
    page.locator("[data-wall-map][data-filled]").wait_for()
    page.click("[data-wall-pause]")
    assert page.evaluate(
        "document.documentElement.scrollWidth <= innerWidth && document.body.scrollHeight <= innerHeight"
    )
    assert not axe.run(page)
    before = received(page)
    code = file_fallen_tree(served)
    sent = time.monotonic()
    page.wait_for_function(
        "n => +document.querySelector('.pane-numbers dl div:last-child dd').textContent.replace('.', '') > n",
        arg=before,
    )
    assert time.monotonic() - sent < SOON

    page.keyboard.press("2")
    expect(page.locator(".wall-centre", has_text=code)).to_be_visible()
    expect(page.locator("[data-layout][aria-current=page]")).to_have_text("Tức thời")
    clock = page.locator(".pane-decisions li", has_text=code).locator("[data-until]")
    first = clock.inner_text()
    expect(clock).not_to_have_text(first)

    page.goto("/wall/layouts")
    page.fill("[name=screen_name]", "Phòng họp tầng 2")
    page.click("form[action$='/screens/open'] button")
    link = page.locator(".screen-link").inner_text()
    screen = open_page(link.removeprefix(served.base_url), viewport=WALL)
    expect(screen.locator(".pane-numbers")).to_be_visible()
    assert screen.context.cookies() == [] or all(c["name"] != "sessionid" for c in screen.context.cookies())
    screen.locator("body[data-live=open]").wait_for()
    page.locator("form[action$='/end'] button").last.click()
    assert screen.goto(link).status == 404  # type: ignore[union-attr]
