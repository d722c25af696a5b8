"""Browsers without Background Sync (those of an iPhone, Firefox): what waits is sent when the app is open, and the pages say so."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.conftest import fill_in_a_lamp
from tests.e2e.test_offline import card, drafts, mine, phone, sen  # noqa: F401 - fixtures among them
from tests.served import until

WITHOUT = (
    "delete window.SyncManager; delete ServiceWorkerRegistration.prototype.sync; delete window.PeriodicSyncManager;"
)


def test_what_waits_is_sent_when_the_app_is_opened_again_and_nothing_else_is_promised(
    phone: Callable[..., Page],  # noqa: F811
    sen: Any,  # noqa: F811
) -> None:
    page = phone(sen)
    expect(page.locator(".if-syncs").first).to_have_css("display", "inline")  # Chromium can: it may be closed
    page.context.add_init_script(WITHOUT)
    page.goto("/me")
    before = mine(page)
    page.goto("/report")
    page.wait_for_selector("body[data-filing=ready]")
    page.context.set_offline(True)
    fill_in_a_lamp(page, "số 5 đường Hùng Vương", "Đèn đường tắt, viết lúc mất mạng")
    page.click("[data-send]")
    done = page.locator("[data-on-device]")
    expect(done).to_be_visible()
    expect(done).to_be_focused()
    expect(done.get_by_text("ứng dụng đang mở")).to_be_visible()
    expect(done.get_by_text("có thể đóng ứng dụng")).to_be_hidden()

    page.goto("/me/drafts")  # the copy on the phone
    expect(card(page, "viết lúc mất mạng")).to_have_attribute("data-state", "waiting")
    expect(page.get_by_text("khi anh/chị mở lại ứng dụng")).to_be_visible()
    expect(page.get_by_text("sẽ tự gửi ngay khi có mạng")).to_be_hidden()
    page.goto("/offline")
    expect(page.get_by_text("mở ứng dụng lúc có mạng")).to_be_visible()

    page.goto("/me/drafts")
    watcher = page.context.new_page()
    page.close()
    page.context.set_offline(False)
    watcher.goto("/healthz")  # no page of the app: nothing goes out, as was said
    assert mine(watcher) == before
    watcher.goto("/me")
    until(lambda: len(mine(watcher) - before) == 1, "opening the app did not send it")
    until(lambda: [draft["state"] for draft in drafts(watcher)] == ["sent"], "the phone does not know it is sent")
    assert len(mine(watcher) - before) == 1
