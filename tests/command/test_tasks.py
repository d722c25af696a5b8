"""Tasks to agencies: at once through dispatch, by a deadline as orders; followed to their end, called off, handed over."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from hues.cases.actions import take_step
from hues.cases.models import Case
from hues.command import actions
from hues.command.models import Incident, IncidentTask
from hues.command.queries import open_tasks, task_rows, times
from hues.dispatch import actions as dispatch
from hues.dispatch.models import Task
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.orders.models import Order
from tests.cases.conftest import People
from tests.command.conftest import INSIDE, MONDAY, agency, signed_in

Report = Callable[..., Case]


def states(incident: Incident) -> list[str]:
    return [row.state for row in sorted(task_rows(incident, "vi"), key=lambda row: row.number)]


def board_page(actor: Actor, incident: Incident) -> str:
    return signed_in(actor).get(f"/desk/incidents/{incident.code}").content.decode()


def order(incident: Incident, actor: Actor, body: str = "TL", minutes: int = 120) -> IncidentTask:
    due = clock.now() + timedelta(minutes=minutes)
    return actions.give_task(
        actor=actor, code=incident.code, agency_id=agency(body).pk, title="Báo mực nước", way="order", due_at=due
    )


def test_a_task_at_once_sends_a_party_for_a_linked_report(
    rain: Incident, report: Report, operator: Actor, people: People
) -> None:
    case, pumps = report(), agency("HEP")
    task = actions.give_task(
        actor=operator, code=rain.code, agency_id=pumps.pk, title="Bơm nước đường Lê Lợi", case=case.code
    )
    party = Task.objects.get(pk=task.dispatch_id)
    assert (party.case_id, party.agency_id, party.state) == (case.pk, pumps.pk, "sent")
    assert rain.cases.filter(case=case, state="linked").exists() and states(rain) == ["given"]
    officer = people.officer(pumps)
    dispatch.accept_task(actor=officer, task_id=party.pk, minutes=15)
    dispatch.set_out(actor=officer, task_id=party.pk)
    assert states(rain) == ["on_way"]
    dispatch.arrive(actor=officer, task_id=party.pk, **INSIDE, accuracy_m=10)
    assert states(rain) == ["arrived"] and open_tasks(rain)
    dispatch.finish_task(actor=officer, task_id=party.pk, outcome="temporary_fix", note="Đã bơm cạn, thông đường.")
    assert states(rain) == ["reported"] and not open_tasks(rain)


def test_a_task_at_once_without_a_report_has_a_case_of_its_own(rain: Incident, operator: Actor) -> None:
    task = actions.give_task(
        actor=operator, code=rain.code, agency_id=agency("PC07").pk, title="Ca nô trực ở cầu Trường Tiền"
    )
    assert task.case.channel == "command" and task.case.category.code == "HT05" and task.case.reporter_id is None
    assert task.case.lat is not None and task.case.agency_id == agency("PC07").pk


def test_a_task_by_a_deadline_is_an_order_of_whoever_commands(
    rain: Incident, lead: Actor, operator: Actor, people: People
) -> None:
    with pytest.raises(Forbidden):
        order(rain, operator)
    assert not Order.objects.exists() and '<option value="order"' not in board_page(operator, rain)
    task = order(rain, lead)
    given = Order.objects.get(case=task.case)
    assert given.giver_id == lead.id and given.office.is_centre
    assert (given.source_kind, given.source_ref) == ("incident", rain.code)
    assert not rain.cases.exists(), "an order is no report"
    officer = people.officer(agency("TL"))
    take_step(actor=officer, code=task.case.code, step="accept")
    assert states(rain) == ["accepted"]
    take_step(
        actor=officer, code=task.case.code, step="report", data={"text": "Trạm Kim Long 1,92 m, lên 8 cm mỗi giờ."}
    )
    assert states(rain) == ["reported"]


def test_late_ones_are_seen_as_late(rain: Incident, lead: Actor) -> None:
    order(rain, lead, minutes=30)
    assert not task_rows(rain, "vi")[0].late
    with clock.at(MONDAY + timedelta(minutes=31)):
        assert task_rows(rain, "vi")[0].late


def test_an_agency_that_gets_a_task_takes_part(rain: Incident, lead: Actor) -> None:
    assert not rain.agencies.filter(agency__code="CVX").exists()
    order(rain, lead, "CVX")
    assert rain.agencies.filter(agency__code="CVX", left_at=None).exists()


def test_first_tasks_go_to_the_body_of_each_ward(lead: Actor) -> None:
    storm = actions.open_incident(
        actor=lead, kind="storm", level=1, name="Bão số 5", unit_codes=["19789", "19753", "19777"]
    )
    given = actions.give_first_tasks(actor=lead, code=storm.code, chosen=["shelter", "call_boats"])
    assert sorted(task.agency.code for task in given) == ["BCHQS", "UBX-19753", "UBX-19777", "UBX-19789"]
    with pytest.raises(Invalid):
        actions.give_first_tasks(actor=lead, code=storm.code, chosen=["nothing"])


def test_what_is_wrong_is_said_and_leaves_nothing(rain: Incident, operator: Actor) -> None:
    hep = agency("HEP").pk
    for wrong in (
        {"title": "", "way": "order", "due_at": MONDAY + timedelta(hours=2)},
        {"title": "Báo mực nước", "way": "order"},
        {"title": "Báo mực nước", "way": "order", "due_at": MONDAY - timedelta(hours=2)},
        {"title": "Báo mực nước", "way": "by_horse"},
    ):
        with pytest.raises(Invalid):
            actions.give_task(actor=operator, code=rain.code, agency_id=hep, **wrong)
    assert not rain.tasks.exists() and not Order.objects.exists()


def test_called_off_the_party_is_called_back_and_the_order_withdrawn(
    rain: Incident, report: Report, operator: Actor, lead: Actor
) -> None:
    sent = actions.give_task(
        actor=operator, code=rain.code, agency_id=agency("HEP").pk, title="Bơm nước", case=report().code
    )
    given = order(rain, lead)
    actions.call_off_task(actor=operator, code=rain.code, task_id=sent.pk, why="Nước đã rút")
    with pytest.raises(Forbidden):
        actions.call_off_task(actor=operator, code=rain.code, task_id=given.pk, why="Nước đã rút")
    actions.call_off_task(actor=lead, code=rain.code, task_id=given.pk, why="Nước đã rút")
    assert states(rain) == ["called_off", "called_off"]
    assert Task.objects.get(pk=sent.dispatch_id).state == "cancelled"
    assert Case.objects.get(pk=given.case_id).state == "withdrawn"
    with pytest.raises(Conflict):
        actions.call_off_task(actor=operator, code=rain.code, task_id=given.pk, why="Nước đã rút")


def test_what_remains_becomes_a_case_with_time(rain: Incident, report: Report, operator: Actor) -> None:
    case = report()
    task = actions.give_task(
        actor=operator, code=rain.code, agency_id=agency("HEP").pk, title="Bơm nước", case=case.code
    )
    with pytest.raises(Invalid):
        actions.hand_over_task(actor=operator, code=rain.code, task_id=task.pk, words="Sửa cống", category="HT05")
    actions.hand_over_task(
        actor=operator, code=rain.code, task_id=task.pk, words="Nạo vét cống đường Lê Lợi", category="HT04"
    )
    task.refresh_from_db()
    assert task.remains is not None and task.remains.origin == case and task.remains.group == "timed"
    assert states(rain) == ["handed_over"] and rain.cases.filter(case=task.remains, state="linked").exists()
    other = actions.leave_case(
        actor=operator, code=rain.code, case=case.code, words="Lập phương án nâng nền đường", category="HT04"
    )
    assert other.origin == case


def test_parties_at_work_come_along_when_a_case_is_promoted(report: Report, lead: Actor) -> None:
    case = report()
    party = dispatch.send_task(actor=lead, code=case.code, agency_id=agency("HEP").pk)
    incident = actions.open_incident(actor=lead, kind="flood", level=1, name="Ngập", from_case=case.code)
    task = incident.tasks.get()
    assert task.dispatch_id == party.pk and task.case == case
    joined = actions.open_incident(actor=lead, kind="flood", level=1, name="Ngập khác")
    actions.link_case(actor=lead, code=joined.code, case=case.code)
    assert joined.tasks.count() == 1


def test_times_are_measured_from_what_happened(rain: Incident, report: Report, operator: Actor, people: People) -> None:
    hep = agency("HEP")
    officer = people.officer(hep)
    with clock.at(MONDAY + timedelta(minutes=4)):
        task = actions.give_task(actor=operator, code=rain.code, agency_id=hep.pk, title="Bơm nước", case=report().code)
    assert task.dispatch_id is not None
    with clock.at(MONDAY + timedelta(minutes=7)):
        dispatch.accept_task(actor=officer, task_id=task.dispatch_id)
    with clock.at(MONDAY + timedelta(minutes=24)):
        dispatch.arrive(actor=officer, task_id=task.dispatch_id, **INSIDE, accuracy_m=10)
    measured = times(rain)
    assert measured.first_task == timedelta(minutes=4) and measured.to_accept == timedelta(minutes=3)
    assert measured.to_arrive == timedelta(minutes=20) and measured.to_done is None and measured.lasted is None


def test_working_for_an_incident_opens_no_other_case(
    rain: Incident, report: Report, lead: Actor, stranger: Actor
) -> None:
    """A deputy from an agency sends for the incident's cases, and for no other agency's case that they could not see."""
    actions.name_deputies(actor=lead, code=rain.code, person_ids=[stranger.id])
    linked, foreign = report(), report(category="TT01")
    actions.link_case(actor=lead, code=rain.code, case=linked.code)
    given = {"actor": stranger, "code": rain.code, "agency_id": agency("HEP").pk, "title": "Bơm nước đường Lê Lợi"}
    with pytest.raises(NotFound):
        actions.give_task(**given, case=foreign.code)
    assert not rain.cases.filter(case=foreign).exists() and not Task.objects.filter(case=foreign).exists()
    assert actions.give_task(**given, case=linked.code).case == linked
