"""The switch of notices on a device, pressed: on, off, "not now", refused, with a key that changed; and an address that the
push service changed, which the worker tells. Only the browser's own door to its push service is played by the test.
"""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.notifications.peers import Browser as Keys
from tests.served import Served, until
from tests.web import axe

NUMBER = "0900000058"
ENDPOINT = "https://push.example.com/"
SETTINGS, INBOX = "/me/settings/notices", "/me/inbox"
PLAYED = """(() => {
  const KEYS = %s, ENDPOINT = "%s";
  const kept = () => JSON.parse(localStorage.getItem("played-push") ?? "null");
  const keep = (value) => localStorage.setItem("played-push", JSON.stringify(value));
  const subscription = ({ endpoint, key }) => ({
    endpoint, options: { applicationServerKey: Uint8Array.from(atob(key), (char) => char.charCodeAt(0)).buffer },
    toJSON: () => ({ endpoint, keys: KEYS }), unsubscribe: async () => { keep(null); return true; },
  });
  PushManager.prototype.getSubscription = async () => (kept() ? subscription(kept()) : null);
  PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
    const key = btoa(String.fromCharCode(...applicationServerKey));
    if (!userVisibleOnly) throw new DOMException("only notices that are shown", "NotAllowedError");
    if (kept() && kept().key !== key) throw new DOMException("another key", "InvalidStateError");
    keep({ endpoint: ENDPOINT + crypto.randomUUID(), key });
    return subscription(kept());
  };
})()"""
OLD = f"""localStorage.setItem("played-push", '{{"endpoint": "{ENDPOINT}old", "key": "b2xk"}}')"""
# A worker's event as the browser makes it; what the handler waits for is waited for here.
CHANGED = """async ({ before, after, keys }) => {
  const told = (endpoint) => ({ endpoint, options: { applicationServerKey: new Uint8Array([4]) }, toJSON: () => ({ endpoint, keys }) });
  PushManager.prototype.subscribe = async (options) => { self.asked = [...new Uint8Array(options.applicationServerKey)].length; return told(after); };
  const event = new Event("pushsubscriptionchange");
  await new Promise((done, fail) => {
    Object.assign(event, before
      ? { oldSubscription: told(before), newSubscription: told(after) }
      : { oldSubscription: null, newSubscription: null });
    event.waitUntil = (work) => work.then(done, fail);
    self.dispatchEvent(event);
  });
  return self.asked ?? 0;
}"""


@pytest.fixture(scope="module")
def account(browser: Browser, served: Served) -> Any:
    """A citizen's session, made once."""
    context = browser.new_context(base_url=served.base_url, locale="vi-VN")
    page = context.new_page()
    page.goto(f"/login?next={INBOX}")
    page.fill("[name=phone]", NUMBER)
    page.click("main form:has([name=phone]) button")
    page.locator("[name=code]").wait_for()
    codes = context.new_page()
    codes.goto("/dev/sms")
    said = codes.locator("li", has_text=NUMBER[1:]).first.inner_text()
    page.fill("[name=code]", said.split("#")[1][:6])
    page.click("main form:has([name=code]) button")
    page.wait_for_url(f"**{INBOX}")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def phone(browser: Browser, served: Served, account: Any) -> Any:
    """The citizen's telephone, whose push service is played and whose permission is still to be asked for."""
    made: list[BrowserContext] = []

    def phone_(path: str, *, permission: str = "granted") -> Page:
        context = browser.new_context(
            base_url=served.base_url, viewport={"width": 360, "height": 740}, locale="vi-VN", storage_state=account
        )
        made.append(context)
        context.add_init_script(PLAYED % (json.dumps(Keys().keys), ENDPOINT))
        page = context.new_page()
        permit(page, served, permission)
        page.goto(path)
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        return page

    yield phone_
    for context in made:  # the next test meets no device of this one
        page = context.pages[0]
        page.evaluate("localStorage.clear()")
        page.goto(SETTINGS)
        for _ in devices(page):
            page.locator("[data-device] button").first.click()
            page.wait_for_load_state()
        context.close()


