"""Reports of the same thing: merged, told together, and separated exactly as they were."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from hues.cases import actions, queries
from hues.cases.models import Case
from hues.kernel import clock
from hues.kernel.errors import Invalid, NotFound
from tests.cases.conftest import MONDAY, People, Way, journal_of, told

Open = Callable[..., Case]


@pytest.fixture
def other(way: Way, people: People, open_case: Open) -> Way:
    """A second report of the same lamp, by somebody else."""
    citizen = people.citizen()
    return Way(people, citizen, way.agency, open_case(actor=citizen, body="Đèn trước số 27 tắt ba hôm rồi").code)


def test_both_are_kept_and_the_news_reach_both_reporters(way: Way, other: Way) -> None:
    other.take(other.operator, "merge", {"parent": way.code})
    child = other.case
    assert (child.state, child.is_open, child.parent, child.outcome, child.due_at) == (
        "merged",
        False,
        way.case,
        "duplicate",
        None,
    )
    assert way.case.merged_count == 1
    assert told(journal_of(child)[-1]) == {other.citizen.id}
    way.accepted()
    entry = journal_of(way.case)[-1]
    assert {way.citizen.id, other.citizen.id} <= told(entry)
    links = {notice["person_id"]: notice["link"] for notice in entry.parts["notify"]}
    assert links[str(other.citizen.id)] == f"/me/cases/{other.code}", "each is led to their own report"
    assert f"case:{child.pk}" in entry.topics


def test_the_second_reporter_follows_what_happens_to_the_first(way: Way, other: Way) -> None:
    other.take(other.operator, "merge", {"parent": way.code.lower()})
    way.published()
    events = queries.timeline(other.citizen, other.case)
    assert [(event.action, event.of_parent) for event in events] == [
        ("opened", True), ("opened", False), ("merge", False), ("accept", True), ("start", True), ("answer", True), ("publish", True),
    ]  # fmt: skip
    with pytest.raises(NotFound):
        queries.case_for(other.citizen, way.code)
    mentioned = queries.case_for(other.citizen, other.code).parent
    assert mentioned and (mentioned.code, mentioned.reporter_id) == (way.code, None)


def test_the_agency_reads_what_was_merged_into_its_case(way: Way, other: Way) -> None:
    other.take(other.operator, "merge", {"parent": way.code})
    way.accepted()
    assert queries.case_for(way.officer, other.code).reporter_id is None
    assert [one.code for one in queries.case_page(way.officer, way.code).merged] == [other.code]
    (merged,) = queries.case_page(way.officer, way.code).merged
    assert merged.reporter_id is None


def test_separating_restores_exactly_with_the_time_that_was_left(way: Way, other: Way) -> None:
    other.started()
    before = other.case
    with clock.at(MONDAY + timedelta(hours=1)):
        other.take(other.operator, "merge", {"parent": way.code})
    with clock.at(MONDAY + timedelta(days=1, hours=1)):
        other.take(other.operator, "unmerge")
    after = other.case
    for name in (
        "state",
        "phase",
        "is_open",
        "agency_id",
        "officer_id",
        "outcome",
        "priority",
        "started_at",
        "assigned_at",
        "pending",
    ):
        assert getattr(after, name) == getattr(before, name), name
    assert after.parent is None
    assert after.closed_at is None
    assert before.due_at and after.due_at == before.due_at + timedelta(days=1)
    assert way.case.merged_count == 0


def test_a_case_separated_before_acceptance_waits_for_the_centre_again(way: Way, other: Way) -> None:
    other.take(other.operator, "merge", {"parent": way.code})
    other.take(other.operator, "unmerge")
    assert (other.case.state, other.case.agency_id) == ("triage", None)
    assert other.case.due_at


@pytest.mark.parametrize("target", ["itself", "nothing", "a rejected one", "a merged one"])
def test_what_cannot_be_merged_into(way: Way, other: Way, open_case: Open, target: str) -> None:
    third = open_case()
    if target == "a rejected one":
        actions.take_step(
            actor=way.operator,
            code=third.code,
            step="reject",
            data={"reason": "spam", "text": "Nội dung không rõ ràng."},
        )
    if target == "a merged one":
        actions.take_step(actor=way.operator, code=third.code, step="merge", data={"parent": way.code})
    code = {"itself": other.code, "nothing": "PA-9999-99"}.get(target, third.code)
    with pytest.raises(Invalid) as refused:
        other.take(other.operator, "merge", {"parent": code})
    assert set(refused.value.fields) == {"parent"}


def test_a_case_that_answers_for_others_is_not_merged_away(way: Way, other: Way, open_case: Open) -> None:
    other.take(other.operator, "merge", {"parent": way.code})
    with pytest.raises(Invalid):
        way.take(way.operator, "merge", {"parent": open_case().code})
