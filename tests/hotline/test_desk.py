"""At the desk: who sits where, whose call it is, what must be said after it, and who may not."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from hues.cases.models import Case, CaseMessage, CaseSupport
from hues.hotline import actions, queries
from hues.hotline.models import Call, CallBack, Seat
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.models import JournalEntry
from hues.people.models import SandboxMessage, User
from tests.hotline.conftest import CALLER, NOW, actor_of, event, ring, tell


def test_after_each_call_one_says_how_it_ended_before_the_next(over: Callable[..., Call], seated: Actor) -> None:
    call = over()
    assert queries.seats()[0].state == "wrap_up" and queries.waiting().available == 0
    with pytest.raises(Conflict, match=call.code):
        actions.choose(actor=seated, chosen="available")
    actions.choose(actor=seated, chosen="break")
    actions.wrap_up(actor=seated, call_id=call.pk, code="information", notes="Giờ làm việc của bộ phận một cửa")
    actions.choose(actor=seated, chosen="available")
    call.refresh_from_db()
    assert (call.wrap_code, call.wrap_s) == ("information", round((NOW - call.ended_at).total_seconds()))
    assert queries.seats()[0].state == "available" and queries.waiting().available == 1


def test_how_it_ended_can_be_corrected_and_the_time_counts_once(over: Callable[..., Call], seated: Actor) -> None:
    call = over()
    first = actions.wrap_up(actor=seated, call_id=call.pk, code="information").wrap_s
    with clock.at(NOW + timedelta(hours=1)):
        again = actions.wrap_up(actor=seated, call_id=call.pk, code="redirected")
    assert (again.wrap_code, again.wrap_s) == ("redirected", first)
    with pytest.raises(Invalid):
        actions.wrap_up(actor=seated, call_id=call.pk, code="made-up")


def test_a_call_that_runs_has_not_ended(answered: Callable[..., Call], seated: Actor) -> None:
    with pytest.raises(Conflict):
        actions.wrap_up(actor=seated, call_id=answered().pk, code="information")


def test_one_telephone_belongs_to_one_person(seated: Actor, colleague: Actor) -> None:
    with pytest.raises(Conflict):
        actions.choose(actor=colleague, chosen="available", extension="2001")
    actions.choose(actor=seated, chosen="away")
    actions.choose(actor=colleague, chosen="available", extension="2001")
    assert Seat.objects.get(extension="2001").person_id == colleague.id


def test_a_call_belongs_to_who_sat_at_its_telephone_then(seated: Actor, colleague: Actor) -> None:
    actions.choose(actor=seated, chosen="away")
    actions.choose(actor=colleague, chosen="available", extension="2001")
    late = tell(ring(agent="2001", at=0), event("answer", at=5, agent="2001"))
    assert late.operator_id is None, "it was before the colleague sat down"
    call = tell(ring("new", agent="2001", at=601), event("answer", "new", at=602, agent="2001"))
    assert call.operator_id == colleague.id


def test_a_transferred_call_moves_to_the_other_desk(
    answered: Callable[..., Call], seated: Actor, colleague: Actor
) -> None:
    with clock.at(NOW - timedelta(hours=2)):
        actions.choose(actor=colleague, chosen="available", extension="2002")
    call = answered()
    call = tell(event("transfer", at=60, to="2002"))
    assert (call.operator_id, call.state) == (colleague.id, "talking")
    with pytest.raises(Forbidden):
        actions.write_notes(actor=seated, call_id=call.pk, notes="x")


def test_somebody_else_does_not_write_to_a_call_but_a_lead_does(
    answered: Callable[..., Call], colleague: Actor, lead: Actor
) -> None:
    call = answered()
    for deed in (
        lambda: actions.write_notes(actor=colleague, call_id=call.pk, notes="x"),
        lambda: actions.claim_call(actor=colleague, call_id=call.pk),
        lambda: actions.control_call(actor=colleague, call_id=call.pk, verb="hang_up"),
        lambda: actions.file_report(actor=colleague, call_id=call.pk, category="DT01", body="x", address="y"),
    ):
        with pytest.raises(Forbidden):
            deed()
    assert actions.claim_call(actor=lead, call_id=call.pk).operator_id == lead.id


def test_a_call_at_no_known_telephone_is_taken_by_hand(seated: Actor) -> None:
    call = tell(ring(), event("answer", at=5, agent="7777"))
    assert call.operator_id is None
    actions.claim_call(actor=seated, call_id=call.pk)
    assert queries.my_call(seated) == call


def test_a_call_without_any_telephone_system(seated: Actor) -> None:
    call = actions.start_call(actor=seated, number="0905 123 456")
    assert (call.source, call.state, call.number_end) == ("desk", "talking", "456")
    with clock.at(NOW + timedelta(minutes=3)):
        actions.control_call(actor=seated, call_id=call.pk, verb="hold")
        actions.control_call(actor=seated, call_id=call.pk, verb="resume")
        ended = actions.control_call(actor=seated, call_id=call.pk, verb="hang_up")
    assert (ended.state, ended.result, ended.talk_s) == ("ended", "answered", 180)
    with pytest.raises(Conflict):
        actions.control_call(actor=seated, call_id=call.pk, verb="hold")
    with pytest.raises(Invalid):
        actions.start_call(actor=seated, number="không biết")
    assert actions.start_call(actor=seated, number="").withheld


# ── reports and links ──


def test_a_report_of_a_stranger_has_no_reporter_and_tells_nobody_the_number(
    answered: Callable[..., Call], seated: Actor
) -> None:
    call = answered()
    case = actions.file_report(actor=seated, call_id=call.pk, category="DT01", body="Đèn tắt", address="27 Lê Lợi")
    kept = Case.objects.get(code=case.code)
    assert (kept.reporter_id, kept.channel) == (None, "hotline")
    said = str(list(JournalEntry.objects.filter(subject_id__in=[kept.pk, call.pk]).values_list("parts", flat=True)))
    assert "905123456" not in said and "905123456" not in str(kept.__dict__)


def test_a_report_of_who_confirmed_is_their_own(answered: Callable[..., Call], seated: Actor, citizen: User) -> None:
    call = answered()
    actions.send_caller_code(actor=seated, call_id=call.pk)
    message = SandboxMessage.objects.get()
    assert message.to == CALLER and "truc tong dai" in message.text, "it says for what the code is read out"
    with pytest.raises(Invalid):
        actions.confirm_caller(actor=seated, call_id=call.pk, code="000000")
    call.refresh_from_db()
    assert call.person is None
    code = next(word for word in message.text.replace(":", " ").split() if word.isdigit() and len(word) == 6)
    actions.confirm_caller(actor=seated, call_id=call.pk, code=code)
    case = actions.file_report(actor=seated, call_id=call.pk, category="DT01", body="Đèn tắt", address="27 Lê Lợi")
    assert Case.objects.get(code=case.code).reporter_id == citizen.pk


def test_the_code_goes_to_the_account_of_the_number_not_to_who_pretends_to_have_it(
    answered: Callable[..., Call], seated: Actor
) -> None:
    """Whoever sends a false number gets nothing: the message goes to the number's owner."""
    call = answered(number="0905777888")
    actions.send_caller_code(actor=seated, call_id=call.pk)
    assert SandboxMessage.objects.get().to == "+84905777888"
    tell(event("hangup", at=30))
    with pytest.raises(Conflict):
        actions.send_caller_code(actor=seated, call_id=call.pk)


