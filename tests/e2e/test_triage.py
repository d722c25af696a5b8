"""The operators' console by keyboard: ten plain reports without a mouse, two operators who never get one case, bulk with undo, a phone."""

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import DESK, PHONE, Opened, eventually
from tests.served import Served, until
from tests.web import axe

KEYS_A_REPORT = 3  # at most; a practised operator has twelve seconds for each
SHOWN_WITHIN_MS = 100

File = Callable[..., list[str]]
RUN = uuid.uuid4().hex[:6]  # words of this run: a city may be looked at twice


@pytest.fixture(scope="module")
def file_reports(served: Served) -> File:
    """So many plain reports that nobody else reads: they share a word. Returns their codes."""
    key = served.hues("key", "create", "--scope", "reports", "e2e-triage").stdout.strip().splitlines()[-1]

    def make(word: str, number: int, **changes: Any) -> list[str]:
        codes = []
        for n in range(number):
            body = f"Đèn đường ngoài ngõ không sáng ba hôm nay, tối quá. Mã {word}."
            place = {"lat": 16.43 + n * 0.006, "lon": 107.53 + n * 0.004}
            sent = {"category": "DT01", "body": body, "address": f"{n + 3} Bà Triệu", **place, **changes}
            headers = {"authorization": f"Bearer {key}", "idempotency-key": f"triage-{word}-{n}"}
            answer = httpx.post(f"{served.base_url}/api/v1/reports", json=sent, headers=headers, timeout=30)
            assert answer.status_code == 201, answer.text
            codes.append(answer.json()["code"])
        return codes

    return make


KNOWN: dict[str, Any] = {}  # who has signed in during this run, with their cookies


@pytest.fixture
def desk(open_page: Opened, sign_in: Opened) -> Opened:
    """The console as an operator: signed in once in all of these tests."""

    def open_(username: str, path: str, **options: Any) -> Page:
        if username not in KNOWN:
            KNOWN[username] = sign_in(username, "/desk").context.storage_state()
        return open_page(path, **{"viewport": DESK, "storage_state": KNOWN[username], **options})

    return open_


def state_of(served: Served, page: Page, code: str) -> str:
    return page.request.get(f"{served.base_url}/api/v1/desk/cases/{code}").json()["state"]


def ready(page: Page) -> None:
    page.wait_for_selector("[data-triage][data-ready]")


def shown(page: Page) -> str:
    return page.get_attribute("[data-triage]", "data-shown") or ""


CARRY_OUT = """
from datetime import timedelta
from hues.console.actions import fire_bulks
from hues.kernel import clock
with clock.at(clock.now() + timedelta(minutes=1)):
    fire_bulks()
"""


def carry_out(served: Served) -> None:
    """The undo window of whatever waits is over."""
    served.hues("manage", "shell", "-c", CARRY_OUT)


