"""Abuse: warned, limited, locked by a person for a reason; read, appealed, decided by somebody else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from hues.cases.actions import open_case
from hues.cases.models import Case
from hues.kernel import clock
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from hues.kernel.models import JournalEntry
from hues.people import actions, subjects
from hues.people.models import Restriction, User
from hues.reports.actions import file_report
from tests.people.conftest import NOW, actor

Make = Callable[..., User]
WHY = "Ba phản ánh dùng lại ảnh cũ trên mạng, không có thật"
PLACE = {"lat": 16.4637, "lon": 107.5909}


@pytest.fixture
def lead(make_staff: Make) -> User:
    return make_staff("truong.ca", "lead")


@pytest.fixture
def other_lead(make_staff: Make) -> User:
    return make_staff("truong.ca.hai", "lead")


@pytest.fixture
def case(citizen: User) -> Case:
    return open_case(actor=actor(citizen), category="DT01", body="Đèn đường tắt", **PLACE)


def place(lead: User, case: Case, kind: str = "lock", days: int = 7, **more: object) -> Restriction:
    return actions.place_restriction(
        actor=actor(lead),
        code=case.code,
        kind=kind,
        reason=WHY,
        days=days,
        **more,  # type: ignore[arg-type]
    )


@pytest.fixture
def lock(lead: User, case: Case) -> Restriction:
    with clock.at(NOW):
        place(lead, case, "warning", 0)
        return place(lead, case)


def test_a_lock_needs_an_earlier_step(lead: User, case: Case) -> None:
    with clock.at(NOW):
        with pytest.raises(Conflict):
            place(lead, case)
        place(lead, case, "warning", 0)
        place(lead, case)
        with pytest.raises(Conflict):
            place(lead, case)
    with clock.at(NOW + timedelta(days=400)), pytest.raises(Conflict):
        place(lead, case)


def test_a_locked_account_reads_follows_and_reports_what_is_urgent(citizen: User, lock: Restriction) -> None:
    with clock.at(NOW):
        with pytest.raises(Forbidden) as refused:
            file_report(actor=actor(citizen), category="DT01", body="Đèn tắt nữa", **PLACE)
        assert "1/12" in refused.value.detail and refused.value.code == "account-locked"
        urgent = file_report(actor=actor(citizen), category="HT01", body="Ống nước vỡ giữa đường", **PLACE)
        assert urgent.group == "immediate"
        client = Client()
        client.force_login(citizen)
        assert client.get("/me").status_code == 200
        assert "Tài khoản đang khóa" in client.get("/me/settings").text
        page = client.get(f"/me/conduct/{lock.pk}").text
        assert WHY in page and 'href="tel:114"' in page
    with clock.at(NOW + timedelta(days=8)):
        file_report(actor=actor(citizen), category="DT01", body="Đèn tắt nữa", **PLACE)


def test_a_limited_account_sends_a_few_a_day(citizen: User, lead: User, case: Case) -> None:
    with clock.at(NOW):
        place(lead, case, "limit", 5)
        for _report in range(2):
            file_report(actor=actor(citizen), category="DT01", body="Đèn tắt nữa", **PLACE)
        with pytest.raises(TooMany):
            file_report(actor=actor(citizen), category="DT01", body="Đèn tắt nữa", **PLACE)


def test_nobody_learns_whose_account_it_is(lead: User, lock: Restriction, citizen: User) -> None:
    client = Client()
    client.force_login(lead)
    for path in ("/desk/conduct", f"/desk/conduct/{lock.pk}", "/desk/conduct/new?code=" + lock.evidence[0]):
        page = client.get(path).text
        assert "905" not in page and str(citizen.pk) not in page, path
    entry = JournalEntry.objects.filter(action="people.restricted").latest("id")
    assert set(entry.parts) == {"centre", "audit", "notify"} and WHY not in str(entry.parts["centre"])


def test_one_appeal_decided_by_somebody_else(citizen: User, lead: User, other_lead: User, lock: Restriction) -> None:
    client = Client()
    client.force_login(citizen)
    address = f"/me/conduct/{lock.pk}"
    with clock.at(NOW + timedelta(hours=1)):
        assert client.post(address, {"text": "Sai"}).status_code == 422
        assert client.post(address, {"text": "Ảnh do chính tôi chụp sáng hôm qua"}).status_code == 302
        assert client.post(address, {"text": "Tôi nhắc lại lần nữa cho chắc"}).status_code == 409
        assert "trước" in client.get(address).text
        verdict = {"restriction_id": lock.pk, "granted": True, "answer": "Đã xem lại ảnh gốc: bạn nói đúng"}
        with pytest.raises(Forbidden):
            actions.decide_appeal(actor=actor(lead), **verdict)  # type: ignore[arg-type]
        desk = Client()
        desk.force_login(lead)
        assert "người khác phải quyết định" in desk.get("/desk/conduct").text
        actions.decide_appeal(actor=actor(other_lead), **verdict)  # type: ignore[arg-type]
        with pytest.raises(Conflict):
            actions.decide_appeal(actor=actor(other_lead), **verdict)  # type: ignore[arg-type]
        assert "bạn nói đúng" in client.get(address).text
        file_report(actor=actor(citizen), category="DT01", body="Đèn tắt nữa", **PLACE)
    appeal = Restriction.objects.get(pk=lock.pk).appeal
    assert appeal.due_at - appeal.at >= timedelta(days=5)


def test_only_leads_restrict_and_only_its_owner_appeals(
    citizen: User, case: Case, lock: Restriction, make_staff: Make
) -> None:
    for other in (make_staff("truc.ban", "operator"), make_staff("kiem.toan", "auditor"), citizen):
        with pytest.raises(NotFound):
            place(other, case)
        with pytest.raises(NotFound):
            actions.lift_restriction(actor=actor(other), restriction_id=lock.pk, reason="")
    stranger = User.objects.create(kind="citizen", username="khac", created_at=NOW)
    with pytest.raises(NotFound):
        actions.appeal_restriction(actor=actor(stranger), restriction_id=lock.pk, text="Tôi khiếu nại thay cho bạn tôi")
    client = Client()
    client.force_login(stranger)
    assert client.get(f"/me/conduct/{lock.pk}").status_code == 404


def test_a_lead_may_end_it_early(citizen: User, lead: User, lock: Restriction) -> None:
    client = Client()
    client.force_login(lead)
    with clock.at(NOW + timedelta(days=1)):
        assert client.post(f"/desk/conduct/{lock.pk}", {"do": "lift", "reason": "Đã nói chuyện"}).status_code == 302
        assert client.post(f"/desk/conduct/{lock.pk}", {"do": "lift"}).status_code == 409
        file_report(actor=actor(citizen), category="DT01", body="Đèn tắt nữa", **PLACE)


def test_evidence_must_be_of_the_same_account(lead: User, case: Case, make_staff: Make) -> None:
    stranger = User.objects.create(kind="citizen", username="khac", created_at=NOW)
    foreign = open_case(actor=actor(stranger), category="DT01", body="Đèn khác", **PLACE)
    with pytest.raises(Invalid) as refused:
        place(lead, case, "warning", 0, evidence=[foreign.code])
    assert set(refused.value.fields) == {"evidence"}


def test_repeated_abuse_is_listed_and_nothing_happens_by_itself(citizen: User, lead: User) -> None:
    with clock.at(NOW):
        codes = [open_case(actor=actor(citizen), category="DT01", body=f"Đèn {n}", **PLACE).code for n in range(4)]
        Case.objects.filter(code__in=codes[:3]).update(reject_reason="spam")
        client = Client()
        client.force_login(lead)
        (signal,) = subjects.cases().signals()
        assert (signal.rejected, signal.sent, set(signal.codes)) == (3, 4, set(codes[:3]))
        assert "3 trên 4 phản ánh bị từ chối" in client.get("/desk/conduct").text
        Case.objects.filter(code=codes[0]).update(reject_reason="outside_territory")
        assert subjects.cases().signals() == []
    assert not Restriction.objects.exists()


def test_the_rules_are_said_to_everybody_in_both_languages(client: Client) -> None:
    vietnamese, english = client.get("/rules").text, client.get("/rules", headers={"Accept-Language": "en"}).text
    assert "30/2022/QĐ-UBND" in vietnamese and "nhiều nhất 2 phản ánh mỗi ngày" in vietnamese
    assert "at most 2 reports a day" in english and "30/2022" in english