def permit(page: Page, served: Served, setting: str) -> None:
    """What the browser answers when a page asks: prompt (nobody presses: the question is put aside), granted, denied."""
    tools = page.context.new_cdp_session(page)
    found = tools.send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
    whole = page.context.browser.new_browser_cdp_session()  # type: ignore[union-attr]
    whole.send("Browser.setPermission", {
        "permission": {"name": "notifications"}, "setting": setting, "origin": served.base_url, "browserContextId": found,
    })  # fmt: skip


def devices(page: Page) -> list[dict[str, Any]]:
    """What the city knows."""
    found = page.evaluate("fetch('/api/v1/me/devices').then((answer) => answer.json())")
    return list(found["items"])


def endpoint(page: Page) -> str:
    return str(page.evaluate("JSON.parse(localStorage.getItem('played-push')).endpoint"))


def test_on_and_off_in_the_settings(phone: Any) -> None:
    page = phone(SETTINGS)
    on, off = page.locator("[data-push-on]"), page.locator("[data-push-off]")
    expect(on).to_be_visible()
    expect(off).to_be_hidden()
    assert devices(page) == []

    on.click()
    expect(page.locator("[data-device] [data-this]")).to_be_visible()  # the list marks the one that one holds
    expect(page.locator("[data-push-when=on]")).to_be_visible()
    assert len(devices(page)) == 1 and not axe.run(page)
    key = page.evaluate("fetch('/api/v1/me/devices').then((answer) => answer.json())")["key"]
    kept = page.evaluate("JSON.parse(localStorage.getItem('played-push')).key")
    assert kept.rstrip("=") == key.replace("-", "+").replace("_", "/").rstrip("=")  # made for this city's key

    off.click()
    expect(on).to_be_visible()
    expect(page.locator("[data-device]")).to_have_count(0)
    assert devices(page) == [] and page.evaluate("localStorage.getItem('played-push')") == "null"
    on.click()  # and on again, and off by the list
    expect(page.locator("[data-device] [data-this]")).to_be_visible()
    page.locator("[data-device] button").click()
    expect(on).to_be_visible()
    expect(page.locator("[data-device]")).to_have_count(0)
    assert devices(page) == []


def test_a_device_removed_on_another_one_stays_removed(phone: Any, served: Served) -> None:
    page = phone(SETTINGS, permission="prompt")
    permit(page, served, "granted")
    page.locator("[data-push-on]").click()
    expect(page.locator("[data-device] [data-this]")).to_be_visible()
    address = page.locator("[data-device] form").get_attribute("action")
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    page.goto("/about")
    answer = page.request.post(str(address), form={"csrfmiddlewaretoken": token}, headers={"Referer": page.url})
    assert answer.ok and devices(page) == []  # from the list on the other device: this one heard nothing of it

    page.goto(SETTINGS)
    expect(page.locator("[data-push-on]")).to_be_visible()
    expect(page.locator("[data-device]")).to_have_count(0)
    assert devices(page) == [] and page.evaluate("localStorage.getItem('played-push')") == "null"
    page.locator("[data-push-on]").click()  # wanted again, it is back
    expect(page.locator("[data-device] [data-this]")).to_be_visible()


def test_a_subscription_for_a_key_of_before_is_made_anew(phone: Any, served: Served) -> None:
    page = phone(SETTINGS, permission="prompt")
    page.evaluate(OLD)
    page.reload()  # no permission: what the browser holds is worth nothing
    expect(page.locator("[data-push-on]")).to_be_visible()
    permit(page, served, "granted")
    page.locator("[data-push-on]").click()
    expect(page.locator("[data-device] [data-this]")).to_be_visible()
    first = endpoint(page)
    assert not first.endswith("/old") and len(devices(page)) == 1

    page.evaluate(OLD)  # on, and then the city took another key
    page.reload()
    expect(page.locator("[data-push-when=on]")).to_be_visible()
    assert endpoint(page) not in (first, ENDPOINT + "old")
    expect(page.locator("[data-device] [data-this]:visible")).to_have_count(1)


