"""Open pages follow the city: a report that is filed is seen within a second, on the public map and at the desk, without a reload."""

import time
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import Opened, eventually
from tests.e2e.test_wall import EVER, SECOND, fallen_tree  # noqa: F401 - a fixture

DESK = {"width": 1440, "height": 900}


def _best_of_three(page: Page, file: Callable[[], str], seen: str) -> None:
    """`seen`: a JavaScript function of what there was before; false as long as nothing new is shown."""
    page.locator("body[data-live=open]").wait_for()
    took = []
    for _round in range(3):
        sent = time.monotonic()
        code = file()
        page.wait_for_function(seen, arg=code, polling=20)
        took.append(time.monotonic() - sent)
    assert min(took) < SECOND and max(took) < EVER, took


def test_the_triage_list_shows_a_report_at_once(sign_in: Opened, fallen_tree: Callable[[], str]) -> None:  # noqa: F811
    page = sign_in("truongca", "/desk/triage", viewport=DESK)
    _best_of_three(page, fallen_tree, "code => document.querySelector('[data-tri-list]').innerHTML.includes(code)")


def test_a_slow_answer_never_brings_back_an_older_list(sign_in: Opened, fallen_tree: Callable[[], str]) -> None:  # noqa: F811
    page = sign_in("truongca", "/desk/triage", viewport=DESK)
    page.locator("body[data-live=open]").wait_for()
    slow: list[tuple[Route, str]] = []

    def first_is_slow(route: Route) -> None:
        if slow:
            route.continue_()
        else:
            slow.append((route, route.fetch().text()))

    page.route("**/desk/triage/list**", first_is_slow)
    fallen_tree()
    eventually(page, lambda: slow, every_ms=50)
    code = fallen_tree()
    rows = page.locator("[data-tri-list]")
    expect(rows).to_contain_text(code)
    route, old = slow[0]
    assert code not in old
    with page.expect_response("**/desk/triage/list**") as answered:
        route.fulfill(body=old, content_type="text/html")
    answered.value.finished()
    page.evaluate("() => new Promise((done) => setTimeout(done, 50))")  # it has had its turn
    expect(rows).to_contain_text(code)


def test_the_desk_says_that_there_is_something_new(sign_in: Opened, fallen_tree: Callable[[], str]) -> None:  # noqa: F811
    page = sign_in("truongca", "/desk?queue=all", viewport=DESK)
    page.locator("body[data-live=open]").wait_for()
    fallen_tree()
    page.locator(".new-pill").first.wait_for(timeout=EVER * 1000)


ACCEPT = """async code => {
  const page = await (await fetch(`/desk/triage/cases/${code}`)).text();
  const form = new DOMParser().parseFromString(page, "text/html").querySelector("[data-accept]");
  return (await fetch(form.getAttribute("action"), { method: "POST", body: new URLSearchParams(new FormData(form)) })).status;
}"""


def test_the_public_map_draws_what_was_accepted_and_stays_where_one_looks(
    open_page: Opened, sign_in: Opened, fallen_tree: Callable[[], str]  # noqa: F811
) -> None:  # fmt: skip
    """What nobody has read is on no map; accepted, it is drawn at once."""
    operator = sign_in("truc2", "/desk/triage")
    page = open_page("/map", viewport=DESK)
    page.locator("body[data-live=open]").wait_for()
    page.wait_for_function("() => document.querySelector('[data-map]').huesMap?.huesData")
    page.evaluate(
        "() => document.querySelector('[data-map]').huesMap.jumpTo({ center: [107.5909, 16.4637], zoom: 16 })"
    )
    where = "() => { const map = document.querySelector('[data-map]').huesMap; return [map.getCenter().lng, map.getZoom()]; }"
    seen, took = page.evaluate(where), []
    for _round in range(3):
        code = fallen_tree()
        sent = time.monotonic()
        assert operator.evaluate(ACCEPT, code) < 400
        page.wait_for_function(
            "code => JSON.stringify(document.querySelector('[data-map]').huesMap.huesData).includes(code)",
            arg=code,
            polling=20,
        )
        took.append(time.monotonic() - sent)
    assert min(took) < SECOND and max(took) < EVER, took
    assert page.evaluate(where) == seen
