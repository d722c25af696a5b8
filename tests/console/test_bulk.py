"""One decision for many: nothing happens before its moment, everything once after it, and undo says honestly when it is too late."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from hues.cases.actions import take_step
from hues.cases.models import Case
from hues.console import actions, bulk
from hues.console.models import Bulk, BulkItem, Lease
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Invalid, NotFound
from hues.kernel.models import JournalEntry
from hues.people.models import User
from tests.cases.conftest import MONDAY, at_most, journal_of, told

Reports = Callable[..., list[Case]]
LATER = MONDAY + timedelta(seconds=21)


def chosen(cases: list[Case]) -> list[tuple[str, int]]:
    return [(case.code, case.version) for case in cases]


def states(cases: list[Case]) -> list[str]:
    return [Case.objects.get(pk=case.pk).state for case in cases]


def test_nothing_happens_and_nobody_is_told_before_its_moment(one: Actor, reports: Reports) -> None:
    cases = reports(3)
    before = [len(journal_of(case)) for case in cases]
    actions.start_bulk(actor=one, verb="accept", chosen=chosen(cases), data={})
    with clock.at(MONDAY + timedelta(seconds=19)):
        assert actions.fire_bulks() == 0
    assert states(cases) == ["triage"] * 3 and [len(journal_of(case)) for case in cases] == before
    assert not any(told(entry) for entry in JournalEntry.objects.filter(subject_kind="bulk"))


def test_each_case_gets_its_own_step_once(one: Actor, reports: Reports) -> None:
    cases = reports(3)
    actions.start_bulk(actor=one, verb="accept", chosen=chosen(cases), data={})
    with clock.at(LATER):
        assert actions.fire_bulks() == 3
        assert actions.fire_bulks() == 0, "a second worker finds nothing"
    assert states(cases) == ["assigned"] * 3
    for case in cases:
        entries = [entry for entry in journal_of(case) if entry.action == "case.accept"]
        assert [entry.actor_id for entry in entries] == [one.id], "its own entry, by the operator"
    assert Bulk.objects.get().state == "done" and not Lease.objects.exists()


def test_taken_back_leaves_no_trace_on_the_cases(one: Actor, reports: Reports) -> None:
    cases = reports(2)
    waiting = actions.start_bulk(
        actor=one,
        verb="reject",
        chosen=chosen(cases),
        data={"reason": "spam", "text": "Không phải phản ánh của thành phố."},
    )
    with clock.at(MONDAY + timedelta(seconds=15)):
        actions.undo_bulk(actor=one, bulk_id=waiting.pk)
    with clock.at(LATER):
        assert actions.fire_bulks() == 0
    assert states(cases) == ["triage"] * 2 and not Lease.objects.exists()
    assert [e.action for e in JournalEntry.objects.filter(subject_id=waiting.pk).order_by("id")] == [
        "bulk.begun",
        "bulk.undone",
    ]
    again = actions.start_bulk(actor=one, verb="accept", chosen=chosen(cases), data={})
    assert again.state == "waiting", "what was taken back can be decided again"


def test_after_the_window_it_says_that_it_is_too_late(one: Actor, two: Actor, reports: Reports) -> None:
    waiting = actions.start_bulk(actor=one, verb="accept", chosen=chosen(reports(1)), data={})
    with pytest.raises(NotFound):
        actions.undo_bulk(actor=two, bulk_id=waiting.pk)
    with clock.at(LATER), pytest.raises(Conflict) as caught:
        actions.undo_bulk(actor=one, bulk_id=waiting.pk)
    assert "quá lúc hoàn tác" in caught.value.detail


def test_one_that_changed_meanwhile_fails_alone_and_the_operator_hears_why(one: Actor, reports: Reports) -> None:
    cases = reports(3)
    actions.start_bulk(actor=one, verb="accept", chosen=chosen(cases), data={})
    take_step(actor=one, code=cases[1].code, step="reclassify", data={"category": "DT04"})
    with clock.at(LATER):
        actions.fire_bulks()
    assert states(cases) == ["assigned", "triage", "assigned"]
    failed = BulkItem.objects.get(state="failed")
    assert (failed.case_id == cases[1].pk and "Trực ban 1" in failed.said) or "Bạn" in failed.said
    entry = JournalEntry.objects.get(action="bulk.done")
    assert told(entry) == {one.id} and cases[1].code in str(entry.parts["notify"])


def test_while_it_waits_nobody_else_decides_these_cases(one: Actor, two: Actor, reports: Reports) -> None:
    (case,) = reports(1)
    actions.start_bulk(actor=one, verb="accept", chosen=chosen([case]), data={})
    with clock.at(MONDAY + timedelta(seconds=10)):
        with pytest.raises(Conflict):
            actions.decide(
                actor=two, code=case.code, verb="reject", data={"reason": "spam", "text": "Không phải phản ánh."}
            )
        with pytest.raises(Conflict):
            actions.take_over(actor=two, code=case.code)
        with pytest.raises(Invalid):
            actions.start_bulk(actor=one, verb="accept", chosen=chosen([case]), data={})


def test_what_needs_a_look_of_its_own_is_named_and_nothing_starts(one: Actor, reports: Reports) -> None:
    plain = reports(2)
    (private,) = reports(1, body="Ông Nguyễn Văn Tám lừa đảo khách, lấn chiếm vỉa hè.", lat=16.5)
    with pytest.raises(Invalid) as caught:
        actions.start_bulk(actor=one, verb="accept", chosen=chosen([*plain, private]), data={})
    assert private.code in caught.value.fields["codes"] and plain[0].code not in caught.value.fields["codes"]
    assert not Bulk.objects.exists()


def test_each_one_is_told_in_its_own_words(one: Actor, reports: Reports) -> None:
    cases = reports(2)
    said = {"reason": "already_answered", "text": "Việc tại {street} ({code}) đã được trả lời trước đó."}
    actions.start_bulk(actor=one, verb="reject", chosen=chosen(cases), data=said)
    with clock.at(LATER):
        actions.fire_bulks()
    answers = [Case.objects.get(pk=case.pk).answer for case in cases]
    assert all(case.code in answer and "{" not in answer for case, answer in zip(cases, answers, strict=True))
    with pytest.raises(Invalid):
        actions.start_bulk(
            actor=one, verb="reject", chosen=chosen(cases), data=said | {"text": "Thiếu [điều gì đó] rồi"}
        )


def test_merging_many_into_one(one: Actor, reports: Reports) -> None:
    first, *others = reports(3)
    actions.start_bulk(actor=one, verb="merge", chosen=chosen(others), data={"parent": first.code})
    with clock.at(LATER):
        actions.fire_bulks()
    assert Case.objects.get(pk=first.pk).merged_count == 2


def test_an_operator_who_lost_the_right_meanwhile_decides_nothing(one: Actor, reports: Reports) -> None:
    cases = reports(1)
    actions.start_bulk(actor=one, verb="accept", chosen=chosen(cases), data={})
    User.objects.filter(pk=one.id).update(is_active=False)
    with clock.at(LATER):
        actions.fire_bulks()
    assert states(cases) == ["triage"] and BulkItem.objects.get().state == "failed"


def test_a_crash_in_between_does_nothing_twice(one: Actor, reports: Reports, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = reports(3)
    actions.start_bulk(actor=one, verb="accept", chosen=chosen(cases), data={})
    with clock.at(LATER):
        assert bulk._settle_one()  # and then the worker dies
        assert sorted(states(cases)) == ["assigned", "triage", "triage"] and Bulk.objects.get().state == "waiting"
        with pytest.raises(Conflict):
            actions.undo_bulk(actor=one, bulk_id=Bulk.objects.get().pk)
        assert actions.fire_bulks() == 2  # its successor
    assert states(cases) == ["assigned"] * 3
    assert JournalEntry.objects.filter(action="case.accept").count() == 3


def test_late_rather_than_never(one: Actor, reports: Reports) -> None:
    cases = reports(1)
    actions.start_bulk(actor=one, verb="accept", chosen=chosen(cases), data={})
    with clock.at(MONDAY + timedelta(hours=9)), at_most(40):
        assert actions.fire_bulks() == 1
