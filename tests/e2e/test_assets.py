"""Which lamp: offered on the filing page once place and kind are known, on a chip and on the map, and never needed."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from hues.kernel.geo import distance_m

Opened = Callable[..., Page]


@pytest.mark.parametrize("by", ["chip", "map"])
def test_a_lamp_is_picked_by_its_chip_or_its_dot(open_page: Opened, by: str) -> None:
    """A label of a lamp says where it stands; the page without its name offers it."""
    page = open_page("/report")
    found = page.evaluate("async () => (await (await fetch('/api/v1/assets?layer=lamp&limit=1')).json()).features[0]")
    lon, lat = found["geometry"]["coordinates"]
    code = found["properties"]["code"]
    assert distance_m(lat, lon, 16.46, 107.58) < 20_000
    page.goto(f"/report?category=DT01&lat={lat}&lon={lon}")
    chip = page.locator("[data-things] button", has_text=code)
    expect(chip).to_have_attribute("aria-pressed", "false")
    if by == "chip":
        chip.click()
    else:
        page.locator("[data-map-fold] summary").click()
        page.locator(f'.map-thing[aria-label$="{code}"]').dispatch_event("click")
    expect(chip).to_have_attribute("aria-pressed", "true")
    chip.click()
    expect(chip).to_have_attribute("aria-pressed", "false")
