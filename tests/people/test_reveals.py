"""An identity is opened on a legal ground by two people, read once, written down, and told."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from hues.cases.actions import open_case
from hues.cases.models import Case
from hues.cases.queries.timeline import timeline
from hues.kernel import clock, journal
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.models import JournalEntry
from hues.people import actions, mfa, queries
from hues.people.actions import reveals
from hues.people.models import Reveal, User
from tests.people.conftest import NOW, PASSWORD, actor, totp

Make = Callable[..., User]
PHONE = "+84905123456"
ASKED = {
    "ground": "investigation", "document": "12/YC-CSĐT", "issued_by": "Cơ quan Cảnh sát điều tra, Thiếu tá Minh",
    "issued_on": date(2026, 11, 20), "reason": "Làm rõ nguồn tin về vụ trộm cắp ở chợ", "needs": ["phone"],
}  # fmt: skip


@pytest.fixture
def lead(make_staff: Make) -> User:
    return make_staff("truong.ca", "lead")


@pytest.fixture
def auditor(make_staff: Make) -> User:
    return make_staff("kiem.toan", "auditor")


@pytest.fixture
def case(citizen: User) -> Case:
    actions.set_name(actor=actor(citizen), user=citizen, name="Trần Thị Mận")
    return open_case(actor=actor(citizen), category="DT01", body="Đèn đường tắt", lat=16.4637, lon=107.5909)


def ask(lead: User, case: Case, **changed: Any) -> Reveal:
    return actions.ask_reveal(actor=actor(lead), code=case.code, **{**ASKED, **changed})


def test_one_asks_another_decides_the_first_reads_what_was_approved(
    lead: User, auditor: User, citizen: User, case: Case
) -> None:
    with clock.at(NOW):
        reveal = ask(lead, case)
        with pytest.raises(Conflict):
            actions.open_reveal(actor=actor(lead), number=reveal.number)
        with pytest.raises(Forbidden):
            actions.decide_reveal(actor=actor(lead), number=reveal.number, approve=True, reason="Tôi tự duyệt cho tôi")
        actions.decide_reveal(actor=actor(auditor), number=reveal.number, approve=True, reason="Văn bản hợp lệ")
        with pytest.raises(Forbidden):
            actions.open_reveal(actor=actor(auditor), number=reveal.number)
        identity = actions.open_reveal(actor=actor(lead), number=reveal.number)
        assert (identity.phone, identity.name) == (PHONE, ""), "the name was not asked for"
    with clock.at(NOW + timedelta(minutes=14)):
        assert actions.open_reveal(actor=actor(lead), number=reveal.number).phone == PHONE
    with clock.at(NOW + timedelta(minutes=16)), pytest.raises(Conflict):
        actions.open_reveal(actor=actor(lead), number=reveal.number)
    opened = JournalEntry.objects.filter(action="people.vault_opened", subject_id=citizen.pk)
    assert [entry.parts["audit"].get("number") for entry in opened][-2:] == [reveal.number] * 2
    told = JournalEntry.objects.get(action="people.reveal_told").parts["notify"]
    assert [(one["person_id"], one["data"]["code"]) for one in told] == [(str(citizen.pk), case.code)]


def test_the_centre_reads_of_it_in_the_history_and_the_agency_does_not(
    lead: User, auditor: User, case: Case, make_staff: Make
) -> None:
    reveal = ask(lead, case)
    actions.decide_reveal(actor=actor(auditor), number=reveal.number, approve=True, reason="Văn bản hợp lệ")
    actions.open_reveal(actor=actor(lead), number=reveal.number)
    case.agency_id = queries.memberships(make_staff("can.bo", ("officer", "HEP"))).get().agency_id
    Case.objects.filter(pk=case.pk).update(agency=case.agency_id)
    officer = actor(User.objects.get(username="can.bo"))
    seen = {who: str([event.text for event in timeline(who, case)]) for who in (actor(lead), officer)}
    assert "Danh tính đã được mở" in seen[actor(lead)] and "anh tính" not in seen[officer]
    everything = JournalEntry.objects.filter(subject_id=case.pk, action__startswith="people.reveal")
    assert everything.count() == 3
    for entry in everything:
        assert set(entry.parts) <= {"centre", "audit", "notify"}
        assert PHONE not in str(entry.parts) and "Mận" not in str(entry.parts)
    assert "12/YC-CSĐT" not in str([e.parts for e in journal.entries(case.pk, for_viewer=journal.CENTRE)])


def test_who_has_no_part_in_it_finds_nothing(lead: User, case: Case, make_staff: Make, citizen: User) -> None:
    reveal = ask(lead, case)
    others = [make_staff("truc.ban", "operator"), make_staff("quan.tri", "administrator"), citizen]
    others.append(make_staff("truong.phong", ("head", "HEP")))
    for other in others:
        with pytest.raises(NotFound):
            ask(other, case)
        with pytest.raises(NotFound):
            actions.decide_reveal(actor=actor(other), number=reveal.number, approve=True, reason="Tôi muốn biết")
        with pytest.raises(NotFound):
            actions.open_reveal(actor=actor(other), number=reveal.number)
        client = Client()
        client.force_login(other)
        for path in ("/desk/reveals", "/desk/reveals/new", f"/desk/reveals/{reveal.number}"):
            assert client.get(path).status_code in (302, 404), (other, path)
    assert JournalEntry.objects.filter(action="people.reveal_approved").count() == 0


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"ground": "curiosity"}, "ground"),
        ({"document": ""}, "document"),
        ({"issued_on": None}, "issued_on"),
        ({"issued_by": "?"}, "issued_by"),
        ({"reason": "cần"}, "reason"),
        ({"needs": []}, "needs"),
        ({"needs": ["phone", "address"]}, "needs"),
        ({"delay_days": 181}, "delay_days"),
        ({"ground": "sanction", "delay_days": 3}, "delay_days"),
    ],
)
def test_without_ground_document_or_reason_nothing_is_asked(
    lead: User, case: Case, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        ask(lead, case, **changed)
    assert set(refused.value.fields) == {field}
    assert not Reveal.objects.exists()


def test_the_table_itself_refuses_a_reveal_by_one_person(lead: User, case: Case) -> None:
    reveal = ask(lead, case)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reveal.objects.filter(pk=reveal.pk).update(decided_by=lead)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reveal.objects.filter(pk=reveal.pk).update(opened_at=NOW)


def test_it_is_decided_once_asked_once_and_ends_by_itself(lead: User, auditor: User, case: Case) -> None:
    with clock.at(NOW):
        reveal = ask(lead, case)
        with pytest.raises(Conflict):
            ask(auditor, case)
        actions.decide_reveal(actor=actor(auditor), number=reveal.number, approve=False, reason="Văn bản đã hết hạn")
        with pytest.raises(Conflict):
            actions.decide_reveal(actor=actor(auditor), number=reveal.number, approve=True, reason="Tôi đổi ý rồi")
        second = ask(lead, case)
    with clock.at(NOW + timedelta(hours=73)):
        with pytest.raises(Conflict):
            actions.decide_reveal(actor=actor(auditor), number=second.number, approve=True, reason="Văn bản hợp lệ")
        assert reveals.end_outdated() == 1 and reveals.end_outdated() == 0
    assert Reveal.objects.get(pk=second.pk).state == "expired"


def test_the_reporter_is_told_later_where_the_ground_forbids_it_now(lead: User, auditor: User, case: Case) -> None:
    with clock.at(NOW):
        reveal = ask(lead, case, delay_days=10)
        actions.decide_reveal(actor=actor(auditor), number=reveal.number, approve=True, reason="Văn bản hợp lệ")
        actions.open_reveal(actor=actor(lead), number=reveal.number)
        assert reveals.tell_reporters() == 0
    with clock.at(NOW + timedelta(days=11)):
        assert reveals.tell_reporters() == 1 and reveals.tell_reporters() == 0


# Pages


def signed_in(user: User) -> tuple[Client, str]:
    """A browser at the desk after password and app, and the secret of the app."""
    secret, client = mfa.new_secret(), Client()
    with clock.at(NOW - timedelta(hours=1)):
        assert mfa.activate(user, secret, totp(secret))
    client.post("/staff/login", {"username": user.username, "password": PASSWORD})
    client.post("/staff/mfa", {"code": totp(secret)})
    return client, secret


def test_deciding_and_reading_ask_for_the_second_factor_again(lead: User, auditor: User, case: Case) -> None:
    with clock.at(NOW):
        at_desk, app = signed_in(lead)
        form = {**ASKED, "issued_on": "2026-11-20", "code": case.code, "delay_days": "0"}
        number = at_desk.post("/desk/reveals/new", form)["Location"].rpartition("/")[2]
        judge, other_app = signed_in(auditor)
        address = f"/desk/reveals/{number}"
        verdict = {"do": "approve", "reason": "Văn bản hợp lệ"}
        assert judge.post(address, verdict).status_code == 409, "signed in, but not confirmed"
    with clock.at(NOW + timedelta(minutes=1)):
        assert judge.post(f"/confirm?next={address}", {"code": "000000", "next": address}).status_code == 422
        assert judge.post(f"/confirm?next={address}", {"code": totp(other_app), "next": address})["Location"] == address
        assert judge.post(address, verdict).status_code == 302
        assert at_desk.post(address, {"do": "open"}).status_code == 409
        at_desk.post(f"/confirm?next={address}", {"code": totp(app), "next": address})
        shown = at_desk.post(address, {"do": "open"})
        assert "905 123 456" in shown.text and shown["Refresh"].startswith("900;")
        assert "no-store" in shown["Cache-Control"]
        assert "905 123 456" not in at_desk.get(address).text
    with clock.at(NOW + timedelta(minutes=20)):
        assert at_desk.post(address, {"do": "open"}).status_code == 409
    assert "1" in Client().get("/privacy").text.split("stat-value")[1][:20]


def test_for_a_life_two_people_do_it_at_one_screen(lead: User, make_staff: Make, case: Case) -> None:
    second = make_staff("truong.ca.hai", "lead")
    outsider = make_staff("truc.ban", "operator")
    with clock.at(NOW):
        client, app = signed_in(lead)
        _browser, other_app = signed_in(second)
        _browser, outside_app = signed_in(outsider)
        form = {"code": case.code, "ground": "rescue", "issued_by": "Đội cứu hộ 114", "needs": ["phone", "name"],
                "reason": "Người gửi có thể đang mắc kẹt trong nước"}  # fmt: skip
        address = client.post("/desk/reveals/new", form)["Location"]
    with clock.at(NOW + timedelta(minutes=1)):
        beside = {"do": "beside", "password": PASSWORD}
        own = client.post(address, {**beside, "username": lead.username, "code": totp(app)})
        assert own.status_code == 403, "nobody is their own second person"
        third = client.post(address, {**beside, "username": outsider.username, "code": totp(outside_app)})
        assert third.status_code == 403
        assert client.post(address, {**beside, "username": second.username, "code": "000000"}).status_code == 422
        assert client.post(address, {**beside, "username": second.username, "code": totp(other_app)}).status_code == 302
    with clock.at(NOW + timedelta(minutes=2)):
        client.post(f"/confirm?next={address}", {"code": totp(app), "next": address})
        shown = client.post(address, {"do": "open"}).text
    assert "905 123 456" in shown and "Trần Thị Mận" in shown
    assert Reveal.objects.get().decided_by == second


def test_beside_works_for_a_life_only(lead: User, make_staff: Make, case: Case) -> None:
    second = make_staff("truong.ca.hai", "lead")
    reveal = ask(lead, case)
    with pytest.raises(NotFound):
        actions.approve_beside(
            actor=actor(lead), number=reveal.number, username=second.username, password=PASSWORD, code="1", ip=""
        )
