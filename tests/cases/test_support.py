""" "Me too": who may say so, that each counts once, and that the news of a case reach them."""

import subprocess
from collections.abc import Callable
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.test import Client

from hues.cases import actions, erasing, joining, queries, supports
from hues.cases.models import Case, CaseSupport
from hues.kernel import journal
from hues.kernel.actors import GUEST
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound, SignInNeeded, TooMany
from hues.kernel.models import JournalEntry
from hues.notifications.models import Notice
from hues.people.erasing import ERASERS, EXPORTERS
from tests.cases.conftest import People, Way, journal_of, upload
from tests.served import Served

Open = Callable[..., Case]


def relay() -> None:
    """What the relay does with every entry."""
    for entry in journal.read(list(JournalEntry.objects.order_by("id").values_list("pk", flat=True))).values():
        for name in ("following", "notices"):
            how = journal.FOLLOWERS.get(name)
            if how.part in entry.parts:
                how.follow(entry)


def supporters(case: Case) -> list[UUID]:
    return list(CaseSupport.objects.filter(case=case).values_list("person_id", flat=True))


@pytest.fixture
def listed(way: Way) -> Way:
    """The lamp is public and being handled."""
    return way.accepted()


def test_each_person_counts_once(listed: Way, people: People) -> None:
    neighbours = [people.citizen() for _ in range(2)]
    for neighbour in [*neighbours, *neighbours]:
        actions.support_case(actor=neighbour, code=listed.code.lower())
    assert listed.case.support_count == 2
    assert actions.withdraw_support(actor=neighbours[0], code=listed.code).support_count == 1
    actions.withdraw_support(actor=neighbours[0], code=listed.code)
    assert listed.case.support_count == CaseSupport.objects.count() == 1
    assert supports.supported_by(neighbours[1].id, [listed.case.pk]) == {listed.case.pk}
    assert queries.public_case(listed.code).support_count == 1


def test_a_form_that_staff_has_open_stays_good(listed: Way, people: People) -> None:
    version = listed.case.version
    actions.support_case(actor=people.citizen(), code=listed.code)
    assert listed.take(listed.officer, "start", version=version).state == "in_progress"


def test_nobody_reads_in_a_history_who_it_was(listed: Way, people: People) -> None:
    neighbour = people.citizen()
    actions.support_case(actor=neighbour, code=listed.code)
    entry = journal_of(listed.case)[-1]
    assert (entry.action, entry.actor_id, set(entry.parts)) == ("case.supported", neighbour.id, {"audit"})
    for viewer in (listed.operator, listed.officer, listed.citizen):
        assert "supported" not in [event.action for event in queries.timeline(viewer, listed.case)]


@pytest.mark.parametrize("visibility", ["restricted", "unmoderated"])
def test_what_is_not_public_is_not_there(way: Way, people: People, visibility: str) -> None:
    if visibility == "restricted":
        way.accepted()
        Case.objects.filter(code=way.code).update(visibility="restricted")
    with pytest.raises(NotFound):
        actions.support_case(actor=people.citizen(), code=way.code)
    with pytest.raises(NotFound):
        actions.withdraw_support(actor=people.citizen(), code=way.code)


def test_who_cannot(listed: Way, people: People) -> None:
    with pytest.raises(SignInNeeded):
        actions.support_case(actor=GUEST, code=listed.code)
    with pytest.raises(Forbidden):
        actions.support_case(actor=listed.operator, code=listed.code)
    with pytest.raises(Conflict):
        actions.support_case(actor=listed.citizen, code=listed.code)
    listed.take(listed.officer, "start")
    listed.take(listed.officer, "answer", listed.a_fix())
    listed.take(listed.operator, "publish")
    with pytest.raises(Conflict):
        actions.support_case(actor=people.citizen(), code=listed.code)
    assert listed.case.support_count == 0


def test_it_cannot_be_pressed_all_day(listed: Way, people: People, settings: LazySettings) -> None:
    settings.LIMITS = True
    neighbour = people.citizen()
    with pytest.raises(TooMany):
        for _ in range(100):
            actions.support_case(actor=neighbour, code=listed.code)


