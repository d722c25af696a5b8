"""Who is told by the roster of the moment; a hole in the roster never swallows an urgent case."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hues.cases import reference, rungs
from hues.cases.models import Case
from hues.city import routing
from hues.city.models import Agency
from hues.duty import actions as duty
from hues.duty.models import Shift
from hues.kernel import clock
from hues.kernel.actors import LEAD, OFFICER, SYSTEM, Actor
from tests.cases.conftest import MONDAY, People, make_user

HOURS = timedelta(hours=1)


def reached(case: Case, *names: str) -> set[UUID]:
    notices = rungs.notices(case, {name: {"vi": "…"} for name in names}, template="case.timer.test", actor=SYSTEM)
    return {notice.person_id for notice in notices}


@pytest.fixture
def urgent(open_case: Callable[..., Case], lights: Agency) -> Case:
    """A case with an agency, as the immediate ladder finds it."""
    case = open_case()
    case.agency = lights
    return case


def colleague(agency: Agency | None, role: str, name: str) -> Actor:
    from hues.people.models import Membership
    from hues.people.queries import actor_for, today

    user = make_user("staff", name)
    Membership.objects.create(user=user, role=role, agency=agency, valid_from=today())
    return actor_for(user)


def rostered(
    head: Actor, agency: Agency, who: list[Actor], *, chief: Actor | None = None, **more: object
) -> list[Shift]:
    """A team of the agency whose people are on duty for eight hours from now."""
    kind = "centre" if agency.is_centre else "utility"
    team = duty.save_team(
        actor=head, agency_id=agency.pk, name="Đội trực", kind=kind, chief_id=chief.id if chief else None
    )
    for one in who:
        duty.add_member(actor=head, team_id=team.pk, person_id=one.id)
    return [
        duty.add_shift(
            actor=head, team_id=team.pk, person_id=one.id, starts_at=MONDAY, ends_at=MONDAY + 8 * HOURS, **more
        )
        for one in who
    ]


def test_without_a_roster_everybody_of_the_agency_is_told(urgent: Case, people: People, lights: Agency) -> None:
    officer, head = people.officer(lights), people.head(lights)
    department, lead = people.head(reference.agencies_by_code()["SXD"]), people.lead
    assert reached(urgent, "on_duty") == {officer.id, head.id}
    assert reached(urgent, "team_chief") == {head.id}
    assert reached(urgent, "shift_lead") == {lead.id}
    assert reached(urgent, "leader") == {department.id}


def test_with_a_roster_those_on_duty_are_told_and_nobody_who_sleeps(
    urgent: Case, people: People, lights: Agency
) -> None:
    head, asleep = people.head(lights), people.officer(lights)
    awake, chief = colleague(lights, OFFICER, "awake"), colleague(lights, OFFICER, "chief")
    rostered(head, lights, [awake], chief=chief)
    assert reached(urgent, "on_duty") == {awake.id}
    assert reached(urgent, "team_chief") == {chief.id}
    with clock.at(MONDAY + 8 * HOURS):  # the shift is over and nobody follows: everybody again
        assert reached(urgent, "on_duty") == {awake.id, chief.id, asleep.id, head.id}
        assert reached(urgent, "team_chief") == {head.id}


def test_where_only_standby_is_there_standby_is_told(urgent: Case, people: People, lights: Agency) -> None:
    waiting = colleague(lights, OFFICER, "waiting")
    rostered(people.head(lights), lights, [waiting], standby=True)
    assert reached(urgent, "on_duty") == {waiting.id}


def test_the_lead_of_the_shift_comes_before_all_leads(urgent: Case, people: People) -> None:
    tonight, lead = colleague(None, LEAD, "tonight"), people.lead
    rostered(lead, routing.centre(), [tonight], role="shift_lead")
    assert reached(urgent, "shift_lead") == {tonight.id}


def test_every_rung_reaches_somebody_as_long_as_there_is_anybody(urgent: Case, people: People) -> None:
    lead = people.lead  # the only account of staff there is
    for name in ("on_duty", "team_chief", "shift_lead", "leader"):
        assert reached(urgent, name) == {lead.id}, name
    urgent.agency = None
    assert reached(urgent, "on_duty", "team_chief", "leader") == {lead.id}


def test_the_leader_is_the_department_else_the_chair(urgent: Case, people: People) -> None:
    lead, chair = people.lead, people.head(reference.agencies_by_code()["VPU"])
    assert reached(urgent, "leader") == {chair.id} and lead.id not in reached(urgent, "leader")
    department = people.head(reference.agencies_by_code()["SXD"])
    assert reached(urgent, "leader") == {department.id}


def test_each_person_is_told_once_and_it_costs_few_statements(urgent: Case, people: People, lights: Agency) -> None:
    head = people.head(lights)
    rostered(head, lights, [people.officer(lights)], chief=head)
    assert head and urgent.agency_id
    with CaptureQueriesContext(connection) as statements:
        reached(urgent, "on_duty", "team_chief", "shift_lead", "leader", "centre")
    assert len(statements) <= 4
