"""The way of a timed report, as people walk it: accepted, handled, checked, published, rated, reopened."""

from datetime import date, timedelta

import pytest

from hues.cases import actions
from hues.cases.models import CaseFile, CaseMessage, CaseTimer
from hues.kernel import clock
from hues.kernel.errors import Conflict, Forbidden, Invalid
from hues.kernel.models import JournalEntry
from tests.cases.conftest import MONDAY, People, Way, at_most, journal_of, told, upload


def test_accepting_gives_it_to_an_agency_with_a_due_date(way: Way) -> None:
    way.accepted()
    case = way.case
    assert (case.state, case.agency, case.accepted_at) == ("assigned", way.agency, MONDAY)
    assert case.due_at == case.due_original_at == case.due_final_at
    assert case.due_at and case.due_at.astimezone().date() == date(2026, 10, 8)  # three working days: Thursday
    kinds = set(CaseTimer.objects.filter(case=case, fired_at=None).values_list("kind", flat=True))
    assert kinds == {"remind-50", "remind-80", "escalate-100", "escalate-150"}


def test_without_a_choice_the_routing_rules_name_the_agency(way: Way) -> None:
    way.take(way.operator, "accept")
    assert way.case.agency == way.agency


def test_accepting_moderates(way: Way) -> None:
    assert not way.case.moderated
    way.accepted()
    case = way.case
    assert (case.moderated, case.public_body, case.public_address) == (True, case.body, "27 Lê Lợi")
    assert (case.public_lat, case.public_lon) == (case.lat, case.lon)


def test_reporter_and_agency_are_told(way: Way) -> None:
    officer, head = way.officer, way.head
    way.accepted()
    entry = journal_of(way.case)[-1]
    assert told(entry) == {way.citizen.id, officer.id, head.id}
    texts = {notice["template"]: notice["data"]["texts"]["vi"] for notice in entry.parts["notify"]}
    assert way.code in texts["case.accept"]
    assert {f"agency:{way.agency.pk}", "centre", f"public:{way.case.pk}"} <= set(entry.topics)


def test_a_step_costs_few_statements(way: Way) -> None:
    way.accepted()
    officer = way.officer
    with at_most(5):
        way.take(officer, "start")


def test_rejection_explains_itself_to_the_reporter(way: Way) -> None:
    with pytest.raises(Invalid) as refused:
        way.take(way.operator, "reject", {"reason": "spam"})
    assert set(refused.value.fields) == {"text"}
    way.take(way.operator, "reject", {"reason": "private_dispute", "text": "Việc này thuộc tòa án dân sự."})
    case = way.case
    assert (case.state, case.is_open, case.reject_reason, case.closed_at) == (
        "rejected",
        False,
        "private_dispute",
        MONDAY,
    )
    assert case.due_at is None
    assert "tòa án dân sự" in journal_of(case)[-1].parts["notify"][0]["data"]["texts"]["vi"]
    assert not CaseTimer.objects.filter(case=case, fired_at=None).exists()


def test_a_mistaken_rejection_is_reconsidered(way: Way) -> None:
    way.take(way.operator, "reject", {"reason": "spam", "text": "Nội dung không rõ ràng."})
    way.take(way.operator, "reconsider", {"reason": "Đọc nhầm"})
    case = way.case
    assert (case.state, case.reject_reason, case.answer, case.closed_at) == ("triage", "", "", None)
    assert case.due_at


def test_an_agency_returns_it_twice_then_the_centre_decides(way: Way, people: People) -> None:
    for hop in (1, 2):
        way.accepted().take(way.officer, "return", {"reason": "Đèn này do ban quản lý dự án lắp."})
        case = way.case
        assert (case.state, case.hops, case.agency_id) == ("triage", hop, None)
        said = JournalEntry.objects.filter(subject_id=case.pk, action="case.return").latest("id").parts["notify"]
        assert way.agency.name("vi") in str(said), "the centre is told who returned it"
    way.accepted()
    with pytest.raises(Conflict):
        way.take(way.officer, "return", {"reason": "Vẫn không phải của chúng tôi."})
    way.take(way.operator, "reassign", {"agency": "HEP", "reason": "Trung tâm quyết định"})
    assert way.case.agency and way.case.agency.code == "HEP"