class Keys:
    """Presses keys, and counts them; a pointer is never touched."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    def press(self, key: str) -> None:
        self.pressed += 1
        self.page.keyboard.press(key)


def test_ten_plain_reports_by_keyboard_alone(desk: Opened, file_reports: File, served: Served) -> None:
    codes = file_reports(f"muoiviec{RUN}", 10)
    page = desk("truc1", f"/desk/triage?text=muoiviec{RUN}")
    ready(page)
    keys = Keys(page)
    handled, waits = [], []
    began = time.monotonic()
    for number in range(10):
        code = shown(page)
        assert code in codes and code not in handled
        page.wait_for_function("() => document.querySelector('[data-triage]').dataset.ahead !== undefined")
        if number < 9:
            page.wait_for_function("() => document.querySelector('[data-triage]').dataset.ahead !== ''")
        if number == 4:  # one that is no report: refused with a canned reply, which the report fills in
            keys.press("r")
            page.wait_for_selector("[data-sheet=reject] [data-replies] button")
            keys.press("3")
            keys.press("Control+Enter")
        else:
            keys.press("a")
        page.wait_for_function(
            "code => document.querySelector('[data-triage]').dataset.shown !== code", arg=code, polling=5
        )
        waits.append(int(page.get_attribute("[data-triage]", "data-took") or 0))
        handled.append(code)
    page.wait_for_function("() => document.querySelector('[data-triage]').dataset.done === '10'")
    took = time.monotonic() - began
    assert sorted(handled) == sorted(codes)
    assert keys.pressed <= 10 * KEYS_A_REPORT, keys.pressed
    assert keys.pressed == 12, "one key for a plain report, three for a refusal"
    assert sorted(waits)[len(waits) // 2] < SHOWN_WITHIN_MS, waits
    assert took < 120
    assert page.locator("[data-undo-bar] form:visible").count() == 3, "the newest, whatever the pace"
    carry_out(served)
    states = [state_of(served, page, code) for code in handled]
    assert states.count("assigned") == 9 and states[4] == "rejected"


def test_two_operators_never_get_one_case(desk: Opened, file_reports: File, served: Served) -> None:
    codes = file_reports(f"haitruc{RUN}", 4)
    one = desk("truc1", f"/desk/triage?text=haitruc{RUN}")
    two = desk("truc2", f"/desk/triage?text=haitruc{RUN}")
    for page in (one, two):
        ready(page)
        page.wait_for_function("() => document.querySelector('[data-triage]').dataset.ahead !== undefined")
    first, second = shown(one), shown(two)
    assert first and second and first != second
    mine = {first, one.get_attribute("[data-triage]", "data-ahead")}
    theirs = {second, two.get_attribute("[data-triage]", "data-ahead")}
    assert not mine & theirs, "what was fetched ahead is nobody else's either"
    two.click(f"[data-row][data-code={first}]")  # looking over a colleague's shoulder
    expect(two.locator("[data-taken]")).to_contain_text("Trực ban 1")
    expect(two.locator("[data-accept] button")).to_be_disabled()
    two.keyboard.press("t")
    expect(two.locator("[data-taken]")).to_have_count(0)
    expect(one.locator("[data-alerts]")).to_contain_text("Trực ban 2")  # told without a reload
    two.keyboard.press("a")
    expect(two.locator(f"[data-undo-bar] form[data-code={first}]")).to_have_count(1)
    carry_out(served)
    until(lambda: state_of(served, two, first) == "assigned", "the second operator's decision did not count")
    one.locator("h1").first.press("a")  # the first presses all the same
    assert state_of(served, one, first) == "assigned"
    assert set(codes) >= mine | theirs - {""}


def test_many_at_once_and_back(desk: Opened, file_reports: File, served: Served) -> None:
    codes = file_reports(f"nhieuviec{RUN}", 3)
    page = desk("truc1", f"/desk/triage?text=nhieuviec{RUN}")
    ready(page)
    page.locator(f"[data-row][data-code={codes[0]}]").focus()
    for _ in codes:
        page.keyboard.press("x")
    expect(page.locator("[data-many-count]")).to_have_text("Đã chọn 3")
    page.keyboard.press("a")
    expect(page.locator("[data-undo-bar]")).to_contain_text("chưa báo cho ai")
    assert {state_of(served, page, code) for code in codes} == {"triage"}
    page.reload()  # nothing of it lives in the page
    ready(page)
    expect(page.locator("[data-undo-bar] form")).to_have_count(1)
    page.keyboard.press("u")
    expect(page.locator("[data-undo-bar]")).to_contain_text("Đã hoàn tác")
    assert {state_of(served, page, code) for code in codes} == {"triage"}


def test_a_refused_decision_comes_back_with_what_to_mend(desk: Opened, file_reports: File, served: Served) -> None:
    (code,) = file_reports(f"quaylai{RUN}", 1)
    page = desk("truc1", f"/desk/triage?text=quaylai{RUN}")
    ready(page)
    assert shown(page) == code
    page.context.set_offline(True)
    page.keyboard.press("a")
    expect(page.locator("[data-alerts]")).to_contain_text("Mất kết nối")
    page.wait_for_function("code => document.querySelector('[data-triage]').dataset.shown === code", arg=code)
    page.context.set_offline(False)
    page.keyboard.press("a")
    expect(page.locator(f"[data-undo-bar] form[data-code={code}]")).to_have_count(1)
    carry_out(served)
    assert state_of(served, page, code) == "assigned", "it did not go through the second time"


def test_what_was_skipped_comes_again_before_anybody_is_told_well_done(
    desk: Opened, file_reports: File, served: Served
) -> None:
    codes = file_reports(f"boqua{RUN}", 2)
    page = desk("truc1", f"/desk/triage?text=boqua{RUN}")
    ready(page)
    first = shown(page)
    page.keyboard.press("j")
    page.wait_for_function("code => document.querySelector('[data-triage]').dataset.shown !== code", arg=first)
    page.keyboard.press("j")  # over the last one too
    expect(page.locator("[data-case]")).to_have_attribute("data-code", first)
    expect(page.locator("[data-alerts]")).to_contain_text("Có 2 việc đã bỏ qua")
    page.keyboard.press("j")
    page.wait_for_function("code => document.querySelector('[data-triage]').dataset.shown !== code", arg=first)
    page.keyboard.press("a")
    expect(page.locator("[data-case]")).to_have_attribute("data-code", first)
    page.keyboard.press("a")
    expect(page.locator("[data-nothing]")).to_contain_text("Đã xử lý hết ở đây")
    expect(page.locator("[data-undo-bar] form")).to_have_count(2)
    carry_out(served)
    assert {state_of(served, page, code) for code in codes} == {"assigned"}, "they were not accepted"


def test_what_is_said_where_no_case_is_open_follows_the_list(desk: Opened, file_reports: File, served: Served) -> None:
    (code,) = file_reports(f"motviec{RUN}", 1)
    page = desk("truc1", f"/desk/triage?text=motviec{RUN}")
    ready(page)
    old = page.locator("[data-tri-list]").inner_html()
    page.keyboard.press("a")
    nothing = page.locator("[data-nothing]")
    expect(nothing).to_contain_text("Đã xử lý hết ở đây")
    expect(page.locator(f"[data-undo-bar] form[data-code={code}]")).to_have_count(1)
    page.evaluate(
        """html => { const list = document.querySelector("[data-tri-list]");
        list.innerHTML = html; list.dispatchEvent(new CustomEvent("hues:refreshed", { bubbles: true })); }""",
        old,
    )
    expect(nothing).to_contain_text("còn 1 việc")  # not "well done" while it stands there
    (later,) = file_reports(f"motviec{RUN}x", 1)  # something happens: the list comes anew, without the first
    expect(page.locator(f"[data-row][data-code={code}]")).to_have_count(0)
    expect(nothing).to_contain_text("có 1 việc")
    page.keyboard.press("j")
    expect(page.locator("[data-case]")).to_have_attribute("data-code", later)
    page.keyboard.press("a")
    expect(nothing).to_contain_text("Đã xử lý hết ở đây")


SURFACE = """
from datetime import timedelta
from hues.cases.models import Case
from hues.city.models import Agency
from hues.console.actions import notice_untouched
from hues.console.models import Untouched
from hues.kernel import clock
from hues.people.models import Membership
long_ago = clock.now() - timedelta(days=9)
for n, code in enumerate({codes!r}):
    Case.objects.filter(code=code).update(updated_at=long_ago + timedelta(minutes=n), priority=1)