def test_whoever_puts_the_question_aside_is_told_how_and_whoever_refuses_where(phone: Any, served: Served) -> None:
    page = phone(SETTINGS, permission="prompt")
    said = page.locator("[data-push-said]")
    page.locator("[data-push-on]").click()
    expect(said).to_contain_text("chọn “Cho phép”")
    expect(page.locator("[data-push-on]")).to_be_enabled()

    permit(page, served, "denied")
    page.locator("[data-push-on]").click()
    expect(said).to_contain_text("đang chặn thông báo")
    expect(page.locator("[data-push-on]")).to_be_hidden()
    assert devices(page) == [] and not axe.run(page)
    page.reload()
    expect(page.locator("[data-push-when=denied]")).to_be_visible()
    expect(page.locator("[data-push-on]")).to_be_hidden()
    page.goto(INBOX)  # nothing is offered that cannot be had
    expect(page.locator("[data-push]")).to_have_attribute("data-state", "denied")
    expect(page.locator("[data-push=ask]")).to_be_hidden()


def test_not_now_rests_for_a_month(phone: Any) -> None:
    page = phone(INBOX)
    asked = page.locator("[data-push=ask]")
    expect(asked).to_be_visible()
    page.locator("[data-push-not-now]").click()
    expect(asked).to_be_hidden()
    for days, shown in ((0, False), (29, False), (31, True)):
        page.evaluate(
            "days => localStorage.setItem('push-not-now', Number(localStorage.getItem('push-not-now')) - days * 864e5)",
            days,
        )
        page.reload()
        expect(page.locator("[data-push]")).to_have_attribute("data-state", "off")
        expect(asked).to_be_visible() if shown else expect(asked).to_be_hidden()
        page.evaluate(
            "days => localStorage.setItem('push-not-now', Number(localStorage.getItem('push-not-now')) + days * 864e5)",
            days,
        )
    assert devices(page) == []


def test_the_offer_in_the_inbox_turns_on_and_is_then_gone(phone: Any) -> None:
    page = phone(INBOX)
    page.locator("[data-push-on]").click()
    expect(page.get_by_role("status").filter(has_text="Máy này đang nhận thông báo")).to_be_visible()
    assert len(devices(page)) == 1
    page.reload()
    expect(page.locator("[data-push]")).to_have_attribute("data-state", "on")
    expect(page.locator("[data-push=ask]")).to_be_hidden()


def test_a_changed_address_is_told_by_the_worker(phone: Any) -> None:
    page = phone(SETTINGS)
    page.locator("[data-push-on]").click()
    expect(page.locator("[data-device] [data-this]")).to_be_visible()
    [device] = devices(page)
    until(lambda: bool(page.context.service_workers), "no worker")
    worker = page.context.service_workers[0]
    keys = Keys().keys

    worker.evaluate(CHANGED, {"before": endpoint(page), "after": ENDPOINT + "second", "keys": keys})
    move(page, "second")
    [moved] = devices(page)
    assert moved["id"] == device["id"]  # the same device, reached by another way
    assert marked(page, "second")

    # A browser that says nothing of what was: the worker asks again, with the key that the page kept.
    asked = worker.evaluate(CHANGED, {"before": "", "after": ENDPOINT + "third", "keys": keys})
    assert asked == 65  # an uncompressed point of P-256
    move(page, "third")
    assert marked(page, "third") and len(devices(page)) == 1


def move(page: Page, name: str) -> None:
    """The browser has the new subscription now."""
    page.evaluate(
        "endpoint => localStorage.setItem('played-push', JSON.stringify({ ...JSON.parse(localStorage.getItem('played-push')), endpoint }))",
        ENDPOINT + name,
    )


def marked(page: Page, name: str) -> bool:
    """The settings page lists one device, and it is this one by its new address."""
    page.reload()
    expect(page.locator("[data-device] [data-this]")).to_be_visible()
    return page.locator("[data-device]").count() == 1 and endpoint(page).endswith(name)
