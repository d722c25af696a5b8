"""Something urgent: the centre sends with one key, an officer goes with one thumb, and the board moves by itself."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import PHONE, Opened
from tests.web import axe

AT = {"latitude": 16.4647, "longitude": 107.5896}  # 27 Lê Lợi, as the sample has it
AFAR = {"latitude": 16.4800, "longitude": 107.5896}
PLACE = "27 Lê Lợi"
FETCHED_ANEW = """() => {
  const here = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);
  navigator.geolocation.getCurrentPosition = (done, ...rest) => here((at) => {
    delete navigator.geolocation.getCurrentPosition;
    const now = document.querySelector("[data-task-now]");
    now.innerHTML = now.innerHTML;
    done(at);
  }, ...rest);
}"""  # the task comes anew from the city while the phone still looks where it is


def column(board: Page, name: str) -> Locator:
    return board.locator(f".dispatch-column.{name} .dispatch-card", has_text=PLACE)


def test_from_one_key_to_done_with_one_thumb(sign_in: Opened, served: object, photo: Callable[[str], Path]) -> None:
    board = sign_in("truc1", "/desk/dispatch")
    expect(column(board, "sent").first).to_be_visible()
    expect(column(board, "sent").locator("[data-clock]").first).to_have_text(re.compile(r"\d+:\d\d"))
    assert axe.run(board) == []

    task = sign_in(
        "cayxanh", "/desk/tasks", viewport=PHONE, geolocation=AFAR, permissions=["geolocation"], has_touch=True
    )
    task.locator(".task-row", has_text=PLACE).first.click()
    button = task.locator(".task-big").first
    expect(button).to_contain_text("Nhận lệnh")
    box = button.bounding_box()
    assert box and box["height"] >= 64 and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
    assert task.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert axe.run(task) == []
    button.click()
    expect(column(board, "going").first).to_be_visible()  # nobody reloaded

    task.locator(".task-big", has_text="Lên đường").click()
    task.locator(".task-big", has_text="Đã đến").click()
    expect(task.locator("[data-says]")).to_contain_text("km")  # refused, and says how far
    task.context.set_geolocation(AT)

    task.context.set_offline(True)
    task.evaluate(FETCHED_ANEW)
    task.locator(".task-big", has_text="Đã đến").click()
    expect(task.locator("[data-queue-note]")).to_be_visible()
    expect(task.locator(".task-finish")).to_be_visible()  # the next button is there without a network
    task.context.set_offline(False)
    expect(task.locator("[data-state=arrived] .task-finish")).to_be_visible(timeout=40_000)
    expect(column(board, "there").first).to_be_visible()

    board.locator(".dispatch-column.there .dispatch-card", has_text=PLACE).first.click()
    board.fill("#log-text", "Xe cẩu đang tới")
    board.locator("#log form button").click()
    expect(task.locator("[data-task-log]")).to_contain_text("Xe cẩu đang tới")

    task.locator(".task-finish > summary").click()
    task.locator("input[name=outcome][value=fixed_with_evidence]").check()
    task.fill("#f-text", "Đã cưa cây và dọn sạch mặt đường.")
    task.locator(".task-finish input[type=file]").set_input_files(photo("xong"))
    task.locator(".task-finish .task-big", has_text="Gửi").click()
    expect(task.locator("[data-task-now]")).to_contain_text("Cảm ơn")
    board.goto("/desk/dispatch")
    expect(column(board, "done").first).to_be_visible()


def test_the_centre_sends_support_with_a_key_and_sees_the_ladder(sign_in: Opened) -> None:
    board = sign_in("truc2", "/desk/dispatch")
    board.locator(".dispatch-column.sent .dispatch-card", has_text="Ngã sáu Hùng Vương").first.click()
    expect(board.locator(".ladder").first.locator(".rung")).to_have_count(4)
    board.wait_for_selector("body[data-live=open]")  # the scripts are there
    before = board.locator(".dispatch-member").count()
    board.keyboard.press("1")
    expect(board.locator(".dispatch-member")).to_have_count(before + 1)
    assert axe.run(board) == []
