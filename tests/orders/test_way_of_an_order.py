"""An order from the leader's word to its end: given, accepted, reported with evidence, checked, closed; late ones climb."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from hues.cases import actions, firing, queries, reference
from hues.cases.models import Case, CaseTimer
from hues.city.models import Agency
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.ids import new_id
from hues.kernel.models import JournalEntry
from hues.orders import queries as orders
from hues.orders.models import Order
from tests.cases.conftest import MONDAY, People, Way, at_most, journal_of, told, upload
from tests.orders.conftest import DEADLINE, take

Give = Callable[..., Case]
DONE = "Đã thay 12 bóng, cả tuyến sáng lại từ tối qua."


def test_an_order_goes_to_the_agency_with_its_deadline(give: Give, people: People, lights: Agency) -> None:
    officer, head = people.officer(lights), people.head(lights)
    case = give()
    assert (case.state, case.agency_id, case.visibility, case.moderated) == ("given", lights.pk, "restricted", False)
    assert case.due_at == case.due_original_at == case.due_final_at == DEADLINE
    opened = journal_of(case)[0]
    assert told(opened) == {officer.id, head.id}
    assert "CHỈ ĐẠO" in opened.parts["notify"][0]["data"]["texts"]["vi"]
    assert "Sửa hết đèn" in opened.parts["notify"][0]["data"]["texts"]["vi"]
    assert "public" not in opened.parts


def test_it_is_accepted_reported_and_confirmed(give: Give, chair: Actor, people: People, lights: Agency) -> None:
    officer = people.officer(lights)
    case = give(files=1, evidence="Ảnh cả tuyến ban đêm")
    take(officer, case, "accept")
    assert told(journal_of(case)[-1]) == {chair.id}
    with pytest.raises(Invalid) as refused:
        take(officer, case, "report", text=DONE)
    assert set(refused.value.fields) == {"files"}
    take(officer, case, "report", text=DONE, files=[upload(officer.id)])
    with pytest.raises(Forbidden):
        take(officer, case, "confirm")
    done = take(chair, case, "confirm")
    assert (done.state, done.is_open, done.closed_at) == ("done", False, MONDAY)
    assert [entry.action for entry in journal_of(case)] == ["case.opened", "case.accept", "case.report", "case.confirm"]
    assert not any("public" in entry.parts or "party" in entry.parts for entry in journal_of(case))


def test_what_is_sent_back_has_the_time_that_was_left(give: Give, chair: Actor, people: People, lights: Agency) -> None:
    officer = people.officer(lights)
    case = give()
    take(officer, case, "report", text=DONE)
    with clock.at(MONDAY + timedelta(hours=5)):
        take(chair, case, "send_back", reason="Còn ba bóng chưa sáng")
    case.refresh_from_db()
    assert (case.state, case.answered_at) == ("working", None)
    assert case.due_at == DEADLINE + timedelta(hours=5)  # the time of checking is the giver's
    assert orders.kept(MONDAY.date(), MONDAY.date())[lights.pk].returned == 1


def test_more_time_is_the_givers_to_grant(give: Give, chair: Actor, people: People, lights: Agency) -> None:
    officer, head = people.officer(lights), people.head(lights)
    case = give()
    take(officer, case, "ask_time", days=2, reason="Chờ vật tư từ nhà cung cấp")
    with pytest.raises(Forbidden):
        take(head, case, "grant_time")
    granted = take(chair, case, "grant_time")
    assert granted.due_at == DEADLINE + timedelta(days=2)
    assert granted.due_original_at == DEADLINE


def test_a_late_order_climbs_to_giver_department_and_chair(
    give: Give, people: People, chair: Actor, lights: Agency
) -> None:
    department = people.head(reference.agencies_by_code()["SXD"])
    lead, officer, head = people.lead, people.officer(lights), people.head(lights)
    case = give(actor=lead)
    steps = {}
    for hours in (24, 39, 48, 72):
        with clock.at(MONDAY + timedelta(hours=hours, minutes=1)):
            firing.fire_timers()
        entry = journal_of(case)[-1]
        steps[entry.parts["staff"]["kind"]] = told(entry)
    assert steps["remind-50"] == {officer.id, head.id}
    assert steps["escalate-100"] == {head.id, lead.id, department.id}
    assert steps["escalate-150"] == {lead.id, department.id, chair.id}
    assert not CaseTimer.objects.filter(case=case, fired_at=None).exists()


def test_who_may_give_to_whom(give: Give, people: People, lights: Agency) -> None:
    by_code = reference.agencies_by_code()
    assert give(actor=people.head(by_code["SXD"])).agency_id == lights.pk  # what stands below the department
    assert give(actor=people.lead).agency_id == lights.pk
    for nobody in (
        people.head(lights),
        people.officer(by_code["SXD"]),
        people.operator,
        people.auditor,
        people.citizen(),
    ):
        with pytest.raises(Forbidden):
            give(actor=nobody)
    with pytest.raises(Forbidden):
        give(actor=people.head(by_code["SYT"]))


def test_only_those_of_the_order_see_it(give: Give, people: People, lights: Agency, citizen: Actor) -> None:
    by_code = reference.agencies_by_code()
    case = give()
    for stranger in (people.officer(by_code["HEP"]), people.head(by_code["HEP"]), citizen):
        with pytest.raises(NotFound):
            queries.case_page(stranger, case.code)
    colleague = people.officer(by_code["VPU"])  # of the giver's office
    assert "send_back" not in [step.name for step in queries.case_page(colleague, case.code).steps]
    take(people.officer(lights), case, "report", text=DONE)
    assert "confirm" in [step.name for step in queries.case_page(colleague, case.code).steps]
    assert Case.objects.filter(moderated=True, code=case.code).count() == 0


def test_nobody_confirms_their_own_report(people: People, lights: Agency, give: Give) -> None:
    """A head of the department who also works for the agency below."""
    department = reference.agencies_by_code()["SXD"]
    head = people.head(department)
    both = Actor("staff", head.id, head.name, head.grants | people.officer(lights).grants)
    case = give(actor=head)
    take(both, case, "report", text=DONE)
    with pytest.raises(Conflict):
        take(both, case, "confirm")


def test_words_and_deadline_are_checked_all_at_once(give: Give) -> None:
    with pytest.raises(Invalid) as refused:
        give(title="Làm", text="", due_at=MONDAY, files=99)
    assert set(refused.value.fields) == {"title", "text", "due", "files"}


def test_a_form_that_is_sent_twice_gives_one_order(give: Give) -> None:
    key = new_id()
    assert give(form_key=key).code == give(form_key=key).code
    assert Order.objects.count() == 1


def test_its_source_is_on_it_and_it_is_on_its_source(give: Give, way: Way, chair: Actor, people: People) -> None:
    way.accepted()
    case = give(source={"kind": "case", "ref": way.code.lower(), "label": "Đèn hỏng"})
    order = Order.objects.get(case=case)
    assert (order.source_ref, order.source_url) == (way.code, f"/desk/cases/{way.code}")
    assert [one.case.code for one in orders.of_source(chair, "case", way.code)] == [case.code]
    stranger = people.officer(reference.agencies_by_code()["HEP"])
    assert orders.of_source(stranger, "case", way.code) == []
    entry = JournalEntry.objects.get(subject_id=way.case.pk, action="case.order_given")
    assert set(entry.parts) == {"centre"}  # the agency of the case learns nothing of another's order


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere", "javascript:alert(1)"]
)
def test_a_source_is_a_page_of_this_house(give: Give, url: str) -> None:
    with pytest.raises(Invalid):
        give(source={"kind": "number", "ref": "x", "label": "x", "url": url})


def test_a_case_that_the_giver_does_not_see_is_no_source(give: Give, people: People) -> None:
    department = people.head(reference.agencies_by_code()["SXD"])
    other = actions.open_case(
        actor=people.citizen(), category="AN02", body="Đánh bạc mỗi đêm", lat=16.4637, lon=107.5909
    )
    with pytest.raises(NotFound):
        give(actor=department, source={"kind": "case", "ref": other.code})


def test_how_orders_were_kept_by_agency(give: Give, chair: Actor, people: People, lights: Agency) -> None:
    officer = people.officer(lights)
    in_time, too_late, _open, withdrawn = (give() for _n in range(4))
    take(officer, in_time, "report", text=DONE)
    take(chair, in_time, "confirm")
    take(chair, withdrawn, "withdraw", reason="Không cần nữa")
    with clock.at(DEADLINE + timedelta(hours=3)):
        take(officer, too_late, "report", text=DONE)
        take(chair, too_late, "confirm")
        with at_most(1):
            kept = orders.kept(MONDAY.date(), MONDAY.date())[lights.pk]
    assert (kept.given, kept.on_time, kept.late, kept.open, kept.open_late, kept.done) == (3, 1, 1, 1, 1, 2)
