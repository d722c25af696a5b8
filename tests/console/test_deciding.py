"""One decision: what a press does, what it refuses, and that it never sends an unfinished sentence."""

from collections.abc import Callable

import pytest

from hues.cases.actions import send_message, take_step
from hues.cases.firing import fire_timers
from hues.cases.models import Case
from hues.console import actions, gaps, plan
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid
from tests.cases.conftest import MONDAY, People, journal_of, told
from tests.console.conftest import operator

Reports = Callable[..., list[Case]]


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def test_one_press_accepts_as_the_plan_says(one: Actor, reports: Reports) -> None:
    (lamp,) = reports(1)
    planned = plan.plan_for(lamp)
    assert planned.agency is not None and planned.agency.code == "CVX"
    done = actions.decide(actor=one, code=lamp.code, verb="accept", data={}, version=lamp.version)
    assert (done.state, done.agency_id) == ("assigned", planned.agency.pk)
    assert fresh(lamp).due_at == planned.due, "the plan told the truth about the due date"
    entries = [entry.action for entry in journal_of(lamp)]
    assert entries.count("case.accept") == 1 and "case.read" in entries
    assert lamp.reporter_id in told(next(e for e in journal_of(lamp) if e.action == "case.accept"))


def test_another_category_of_another_process_is_taken_in_the_same_press(one: Actor, reports: Reports) -> None:
    (case,) = reports(1, body="Cây đổ chắn ngang đường, xe không qua được")
    done = actions.decide(actor=one, code=case.code, verb="accept", data={"category": "DT03"}, version=case.version)
    assert done.group == "immediate" and done.state == "dispatched"
    taken = [e.action for e in journal_of(case)]
    assert taken.index("case.reclassify") < taken.index("case.assign")


def test_a_refused_step_leaves_nothing_of_the_press_behind(one: Actor, reports: Reports) -> None:
    (case,) = reports(1)
    with pytest.raises(Invalid) as caught:
        actions.decide(actor=one, code=case.code, verb="accept", data={"category": "DT03", "priority": "9"})
    assert "priority" in caught.value.fields
    assert fresh(case).category.code == "DT01" and "case.reclassify" not in [e.action for e in journal_of(case)]


def test_a_name_beside_an_accusation_needs_a_second_look(one: Actor, reports: Reports) -> None:
    (case,) = reports(1, body="Ông Nguyễn Văn Tám ở số 12 lấn chiếm vỉa hè, lừa đảo khách. Đèn đường cũng tắt.")
    assert plan.plan_for(case).look_twice
    with pytest.raises(Invalid) as caught:
        actions.decide(actor=one, code=case.code, verb="accept", data={}, version=case.version)
    assert "public_body" in caught.value.fields and "Tám" in caught.value.fields["public_body"]
    edited = {"public_body": "Có người lấn chiếm vỉa hè. Đèn đường cũng tắt."}
    assert actions.decide(actor=one, code=case.code, verb="accept", data=edited, version=case.version).moderated


@pytest.mark.parametrize(
    "text", ["Xin gửi đến [tên cơ quan] nhé, cảm ơn.", "Điểm {chỗ nào} nằm ngoài", "Thiếu …… trong phản ánh"]
)
def test_no_gap_is_ever_sent(one: Actor, reports: Reports, text: str) -> None:
    (case,) = reports(1)
    with pytest.raises(Invalid) as caught:
        actions.decide(actor=one, code=case.code, verb="reject", data={"reason": "outside_territory", "text": text})
    assert "text" in caught.value.fields and fresh(case).state == "triage"


def test_the_case_fills_in_what_it_knows(one: Actor, reports: Reports) -> None:
    (case,) = reports(1)
    said = "Phản ánh {code} về {title} tại {street}: {reason}."
    actions.decide(actor=one, code=case.code, verb="reject", data={"reason": "spam", "text": said})
    answer = fresh(case).answer
    assert case.code in answer and "Lê Lợi" in answer and "{" not in answer
    assert "1 Lê Lợi" not in answer, "the street, never the house"
    assert gaps.open_gaps(answer) == []


def test_asking_stops_the_intake_clock_and_the_answer_brings_it_back(
    one: Actor, citizen: Actor, reports: Reports
) -> None:
    (case,) = reports(1)
    left = fresh(case).due_at
    actions.decide(actor=one, code=case.code, verb="ask", data={"text": "Xin cho biết đèn nào trên {street}?"})
    asked = fresh(case)
    assert (asked.state, asked.phase, asked.due_at) == ("asked", "intake", None)
    send_message(actor=citizen, code=case.code, body="Trụ gần cầu")
    back = fresh(case)
    assert (back.state, back.due_at) == ("triage", left), "no time has passed on the clock"


def test_silence_brings_an_asked_case_back_by_itself(one: Actor, reports: Reports) -> None:
    (case,) = reports(1)
    actions.decide(actor=one, code=case.code, verb="ask", data={"text": "Xin cho biết đèn nào trên {street}?"})
    with clock.at(MONDAY.replace(day=9)):
        fire_timers()
        assert fresh(case).state == "triage" and fresh(case).due_at is not None


def test_what_cannot_wait_is_asked_without_stopping(one: Actor, reports: Reports) -> None:
    (tree,) = reports(1, category="DT03", body="Cây đổ chắn đường")
    actions.decide(actor=one, code=tree.code, verb="ask", data={"text": "Cây đổ ở số nhà nào ạ?"})
    assert fresh(tree).state == "triage" and fresh(tree).due_at == tree.due_at
    assert fresh(tree).messages.get().body == "Cây đổ ở số nhà nào ạ?"


def test_merging_takes_one_word(one: Actor, reports: Reports) -> None:
    first, second = reports(2)
    actions.decide(actor=one, code=second.code, verb="merge", data={"parent": first.code}, version=second.version)
    assert fresh(second).parent_id == first.pk and fresh(first).merged_count == 1


def test_who_was_faster_is_said(one: Actor, two: Actor, reports: Reports) -> None:
    (case,) = reports(1)
    take_step(actor=two, code=case.code, step="reject", data={"reason": "spam", "text": "Không phải phản ánh."})
    with pytest.raises(Conflict) as caught:
        actions.decide(actor=one, code=case.code, verb="accept", data={}, version=case.version)
    assert "Trực ban 2" in caught.value.detail


def test_only_the_centre_decides(reports: Reports, people: People, lights: object) -> None:
    (case,) = reports(1)
    with pytest.raises(Forbidden):
        actions.decide(actor=people.officer(lights), code=case.code, verb="accept", data={})  # type: ignore[arg-type]
    assert operator("ba").in_centre
