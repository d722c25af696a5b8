"""What somebody hears who does not see the page: names, headings, landmarks, news as it comes, and where the focus is."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import Opened, code_for
from tests.e2e.test_pages import opened
from tests.served import Served

CONTROLS = {"link", "button", "textbox", "searchbox", "combobox", "checkbox", "radio", "slider", "switch", "spinbutton"}
NAMED_LANDMARKS = ("nav", "aside", "[role=navigation]", "[role=region]", "[role=search]", "dialog")
# A line of Playwright's aria snapshot: - role "name" [attribute] …
LINE = re.compile(r'^\s*- (?:\')?(?P<role>[a-z]+)(?: "(?P<name>(?:[^"\\]|\\.)*)")?')
# An icon's name of the sprite, a file's name, an address, a key of the program: nothing that anybody says.
NOT_SAID = re.compile(r"^[a-z]+(-[a-z]+)+$|\.(?i:jpe?g|png|svg|mp4|webp)\b|^https?:|^/|\{\w*\}|^[a-z]+_[a-z_]+$")


def heard(page: Page) -> list[tuple[str, str]]:
    """Roles and names of all that a screen reader comes to, in order."""
    lines = [LINE.match(line) for line in page.locator("body").aria_snapshot().splitlines()]
    return [(found["role"], found["name"] or "") for found in lines if found]


def unsaid(page: Page) -> list[str]:
    """Controls and pictures that no one could tell by their name."""
    wrong = []
    for role, name in heard(page):
        if role in CONTROLS and not name.strip():
            wrong.append(f"{role} without a name")
        elif role in CONTROLS | {"img"} and NOT_SAID.search(name):
            wrong.append(f"{role} named {name!r}")
    # The snapshot leaves out pictures without a name: each one has an alternative, or is said to be nothing to hear.
    wrong += [str(one) for one in page.evaluate(
        "[...document.images].filter((one) => !one.hasAttribute('alt')).map((one) => `picture without alt: ${one.src}`)"
    )]  # fmt: skip
    return wrong


def disorder(page: Page) -> list[str]:
    """What is wrong with headings and landmarks."""
    wrong = []
    levels = [int(level) for level in page.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].filter((one) => one.checkVisibility()).map((one) => one.tagName[1])"
    )]  # fmt: skip
    if levels.count(1) != 1:
        wrong.append(f"{levels.count(1)} first headings")
    wrong += [f"a heading {b} after {a}" for a, b in zip([0, *levels], levels, strict=False) if b > a + 1]
    for role, most in (("main", 1), ("banner", 1), ("contentinfo", 1)):
        n = page.get_by_role(role).count()  # type: ignore[arg-type]
        if n > most or (role == "main" and n != 1):
            wrong.append(f"{n} × {role}")
    names = [name for role, name in heard(page) if role == "navigation"]
    if "" in names or len(set(names)) != len(names):
        wrong.append(f"navigations named {names}")
    return wrong


def focused(page: Page) -> Locator:
    return page.locator("*:focus")


def described(field: Locator) -> str:
    """What is read after a field's name."""
    return str(field.evaluate(
        """field => ["aria-errormessage", "aria-describedby"].flatMap((name) => (field.getAttribute(name) ?? "").split(" "))
           .map((id) => id && document.getElementById(id)?.textContent).filter(Boolean).join(" ")"""
    ))  # fmt: skip


def filing(open_page: Opened, **options: object) -> Page:
    page = open_page("/report", **options)
    page.wait_for_selector("body[data-filing=ready]")
    return page


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_control_has_a_name_and_every_page_an_order(
    browser: Browser,
    served: Served,
    citizen_state: object,
    language: str,
) -> None:
    page = opened(browser, served, 360, "light", language, citizen_state)
    page.goto("/me")
    own = [str(link.get_attribute("href")) for link in page.locator("a.case-row").all()][:3]
    page.goto("/cases?state=resolved")
    public = str(page.locator("a.case-row").first.get_attribute("href"))
    wrong = []
    for path in ["/", "/report", "/me", *own, "/me/inbox", "/cases", public, "/login?next=/", "/me/settings"]:
        page.goto(path)
        wrong += [f"{path}: {one}" for one in [*unsaid(page), *disorder(page)]]
    page.context.close()
    assert not wrong, "\n".join(wrong)


def test_photos_of_a_case_are_told(browser: Browser, served: Served) -> None:
    page = opened(browser, served, 360, "light", "vi")
    page.goto("/cases?state=resolved")
    told = 0
    for path in [str(row.get_attribute("href")) for row in page.locator("a.case-row").all()[:3]]:
        page.goto(path)
        alts = page.evaluate(
            "[...document.querySelectorAll('main figure:not(.qr) img, main .photos img')].map((one) => one.alt)"
        )
        assert all(len(alt) > 8 and not NOT_SAID.search(alt) for alt in alts), alts
        assert len(set(alts)) == len(alts), "before and after are told apart"
        told += len(alts)
    page.context.close()
    assert told


