"""Approvals in an agency: answers through its head, more time with one press, work given to people, a deputy while the head is away."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from hues.cases import actions, handing, processes, queries, reference, standing_in
from hues.cases.models import Case
from hues.city.models import Agency
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid
from hues.people.models import Membership, User
from hues.people.queries import actor_for, today
from tests.cases.conftest import MONDAY, People, Way, journal_of, make_user, told, upload

Open = Callable[..., Case]
DAY = timedelta(days=1)


@pytest.fixture
def heritage() -> Agency:
    """An agency whose head reads every answer."""
    return reference.agencies_by_code()["DT"]


@pytest.fixture
def signed(people: People, citizen: Actor, open_case: Open, heritage: Agency) -> Way:
    return Way(people, citizen, heritage, open_case().code).started()


def offered(actor: Actor, code: str) -> set[str]:
    return {step.name for step in queries.case_page(actor, code).steps}


def staff_of(agency: Agency, name: str) -> Actor:
    user = make_user("staff", name)
    Membership.objects.create(user=user, role="officer", agency=agency, valid_from=today())
    return actor_for(User.objects.get(pk=user.pk))


def test_an_answer_goes_through_the_head_where_the_agency_wants_that(signed: Way) -> None:
    assert "submit" in offered(signed.officer, signed.code) and "answer" not in offered(signed.officer, signed.code)
    with pytest.raises(Conflict):
        signed.take(signed.officer, "answer", signed.a_fix())
    head = signed.head
    signed.take(signed.officer, "submit", signed.a_fix())
    case = signed.case
    assert (case.state, case.phase, case.answered_at) == ("approving", "handling", None)
    assert case.due_at is not None  # the time is still the agency's own
    assert told(journal_of(case)[-1]) == {head.id}
    assert signed.code not in [row.code for row in queries.inbox(signed.operator, "checking")]


def test_the_head_approves_and_only_then_it_is_answered(signed: Way) -> None:
    signed.take(signed.officer, "submit", signed.a_fix())
    with pytest.raises(Forbidden):
        signed.take(signed.officer, "approve_answer")
    later = MONDAY + timedelta(hours=2)
    with clock.at(later):
        signed.take(signed.head, "approve_answer")
        signed.take(signed.operator, "publish")
    assert (signed.case.state, signed.case.answered_at) == ("published", later)
    line = next(e for e in queries.case_page(signed.officer, signed.code).timeline if e.action == "approve_answer")
    assert (line.who, line.at) == (signed.head.name or line.who, later)


def test_the_head_returns_an_answer_with_a_reason(signed: Way) -> None:
    signed.take(signed.officer, "submit", signed.a_fix())
    with pytest.raises(Invalid):
        signed.take(signed.head, "return_answer")
    signed.take(signed.head, "return_answer", {"reason": "Ảnh chưa rõ chỗ đã sửa"})
    assert signed.case.state == "in_progress"
    assert told(journal_of(signed.case)[-1]) == {signed.officer.id}
    signed.take(signed.officer, "submit", signed.a_fix())
    signed.take(signed.officer, "withdraw_answer")
    assert signed.case.state == "in_progress"


def test_a_heads_own_answer_needs_no_second_word(signed: Way) -> None:
    assert "answer" in offered(signed.head, signed.code) and "submit" not in offered(signed.head, signed.code)
    signed.take(signed.head, "answer", {**signed.a_fix(), "files": [upload(signed.head.id)]})
    assert signed.case.state == "answered"


def test_other_agencies_answer_as_before(way: Way) -> None:
    way.started()
    assert "answer" in offered(way.officer, way.code) and "submit" not in offered(way.officer, way.code)


def test_more_time_is_asked_for_with_one_press(way: Way, client: Client) -> None:
    """Two in all: "More time" opens the reasons, one of them asks."""
    way.started()
    client.force_login(User.objects.get(pk=way.officer.id))
    address = f"/desk/cases/{way.code}/steps/request_extension"
    assert client.post(address, {"preset": "0", "version": way.case.version}).status_code == 302
    asked = way.case.pending["request_extension"]
    preset = processes.latest("timed")[1].steps["request_extension"].presets[0]
    assert (asked["days"], asked["reason"]) == (preset.data["days"], preset.data["reason"]["vi"])
    way.take(way.head, "approve_extension")
    assert way.case.due_at and way.case.due_original_at and way.case.due_at > way.case.due_original_at


@pytest.mark.parametrize("preset", ["99", "-1", "x", ""])
def test_a_reason_that_is_not_offered_asks_for_nothing(way: Way, client: Client, preset: str) -> None:
    way.started()
    client.force_login(User.objects.get(pk=way.officer.id))
    answer = client.post(f"/desk/cases/{way.code}/steps/request_extension", {"preset": preset})
    assert (answer.status_code, way.case.state) == (422, "in_progress")


def test_a_head_gives_work_to_people_one_or_many(people: People, lights: Agency, open_case: Open) -> None:
    lan, head = staff_of(lights, "lan"), people.head(lights)
    codes = []
    for _n in range(3):
        case = open_case()
        actions.take_step(actor=people.operator, code=case.code, step="accept", data={"agency": lights.code})
        codes.append(case.code)
    with pytest.raises(Forbidden):
        actions.take_step(actor=lan, code=codes[0], step="give", data={"officer": str(lan.id)})
    result = handing.hand_out(actor=head, codes=[*codes, "PA-NONE-00"], officer_id=lan.id)
    assert result.done == codes and set(result.refused) == {"PA-NONE-00"}
    assert set(Case.objects.filter(code__in=codes).values_list("officer_id", flat=True)) == {lan.id}
    entry = journal_of(Case.objects.get(code=codes[0]))[-1]
    assert told(entry) == {lan.id} and entry.parts["staff"]["officer"] == str(lan.id)
    assert "public" not in entry.parts


def test_work_is_given_to_people_of_the_agency_only(people: People, way: Way) -> None:
    way.accepted()
    stranger = people.officer(reference.agencies_by_code()["HEP"])
    with pytest.raises(Invalid) as refused:
        way.take(way.head, "give", {"officer": str(stranger.id)})
    assert set(refused.value.fields) == {"officer"}


def deputy_of(way: Way, **changes: Any) -> Actor:
    lan = staff_of(way.agency, "lan")
    given = {"actor": way.head, "agency": way.agency, "deputy_id": lan.id, "first": today(), "last": today() + DAY}
    standing_in.name_deputy(**{**given, **changes})
    return lan


def now(actor: Actor) -> Actor:
    return actor_for(User.objects.get(pk=actor.id))


def test_a_deputy_decides_while_the_head_is_away_and_the_history_says_for_whom(way: Way) -> None:
    way.started()
    lan = deputy_of(way)
    way.take(way.officer, "request_extension", {"days": 3, "reason": "Chờ vật tư thay thế"})
    assert lan.id in told(journal_of(way.case)[-1])
    way.take(now(lan), "approve_extension")
    entry = journal_of(way.case)[-1]
    assert entry.parts["staff"]["stands_in_for"] == User.objects.get(pk=way.head.id).name
    line = queries.case_page(way.head, way.code).timeline[-1]
    assert line.who.startswith("lan") and User.objects.get(pk=way.head.id).name in line.who
    with clock.at(MONDAY + 2 * DAY):
        assert not now(lan).heads(way.agency.pk)


def test_a_deputy_names_no_deputy_and_is_called_back(way: Way) -> None:
    lan = deputy_of(way)
    third = staff_of(way.agency, "mai")
    with pytest.raises(Forbidden):
        standing_in.name_deputy(actor=now(lan), agency=way.agency, deputy_id=third.id, first=today(), last=today())
    named = standing_in.named(way.agency.pk)[0]
    standing_in.call_back(actor=way.head, stand_in_id=named.pk)
    assert not now(lan).heads(way.agency.pk)
    with pytest.raises(Conflict):
        standing_in.call_back(actor=way.head, stand_in_id=named.pk)


def test_a_deputy_who_has_not_begun_yet_never_was(way: Way) -> None:
    lan = deputy_of(way, first=today() + 7 * DAY, last=today() + 9 * DAY)
    assert not now(lan).heads(way.agency.pk)
    standing_in.call_back(actor=way.head, stand_in_id=standing_in.named(way.agency.pk)[0].pk)
    with clock.at(MONDAY + 8 * DAY):
        assert not now(lan).heads(way.agency.pk)


@pytest.mark.parametrize(("first", "last"), [(-1, 2), (3, 2), (0, 90)])
def test_days_of_a_deputy_must_make_sense(way: Way, first: int, last: int) -> None:
    with pytest.raises(Invalid):
        deputy_of(way, first=today() + first * DAY, last=today() + last * DAY)


def test_nobody_of_another_agency_stands_in(way: Way, people: People) -> None:
    stranger = people.officer(reference.agencies_by_code()["HEP"])
    with pytest.raises(Invalid):
        standing_in.name_deputy(
            actor=way.head, agency=way.agency, deputy_id=stranger.id or User().pk, first=today(), last=today()
        )
    with pytest.raises(Forbidden):
        deputy_of(way, actor=way.officer)
