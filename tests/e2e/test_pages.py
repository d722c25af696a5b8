"""Every page in a real browser: nothing that axe finds, nothing that runs off the side, photos that load, keys that work, news that arrives."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import PASSWORD, Opened
from tests.e2e.test_way_of_a_report import PHONE_NUMBER, code_of, file_report, take
from tests.served import Served
from tests.web import axe

VIEWS = [(360, "light", "vi"), (360, "dark", "en"), (1440, "dark", "vi"), (1440, "light", "en")]
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


BEYOND = """() => [...document.querySelectorAll("main *")].filter((one) => one.getBoundingClientRect().right > innerWidth)
    .map((one) => `${one.tagName}.${one.className} ${one.textContent.trim().slice(0, 30)}`).slice(0, 4).join(" | ")"""


LATE = "[hx-trigger=load] a[href*='/panels']"  # what is fetched after the page is part of it


@pytest.fixture(scope="module")
def desk_state(browser: Browser, served: Served) -> dict[str, dict[str, object]]:
    """Signed-in sessions of the people at the desk, made once."""
    found = {}
    for name in ("truc1", "truc2", "truongca", "hepco", "kiemtoan", "admin"):
        context = browser.new_context(base_url=served.base_url, locale="vi-VN")
        page = context.new_page()
        home = "/admin/people" if name == "admin" else "/desk"
        page.goto(f"/staff/login?next={home}")
        page.fill("[name=username]", name)
        page.fill("[name=password]", PASSWORD)
        page.click("main form button")
        page.wait_for_url(f"**{home}")
        found[name] = dict(context.storage_state())
        context.close()
    return found


def opened(browser: Browser, served: Served, width: int, theme: str, language: str, state: object = None) -> Page:
    context: BrowserContext = browser.new_context(
        base_url=served.base_url,
        viewport={"width": width, "height": 900},
        color_scheme=theme,  # type: ignore[arg-type]
        locale=f"{language}-VN",
        reduced_motion="reduce",
        storage_state=state,  # type: ignore[arg-type]
        service_workers="block",
    )
    context.add_cookies([{"name": "hues_language", "value": language, "url": served.base_url}])
    return context.new_page()


def first(page: Page, path: str, rows: str) -> list[str]:
    """Where the first rows of a list lead: one case of each state that the list has to show."""
    page.goto(path)
    return [str(link.get_attribute("href")) for link in page.locator(rows).all()[:1]]


def examine(page: Page, paths: list[str]) -> list[str]:
    """What is wrong on these pages, for the width that the page has."""
    wrong = []
    for path in paths:
        errors: list[str] = []
        page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))  # type: ignore[misc]
        answer = page.goto(path)
        assert answer and answer.status == 200, f"{path}: {answer and answer.status}"
        expect(page.locator(LATE)).to_have_count(0)
        page.evaluate("document.querySelectorAll('img[loading=lazy]').forEach((one) => one.loading = 'eager')")
        page.evaluate("Promise.all([...document.images].map((one) => one.decode().catch(() => 0)))")
        blank = page.evaluate("[...document.images].filter((one) => !one.naturalWidth).map((one) => one.src)")
        wrong += [f"{path}: no picture {one}" for one in blank] + [f"{path}: {one}" for one in errors]
        wrong += [f"{path}: {one}" for one in axe.run(page)]
        if page.evaluate(SIDEWAYS) > 0:
            wrong.append(f"{path}: scrolls sideways")
    return wrong


@pytest.mark.parametrize(("width", "theme", "language"), VIEWS)
def test_what_everyone_sees_is_for_everyone(
    browser: Browser, served: Served, width: int, theme: str, language: str
) -> None:
    page = opened(browser, served, width, theme, language)
    cases = first(page, "/cases?state=resolved", "a.case-row") + first(page, "/cases?state=open", "a.case-row")
    wrong = examine(page, ["/", "/report", "/cases?state=resolved", "/cases?q=khong-co-gi-ca", "/map", *cases])
    page.context.close()
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("width", "theme", "language"), VIEWS)
def test_ones_own_cases_in_every_stage_are_for_everyone(
    browser: Browser, served: Served, citizen_state: object, width: int, theme: str, language: str
) -> None:
    page = opened(browser, served, width, theme, language, citizen_state)
    page.goto("/me")
    mine = [str(link.get_attribute("href")) for link in page.locator("a.case-row").all()][:5]
    wrong = examine(page, ["/me", *mine])
    page.context.close()
    assert len(mine) > 2 and not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("width", "theme", "language"), VIEWS)
def test_the_desk_is_for_everyone(
    browser: Browser,
    served: Served,
    desk_state: dict[str, dict[str, object]],
    width: int,
    theme: str,
    language: str,
) -> None:
    wrong = []
    for name, queues in {
        "truongca": ("triage", "checking", "extensions"),
        "hepco": ("all",),
        "kiemtoan": ("late",),
    }.items():
        page = opened(browser, served, width, theme, language, desk_state[name])
        cases = [case for queue in queues for case in first(page, f"/desk?queue={queue}", "a.work-row")]
        wrong += examine(page, [f"/desk?queue={queues[0]}", *cases])
        if name == "truongca":  # an open step is part of the page
            page.locator("details.step summary").first.click()
            wrong += axe.run(page)
        page.context.close()
    assert not wrong, "\n".join(wrong)


ROOM = (
    "/desk/triage",
    "/desk/dispatch",
    "/desk/calls",
    "/desk/duty",
    "/desk/incidents",
    "/desk/orders",
    "/desk/scorecards",
)
BESIDE = {  # what one comes to less often, by who comes
    "": (
        "/numbers",
        "/numbers/definitions",
        "/privacy",
        "/rules",
        "/terms",
        "/login",
        "/offline",
        "/embed",
        "/me/drafts",
    ),
    "citizen": ("/me/settings", "/me/settings/notices", "/me/following", "/me/inbox", "/me/drafts"),
    "truongca": ("/desk/assist", "/desk/reveals", "/report/for", "/qr"),
    "admin": ("/admin/deliveries", "/admin/people"),
}


@pytest.mark.parametrize(("width", "theme", "language"), [(360, "light", "vi"), (1440, "dark", "en")])
def test_the_pages_beside_are_for_everyone(
    browser: Browser,
    served: Served,
    desk_state: dict[str, dict[str, object]],
    citizen_state: object,
    width: int,
    theme: str,
    language: str,
) -> None:
    states = {"": None, "citizen": citizen_state, **desk_state}
    wrong = []
    for who, paths in BESIDE.items():
        page = opened(browser, served, width, theme, language, states[who])
        wrong += examine(page, list(paths))
        page.context.close()
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("theme", "language"), [("light", "vi"), ("dark", "en")])
def test_text_of_double_size_fits_the_smallest_screen(
    browser: Browser,
    served: Served,
    desk_state: dict[str, dict[str, object]],
    citizen_state: object,
    theme: str,
    language: str,
) -> None:
    wrong = []
    for state, paths in (
        (None, ["/", "/report", "/map", *BESIDE[""], "/cases"]),
        (citizen_state, [*BESIDE["citizen"], "/me"]),
        (desk_state["truongca"], [*BESIDE["truongca"], *ROOM, "/desk"]),
        (desk_state["hepco"], ["/desk/tasks", "/desk"]),
    ):
        page = opened(browser, served, 320, theme, language, state)
        for path in [*paths, *first(page, paths[-1] if state else "/cases", "a.case-card, a.case-row, a.work-row")]:
            page.goto(path)
            expect(page.locator(LATE)).to_have_count(0)
            for size in ("100%", "200%"):
                page.evaluate("size => document.documentElement.style.fontSize = size", size)
                if (over := page.evaluate(SIDEWAYS)) > 0:
                    wrong.append(f"{path} at {size}: {over} px too wide: {page.evaluate(BEYOND)}")
        page.context.close()
    assert not wrong, "\n".join(wrong)


def test_the_keyboard_alone_accepts_and_opens(
    browser: Browser, served: Served, desk_state: dict[str, dict[str, object]]
) -> None:
    page = opened(browser, served, 1440, "light", "vi", desk_state["truc1"])
    page.goto("/desk?queue=triage")
    page.keyboard.press("?")
    expect(page.locator("#keys-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[data-row]").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/cases/**")
    code = code_of(page)
    page.keyboard.press("n")
    step = page.locator("details.step[open]")
    expect(step).to_have_count(1)
    for _ in range(40):  # through the fields to the button
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('details.step[open] form > button')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    expect(page.locator(".step.first")).to_have_count(0)  # it is somebody else's turn
    assert code in page.url
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    page.context.close()


def test_the_desk_hears_of_a_new_report_and_two_hands_are_told_apart(
    browser: Browser,
    served: Served,
    desk_state: dict[str, dict[str, object]],
    open_page: Opened,
    photo: Callable[[str], Path],
) -> None:
    waiting = opened(browser, served, 1440, "light", "vi", desk_state["truc2"])
    waiting.goto("/desk?queue=triage")
    waiting.locator("body[data-live=open]").wait_for()
    mine = file_report(open_page, photo("moi"), "Đèn đường cuối kiệt không sáng.", phone="0900000046")
    code = code_of(mine)
    pill = waiting.locator(".new-pill")
    expect(pill).to_be_visible(timeout=2_000)
    pill.click()
    expect(waiting.locator("[data-row]", has_text=code)).to_be_visible()

    other = opened(browser, served, 1440, "light", "vi", desk_state["truc1"])
    other.goto(f"/desk/cases/{code}")
    waiting.goto(f"/desk/cases/{code}")
    take(other, "accept")
    expect(other.locator("main")).to_contain_text("Trung tâm Công viên Cây xanh")
    take(waiting, "accept")
    expect(waiting.locator("[role=alert]").first).to_be_visible()
    expect(waiting.locator("#step-accept")).to_have_count(0)  # the case as it is now
    expect(mine.locator("main")).to_contain_text("Trung tâm Công viên Cây xanh", timeout=5_000)  # without reloading
    waiting.context.close()
    other.context.close()


def test_fields_that_do_not_apply_are_hidden_and_the_preview_follows(
    browser: Browser, served: Served, desk_state: dict[str, dict[str, object]]
) -> None:
    page = opened(browser, served, 1440, "light", "vi", desk_state["truc1"])
    page.goto("/desk?queue=triage")
    page.locator("[data-row]").last.click()
    page.locator("#step-accept summary").click()
    agency = page.locator("[name=accept__agency]")
    other = agency.locator("option").nth(3)
    agency.select_option(value=str(other.get_attribute("value")))
    expect(page.locator("#step-accept .preview")).to_contain_text(other.inner_text().strip())
    page.context.close()


def test_the_map_draws_and_the_picker_finds(open_page: Opened) -> None:
    errors: list[str] = []
    page = open_page("/map", viewport={"width": 1440, "height": 900})
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.reload()
    expect(page.locator(".map canvas")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert not errors, errors
    assert PHONE_NUMBER not in page.content()