def test_a_landline_is_told_no_code(answered: Callable[..., Call], seated: Actor) -> None:
    call = answered(number="02343822222")
    with pytest.raises(Invalid):
        actions.send_caller_code(actor=seated, call_id=call.pk)
    with pytest.raises(Invalid) as problem:
        actions.file_report(
            actor=seated, call_id=call.pk, category="DT01", body="Đèn tắt", address="27 Lê Lợi", tell=True
        )
    assert "tell" in problem.value.fields and not Case.objects.exists()


def filed(actor: Actor, call: Call) -> Case:
    return actions.file_report(actor=actor, call_id=call.pk, category="DT01", body="Đèn tắt", address="27 Lê Lợi")


def test_one_more_who_has_it_too(answered: Callable[..., Call], seated: Actor, citizen: User) -> None:
    from hues.cases.actions import take_step

    case = filed(seated, answered("first"))
    take_step(actor=seated, code=case.code, step="accept", data={"agency": "CVX"})
    tell(event("hangup", "first", at=50))
    stranger = answered("second", "0905000999", 60)
    actions.link_case(actor=seated, call_id=stranger.pk, code=case.code.lower(), kind="same", words="Cả xóm tối om")
    note = CaseMessage.objects.get(case=case)
    assert note.audience == "staff" and "Cả xóm tối om" in note.body and "905000999" not in note.body
    assert not CaseSupport.objects.exists(), "a number counts as nobody"
    with pytest.raises(Conflict):
        actions.link_case(actor=seated, call_id=stranger.pk, code=case.code, kind="same")
    Call.objects.filter(pk=stranger.pk).update(person=citizen)
    CaseSupport.objects.all().delete()
    third = answered("third", CALLER, 90)
    Call.objects.filter(pk=third.pk).update(person=citizen)
    actions.link_case(actor=seated, call_id=third.pk, code=case.code, kind="same")
    assert CaseSupport.objects.filter(case=case).count() == 1
    assert [link.call_id for link in queries.calls_of_case(case.pk)] == [
        third.pk,
        stranger.pk,
        Call.objects.get(source_id="first").pk,
    ]


def test_a_case_that_is_not_there_is_not_linked(answered: Callable[..., Call], seated: Actor) -> None:
    with pytest.raises(NotFound):
        actions.link_case(actor=seated, call_id=answered().pk, code="PA-2222-22", kind="about")


# ── what the number reminds of ──