def test_the_first_promise_stays_known_whoever_gets_it_later(way: Way) -> None:
    way.started()
    promised = way.case.due_at
    with clock.at(MONDAY + timedelta(days=1)):
        way.take(way.operator, "reassign", {"agency": "HEP", "reason": "Đèn này của đơn vị khác"})
    case = way.case
    assert case.due_original_at == promised
    assert case.due_at and promised and case.due_at > promised
    assert case.due_final_at == case.due_at


def test_the_clock_stops_while_the_citizen_is_asked(way: Way) -> None:
    way.started()
    due = way.case.due_at
    assert due
    with clock.at(MONDAY + timedelta(hours=2)):
        way.take(way.officer, "ask_citizen", {"question": "Trụ đèn số mấy vậy ạ?"})
        assert way.case.due_at is None
        assert CaseMessage.objects.get(case=way.case).body == "Trụ đèn số mấy vậy ạ?"
    with clock.at(MONDAY + timedelta(days=1, hours=2)):
        way.take(way.citizen, "citizen_reply", {"text": "Trụ số 12"})
    case = way.case
    assert case.state == "in_progress"
    assert case.due_at == due + timedelta(days=1)
    assert case.due_original_at == due, "the date that was promised first stays known"


def test_a_message_of_the_reporter_is_the_reply(way: Way) -> None:
    way.started().take(way.officer, "ask_citizen", {"question": "Trụ đèn số mấy vậy ạ?"})
    assert actions.send_message(actor=way.citizen, code=way.code, body="Trụ số 12 đối diện chợ") is None
    assert way.case.state == "in_progress"
    assert list(CaseMessage.objects.filter(case=way.case).values_list("author_kind", flat=True)) == ["staff", "citizen"]


def test_an_extension_needs_somebody_else_to_approve(way: Way, people: People) -> None:
    way.started().take(way.officer, "request_extension", {"days": 3, "reason": "Chờ vật tư thay thế."})
    due = way.case.due_at
    with pytest.raises(Forbidden):
        way.take(way.officer, "approve_extension")
    way.take(way.head, "approve_extension")
    case = way.case
    assert case.state == "in_progress"
    assert case.due_final_at == case.due_at == due + timedelta(days=5)  # Thursday and three working days: Tuesday
    assert case.due_original_at == due


def test_nobody_approves_what_they_asked_for(way: Way) -> None:
    way.started().take(way.head, "request_extension", {"days": 3, "reason": "Chờ vật tư thay thế."})
    with pytest.raises(Conflict):
        way.take(way.head, "approve_extension")


def test_long_extensions_are_the_centres(way: Way, people: People) -> None:
    way.started().take(way.officer, "request_extension", {"days": 20, "reason": "Phải đấu thầu mua vật tư."})
    with pytest.raises(Conflict):
        way.take(way.head, "approve_extension")
    with pytest.raises(Forbidden):
        way.take(way.operator, "approve_extension")
    way.take(people.lead, "approve_extension")
    assert way.case.state == "in_progress"


def test_a_denied_extension_leaves_the_date(way: Way) -> None:
    way.started().take(way.officer, "request_extension", {"days": 3, "reason": "Chờ vật tư thay thế."})
    due = way.case.due_at
    way.take(way.head, "deny_extension", {"reason": "Còn đủ thời gian."})
    assert (way.case.state, way.case.due_at) == ("in_progress", due)


def test_fixed_means_a_photo_of_this_round(way: Way) -> None:
    way.started()
    claim = {"outcome": "fixed_with_evidence", "text": "Đã thay bóng, đèn sáng lại bình thường."}
    with pytest.raises(Invalid) as refused:
        way.take(way.officer, "answer", claim)
    assert set(refused.value.fields) == {"files"}
    with pytest.raises(Invalid):
        way.take(way.officer, "answer", {**claim, "files": [upload(way.citizen.id)]})
    way.take(way.officer, "answer", {**claim, "files": [upload(way.officer.id)]})
    assert way.case.state == "answered"
    assert way.case.files.get().role == CaseFile.Role.AFTER


def test_publishing_asks_for_the_evidence_again(way: Way) -> None:
    way.answered()
    CaseFile.objects.filter(case=way.case).delete()
    with pytest.raises(Conflict):
        way.take(way.operator, "publish")


