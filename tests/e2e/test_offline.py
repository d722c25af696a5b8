"""Without a network: reports are written, kept and sent once; one's own cases stay readable, and to nobody else."""

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from tests.assist.samples import film
from tests.e2e.conftest import PHONE, Opened, code_for
from tests.served import Served, until

WAIT = 20_000


@pytest.fixture(scope="module")
def sen(browser: Browser, served: Served) -> Any:
    """The cookies of somebody who signed in: most tests need no account of their own."""
    context = browser.new_context(base_url=served.base_url, viewport=PHONE, locale="vi-VN")
    context.set_default_timeout(WAIT)

    def opened(path: str) -> Page:
        other = context.new_page()
        other.goto(path)
        return other

    sign_in(context.new_page(), "0900000851", lambda: code_for(opened, "0900000851"))
    yield context.storage_state()
    context.close()


@pytest.fixture
def phone(browser: Browser, served: Served) -> Any:
    """A phone of its own with the app opened once: `phone(sen)` signed in, `phone()` a guest."""
    contexts: list[BrowserContext] = []

    def phone_(cookies: Any = None) -> Page:
        context = browser.new_context(
            base_url=served.base_url,
            viewport=PHONE,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            storage_state=cookies,
        )
        context.set_default_timeout(WAIT)
        contexts.append(context)
        page = context.new_page()
        page.goto("/offline")
        ready(page)
        return page

    yield phone_
    for context in contexts:
        context.close()


def ready(page: Page) -> None:
    """The worker is there and cares for this page."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    until(lambda: page.evaluate("navigator.serviceWorker.controller !== null"), "the worker does not care for the page")


def sign_in(page: Page, number: str, code: Callable[[], str], path: str = "/me") -> None:
    page.goto(f"/login?next={path}")
    page.fill("[name=phone]", number)
    for box in page.locator("main form input[type=checkbox]").all():
        box.check()
    page.click("main form:has([name=phone]) button")
    page.locator("[name=code]").wait_for()
    page.fill("[name=code]", code())
    page.click("main form:has([name=code]) button")
    page.wait_for_url(f"**{path}")
    page.wait_for_load_state("networkidle")


def outbox(page: Page, work: str, argument: Any = None) -> Any:
    """Run something with the outbox's own module, under the name by which this page loaded it."""
    find = """performance.getEntriesByType("resource").map(({ name }) => name)
      .find((name) => /\\/web\\/outbox(\\.[0-9a-f]+)?\\.js$/.test(name))"""
    return page.evaluate(f"async (argument) => {{ const outbox = await import({find}); return ({work}); }}", argument)


def write(page: Page, body: str, photo: Path | None = None, *, state: str = "editing") -> dict[str, Any]:
    """A draft as the filing page makes it."""
    media = []
    if photo:
        media = [{"name": photo.name, "data": base64.b64encode(photo.read_bytes()).decode()}]
    work = """await (async () => {
      const media = await Promise.all(argument.media.map(async ({ name, data }) => ({
        id: outbox.newId(), name, type: "image/jpeg", alt: "",
        blob: new Blob([Uint8Array.from(atob(data), (char) => char.charCodeAt(0))], { type: "image/jpeg" }) })));
      const fields = { category: "DT01", body: argument.body, lat: 16.4637, lon: 107.5909, place_source: "map" };
      const draft = { fields, media, language: "vi" };
      return argument.state === "waiting" ? outbox.send(draft) : outbox.drafts.put(draft);
    })()"""
    return outbox(page, work, {"media": media, "body": body, "state": state})


def mine(page: Page) -> set[str]:
    """The codes of one's own cases, as the city knows them."""
    cases = page.evaluate("fetch('/api/v1/me/cases').then((r) => r.json())")["items"]
    assert len(cases) == len({case["code"] for case in cases})
    return {case["code"] for case in cases}


def drafts(page: Page) -> list[dict[str, Any]]:
    return outbox(
        page, "(await outbox.drafts.list()).map(({ media, ...draft }) => ({ ...draft, photos: media.length }))"
    )


def card(page: Page, body: str) -> Any:
    return page.locator("[data-draft]", has_text=body)


