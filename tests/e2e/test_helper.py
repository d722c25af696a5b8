"""A helper of a neighbourhood files for somebody who cannot do it alone; staff in the citizens' app find their way back."""

import re

from playwright.sync_api import expect

from tests.e2e.conftest import PHONE, Opened, fill_in_a_lamp
from tests.web import axe


def test_a_helper_begins_where_help_is_given_and_ends_with_a_code_for_paper(open_page: Opened) -> None:
    page = open_page("/staff/login")
    page.fill("[name=username]", "totruong")
    page.fill("[name=password]", "hue-s-sample-city")
    page.click("main form button")
    page.wait_for_url("**/report/for")  # no desk: the work is here
    assert not axe.run(page)
    assert page.locator("a[href='/desk']").count() == 0  # nothing leads where there is nothing

    page.locator("[name=consent]").check()
    page.click("button[name=go]")
    page.wait_for_url("**/report?for=*")
    page.wait_for_selector("body[data-filing=ready]")
    expect(page.locator("[data-for-other]")).to_be_visible()
    fill_in_a_lamp(page, "số 12 đường Nguyễn Huệ", "Đèn trước nhà bà không sáng, tối rất khó đi")
    page.click("[data-send]")
    near = page.locator("#near[open]")
    near.or_(page.locator(".sent-code")).first.wait_for()
    if near.count():
        page.click("[data-not-same]")
    page.wait_for_url(re.compile(r"/report/for/[0-9a-f-]{36}$"))
    expect(page.locator(".sent-code strong")).to_have_text(re.compile(r"^[A-Z0-9-]+$"))
    expect(page.locator("main")).to_contain_text("viết")  # nobody is told by telephone: write it down
    assert not axe.run(page)
    page.locator("main a.button").click()
    page.wait_for_url("**/report/for")

    page.locator("details.menu > summary").click()
    menu = page.locator(".menu-list")
    assert [str(one.get_attribute("href")) for one in menu.locator("a").all()] == [
        "/report/for", "/qr", "/staff/account",
    ]  # fmt: skip
    assert not axe.run(page)
    menu.get_by_role("link", name="Tài khoản của tôi").click()
    page.wait_for_url("**/staff/account")
    page.locator(".desk-heading a").click()
    page.wait_for_url("**/report/for")


def test_staff_find_back_to_the_desk_from_the_citizens_app(sign_in: Opened) -> None:
    page = sign_in("truc1", viewport=PHONE)
    page.goto("/cases")
    page.locator(".top-bar details.menu > summary").click()
    menu = page.locator(".top-bar .menu-list")
    expect(menu.get_by_role("link", name="Gửi giúp người khác")).to_be_visible()
    assert not axe.run(page)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    menu.get_by_role("link", name="Bàn làm việc").click()
    page.wait_for_url("**/desk")

    auditor = sign_in("kiemtoan")
    auditor.locator("details.menu > summary").click()
    expect(auditor.locator(".menu-list a[href='/staff/account']")).to_be_visible()
    expect(auditor.locator(".menu-list a[href='/report/for']")).to_have_count(0)  # who may not help is not led there
