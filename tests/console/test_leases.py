"""Who is looking at what: no two operators ever decide one case."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hues.cases.actions import take_step
from hues.cases.models import Case
from hues.console import actions, leases
from hues.console.models import Lease
from hues.console.sieve import Sieve
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict
from tests.cases.conftest import MONDAY, People, journal_of, told

Reports = Callable[..., list[Case]]
ALL = Sieve()


def test_two_operators_get_two_cases_and_the_most_urgent_first(one: Actor, two: Actor, reports: Reports) -> None:
    old, young = reports(2)
    Case.objects.filter(pk=young.pk).update(received_at=MONDAY + timedelta(minutes=5))
    (flood,) = reports(1, category="DT03", body="Cây đổ chắn đường")
    assert actions.claim_next(actor=one, view=ALL) == flood.code
    assert actions.claim_next(actor=two, view=ALL) == old.code
    assert actions.claim_next(actor=one, view=ALL, skip=[flood.pk], ahead=True) == young.code
    assert actions.claim_next(actor=two, view=ALL, skip=[old.pk]) is None


def test_the_lease_holds_wherever_the_other_decides(one: Actor, two: Actor, reports: Reports) -> None:
    (case,) = reports(1)
    actions.claim_next(actor=one, view=ALL)
    with pytest.raises(Conflict) as caught:  # the ordinary desk goes through the same door
        take_step(actor=two, code=case.code, step="accept", data={"agency": "CVX"})
    assert "Trực ban 1" in caught.value.detail and caught.value.code == "somebody-is-at-it"
    with pytest.raises(Conflict):
        actions.decide(actor=two, code=case.code, verb="accept", data={})
    assert actions.decide(actor=one, code=case.code, verb="accept", data={}).state == "assigned"
    assert not Lease.objects.exists(), "a decision lets go of the case"


def test_it_ends_by_itself_a_minute_after_the_last_beat(one: Actor, two: Actor, reports: Reports) -> None:
    (case,) = reports(1)
    actions.claim_next(actor=one, view=ALL)
    with clock.at(MONDAY + timedelta(seconds=50)):
        assert actions.renew(one, [case.pk], reading=case.pk) == {case.pk}
    with clock.at(MONDAY + timedelta(seconds=100)):
        assert actions.claim_next(actor=two, view=ALL) is None
    with clock.at(MONDAY + timedelta(seconds=111)):
        assert actions.claim_next(actor=two, view=ALL) == case.code
        assert actions.renew(one, [case.pk]) == set(), "what is over is not renewed"


def test_taking_over_is_told(one: Actor, two: Actor, reports: Reports) -> None:
    (case,) = reports(1)
    actions.claim_next(actor=one, view=ALL)
    actions.take_over(actor=two, code=case.code)
    entry = next(e for e in journal_of(case) if e.action == "case.taken_over")
    assert told(entry) == {one.id} and f"person:{one.id}" in entry.topics
    with pytest.raises(Conflict) as caught:
        actions.decide(actor=one, code=case.code, verb="accept", data={})
    assert "Trực ban 2" in caught.value.detail


def test_agencies_and_timers_are_not_held_up_by_who_is_reading(
    one: Actor, two: Actor, reports: Reports, people: People, lights: object
) -> None:
    (case,) = reports(1)
    take_step(actor=one, code=case.code, step="accept", data={"agency": "CVX"})
    leases.take(two, case.pk)
    assert take_step(actor=people.officer(lights), code=case.code, step="start").state == "in_progress"  # type: ignore[arg-type]


def test_presence_says_who_is_where_and_nothing_of_what_was_fetched_ahead(
    one: Actor, two: Actor, reports: Reports
) -> None:
    first, second = reports(2)
    actions.claim_next(actor=one, view=ALL)
    actions.claim_next(actor=one, view=ALL, skip=[first.pk], ahead=True)
    assert [(p.code, p.who) for p in leases.present(two)] == [(first.code, "Trực ban 1")]
    actions.renew(one, [second.pk], reading=second.pk)
    assert {p.code for p in leases.present(two)} == {first.code, second.code}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.booleans(), st.sampled_from(["take", "release", "renew", "wait"])), max_size=25))
def test_a_case_is_never_in_two_hands(one: Actor, two: Actor, reports: Reports, moves: list[tuple[bool, str]]) -> None:
    case = Case.objects.order_by("pk").first() or reports(1)[0]
    Lease.objects.all().delete()
    now, holder, until = MONDAY, None, MONDAY
    for first, move in moves:
        actor = one if first else two
        with clock.at(now):
            if move == "take":
                got = leases.take(actor, case.pk)
                assert got == (holder in (None, actor) or until <= now)
                if got:
                    holder, until = actor, now + leases.LASTS
            elif move == "release":
                leases.release(actor, [case.pk])
                holder = None if holder == actor else holder
            elif move == "renew":
                kept = leases.renew(actor, [case.pk])
                assert bool(kept) == (holder == actor and until > now)
                if kept:
                    until = now + leases.LASTS
            else:
                now += timedelta(seconds=31)
            assert Lease.objects.filter(case_id=case.pk).count() <= 1
