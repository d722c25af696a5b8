"""Every form of the call desk, sent as people send it: what it does, and whom it refuses."""

from collections.abc import Callable
from datetime import date

import pytest
from django.conf import LazySettings

from hues.cases.actions import open_case
from hues.cases.models import Case
from hues.city import queries as city
from hues.hotline.models import Announcement, Call, CallBack, CallBackTry, CallLink, Surge
from hues.kernel.actors import SYSTEM, Actor
from hues.people import actions as people
from hues.people.models import Membership, SandboxMessage, User
from tests.hotline.conftest import NOW, actor_of, at_desk, event, ring, tell

BACKS = "/desk/calls/callbacks"


@pytest.fixture
def owed() -> CallBack:
    """A call that nobody answered."""
    tell(ring("lost"), event("hangup", "lost", at=40))
    return CallBack.objects.get()


@pytest.fixture
def report(citizen: User) -> Case:
    return open_case(actor=actor_of(citizen), category="DT01", body="Đèn tắt ba hôm nay", lat=16.4637, lon=107.5909)


# ── call-backs ──


def test_a_call_back_is_taken_and_the_number_shown_where_nothing_dials(
    owed: CallBack, seated: Actor, colleague: Actor
) -> None:
    shown = at_desk(seated).post(f"{BACKS}/{owed.pk}/take")
    assert shown.status_code == 200 and "no-store" in shown["Cache-Control"]
    assert "tel:+84905123456" in shown.content.decode()
    owed.refresh_from_db()
    assert owed.taken_by_id == seated.id
    other = at_desk(colleague).post(f"{BACKS}/{owed.pk}/take", follow=True)
    assert "905123456" not in other.content.decode() and "905 123 456" not in other.content.decode()
    owed.refresh_from_db()
    assert owed.taken_by_id == seated.id, "one person calls"


def test_click_to_call_and_what_came_of_it(owed: CallBack, seated: Actor, settings: LazySettings) -> None:
    settings.CTI_ADAPTER = "sandbox"
    desk = at_desk(seated)
    assert f"{BACKS}/{owed.pk}/dial" in desk.get(BACKS).content.decode()
    answer = desk.post(f"{BACKS}/{owed.pk}/dial")
    call = Call.objects.get(direction="out")
    assert (answer.status_code, answer["Location"]) == (302, f"/desk/calls/{call.pk}")
    assert (call.callback_id, call.operator_id) == (owed.pk, seated.id)
    desk.post(f"{BACKS}/{owed.pk}/try", {"result": "dance"})
    assert not CallBackTry.objects.exists()
    desk.post(f"{BACKS}/{owed.pk}/try", {"result": "busy", "note": "Máy bận"})
    owed.refresh_from_db()
    assert (owed.state, owed.tries, owed.attempts.get().note) == ("open", 1, "Máy bận")
    desk.post(f"{BACKS}/{owed.pk}/try", {"result": "reached"})
    owed.refresh_from_db()
    assert (owed.state, owed.tries, owed.ended_by_id) == ("done", 2, seated.id)
    assert "••• 456" in desk.get(f"{BACKS}?ended=1").content.decode()


def test_whoever_sits_nowhere_cannot_dial(owed: CallBack, operator: Actor, settings: LazySettings) -> None:
    settings.CTI_ADAPTER = "sandbox"
    answer = at_desk(operator).post(f"{BACKS}/{owed.pk}/dial")
    assert (answer.status_code, answer["Location"]) == (302, BACKS)
    assert not Call.objects.filter(direction="out").exists()


def test_giving_up_needs_a_note(owed: CallBack, seated: Actor) -> None:
    desk = at_desk(seated)
    desk.post(f"{BACKS}/{owed.pk}/give-up", {"note": ""})
    owed.refresh_from_db()
    assert owed.state == "open"
    desk.post(f"{BACKS}/{owed.pk}/give-up", {"note": "Số không liên lạc được"})
    owed.refresh_from_db()
    assert (owed.state, owed.ended_by_id) == ("given_up", seated.id)


def test_the_sender_of_a_case_goes_on_the_list_without_their_number(
    report: Case, seated: Actor, settings: LazySettings
) -> None:
    settings.CTI_ADAPTER = "sandbox"
    desk, door = at_desk(seated), f"/desk/calls/reporter/{report.code}"
    answer = desk.post(door, {"reason": "quality", "words": "Hỏi đèn đã sáng chưa"})
    row = CallBack.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/desk/cases/{report.code}")
    assert (row.reason, row.words, row.person_id) == ("quality", "Hỏi đèn đã sáng chưa", report.reporter_id)
    listed = desk.get(BACKS).content.decode()
    assert report.code in listed and "••• 456" not in listed
    assert desk.post(door, {"reason": "quality"}).status_code == 302 and CallBack.objects.count() == 1
    desk.post(f"{BACKS}/{row.pk}/dial")
    assert not Call.objects.get(direction="out").number_end


# ── a call ──


