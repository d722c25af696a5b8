"""The immediate and the command process, as far as they are usable: minutes, a ladder, and what remains."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from hues.cases import actions, queries, recurring, reference
from hues.cases.models import Case, CaseTimer
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Invalid
from tests.cases.conftest import INSIDE, MONDAY, People, Way, journal_of, told, upload

Open = Callable[..., Case]


@pytest.fixture
def tree(people: People, citizen: Actor, open_case: Open) -> Way:
    """A fallen tree, at three in the night."""
    with clock.at(MONDAY.replace(hour=20)):
        case = open_case(category="DT03", body="Cây ngã chắn ngang đường", file_ids=[upload(citizen.id)])
    return Way(people, citizen, reference.agencies_by_code()["CVX"], case.code)


def test_a_fallen_tree_from_call_to_cleared(tree: Way) -> None:
    night = MONDAY.replace(hour=20, minute=2)
    with clock.at(night):
        tree.take(tree.operator, "assign", {"agency": "CVX"})
        assert tree.case.state == "dispatched"
        assert tree.case.due_at == night + timedelta(hours=2), "never paused, not even at night"
        for step in ("accept", "on_the_way"):
            tree.take(tree.officer, step)
        with pytest.raises(Invalid):
            tree.take(tree.officer, "on_scene")
        tree.take(tree.officer, "on_scene", {"position": INSIDE})
        claim = {"outcome": "fixed_with_evidence", "text": "Đã cưa và dọn sạch."}
        with pytest.raises(Invalid):
            tree.take(tree.officer, "done", claim)
        tree.take(tree.officer, "done", {**claim, "files": [upload(tree.officer.id)]})
        tree.take(tree.operator, "publish")
        tree.take(tree.citizen, "rate", {"rating": "satisfied"})
    assert tree.case.state == "closed"


def test_what_comes_back_goes_to_those_who_came_the_first_time(tree: Way, people: People) -> None:
    with clock.at(MONDAY):
        tree.take(tree.operator, "assign", {"agency": "CVX"})
        tree.take(tree.officer, "accept")
        done = {"outcome": "fixed_with_evidence", "text": "Đã cưa và dọn sạch.", "files": [upload(tree.officer.id)]}
        tree.take(tree.officer, "done", done)
        tree.take(tree.operator, "publish")
    with clock.at(MONDAY + timedelta(days=28)):
        again = recurring.open_recurrence(actor=tree.citizen, case=tree.case, body="Cây lại ngã")
    again = Case.objects.get(pk=again.pk)
    assert (again.state, again.agency_id, again.origin_id) == ("dispatched", tree.agency.pk, tree.case.pk)
    assert again.due_at == MONDAY + timedelta(days=28, hours=2)
    assert tree.officer.id in told(journal_of(again)[-1])
    assert CaseTimer.objects.filter(case=again, kind="ladder-5").exists()


def test_nobody_accepts_the_ladder_is_climbed(tree: Way, people: People) -> None:
    by_code = reference.agencies_by_code()
    officer, head = tree.officer, tree.head
    lead, operator = people.lead, people.operator
    department, chair = people.head(by_code["SXD"]), people.head(by_code["VPU"])
    with clock.at(MONDAY):
        tree.take(operator, "assign", {"agency": "CVX"})
    rungs = {"ladder-5": {officer.id, head.id, operator.id, lead.id}, "ladder-10": {head.id, operator.id, lead.id}}
    rungs["ladder-15"] = {lead.id, department.id, chair.id}
    for minutes, kind in ((5, "ladder-5"), (10, "ladder-10"), (15, "ladder-15")):
        with clock.at(MONDAY + timedelta(minutes=minutes)):
            assert actions.fire_timers() == 1
        entry = journal_of(tree.case)[-1]
        assert entry.parts["staff"]["kind"] == kind
        assert told(entry) == rungs[kind]
    assert tree.case.state == "dispatched"


def test_whoever_accepts_ends_the_ladder(tree: Way) -> None:
    with clock.at(MONDAY):
        tree.take(tree.operator, "assign", {"agency": "CVX"})
        tree.take(tree.officer, "accept")
    waiting = CaseTimer.objects.filter(case=tree.case, fired_at=None)
    assert not waiting.filter(kind__startswith="ladder").exists()
    assert waiting.filter(kind="escalate-100").exists()


def test_what_remains_becomes_a_timed_case_with_its_history(tree: Way) -> None:
    tree.take(tree.operator, "assign", {"agency": "CVX"})
    tree.take(tree.officer, "accept")
    tree.take(tree.officer, "on_scene", {"position": INSIDE})
    with pytest.raises(Invalid) as refused:
        tree.take(tree.officer, "follow_up", {"category": "DT03", "text": "Còn gốc cây phải nhổ."})
    assert set(refused.value.fields) == {"category"}
    tree.take(tree.officer, "follow_up", {"category": "DT04", "text": "Còn gốc cây phải nhổ và trồng lại."})
    (rest,) = Case.objects.filter(origin=tree.case)
    assert (rest.group, rest.state, rest.reporter_id, rest.lat) == ("timed", "triage", tree.citizen.id, tree.case.lat)
    assert tree.case.state == "on_scene"
    assert [one.code for one in queries.case_page(tree.operator, tree.code).follow_ups] == [rest.code]
    assert tree.citizen.id in told(journal_of(rest)[0])


def test_declining_twice_then_the_centre_decides(tree: Way) -> None:
    for _hop in range(2):
        tree.take(tree.operator, "assign", {"agency": "CVX"})
        tree.take(tree.officer, "decline", {"reason": "Không đủ người"})
        assert tree.case.agency_id is None
    tree.take(tree.operator, "assign", {"agency": "CVX"})
    with pytest.raises(Conflict):
        tree.take(tree.officer, "decline", {"reason": "Không đủ người"})


def test_a_rescue_call_is_activated_and_stood_down(people: People, citizen: Actor, open_case: Open) -> None:
    case = open_case(category="TA03", body="Sạt lở bờ sông sát nhà", file_ids=[upload(citizen.id)])
    assert case.group == "command"
    way = Way(people, citizen, reference.agencies_by_code()["BCH"], case.code)
    way.take(way.operator, "activate", {"agency": "BCH"})
    assert way.case.state == "active"
    way.take(way.officer, "stand_down", {"outcome": "temporary_fix", "text": "Đã rào chắn, di dời hai hộ."})
    assert (way.case.state, way.case.is_open) == ("stood_down", False)
    way.take(people.lead, "reactivate")
    assert way.case.state == "active"
    way.take(way.officer, "stand_down", {"outcome": "temporary_fix", "text": "Nước rút, an toàn trở lại."})
    with clock.at(MONDAY + timedelta(days=15)):
        actions.fire_timers()
    assert way.case.state == "closed"
