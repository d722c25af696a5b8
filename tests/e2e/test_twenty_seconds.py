"""Twenty seconds: what a report takes, in taps and keys, counted in the browser while a thumb does it."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE, Opened, code_for

HERE = {"latitude": 16.4712, "longitude": 107.5803}
COUNT = """(() => {
  window.counted = { taps: 0, keys: 0 };
  addEventListener("pointerdown", (event) => { if (event.isTrusted) window.counted.taps += 1; }, true);
  addEventListener("keydown", (event) => { if (event.isTrusted) window.counted.keys += 1; }, true);
})()"""


def signed_in(open_page: Opened, phone: str) -> Page:
    """A citizen's phone with the position allowed, touched by a thumb."""
    page = open_page(
        "/login?next=/me", viewport=PHONE, has_touch=True, is_mobile=True, geolocation=HERE, permissions=["geolocation"]
    )
    page.fill("[name=phone]", phone)
    page.locator("main form button").first.click()
    page.wait_for_url("**/login/code**")
    page.fill("[name=code]", code_for(open_page, phone))
    page.locator("main form button").first.click()
    page.wait_for_url("**/me")
    return page


def test_four_taps_and_no_key(open_page: Opened, photo: Callable[[str], Path]) -> None:
    page = signed_in(open_page, "0900000051")
    page.add_init_script(COUNT)
    page.goto("/report")
    page.wait_for_selector("body[data-filing=ready]")
    began = time.monotonic()
    with page.expect_file_chooser() as chooser:
        page.locator("label.camera").tap()
    chooser.value.set_files(photo("hai-muoi-giay"))
    expect(page.locator("[data-known].is-known")).to_be_visible()  # the place is there without being asked for
    page.locator("[data-choices] label").first.tap()  # and so are three kinds
    page.locator("[data-send]").tap()
    page.wait_for_function(
        "() => document.querySelector('#near[open]') || location.pathname.startsWith('/report/sent/')"
    )
    counted = page.evaluate("window.counted")
    if page.locator("#near[open]").count():
        page.locator("[data-not-same]").tap()
        counted["taps"] += 1
    page.wait_for_url("**/report/sent/**")
    took = time.monotonic() - began
    expect(page.locator(".sent-code strong")).to_contain_text("PA-")
    assert counted["taps"] <= 4 and counted["keys"] == 0, counted
    assert took < 12, f"{took:.1f} s on a busy machine: a person needs the rest of the twenty"


def test_what_was_begun_is_there_after_a_reload_and_a_mistake_is_named_beside_its_field(
    open_page: Opened, photo: Callable[[str], Path]
) -> None:
    page = open_page("/report")
    page.wait_for_selector("body[data-filing=ready]")
    page.click("[data-send]")
    expect(page.locator(".error-summary")).to_be_focused()
    for field in ("address", "category", "body"):
        expect(page.locator(f"#e-{field}")).to_be_visible()
    page.set_input_files("#f-album", photo("giu-lai"))
    page.fill("[name=body]", "Rác tồn đọng đầu kiệt")
    page.fill("[name=address]", "27 Lê Lợi")
    page.keyboard.press("Escape")
    expect(page.locator("#e-body")).to_be_hidden()
    page.locator("[data-choices] label", has_text="Rác").first.click()
    page.wait_for_timeout(600)  # the draft is written a moment after the last touch
    page.reload()
    page.wait_for_selector("body[data-filing=ready]")
    expect(page.locator("[name=body]")).to_have_value("Rác tồn đọng đầu kiệt")
    expect(page.locator("[name=address]")).to_have_value("27 Lê Lợi")
    expect(page.locator(".photo-preview")).to_have_count(1)
    expect(page.locator("[data-choices] input:checked")).to_have_count(1)