def test_what_comes_while_filing_is_said(open_page: Opened, photo: Callable[[str], Path]) -> None:
    page = filing(open_page)
    page.evaluate(
        """window.said = [];
           new MutationObserver((all) => all.forEach(({ target }) => {
             const region = (target.nodeType === 1 ? target : target.parentElement).closest("[role=status],[role=alert],[aria-live=polite]");
             if (region?.checkVisibility()) said.push(region.textContent.replace(/\\s+/g, " ").trim());
           })).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["hidden"] });
           window.regions = [...document.querySelectorAll("#filing [role=status], #filing [aria-live=polite]")];"""
    )
    late = "regions.filter((one) => !one.closest('[data-speech],details') && !one.checkVisibility()).map((one) => one.outerHTML)"
    assert not page.evaluate(late), "a region that is not there before its text is not heard"

    def said(words: str) -> None:
        page.wait_for_function("words => said.some((one) => one.includes(words))", arg=words)

    page.set_input_files("#f-photos", photo("den"))
    said("Đã chọn 1 ảnh")
    preview = page.locator("[data-previews] li")
    assert preview.locator("img").get_attribute("alt") == "Ảnh 1"
    expect(preview.get_by_role("button")).to_have_accessible_name(re.compile("ảnh 1$", re.IGNORECASE))
    page.set_input_files("#f-album", photo("hai"))
    said("Đã chọn 2 ảnh")
    preview.first.get_by_role("button").click()
    expect(page.locator("[data-photos] [role=status]")).to_have_text("Đã chọn 1 ảnh")
    assert preview.locator("img").get_attribute("alt") == "Ảnh 1", "counted anew"
    assert not unsaid(page)

    page.fill("[name=body]", "Đèn đường tắt ba hôm nay, gọi tôi số 0905123456")
    said("Có thể là")  # the suggestions
    said("0905123456")  # what one may rather leave out
    page.locator("[data-choices] label", has_text="Đèn đường").first.click()
    said(page.locator("[data-promised]").inner_text())
    page.fill("[name=body]", "Nhà bên cạnh đang cháy lớn, có người mắc kẹt")
    said("114")


def test_what_is_wrong_is_where_the_focus_goes(open_page: Opened) -> None:
    page = filing(open_page)
    page.click("[data-send]")
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(summary).to_have_attribute("role", "alert")
    for link in summary.get_by_role("link").all():
        text = link.inner_text()
        link.focus()
        page.keyboard.press("Enter")
        field = focused(page)
        assert text in described(field), text
        if field.evaluate("one => one.matches('input, textarea')"):
            expect(field).to_have_attribute("aria-invalid", "true")
    page.fill("[name=address]", "27 Lê Lợi")
    assert "Ở đâu" not in described(page.locator("[name=address]")), "mended: nothing is said of it any more"
    expect(page.locator("[name=address]")).not_to_have_attribute("aria-invalid", "true")


def test_sheets_take_the_focus_and_give_it_back(open_page: Opened) -> None:
    page = filing(open_page)
    opener = page.locator("[data-opens=kinds]")
    opener.focus()
    page.keyboard.press("Enter")
    sheet = page.get_by_role("dialog")
    expect(sheet).to_have_accessible_name("Việc gì vậy?")
    assert page.evaluate("document.activeElement.closest('dialog')?.id") == "kinds"
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()

    page.keyboard.press("Enter")  # by arrows through the kinds: nothing is taken before it is meant
    page.locator("#kinds input[type=radio]").first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    third = page.locator("#kinds input:checked")
    expect(third).to_be_focused()
    word = third.locator("xpath=..").locator(".option-label").inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("#kinds")).not_to_be_visible()
    expect(page.locator("[data-choices] input:checked")).to_have_accessible_name(re.compile(re.escape(word)))
    expect(opener).to_be_focused()

    chosen = page.locator("[data-choices] input:checked")
    chosen.focus()
    page.keyboard.press("ArrowDown")  # the cards are drawn anew: the focus stays among them
    expect(chosen).to_be_focused()


def test_filing_by_ear_and_keyboard_from_the_first_tab_to_the_thanks(open_page: Opened) -> None:
    page = filing(open_page)

    def tab_to(selector: str, key: str = "Tab") -> None:
        for _ in range(60):
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            page.keyboard.press(key)
        raise AssertionError(f"the keyboard does not reach {selector} on {page.url}")

    page.keyboard.press("Tab")
    expect(focused(page)).to_have_class("skip")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    tab_to("#f-photos")
    tab_to("[name=address]")
    page.keyboard.type("27 Lê Lợi")
    page.keyboard.press("Escape")
    tab_to("[name=body]")
    page.keyboard.type("Đèn đường tắt ba hôm nay")
    expect(page.locator("[data-choices] label", has_text="Đèn đường").first).to_be_visible()
    tab_to("[data-choices] input", "Shift+Tab")
    page.keyboard.press("Space")
    tab_to("[data-send]")
    page.keyboard.press("Enter")
    page.locator("#near[open], #who[open]").wait_for()
    if page.locator("#near[open]").count():
        assert page.evaluate("document.activeElement.closest('dialog')?.id") == "near"
        assert not unsaid(page)
        tab_to("[data-not-same]")
        page.keyboard.press("Enter")
    sheet = page.get_by_role("dialog")
    expect(sheet).to_have_accessible_name("Số điện thoại di động")
    expect(page.locator("#f-phone")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("[data-send]")).to_be_focused()
    expect(page.locator("[data-send]")).not_to_have_attribute("aria-busy", "true")
    page.keyboard.press("Enter")
    page.locator("#who[open]").wait_for()
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    expect(page.locator("#f-phone")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#f-phone")).to_be_focused()
    assert page.locator("#e-phone").inner_text() in described(page.locator("#f-phone"))
    page.fill("#f-phone", "0900000044")
    page.keyboard.press("Enter")
    expect(page.locator("#f-code")).to_be_focused()
    expect(sheet).to_have_accessible_name(re.compile("6 số"))
    assert "3 phút" in described(page.locator("#f-code"))
    page.keyboard.type(code_for(open_page, "0900000044"))  # the sixth digit sends
    page.wait_for_url("**/report/sent/**")
    assert not disorder(page) and not unsaid(page)
