"""Me too, and merge: a second citizen finds the first one's report before sending, joins it, hears its news; the centre can part them again."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Opened, code_for
from tests.e2e.test_way_of_a_report import code_of, file_report, take
from tests.served import until

FIRST, SECOND = "0900000063", "0900000064"


def join(open_page: Opened, photo: Path, code: str) -> Page:
    """The second citizen writes about the same lamp and says so; returns the page that thanks."""
    page = open_page("/report", geolocation={"latitude": 16.46372, "longitude": 107.59092}, permissions=["geolocation"])
    page.wait_for_selector("body[data-filing=ready]")
    page.set_input_files("#f-photos", photo)
    page.fill("[name=body]", "Đèn đường trước số 27 Lê Lợi không sáng")
    page.click("[data-opens=kinds]")
    page.locator("#kinds label", has_text="Đèn đường").first.click()
    page.click("[data-send]")
    card = page.locator("#near[open] .near-card", has=page.locator(f"[data-joins='{code}']"))
    expect(card).to_contain_text(" m")  # how far
    expect(card.locator("h3")).to_contain_text("Đèn đường")
    card.locator("[data-joins]").click()
    page.locator("#who[open]").wait_for()
    page.fill("#f-phone", SECOND)
    page.locator("#who form:visible button").first.click()
    page.locator("#f-code:visible").wait_for()
    page.fill("#f-code", code_for(open_page, SECOND))
    page.wait_for_url("**/report/sent/**")
    return page


def test_me_too_hears_the_news_and_can_be_parted(
    open_page: Opened, sign_in: Opened, photo: Callable[[str], Path]
) -> None:
    first = code_of(file_report(open_page, photo("nha-mot"), "Đèn đường số 27 Lê Lợi tối om", phone=FIRST))
    operator = sign_in("truc1")
    operator.goto(f"/desk/cases/{first}")
    take(operator, "accept")

    thanks = join(open_page, photo("nha-hai"), first)
    second = thanks.url.rpartition("/")[2]
    assert second != first
    expect(thanks.locator("main")).to_contain_text(first)

    officer = sign_in("cayxanh")
    officer.goto(f"/desk/cases/{first}")
    take(officer, "start")
    until(lambda: thanks.goto("/me/inbox") and first in thanks.locator("main").inner_text(), "no news of the first one")

    operator.goto(f"/desk/cases/{second}")
    take(operator, "unmerge")
    for code in (first, second):
        operator.goto(f"/desk/cases/{code}")
        expect(operator.locator("main")).to_contain_text(code)
        expect(operator.locator("#step-unmerge")).to_have_count(0)
    thanks.goto(f"/me/cases/{second}")
    expect(thanks.locator("main")).to_contain_text("27 Lê Lợi")
    assert thanks.locator("main img").count() >= 1, "it kept its photo"