def test_the_number_opens_nothing_of_an_account(answered: Callable[..., Call], seated: Actor, citizen: User) -> None:
    """A restricted report is never shown on the strength of a number; not even a public one once the call is over, or when
    the desk typed the number in itself."""
    from hues.cases.actions import open_case, take_step

    secret = open_case(actor=actor_of(citizen), category="AN02", body="Nhà số 7 đánh bạc", lat=16.4637, lon=107.5909)
    public = open_case(actor=actor_of(citizen), category="DT01", body="Đèn tắt", lat=16.4637, lon=107.5909)
    take_step(actor=seated, code=public.code, step="accept", data={"agency": "CVX"})
    call = answered()
    assert [case.code for case in queries.hint(seated, call).cases] == [public.code]
    by_hand = actions.start_call(actor=seated, number=CALLER)
    assert queries.hint(seated, by_hand).cases == []
    over = tell(event("hangup", at=60))
    assert queries.hint(seated, over).cases == []
    Call.objects.filter(pk=over.pk).update(person=citizen)
    over.refresh_from_db()
    shown = queries.hint(seated, over)
    assert shown.confirmed and {case.code for case in shown.cases} == {secret.code, public.code}


def test_a_withheld_number_reminds_of_nothing(answered: Callable[..., Call], seated: Actor) -> None:
    answered("a", "anonymous")
    call = answered("b", "anonymous", 60)
    assert not queries.hint(seated, call)


# ── call-backs ──


def test_whoever_we_missed_is_called_back_once_until_reached(seated: Actor, colleague: Actor) -> None:
    tell(ring("a"), event("hangup", "a", at=40))
    tell(ring("b", at=60), event("hangup", "b", at=90))
    tell(ring("early", "0905000001"), event("hangup", "early", at=3))
    row = CallBack.objects.get()
    assert row.promise_at - row.call.ended_at == timedelta(minutes=60)
    actions.take_callback(actor=seated, callback_id=row.pk)
    with pytest.raises(Conflict):
        actions.take_callback(actor=colleague, callback_id=row.pk)
    assert actions.number_to_dial(actor=seated, callback_id=row.pk) == CALLER
    assert JournalEntry.objects.filter(action="callback.number_shown", subject_id=row.pk).count() == 1
    with pytest.raises(Conflict):
        actions.number_to_dial(actor=colleague, callback_id=row.pk)
    row = actions.note_try(actor=seated, callback_id=row.pk, result="no_answer")
    assert (row.state, row.tries, row.next_at) == ("open", 1, NOW + timedelta(minutes=20))
    row = actions.note_try(actor=colleague, callback_id=row.pk, result="reached", note="Đã tự xử lý")
    assert (row.state, row.kept) == ("done", True)
    with pytest.raises(Conflict):
        actions.note_try(actor=colleague, callback_id=row.pk, result="reached")


def test_a_claim_on_a_call_back_lapses(seated: Actor, colleague: Actor) -> None:
    tell(ring(), event("hangup", at=40))
    row = CallBack.objects.get()
    actions.take_callback(actor=seated, callback_id=row.pk)
    with clock.at(NOW + timedelta(minutes=16)):
        assert actions.take_callback(actor=colleague, callback_id=row.pk).taken_by_id == colleague.id


def test_three_tries_end_a_missed_call_but_not_a_promise(over: Callable[..., Call], seated: Actor) -> None:
    tell(ring("lost", "0905000001"), event("hangup", "lost", at=40))
    call = over("talk", at=60)
    actions.wrap_up(actor=seated, call_id=call.pk, code="callback", promise_at="2026-11-24T16:00")
    missed, promised = CallBack.objects.get(reason="missed"), CallBack.objects.get(reason="promised")
    assert promised.promise_at.hour == 9, "16:00 in the city"
    for _n in range(3):
        missed = actions.note_try(actor=seated, callback_id=missed.pk, result="busy")
        promised = actions.note_try(actor=seated, callback_id=promised.pk, result="no_answer")
    assert (missed.state, promised.state) == ("given_up", "open")
    with pytest.raises(Invalid):
        actions.give_up(actor=seated, callback_id=promised.pk, note="")
    assert actions.give_up(actor=seated, callback_id=promised.pk, note="Đã gặp trực tiếp").state == "given_up"


def test_who_calls_again_and_is_answered_need_not_be_called(answered: Callable[..., Call]) -> None:
    tell(ring("lost"), event("hangup", "lost", at=40))
    answered("again", at=100)
    row = CallBack.objects.get()
    assert (row.state, row.kept) == ("done", True)


def test_a_key_pressed_in_the_queue_is_a_promise() -> None:
    tell(ring(), event("callback", at=30), event("hangup", at=31))
    tell(event("callback", at=30), event("callback", at=30, id="again"))
    assert [(row.reason, row.state) for row in CallBack.objects.exclude(state="withdrawn")] == [("promised", "open")]


def test_call_backs_are_ordered_by_their_promise(seated: Actor) -> None:
    for n, number in enumerate(("0905000003", "0905000001", "0905000002")):
        tell(ring(f"c{n}", number, at=n * 100), event("hangup", f"c{n}", at=n * 100 + 40))
    shown = queries.call_backs(seated, limit=2)
    assert [row.number_end for row in shown] == ["003", "001"] and shown.next
    assert [row.number_end for row in queries.call_backs(seated, after=shown.next, limit=2)] == ["002"]