def test_supporters_hear_each_public_step(listed: Way, people: People) -> None:
    neighbour = people.citizen()
    actions.support_case(actor=neighbour, code=listed.code)
    relay()
    before = Notice.objects.filter(person_id=neighbour.id).count()
    listed.take(listed.officer, "start")
    relay()
    (notice,) = Notice.objects.filter(person_id=neighbour.id)[before:]
    assert notice.link == f"/cases/{listed.code}"
    actions.withdraw_support(actor=neighbour, code=listed.code)
    listed.take(listed.officer, "answer", listed.a_fix())
    listed.take(listed.operator, "publish")
    relay()
    assert Notice.objects.filter(person_id=neighbour.id).count() == before + 1


# With merging


@pytest.fixture
def second(listed: Way, people: People, open_case: Open) -> Way:
    """Another public report of the same lamp, with a supporter of its own."""
    citizen = people.citizen()
    other = Way(people, citizen, listed.agency, open_case(actor=citizen, body="Đèn trước số 27 tắt ba hôm rồi").code)
    return other.accepted()


def test_supporters_go_with_a_merge_and_come_back(listed: Way, second: Way, people: People) -> None:
    of_both, of_second = people.citizen(), people.citizen()
    actions.support_case(actor=of_both, code=listed.code)
    actions.support_case(actor=second.citizen, code=listed.code)
    actions.support_case(actor=listed.citizen, code=second.code)
    for one in (of_both, of_second):
        actions.support_case(actor=one, code=second.code)
    second.take(second.operator, "merge", {"parent": listed.code})
    assert listed.case.support_count == 2, "two neighbours; both reporters are counted by their reports"
    assert set(supporters(listed.case)) == {of_both.id, of_second.id}
    assert actions.support_case(actor=people.citizen(), code=second.code).code == listed.code, (
        "leads to the one that stays"
    )
    with pytest.raises(Conflict):
        actions.support_case(actor=second.citizen, code=listed.code)
    second.take(second.operator, "unmerge")
    assert listed.case.support_count == CaseSupport.objects.filter(case=listed.case).count() == 2
    assert second.case.support_count == 3
    assert of_second.id not in supporters(listed.case)


def test_a_report_joins_on_its_reporters_word(listed: Way, people: People, open_case: Open) -> None:
    neighbour = people.citizen()
    actions.support_case(actor=neighbour, code=listed.code)
    photo = upload(neighbour.id)
    mine = open_case(actor=neighbour, category="GT01", body="Ổ gà dưới cột đèn", address="29 Lê Lợi", file_ids=[photo])
    joined = actions.join_into(actor=neighbour, code=mine.code, parent=listed.code.lower())
    assert (joined.state, joined.parent and joined.parent.code) == ("merged", listed.code)
    assert (listed.case.merged_count, listed.case.support_count) == (1, 0)
    told = [(entry.action, entry.actor_id) for entry in journal_of(listed.case)]
    assert ("case.joined", neighbour.id) in told
    with pytest.raises(NotFound):
        queries.case_for(neighbour, listed.code)
    actions.take_step(actor=listed.operator, code=mine.code, step="unmerge")
    again = Case.objects.get(code=mine.code)
    assert (again.state, again.parent_id, again.body, again.address) == ("triage", None, mine.body, "29 Lê Lợi")
    assert again.files.count() == 1
    assert [event.action for event in queries.timeline(neighbour, again)] == ["opened", "merge", "unmerge"]
    assert listed.case.merged_count == 0


def test_what_cannot_be_joined(listed: Way, people: People, open_case: Open) -> None:
    neighbour = people.citizen()
    mine = open_case(actor=neighbour)
    hidden = open_case()
    for parent in (hidden.code, mine.code, "PA-0000-00", "", "'"):
        with pytest.raises(Invalid):
            actions.join_into(actor=neighbour, code=mine.code, parent=parent)
    with pytest.raises(NotFound):
        actions.join_into(actor=people.citizen(), code=mine.code, parent=listed.code)
    with pytest.raises(Forbidden):
        agencys = Way(people, neighbour, listed.agency, mine.code).accepted()
        joining.join_into(actor=agencys.officer, code=mine.code, parent=listed.code)
    assert Case.objects.get(code=mine.code).parent_id is None


