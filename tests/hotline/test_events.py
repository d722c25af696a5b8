"""Telephone systems tell of calls: signed, once, in whatever order."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hues.hotline import actions, signing
from hues.hotline.fold import Happening, fold
from hues.hotline.models import Call, CallBack, CallEvent, CallTally
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.models import JournalEntry
from tests.hotline.conftest import CALLER, NOW, OLD_SECRET, SECRET, START, event, moment, ring, send, tell


def test_a_call_from_its_ring_to_its_end(seated: Actor) -> None:
    call = tell(ring(agent="2001"))
    assert (call.state, call.direction, call.extension, call.number_end) == ("waiting", "in", "2001", "456")
    call = tell(event("answer", at=12, agent="2001"))
    assert (call.state, call.wait_s, call.operator_id) == ("talking", 12, seated.id)
    assert tell(event("hold", at=60)).state == "held"
    assert tell(event("resume", at=75)).state == "talking"
    call = tell(event("hangup", at=192))
    assert (call.state, call.result, call.wait_s, call.talk_s, call.hold_s) == ("ended", "answered", 12, 165, 15)
    assert call.fast and not call.closed_itself and call.close_at is None
    told = JournalEntry.objects.filter(subject_id=call.pk).order_by("id").values_list("action", flat=True)
    assert list(told) == ["call.rang", "call.answered", "call.held", "call.resumed", "call.ended"]


def test_nothing_of_the_caller_is_in_the_journal_or_in_the_clear(seated: Actor) -> None:
    call = tell(ring(agent="2001"), event("answer", at=3, agent="2001"), event("hangup", at=9))
    assert b"905123456" not in bytes(call.sealed_number)
    for entry in JournalEntry.objects.filter(subject_id=call.pk):
        assert set(entry.parts) == {"centre"}
        assert "905123456" not in orjson.dumps(entry.parts).decode()
    assert "905123456" not in str(list(CallEvent.objects.values_list("data", flat=True)))


STORY: list[dict[str, Any]] = [
    ring(agent="2001", queue="main"), event("answer", at=9, agent="2001"), event("hold", at=30), event("resume", at=45),
    event("transfer", at=60, to="2002"), event("hangup", at=200), event("consent", at=2, consent=True),
    event("hangup", at=199, id="other-leg"),
]  # fmt: skip
KEPT = (
    "state", "result", "direction", "rang_at", "answered_at", "ended_at", "wait_s", "talk_s", "hold_s", "extension", "queue",
    "consent", "closed_itself", "number_end", "number_lookup", "fast", "early", "local_day", "local_hour", "close_at",
)  # fmt: skip


def kept(call: Call) -> dict[str, Any]:
    return {name: getattr(call, name) for name in KEPT}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(STORY), again=st.lists(st.sampled_from(STORY), max_size=5), data=st.data())
def test_any_order_and_any_repetition_give_the_same_call(
    order: list[Any], again: list[Any], data: st.DataObject
) -> None:
    wanted = kept(tell(*[{**one, "subject": "right", "id": f"right-{one['id']}"} for one in STORY]))
    name = f"shuffled-{Call.objects.count()}"
    left = [{**one, "subject": name, "id": f"{name}-{one['id']}"} for one in order + again]
    while left:
        cut = data.draw(st.integers(1, len(left)))
        call, left = tell(*left[:cut]), left[cut:]
    assert kept(call) == wanted
    assert call.events.count() == len(STORY)
    assert call.talk_s + call.hold_s + call.wait_s == 200 and call.hold_s == 15 and call.extension == "2002"


KINDS = ("ring", "answer", "hold", "resume", "transfer", "hangup", "timeout", "recording", "consent")
SAID = st.builds(
    lambda kind, second, place: Happening(f"e{place}", kind, NOW + timedelta(seconds=second), {"agent": f"2{place:03}"}),
    st.sampled_from(KINDS), st.integers(0, 30), st.integers(0, 11),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(SAID, min_size=1, max_size=12), st.randoms())
def test_whatever_is_said_the_order_of_hearing_does_not_count_and_times_make_sense(
    told: list[Happening], chance: Any
) -> None:
    shuffled = told + told[: len(told) // 2]
    chance.shuffle(shuffled)
    call = fold(told)
    assert fold(shuffled) == call
    assert min(call.wait_s, call.talk_s, call.hold_s) >= 0
    assert (call.state == "ended") == (call.ended_at is not None) == bool(call.result)
    if call.answered_at and call.ended_at:
        assert call.answered_at <= call.ended_at and call.result == "answered"


def test_an_answer_before_its_ring_and_a_hangup_before_its_answer(seated: Actor) -> None:
    call = tell(event("hangup", at=100))
    assert (call.state, call.result) == ("ended", "lost")
    call = tell(event("answer", at=10, agent="2001"))
    assert (call.result, call.talk_s, call.wait_s) == ("answered", 90, 0)
    call = tell(ring(at=0, agent="2001"))
    assert (call.wait_s, call.talk_s, call.number_end, call.operator_id) == (10, 90, "456", seated.id)


def test_a_call_that_was_answered_after_all_needs_no_call_back() -> None:
    tell(ring(), event("hangup", at=40))
    assert CallBack.objects.get().state == "open"
    tell(event("answer", at=20, agent="2001"))
    assert CallBack.objects.get().state == "withdrawn"


def test_a_missing_hangup_closes_itself_once_and_a_late_one_corrects_it(seated: Actor) -> None:
    call = tell(ring(agent="2001"), event("answer", at=5, agent="2001"))
    with clock.at(START + timedelta(hours=2, seconds=4)):
        assert actions.close_silent() == 0
    with clock.at(START + timedelta(hours=2, seconds=6)):
        assert (actions.close_silent(), actions.close_silent()) == (1, 0)
    call.refresh_from_db()
    assert (call.state, call.closed_itself, call.close_at) == ("ended", True, None)
    assert CallTally.objects.get(day=call.local_day, calls=1).timed == 0, "its length says nothing"
    call = tell(event("hangup", at=305))
    assert (call.talk_s, call.closed_itself, call.ended_at) == (300, False, START + timedelta(seconds=305))


def test_a_sign_of_life_opens_a_call_again_that_closed_itself() -> None:
    call = tell(ring(), event("answer", at=5))
    with clock.at(NOW + timedelta(hours=3)):
        actions.close_silent()
        call = tell(event("hold", at=9_000))
    assert (call.state, call.ended_at) == ("held", None)
    assert call.close_at == START + timedelta(seconds=9_000, hours=2)


def test_nobody_answers_a_telephone_that_rings_for_ever() -> None:
    tell(ring())
    with clock.at(NOW + timedelta(minutes=11)):
        assert actions.close_silent() == 1
    call = Call.objects.get()
    assert (call.result, call.wait_s, call.closed_itself) == ("lost", 600, True)


@pytest.mark.parametrize("number", ["anonymous", "", "sip:anonymous@anonymous.invalid", "unknown"])
def test_a_withheld_number_is_no_number(number: str) -> None:
    call = tell(ring(number=number), event("hangup", at=30))
    assert call.withheld and not call.sealed_number and not call.number_lookup
    assert not CallBack.objects.exists(), "nobody can be called back"


@pytest.mark.parametrize(
    "number", ["0905123456", "84905123456", "sip:+84905123456@10.0.0.1:5060;user=phone", "0905 123 456"]
)
def test_a_number_is_the_same_however_it_is_written(number: str) -> None:
    first, second = tell(ring("a", CALLER)), tell(ring("b", number, at=1))
    assert first.number_lookup == second.number_lookup


# ── signatures ──


def test_the_example_of_the_standard_is_signed_as_it_says() -> None:
    """standardwebhooks.com, specification: the example of a signature."""
    body = b'{"test": 2432232314}'
    signed = signing.sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_only_what_is_signed_counts() -> None:
    body = orjson.dumps(ring())
    good = signing.headers(SECRET, "msg_1", body)
    for headers in (
        {},
        {**good, "webhook-signature": "v1,AAAA"},
        {**good, "webhook-id": "msg_2"},
        {**good, "webhook-timestamp": str(int(good["webhook-timestamp"]) + 1)},
        {**good, "webhook-signature": good["webhook-signature"].replace("v1,", "v1a,")},
        {**good, "webhook-signature": "é"},
    ):
        answer = Client().post("/api/v1/cti/events", body, content_type="application/json", headers=headers)
        assert answer.status_code == 401, headers
        assert answer.json()["code"] == "unsigned" and "docs/telephony.md" in answer.json()["detail"]
    changed = Client().post("/api/v1/cti/events", body + b" ", content_type="application/json", headers=good)
    assert changed.status_code == 401
    assert not Call.objects.exists()


def test_an_old_request_is_not_taken_again_and_a_fresh_repetition_changes_nothing() -> None:
    body = orjson.dumps(ring())
    headers = signing.headers(SECRET, "msg_1", body)
    post = lambda: Client().post("/api/v1/cti/events", body, content_type="application/json", headers=headers)  # noqa: E731
    first, second = post(), post()
    assert first.status_code == second.status_code == 202 and first.json() == second.json()
    assert CallEvent.objects.count() == 1
    with clock.at(NOW + timedelta(minutes=6)):
        assert post().status_code == 401


def test_a_secret_can_be_exchanged_without_losing_a_call() -> None:
    assert send(ring("a"), secret=OLD_SECRET).status_code == 202
    both = orjson.dumps(ring("b"))
    stamp = int(NOW.timestamp())
    signatures = (
        f"{signing.sign(signing.secret_of('unknown'), 'm', stamp, both)} {signing.sign(SECRET, 'm', stamp, both)}"
    )
    headers = {"webhook-id": "m", "webhook-timestamp": str(stamp), "webhook-signature": signatures}
    assert (
        Client().post("/api/v1/cti/events", both, content_type="application/json", headers=headers).status_code == 202
    )


def test_a_source_speaks_only_for_itself() -> None:
    answer = send({**ring(), "source": "other"})
    assert answer.status_code == 422 and "pbx" in answer.json()["fields"]["source"]
    assert send({**ring("x"), "source": "other"}, secret=signing.secret_of("another")).status_code == 202
    assert send(ring("x")).status_code == 202
    assert Call.objects.filter(source_id="x").count() == 2, "two systems may use the same name for two calls"


# ── bad input ──


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "cti.dance"}, "type"), ({"id": ""}, "id"), ({"subject": None}, "subject"), ({"time": "yesterday"}, "time"),
        ({"time": "2026-11-24T02:00:00"}, "time"), ({"time": "2026-11-24T02:06:00Z"}, "time"), ({"data": []}, "data"),
        ({"specversion": "0.3"}, "specversion"), ({"subject": "x" * 200}, "subject"), ({"data": {"direction": "up"}}, "data.direction"),
        ({"data": {"from": 905123456}}, "data.from"), ({"data": {"consent": "yes"}}, "data.consent"),
        ({"type": "cti.transfer", "data": {}}, "data.to"), ({"type": "cti.transcript"}, "data.text"),
        ({"type": "cti.recording", "data": {"url": "file:///etc/passwd"}}, "data.url"), ({"data": {"agent": "x" * 99}}, "data.agent"),
        ({"data": {"language": "vietnamese"}}, "data.language"), ({"id": "a\x00b"}, "id"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_by_field(change: dict[str, Any], field: str) -> None:
    answer = send({**ring(), **change})
    assert answer.status_code == 422, answer.content
    assert answer.json()["fields"].keys() == {field}
    assert not Call.objects.exists()


def test_a_list_is_taken_as_a_whole_or_not_at_all() -> None:
    answer = send(ring("a"), {**ring("b"), "type": "x"})
    assert answer.status_code == 422 and set(answer.json()["fields"]) == {"1.type"}
    assert not Call.objects.exists()
    assert send(*[ring(f"n{n}") for n in range(100)]).status_code == 202
    assert send(*[ring(f"m{n}") for n in range(101)]).status_code == 422
    assert Call.objects.count() == 100


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b"7", b'"x"', b"[[[]]]", b"\xff"])
def test_a_body_that_is_no_event_is_refused(body: bytes) -> None:
    headers = signing.headers(SECRET, "m", body)
    answer = Client().post("/api/v1/cti/events", body, content_type="application/json", headers=headers)
    assert answer.status_code in (400, 422)


def test_an_event_costs_few_statements(seated: Actor, django_assert_max_num_queries: Callable[..., Any]) -> None:
    send(ring(agent="2001"))
    with django_assert_max_num_queries(20):
        send(event("answer", at=4, agent="2001"))


def test_events_may_be_days_late_but_not_weeks() -> None:
    assert send({**ring(), "time": (NOW - timedelta(days=6)).isoformat()}).status_code == 202
    assert send({**ring("late"), "time": (NOW - timedelta(days=8)).isoformat()}).status_code == 422
    assert moment(600) == NOW.isoformat()
