"""The main job of the whole system, as people do it: a guest on a phone, an operator, an officer, the quality gate, the public, the rating."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Opened, code_for
from tests.web import axe

PHONE_NUMBER = "0900000041"  # of the sandbox's own block; nobody has an account with it before
STREET = "số 27 đường Lê Lợi"


def file_report(open_page: Opened, photo: Path, words: str, *, phone: str = PHONE_NUMBER) -> Page:
    """A guest files with a photo and confirms by code; returns the page of the new case."""
    page = open_page("/report", geolocation={"latitude": 16.4637, "longitude": 107.5909}, permissions=["geolocation"])
    page.wait_for_selector("body[data-filing=ready]")
    page.set_input_files("#f-photos", photo)
    page.fill("[name=address]", STREET)
    page.keyboard.press("Escape")
    page.fill("[name=body]", words)
    page.click("[data-opens=kinds]")
    page.fill("#f-look", "den duong")
    page.locator("#kinds label:visible", has_text="Đèn đường").first.click()
    assert axe.run(page) == []
    page.click("[data-send]")
    sheet = page.locator("#near[open], #who[open]")
    sheet.wait_for()
    if page.locator("#near[open]").count():
        page.click("[data-not-same]")
    page.locator("#who[open]").wait_for()
    assert axe.run(page) == []
    page.fill("#f-phone", phone)
    page.locator("#who form:visible button").first.click()
    page.locator("#f-code:visible").wait_for()
    page.fill("#f-code", code_for(open_page, phone))  # the sixth digit sends
    page.wait_for_url("**/report/sent/**")
    assert axe.run(page) == []
    page.locator("main a.button", has_text="Theo dõi việc này").click()
    page.wait_for_url("**/me/cases/**")
    return page


def code_of(page: Page) -> str:
    found = re.search(r"/cases/([A-Z0-9-]+)", page.url)
    assert found, page.url
    return found.group(1)


def take(page: Page, step: str, **fields: str) -> None:
    """Open a step on the desk, fill in what it asks, send."""
    form = page.locator(f"#step-{step}")
    if form.locator("summary").count() and form.get_attribute("open") is None:
        form.locator("summary").click()
    for name, value in fields.items():
        control = form.locator(f"[name={step}__{name}]")
        if control.first.evaluate("el => el.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    with page.expect_navigation():
        form.locator("button").last.click()


def test_from_a_broken_lamp_to_a_reopened_case(
    open_page: Opened, sign_in: Opened, photo: Callable[[str], Path]
) -> None:
    mine = file_report(open_page, photo("truoc"), "Đèn đường trước nhà không sáng ba hôm nay, tối rất nguy hiểm.")
    code = code_of(mine)
    expect(mine.locator("main")).to_contain_text(code)
    assert open_page(f"/cases/{code}").locator("h1").inner_text() != "Đèn đường không sáng/sáng sai giờ", (
        "public before moderation"
    )

    operator = sign_in("truc1")
    operator.goto(f"/desk/cases/{code}")
    take(operator, "accept")
    expect(operator.locator("main")).to_contain_text("Trung tâm Công viên Cây xanh")

    officer = sign_in("cayxanh")
    officer.goto(f"/desk/cases/{code}")
    assert "0900000041" not in officer.content(), "the agency must not learn who reported"
    take(officer, "start")
    take(
        officer,
        "answer",
        outcome="fixed_with_evidence",
        text="Kính gửi Quý Ông/Bà, chúng tôi đã thay bóng đèn tối nay.",
    )
    expect(officer.locator(".error-summary, [role=alert]").first).to_be_visible()  # no photo, no "fixed"
    officer.set_input_files("[name=answer__files]", photo("sau"))
    with officer.expect_navigation():
        officer.locator("#step-answer form button").last.click()
    expect(officer.locator("#step-answer")).to_have_count(0)

    operator.goto(f"/desk/cases/{code}")
    take(operator, "publish")
    public = open_page(f"/cases/{code}")
    expect(public.locator("figure.pair img")).to_have_count(2)
    expect(public.locator("main")).to_contain_text("đã thay bóng đèn")
    public.wait_for_function(  # the page may renew itself meanwhile: look at what is there
        """() => { const pair = [...document.querySelectorAll("figure.pair img")];
                   pair.forEach((one) => { one.loading = "eager"; });
                   return pair.length === 2 && pair.every((one) => one.complete && one.naturalWidth > 0); }"""
    )

    mine.goto(f"/me/cases/{code}")
    mine.locator("#rate label", has_text="Chưa hài lòng").click()
    mine.fill("[name=rate__reason]", "Đèn lại tắt sau một đêm.")
    with mine.expect_navigation():
        mine.locator("#rate form button").click()
    reopen = mine.locator("#reopen")
    if reopen.get_attribute("open") is None:
        reopen.locator("summary").click()
    mine.fill("[name=reopen__text]", "Bóng mới chỉ sáng được một đêm.")
    mine.select_option("[name=reopen__reason]", "not_fixed")
    with mine.expect_navigation():
        reopen.locator("form button").last.click()
    expect(mine.locator("#reopen")).to_have_count(0)

    officer.goto("/desk?queue=reopened")
    expect(officer.locator("main")).to_contain_text(code)  # reopening reaches the agency


def test_danger_is_met_with_numbers_and_never_blocked(open_page: Opened) -> None:
    page = open_page("/report")
    page.wait_for_selector("body[data-filing=ready]")
    page.fill("[name=address]", "27 Le Loi")
    page.keyboard.press("Escape")
    page.fill("[name=body]", "Nhà bên cạnh đang cháy lớn, có người mắc kẹt")
    expect(page.locator("[data-danger] a[href='tel:114']")).to_be_visible()
    expect(page.locator("[data-danger] a[href='tel:115']")).to_be_hidden()
    page.locator("[data-choices] label", has_text="Cháy").click()
    page.click("[data-send]")
    expect(page.locator("#who[open], #near[open]")).to_be_visible()


def test_the_way_works_without_scripts(open_page: Opened, photo: Callable[[str], Path]) -> None:
    page = open_page("/report", java_script_enabled=False)
    expect(page.locator("button[name=send]")).to_be_hidden()
    page.set_input_files("#f-photos", photo("khong-script"))
    page.fill("[name=address]", "27 Lê Lợi")
    page.click("button[name=next]")
    page.wait_for_load_state()
    if page.url.endswith("/report"):  # several places are meant: choose one
        page.locator("input[name=suggestion]").first.check(force=True)
        page.click("button[name=next]")
    page.wait_for_url("**/report/what")
    page.fill("[name=look]", "rac")
    page.click("button[name=search]")
    page.locator("input[name=category]").first.check(force=True)
    page.fill("[name=body]", "Rác tồn đọng bốc mùi")
    with page.expect_navigation():
        page.click("button[name=next]")
    if page.url.endswith("/report/what"):
        page.click("button[name=next]")
    page.wait_for_url("**/report/check")
    page.fill("[name=phone]", "0900000042")
    page.click("button[name=send]")
    page.wait_for_url("**/report/confirm")
    page.fill("[name=code]", code_for(open_page, "0900000042"))
    page.click("button[name=confirm]")
    page.wait_for_url("**/report/sent/**")
    page.goto(page.url.replace("/report/sent/", "/me/cases/"))
    assert page.locator("main img").count() >= 1


def test_a_citizen_sees_the_step_within_a_second_without_reloading(
    open_page: Opened, sign_in: Opened, photo: Callable[[str], Path]
) -> None:
    mine = file_report(open_page, photo("truoc"), "Đèn đường đầu kiệt chớp tắt liên tục.", phone="0900000043")
    code = code_of(mine)
    mine.goto(f"/me/cases/{code}")
    mine.locator("body[data-live=open]").wait_for()
    operator = sign_in("truc1")
    operator.goto(f"/desk/cases/{code}")
    operator.locator("#step-accept summary").click()
    operator.locator("#step-accept form button").last.click()
    expect(mine.locator("main")).to_contain_text("Trung tâm Công viên Cây xanh", timeout=2_000)
