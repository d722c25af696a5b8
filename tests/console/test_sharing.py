"""What operators share: views of the work, replies, and the handover of a shift."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from hues.cases.actions import take_step
from hues.cases.models import Case
from hues.city import routing
from hues.console import actions, queries, replies, sieve
from hues.console.models import Handover, Hold, Reply
from hues.console.sieve import Sieve
from hues.duty.models import Kind, Shift, Team
from hues.kernel import clock, threads
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.models import JournalEntry
from tests.cases.conftest import MONDAY, at_most, told

Reports = Callable[..., list[Case]]


def codes(actor: Actor, **given: str) -> set[str]:
    return {row.code for row in queries.listed(actor, sieve.read(given))}


# Views


def test_a_view_by_everything_that_an_operator_asks_for(one: Actor, reports: Reports) -> None:
    (lamp,) = reports(1)
    (tree,) = reports(1, category="DT03", body="Cây đổ chắn đường Trần Phú", lat=16.45, channel="api")
    assert codes(one, category="DT01") == {lamp.code}
    assert codes(one, domain="DT") == {lamp.code, tree.code}
    assert codes(one, urgency="now") == {tree.code}
    assert codes(one, channel="api") == {tree.code}
    assert codes(one, text="tran phu") == {tree.code}
    assert codes(one, unit=lamp.unit.code) >= {lamp.code}  # type: ignore[union-attr]
    assert lamp.code in codes(one, agency="CVX") and codes(one, agency="SYT") == set()
    with clock.at(MONDAY + timedelta(minutes=70)):
        assert codes(one, older="60") == {lamp.code, tree.code} and codes(one, older="240") == set()
    for wrong in ({"category": "ZZ99"}, {"older": "-1"}, {"urgency": "5"}, {"list": "all"}, {"unit": "x" * 200}):
        with pytest.raises(Invalid):
            sieve.read(wrong)


def test_one_statement_counts_all_views(one: Actor, reports: Reports) -> None:
    reports(3)
    views = [
        Sieve(),
        Sieve("intake", {"category": "DT01"}),
        Sieve("held"),
        Sieve("intake", {"text": "khong sang"}),
        Sieve("waiting"),
    ]
    with at_most(1):
        assert queries.counts(one, views) == [3, 3, 0, 3, 0]


def test_saved_for_oneself_or_for_all(one: Actor, two: Actor, lead: Actor) -> None:
    mine = actions.save_filter(actor=one, name="Đèn", query={"category": "DT01"})
    ours = actions.save_filter(actor=one, name="Ngay", query={"urgency": "now"}, shared=True)
    assert [view.name for view in queries.saved_filters(two)] == ["Ngay"]
    assert [entry.action for entry in JournalEntry.objects.filter(subject_kind="filter")] == ["filter.shared"]
    with pytest.raises(NotFound):
        actions.remove_filter(actor=two, filter_id=mine.pk)
    with pytest.raises(Forbidden):
        actions.remove_filter(actor=two, filter_id=ours.pk)
    actions.remove_filter(actor=lead, filter_id=ours.pk)
    assert [view.name for view in queries.saved_filters(one)] == ["Đèn"]


# Replies


def test_a_reply_is_filled_from_the_case_in_the_senders_language(one: Actor, reports: Reports) -> None:
    (case,) = reports(1, language="en")
    offered = {reply.title: reply for reply in replies.offered(one, case, "reject")}
    outside = offered["Ngoài địa bàn"]
    assert (
        outside.choice == "outside_territory" and "1 Lê Lợi" in outside.text and "lies outside the city" in outside.text
    )
    assert outside.gaps == ["[the authority there]"], "what only a person knows stays open"


def test_every_reply_of_the_city_can_be_filled(one: Actor, reports: Reports) -> None:
    (case,) = reports(1)
    for verb in replies.VERBS:
        for reply in replies.offered(one, case, verb, agency="Trung tâm"):
            assert "{" not in reply.text, reply


def test_ones_own_and_shared_ones_with_every_version(one: Actor, two: Actor, lead: Actor, reports: Reports) -> None:
    (case,) = reports(1)
    own = actions.save_reply(actor=one, title="Hỏi cột", body="Cột số mấy trên {street} ạ?", verb="ask")
    assert not JournalEntry.objects.filter(subject_id=own.pk).exists(), "one's own is nobody's business"
    assert [r.title for r in replies.offered(two, case, "ask") if r.source != "city"] == []
    actions.save_reply(
        actor=one, title="Hỏi cột", body="Cột đèn số mấy trên {street} ạ?", verb="ask", reply_id=own.pk, shared=True
    )
    assert next(r.source for r in replies.offered(two, case, "ask")) == "shared"
    assert next(iter(own.versions.order_by("version").values_list("version", "body"))) == (
        1,
        "Cột số mấy trên {street} ạ?",
    )
    assert [e.action for e in JournalEntry.objects.filter(subject_id=own.pk)] == ["reply.shared"]
    with pytest.raises(Forbidden):
        actions.save_reply(actor=two, title="Hỏi cột", body="Khác hẳn rồi nhé bạn", verb="ask", reply_id=own.pk)
    actions.end_reply(actor=lead, reply_id=own.pk)
    assert Reply.objects.get(pk=own.pk).ended_at and own.versions.count() == 2
    with pytest.raises(Invalid) as caught:
        actions.save_reply(actor=one, title="Lạ", body="Kính gửi {citizen_name}, cảm ơn.", verb="ask")
    assert "{citizen_name}" in caught.value.fields["body"]
    actions.save_reply(actor=one, title="Lần nữa", body="Đèn nào đang tắt ạ?", verb="ask")
    with pytest.raises(Conflict):
        actions.save_reply(actor=one, title="Lần nữa", body="Đèn nào đang tắt ạ?", verb="ask")


# Handover


def held(actor: Actor, case: Case) -> Hold:
    return actions.hold_case(
        actor=actor, code=case.code, reason="Chờ phường gọi lại", wake_at=MONDAY + timedelta(hours=3)
    )


def test_point_by_point_to_the_next_shift(one: Actor, two: Actor, reports: Reports) -> None:
    first, second = reports(2)
    hold = held(one, first)
    held(one, second)
    draft = actions.begin_handover(actor=one)
    points = {point.ref: point for point in draft.points.all()}
    assert len(points) == 2 and all(point.note == "Chờ phường gọi lại" for point in points.values())
    out = next(point.pk for ref, point in points.items() if ref != str(hold.pk))
    actions.write_handover(
        actor=one, words="Mưa lớn, để ý đường Bà Triệu.", left_out=frozenset({out}), add="Gọi lại báo đài"
    )
    actions.give_handover(actor=one)
    kept = list(Handover.objects.get().points.filter(left_out=False).order_by("pk"))
    assert [point.kind for point in kept] == ["hold", "note"]
    with pytest.raises(Forbidden):
        actions.take_point(actor=one, point_id=kept[0].pk)
    with pytest.raises(Conflict):
        actions.take_handover(actor=two, handover_id=draft.pk)
    actions.take_point(actor=two, point_id=kept[0].pk)
    hold.refresh_from_db()
    assert hold.by_id == two.id, "whoever took the point hears when it wakes"
    actions.take_point(actor=two, point_id=kept[1].pk)
    given = Handover.objects.get()
    assert (given.state, given.taken_by_id) == ("taken", two.id)
    said = [e.action for e in JournalEntry.objects.filter(subject_id=draft.pk).order_by("id")]
    assert said == ["handover.given", "handover.point_taken", "handover.point_taken", "handover.taken"]
    with pytest.raises(Conflict):
        actions.take_point(actor=two, point_id=kept[1].pk)


def test_a_draft_follows_what_is_open_and_keeps_what_was_written(one: Actor, reports: Reports) -> None:
    first, second = reports(2)
    held(one, first)
    draft = actions.begin_handover(actor=one)
    point = draft.points.get()
    actions.write_handover(actor=one, words="", notes={point.pk: "Gọi số của phường"})
    take_step(actor=one, code=first.code, step="accept", data={"agency": "CVX"})
    held(one, second)
    actions.take_up(actor=one, code=first.code)
    again = actions.begin_handover(actor=one)
    assert again.pk == draft.pk and [p.url for p in again.points.all()] == [f"/desk/triage?case={second.code}"]


def test_it_belongs_to_the_shift_of_the_roster_and_tells_who_comes(one: Actor, two: Actor, lead: Actor) -> None:
    team = Team.objects.create(agency_id=routing.centre().pk, name="Trực ban", kind=Kind.CENTRE, created_at=MONDAY)
    change = MONDAY + timedelta(hours=2)
    ours = Shift.objects.create(
        team=team, person_id=one.id, starts_at=MONDAY - timedelta(hours=6), ends_at=change, changed_at=MONDAY
    )
    Shift.objects.create(
        team=team, person_id=two.id, starts_at=change, ends_at=change + timedelta(hours=8), changed_at=MONDAY
    )
    draft = actions.begin_handover(actor=one)
    assert draft.shift_id == str(ours.pk) and draft.shift_name.startswith("Trực ban")
    with pytest.raises(Invalid):
        actions.give_handover(actor=one)
    actions.write_handover(actor=one, words="Không còn việc gì.")
    actions.give_handover(actor=one)
    assert told(JournalEntry.objects.get(action="handover.given")) >= {two.id}


def test_a_room_that_fails_does_not_stop_the_handover(
    one: Actor, reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(one, reports(1)[0])

    def broken(_actor: Actor) -> list[threads.Thread]:
        raise RuntimeError

    known = threads.sources()
    monkeypatch.setattr(threads, "sources", lambda: [*known, threads.Source("broken", 99, "x", broken)])
    assert actions.begin_handover(actor=one).points.count() == 1


def test_a_handover_gathers_from_every_room(one: Actor, open_case: Callable[..., Case]) -> None:
    tree = open_case(category="DT03", body="Cây đổ chắn đường")
    take_step(actor=one, code=tree.code, step="assign", data={"agency": "CVX"})
    assert {source.name for source in threads.sources()} >= {"task", "hold", "untouched", "incident", "call"}
    points = {point.kind: point for point in actions.begin_handover(actor=one).points.all()}
    assert tree.code in points["task"].label
