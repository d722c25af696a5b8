"""An incident's board in a real browser: written by keys, live for everybody within a second, clean at both widths."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESK, PHONE
from tests.web import axe

SignIn = Callable[..., Page]


def board_of(page: Page) -> str:
    """The address of the running sample incident."""
    return str(page.locator(".incident-card").first.get_attribute("href"))


def test_a_line_is_written_by_keys_and_read_elsewhere_within_a_second(sign_in: SignIn) -> None:
    reader, writer = sign_in("truc2", "/desk/incidents"), sign_in("truongca", "/desk/incidents")
    here = board_of(reader)
    reader.goto(here)
    expect(reader.locator("body")).to_have_attribute("data-live", "open")
    writer.goto(here)
    words = f"Đã thông đường lúc {time.time():.0f}"
    writer.keyboard.press("r")
    expect(writer.locator("#log-caller")).to_be_focused()
    writer.keyboard.type("Tổ 1")
    writer.keyboard.press("Enter")
    writer.keyboard.type(words)
    with writer.expect_response(re.compile(r"/do/log$")):
        writer.keyboard.press("Enter")
    began = time.monotonic()
    expect(reader.locator("#log").get_by_text(words)).to_be_visible()
    assert time.monotonic() - began < 3, "the other screen was slow to know"  # half a second on an idle machine
    expect(writer.locator("#log").get_by_text(words)).to_be_visible()
    expect(writer.locator("#log-body")).to_be_focused()
    expect(writer.locator("#log-body")).to_have_value("")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_pages_are_clean(sign_in: SignIn, size: dict[str, int]) -> None:
    page = sign_in("truongca", "/desk/incidents", viewport=size)
    here, over = board_of(page), str(page.locator("table a").first.get_attribute("href"))
    wrong: list[str] = []
    for path in ("/desk/incidents", here, "/desk/incidents/new", f"{here}/area", f"{here}/sitrep/1", f"{over}/review"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        wrong += [f"{path}: {one}" for one in axe.run(page)]
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > size["width"]:
            wrong.append(f"{path}: {wide} px wide")
    assert not wrong, "\n".join(wrong)


def test_a_circle_is_drawn_on_the_map(sign_in: SignIn) -> None:
    page = sign_in("truongca", "/desk/incidents/new")
    page.locator('[name="kind"][value="flood"]').check(force=True)
    expect(page.locator('[name="name"]')).not_to_have_value("")
    page.locator('[data-tool="circle"]').click()
    expect(page.locator("[data-draw]")).to_have_attribute("data-ready", "")
    page.locator("[data-draw] .map").click(position={"x": 200, "y": 150})
    expect(page.locator('[name="radius_m"]')).to_have_value("1000")
    assert page.locator('[name="lat"]').input_value().startswith("16.")
