"""Triage sends the nearest: whom, how far and how busy stands in the plan, and A sends that team and nobody else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from hues.cases.models import Case
from hues.console import actions, plan
from hues.dispatch.models import Task
from hues.duty.models import Shift
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid
from tests.cases.conftest import INSIDE, MONDAY, People, at_most
from tests.dispatch.conftest import Crew, crew  # noqa: F401 - a fixture

Reports = Callable[..., list[Case]]
Browser = Callable[[Actor], Client]
Crews = Callable[..., Crew]


@pytest.fixture
def near(crew: Crews) -> Crew:  # noqa: F811 - a fixture
    return crew("CVX", "Đội Bắc sông Hương", lat=INSIDE["lat"] + 0.01, lon=INSIDE["lon"])


@pytest.fixture
def far(crew: Crews) -> Crew:  # noqa: F811 - a fixture
    return crew("CVX", "Đội Nam sông Hương", lat=INSIDE["lat"] - 0.08, lon=INSIDE["lon"])


def tree(reports: Reports) -> Case:
    return reports(1, category="DT03", body="Cây đổ chắn đường")[0]


def test_the_plan_says_who_goes_and_one_press_sends_them(
    one: Actor, browser_of: Browser, reports: Reports, far: Crew, near: Crew
) -> None:
    case = tree(reports)
    client = browser_of(one)
    client.get("/desk/triage")
    with at_most(40):
        page = client.get(f"/desk/triage/cases/{case.code}").content.decode()
    assert page.index("Đội Bắc sông Hương") < page.index("Đội Nam sông Hương") and "1,1 km" in page
    assert f'data-team="{near.team.pk}"' in page and f'href="/desk/dispatch/{case.code}" data-key="p"' in page
    sent = {"verb": "accept", "version": case.version, "agency": "CVX", "team": str(near.team.pk)}
    assert client.post(f"/desk/triage/cases/{case.code}/decide", sent).status_code == 302
    task = Task.objects.get(case=case)
    assert (task.team_id, task.role, task.state) == (near.team.pk, "lead", "sent")
    assert task.distance_m and task.minutes
    assert set(task.people.values_list("person_id", flat=True)) == {one.id for one in near.members}
    assert Case.objects.get(pk=case.pk).state == "dispatched"


def test_sent_twice_is_one_task(one: Actor, two: Actor, reports: Reports, near: Crew) -> None:
    case = tree(reports)
    data = {"team": str(near.team.pk)}
    actions.decide(actor=one, code=case.code, verb="accept", data=data, version=case.version)
    for actor in (one, two):
        with pytest.raises(Conflict):
            actions.decide(actor=actor, code=case.code, verb="accept", data=data, version=case.version)
    assert Task.objects.filter(case=case).count() == 1


def test_a_team_that_the_operator_saw_and_that_went_home_is_not_sent(
    one: Actor, reports: Reports, near: Crew, far: Crew
) -> None:
    case = tree(reports)
    Shift.objects.filter(team=near.team).update(ends_at=MONDAY - timedelta(minutes=1))
    with pytest.raises(Invalid) as caught:
        actions.decide(actor=one, code=case.code, verb="accept", data={"team": str(near.team.pk)})
    assert "team" in caught.value.fields and not Task.objects.exists()
    assert Case.objects.get(pk=case.pk).state == "triage"
    planned = plan.plan_for(case, parties=True)
    assert planned.party and planned.party.team_id == far.team.pk
    other = {"team": str(far.team.pk)}
    assert actions.decide(actor=one, code=case.code, verb="accept", data=other).state == "dispatched"


def test_with_the_category_changed_in_the_same_press(one: Actor, reports: Reports, near: Crew) -> None:
    (case,) = reports(1, body="Cây đổ chắn ngang đường, xe không qua được")
    data = {"category": "DT03", "team": str(near.team.pk)}
    done = actions.decide(actor=one, code=case.code, verb="accept", data=data, version=case.version)
    assert done.state == "dispatched" and Task.objects.get(case=case).team_id == near.team.pk


def test_nobody_is_named_where_nobody_goes_out_and_nobody_else_may_send(
    one: Actor, reports: Reports, people: People, lights: object, near: Crew, browser_of: Browser
) -> None:
    (lamp,) = reports(1)
    assert plan.plan_for(lamp, parties=True).parties == ()
    assert "data-party" not in browser_of(one).get(f"/desk/triage/cases/{lamp.code}").content.decode()
    case = tree(reports)
    officer = people.officer(lights)  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        actions.decide(actor=officer, code=case.code, verb="accept", data={"team": str(near.team.pk)})


def test_without_anybody_on_duty_the_agency_is_told_as_before(one: Actor, reports: Reports) -> None:
    case = tree(reports)
    planned = plan.plan_for(case, parties=True)
    assert planned.party and planned.party.team_id is None and planned.party.people == 0
    actions.decide(actor=one, code=case.code, verb="accept", data={"team": ""}, version=case.version)
    assert Task.objects.get(case=case).team_id is None
