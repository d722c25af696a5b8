"""A tree across the road, the people around it, and teams with somebody on duty."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from hues.cases import actions as case_actions
from hues.cases import reference
from hues.cases.models import Case
from hues.city.models import Agency
from hues.dispatch.models import Task
from hues.duty.models import Shift, Team
from hues.kernel import clock
from hues.kernel.actors import Actor, Grant
from hues.people.models import Membership, User
from hues.people.queries import today
from tests.cases.conftest import INSIDE, MONDAY, People, make_user, upload

NEAR = {"lat": INSIDE["lat"] + 0.0004, "lon": INSIDE["lon"]}  # 44 m
FAR = {"lat": INSIDE["lat"] + 0.0121, "lon": INSIDE["lon"]}  # 1.3 km


@pytest.fixture(autouse=True)
def monday(db: None) -> Iterator[None]:
    with clock.at(MONDAY):
        yield


@pytest.fixture
def people() -> People:
    return People()


def agency(code: str) -> Agency:
    return reference.agencies_by_code()[code]


@dataclass
class Scene:
    """One case and who may have to do with it."""

    people: People
    citizen: Actor
    code: str

    @property
    def case(self) -> Case:
        return Case.objects.get(code=self.code)

    @property
    def operator(self) -> Actor:
        return self.people.operator

    @property
    def officer(self) -> Actor:
        return self.people.officer(agency("CVX"))

    @property
    def helper(self) -> Actor:
        """Of another agency, which supports."""
        return self.people.officer(agency("HEP"))

    @property
    def lead(self) -> Task:
        return Task.objects.filter(case__code=self.code, role="lead").latest("sent_at")

    def take(self, actor: Actor, step: str, data: dict[str, Any] | None = None) -> Case:
        return case_actions.take_step(actor=actor, code=self.code, step=step, data=data)


@pytest.fixture
def scene(people: People) -> Scene:
    citizen = people.citizen()
    case = case_actions.open_case(
        actor=citizen, category="DT03", body="Cây ngã chắn ngang đường, xe không qua được", address="27 Lê Lợi",
        file_ids=[upload(citizen.id)], **INSIDE,
    )  # fmt: skip
    scene = Scene(people, citizen, case.code)
    assert scene.officer.id and scene.helper.id and scene.operator.id  # they exist before anybody is sent
    people.lead, people.head(agency("CVX"))
    return scene


@dataclass
class Crew:
    team: Team
    members: list[Actor]


@pytest.fixture
def crew() -> Callable[..., Crew]:
    """A team with people on duty now."""

    def make(code: str, name: str, *, lat: float | None = None, lon: float | None = None, size: int = 1) -> Crew:
        team = Team.objects.create(
            agency=agency(code), name=name, kind="utility", base_lat=lat, base_lon=lon, created_at=MONDAY
        )
        members = []
        for n in range(size):
            user = make_user("staff", f"{name}-{n}")
            Membership.objects.create(user=user, role="officer", agency=team.agency, valid_from=today())
            Shift.objects.create(
                team=team, person=user, starts_at=clock.now() - timedelta(hours=1),
                ends_at=clock.now() + timedelta(hours=7), changed_at=clock.now(),
            )  # fmt: skip
            members.append(Actor("staff", user.pk, user.name, frozenset({Grant("officer", team.agency_id)})))
        return Crew(team, members)

    return make


@pytest.fixture
def browser_of() -> Callable[[Actor], Client]:
    def sign_in(actor: Actor) -> Client:
        client = Client()
        client.force_login(User.objects.get(pk=actor.id))
        return client

    return sign_in


def told(entry: Any) -> set[UUID]:
    return {UUID(str(notice["person_id"])) for notice in entry.parts.get("notify", ())}
