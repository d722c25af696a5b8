"""A call, as the operator lives it: it pops up, a report is filed by keys, it ends, one key says how."""

import re
import time
from uuid import uuid4

from playwright.sync_api import expect

from tests.e2e.conftest import Opened
from tests.served import Served
from tests.web import axe


def test_a_call_pops_up_and_ends_in_a_report_by_keys(sign_in: Opened, served: Served) -> None:
    url, name = f"{served.base_url}/api/v1/cti/events", f"e2e-{uuid4().hex[:8]}"

    def tell(kind: str, *data: str) -> None:
        served.hues("cti", "send", kind, name, "--url", url, *[word for one in data for word in ("--data", one)])

    desk = sign_in("truc1", "/desk/calls")
    desk.fill("#seat-extension", "2871")
    with desk.expect_navigation():
        desk.click("button.available")
    expect(desk.locator("button.available")).to_have_attribute("aria-pressed", "true")
    desk.wait_for_selector("body[data-live=open]")
    assert axe.run(desk) == []

    tell("ring", "direction=in", "from=0900000055", "agent=2871")
    rang = time.monotonic()
    card = desk.locator(".call-card")
    expect(card).to_contain_text("900 000 055")
    assert time.monotonic() - rang < 5, "a second on a machine of one's own; this one runs many tests"
    expect(card).to_contain_text("Chưa xác nhận")
    expect(desk).to_have_title(re.compile(r"^\(\d+\) "))  # how many wait

    tell("answer", "agent=2871")
    expect(desk.locator(".call-card .call-state")).to_contain_text("Đang nói")
    assert axe.run(desk) == []
    desk.keyboard.press("r")
    desk.wait_for_url("**/desk/calls/*?do=report")
    expect(desk.locator("#report textarea[name=body]")).to_be_focused()
    desk.keyboard.type("Đèn đường trước nhà không sáng ba hôm nay, tối om")
    expect(desk.locator("[data-suggestions] [data-kind]").first).to_contain_text("Đèn đường")
    desk.keyboard.press("Alt+1")
    expect(desk.locator("[name=category]")).to_have_value("DT01")
    expect(desk.locator("[name=address]")).to_be_focused()
    desk.keyboard.type("27 Lê Lợi")
    assert axe.run(desk) == []
    with desk.expect_navigation():
        desk.keyboard.press("Control+Enter")
    linked = desk.locator("#linked")
    expect(linked).to_contain_text(re.compile(r"PA-[A-Z0-9]{4}-[A-Z0-9]{2}"))
    code = re.search(r"PA-[A-Z0-9]{4}-[A-Z0-9]{2}", linked.inner_text())
    assert code

    tell("hangup")
    desk.wait_for_url("**?do=wrap", wait_until="load")  # by itself: nobody was typing
    expect(desk.locator(".wrap-codes")).to_be_visible()
    with desk.expect_navigation():
        desk.keyboard.press("1")
    expect(desk.locator(".call-lines").first).to_contain_text(code.group())

    desk.goto(f"/desk/cases/{code.group()}")
    expect(desk.locator("main")).to_contain_text("Đèn đường trước nhà không sáng")
    desk.set_viewport_size({"width": 360, "height": 740})
    for page in ("/desk/calls", "/desk/calls/callbacks", "/desk/calls/all", "/desk/calls/numbers", "/desk/calls/surge"):
        desk.goto(page)
        wide = desk.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{page} is {wide} px too wide"
        assert axe.run(desk) == [], page
