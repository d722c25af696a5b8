"""A leader's order in a real browser: given from a figure, accepted, reported, checked, closed; and clean pages at both widths."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESK, PHONE
from tests.web import axe

SignIn = Callable[..., Page]
TITLE = "Thay hết bóng hỏng trên đường Hùng Vương"


def give(page: Page, title: str) -> str:
    """Fill in what the number did not fill in, and give it. Returns the code."""
    page.select_option("[name=agency]", "CVX")
    page.fill("[name=title]", title)
    page.fill("[name=text]", "Kiểm tra cả tuyến ban đêm, thay bóng hỏng, lập danh sách trụ đã sửa.")
    with page.expect_navigation():
        page.click("main form button.button")
    found = re.search(r"/desk/cases/([A-Z0-9-]+)", page.url)
    assert found, page.url
    return found.group(1)


def press(page: Page, step: str, **fields: str) -> None:
    form = page.locator(f"#step-{step}")
    if form.locator("summary").count():
        form.locator("summary").click()
    for name, value in fields.items():
        form.locator(f"[name={step}__{name}]").fill(value)
    with page.expect_navigation():
        form.locator("button").last.click()


def test_an_order_from_a_figure_to_its_end(sign_in: SignIn) -> None:
    chair = sign_in("vanphong")
    chair.goto("/desk/scorecards?grain=month")
    figure = chair.locator(".score-figure", has=chair.locator(".score-links a[href*='/desk/orders/new']")).first
    name = figure.locator(".score-name").inner_text()
    figure.locator(".score-links a[href*='/desk/orders/new']").click()
    expect(chair.locator("main .note").first).to_contain_text(name)
    chair.select_option("[name=agency]", "CVX")
    chair.fill("[name=title]", TITLE)
    chair.click("main form button.button")
    expect(chair.locator(".error-summary")).to_be_visible()  # what exactly is missing
    expect(chair.locator("[name=title]")).to_have_value(TITLE)
    expect(chair.locator("[name=evidence]")).not_to_have_value("")  # something always proves it
    code = give(chair, TITLE)
    expect(chair.locator("#the-order + dl")).to_contain_text(name)
    expect(chair.locator("h1")).to_have_text(TITLE)
    expect(chair.locator("#the-order")).to_be_visible()

    officer = sign_in("cayxanh", "/desk/orders")
    expect(officer.locator("main")).to_contain_text(TITLE)
    officer.goto(f"/desk/cases/{code}")
    press(officer, "accept")
    press(officer, "report", text="Đã thay 12 bóng, danh sách trụ đã sửa gửi kèm trong nội dung này.")

    chair.goto("/desk/orders?box=given&list=check")
    chair.locator(".work-row", has_text=TITLE).click()
    press(chair, "confirm")
    chair.goto("/desk/orders?box=given&list=closed")
    expect(chair.locator(".work-row", has_text=TITLE)).to_contain_text("Đã hoàn thành")


def test_a_chart_and_a_case_lead_to_an_order(sign_in: SignIn) -> None:
    chair = sign_in("vanphong", "/desk/scorecards")
    chair.locator(".score-trend figcaption a", has_text="Giao chỉ đạo").click()
    assert "kind=chart" in chair.url
    code = give(chair, "Xem lại biểu đồ và báo cáo nguyên nhân")
    chair.goto("/desk/scorecards")
    chair.locator(".score-trend .already-fold summary").click()  # the next leader sees it
    expect(chair.locator(".score-trend .already-fold")).to_contain_text(code)

    lead = sign_in("truongca", "/desk?queue=all")
    lead.locator("a.work-row[href^='/desk/cases/']").first.click()
    lead.wait_for_url("**/desk/cases/*")
    origin = lead.url.rsplit("/", 1)[1].split("?")[0]
    lead.locator("a[href*='/desk/orders/new?kind=case']").click()
    expect(lead.locator("main .note").first).to_contain_text(origin)
    code = give(lead, "Kiểm tra tại chỗ việc này trong ngày")
    expect(lead.locator("#the-order + dl a")).to_have_attribute("href", f"/desk/cases/{origin}")
    lead.goto(f"/desk/cases/{origin}")
    expect(lead.locator("section", has=lead.locator("#orders-here"))).to_contain_text(code)


def test_a_number_of_an_agency_leads_to_an_order(sign_in: SignIn) -> None:
    department = sign_in("xaydung.ld")
    department.goto("/desk/agency?agency=CVX")
    department.locator("#late .give-order").click()
    expect(department.locator("[name=agency]")).to_have_value("CVX")
    expect(department.locator("main .note").first).to_contain_text("Trễ")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["360", "1440"])
def test_the_pages_are_clean(sign_in: SignIn, size: dict[str, int]) -> None:
    page = sign_in("cayxanh.ld", viewport=size)
    for address in ("/desk/agency", "/desk/promises", "/desk/orders"):
        page.goto(address)
        assert axe.run(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], address