def test_a_qr_code_brings_the_thing_and_its_place(open_page: Opened) -> None:
    page = open_page(
        "/report?category=DT01&lat=16.4637&lon=107.5909&asset=Tr%E1%BB%A5+0123&place=27+L%C3%AA+L%E1%BB%A3i"
    )
    page.wait_for_selector("body[data-filing=ready]")
    expect(page.locator("[data-asset-name]")).to_have_text("Trụ 0123")
    expect(page.locator("[name=address]")).to_have_value("27 Lê Lợi")
    expect(page.locator("[data-choices] input:checked")).to_have_value("DT01")
    expect(page.locator("[data-unit]")).to_contain_text("Thuận Hóa")


SPEECH = """
window.SpeechRecognition = class extends EventTarget {
  start() { setTimeout(() => {
    this.dispatchEvent(new Event("start"));
    const part = Object.assign([{ transcript: "đèn đường tắt" }], { isFinal: true });
    this.dispatchEvent(Object.assign(new Event("result"), { results: [part] }));
  }); }
  stop() { this.dispatchEvent(new Event("end")); }
  abort() {}
};
"""


def test_dictation_asks_first_and_writes(open_page: Opened) -> None:
    page = open_page("/report?new=1")
    page.add_init_script(SPEECH)
    page.reload()
    button = page.locator("[data-speech] button")
    button.click()
    expect(page.locator("[data-interim]")).to_contain_text("Đồng ý")
    expect(page.locator("[name=body]")).to_have_value("")
    button.click()
    expect(page.locator("[name=body]")).to_have_value("đèn đường tắt")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(page.locator("[data-choices] label", has_text="Đèn đường")).to_be_visible()


def test_without_speech_on_the_phone_there_is_no_button(open_page: Opened) -> None:
    page = open_page("/report?new=1")
    page.add_init_script("delete window.SpeechRecognition; delete window.webkitSpeechRecognition;")
    page.reload()
    page.wait_for_selector("body[data-filing=ready]")
    expect(page.locator("[data-speech]")).to_be_hidden()


def test_without_a_network_the_report_is_kept_and_sent_when_there_is_one(
    open_page: Opened, photo: Callable[[str], Path]
) -> None:
    page = signed_in(open_page, "0900000053")
    page.goto("/report")
    page.wait_for_selector("body[data-filing=ready]")
    page.context.set_offline(True)
    page.set_input_files("#f-photos", photo("mat-mang"))
    page.fill("[name=body]", "rác tồn đọng hôi thối đầu kiệt")
    page.locator("[data-choices] label", has_text="Rác").first.click()  # its own words found it
    page.click("[data-send]")
    expect(page.locator("[data-on-device]")).to_be_visible()
    page.context.set_offline(False)
    page.wait_for_url("**/report/sent/**", timeout=30_000)


def taken_at(path: Path, lat: tuple[float, ...], lon: tuple[float, ...]) -> Path:
    """A photo whose camera wrote down where it was, in degrees, minutes and seconds."""
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: lat, 3: "E", 4: lon})
    Image.effect_noise((1600, 1200), 60).convert("RGB").save(path, quality=85, exif=exif)
    return path


def filing(open_page: Opened, path: str = "/report?new=1", **more: Any) -> Page:
    page = open_page(path, **more)
    page.wait_for_selector("body[data-filing=ready]")
    return page


def test_a_photo_tells_the_place_where_the_phone_does_not(open_page: Opened, tmp_path: Path) -> None:
    page = filing(open_page)
    inside = taken_at(tmp_path / "trong.jpg", (16.0, 28.0, 11.28), (107.0, 34.0, 42.96))
    page.set_input_files("#f-album", inside)
    expect(page.locator("[name=place_source]")).to_have_value("photo")
    assert abs(float(page.input_value("[name=lat]")) - 16.4698) < 1e-4
    assert abs(float(page.input_value("[name=lon]")) - 107.5786) < 1e-4
    expect(page.locator("[data-known].is-known [data-unit]")).to_contain_text("Phường")  # its unit by name
    expect(page.locator("[data-how]")).to_contain_text("ảnh")