def lose_answers(page: Page, times: dict[str, int]) -> None:
    """The server does its work, but the phone never hears of it: that often, by address."""
    page.evaluate(
        """(times) => {
          SyncManager.prototype.register = async () => {}; // this page alone sends
          globalThis.heard = [];
          const real = globalThis.fetch;
          globalThis.fetch = async (url, options) => {
            const response = await real(url, options);
            if (!(times[url] > 0)) return response;
            times[url] -= 1;
            heard.push(await response.text());
            throw new TypeError("Failed to fetch");
          };
        }""",
        times,
    )


def workers(page: Page) -> CDPSession:
    """The browser's own view of its service workers."""
    session = page.context.new_cdp_session(page)
    session.send("ServiceWorker.enable")
    return session


def test_two_reports_written_without_a_network_are_sent_once_each_when_it_comes_back(
    phone: Callable[..., Page], sen: Any, photo: Callable[[str], Path]
) -> None:
    page = phone(sen)
    before = mine(page)
    page.context.set_offline(True)
    for body, picture in (("Đèn hỏng trước số nhà mười hai", photo("den")), ("Đèn chớp tắt ở ngã tư", None)):
        assert write(page, body, picture, state="waiting")["state"] == "waiting"
    page.goto("/offline")
    expect(page.locator("[data-waiting]")).to_contain_text("2 phản ánh chờ gửi")
    page.goto("/me/drafts")  # from the phone's own copy
    expect(page.locator("[data-draft] [data-name=waiting]")).to_have_count(2)
    expect(page.locator("[data-draft] img")).to_have_count(1)
    page.context.set_offline(False)
    expect(page.locator("[data-draft][data-state=sent]")).to_have_count(2)
    outbox(page, "await Promise.all([outbox.flush(), outbox.flush()])")
    assert {draft["code"] for draft in drafts(page)} == mine(page) - before
    page.locator("[data-see]").last.click()
    page.wait_for_url("**/me/cases/PA-*")


def test_the_filing_page_sends_without_a_network_and_the_report_goes_out_once(
    phone: Callable[..., Page], sen: Any, photo: Callable[[str], Path]
) -> None:
    page = phone(sen)
    before = mine(page)
    page.context.set_offline(True)
    page.goto("/report")  # never opened on this phone: the worker has it
    page.wait_for_selector("body[data-filing=ready]")
    page.set_input_files("#f-album", photo("hem"))
    expect(page.locator(".photo-preview:not(.busy)")).to_have_count(1)
    page.fill("[name=address]", "27 Lê Lợi")
    page.keyboard.press("Escape")
    page.fill("[name=body]", "rác tồn đọng hôi thối đầu kiệt")
    page.locator("[data-choices] label", has_text="Rác").first.click()
    page.click("[data-send]")
    expect(page.locator("[data-on-device]")).to_contain_text("tự gửi")
    expect(page.locator("[data-on-device]")).to_be_focused()
    page.goto("/me/drafts")
    expect(card(page, "rác tồn đọng")).to_have_attribute("data-state", "waiting")
    expect(card(page, "rác tồn đọng").locator("img")).to_have_count(1)
    page.context.set_offline(False)
    expect(card(page, "rác tồn đọng")).to_have_attribute("data-state", "sent")
    (code,) = mine(page) - before
    expect(page.locator("[data-draft]")).to_contain_text(code)


def test_a_film_is_kept_without_a_network_and_sent_when_there_is_one(
    phone: Callable[..., Page], sen: Any, tmp_path: Path
) -> None:
    page = phone(sen)
    before = mine(page)
    page.context.set_offline(True)
    page.goto("/report?new=1")
    page.wait_for_selector("body[data-filing=ready]")
    page.set_input_files("#f-album", film(tmp_path / "ngap.mp4", seconds=1))
    expect(page.locator(".photo-preview:not(.busy) video")).to_have_count(1)
    expect(page.locator(".photo-length")).to_contain_text("0:01")
    page.fill("[name=address]", "27 Lê Lợi")
    page.keyboard.press("Escape")
    page.fill("[name=body]", "nước ngập tràn vào kiệt")
    page.locator("[data-choices] label").first.click()
    page.click("[data-send]")
    expect(page.locator("[data-on-device]")).to_be_visible()
    kept = outbox(page, "(await outbox.drafts.list()).flatMap(({ media }) => media.map(({ blob }) => blob.type))")
    assert "video/mp4" in kept
    page.goto("/me/drafts")
    expect(card(page, "nước ngập tràn")).to_have_attribute("data-state", "waiting")
    page.context.set_offline(False)
    expect(card(page, "nước ngập tràn")).to_have_attribute("data-state", "sent", timeout=30_000)
    (code,) = mine(page) - before
    page.goto(f"/me/cases/{code}")
    until(lambda: page.goto(f"/me/cases/{code}") and page.locator("main video[src]").count(), code)
    expect(page.locator("main video[src*='/clip']")).to_be_visible()


