"""Somebody on duty shares where they are, from a phone, and takes it back."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE, Opened

HERE = {"latitude": 16.46, "longitude": 107.59, "accuracy": 9}
ON_DUTY = "pc071"  # of the crew that is on duty when the sample is loaded, for 24 hours


def state(page: Page) -> dict[str, object]:
    return page.evaluate("fetch('/desk/duty/position').then((answer) => answer.json())")


def test_a_position_is_shared_after_a_press_and_erased_after_another(sign_in: Opened) -> None:
    page = sign_in(ON_DUTY, "/desk/duty/mine", viewport=PHONE, geolocation=HERE, permissions=["geolocation"])
    card = page.locator("[data-duty-position]")
    expect(card).to_be_visible()
    assert state(page)["sharing"] is False  # nothing happens by itself
    with page.expect_response(lambda answer: b"do=note" in (answer.request.post_data_buffer or b"")):
        card.locator("[data-start]").click()
    expect(card.locator("[data-status]")).to_contain_text("Trung tâm thấy")
    assert state(page)["at"]
    card.locator("[data-stop]").click()
    expect(card.locator("[data-status]")).to_contain_text("Không ai thấy")
    assert state(page) == {"on_duty": True, "sharing": False, "until": None, "until_text": "", "at": None}
