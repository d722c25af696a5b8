"""Swaps: asked, answered, approved; the roster follows, and nobody is on duty twice."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hues.city.models import Agency
from hues.duty import actions, queries
from hues.duty.models import Shift, Swap, Team
from hues.kernel import clock, journal
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from hues.kernel.models import JournalEntry
from tests.duty.conftest import MONDAY, Staff, local, shift

WEDNESDAY, THURSDAY = "2026-10-07", "2026-10-08"


def owner(one: Shift) -> str:
    return Shift.objects.get(pk=one.pk).person.display_name


@pytest.fixture
def mine(head: Actor, team: Team, crew: list[Actor]) -> Shift:
    return shift(head, team, crew[1], WEDNESDAY, "07:30", "19:30")  # Binh's


@pytest.fixture
def theirs(head: Actor, team: Team, crew: list[Actor]) -> Shift:
    return shift(head, team, crew[2], THURSDAY, "07:30", "19:30")  # Chi's


def test_a_colleague_takes_a_shift_once_the_chief_approves(
    mine: Shift, crew: list[Actor], head: Actor, power: Agency
) -> None:
    an, binh, chi, dung = crew
    swap = actions.ask_swap(actor=binh, shift_id=mine.pk, colleague_id=chi.id, note_text="Con ốm")
    with pytest.raises(Forbidden):
        actions.answer_swap(actor=binh, swap_id=swap.pk, accept=True)  # not the one who asked
    with pytest.raises(NotFound):
        actions.answer_swap(actor=dung, swap_id=swap.pk, accept=True)  # a third one does not even see it
    assert actions.answer_swap(actor=chi, swap_id=swap.pk, accept=True).state == Swap.State.ACCEPTED
    assert owner(mine) == "Binh"
    with pytest.raises(Forbidden):
        actions.decide_swap(actor=chi, swap_id=swap.pk, approve=True)
    assert actions.decide_swap(actor=an, swap_id=swap.pk, approve=True).state == Swap.State.DONE
    assert owner(mine) == "Chi"
    (there,) = queries.on_duty(power.pk, at=local(WEDNESDAY, "08:00"))
    assert there.name == "Chi" and Shift.objects.get(pk=mine.pk).swapped_for_id == binh.id
    told = [entry.action for entry in journal.entries(swap.pk, for_viewer=journal.STAFF)]
    assert told == ["duty.swap_asked", "duty.swap_accepted", "duty.swap_done"]
    people = [{one["person_id"] for one in JournalEntry.objects.get(action=action).parts["notify"]} for action in told]
    assert people == [{str(chi.id)}, {str(binh.id), str(an.id), str(head.id)}, {str(binh.id), str(chi.id)}]


def test_shift_for_shift_in_one_stroke(mine: Shift, theirs: Shift, crew: list[Actor], head: Actor) -> None:
    swap = actions.ask_swap(actor=crew[1], shift_id=mine.pk, colleague_id=crew[2].id, in_return_id=theirs.pk)
    actions.answer_swap(actor=crew[2], swap_id=swap.pk, accept=True)
    actions.decide_swap(actor=head, swap_id=swap.pk, approve=True)
    assert (owner(mine), owner(theirs)) == ("Chi", "Binh")


def test_shifts_that_overlap_can_be_swapped_for_each_other(head: Actor, team: Team, crew: list[Actor]) -> None:
    day = shift(head, team, crew[1], WEDNESDAY, "07:30", "19:30")
    late = shift(head, team, crew[2], WEDNESDAY, "12:00", "22:00")
    swap = actions.ask_swap(actor=crew[1], shift_id=day.pk, colleague_id=crew[2].id, in_return_id=late.pk)
    actions.answer_swap(actor=crew[2], swap_id=swap.pk, accept=True)
    actions.decide_swap(actor=head, swap_id=swap.pk, approve=True)
    assert (owner(day), owner(late)) == ("Chi", "Binh")


def test_where_the_team_allows_it_two_are_enough(mine: Shift, team: Team, crew: list[Actor]) -> None:
    Team.objects.filter(pk=team.pk).update(auto_swap=True)
    swap = actions.ask_swap(actor=crew[1], shift_id=mine.pk, colleague_id=crew[3].id)
    assert actions.answer_swap(actor=crew[3], swap_id=swap.pk, accept=True).state == Swap.State.DONE
    assert owner(mine) == "Dung"


def test_a_chief_does_not_approve_their_own_swap(head: Actor, team: Team, crew: list[Actor]) -> None:
    own = shift(head, team, crew[0], WEDNESDAY, "07:30", "19:30")
    swap = actions.ask_swap(actor=crew[0], shift_id=own.pk, colleague_id=crew[1].id)
    actions.answer_swap(actor=crew[1], swap_id=swap.pk, accept=True)
    with pytest.raises(Forbidden):
        actions.decide_swap(actor=crew[0], swap_id=swap.pk, approve=True)
    actions.decide_swap(actor=head, swap_id=swap.pk, approve=True)
    assert owner(own) == "Binh"


def test_a_refusal_has_a_reason_and_changes_nothing(mine: Shift, crew: list[Actor], head: Actor) -> None:
    swap = actions.ask_swap(actor=crew[1], shift_id=mine.pk, colleague_id=crew[2].id)
    actions.answer_swap(actor=crew[2], swap_id=swap.pk, accept=True)
    with pytest.raises(Invalid):
        actions.decide_swap(actor=head, swap_id=swap.pk, approve=False)
    ended = actions.decide_swap(actor=head, swap_id=swap.pk, approve=False, reason="Thiếu người")
    assert (ended.state, owner(mine)) == (Swap.State.REFUSED, "Binh")
    with pytest.raises(Conflict):
        actions.decide_swap(actor=head, swap_id=swap.pk, approve=True)


def test_who_is_busy_or_away_or_a_stranger_cannot_take_it(
    head: Actor, team: Team, mine: Shift, crew: list[Actor], staff: Staff, power: Agency
) -> None:
    shift(head, team, crew[2], WEDNESDAY, "12:00", "13:00")
    with pytest.raises(Conflict, match="Chi"):
        actions.ask_swap(actor=crew[1], shift_id=mine.pk, colleague_id=crew[2].id)
    actions.ask_absence(actor=crew[3], kind="sick", starts_at=local(WEDNESDAY), ends_at=local(THURSDAY))
    with pytest.raises(Conflict, match="Dung"):
        actions.ask_swap(actor=crew[1], shift_id=mine.pk, colleague_id=crew[3].id)
    with pytest.raises(Invalid):
        actions.ask_swap(actor=crew[1], shift_id=mine.pk, colleague_id=staff("Giang", "officer", power).id)
    with pytest.raises(Forbidden):
        actions.ask_swap(actor=crew[0], shift_id=mine.pk, colleague_id=crew[2].id)  # not theirs to give


def test_who_got_busy_meanwhile_stops_the_swap_at_the_last_moment(
    head: Actor, team: Team, mine: Shift, crew: list[Actor]
) -> None:
    swap = actions.ask_swap(actor=crew[1], shift_id=mine.pk, colleague_id=crew[2].id)
    actions.answer_swap(actor=crew[2], swap_id=swap.pk, accept=True)
    shift(head, team, crew[2], WEDNESDAY, "18:00", "22:00")
    with pytest.raises(Conflict):
        actions.decide_swap(actor=head, swap_id=swap.pk, approve=True)
    assert owner(mine) == "Binh"


def test_a_swap_runs_out_when_the_shift_begins(mine: Shift, crew: list[Actor]) -> None:
    swap = actions.ask_swap(actor=crew[1], shift_id=mine.pk, colleague_id=crew[2].id)
    with pytest.raises(Conflict):
        actions.ask_swap(actor=crew[1], shift_id=mine.pk, colleague_id=crew[3].id)  # one at a time
    with clock.at(mine.starts_at - timedelta(microseconds=1)):
        assert actions.expire_swaps() == 0
    with clock.at(mine.starts_at):
        with pytest.raises(Conflict):
            actions.answer_swap(actor=crew[2], swap_id=swap.pk, accept=True)
        assert actions.expire_swaps() == 1
        assert actions.expire_swaps() == 0
    assert Swap.objects.get().state == Swap.State.EXPIRED


def test_while_a_swap_is_open_the_rota_leaves_its_shifts_alone(head: Actor, team: Team, crew: list[Actor]) -> None:
    rota = {
        "usual": {
            "watches": [{"name": "Trực", "start": "07:30", "end": "07:30"}],
            "round": [["A"], ["B"], ["C"], ["D"]],
        }
    }
    actions.save_rota(actor=head, team_id=team.pk, rota=rota, anchor=MONDAY.date())
    tuesday = Shift.objects.get(team=team, starts_at=local("2026-10-06", "07:30"))
    swap = actions.ask_swap(actor=crew[1], shift_id=tuesday.pk, colleague_id=crew[2].id)
    actions.save_rota(actor=head, team_id=team.pk, rota=rota, anchor=MONDAY.date())
    assert Shift.objects.get(pk=tuesday.pk).touched
    actions.withdraw_swap(actor=crew[1], swap_id=swap.pk)
    assert not Shift.objects.get(pk=tuesday.pk).touched
    actions.save_rota(actor=head, team_id=team.pk, rota=rota, anchor=MONDAY.date())
    assert Shift.objects.filter(team=team, starts_at=tuesday.starts_at).count() == 1


steps = st.lists(
    st.tuples(st.sampled_from(["ask", "return", "accept", "decline", "approve", "refuse", "withdraw", "call_off", "hand_over", "later"]),
              st.integers(0, 3), st.integers(0, 3), st.integers(0, 5)),
    max_size=14,
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_whatever_people_do_every_shift_has_one_owner_and_nobody_two_at_once(
    head: Actor, team: Team, crew: list[Actor], what: list[tuple[str, int, int, int]]
) -> None:
    """The machine of swaps, walked at random by four people, a head, and time."""
    Swap.objects.all().delete()
    Shift.objects.all().delete()
    shifts = [
        shift(
            head,
            team,
            crew[n % 4],
            f"2026-10-{7 + n // 2:02}",
            "06:00" if n % 2 else "18:00",
            "18:00" if n % 2 else "06:00",
        )
        for n in range(6)
    ]
    now = MONDAY
    for verb, a, b, n in what:
        swap = Swap.objects.filter(shift=shifts[n].pk).order_by("-asked_at").first()
        with clock.at(now):
            try:
                if verb == "ask":
                    actions.ask_swap(actor=crew[a], shift_id=shifts[n].pk, colleague_id=crew[b].id)
                elif verb == "return":
                    actions.ask_swap(
                        actor=crew[a],
                        shift_id=shifts[n].pk,
                        colleague_id=crew[b].id,
                        in_return_id=shifts[(n + 1) % 6].pk,
                    )
                elif verb in ("accept", "decline") and swap:
                    actions.answer_swap(actor=crew[b], swap_id=swap.pk, accept=verb == "accept")
                elif verb in ("approve", "refuse") and swap:
                    actions.decide_swap(actor=head, swap_id=swap.pk, approve=verb == "approve", reason="…")
                elif verb == "withdraw" and swap:
                    actions.withdraw_swap(actor=crew[a], swap_id=swap.pk)
                elif verb == "call_off":
                    actions.call_off(actor=head, shift_id=shifts[n].pk)
                elif verb == "hand_over":
                    actions.hand_over(actor=head, shift_id=shifts[n].pk, person_id=crew[b].id)
                elif verb == "later":
                    now += timedelta(hours=7)
                    with clock.at(now):
                        actions.expire_swaps()
            except Problem:
                continue
    live = list(Shift.objects.filter(called_off=False).order_by("person", "starts_at"))
    assert Shift.objects.count() >= 6
    for one, two in itertools.pairwise(live):
        assert one.person_id != two.person_id or one.ends_at <= two.starts_at
    for done in Swap.objects.filter(state=Swap.State.DONE):
        assert done.decided_by_id == head.id and done.answered_at
