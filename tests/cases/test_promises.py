"""Promises of a day: made with a planned answer, moved in public, reminded of, kept or broken by the end of the day."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from hues.cases import actions, firing, promising, queries, reference
from hues.cases.models import Case, Promise
from hues.cases.queries import promises as promised
from hues.kernel import clock
from hues.kernel.errors import Conflict, Forbidden
from hues.people.models import User
from tests.cases.conftest import People, Way, at_most, journal_of, told

HUE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = date(2026, 10, 20)  # a Tuesday, two weeks on
PLAN = {
    "outcome": "planned_with_date",
    "text": "Đường dây ngầm hỏng, thay toàn tuyến.",
    "date": DAY.isoformat(),
    "files": [],
}


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=HUE)


@pytest.fixture
def planned(way: Way) -> Way:
    assert way.head and way.operator  # they are there to be told
    return way.published(**PLAN)


def the_promise(way: Way) -> Promise:
    return Promise.objects.get(case=way.case)


def woken(way: Way) -> Way:
    """The morning of the day: the case has woken by itself."""
    with clock.at(at(DAY, 8)):
        firing.fire_timers()
    return way


def fixed(way: Way, when: datetime) -> None:
    with clock.at(when):
        way.take(way.officer, "answer", way.a_fix())
        way.take(way.operator, "publish")


def test_a_planned_answer_is_a_promise(planned: Way) -> None:
    promise = the_promise(planned)
    assert (promise.state, promise.on, promise.first_on, promise.moves) == ("open", DAY, DAY, 0)
    assert promise.ends_at == at(DAY + timedelta(days=1), 0)
    assert promise.agency_id == planned.agency.pk


def test_nobody_promises_before_the_centre_has_published_it(way: Way) -> None:
    way.answered(**PLAN)
    assert not Promise.objects.exists()


def test_the_agency_is_reminded_three_working_days_before_once(planned: Way) -> None:
    with clock.at(at(date(2026, 10, 14), 23)):
        assert promising.settle_promises() == 0
    with clock.at(at(date(2026, 10, 15), 8)):  # Thursday; Friday and Monday are left between
        assert promising.settle_promises() == 1
        assert promising.settle_promises() == 0
    entry = journal_of(planned.case)[-1]
    assert (entry.action, told(entry)) == ("case.promise_near", {planned.officer.id, planned.head.id})
    assert "public" not in entry.parts


def test_done_on_the_day_is_kept(planned: Way) -> None:
    fixed(woken(planned), at(DAY, 16, 30))
    promise = the_promise(planned)
    assert (promise.state, promise.done_at) == ("kept", at(DAY, 16, 30))
    with clock.at(at(DAY, 23, 59) + timedelta(hours=1)):
        assert promising.settle_promises() == 0


def test_done_before_the_day_is_kept(planned: Way) -> None:
    with clock.at(at(date(2026, 10, 12), 9)):
        planned.take(planned.officer, "wake")
    fixed(planned, at(date(2026, 10, 12), 15))
    assert the_promise(planned).state == "kept"


def test_a_day_that_passes_is_told_to_everyone_once_and_late_work_is_known_as_late(
    planned: Way, people: People
) -> None:
    department = people.head(planned.agency.parent) if planned.agency.parent else planned.head
    operator = planned.operator
    woken(planned)
    with clock.at(at(DAY, 23, 59)):
        assert promising.settle_promises() == 1  # the reminder, late rather than never
    with clock.at(at(DAY + timedelta(days=1), 0, 1)):
        assert promising.settle_promises() == 1
        assert promising.settle_promises() == 0
    entry = journal_of(planned.case)[-1]
    assert entry.action == "case.promise_broken"
    assert told(entry) == {planned.citizen.id, planned.officer.id, planned.head.id, department.id, operator.id}
    assert "20/10" in entry.parts["public"]["said"]["vi"]
    assert the_promise(planned).state == "broken"
    fixed(planned, at(DAY + timedelta(days=1), 10))
    promise = the_promise(planned)
    assert (promise.state, promise.done_at) == ("broken", at(DAY + timedelta(days=1), 10))
    kept = promised.kept(operator)
    assert (kept.due, kept.kept, kept.late, kept.undone) == (1, 0, 1, 0)


def test_the_time_that_the_centre_takes_to_check_breaks_no_promise(planned: Way) -> None:
    woken(planned)
    with clock.at(at(DAY, 16)):
        planned.take(planned.officer, "answer", planned.a_fix())
        promising.settle_promises()
    with clock.at(at(DAY + timedelta(days=1), 9)):
        assert promising.settle_promises() == 0
        planned.take(planned.operator, "publish")
    assert the_promise(planned).state == "kept"


def test_what_the_centre_sends_back_is_not_done(planned: Way) -> None:
    woken(planned)
    with clock.at(at(DAY, 16)):
        promising.settle_promises()
        planned.take(planned.officer, "answer", planned.a_fix())
    with clock.at(at(DAY + timedelta(days=1), 9)):
        planned.take(planned.operator, "bounce", {"reason": "Ảnh không phải chỗ này"})
        assert promising.settle_promises() == 1
    assert the_promise(planned).state == "broken"


def test_an_answer_of_another_kind_does_not_keep_it(planned: Way) -> None:
    woken(planned)
    with clock.at(at(DAY, 10)):
        planned.take(
            planned.officer, "answer", {"outcome": "temporary_fix", "text": "Tạm nối dây, chờ thay toàn tuyến."}
        )
        planned.take(planned.operator, "publish")
    assert the_promise(planned).state == "dropped"
    kept = promised.kept(planned.operator)
    assert (kept.due, kept.kept, kept.dropped) == (1, 0, 1)


def test_moving_the_day_is_public_counted_and_limited(planned: Way) -> None:
    data = {"date": "2026-11-03", "reason": "Vật tư về chậm hai tuần"}
    with pytest.raises(Forbidden):
        planned.take(planned.officer, "move_promise", data)
    planned.take(planned.head, "move_promise", data)
    promise = the_promise(planned)
    assert (promise.on, promise.first_on, promise.moves) == (date(2026, 11, 3), DAY, 1)
    entry = journal_of(planned.case)[-1]
    assert "Vật tư về chậm" in entry.parts["public"]["said"]["vi"] and planned.citizen.id in told(entry)
    with clock.at(at(DAY, 9)):
        assert firing.fire_timers() == 0  # it wakes on the new day
    planned.take(planned.head, "move_promise", {**data, "date": "2026-11-10"})
    with pytest.raises(Conflict):
        planned.take(planned.head, "move_promise", {**data, "date": "2026-11-17"})
    with clock.at(at(date(2026, 11, 10), 9)):
        assert firing.fire_timers() == 1
    assert planned.case.state == "assigned"
    fixed(planned, at(date(2026, 11, 10), 11))
    kept = promised.kept(planned.operator)
    assert (kept.kept, kept.kept_first, kept.moved, kept.kept_share, kept.first_share) == (1, 0, 1, 1.0, 0.0)


def test_a_second_promise_before_the_first_day_is_a_move(planned: Way) -> None:
    with clock.at(at(date(2026, 10, 12), 9)):
        planned.take(planned.officer, "wake")
        planned.take(planned.officer, "answer", {**PLAN, "date": "2026-12-01"})
        planned.take(planned.operator, "publish")
    assert (the_promise(planned).on, the_promise(planned).moves) == (date(2026, 12, 1), 1)


def test_promises_that_came_from_elsewhere_are_adopted_once(planned: Way) -> None:
    Promise.objects.all().delete()
    assert [promising.adopt_promises(), promising.adopt_promises()] == [1, 0]
    assert the_promise(planned).on == DAY


def test_the_list_by_day_for_who_has_to_do_with_it(planned: Way, people: People, client: Client) -> None:
    with at_most(1):
        page = promised.promises(planned.officer)
    assert [one.case.code for one in page] == [planned.code]
    assert promised.promises(planned.officer, "past").items == []
    stranger = people.officer(reference.agencies_by_code()["HEP"])
    assert promised.promises(stranger).items == []
    client.force_login(User.objects.get(pk=planned.head.id))
    answer = client.get("/desk/promises")
    assert answer.status_code == 200 and planned.code in answer.content.decode()
    assert client.get("/desk/promises?agency=HEP").status_code == 404
    client.force_login(User.objects.get(pk=planned.citizen.id))
    assert client.get("/desk/promises").status_code == 404


def test_kept_by_agency_for_evaluations(planned: Way) -> None:
    fixed(woken(planned), at(DAY, 12))
    with at_most(1):
        found = promised.kept_by_agency(DAY, DAY)
    assert found[planned.agency.pk].kept == 1
    assert promised.kept_by_agency(DAY + timedelta(days=1), DAY + timedelta(days=9)) == {}


def test_what_was_merged_is_no_broken_promise(planned: Way, open_case: object) -> None:
    woken(planned)
    with clock.at(at(DAY, 9)):
        other = actions.open_case(actor=planned.citizen, category="DT01", body="Đèn hỏng", lat=16.4637, lon=107.5909)
        actions.take_step(actor=planned.operator, code=other.code, step="accept", data={"agency": planned.agency.code})
        planned.take(planned.operator, "merge", {"parent": other.code})
    with clock.at(at(DAY + timedelta(days=1), 9)):
        promising.settle_promises()
    assert the_promise(planned).state == "void"
    assert queries.case_page(planned.operator, planned.code) and Case.objects.get(code=planned.code).parent_id
