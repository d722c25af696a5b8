"""Positions: after a yes, on duty only, the newest only, gone with the shift; the nearest team."""

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hues.city import routing
from hues.city.models import Agency
from hues.duty import actions, queries, trust
from hues.duty.models import Position, Shift, Team
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Forbidden, Invalid
from hues.kernel.models import JournalEntry
from tests.duty.conftest import MONDAY, Staff, local, shift

TODAY = "2026-10-05"
HERE = {"lat": 16.4637, "lon": 107.5909}
KM_NORTH = {"lat": 16.4727, "lon": 107.5909}


@pytest.fixture
def on_duty(head: Actor, team: Team, crew: list[Actor]) -> Shift:
    return shift(head, team, crew[0], TODAY, "07:30", "15:30")


def test_without_a_yes_or_off_duty_nothing_is_kept(head: Actor, team: Team, crew: list[Actor], on_duty: Shift) -> None:
    with pytest.raises(Forbidden):
        actions.note_position(actor=crew[0], **HERE)
    with pytest.raises(Forbidden):
        actions.start_sharing(actor=crew[1])  # off duty
    shift(head, team, crew[2], TODAY, "07:30", "15:30", standby=True)
    with pytest.raises(Forbidden):
        actions.start_sharing(actor=crew[2])  # at home
    assert not Position.objects.exists()


def test_it_ends_with_the_shift_and_is_erased(crew: list[Actor], on_duty: Shift) -> None:
    entries = JournalEntry.objects.count()
    assert actions.start_sharing(actor=crew[0]).until == on_duty.ends_at
    actions.note_position(actor=crew[0], accuracy_m="12.5", **HERE)
    actions.note_position(actor=crew[0], **KM_NORTH)
    (row,) = Position.objects.all()
    assert (row.lat, row.at) == (KM_NORTH["lat"], MONDAY)
    assert actions.sweep_positions() == 0
    with clock.at(on_duty.ends_at):
        with pytest.raises(Forbidden):
            actions.note_position(actor=crew[0], **HERE)
        assert actions.sweep_positions() == 1
    assert not Position.objects.exists()
    assert JournalEntry.objects.count() == entries  # where somebody is is no business of the journal


def test_a_long_shift_is_followed_for_twelve_hours_at_most(head: Actor, team: Team, crew: list[Actor]) -> None:
    shift(head, team, crew[0], TODAY, "08:00", "08:00")
    assert actions.start_sharing(actor=crew[0]).until == MONDAY + timedelta(hours=12)
    with clock.at(MONDAY + timedelta(hours=12)):
        assert actions.sweep_positions() == 1


def test_a_no_erases_at_once_and_so_do_an_absence_and_a_shift_called_off(
    head: Actor, crew: list[Actor], on_duty: Shift
) -> None:
    actions.start_sharing(actor=crew[0])
    actions.note_position(actor=crew[0], **HERE)
    actions.stop_sharing(actor=crew[0])
    assert not Position.objects.exists()
    actions.start_sharing(actor=crew[0])
    actions.call_off(actor=head, shift_id=on_duty.pk)
    with pytest.raises(Forbidden):
        actions.note_position(actor=crew[0], **HERE)
    assert actions.sweep_positions() == 1


@pytest.mark.parametrize(
    "wrong",
    [{"lat": "x", "lon": 1}, {"lat": 91, "lon": 1}, {**HERE, "accuracy_m": 90_000}, {**HERE, "accuracy_m": "nan"}],
)
def test_no_point_is_no_position(crew: list[Actor], on_duty: Shift, wrong: dict[str, object]) -> None:
    actions.start_sharing(actor=crew[0])
    with pytest.raises(Invalid):
        actions.note_position(actor=crew[0], **wrong)


def test_an_erasure_takes_position_number_and_calendar(crew: list[Actor], on_duty: Shift) -> None:
    actions.start_sharing(actor=crew[0])
    actions.keep_phone(actor=crew[0], phone="0905123456")
    actions.feed_path(actor=crew[0])
    exported = trust.export(crew[0].id)
    assert exported["phone"] == "+84905123456" and len(exported["shifts"]) == 1
    assert trust.erase(crew[0].id) == {"positions": 1, "duty_phones": 1, "calendars": 1, "absences": 0, "swap_notes": 0}
    assert set(trust.erase(crew[0].id).values()) == {0}


# The nearest


