"""The end: nothing open, what remains handed over, what was learnt made into orders."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from hues.cases.models import Case
from hues.command import actions
from hues.command.actions import StillOpen
from hues.command.models import Incident
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid
from hues.orders.models import Order
from tests.command.conftest import MONDAY, agency, fresh, signed_in


def judged(incident: Incident, lead: Actor) -> None:
    for goal in incident.objectives.all():
        actions.judge_objective(actor=lead, code=incident.code, objective_id=goal.pk, state="reached")


@pytest.fixture
def over(rain: Incident, lead: Actor) -> Incident:
    judged(rain, lead)
    actions.stand_down(actor=lead, code=rain.code, why="Nước đã rút")
    return fresh(rain)


def test_it_is_not_stood_down_while_anything_is_open(
    rain: Incident, report: Callable[..., Case], lead: Actor, operator: Actor
) -> None:
    task = actions.give_task(
        actor=lead, code=rain.code, agency_id=agency("HEP").pk, title="Bơm nước", case=report().code
    )
    force = actions.commit_force(actor=lead, code=rain.code, agency_id=agency("PC07").pk, name="Tổ 1", people=3)
    with pytest.raises(StillOpen) as refused:
        actions.stand_down(actor=lead, code=rain.code, why="Nước đã rút")
    assert {one.kind for one in refused.value.remaining} == {"task", "force", "objective"}
    page = signed_in(lead).get(f"/desk/incidents/{rain.code}").content.decode()
    assert "Bơm nước" in page and "still-open" in page
    answer = signed_in(lead).post(f"/desk/incidents/{rain.code}/do/stand-down", {"stand-down__why": "Nước đã rút"})
    assert answer.status_code == 409 and fresh(rain).state == "open"
    judged(rain, lead)
    actions.release_force(actor=lead, code=rain.code, commitment_id=force.pk)
    actions.hand_over_task(actor=lead, code=rain.code, task_id=task.pk, words="Nạo vét cống", category="HT04")
    with pytest.raises(Forbidden):
        actions.stand_down(actor=operator, code=rain.code, why="Nước đã rút")
    actions.stand_down(actor=lead, code=rain.code, why="Nước đã rút")
    now = fresh(rain)
    assert now.state == "standing_down" and now.period_ends_at is None and now.sitreps.count() == 1


def test_nothing_runs_any_more_and_it_may_go_on(over: Incident, lead: Actor) -> None:
    assert actions.begin_due_periods() == 0
    with pytest.raises(Conflict):
        actions.add_objective(actor=lead, code=over.code, words="Thêm mục tiêu")
    actions.resume(actor=lead, code=over.code, why="Nước lên lại")
    now = fresh(over)
    assert now.state == "open" and now.period_number == 2 and now.periods.count() == 2
    with pytest.raises(Conflict):
        actions.resume(actor=lead, code=over.code, why="Lần nữa")


def test_what_is_to_be_mended_becomes_an_order(over: Incident, lead: Actor, operator: Actor) -> None:
    actions.add_review_point(actor=operator, code=over.code, kind="well", words="Đến nơi trong 20 phút.")
    give = {"actor": lead, "code": over.code, "kind": "mend", "words": "Mua thêm 3 máy bơm."}
    with pytest.raises(Invalid):
        actions.add_review_point(**give)
    due = MONDAY + timedelta(days=30)
    point = actions.add_review_point(**give, owner_id=agency("HEP").pk, due_at=due)
    given = Order.objects.get(case=point.order)
    assert given.case.agency == agency("HEP") and given.source_url.endswith("/review")
    with pytest.raises(Conflict):
        actions.drop_review_point(actor=lead, code=over.code, point_id=point.pk)


def test_it_is_closed_with_a_review_and_every_report_signed(over: Incident, lead: Actor) -> None:
    with pytest.raises(Invalid):
        actions.close_incident(actor=lead, code=over.code)
    actions.write_review(actor=lead, code=over.code, summary="Nước rút sau ba ngày, không ai bị thương.")
    with pytest.raises(Conflict):
        actions.close_incident(actor=lead, code=over.code)
    actions.sign_sitrep(actor=lead, code=over.code, number=1)
    actions.close_incident(actor=lead, code=over.code)
    assert fresh(over).state == "closed"
    for do, given in (("add_log", {"body": "Sau"}), ("write_review", {"summary": "Khác"}), ("resume", {"why": "Lại"})):
        with pytest.raises(Conflict):
            getattr(actions, do)(actor=lead, code=over.code, **given)


def test_the_review_page_leads_to_the_end(over: Incident, lead: Actor) -> None:
    client, path = signed_in(lead), f"/desk/incidents/{over.code}/review"
    actions.sign_sitrep(actor=lead, code=over.code, number=1)
    page = client.get(path).content.decode()
    assert "Nước đã rút" in page, "the history is told"
    sent = {"verb": "mend", "text": "Mua thêm máy bơm", "owner": str(agency("HEP").pk), "due": "2026-11-20"}
    assert client.post(path, sent).status_code == 302 and Order.objects.count() == 1
    assert client.post(path, {**sent, "due": "hôm qua"}).status_code == 422
    assert client.post(path, {"verb": "close", "summary": ""}).status_code == 422
    assert client.post(path, {"verb": "close", "summary": "Nước rút, không ai bị thương."}).status_code == 302
    assert fresh(over).state == "closed"
    paper = client.get(f"{path}.pdf")
    assert paper.status_code == 200 and paper.content.startswith(b"%PDF")


def test_one_that_was_none_is_taken_back(rain: Incident, report: Callable[..., Case], lead: Actor) -> None:
    case = report()
    actions.link_case(actor=lead, code=rain.code, case=case.code)
    actions.demote_incident(actor=lead, code=rain.code, why="Chỉ là mưa thường")
    now = fresh(rain)
    assert now.state == "closed" and now.demoted and now.cases.get().state == "linked"
    assert Case.objects.get(pk=case.pk).is_open, "its reports go on by themselves"
