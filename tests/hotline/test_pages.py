"""The call desk as operators use it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from hues.cases.models import Case
from hues.hotline import actions, telephony
from hues.hotline.models import Call, CallBack
from hues.kernel import clock
from hues.kernel.actors import Actor
from tests.hotline.conftest import NOW, at_desk, event, ring, staff, tell

PAGES = (
    "",
    "/queue",
    "/pop",
    "/side",
    "/all",
    "/callbacks",
    "/callbacks?ended=1",
    "/numbers",
    "/surge",
    "/suggest?q=den+duong+khong+sang",
    "/questions?category=DT01",
)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["operator", "lead"])
def test_every_page_opens_in_both_languages(
    page: str, who: str, over: Callable[..., Call], request: pytest.FixtureRequest
) -> None:
    over()
    tell(ring("w", "0905999888", at=300))
    tell(ring("m", "0905777666", at=300), event("hangup", "m", at=340))
    client = at_desk(request.getfixturevalue(who))
    for language in ("vi", "en"):
        answer = client.get(f"/desk/calls{page}", headers={"accept-language": language})
        assert answer.status_code == 200, (page, language)


def test_the_call_at_my_telephone_pops_up_with_what_its_number_reminds_of(
    seated: Actor, over: Callable[..., Call], at_desk_of: Callable[[Actor], Client]
) -> None:
    old = over("old")
    actions.wrap_up(actor=seated, call_id=old.pk, code="information")
    desk = at_desk_of(seated)
    assert "Không có cuộc gọi" in desk.get("/desk/calls/pop").content.decode()
    call = tell(ring("new", at=400, agent="2001"))
    shown = desk.get("/desk/calls/pop").content.decode()
    assert "+84 905 123 456" in shown or "+84 90 512 34 56" in shown, shown
    assert call.code in shown and "Số máy gọi đến cho biết" in shown and str(old.pk) in shown


@pytest.fixture
def at_desk_of() -> Callable[[Actor], Client]:
    return at_desk


def test_a_report_from_a_call(answered: Callable[..., Call], seated: Actor) -> None:
    call = answered()
    desk = at_desk(seated)
    assert "Lập phản ánh" in desk.get(f"/desk/calls/{call.pk}").content.decode()
    empty = desk.post(f"/desk/calls/{call.pk}/report", {"category": "", "body": ""})
    assert empty.status_code == 422 and not Case.objects.exists()
    done = desk.post(
        f"/desk/calls/{call.pk}/report",
        {"category": "DT01", "body": "Đèn đường tắt ba hôm nay", "address": "27 Lê Lợi", "tell": "1"},
    )
    assert done.status_code == 302, done.content.decode()[:2000]
    case = Case.objects.get()
    assert (case.channel, case.reporter_id, case.address) == ("hotline", None, "27 Lê Lợi")
    assert case.lat is not None, "the city's list of places knows the street"
    call.refresh_from_db()
    assert call.case_id == case.pk and call.links.get().tell
    page = desk.get(f"/desk/calls/{call.pk}").content.decode()
    assert case.code in page
    assert call.code in desk.get(f"/desk/cases/{case.code}/panels").content.decode()


def test_one_key_ends_it(over: Callable[..., Call], seated: Actor) -> None:
    call = over()
    desk = at_desk(seated)
    page = desk.get(f"/desk/calls/{call.pk}").content.decode()
    assert 'data-key="3"' in page and "Cung cấp thông tin" in page
    refused = desk.post(f"/desk/calls/{call.pk}/wrap", {"code": "report", "notes": "x"})
    call.refresh_from_db()
    assert refused.status_code == 302 and call.wrap_code == "", "a report must be there first"
    desk.post(f"/desk/calls/{call.pk}/wrap", {"code": "information", "notes": "Hỏi giờ tàu"})
    call.refresh_from_db()
    assert (call.wrap_code, call.notes) == ("information", "Hỏi giờ tàu")


def test_what_is_not_theirs_is_not_there(answered: Callable[..., Call]) -> None:
    call = answered()
    doors = [f"/desk/calls{page}" for page in PAGES] + [
        f"/desk/calls/{call.pk}", f"/desk/calls/{call.pk}/now", f"/desk/calls/{call.pk}/recording",
    ]  # fmt: skip
    deeds = [
        f"/desk/calls/{call.pk}/{verb}"
        for verb in (
            "report",
            "link",
            "notes",
            "claim",
            "consent",
            "wrap",
            "code",
            "confirm",
            "number",
            "hold-recording",
            "do/hang_up",
        )
    ]
    deeds += [
        "/desk/calls/choose",
        "/desk/calls/start",
        "/desk/calls/surge/switch",
        "/desk/calls/surge/invite",
        "/desk/calls/surge/announce",
    ]
    for name, agency in (("officer", "HEP"), ("head", "HWC"), ("administrator", "")):
        client = at_desk(staff(f"ai.do.{name}", name, agency))
        for door in doors:
            assert client.get(door).status_code == 404, (name, door)
        for deed in deeds:
            assert client.post(deed, {"chosen": "available", "code": "information"}).status_code == 404, (name, deed)
    guest = Client()
    assert all(guest.get(door).status_code == 302 for door in doors)
    call.refresh_from_db()
    assert call.is_open and not call.wrap_code


def test_agencies_read_that_somebody_called_never_who(answered: Callable[..., Call], seated: Actor) -> None:
    call = answered()
    case = actions.file_report(actor=seated, call_id=call.pk, category="DT01", body="Đèn tắt", address="27 Lê Lợi")
    from hues.cases.actions import take_step

    take_step(actor=seated, code=case.code, step="accept", data={"agency": "CVX"})
    officer = at_desk(staff("cay.xanh", "officer", "CVX"))
    shown = officer.get(f"/desk/cases/{case.code}/panels").content.decode()
    assert call.code in shown and "••• 456" not in shown and "123456" not in shown and "Gọi cho người gửi" not in shown
    assert f"/desk/calls/{call.pk}" not in shown


def test_a_number_of_an_ended_call_is_shown_for_a_reason_and_that_is_written_down(
    over: Callable[..., Call], seated: Actor
) -> None:
    from hues.kernel.models import JournalEntry

    call = over()
    desk = at_desk(seated)
    assert "905 123 456" not in desk.get(f"/desk/calls/{call.pk}").content.decode()
    desk.post(f"/desk/calls/{call.pk}/number", {"reason": "?"})
    assert not JournalEntry.objects.filter(action="call.number_shown").exists()
    shown = desk.post(f"/desk/calls/{call.pk}/number", {"reason": "Gọi lại vì đường dây bị ngắt"})
    assert "123 456" in shown.content.decode() or "34 56" in shown.content.decode()
    entry = JournalEntry.objects.get(action="call.number_shown")
    assert "905" not in str(entry.parts) and entry.parts["audit"]["reason"].startswith("Gọi lại")


def test_the_sandbox_says_so_on_its_face(settings: Any, seated: Actor) -> None:
    settings.CTI_ADAPTER = "sandbox"
    assert telephony.adapter() is not None
    desk = at_desk(seated)
    assert "không có điện thoại nào reo" in desk.get("/desk/calls").content.decode()
    client = Client()
    client.post("/dev/calls", {"kind": "ring", "number": "0900000051", "agent": "2001"})
    call = Call.objects.get(source="sandbox")
    assert "không có điện thoại nào reo" in desk.get(f"/desk/calls/{call.pk}").content.decode()
    desk.post(f"/desk/calls/{call.pk}/do/answer")
    call.refresh_from_db()
    assert (call.state, call.operator_id) == ("talking", seated.id)
    settings.SANDBOX = False
    assert client.get("/dev/calls").status_code == 404 and telephony.adapter() is None


def test_pages_cost_few_statements_however_many_calls_there_are(
    seated: Actor, over: Callable[..., Call], django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for n in range(12):
        tell(ring(f"w{n}", f"09051000{n:02}", at=n))
        tell(ring(f"l{n}", f"09052000{n:02}", at=n), event("hangup", f"l{n}", at=n + 60))
    call = over("mine")
    desk = at_desk(seated)
    for page, most in (
        ("", 22),
        ("/queue", 10),
        ("/pop", 14),
        ("/all", 12),
        ("/callbacks", 14),
        ("/numbers", 18),
        (f"/{call.pk}", 26),
    ):
        with django_assert_max_num_queries(most):
            assert desk.get(f"/desk/calls{page}").status_code == 200
    assert CallBack.objects.count() == 12


def test_following_a_case_by_the_link_of_the_text_message(
    answered: Callable[..., Call], seated: Actor, client: Client
) -> None:
    from hues.hotline import jobs
    from hues.people.models import SandboxMessage

    call = answered()
    case = actions.file_report(
        actor=seated, call_id=call.pk, category="DT01", body="Đèn tắt", address="27 Lê Lợi", tell=True
    )
    link = call.links.get()
    jobs.tell_caller(link.pk)
    jobs.tell_caller(link.pk)
    message = SandboxMessage.objects.get()
    assert message.to == "+84905123456" and case.code in message.text
    path = "/c/" + message.text.rpartition("/c/")[2].strip()
    answer = client.get(path)
    assert answer.status_code == 200 and case.code in answer.content.decode() and "905" not in answer.content.decode()
    assert client.get("/c/nothing").status_code == 404
    with clock.at(NOW + timedelta(days=1)):
        assert client.get(path).status_code == 200
