"""Passkeys in a real browser, whose own authenticator is the other side: made, used alone, useless without its holder."""

import re
import secrets
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import DESK, PASSWORD, PHONE
from tests.served import Served

AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def window(browser: Browser, served: Served, viewport: dict[str, int]) -> tuple[BrowserContext, Page, Any, str]:
    """A browser that came by the machine's name (passkeys are for names, not for numbers), with an authenticator."""
    base = served.base_url.replace("127.0.0.1", "localhost")
    context = browser.new_context(
        base_url=base,
        viewport=viewport,
        locale="vi-VN",
        service_workers="block",  # type: ignore[arg-type]
    )  # what a worker still fetches would bring cookies back that a test has cleared
    context.set_default_timeout(15_000)
    page = context.new_page()
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    made = device.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return context, page, device, made["authenticatorId"]


def sign_in_with_a_code(page: Page) -> str:
    number = f"09{secrets.randbelow(90_000_000) + 10_000_000}"
    page.goto("/login")
    page.fill("[name=phone]", number)
    page.click("main form button.wide")
    page.wait_for_url("**/login/code")
    texts = page.context.new_page()
    texts.goto("/dev/sms")
    row = texts.locator("li", has_text=number[1:]).first.inner_text()
    texts.close()
    page.fill("[name=code]", re.findall(r"#(\d{6})", row)[0])
    page.click("main form button.wide")
    page.wait_for_url(re.compile(r"localhost:\d+/$"))
    return number


def test_a_citizen_makes_a_passkey_and_comes_back_with_it_alone(browser: Browser, served: Served) -> None:
    context, page, device, authenticator = window(browser, served, PHONE)
    sign_in_with_a_code(page)
    page.goto("/me/settings")
    page.fill("[data-passkey-name]", "Máy của mạ")
    page.click("[data-passkey=add]")
    expect(page.locator(".passkey")).to_contain_text("Máy của mạ")
    name = page.locator(".lead strong").inner_text()
    held = device.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]
    assert [(one["rpId"], one["isResidentCredential"]) for one in held] == [("localhost", True)]

    page.locator("#devices form button").first.click()  # sign out
    page.goto("/login?next=/me/settings")
    page.click("[data-passkey=sign-in]")
    page.wait_for_url("**/me/settings")
    expect(page.locator(".lead strong")).to_have_text(name)
    expect(page.locator(".passkey")).to_contain_text("Dùng lần cuối")

    page.click("[data-passkey=add]")  # the device says itself that it has one
    expect(page.locator("[data-passkey-problem]:visible")).to_have_text("Thiết bị này đã có khóa đăng nhập.")

    page.context.clear_cookies()
    device.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    page.goto("/login")
    page.click("[data-passkey=sign-in]")
    expect(page.locator("[data-passkey-problem]:visible")).to_contain_text("thử lại")
    page.goto("/me/settings")
    assert "/login" in page.url
    context.close()


def test_staff_keep_a_passkey_and_come_in_with_both_factors_at_once(browser: Browser, served: Served) -> None:
    context, page, _device, _authenticator = window(browser, served, DESK)
    page.goto("/staff/login?next=/staff/account")
    page.fill("[name=username]", "truongca")
    page.fill("[name=password]", PASSWORD)
    page.click("main form button.wide")
    page.wait_for_url("**/staff/account")
    page.click("[data-passkey=add]")
    expect(page.locator(".passkey").first).to_be_visible()
    context.clear_cookies()
    page.goto("/staff/login")
    page.click("[data-passkey=sign-in]")
    page.wait_for_url("**/desk")
    page.goto("/staff/account")
    page.locator(".passkey summary").first.click()
    page.locator(".passkey button.danger").first.click()
    page.wait_for_url("**/staff/account#passkeys")
    context.close()
