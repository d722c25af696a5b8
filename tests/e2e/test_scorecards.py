"""A leader looks at the city in the morning: the brief, a figure, the records behind it, and at last gives an order."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web import axe

SignIn = Callable[..., Page]
PHONE = {"width": 360, "height": 740}
PAGES = (
    "/desk/scorecards/brief",
    "/desk/scorecards?grain=year&by=category&show=on_time_original",
    "/desk/scorecards/agencies?grain=year",
    "/desk/scorecards/agencies/HEP?grain=year",
    "/desk/scorecards/fairness?grain=year",
    "/desk/scorecards/indicators",
)


def test_from_a_number_to_its_records_and_to_an_order(sign_in: SignIn) -> None:
    page = sign_in("vanphong", "/desk/scorecards")
    page.goto("/desk/scorecards?grain=month")
    page.locator(".score-steps a").first.click()  # of a month that is over: nothing is received while this looks
    page.wait_for_url("**at=**")
    number = page.locator(".score-headline .score-big-value a").first
    count = int(re.sub(r"\D", "", number.inner_text()))
    number.click()
    expect(page.locator("h1 .num")).to_have_text(f"{count:,}".replace(",", "."))
    rows = page.locator(".score-record")
    seen = rows.count()
    while (older := page.locator(".page-links a[rel=next]")).count():
        with page.expect_navigation():
            older.click()
        seen += rows.count()
    assert seen == count
    page.goto("/desk/scorecards?grain=year")
    page.locator(".score-links a[href^='/desk/orders/new']").first.click()
    expect(page).to_have_url(re.compile(r"/desk/orders/new\?kind=number&ref=received"))
    expect(page.locator("main form")).to_be_visible()


def test_pages_fit_and_are_open_to_everybody(sign_in: SignIn) -> None:
    page = sign_in("truongca", "/desk/scorecards/brief")
    for path in PAGES:
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(path)
        assert axe.run(page) == [], path
        page.set_viewport_size(PHONE)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    page.set_viewport_size({"width": 1440, "height": 900})


def test_the_paper_opens(sign_in: SignIn) -> None:
    page = sign_in("truongca", "/desk/scorecards/brief")
    answer = page.request.get("/desk/scorecards/brief.pdf")
    assert answer.ok and answer.body().startswith(b"%PDF-")
