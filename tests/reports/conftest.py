"""The people and programs of these stories, a place in the city, and a case that everyone may read."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from PIL import Image

from hues.cases.actions import open_case, take_step
from hues.cases.models import Case
from hues.kernel import clock
from hues.kernel.actors import SYSTEM, Actor
from hues.people import actions, queries
from hues.people.models import User

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # a Tuesday, nine in the morning in the city
HERE = (16.45423, 107.58301)  # in a ward of the city
LAMP = "DT01"  # a street lamp: public, two questions, and no photo is needed
STRAY = "TT05"  # a stray dog: the same
POTHOLE = "GT01"


@pytest.fixture(autouse=True)
def _sandbox(settings: LazySettings, db: None) -> Iterator[None]:
    settings.SANDBOX = True
    settings.LIMITS = True
    with clock.at(NOW):
        yield


@pytest.fixture
def make_citizen() -> Callable[[str], User]:
    def make(name: str) -> User:
        return User.objects.create(kind="citizen", username=name, created_at=clock.now())

    return make


@pytest.fixture
def citizen(make_citizen: Callable[[str], User]) -> User:
    return make_citizen("sen-3k7")


@pytest.fixture
def browser(client: Client, citizen: User) -> Client:
    """The citizen's browser, signed in."""
    client.force_login(citizen)
    return client


@pytest.fixture
def operator() -> Actor:
    user = actions.create_staff(actor=SYSTEM, username="truc.ban", password="mưa dầm thấm đất Huế")
    actions.grant_role(actor=SYSTEM, user_id=user.pk, role="operator")
    return actor_of(user)


@pytest.fixture
def make_key() -> Callable[..., str]:
    def make(*scopes: str, name: str = "Một hệ thống khác") -> str:
        return actions.create_key(actor=SYSTEM, name=name, scopes=scopes)

    return make


def actor_of(user: User) -> Actor:
    return queries.actor_for(queries.account(user.pk))


def report(actor: Actor, category: str = LAMP, **more: Any) -> Case:
    values = {"body": "Đèn tắt cả tuần", "lat": HERE[0], "lon": HERE[1], "address": "12 Lê Lợi", **more}
    return open_case(actor=actor, category=category, **values)


@pytest.fixture
def published_case(citizen: User, operator: Actor) -> Callable[..., Case]:
    """A case that the centre has accepted: it is listed."""

    def make(**more: Any) -> Case:
        case = report(actor_of(citizen), **more)
        return take_step(actor=operator, code=case.code, step="accept", data={"agency": "CVX"})

    return make


def photo(width: int = 400, height: int = 300, kind: str = "JPEG") -> bytes:
    out = BytesIO()
    Image.effect_noise((width, height), 40).convert("RGB").save(out, kind)
    return out.getvalue()