def test_photos_that_another_app_shares_become_a_draft(
    phone: Callable[..., Page], photo: Callable[[str], Path]
) -> None:
    """The browser posts them as this form does; here without a network, so nobody but the worker can answer."""
    page = phone()
    page.context.set_offline(True)
    data = base64.b64encode(photo("chia-se").read_bytes()).decode()
    with page.expect_navigation(url="**/report?draft=*"):
        page.evaluate(
            """(data) => {
              const form = document.createElement("form");
              Object.assign(form, { action: "/report/shared", method: "post", enctype: "multipart/form-data" });
              const field = (type, name) => form.appendChild(Object.assign(document.createElement("input"), { type, name }));
              field("text", "title").value = "Hố sâu";
              field("text", "text").value = "ngay cổng trường";
              const files = new DataTransfer();
              const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
              files.items.add(new File([bytes], "IMG_1.jpg", { type: "image/jpeg" }));
              files.items.add(new File(["x"], "note.txt", { type: "text/plain" }));
              const photos = field("file", "photos");
              photos.multiple = true;
              photos.files = files.files;
              document.body.append(form);
              form.submit();
            }""",
            data,
        )
    expect(page.locator("[name=body]")).to_have_value("Hố sâu\nngay cổng trường")
    expect(page.locator(".photo-preview:not(.busy)")).to_have_count(1)
    page.goto("/me/drafts")
    expect(page.locator("[data-draft][data-state=editing] img")).to_have_count(1)


def test_a_report_is_sent_although_the_app_was_closed(
    phone: Callable[..., Page], sen: Any, photo: Callable[[str], Path], served: Served
) -> None:
    page = phone(sen)
    before = mine(page)
    page.context.set_offline(True)
    write(page, "Đèn tắt cả dãy phố", photo("day"), state="waiting")
    watcher = page.context.new_page()
    session = workers(watcher)
    found: dict[str, str] = {}
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.update(event["registrations"][0]))
    session.send("ServiceWorker.disable")
    session.send("ServiceWorker.enable")
    page.close()
    page.context.set_offline(False)
    session.send(
        "ServiceWorker.dispatchSyncEvent",
        {
            "origin": served.base_url,
            "registrationId": found["registrationId"],
            "tag": "hues-outbox",
            "lastChance": False,
        },
    )
    watcher.goto("/healthz")  # a page without any script of ours: only the worker can send
    until(lambda: len(mine(watcher) - before) == 1, "the worker did not send it")
    watcher.goto("/me/drafts")
    expect(watcher.locator("[data-draft][data-state=sent]")).to_have_count(1)
    assert len(mine(watcher) - before) == 1


def test_an_answer_that_never_arrives_is_asked_for_again_and_the_report_counts_once(
    phone: Callable[..., Page], sen: Any, photo: Callable[[str], Path]
) -> None:
    page = phone(sen)
    before = mine(page)
    lose_answers(page, {"/api/v1/files": 1, "/api/v1/reports": 2})
    draft = write(page, "Đèn đường hỏng đã lâu", photo("lau"), state="waiting")
    assert draft["state"] == "waiting"
    outbox(page, "outbox.flush()")
    changed = outbox(page, "outbox.drafts.put({ id: argument, fields: { body: 'khác' } })", draft["id"])
    assert changed["fields"]["body"] == "Đèn đường hỏng đã lâu"  # nobody knows whether it arrived: nobody changes it
    for _try in range(2):
        outbox(page, "outbox.flush()")
    (sent,) = drafts(page)
    heard = page.evaluate("heard")
    assert (sent["state"], len(heard)) == ("sent", 3)
    assert mine(page) - before == {sent["code"]} == {json.loads(text)["code"] for text in heard[1:]}


