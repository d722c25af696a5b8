"""From a rota to shifts: ahead, once, and never over what people decided."""

from collections import Counter
from datetime import date, timedelta

import pytest

from hues.city.models import Agency, CalendarDay
from hues.duty import actions, presets, queries
from hues.duty.holidays import city_holidays
from hues.duty.models import Shift, Team
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Forbidden, Invalid
from tests.duty.conftest import MONDAY, Staff, local, member, shift

TODAY = date(2026, 10, 5)
WHOLE = [{"name": "Trực", "start": "07:30", "end": "07:30"}]
ROUND = {"usual": {"watches": WHOLE, "round": [["A"], ["B"], ["C"], ["D"]]}}


def names(team: Team, first: str, days: int) -> list[str]:
    """Who has the whole-day watch, day by day."""
    start = local(first)
    shifts = Shift.objects.filter(
        team=team, called_off=False, starts_at__gte=start, starts_at__lt=start + timedelta(days=days)
    )
    return [one.person.display_name for one in shifts.order_by("starts_at", "person__display_name")]


@pytest.fixture
def laid(head: Actor, team: Team) -> Team:
    actions.save_rota(actor=head, team_id=team.pk, rota=ROUND, anchor=TODAY)
    team.refresh_from_db()
    return team


def test_a_rota_is_laid_six_weeks_ahead_and_from_the_watch_that_runs(laid: Team, power: Agency) -> None:
    assert [one.name for one in queries.on_duty(power.pk)] == ["An"]  # Monday 07:30 until Tuesday 07:30
    assert names(laid, "2026-10-05", 5) == ["An", "Binh", "Chi", "Dung", "An"]
    assert laid.laid_through == TODAY + timedelta(weeks=6)


def test_a_night_that_began_yesterday_has_somebody_too(head: Actor, team: Team, power: Agency) -> None:
    with clock.at(local("2026-10-05", "03:00")):
        preset = presets.preset("day_night")
        assert preset
        actions.save_rota(actor=head, team_id=team.pk, rota={"usual": preset.plan()}, anchor=TODAY - timedelta(days=1))
        assert len(queries.on_duty(power.pk)) == 1


def test_the_job_goes_on_where_it_stopped_and_does_nothing_twice(laid: Team) -> None:
    before = Shift.objects.count()
    assert actions.lay_ahead() == actions.Laid()
    with clock.at(MONDAY + timedelta(days=3)):
        assert actions.lay_ahead() == actions.Laid(made=3)
        assert actions.lay_ahead() == actions.Laid()
    assert Shift.objects.count() == before + 3


def test_after_an_outage_of_months_the_job_lays_from_today(laid: Team) -> None:
    with clock.at(MONDAY + timedelta(days=100)):
        assert actions.lay_ahead().made == 43
        assert not Shift.objects.filter(
            team=laid, starts_at__gt=local("2026-11-18"), starts_at__lt=local("2027-01-12")
        ).exists()


def test_changing_the_rota_leaves_what_began_and_what_people_decided(
    head: Actor, laid: Team, crew: list[Actor]
) -> None:
    thursday = Shift.objects.get(team=laid, starts_at=local("2026-10-08", "07:30"))
    actions.hand_over(actor=head, shift_id=thursday.pk, person_id=crew[1].id)  # Binh for Dung
    friday = Shift.objects.get(team=laid, starts_at=local("2026-10-09", "07:30"))
    actions.call_off(actor=head, shift_id=friday.pk)
    reverse = {"usual": {"watches": WHOLE, "round": [["D"], ["C"], ["B"], ["A"]]}}
    result = actions.save_rota(actor=head, team_id=laid.pk, rota=reverse, anchor=TODAY)
    assert result.clashes == 0
    assert names(laid, "2026-10-05", 5)[:3] == ["An", "Chi", "Binh"]  # today as it began, then the new round
    assert sorted(names(laid, "2026-10-08", 1)) == ["An", "Binh"]  # the new one, and whom the head had named
    assert names(laid, "2026-10-09", 1) == ["Dung"]
    old = Shift.objects.get(pk=friday.pk)
    assert old.called_off and old.touched


