"""Whose hands an order may go through, what a report must say, and that nobody's check rests for ever."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from hues.cases import firing, queries, reference
from hues.cases.models import Case, CaseTimer
from hues.city.models import Agency
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid
from hues.kernel.models import JournalEntry
from hues.orders import queries as orders
from hues.orders.models import Order
from tests.cases.conftest import MONDAY, People, told, upload
from tests.orders.conftest import DEADLINE, take

Give = Callable[..., Case]
DONE = "Đã thay 12 bóng, cả tuyến sáng lại từ tối qua."
WHY = "Không thuộc việc của đơn vị"


def choices(actor: Actor, case: Case, step: str) -> set[str]:
    found = next(one for one in queries.case_page(actor, case.code).steps if one.name == step)
    return {code for code, _label in next(f for f in found.fields if f.name == "agency").options}


def test_an_order_goes_on_only_to_whom_its_office_gives_orders(give: Give, people: People, chair: Actor) -> None:
    by_code = reference.agencies_by_code()
    department = people.head(by_code["SXD"])
    case = give(actor=department)
    with pytest.raises(Invalid) as refused:
        take(department, case, "hand_over", agency="SYT", reason=WHY)
    assert set(refused.value.fields) == {"agency"}
    case.refresh_from_db()
    assert (case.agency.code, case.state) == ("CVX", "given")  # type: ignore[union-attr]
    assert "SYT" not in choices(department, case, "hand_over")
    of_chair = give()
    assert {"SYT", "HEP"} <= choices(chair, of_chair, "hand_over")
    assert take(chair, of_chair, "hand_over", agency="SYT", reason=WHY).agency_id == by_code["SYT"].pk


def test_leading_another_office_does_not_widen_an_order(give: Give, people: People, chair: Actor) -> None:
    """Whoever leads the chairman's office too gives a department's order on as its head: to what stands below it."""
    department = people.head(reference.agencies_by_code()["SXD"])
    both = Actor("staff", department.id, department.name, department.grants | chair.grants)
    case = give(actor=department)
    with pytest.raises(Invalid):
        take(both, case, "hand_over", agency="SYT", reason=WHY)


def test_only_whoever_leads_the_office_takes_it_back_or_gives_it_on(give: Give, people: People, lights: Agency) -> None:
    office = reference.agencies_by_code()["VPU"]
    colleague, case = people.officer(office), give()
    offered = [step.name for step in queries.case_page(colleague, case.code).steps]
    assert not {"hand_over", "withdraw"} & set(offered)
    for step, data in (("withdraw", {}), ("hand_over", {"agency": "SYT"})):
        with pytest.raises(Forbidden):
            take(colleague, case, step, reason=WHY, **data)
    another_head = people.head(office)
    assert take(another_head, case, "withdraw", reason=WHY).state == "withdrawn"
    of_centre = give(actor=people.lead)
    assert take(people.lead, of_centre, "withdraw", reason=WHY).state == "withdrawn"


def test_it_counts_where_it_is_carried_out_and_late_where_it_became_late(
    give: Give, people: People, chair: Actor, lights: Agency
) -> None:
    health = reference.agencies_by_code()["SYT"]
    moved, late = give(), give()
    take(chair, moved, "hand_over", agency="SYT", reason=WHY)
    take(people.officer(health), moved, "report", text=DONE)
    take(chair, moved, "confirm")
    with clock.at(DEADLINE + timedelta(hours=1)):
        with pytest.raises(Conflict):
            take(chair, late, "hand_over", agency="SYT", reason=WHY)
        kept = orders.kept(MONDAY.date(), MONDAY.date())
    assert (kept[health.pk].given, kept[health.pk].on_time, kept[health.pk].open_late) == (1, 1, 0)
    assert (kept[lights.pk].given, kept[lights.pk].open_late) == (1, 1)


def test_a_report_that_nobody_checks_climbs_once_each(give: Give, people: People, chair: Actor, lights: Agency) -> None:
    department, lead, officer = people.head(reference.agencies_by_code()["SXD"]), people.lead, people.officer(lights)
    case = give(actor=department)
    take(officer, case, "report", text=DONE)
    for days, whom in ((1, {department.id}), (3, {department.id, chair.id}), (5, {department.id, chair.id, lead.id})):
        timer = CaseTimer.objects.get(case=case, kind=f"check-{days}")
        with clock.at(timer.fire_at - timedelta(minutes=1)):
            firing.fire_timers()
        timer.refresh_from_db()
        assert timer.fired_at is None
        with clock.at(timer.fire_at):
            firing.fire_timers()
            firing.fire_timers()
        entry = JournalEntry.objects.get(
            subject_id=case.pk, action="case.timer", parts__staff__kind=f"check-{days}"
        )  # once
        assert told(entry) == whom
    assert timer.fire_at > MONDAY + timedelta(days=5)  # working days
    assert take(department, case, "confirm").state == "done"


def test_who_checks_in_time_is_not_reminded(give: Give, people: People, chair: Actor, lights: Agency) -> None:
    case = give()
    take(people.officer(lights), case, "report", text=DONE)
    take(chair, case, "confirm")
    assert not CaseTimer.objects.filter(case=case, fired_at=None).exists()


def test_more_time_that_nobody_decides_is_remembered(give: Give, people: People, chair: Actor, lights: Agency) -> None:
    case = give(due_at=MONDAY + timedelta(days=20))
    take(people.officer(lights), case, "ask_time", days=2, reason="Chờ vật tư từ nhà cung cấp")
    timer = CaseTimer.objects.get(case=case, kind="decide-1")
    with clock.at(timer.fire_at):
        firing.fire_timers()
    assert told(JournalEntry.objects.get(subject_id=case.pk, action="case.timer")) == {chair.id}


def test_every_order_says_what_must_prove_it(give: Give) -> None:
    assert len(Order.objects.get(case=give()).evidence) > 20
    assert Order.objects.get(case=give(evidence="Ảnh cả tuyến ban đêm")).evidence == "Ảnh cả tuyến ban đêm"
    with pytest.raises(Invalid) as refused:
        give(evidence="Ảnh")
    assert set(refused.value.fields) == {"evidence"}


@pytest.mark.parametrize("text", ["Đã xong xong xong xong xong xong xong", "a" * 60, "........................"])
def test_a_report_says_something_or_shows_it(give: Give, people: People, lights: Agency, text: str) -> None:
    officer, case = people.officer(lights), give()
    with pytest.raises(Invalid) as refused:
        take(officer, case, "report", text=text)
    assert set(refused.value.fields) == {"text"}
    shown = take(officer, case, "report", text="Đã thay hết bóng, ảnh kèm theo", files=[upload(officer.id)])
    assert shown.state == "reported"
