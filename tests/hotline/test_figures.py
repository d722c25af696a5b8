"""The hotline in numbers: what is counted, of what, and that it stays right whatever changes."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hues.hotline import actions, queries
from hues.hotline.models import Call, CallTally
from hues.kernel import clock
from hues.kernel.actors import Actor
from tests.hotline.conftest import NOW, at_desk, event, ring, tell

TODAY = date(2026, 11, 24)


def numbers() -> queries.Figures:
    return queries.figures(TODAY, TODAY)


def test_each_figure_says_what_it_is_a_share_of(over: Callable[..., Call], seated: Actor) -> None:
    for n in range(3):
        over(f"fast{n}", f"09050000{n:02}", at=n)
    tell(ring("slow", "0905000010"), event("answer", "slow", at=30, agent="2001"), event("hangup", "slow", at=130))
    tell(ring("lost", "0905000011"), event("hangup", "lost", at=60))
    tell(ring("early", "0905000012"), event("hangup", "early", at=3))
    tell(
        event("ring", "out", direction="out", to="0905000013"),
        event("answer", "out", at=9),
        event("hangup", "out", at=19),
    )
    tell(ring("still", "0905000014"))
    found = numbers()
    assert (found.calls_in, found.answered, found.fast, found.abandoned, found.early) == (6, 4, 3, 2, 1)
    assert (found.calls_out, found.reached_out) == (1, 1)
    assert found.answered_fast_share == 0.5 and found.abandoned_share == 2 / 6
    assert found.average_wait_s == (8 * 3 + 30) / 4
    assert found.average_handle_s == (180 * 3 + 100) / 4
    assert (
        queries.waiting().waiting == 1
        and queries.waiting().answered_today == 4
        and queries.waiting().abandoned_today == 2
    )


def test_solved_by_the_first_call_is_that_nobody_calls_again(over: Callable[..., Call], seated: Actor) -> None:
    over("a", "0905000001"), over("b", "0905000002", 1), over("c", "anonymous", 2)
    assert numbers().first_call_share == 1.0 and numbers().known == 2
    tell(ring("again", "0905000001", at=400), event("hangup", "again", at=410))
    assert numbers().first_call_share == 0.5, "whoever calls again was not helped, answered or not"
    with clock.at(NOW + timedelta(days=9)):
        later = {**ring("late", "0905000002"), "time": (NOW + timedelta(days=8)).isoformat()}
        tell(later)
    assert numbers().first_call_share == 0.5, "a call a week later is about something else"


def test_an_event_that_comes_late_is_counted_as_if_it_had_come_in_time(over: Callable[..., Call]) -> None:
    tell(ring("x", "0905000001", at=100), event("answer", "x", at=105), event("hangup", "x", at=110))
    tell(event("answer", "y", at=5), event("hangup", "y", at=9))
    assert numbers().again == 0
    tell(ring("y", "0905000001", at=0))
    assert numbers().again == 1


def test_handling_ends_with_the_wrap_up(over: Callable[..., Call], seated: Actor) -> None:
    call = over()
    with clock.at(call.ended_at + timedelta(seconds=25)):  # type: ignore[operator]
        actions.wrap_up(actor=seated, call_id=call.pk, code="information")
    assert numbers().average_handle_s == 180 + 25
    (row,) = queries.by_code(TODAY, TODAY)
    assert (row["code"], row["name"], row["answered"], row["handle"]) == ("information", "Cung cấp thông tin", 1, 205)


def test_call_backs_in_time(seated: Actor) -> None:
    for n in range(4):
        tell(ring(f"c{n}", f"09050000{n:02}"), event("hangup", f"c{n}", at=40))
    rows = list(queries.call_backs(seated))
    actions.note_try(actor=seated, callback_id=rows[0].id, result="reached")
    with clock.at(NOW + timedelta(hours=3)):
        actions.note_try(actor=seated, callback_id=rows[1].id, result="reached")
        actions.note_try(actor=seated, callback_id=rows[2].id, result="wrong")
    found = numbers()
    assert (found.callbacks, found.callbacks_kept, found.callbacks_open) == (3, 1, 1)


def test_by_hour_are_the_hours_of_the_city(over: Callable[..., Call]) -> None:
    over()
    hours = queries.by_hour(TODAY, TODAY)
    assert len(hours) == 24 and [(one.hour, one.calls) for one in hours if one.calls] == [(8, 1)]
    assert [(row["at"], row["calls"]) for row in queries.by_day(TODAY, TODAY)] == [(TODAY, 1)]
    months = list(queries.by_day(date(2026, 1, 1), TODAY))
    assert [(row["at"], row["calls"]) for row in months] == [(date(2026, 11, 1), 1)]


def brute() -> dict[tuple[Any, ...], tuple[int, ...]]:
    """The tallies from the calls themselves."""
    found: dict[tuple[Any, ...], list[int]] = {}
    for call in Call.objects.filter(state="ended"):
        sums = found.setdefault((call.local_day, call.local_hour, call.direction, call.wrap_code), [0] * 9)
        told = call.result == "answered"
        timed = told and not call.closed_itself
        for place, value in enumerate((
            1, told, told and call.fast, call.early, call.wait_s * told, (call.talk_s + call.hold_s + call.wrap_s) * timed, timed,
            told and call.known, told and call.known and call.called_again,
        )):  # fmt: skip
            sums[place] += int(value)
    return {key: tuple(sums) for key, sums in found.items()}


CHANGES = st.lists(
    st.tuples(st.sampled_from(["event", "wrap", "delete", "close", "bulk"]), st.integers(0, 5), st.integers(0, 500)),
    max_size=14,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_whatever_changes_the_sums_are_those_of_the_calls(changes: list[tuple[str, int, int]], seated: Actor) -> None:
    Call.objects.all().delete()
    CallTally.objects.all().delete()
    for what, which, when in changes:
        name = f"h{which}"
        if what == "event":
            kind = ("ring", "answer", "hold", "hangup", "hangup", "answer")[when % 6]
            told = ring(name, f"09050000{which % 3:02}", at=when) if kind == "ring" else event(kind, name, at=when)
            tell(told)
        elif what == "wrap":
            Call.objects.filter(source_id=name).update(wrap_code="information", wrap_s=when)
        elif what == "delete":
            Call.objects.filter(source_id=name).delete()
        elif what == "close":
            with clock.at(NOW + timedelta(hours=5)):
                actions.close_silent()
        else:
            Call.objects.filter(state="ended").update(wrap_s=when)
    fields = ("calls", "answered", "fast", "early", "wait_s", "handle_s", "timed", "known", "again")
    kept = {
        row[:4]: row[4:]
        for row in CallTally.objects.values_list("day", "hour", "direction", "code", *fields)
        if any(row[4:])
    }
    assert kept == brute()


def test_the_figures_of_a_year_read_no_call(
    over: Callable[..., Call], lead: Actor, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    """Flat at ten times the calls: only the hourly sums are read, and the index of call-backs."""
    over()
    with django_assert_max_num_queries(2) as seen:
        queries.figures(date(2026, 1, 1), TODAY)
    said = " ".join(query["sql"] for query in seen.captured_queries)
    assert "hotline_calltally" in said and '"hotline_call"' not in said
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("explain select count(*) from hotline_callback where made_at >= now() - interval '1 year'")
        assert "callback_made" in str(cursor.fetchall())
    assert at_desk(lead).get("/desk/calls/numbers?period=12m").status_code == 200


@pytest.mark.parametrize("period", ["7d", "30d", "12m", "all", "x", ""])
def test_any_period_can_be_asked_for(period: str, lead: Actor) -> None:
    assert at_desk(lead).get(f"/desk/calls/numbers?period={period}").status_code == 200
