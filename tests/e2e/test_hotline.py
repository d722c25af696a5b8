"""A call, as the operator lives it: it pops up, a report is filed by keys, it ends, one key says how."""

import re
import time
from uuid import uuid4

from playwright.sync_api import expect

from tests.e2e.conftest import Opened
from tests.served import Served
from tests.web import axe


def test_a_call_pops_up_and_ends_in_a_report_by_keys(sign_in: Opened, served: Served) -> None:
    url, name = f"{served.base_url}/api/v1/cti/events", f"e2e-{uuid4().hex[:8]}"

    def tell(kind: str, *data: str) -> None:
        served.hues("cti", "send", kind, name, "--url", url, *[word for one in data for word in ("--data", one)])

    desk = sign_in("truc1", "/desk/calls")
    desk.fill("#seat-extension", "2871")
    with desk.expect_navigation():
        desk.click("button.available")
    expect(desk.locator("button.available")).to_have_attribute("aria-pressed", "true")
    desk.wait_for_selector("body[data-live=open]")
    assert axe.run(desk) == []

    tell("ring", "direction=in", "from=0900000055", "agent=2871")
    rang = time.monotonic()
    card = desk.locator(".call-card")
    expect(card).to_contain_text("900 000 055")
    assert time.monotonic() - rang < 5, "a second on a machine of one's own; this one runs many tests"
    expect(card).to_contain_text("Chưa xác nhận")
    expect(desk).to_have_title(re.compile(r"^\(\d+\) "))  # how many wait

    tell("answer", "agent=2871")
    expect(desk.locator(".call-card .call-state")).to_contain_text("Đang nói")
    assert axe.run(desk) == []
    desk.keyboard.press("r")
    desk.wait_for_url("**/desk/calls/*?do=report")
    expect(desk.locator("#report textarea[name=body]")).to_be_focused()
    desk.keyboard.type("Đèn đường trước nhà không sáng ba hôm nay, tối om")
    expect(desk.locator("[data-suggestions] [data-kind]").first).to_contain_text("Đèn đường")
    desk.keyboard.press("Alt+1")
    expect(desk.locator("[name=category]")).to_have_value("DT01")
    expect(desk.locator("[name=address]")).to_be_focused()
    desk.keyboard.type("27 Lê Lợi")
    assert axe.run(desk) == []
    with desk.expect_navigation():
        desk.keyboard.press("Control+Enter")
    linked = desk.locator("#linked")
    expect(linked).to_contain_text(re.compile(r"PA-[A-Z0-9]{4}-[A-Z0-9]{2}"))
    code = re.search(r"PA-[A-Z0-9]{4}-[A-Z0-9]{2}", linked.inner_text())
    assert code

    tell("hangup")
    desk.wait_for_url("**?do=wrap", wait_until="load")  # by itself: nobody was typing
    expect(desk.locator(".wrap-codes")).to_be_visible()
    with desk.expect_navigation():
        desk.keyboard.press("1")
    expect(desk.locator(".call-lines").first).to_contain_text(code.group())

    desk.goto(f"/desk/cases/{code.group()}")
    expect(desk.locator("main")).to_contain_text("Đèn đường trước nhà không sáng")
    desk.set_viewport_size({"width": 360, "height": 740})
    for page in ("/desk/calls", "/desk/calls/callbacks", "/desk/calls/all", "/desk/calls/numbers", "/desk/calls/surge"):
        desk.goto(page)
        wide = desk.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{page} is {wide} px too wide"
        assert axe.run(desk) == [], page


def test_a_missed_call_is_called_back(sign_in: Opened, served: Served) -> None:
    """The caller pressed the key of the call-back and hung up → list → click to call (sandbox) → reached."""
    url, name = f"{served.base_url}/api/v1/cti/events", f"e2e-{uuid4().hex[:8]}"
    number = f"0901{uuid4().int % 1_000_000:06}"
    for kind, data in (("ring", ("direction=in", f"from={number}")), ("callback", ()), ("hangup", ())):
        served.hues("cti", "send", kind, name, "--url", url, *[word for one in data for word in ("--data", one)])
    desk = sign_in("truc1", "/desk/calls")
    desk.fill("#seat-extension", "2872")
    with desk.expect_navigation():
        desk.click("button.available")
    desk.goto("/desk/calls/callbacks")
    row = desk.locator(".callback", has_text=number[-3:]).first
    expect(row).to_be_visible()
    with desk.expect_navigation():
        row.get_by_role("button", name="Gọi", exact=False).first.click()
    expect(desk.locator(".call-card")).to_be_visible()
    desk.goto("/desk/calls/callbacks")
    row = desk.locator(".callback", has_text=number[-3:]).first
    if not row.locator("details[open]").count():
        row.locator("summary").click()
    with desk.expect_navigation():
        row.locator("button[value=reached]").click()
    desk.goto("/desk/calls/callbacks?ended=1")
    expect(desk.locator(".callback", has_text=number[-3:]).first).to_contain_text("Đã gặp")


def test_surge_on_callers_told_with_a_sound_and_off(sign_in: Opened, served: Served) -> None:
    """Surge on → a volunteer is let in → an announcement by area, with a sound → off."""
    import io
    import wave

    sound = io.BytesIO()
    with wave.open(sound, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16_000)
        out.writeframes(bytes(range(256)) * 125)
    desk = sign_in("truongca", "/desk/calls/surge")
    desk.fill("#f-reason", "Lũ lên nhanh ở hạ lưu")
    with desk.expect_navigation():
        desk.click("button[name=on][value='1']")
    expect(desk.locator(".surge-card.on")).to_be_visible()
    desk.locator("summary", has_text="Soạn").first.click()
    area = desk.locator("select[name=unit]")
    area.select_option(index=1)
    desk.fill("[name=text_vi]", "Đường ngập 40 cm, xin đi đường khác.")
    desk.fill("[name=text_en]", "The street is under 40 cm of water.")
    with desk.expect_navigation():
        desk.locator("form[action$='/announce'] button.button").last.click()
    told = desk.locator(".announcements li").first
    told.locator("summary").click()
    told.locator("input[type=file]").set_input_files(
        {"name": "loi.wav", "mimeType": "audio/wav", "buffer": sound.getvalue()}
    )
    assert axe.run(desk) == []
    with desk.expect_navigation():
        told.locator("button[name=language][value=vi]").click()
    expect(desk.locator(".announcements audio").first).to_be_visible()
    with desk.expect_navigation():
        desk.locator("form[action$='/withdraw'] button").first.click()
    with desk.expect_navigation():
        desk.click("button[name=on][value='0']")
    expect(desk.locator(".surge-card.on")).to_have_count(0)