def test_a_report_that_is_refused_comes_back_with_the_reason_and_everything_in_it(
    phone: Callable[..., Page], sen: Any
) -> None:
    page = phone(sen)
    work = "outbox.send({ fields: { category: 'GT01', body: 'Xa quá', lat: 10.77, lon: 106.7 }, media: [] })"
    answer = outbox(page, work)
    assert answer["state"] == "refused"
    page.goto("/me/drafts")
    expect(page.locator("[data-problems]")).to_contain_text("ngoài")
    mended = outbox(
        page,
        "outbox.send({ id: argument, fields: { category: 'DT01', body: 'Gần đây', lat: 16.4637, lon: 107.5909 } })",
        answer["id"],
    )
    assert mended["state"] == "sent"


def test_a_guests_report_waits_for_one_code_and_is_then_sent(
    phone: Callable[..., Page], photo: Callable[[str], Path], open_page: Opened
) -> None:
    page = phone()
    page.context.set_offline(True)
    write(page, "Đèn công viên không sáng", photo("cv"), state="waiting")
    page.context.set_offline(False)
    page.goto("/me/drafts")
    expect(page.locator("[data-sign-in]")).to_be_visible()
    sign_in(page, "0900000856", lambda: code_for(open_page, "0900000856"), "/me/drafts")
    expect(page.locator("[data-draft][data-state=sent]")).to_have_count(1)
    assert len(mine(page)) == 1


def test_after_signing_out_nothing_personal_is_readable_without_a_network(
    phone: Callable[..., Page], photo: Callable[[str], Path], open_page: Opened
) -> None:
    page = phone()
    sign_in(page, "0900000857", lambda: code_for(open_page, "0900000857"))
    code = write(page, "Đèn ngõ nhà tôi hỏng", photo("ngo"), state="waiting")["code"]
    page.goto("/me")
    kept = f"caches.match('/me/cases/{code}').then(Boolean)"  # along with the list
    until(lambda: page.evaluate(kept), "the page of the case was not kept")
    write(page, "Bản nháp riêng của tôi")
    page.context.set_offline(True)
    page.goto(f"/me/cases/{code}")
    expect(page.locator("[data-saved-copy]")).to_have_text(re.compile(r"Bản lưu lúc \d\d:\d\d – chưa có mạng"))
    expect(page.locator("main")).to_contain_text("Đèn ngõ nhà tôi hỏng")
    page.context.set_offline(False)
    page.goto("/me/profile")
    page.click("form[action='/logout'] button")
    page.wait_for_url(lambda url: "/me" not in url)
    page.context.set_offline(True)
    for path in ("/me", f"/me/cases/{code}", "/me/drafts"):
        page.goto(path)
        text = page.locator("body").inner_text()
        assert "Đèn ngõ" not in text and code not in text and "riêng của tôi" not in text, path
    assert page.evaluate("caches.keys().then((all) => all.filter((name) => name.startsWith('me-')))") == []
    expect(page.locator("[data-others]")).to_be_visible()


def test_a_new_version_waits_for_what_is_being_typed_and_keeps_every_draft(phone: Callable[..., Page]) -> None:
    page = phone()
    write(page, "Nháp thứ nhất")
    page.goto("/login")
    page.fill("[name=phone]", "0900")
    new_worker = "navigator.serviceWorker.register('/sw.js?next').then(() => true)"  # another script: an update
    page.add_init_script(  # and pages that load from now on ask for this version
        "const register = navigator.serviceWorker.register.bind(navigator.serviceWorker);"
        "navigator.serviceWorker.register = () => register('/sw.js?next');"
    )
    page.evaluate(new_worker)
    expect(page.locator("[data-update]")).to_be_visible()
    with page.expect_navigation():
        page.click("[data-update] button")
    controls = "navigator.serviceWorker.controller?.scriptURL.endsWith('?next') ?? false"
    until(lambda: page.evaluate(controls), "the new worker does not care for the page")
    page.goto("/me/drafts")
    expect(card(page, "Nháp thứ nhất")).to_be_visible()
