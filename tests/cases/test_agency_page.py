"""What the head of an agency sees: what is due, late, waiting; who has how much; both on-time figures; causes; what came back."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client

from hues.cases import actions, causes, queries, recurrence, reference
from hues.cases.models import Case, CauseLink, Recurrence
from hues.cases.queries import agency as leading
from hues.city.models import Agency
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid
from hues.people.models import User
from tests.cases.conftest import INSIDE, MONDAY, People, Way, at_most, journal_of, told, upload

Open = Callable[..., Case]
FAR = {"lat": 16.48, "lon": 107.60}


@pytest.fixture
def assigned(open_case: Open, people: People, lights: Agency) -> Open:
    """A case in the hands of the agency; due on Thursday, three working days on."""

    def make(**changes: object) -> Case:
        case = open_case(**changes)
        return actions.take_step(actor=people.operator, code=case.code, step="accept", data={"agency": lights.code})

    return make


def sign_in(client: Client, actor: Actor) -> Client:
    client.force_login(User.objects.get(pk=actor.id))
    return client


def codes(works: list[leading.Work]) -> list[str]:
    return [work.case.code for work in works]


# Deadlines


def test_what_is_due_tomorrow_stands_there_today(assigned: Open, people: People, lights: Agency) -> None:
    case, head = assigned(), people.head(lights)
    assert leading.soon(head, lights.pk) == []
    with clock.at(MONDAY + timedelta(days=2)), at_most(1):  # Wednesday
        assert codes(leading.soon(head, lights.pk)) == [case.code]
    with clock.at(MONDAY + timedelta(days=4)):  # Friday
        assert leading.soon(head, lights.pk) == []
        assert codes(leading.late(head, lights.pk)) == [case.code]
        assert leading.counts(lights.pk) == leading.Counts(open=1, soon=0, late=1, waiting=0)


def test_on_friday_tomorrow_is_monday(lights: Agency) -> None:
    with clock.at(MONDAY + timedelta(days=4)):
        assert leading.next_working_day() == (MONDAY + timedelta(days=7)).date()


def test_what_waits_for_the_head_says_what_they_may_do(way: Way, people: People) -> None:
    way.started().take(way.officer, "request_extension", {"days": 7, "reason": "Chờ vật tư thay thế"})
    head = way.head
    with at_most(1):
        (own,) = leading.waiting(head, way.agency.pk)
    assert own.can == {"deny_extension", "give"}  # seven days are more than a head may grant
    (above,) = leading.waiting(people.head(reference.agencies_by_code()["SXD"]), way.agency.pk)
    assert above.can == {"deny_extension", "approve_extension"}
    (asker,) = leading.waiting(way.officer, way.agency.pk)
    assert asker.can == set()


def test_a_head_decides_from_the_list(way: Way, client: Client) -> None:
    way.started().take(way.officer, "request_extension", {"days": 3, "reason": "Chờ vật tư thay thế"})
    sign_in(client, way.head)
    page = client.get("/desk/agency").content.decode()
    assert way.code in page and "Chờ vật tư thay thế" in page
    sent = {"agency": way.agency.code, "code": way.code, "step": "approve_extension", "version": way.case.version}
    assert client.post("/desk/agency/decide", sent).status_code == 302
    assert way.case.state == "in_progress" and way.case.due_final_at != way.case.due_original_at
    client.post(
        "/desk/agency/decide", {**sent, "step": "request_extension", "preset": "1", "version": way.case.version}
    )
    assert way.case.state == "extension_requested"
    assert client.post("/desk/agency/decide", {**sent, "step": "publish"}).status_code == 404


# Who has how much


def test_workload_is_what_can_be_worked_on_against_the_fair_share(
    assigned: Open, people: People, lights: Agency
) -> None:
    officer, head = people.officer(lights), people.head(lights)
    cases = [assigned() for _n in range(3)]
    for case in cases[:2]:
        actions.take_step(actor=officer, code=case.code, step="start")
    asked = assigned()
    actions.take_step(actor=officer, code=asked.code, step="take")
    actions.take_step(actor=officer, code=asked.code, step="ask_citizen", data={"question": "Trụ đèn số mấy vậy ạ?"})
    with at_most(2):
        loads = leading.workload(lights.pk)
    assert [(load.person and load.person.pk, load.open) for load in loads] == [(None, 1), (officer.id, 2), (head.id, 0)]
    assert loads[1].share == pytest.approx(2 / 1.5)
    assert codes(leading.held_by(head, lights.pk, None)) == [cases[2].code]


def test_work_is_given_to_others_from_the_page(assigned: Open, people: People, lights: Agency, client: Client) -> None:
    officer, head, case = people.officer(lights), people.head(lights), assigned()
    sign_in(client, head)
    assert case.code in client.get(f"/desk/agency/load?agency={lights.code}").content.decode()
    sent = {"agency": lights.code, "codes": [case.code], "officer": str(officer.id)}
    assert client.post("/desk/agency/hand-out", sent).status_code == 302
    case.refresh_from_db()
    assert case.officer_id == officer.id
    assert case.code in client.get(f"/desk/agency/load?agency={lights.code}&officer={officer.id}").content.decode()
    stranger = people.officer(reference.agencies_by_code()["HEP"])
    assert client.get(f"/desk/agency/load?agency={lights.code}&officer={stranger.id}").status_code == 404


# How it went


def test_both_on_time_figures_stand_side_by_side(way: Way) -> None:
    way.started().take(way.officer, "request_extension", {"days": 3, "reason": "Chờ vật tư thay thế"})
    way.take(way.head, "approve_extension")
    with clock.at(MONDAY + timedelta(days=4)):  # after the first date, before the second
        way.take(way.officer, "answer", way.a_fix())
        way.take(way.operator, "publish")
        with at_most(1):
            figures = leading.on_time(way.agency.pk)
    assert (figures.received, figures.answered, figures.original, figures.final) == (1, 1, 0, 1)
    assert (figures.original_share, figures.final_share) == (0.0, 1.0)
    assert leading.on_time(reference.agencies_by_code()["HEP"].pk).original_share is None


# Causes


def test_reports_of_one_thing_and_of_one_place_are_groups(assigned: Open, lights: Agency) -> None:
    for _n in range(4):
        assigned(asset="LL-017", **FAR)
    for n in range(3):
        assigned(lat=INSIDE["lat"] + n * 0.0001, lon=INSIDE["lon"], address=f"{n + 1} Lê Lợi")
    assigned(lat=16.5, lon=107.55)
    with at_most(1):
        thing, place = causes.groups(lights.pk)
    assert (thing.key, thing.name, thing.count) == ("asset:LL-017", "LL-017", 4)
    assert (place.name, place.count, place.open) == ("Lê Lợi", 3, 3)
    (again,) = causes.groups_of(lights.pk, place.key, 90)
    assert again.codes == place.codes
    with clock.at(MONDAY + timedelta(days=40)):
        assert causes.groups(lights.pk, 30) == []


@pytest.mark.parametrize("key", ["", "cell:", "cell:abc:DT01", "cell:8b41534e0d9bfff:XX", "asset:", "8b41534e0d9bfff"])
def test_a_group_that_there_is_not(lights: Agency, key: str, people: People, client: Client) -> None:
    sign_in(client, people.head(lights))
    assert client.get(f"/desk/agency/causes?{urlencode({'key': key})}").status_code in (404, 422)


def test_one_case_for_the_cause_links_them_and_is_the_agencys_at_once(
    assigned: Open, people: People, lights: Agency
) -> None:
    officer, head = people.officer(lights), people.head(lights)
    members = [assigned(address=f"{n + 1} Lê Lợi") for n in range(3)]
    given = {"agency_id": lights.pk, "category": "DT01", "body": "Cáp ngầm của cả tuyến đã hỏng."}
    with pytest.raises(Forbidden):
        causes.open_cause(actor=officer, codes=[one.code for one in members], **given)
    cause = causes.open_cause(actor=head, codes=[one.code for one in members], **given)
    assert (cause.state, cause.agency_id, cause.moderated, cause.address) == ("assigned", lights.pk, False, "Lê Lợi")
    assert cause.due_at is not None
    assert officer.id in told(journal_of(cause)[1])
    assert set(CauseLink.objects.values_list("case__code", "cause__code")) == {(m.code, cause.code) for m in members}
    entry = journal_of(members[0])[-1]
    assert entry.action == "case.cause_linked" and set(entry.parts) == {"staff"}
    with pytest.raises(Conflict):
        causes.open_cause(actor=head, codes=[one.code for one in members], **given)
    assert Case.objects.get(pk=members[0].pk).is_open  # they stay what they are


def test_a_cause_needs_two_reports_of_the_agency(assigned: Open, people: People, lights: Agency) -> None:
    head = people.head(lights)
    with pytest.raises(Invalid) as refused:
        causes.open_cause(actor=head, agency_id=lights.pk, category="HT05", body="ngắn", codes=[assigned().code])
    assert set(refused.value.fields) == {"category", "body", "codes"}


def test_a_cause_is_opened_from_the_page_and_shown_on_its_reports(
    assigned: Open, people: People, lights: Agency, client: Client
) -> None:
    members = [assigned(address=f"{n + 1} Lê Lợi") for n in range(3)]
    sign_in(client, people.head(lights))
    (group,) = causes.groups(lights.pk)
    address = f"/desk/agency/causes?{urlencode({'agency': lights.code, 'key': group.key})}"
    assert members[0].code in client.get(address).content.decode()
    sent = {"agency": lights.code, "key": group.key, "category": "DT01", "body": "Cáp ngầm hỏng", "codes": group.codes}
    opened = client.post("/desk/agency/causes/open", sent)
    cause = CauseLink.objects.values_list("cause__code", flat=True).first()
    assert opened.status_code == 302 and opened["Location"] == f"/desk/cases/{cause}"
    assert cause in client.get(f"/desk/cases/{members[0].code}/panels").content.decode()
    assert members[0].code in client.get(f"/desk/cases/{cause}/panels").content.decode()


# What came back


def again(way: Way, open_case: Open, days: float, **changes: object) -> Case:
    with clock.at(MONDAY + timedelta(days=days)):
        return open_case(**changes)


@pytest.mark.parametrize(
    ("days", "changes", "recurs"),
    [
        (30, {}, True),
        (59, {"lat": INSIDE["lat"] + 0.0002}, True),  # 22 m away
        (61, {}, False),
        (30, {"lat": INSIDE["lat"] + 0.002}, False),  # 220 m away
        (30, {"category": "DT04"}, False),
    ],
)
def test_the_same_trouble_within_sixty_days_is_a_recurrence(
    way: Way, open_case: Open, days: float, changes: dict[str, object], recurs: bool
) -> None:
    way.published()
    case = again(way, open_case, days, **changes)
    assert recurrence.note_recurrences([case.pk]) == int(recurs)
    assert recurrence.note_recurrences([case.pk]) == int(recurs)  # looked at again, it is kept once
    found = recurrence.of(case)
    assert (found is not None) == recurs
    if found:
        assert (found.earlier.code, found.days) == (way.code, int(days))


def test_the_same_thing_is_the_same_wherever_it_was_pinned(way: Way, open_case: Open) -> None:
    first = open_case(asset="LL-017")
    marked = Way(way.people, way.citizen, way.agency, first.code).published()
    case = again(way, open_case, 20, asset="LL-017", **FAR)
    assert recurrence.note_recurrences([case.pk]) == 1
    found = recurrence.of(case)
    assert found and (found.earlier.code, found.metres) == (marked.code, None)


def test_what_was_only_explained_does_not_come_back(way: Way, open_case: Open) -> None:
    way.published(outcome="no_violation_found", files=[])
    case = again(way, open_case, 20)
    assert recurrence.note_recurrences([case.pk]) == 0


def test_a_report_of_another_kind_after_all_is_none(way: Way, open_case: Open) -> None:
    way.published()
    case = again(way, open_case, 20)
    recurrence.note_recurrences([case.pk])
    Case.objects.filter(pk=case.pk).update(category=reference.categories_by_code()["DT04"])
    assert recurrence.note_recurrences([case.pk]) == 0
    assert not Recurrence.objects.exists()


def test_it_is_shown_listed_and_counted(way: Way, open_case: Open, client: Client) -> None:
    way.published()
    case = again(way, open_case, 20)
    recurrence.note_recurrences([case.pk])
    with clock.at(MONDAY + timedelta(days=21)):
        actions.take_step(actor=way.operator, code=case.code, step="accept", data={"agency": way.agency.code})
        sign_in(client, way.head)
        assert way.code in client.get(f"/desk/cases/{case.code}/panels").content.decode()
        assert case.code in client.get(f"/desk/cases/{way.code}/panels").content.decode()
        assert case.code in client.get("/desk/agency").content.decode()
        with at_most(2):
            counted = leading.recurrence_counts(MONDAY.date(), (MONDAY + timedelta(days=21)).date())
    assert counted[way.agency.pk] == {"again": 1, "received": 2}


# Who may open it


def test_whose_page_somebody_opens(people: People, lights: Agency, client: Client, citizen: Actor) -> None:
    by_code = reference.agencies_by_code()
    sign_in(client, people.head(by_code["SXD"]))
    assert client.get("/desk/agency?agency=CVX").status_code == 200  # below the department
    assert client.get("/desk/agency?agency=PCH").status_code == 404
    sign_in(client, people.operator)
    assert client.get("/desk/agency?agency=CVX").status_code == 200
    for nobody in (people.officer(lights), citizen):
        sign_in(client, nobody)
        assert client.get("/desk/agency").status_code == 404


def test_the_page_costs_few_statements(assigned: Open, people: People, lights: Agency, client: Client) -> None:
    for n in range(6):
        assigned(address=f"{n + 1} Lê Lợi")
    sign_in(client, people.head(lights))
    with clock.at(MONDAY + timedelta(days=2)):
        with at_most(24):  # of the page sixteen; the rest are session, account and shell
            assert client.get("/desk/agency").status_code == 200
        for n in range(6):
            assigned(address=f"{n + 11} Lê Lợi")
        with at_most(24):
            assert client.get("/desk/agency").status_code == 200
        assert len(codes(leading.soon(people.head(lights), lights.pk))) == 6
    assert queries.inbox(people.head(lights), "all", limit=20).items and upload(None)


def test_whoever_sees_all_begins_with_the_agency_that_is_most_behind(
    assigned: Open, people: People, lights: Agency, client: Client
) -> None:
    shown = sign_in(client, people.lead)
    assigned()
    assert f'value="{lights.code}" selected' not in shown.get("/desk/agency").content.decode()
    with clock.at(MONDAY + timedelta(days=20)):
        assert f'value="{lights.code}" selected' in shown.get("/desk/agency").content.decode()
