"""Never lose a case: what nobody touches surfaces by itself, with why, once, and goes when somebody acts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from hues.cases.actions import fire_timers, send_message, take_step
from hues.cases.models import Case, CaseTimer
from hues.city.calendar import city_calendar
from hues.console import actions, noticing, queries
from hues.console.models import Untouched
from hues.console.pack import ConsolePackError, Span, console, parse
from hues.console.sieve import Sieve
from hues.kernel import clock
from hues.kernel.actors import HEAD, OFFICER, Actor
from hues.kernel.errors import Invalid
from hues.kernel.models import JournalEntry
from hues.people.models import Membership
from tests.cases.conftest import MONDAY, People, told

Reports = Callable[..., list[Case]]


def kinds(case: Case) -> list[str]:
    return sorted(Untouched.objects.filter(case=case, ended_at=None).values_list("kind", flat=True))


def test_by_state_and_urgency(lead: Actor, reports: Reports) -> None:
    (lamp,) = reports(1)  # priority 3: eight working hours
    (tree,) = reports(1, category="DT03", body="Cây đổ chắn đường")  # immediate: minutes
    assert actions.notice_untouched() == 0
    with clock.at(MONDAY + timedelta(minutes=31)):
        fire_timers()
        actions.notice_untouched()
    assert (kinds(tree), kinds(lamp)) == (["still"], [])
    with clock.at(MONDAY + timedelta(days=1, hours=2)):
        fire_timers()
        actions.notice_untouched()
    assert kinds(lamp) == ["still"]


def test_the_shift_lead_hears_once(lead: Actor, reports: Reports) -> None:
    reports(1, category="DT03", body="Cây đổ chắn đường")
    for minutes in (31, 32, 33):
        with clock.at(MONDAY + timedelta(minutes=minutes)):
            actions.notice_untouched()
    (entry,) = JournalEntry.objects.filter(action="console.surfaced")
    assert told(entry) == {lead.id} and "centre" in entry.topics


def test_it_goes_when_somebody_acts(one: Actor, reports: Reports) -> None:
    (tree,) = reports(1, category="DT03", body="Cây đổ chắn đường")
    with clock.at(MONDAY + timedelta(minutes=31)):
        fire_timers()
        actions.notice_untouched()
        assert [lost.case for lost in queries.untouched(one)] == [tree]
        send_message(actor=one, code=tree.code, body="Đã gọi phường xác minh", audience="staff")
        actions.notice_untouched()
        assert kinds(tree) == [] and queries.untouched_count() == 0


def test_an_agency_without_anybody_is_one_line(one: Actor, people: People, lights: object, reports: Reports) -> None:
    for case in reports(2):
        take_step(actor=one, code=case.code, step="accept", data={"agency": "CVX"})
    Membership.objects.filter(agency=lights, role__in=(OFFICER, HEAD)).delete()
    actions.notice_untouched()
    (lost,) = queries.untouched(one)
    assert (lost.untouched.kind, lost.untouched.cases, lost.agency.code) == ("deserted", 2, "CVX")
    people.officer(lights)  # type: ignore[arg-type]
    actions.notice_untouched()
    assert queries.untouched_count() == 0


def test_held_and_forgotten(one: Actor, reports: Reports) -> None:
    (case,) = reports(1)
    actions.hold_case(actor=one, code=case.code, reason="Chờ phường gọi lại", wake_at=MONDAY + timedelta(hours=1))
    with clock.at(MONDAY + timedelta(minutes=50)):
        actions.notice_untouched()
        assert kinds(case) == [] and [row.code for row in queries.listed(one, Sieve())] == [], "it is put aside"
    with clock.at(MONDAY + timedelta(minutes=61)):
        assert actions.wake_holds() == 1 and actions.wake_holds() == 0
        (entry,) = JournalEntry.objects.filter(action="case.woken")
        assert told(entry) == {one.id}
        assert [row.code for row in queries.listed(one, Sieve())] == [case.code], "it is back"
    with clock.at(MONDAY + timedelta(minutes=95)):
        actions.notice_untouched()
        assert kinds(case) == ["held"]
        actions.decide(actor=one, code=case.code, verb="accept", data={})
        actions.notice_untouched()
        assert "held" not in kinds(case)


def test_waiting_for_a_sender_past_silence(one: Actor, reports: Reports) -> None:
    (case,) = reports(1)
    actions.decide(actor=one, code=case.code, verb="ask", data={"text": "Xin cho biết đèn nào trên {street}?"})
    with clock.at(
        MONDAY + timedelta(days=4, hours=1)
    ):  # its timer should have ended this after three days, and did not
        actions.notice_untouched()
    assert kinds(case) == ["silent", "timer"]


def test_timers_that_failed(reports: Reports) -> None:
    (case,) = reports(1)
    CaseTimer.objects.filter(case=case).update(fire_at=MONDAY - timedelta(minutes=6))
    actions.notice_untouched()
    assert kinds(case) == ["timer"]


def test_a_hold_needs_a_reason_and_a_moment_to_come(one: Actor, reports: Reports) -> None:
    (case,) = reports(1)
    for reason, wake in (
        ("", MONDAY + timedelta(hours=1)),
        ("vì", MONDAY - timedelta(hours=1)),
        ("lâu", MONDAY + timedelta(days=40)),
    ):
        with pytest.raises(Invalid):
            actions.hold_case(actor=one, code=case.code, reason=reason, wake_at=wake)


@pytest.mark.parametrize("minutes", [30, 120, 480, 960])
def test_working_time_is_counted_backwards_as_forwards(minutes: int) -> None:
    for now in (MONDAY, datetime(2026, 10, 11, 5, 0, tzinfo=UTC), datetime(2026, 10, 6, 1, 0, tzinfo=UTC)):
        found = noticing.cutoff(Span(minutes, working=True), now)
        assert abs(city_calendar().working_minutes_between(found, now) - minutes) < 0.01


def test_the_pack_is_read_strictly() -> None:
    assert console().undo == timedelta(seconds=20) and console().replies
    for wrong in (
        {"undo": 3},
        {"untouched": {"timed": {"triage": "soon"}}},
        {"replies": [{"code": "x", "verb": "shout"}]},
    ):
        with pytest.raises(ConsolePackError):
            parse(wrong)