def test_notes_claim_and_consent(answered: Callable[..., Call], seated: Actor, colleague: Actor) -> None:
    call = tell(ring("free", "0905222333"), event("answer", "free", at=5, agent="2999"))
    desk, door = at_desk(seated), f"/desk/calls/{call.pk}"
    assert desk.post(f"{door}/claim")["Location"] == door
    call.refresh_from_db()
    assert call.operator_id == seated.id
    desk.post(f"{door}/notes", {"notes": "Bà hỏi lịch cắt nước"})
    at_desk(colleague).post(f"{door}/notes", {"notes": "của người khác"})
    at_desk(colleague).post(f"{door}/claim")
    desk.post(f"{door}/consent", {"agreed": "1"})
    call.refresh_from_db()
    assert (call.notes, call.operator_id, call.consent) == ("Bà hỏi lịch cắt nước", seated.id, "given")
    desk.post(f"{door}/consent", {"agreed": "0"})
    call.refresh_from_db()
    assert call.consent == "refused"


@pytest.mark.parametrize("kind", ["same", "about"])
def test_a_case_is_linked(kind: str, answered: Callable[..., Call], seated: Actor, report: Case) -> None:
    call = answered("c1", "0905222333")
    desk, door = at_desk(seated), f"/desk/calls/{call.pk}"
    desk.post(f"{door}/link", {"code": "PA-0000-00", "kind": kind})
    assert not CallLink.objects.exists()
    desk.post(f"{door}/link", {"code": report.code.lower(), "kind": kind, "words": "Cả xóm tối om"})
    link = CallLink.objects.get()
    assert (link.case_id, link.kind, link.by_id) == (report.pk, kind, seated.id)
    assert report.code in desk.get(door).content.decode()


def test_the_caller_is_confirmed_by_the_code_that_goes_to_their_own_telephone(
    answered: Callable[..., Call], seated: Actor, citizen: User, report: Case
) -> None:
    call = answered()
    desk, door = at_desk(seated), f"/desk/calls/{call.pk}"
    assert "Người gọi đã xác nhận" not in desk.get(door).content.decode()
    assert desk.post(f"{door}/code")["Location"] == f"{door}?do=confirm"
    message = SandboxMessage.objects.get()
    code = next(word for word in message.text.replace(":", " ").split() if word.isdigit() and len(word) == 6)
    wrong = "000000" if code != "000000" else "111111"
    desk.post(f"{door}/confirm", {"code": wrong})
    call.refresh_from_db()
    assert call.person_id is None
    desk.post(f"{door}/confirm", {"code": code})
    call.refresh_from_db()
    assert call.person_id == citizen.pk
    page = desk.get(door).content.decode()
    assert report.code in page and "Người gọi đã xác nhận" in page


# ── surge ──


def test_surge_is_switched_people_invited_and_callers_told_on_the_page(
    lead: Actor, operator: Actor, volunteer: Actor
) -> None:
    desk, door = at_desk(lead), "/desk/calls/surge"
    at_desk(operator).post(f"{door}/switch", {"on": "1", "reason": "Lũ lên nhanh"})
    desk.post(f"{door}/switch", {"on": "1", "reason": ""})
    assert not Surge.objects.exists()
    assert desk.post(f"{door}/switch", {"on": "1", "reason": "Lũ lên nhanh"})["Location"] == door
    assert Surge.objects.get().off_at is None
    assert at_desk(volunteer).get("/desk/calls").status_code == 200
    people.create_staff(actor=SYSTEM, username="giup.suc", password="mưa dầm thấm đất Huế", is_sample=True)
    desk.post(f"{door}/invite", {"username": "giup.suc", "until": "2026-13-45"})
    assert not Membership.objects.filter(user__username="giup.suc").exists()
    desk.post(f"{door}/invite", {"username": "giup.suc", "until": "2026-11-27"})
    assert Membership.objects.get(user__username="giup.suc").valid_to == date(2026, 11, 27)
    unit = city.units("vi")[0]["code"]
    texts = {"text_vi": "Đường ngập 40 cm, xin đi đường khác.", "text_en": "The street is under 40 cm of water."}
    assert desk.post(f"{door}/announce", {"unit": unit, "hours": "6", "text_vi": "Ngắn"}).status_code == 422
    assert desk.post(f"{door}/announce", {"unit": unit, "hours": "6", **texts})["Location"] == door
    row = Announcement.objects.get()
    assert (row.unit.code if row.unit else "", row.texts["en"]) == (unit, texts["text_en"])
    assert texts["text_vi"] in desk.get(door).content.decode()
    at_desk(operator).post(f"{door}/{row.pk}/withdraw")
    assert Announcement.objects.get().withdrawn_at is None
    desk.post(f"{door}/{row.pk}/withdraw")
    assert Announcement.objects.get().withdrawn_at == NOW
    assert desk.post(f"{door}/{row.pk}/withdraw").status_code == 404
    desk.post(f"{door}/switch", {"on": "0"})
    assert Surge.objects.get().off_at == NOW
