"""A push received and opened: real encryption to a push service, the worker's notification, a press, the case.

Headless Chromium has no push service of its own: the page's subscription is told to the server as the page would tell it,
a push service of the test takes what the city sends, and what it holds is opened (RFC 8291) and handed to the service
worker by the browser's own developer tools, as a push service would.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PHONE, eventually
from tests.notifications.peers import Browser as Keys
from tests.notifications.peers import PushService, push_service  # noqa: F401 - a fixture
from tests.served import Served, make_city, until

NUMBER = "0900000093"
CALL = """async ([method, path, body]) => {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token, "Idempotency-Key": crypto.randomUUID() };
  const answer = await fetch(path, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(answer.status + await answer.text());
  return answer.status === 204 ? null : answer.json();
}"""
SHOWN = """async () => (await registration.getNotifications()).map(({ title, body, tag, data }) => ({ title, body, tag, url: data.url }))"""
PRESS = """async () => {
  const [notification] = await registration.getNotifications();
  self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
}"""


@pytest.fixture
def city(service: PushService) -> Iterator[Served]:
    """A city that may talk to the push service of this test (which is inside, and has a certificate of its own)."""
    found = make_city(prepared=True, HUES_OUTBOUND_ALLOW=f"localhost:{service.port}", HUES_STATIC_LIVE="1")
    try:
        yield found.start()
    finally:
        found.clean_up()


@pytest.fixture
def phone(browser: Browser, city: Served) -> Iterator[Page]:
    context = browser.new_context(base_url=city.base_url, viewport=PHONE, locale="vi-VN", permissions=["notifications"])
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto("/login?next=/me/settings/notices")
    page.fill("[name=phone]", NUMBER)
    page.click("main form:has([name=phone]) button")
    page.locator("[name=code]").wait_for()
    other = context.new_page()
    other.goto("/dev/sms")
    found = re.search(r"#(\d{6})", other.locator("li", has_text=NUMBER[1:]).first.inner_text())
    assert found
    other.close()
    page.fill("[name=code]", found[1])
    page.click("main form:has([name=code]) button")
    page.wait_for_url(f"{city.base_url}/me/settings/notices")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    yield page
    context.close()


def give_to_worker(page: Page, origin: str, text: str) -> None:
    """As a push service hands a message to the browser, opened."""
    tools = page.context.new_cdp_session(page)
    registrations: list[dict[str, Any]] = []
    tools.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(event["registrations"]))
    tools.send("ServiceWorker.enable")
    eventually(page, lambda: registrations, every_ms=100)
    registration = registrations[0]["registrationId"]
    tools.send("ServiceWorker.deliverPushMessage", {"origin": origin, "registrationId": registration, "data": text})


def test_news_of_a_report_comes_to_the_telephone_and_a_press_opens_the_case(
    phone: Page, city: Served, service: PushService
) -> None:
    keys = Keys()
    phone.evaluate(CALL, ["POST", "/api/v1/me/devices", {"endpoint": service.url("phone"), "keys": keys.keys}])
    phone.evaluate(CALL, ["PATCH", "/api/v1/me/notices/choices", {"quiet": False}])
    report = {"category": "DT01", "body": "Đèn đường không sáng", "lat": 16.4637, "lon": 107.5909}
    code = phone.evaluate(CALL, ["POST", "/api/v1/reports", report])["code"]
    until(lambda: len(service.got) == 1, "nothing came to the push service", within=40)

    text = keys.read(service.got[0][2]).decode()
    assert NUMBER[-6:] not in text and code in json.loads(text)["body"]
    give_to_worker(phone, city.base_url, text)
    worker = phone.context.service_workers[0]
    until(lambda: bool(worker.evaluate(SHOWN)), "no notification was shown")
    [shown] = worker.evaluate(SHOWN)
    assert shown["title"] == "Đã nhận phản ánh của bạn" and shown["tag"] == f"/me/cases/{code}"

    give_to_worker(phone, city.base_url, text)  # a push service may repeat itself
    phone.wait_for_timeout(300)
    assert len(worker.evaluate(SHOWN)) == 1
    phone.goto("/me")
    worker.evaluate(PRESS)
    phone.wait_for_url(f"**/me/cases/{code}")
    expect(phone.locator("main")).to_contain_text(code)
    assert phone.evaluate("fetch('/api/v1/me/notices').then((answer) => answer.json())")["unread"] == 0

    phone.goto("/me/settings/notices")
    expect(phone.locator("[data-device]")).to_have_count(1)
    phone.locator("form", has_text="Gửi thử").locator("button").click()
    until(lambda: len(service.got) == 2, "the test did not come", within=40)
    assert json.loads(keys.read(service.got[1][2]))["title"] == "Tin thử"
    phone.locator("[data-device] button").click()
    expect(phone.locator("[data-device]")).to_have_count(0)