# Doors, and a person's rights


def test_the_doors(listed: Way, people: People, client: Client) -> None:
    from hues.people.models import User

    door = f"/api/v1/cases/{listed.code}/support"
    assert client.post(door).status_code == 401
    neighbour = people.citizen()
    client.force_login(User.objects.get(pk=neighbour.id))
    assert client.post(door).json() == {"code": listed.code, "supporters": 1, "mine": True}
    assert client.get(f"/api/v1/cases/{listed.code}").json()["support_count"] == 1
    assert client.delete(door).json() == {"code": listed.code, "supporters": 0, "mine": False}
    assert client.post("/api/v1/cases/PA-0000-00/support").status_code == 404


def test_who_leaves_is_no_longer_counted(listed: Way, people: People) -> None:
    neighbour = people.citizen()
    actions.support_case(actor=neighbour, code=listed.code)
    assert neighbour.id
    assert EXPORTERS.get("supports")(neighbour.id)[0]["code"] == listed.code
    assert ERASERS.get("supports")(neighbour.id) == {"supports": 1}
    assert ERASERS.get("supports")(neighbour.id) == {"supports": 0}
    assert (listed.case.support_count, CaseSupport.objects.count()) == (0, 0)


@pytest.mark.slow
def test_many_at_once_are_counted_right(fresh_served: Served) -> None:
    from tests.cases.test_many_hands import said, start

    code = said(start(fresh_served, "listed"))
    hands: list[subprocess.Popen[str]] = [start(fresh_served, "support", code) for _ in range(4)]
    assert sorted(said(hand, go="!") for hand in hands) == ["done"] * 4
    assert said(start(fresh_served, "supported", code)) == "40 40"


@pytest.mark.parametrize(
    ("category", "body"), [("GT07", "Hai xe máy đụng nhau"), ("DT01", "Trụ đèn rò điện, có người bị điện giật")]
)
def test_danger_is_not_merged_into_what_can_wait(
    listed: Way, people: People, open_case: Open, category: str, body: str
) -> None:
    neighbour = people.citizen()
    mine = open_case(actor=neighbour, category=category, body=body)
    kept = actions.join_into(actor=neighbour, code=mine.code, parent=listed.code)
    assert (kept.state, kept.parent_id, kept.same_as) == ("triage", None, listed.code)
    assert listed.case.merged_count == 0
    told = [event for event in queries.timeline(neighbour, kept) if event.action == "kept_apart"]
    assert listed.code in told[0].text, "whoever sent it reads why"
    merged = actions.take_step(actor=listed.operator, code=mine.code, step="merge", data={"parent": listed.code})
    assert merged.state == "merged", "the centre decides"


def test_what_is_confidential_is_not_handed_to_another_agency(listed: Way, people: People, open_case: Open) -> None:
    neighbour = people.citizen()
    mine = open_case(actor=neighbour)
    Case.objects.filter(pk=mine.pk).update(visibility="restricted")
    with pytest.raises(Conflict):
        actions.join_into(actor=neighbour, code=mine.code, parent=listed.code)
    assert Case.objects.get(pk=mine.pk).parent_id is None


def test_danger_joins_what_is_urgent_as_well(listed: Way, people: People, open_case: Open) -> None:
    urgent = Way(people, listed.citizen, listed.agency, open_case(category="GT07").code)
    urgent.take(urgent.operator, "assign", {"visibility": "public", "public_body": "Tai nạn"})
    neighbour = people.citizen()
    mine = open_case(actor=neighbour, category="GT07", body="Có người bị thương")
    assert actions.join_into(actor=neighbour, code=mine.code, parent=urgent.code).state == "merged"


def test_who_leaves_takes_nothing_along_that_staff_need(listed: Way, second: Way) -> None:
    second.take(second.operator, "merge", {"parent": listed.code})
    listed.take(listed.officer, "start")
    listed.take(listed.officer, "request_extension", {"days": 3, "reason": "Chờ vật tư về kho"})
    for leaving in (listed.citizen, second.citizen):
        assert leaving.id
        erasing.erase(leaving.id)
    assert second.take(second.operator, "unmerge").state == "assigned"
    assert listed.take(listed.head, "approve_extension").state == "in_progress"
