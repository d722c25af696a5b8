"""Who is on duty now, and when that changes."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from hues.city import routing
from hues.city.models import Agency
from hues.duty import actions, queries
from hues.duty.models import Shift, Team
from hues.kernel import clock
from hues.kernel.actors import LEAD, OPERATOR, Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from hues.kernel.models import JournalEntry
from tests.duty.conftest import MONDAY, Staff, local, shift

TODAY = "2026-10-05"


def names(power: Agency, moment: object, **more: bool) -> list[str]:
    return [one.name for one in queries.on_duty(power.pk, at=moment, **more)]  # type: ignore[arg-type]


def test_a_shift_holds_from_its_first_moment_to_just_before_its_last(
    head: Actor, team: Team, power: Agency, crew: list[Actor]
) -> None:
    shift(head, team, crew[0], TODAY, "15:30", "23:30")
    shift(head, team, crew[1], TODAY, "23:30", "07:30")
    assert names(power, local(TODAY, "15:29")) == []
    assert names(power, local(TODAY, "15:30")) == ["An"]
    assert names(power, local(TODAY, "23:30") - timedelta(microseconds=1)) == ["An"]
    assert names(power, local(TODAY, "23:30")) == ["Binh"]
    assert names(power, local("2026-10-06", "07:29")) == ["Binh"]
    assert names(power, local("2026-10-06", "07:30")) == []


def test_the_next_handover_says_who_goes_and_who_comes(
    head: Actor, team: Team, power: Agency, crew: list[Actor]
) -> None:
    assert queries.handover(power.pk) is None
    shift(head, team, crew[0], TODAY, "07:30", "15:30")
    shift(head, team, crew[1], TODAY, "15:30", "23:30")
    found = queries.handover(power.pk)
    assert found is not None and found.at == local(TODAY, "15:30")
    assert [one.name for one in found.leaving] == ["An"] and [one.name for one in found.coming] == ["Binh"]


def test_standby_is_not_on_duty_until_called_in(
    head: Actor, team: Team, power: Agency, crew: list[Actor], operator: Actor
) -> None:
    waiting = shift(head, team, crew[0], TODAY, "07:30", "15:30", standby=True)
    assert names(power, MONDAY) == [] and names(power, MONDAY, standby=True) == ["An"]
    assert queries.current_shift(crew[0]) is None
    with pytest.raises(Forbidden):
        actions.call_in(actor=crew[1], shift_id=waiting.pk)
    actions.call_in(actor=operator, shift_id=waiting.pk)
    assert names(power, MONDAY) == ["An"]
    assert JournalEntry.objects.get(action="duty.called_in").parts["notify"][0]["template"] == "duty.called_in"


def test_chiefs_are_those_on_duty_else_the_chief_of_the_team(
    head: Actor, team: Team, power: Agency, crew: list[Actor]
) -> None:
    assert queries.chiefs(power.pk) == []
    shift(head, team, crew[1], TODAY, "07:30", "15:30")
    assert queries.chiefs(power.pk) == [crew[0].id]
    shift(head, team, crew[2], TODAY, "08:00", "15:30", role="chief")
    assert queries.chiefs(power.pk) == [crew[2].id]


def test_the_centre_has_a_lead_of_the_shift(lead: Actor, staff: Staff) -> None:
    room = actions.save_team(actor=lead, agency_id=routing.centre().pk, name="Ca trực", kind="centre")
    one, other = staff("First", OPERATOR), staff("Other", LEAD)
    for who in (one, other):
        actions.add_member(actor=lead, team_id=room.pk, person_id=who.id)
    shift(lead, room, one, TODAY, "07:30", "15:30")
    assert queries.shift_leads() == []
    shift(lead, room, other, TODAY, "07:30", "15:30", role="shift_lead")
    assert queries.shift_leads() == [other.id]


def test_nobody_has_two_shifts_at_once_not_even_in_the_database(head: Actor, team: Team, crew: list[Actor]) -> None:
    first = shift(head, team, crew[0], TODAY, "15:30", "23:30")
    with pytest.raises(Conflict, match="An"):
        shift(head, team, crew[0], TODAY, "23:00", "23:45")
    shift(head, team, crew[0], TODAY, "23:30", "23:45")  # one after the other is fine
    with pytest.raises(IntegrityError, match="shift_one_at_a_time"), transaction.atomic():
        Shift.objects.create(
            team=team, person_id=crew[0].id, starts_at=first.starts_at, ends_at=first.ends_at, changed_at=MONDAY
        )
    actions.call_off(actor=head, shift_id=first.pk)
    shift(head, team, crew[0], TODAY, "16:00", "23:30")  # its place is free


def test_a_running_shift_is_handed_over_from_now_on(head: Actor, team: Team, power: Agency, crew: list[Actor]) -> None:
    running = shift(head, team, crew[0], TODAY, "07:30", "15:30")
    with clock.at(local(TODAY, "12:00")):
        actions.hand_over(actor=head, shift_id=running.pk, person_id=crew[1].id)
        assert names(power, local(TODAY, "11:59")) == ["An"]
        assert names(power, local(TODAY, "12:00")) == ["Binh"]
    told = JournalEntry.objects.get(action="duty.shift_handed_over").parts["notify"]
    assert {one["person_id"] for one in told} == {str(crew[0].id), str(crew[1].id)}


def test_only_the_chief_and_the_heads_change_a_roster(
    head: Actor, team: Team, crew: list[Actor], staff: Staff, operator: Actor
) -> None:
    shift(crew[0], team, crew[1], TODAY, "15:30", "23:30")  # the chief may
    for who in (crew[1], operator):
        with pytest.raises(Forbidden):
            shift(who, team, crew[2], TODAY, "15:30", "23:30")
    stranger = staff("Stranger", "officer", next(one for one in routing.current_agencies() if one.code == "HWC"))
    with pytest.raises(NotFound):
        shift(stranger, team, crew[2], TODAY, "15:30", "23:30")
    with pytest.raises(Invalid):  # who is not in the team
        shift(head, team, stranger, TODAY, "15:30", "23:30")


def test_a_closed_account_and_a_closed_team_are_on_no_duty(
    head: Actor, team: Team, power: Agency, crew: list[Actor], staff: Staff
) -> None:
    shift(head, team, crew[0], TODAY, "07:30", "15:30")
    user = staff.user("An")
    user.is_active = False
    user.save()
    assert names(power, MONDAY) == []
    user.is_active = True
    user.save()
    actions.close_team(actor=head, team_id=team.pk)
    assert names(power, MONDAY) == []


def test_asking_who_is_on_duty_costs_two_statements_however_many_there_are(
    head: Actor, team: Team, power: Agency, crew: list[Actor]
) -> None:
    for who in crew:
        actions.keep_phone(actor=who, phone="0905123456")
        shift(head, team, who, TODAY, "07:30", "15:30")
    with CaptureQueriesContext(connection) as statements:
        found = queries.on_duty(power.pk)
    assert len(found) == 4 and len(statements) == 2
    assert found[0].phone == "••• 456"


def test_the_whole_number_is_for_the_centre_and_colleagues(
    head: Actor, team: Team, crew: list[Actor], operator: Actor, staff: Staff
) -> None:
    actions.keep_phone(actor=crew[0], phone="0905 123 456")
    assert queries.phone_of(operator, crew[0].id) == queries.phone_of(crew[1], crew[0].id) == "+84905123456"
    stranger = staff("Stranger", "officer", next(one for one in routing.current_agencies() if one.code == "HWC"))
    assert queries.phone_of(stranger, crew[0].id) == ""
    actions.keep_phone(actor=crew[0], phone="")
    assert queries.phone_of(operator, crew[0].id) == ""