@pytest.fixture
def water(staff: Staff) -> Team:
    """Another team on duty, ten kilometres to the north."""
    agency = next(one for one in routing.current_agencies() if one.code == "HWC")
    head, who = staff("Water head", "head", agency), staff("Hai", "officer", agency)
    team = actions.save_team(
        actor=head, agency_id=agency.pk, name="Đội nước", kind="utility", base_lat=16.5537, base_lon=107.5909
    )
    actions.add_member(actor=head, team_id=team.pk, person_id=who.id)
    shift(head, team, who, TODAY, "07:30", "15:30")
    return team


def test_the_nearest_team_is_by_its_base_until_somebody_shares_a_position(
    water: Team, team: Team, crew: list[Actor], on_duty: Shift, power: Agency
) -> None:
    near, far = queries.nearest(**HERE)
    assert (near.team, near.by, near.minutes, far.team) == ("Đội sửa chữa nóng", "base", 2, "Đội nước")
    assert far.distance_m is not None and 9_900 < far.distance_m < 10_100 and 30 <= (far.minutes or 0) <= 40
    actions.start_sharing(actor=crew[0])
    actions.note_position(actor=crew[0], lat=16.65, lon=107.5909)  # far out with a job
    near, far = queries.nearest(**HERE)
    assert (near.team, far.by, far.as_of) == ("Đội nước", "position", MONDAY)
    with clock.at(MONDAY + timedelta(minutes=21)):  # too old to say anything: the base again
        assert queries.nearest(**HERE)[0].by == "base"
    assert [one.team for one in queries.nearest(**HERE, agency_ids=[power.pk])] == ["Đội sửa chữa nóng"]
    assert queries.nearest(**HERE, kinds=["police"]) == []
    assert queries.nearest(**HERE, at=local(TODAY, "20:00")) == []


def test_a_busy_team_stands_back_and_standby_comes_last(
    water: Team, head: Actor, team: Team, crew: list[Actor], on_duty: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count(team_ids: Collection[UUID]) -> Mapping[UUID, int]:
        return {team.pk: 3}

    known: dict[str, Callable[..., Mapping[UUID, int]]] = {"test": count}
    monkeypatch.setattr(queries.BUSY, "_plugins", known)
    found = queries.nearest(**HERE)
    assert [(one.team, one.busy) for one in found] == [("Đội nước", 0), ("Đội sửa chữa nóng", 3)]
    monkeypatch.setattr(queries.BUSY, "_plugins", {})
    Shift.objects.filter(pk=on_duty.pk).update(standby=True)
    found = queries.nearest(**HERE)
    assert [(one.team, len(one.members), len(one.standby)) for one in found] == [
        ("Đội nước", 1, 0),
        ("Đội sửa chữa nóng", 0, 1),
    ]


def test_looking_for_the_nearest_costs_four_statements(
    water: Team, on_duty: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries.BUSY, "_plugins", {})
    with CaptureQueriesContext(connection) as statements:
        queries.nearest(**HERE)
    assert len(statements) == 4


verbs = st.lists(
    st.tuples(st.sampled_from(["start", "stop", "note", "later", "sweep", "call_off"]), st.integers(1, 300)),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(verbs)
def test_a_position_never_outlives_the_yes_the_shift_or_twelve_hours(
    head: Actor, team: Team, crew: list[Actor], what: list[tuple[str, int]]
) -> None:
    Position.objects.all().delete()
    Shift.objects.all().delete()
    own = shift(head, team, crew[0], TODAY, "08:00", "08:00")
    now, agreed = MONDAY, False
    for verb, minutes in [*what, ("sweep", 0)]:
        if verb == "later":
            now += timedelta(minutes=minutes)
        with clock.at(now):
            try:
                if verb == "start":
                    actions.start_sharing(actor=crew[0])
                    agreed = True
                elif verb == "stop":
                    actions.stop_sharing(actor=crew[0])
                    agreed = False
                elif verb == "note":
                    actions.note_position(actor=crew[0], **HERE)
                elif verb == "call_off" and not Shift.objects.get(pk=own.pk).called_off:
                    actions.call_off(actor=head, shift_id=own.pk)
                elif verb == "sweep":
                    actions.sweep_positions()
            except (Forbidden, Invalid):
                pass
            row = Position.objects.filter(person=crew[0].id).first()
            if verb == "sweep" and row:
                assert agreed and now < row.until <= row.agreed_at + timedelta(hours=12)
                assert queries.current_shift(crew[0]) is not None