def test_the_outcome_is_one_of_the_list(way: Way) -> None:
    way.started()
    for outcome in ("done", "duplicate", "", None, 7, ["fixed_with_evidence"]):
        with pytest.raises(Invalid) as refused:
            way.take(way.officer, "answer", {"outcome": outcome, "text": "Đã xử lý xong theo quy định."})
        assert "outcome" in refused.value.fields


def test_declining_needs_a_legal_ground(way: Way) -> None:
    way.started()
    claim = {"outcome": "explained_with_legal_ground", "text": "Khu vực này chưa thuộc hệ thống chiếu sáng."}
    with pytest.raises(Invalid) as refused:
        way.take(way.officer, "answer", claim)
    assert set(refused.value.fields) == {"legal_ground"}


def test_the_quality_gate_sends_back_with_the_time_that_was_left(way: Way) -> None:
    way.started()
    due = way.case.due_at
    assert due
    way.take(way.officer, "answer", way.a_fix())
    assert way.case.due_at is None
    with clock.at(MONDAY + timedelta(days=1)):
        way.take(way.operator, "bounce", {"reason": "Ảnh chụp không thấy trụ đèn."})
    case = way.case
    assert (case.state, case.answered_at, case.due_at) == ("in_progress", None, due + timedelta(days=1))


def test_publishing_shows_answer_and_chosen_photos(way: Way) -> None:
    way.published()
    case = way.case
    assert (case.state, case.is_open, case.outcome) == ("published", False, "fixed_with_evidence")
    assert case.files.get().public
    assert journal_of(case)[-1].parts["public"]["text"].startswith("Đã thay bóng")


def test_a_promise_stays_open_and_wakes_on_its_date(way: Way) -> None:
    promised = date(2026, 12, 1)
    way.started()
    claim = {"outcome": "planned_with_date", "text": "Đã đưa vào kế hoạch thay đèn quý này."}
    with pytest.raises(Invalid) as refused:
        way.take(way.officer, "answer", claim)
    assert set(refused.value.fields) == {"date"}
    with pytest.raises(Invalid):
        way.take(way.officer, "answer", {**claim, "date": "2026-10-01"})
    way.take(way.officer, "answer", {**claim, "date": promised.isoformat()})
    way.take(way.operator, "publish")
    case = way.case
    assert (case.state, case.is_open, case.wake_on, case.due_at) == ("planned", True, promised, None)
    with clock.at(MONDAY + timedelta(days=50)):
        assert actions.fire_timers() == 0
    with clock.at(MONDAY + timedelta(days=57)):
        assert actions.fire_timers() == 1
    case = way.case
    assert (case.state, case.wake_on, case.outcome) == ("assigned", None, "")
    assert case.due_at and case.due_at > MONDAY + timedelta(days=57)
    assert {way.citizen.id, way.officer.id} <= told(journal_of(case)[-1])


def test_rating_satisfied_closes(way: Way) -> None:
    way.published().take(way.citizen, "rate", {"rating": "satisfied"})
    case = way.case
    assert (case.state, case.rating, case.closed_at) == ("closed", "satisfied", MONDAY)


def test_rating_not_satisfied_needs_a_reason_and_leaves_reopening(way: Way) -> None:
    way.published()
    with pytest.raises(Invalid) as refused:
        way.take(way.citizen, "rate", {"rating": "not_satisfied"})
    assert set(refused.value.fields) == {"reason"}
    way.take(way.citizen, "rate", {"rating": "not_satisfied", "reason": "Đèn vẫn chớp tắt"})
    assert way.case.state == "published"
    with pytest.raises(Conflict):
        way.take(way.citizen, "rate", {"rating": "satisfied"})


def test_reopening_reaches_the_same_agency_then_its_superior(way: Way, people: People) -> None:
    way.published().take(way.citizen, "reopen", {"reason": "not_fixed", "text": "Tối qua đèn lại tắt."})
    case = way.case
    assert (case.state, case.agency, case.reopened, case.is_open, case.rating) == ("assigned", way.agency, 1, True, "")
    assert case.due_original_at == case.due_at, "a new round has a promise of its own"
    assert way.officer.id in told(journal_of(case)[-1])
    way.take(way.officer, "start")
    with clock.at(MONDAY + timedelta(minutes=1)):
        way.take(way.officer, "answer", way.a_fix())
        way.take(way.operator, "publish")
        way.take(way.citizen, "rate", {"rating": "satisfied"})
        way.take(way.citizen, "reopen", {"reason": "came_back", "text": "Đèn lại tắt lần nữa."})
    superior = way.case.agency
    assert superior and superior.pk == way.agency.parent_id
    assert way.case.reopened == 2
    officer = people.officer(superior)
    with clock.at(MONDAY + timedelta(minutes=2)):
        way.take(officer, "start")
        photo = upload(officer.id)
        way.take(
            officer,
            "answer",
            {"outcome": "fixed_with_evidence", "text": "Đã thay toàn bộ bộ đèn mới.", "files": [photo]},
        )
        way.take(way.operator, "publish")
        with pytest.raises(Conflict):
            way.take(way.citizen, "reopen", {"reason": "came_back", "text": "Đèn lại tắt lần nữa."})