def test_what_was_called_off_is_not_laid_again(head: Actor, laid: Team) -> None:
    friday = Shift.objects.get(team=laid, starts_at=local("2026-10-09", "07:30"))
    actions.call_off(actor=head, shift_id=friday.pk)
    actions.save_rota(actor=head, team_id=laid.pk, rota=ROUND, anchor=TODAY)
    assert names(laid, "2026-10-09", 1) == []


def test_who_has_a_shift_elsewhere_is_not_laid_over_it(
    head: Actor, team: Team, power: Agency, crew: list[Actor]
) -> None:
    other = actions.save_team(actor=head, agency_id=power.pk, name="Đội khác", kind="utility")
    actions.add_member(actor=head, team_id=other.pk, person_id=crew[1].id)
    shift(head, other, crew[1], "2026-10-06", "12:00", "16:00")
    result = actions.save_rota(actor=head, team_id=team.pk, rota=ROUND, anchor=TODAY)
    assert result.clashes == 1
    assert names(team, "2026-10-06", 1) == []
    assert [gap.starts_at for gap in queries.gaps([Team.objects.get(pk=team.pk)], MONDAY, local("2026-10-12"))] == [
        local("2026-10-06", "07:30")
    ]


def test_who_leaves_has_no_more_shifts_and_who_comes_has_some(
    head: Actor, laid: Team, crew: list[Actor], staff: Staff, power: Agency
) -> None:
    actions.remove_member(actor=head, member_id=member(laid, crew[2]).pk)
    assert names(laid, "2026-10-06", 3) == ["Binh", "Dung"]
    new = staff("Giang", "officer", power)
    actions.add_member(actor=head, team_id=laid.pk, person_id=new.id, crew="c")
    assert names(laid, "2026-10-06", 3) == ["Binh", "Giang", "Dung"]
    actions.change_member(actor=head, member_id=member(laid, new).pk, crew="", role="member")
    assert names(laid, "2026-10-06", 3) == ["Binh", "Dung"]


def test_only_heads_change_a_rota_and_a_wrong_one_is_not_kept(head: Actor, laid: Team, crew: list[Actor]) -> None:
    with pytest.raises(Forbidden):  # the chief keeps the shifts, not the rota
        actions.save_rota(actor=crew[0], team_id=laid.pk, rota={}, anchor=TODAY)
    with pytest.raises(Invalid):
        actions.save_rota(
            actor=head,
            team_id=laid.pk,
            rota={"usual": {"watches": WHOLE, "round": [["A"], ["A B C D E !"]]}},
            anchor=TODAY,
        )
    with pytest.raises(Invalid):
        actions.save_rota(actor=head, team_id=laid.pk, rota=ROUND, anchor=TODAY + timedelta(days=1))
    assert Team.objects.get(pk=laid.pk).rota["usual"]["round"] == ROUND["usual"]["round"]
    assert actions.save_rota(actor=head, team_id=laid.pk, rota={}, anchor=TODAY).made == 0
    assert names(laid, "2026-10-06", 7) == []


def test_tet_has_its_own_round_and_says_where_nobody_is_named(head: Actor, team: Team) -> None:
    """Tết 2027 as the city's calendar has it: A, B, then a day for which somebody is still to be named."""
    with clock.at(local("2027-01-20", "09:00")):
        holiday = {"watches": [{"name": "Trực Tết", "start": "07:30", "end": "07:30"}], "round": [["A"], ["B"], [""]]}
        actions.save_rota(actor=head, team_id=team.pk, rota={**ROUND, "holiday": holiday}, anchor=date(2027, 1, 20))
        days = [day for day in city_holidays().days if date(2027, 1, 25) < day < date(2027, 3, 1)]
        listed = set(
            CalendarDay.objects.filter(working=False, date__range=(days[0], days[-1])).values_list("date", flat=True)
        )
        assert len(days) >= 7 and listed < set(days)  # the weekends around belong to it
        on = [(names(team, day.isoformat(), 1) or [""])[0] for day in days]
        assert on == [("An", "Binh", "")[number % 3] for number in range(len(days))]
        team.refresh_from_db()
        found = queries.gaps([team], local(days[0].isoformat()), local(days[-1].isoformat()))
        assert found and all(gap.nobody and gap.holiday for gap in found)
        assert Counter(Shift.objects.filter(team=team, watch="Trực Tết").values_list("person__display_name", flat=True))