empty = Agency.objects.exclude(pk__in=Membership.objects.filter(agency__isnull=False).values("agency")).filter(valid_to=None).order_by("pk").first()
later = long_ago + timedelta(hours=1)
Case.objects.filter(code={theirs!r}).update(agency=empty, state="assigned", phase="handling", updated_at=later, priority=1)
notice_untouched()
assert Untouched.objects.filter(case__code__in={codes!r}, ended_at=None).count() == 3
"""


def test_the_surfaced_list_goes_on_to_its_next_line(desk: Opened, file_reports: File, served: Served) -> None:
    """After a decision the next line is opened; "well done" is never said while lines stand in the list."""
    *codes, theirs = file_reports(f"noilen{RUN}", 4)
    served.hues("manage", "shell", "-c", SURFACE.format(codes=codes, theirs=theirs))
    page = desk("truc1", f"/desk/triage?list=untouched&case={codes[0]}")
    ready(page)
    page.keyboard.press("a")
    expect(page.locator("[data-case]")).to_have_attribute("data-code", codes[1])
    expect(page.locator("[data-nothing]")).to_have_count(0)
    page.keyboard.press("j")
    expect(page.locator("[data-case]")).to_have_attribute("data-code", codes[2])


def test_map_and_photo_stand_beside_the_text(desk: Opened, file_reports: File) -> None:
    (code,) = file_reports(f"canhchu{RUN}", 1)
    page = desk("truc1", f"/desk/triage?case={code}")
    ready(page)
    points = json.loads(page.get_attribute("[data-case]", "data-points") or "[]")
    assert [point["code"] for point in points][-1] == code and points[-1]["lat"] == pytest.approx(16.43)
    text, media, where = (page.locator(s).bounding_box() for s in (".tri-text", ".tri-media", ".tri-map"))
    assert text and media and where
    for beside in (media, where):
        assert beside["x"] >= text["x"] + text["width"], "beside the text, not below it"
    assert media["y"] < DESK["height"] and where["y"] < DESK["height"], "seen without scrolling"


def test_several_are_put_aside_together_and_asking_says_that_it_does_not(desk: Opened, file_reports: File) -> None:
    codes = file_reports(f"gacnhieu{RUN}", 2)
    page = desk("truc2", f"/desk/triage?text=gacnhieu{RUN}")
    ready(page)
    page.locator(f"[data-row][data-code={codes[0]}]").focus()
    for _ in codes:
        page.keyboard.press("x")
    page.keyboard.press("h")
    expect(page.locator("[data-alerts]")).to_contain_text("Mỗi lần chỉ hỏi một người gửi")
    page.keyboard.press("l")
    page.fill("[data-sheet=hold] [name=reason]", "Chờ phường gọi lại")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-row]")).to_have_count(0)
    expect(page.locator("[data-many]")).to_be_hidden()
    page.goto("/desk/triage?list=mine")
    for code in codes:
        expect(page.locator(f"[data-row][data-code={code}]")).to_have_count(1)


def test_each_key_does_what_it_says(desk: Opened, file_reports: File, served: Served) -> None:
    """C, G, E, M with digits, D, L, J, K, F, U: pressed one by one, and what is so afterwards."""
    word = f"moiphim{RUN}"
    (twin,) = file_reports(f"{word}x", 1, lat=16.43, lon=107.53, address="3 Bà Triệu")
    codes = file_reports(word, 6)  # the first is the same as the twin, and later
    carry_out(served)  # what others of these tests left: U would take it back
    page = desk("truc1", f"/desk/triage?text={word}&case={codes[0]}")
    ready(page)
    case = page.locator("[data-case]")

    page.keyboard.press("c")  # category: by a part of its name, nothing is written yet
    page.keyboard.type("o ga")
    page.keyboard.press("Enter")
    expect(case).not_to_have_attribute("data-category", "DT01")
    page.keyboard.press("c")
    page.keyboard.type("den duong")
    page.keyboard.press("Enter")
    expect(case).to_have_attribute("data-category", "DT01")
    agency = case.get_attribute("data-agency") or ""
    page.keyboard.press("g")  # agency
    page.keyboard.type("thuan hoa")
    page.keyboard.press("Enter")
    expect(case).not_to_have_attribute("data-agency", agency)
    expect(page.locator(".tri-plan.changed")).to_have_count(1)
    assert state_of(served, page, codes[0]) == "triage"
    page.keyboard.press("e")  # what everyone will read
    expect(page.locator("details.tri-public")).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    page.locator("h1").last.focus()
    page.keyboard.press("u")
    expect(page.locator("[data-no-undo]")).to_contain_text("Không có gì để hoàn tác")

    page.keyboard.press("f")
    expect(page.locator("details.tri-filters")).to_have_attribute("open", "")
    page.locator("h1").last.focus()  # it may have gone into a field

    page.keyboard.press("j")  # the next, and back
    page.wait_for_function("code => document.querySelector('[data-triage]').dataset.shown !== code", arg=codes[0])
    second = shown(page)
    page.keyboard.press("k")
    expect(case).to_have_attribute("data-code", codes[0])
    assert second != codes[0]

    number = page.locator(f"[data-twin={twin}]").get_attribute("data-number")  # the duplicate, by its number
    page.keyboard.press(str(number))
    expect(page.locator(f"[data-twin={twin}]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("m")
    page.wait_for_function("code => document.querySelector('[data-triage]').dataset.shown !== code", arg=codes[0])
    waiting = page.locator(f"[data-undo-bar] form[data-code={codes[0]}]")
    expect(waiting).to_contain_text("Đã gộp vào")
    page.keyboard.press("u")  # taken back: the case is open again, as it was
    expect(case).to_have_attribute("data-code", codes[0])
    expect(waiting).to_contain_text("Đã hoàn tác")
    assert state_of(served, page, codes[0]) == "triage"
    page.keyboard.press(str(number))
    page.keyboard.press("m")
    page.wait_for_function("code => document.querySelector('[data-triage]').dataset.shown !== code", arg=codes[0])
    expect(page.locator(f"[data-undo-bar] form[data-code={codes[0]}][data-bulk-id]")).to_have_count(1)
    carry_out(served)
    assert state_of(served, page, codes[0]) == "merged", "M did not merge"
    page.keyboard.press("u")  # too late: it says so
    expect(page.locator("[data-alerts]")).to_contain_text("quá lúc hoàn tác")
    page.keyboard.press("u")  # nothing waits: U says where it is changed
    expect(page.locator(f"[data-no-undo] a[href='/desk/cases/{codes[0]}']")).to_have_count(1)
    expect(page.locator("[data-key=h]")).to_be_disabled()  # nobody can be asked: an API's report has no sender
    code = shown(page)
    page.keyboard.press("d")
    page.wait_for_selector("[data-sheet=redirect] select")
    page.locator("[data-sheet=redirect] select").select_option("procedures")
    page.fill("[data-sheet=redirect] [name=text]", "Việc này do bộ phận một cửa của phường trả lời ạ.")
    page.keyboard.press("Control+Enter")
    page.wait_for_function("code => document.querySelector('[data-triage]').dataset.shown !== code", arg=code)
    page.keyboard.press("u")  # with the words that were written
    expect(page.locator("[data-sheet=redirect]")).to_be_visible()
    expect(page.locator("[data-sheet=redirect] [name=text]")).to_have_value(
        "Việc này do bộ phận một cửa của phường trả lời ạ."
    )
    page.keyboard.press("Control+Enter")
    page.wait_for_function("code => document.querySelector('[data-triage]').dataset.shown !== code", arg=code)
    expect(page.locator(f"[data-undo-bar] form[data-code={code}][data-bulk-id]")).to_have_count(1)
    carry_out(served)
    assert state_of(served, page, code) == "redirected", "D did not hand on"
    code = shown(page)
    page.keyboard.press("l")
    page.fill("[data-sheet=hold] [name=reason]", "Chờ phường gọi lại")
    page.keyboard.press("Control+Enter")
    page.wait_for_function("code => document.querySelector('[data-triage]').dataset.shown !== code", arg=code)
    expect(page.locator(f"[data-row][data-code={code}]")).to_have_count(0)
    page.goto("/desk/triage?list=mine")
    expect(page.locator(f"[data-row][data-code={code}]")).to_have_count(1)


def test_u_pressed_at_once_takes_back_the_decision_that_is_still_on_its_way(desk: Opened, file_reports: File) -> None:
    codes = file_reports(f"laptuc{RUN}", 5)
    page = desk("truc2", f"/desk/triage?text=laptuc{RUN}")
    ready(page)
    bar, triage = page.locator("[data-undo-bar]"), page.locator("[data-triage]")
    first = shown(page)
    page.keyboard.press("a")
    expect(bar.locator(f"form[data-code={first}][data-bulk-id]")).to_have_count(1)
    expect(triage).not_to_have_attribute("data-shown", first)
    second = shown(page)
    held: list[Route] = []
    page.route(f"**/desk/triage/cases/{second}/decide", lambda route: held.append(route))  # a slow network
    page.keyboard.press("a")
    eventually(page, lambda: held, every_ms=50)
    expect(triage).not_to_have_attribute("data-shown", second)
    page.keyboard.press("u")
    held.pop().continue_()
    expect(bar.locator(f"form[data-code={second}]")).to_contain_text("Đã hoàn tác")
    expect(page.locator("[data-case]")).to_have_attribute("data-code", second)
    expect(bar.locator(f"form[data-code={first}][data-bulk-id]")).to_have_count(1)

    page.route("**/desk/triage/bulk", lambda route: held.append(route))  # several together: the same
    others = [code for code in codes if code not in (first, second)][:2]
    for code in others:
        page.locator(f"[data-pick={code}]").click()
        expect(page.locator(f"[data-pick={code}]")).to_be_checked()
    page.keyboard.press("a")
    eventually(page, lambda: held, every_ms=50)
    page.keyboard.press("u")
    held.pop().continue_()
    expect(bar.locator("form:not([data-bulk-id]):not([data-code])")).to_contain_text("Đã hoàn tác")
    expect(bar.locator(f"form[data-code={first}][data-bulk-id]")).to_have_count(1)


def test_it_is_clean_and_fits_a_phone(desk: Opened, file_reports: File) -> None:
    file_reports(f"dienthoai{RUN}", 4)
    page = desk("truc2", f"/desk/triage?text=dienthoai{RUN}")
    ready(page)
    assert axe.run(page) == []
    page.keyboard.press("r")
    page.wait_for_selector("[data-sheet=reject] [data-replies] button")
    assert axe.run(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("[data-keys-list]")).to_contain_text("Gộp")
    phone = desk("truongca", f"/desk/triage?text=dienthoai{RUN}", viewport=PHONE, has_touch=True)
    ready(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(phone.locator(".tri-main")).to_be_in_viewport()
    phone.tap("[data-to-list]")
    expect(phone.locator("[data-row]").first).to_be_visible()
    assert axe.run(phone) == []
    phone.goto("/desk/handover")
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert axe.run(phone) == []