def test_an_old_photo_does_not_prove_a_new_repair(way: Way) -> None:
    way.published()
    with clock.at(MONDAY + timedelta(hours=1)):
        way.take(way.citizen, "reopen", {"reason": "not_fixed", "text": "Tối qua đèn lại tắt."})
        way.take(way.officer, "start")
        with pytest.raises(Invalid):
            way.take(
                way.officer, "answer", {"outcome": "fixed_with_evidence", "text": "Đã kiểm tra, đèn sáng bình thường."}
            )


def test_the_window_for_reopening_ends(way: Way) -> None:
    way.published()
    with clock.at(MONDAY + timedelta(days=15)):
        actions.fire_timers()
        assert way.case.state == "closed"
    with clock.at(MONDAY + timedelta(days=15, seconds=1)), pytest.raises(Conflict):
        way.take(way.citizen, "reopen", {"reason": "not_fixed", "text": "Tối qua đèn lại tắt."})


def test_unknown_fields_and_unknown_steps_are_refused(way: Way) -> None:
    with pytest.raises(Invalid) as refused:
        way.take(way.operator, "accept", {"agency": "CVX", "due_at": "2030-01-01"})
    assert set(refused.value.fields) == {"due_at"}
    for step in ("explode", "", None, 7):
        with pytest.raises(Invalid):
            way.take(way.operator, step)  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        way.take(way.operator, "accept", ["agency"])  # type: ignore[arg-type]
    assert way.case.state == "triage"


def test_whoever_comes_second_is_told_who_was_faster(way: Way, people: People) -> None:
    seen = way.case.version
    way.take(people.lead, "accept", version=seen)
    with pytest.raises(Conflict) as late:
        way.take(way.operator, "reject", {"reason": "spam", "text": "Nội dung không rõ ràng."}, version=seen)
    assert people.lead.name in late.value.detail
    assert "09:00" in late.value.detail
    way.take(way.officer, "start")
    with pytest.raises(Conflict) as stale:
        way.take(way.officer, "request_extension", {"days": 1, "reason": "Chờ vật tư thay thế."}, version=seen)
    assert way.officer.name not in stale.value.detail, "one's own deed is not told by name"


def test_the_reporter_learns_the_office_not_the_person(way: Way) -> None:
    way.published().take(way.citizen, "rate", {"rating": "satisfied"})
    with pytest.raises(Conflict) as late:
        way.take(way.citizen, "rate", {"rating": "accepts"})
    assert way.operator.name not in late.value.detail


def test_reclassifying_moves_a_case_to_another_process(way: Way) -> None:
    way.take(way.operator, "reclassify", {"category": "DT02"})
    case = way.case
    assert (case.category.code, case.group, case.state, case.priority) == ("DT02", "immediate", "triage", 1)
    assert case.due_at == MONDAY + timedelta(minutes=5)
    with pytest.raises(Conflict):
        way.take(way.operator, "accept")  # in this process it is dispatched first, and then accepted
    way.take(way.operator, "assign")
    assert way.case.state == "dispatched"


def test_accepting_in_another_category_takes_its_rules(way: Way) -> None:
    way.take(way.operator, "accept", {"category": "TT03"})
    case = way.case
    assert (case.category.code, case.visibility, case.moderated, case.public_lat) == ("TT03", "restricted", True, None)


def test_a_category_of_another_process_is_not_accepted_by_mistake(way: Way) -> None:
    with pytest.raises(Invalid) as refused:
        way.take(way.operator, "accept", {"category": "DT02"})
    assert set(refused.value.fields) == {"category"}