def test_a_pin_set_by_hand_stays_whatever_the_photo_says(open_page: Opened, tmp_path: Path) -> None:
    page = filing(open_page, "/report?new=1&lat=16.4637&lon=107.5909")
    expect(page.locator("[name=place_source]")).to_have_value("map")
    page.set_input_files("#f-album", taken_at(tmp_path / "khac.jpg", (16.0, 28.0, 11.28), (107.0, 34.0, 42.96)))
    expect(page.locator(".photo-preview:not(.busy)")).to_have_count(1)
    expect(page.locator("[name=place_source]")).to_have_value("map")
    expect(page.locator("[name=lat]")).to_have_value("16.4637")


def test_a_photo_from_elsewhere_is_not_taken_for_the_place_and_says_so(open_page: Opened, tmp_path: Path) -> None:
    page = filing(open_page)
    page.set_input_files("#f-album", taken_at(tmp_path / "ngoai.jpg", (21.0, 1.0, 42.6), (105.0, 51.0, 15.0)))
    expect(page.locator("#e-address")).to_contain_text("ngoài")
    expect(page.locator("[name=lat]")).to_have_value("")
    expect(page.locator("[name=place_source]")).to_have_value("")
    expect(page.locator("[data-known].is-known")).to_have_count(0)
    expect(page.locator(".photo-preview")).to_have_count(1)  # the photo itself is welcome


def test_what_is_typed_puts_its_kind_first_and_says_why(open_page: Opened) -> None:
    page = filing(open_page)
    page.fill("[name=body]", "ổ gà sâu giữa mặt đường")
    first = page.locator("[data-choices] label").first
    expect(first.locator("input")).to_have_value("GT01")
    expect(first.locator(".hint")).to_contain_text("ổ gà")
    expect(page.locator("[data-agency]")).to_contain_text("xử lý")
    page.fill("[name=body]", "đèn đường không sáng cả tuần")
    expect(first.locator("input")).to_have_value("DT01")


def test_what_is_better_left_out_is_said_and_never_done_and_the_report_goes_out(
    open_page: Opened, photo: Callable[[str], Path]
) -> None:
    page = signed_in(open_page, "0900000054")
    page.goto("/report?new=1")
    page.wait_for_selector("body[data-filing=ready]")
    text = "Đèn đường tắt, gọi 0905123456, đồ ngu"
    page.fill("[name=body]", text)
    note = page.locator("[data-flags]")
    expect(note).to_contain_text("Số 0905123456 sẽ không hiện công khai")
    expect(note.locator(".flag")).to_have_count(2)
    expect(note).to_have_attribute("aria-live", "polite")
    expect(page.locator("[name=body]")).to_have_value(text)
    note.locator(".flag", has_text="đồ ngu").locator("button").click()
    expect(page.locator("[name=body]")).to_have_value("Đèn đường tắt, gọi 0905123456,")
    expect(note.locator(".flag")).to_have_count(1)
    page.set_input_files("#f-album", photo("mo-ta"))
    page.locator("[data-alts] summary").click()
    page.locator("[data-alt-fields] input").fill("Cột đèn trước cổng không sáng")
    page.locator("[data-choices] label", has_text="Đèn đường").first.click()
    page.locator("[data-locate]").click()
    expect(page.locator("[data-known].is-known")).to_be_visible()
    page.click("[data-send]")  # the number is still there, and that holds up nothing
    page.wait_for_function(
        "() => document.querySelector('#near[open]') || location.pathname.startsWith('/report/sent/')"
    )
    if page.locator("#near[open]").count():
        page.locator("[data-not-same]").tap()
    page.wait_for_url("**/report/sent/**")
    code = page.url.rpartition("/")[2]
    page.goto(f"/me/cases/{code}")
    expect(page.locator("main")).to_contain_text("0905123456")
    expect(page.locator("main img[alt='Cột đèn trước cổng không sáng']").first).to_be_visible()
