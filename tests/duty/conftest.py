"""A power company with a night team, the people in it, and a Monday in October."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from hues.city import routing
from hues.city.clock import city_zone, today
from hues.city.models import Agency
from hues.duty import actions
from hues.duty.models import Member, Shift, Team
from hues.kernel import clock
from hues.kernel.actors import HEAD, LEAD, OFFICER, OPERATOR, Actor, Grant
from hues.kernel.ids import new_id
from hues.people.models import Membership, User

MONDAY = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)  # 09:00 in Huế, an ordinary working day


def local(day: str, at: str = "00:00") -> datetime:
    """A moment as the clocks of the city show it."""
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(at), city_zone())


@dataclass
class Staff:
    """Accounts with roles, made when they are first named."""

    made: dict[str, Actor] = field(default_factory=dict)

    def __call__(self, name: str, role: str = OFFICER, agency: Agency | None = None) -> Actor:
        if name not in self.made:
            user = User.objects.create(
                kind="staff", username=f"{name}-{new_id().hex[-8:]}", display_name=name, created_at=MONDAY
            )
            Membership.objects.create(user=user, role=role, agency=agency, valid_from=today())
            grant = Grant(role, agency.pk if agency else None)
            self.made[name] = Actor("staff", user.pk, name, frozenset({grant}))
        return self.made[name]

    def user(self, name: str) -> User:
        return User.objects.get(pk=self.made[name].id)


@pytest.fixture(autouse=True)
def monday(db: None) -> Iterator[None]:
    with clock.at(MONDAY):
        yield


@pytest.fixture
def staff() -> Staff:
    return Staff()


@pytest.fixture
def power() -> Agency:
    return next(one for one in routing.current_agencies() if one.code == "PCH")


@pytest.fixture
def head(staff: Staff, power: Agency) -> Actor:
    return staff("Head", HEAD, power)


@pytest.fixture
def lead(staff: Staff) -> Actor:
    return staff("Lead", LEAD)


@pytest.fixture
def operator(staff: Staff) -> Actor:
    return staff("Operator", OPERATOR)


@pytest.fixture
def crew(staff: Staff, power: Agency) -> list[Actor]:
    """An, Binh, Chi and Dung."""
    return [staff(name, OFFICER, power) for name in ("An", "Binh", "Chi", "Dung")]


@pytest.fixture
def team(head: Actor, power: Agency, crew: list[Actor]) -> Team:
    """The night team: An in crew A, Binh in B, Chi in C, Dung in D; no rota yet."""
    team = actions.save_team(
        actor=head, agency_id=power.pk, name="Đội sửa chữa nóng", kind="utility", chief_id=crew[0].id,
        base_lat=16.4637, base_lon=107.5909,
    )  # fmt: skip
    for actor, letter in zip(crew, "ABCD", strict=True):
        actions.add_member(actor=head, team_id=team.pk, person_id=actor.id, crew=letter)
    return team


def shift(head: Actor, team: Team, who: Actor, day: str, start: str, end: str, **more: Any) -> Shift:
    """A shift by hand; one that ends before it starts ends on the next day."""
    starts_at, ends_at = local(day, start), local(day, end)
    if ends_at <= starts_at:
        ends_at = local(str(date.fromordinal(date.fromisoformat(day).toordinal() + 1)), end)
    return actions.add_shift(
        actor=head, team_id=team.pk, person_id=who.id, starts_at=starts_at, ends_at=ends_at, **more
    )


def member(team: Team, who: Actor) -> Member:
    return Member.objects.get(team=team, person=who.id, valid_to=None)
