"""Two operators, a lead, and the reports that wait for them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from hues.cases.models import Case
from hues.kernel.actors import LEAD, OPERATOR, Actor, Grant
from hues.people.models import Membership, User
from hues.people.queries import today
from tests.cases.conftest import INSIDE, People, citizen, lights, make_user, monday, open_case, people  # noqa: F401


@pytest.fixture(autouse=True)
def _sandbox(settings: LazySettings) -> Iterator[None]:
    settings.SANDBOX, settings.LIMITS = True, False
    yield


def operator(name: str, role: str = OPERATOR) -> Actor:
    user = make_user("staff", name)
    Membership.objects.create(user=user, role=role, valid_from=today())
    return Actor("staff", user.pk, name, frozenset({Grant(role)}))


@pytest.fixture
def one() -> Actor:
    return operator("Trực ban 1")


@pytest.fixture
def two() -> Actor:
    return operator("Trực ban 2")


@pytest.fixture
def lead() -> Actor:
    return operator("Trưởng ca", LEAD)


@pytest.fixture
def browser_of() -> Callable[[Actor], Client]:
    def open_browser(actor: Actor) -> Client:
        client = Client()
        client.force_login(User.objects.get(pk=actor.id))
        return client

    return open_browser


@pytest.fixture
def reports(open_case: Callable[..., Case]) -> Callable[..., list[Case]]:  # noqa: F811 - a fixture
    """So many street lights that are out, far from each other."""

    def make(number: int, **changes: Any) -> list[Case]:
        return [
            open_case(
                **{
                    "lat": INSIDE["lat"] + n * 0.004,
                    "lon": INSIDE["lon"],
                    "address": f"{n + 1} Lê Lợi",
                    "body": f"Đèn đường số {n + 1} không sáng ba hôm nay.",
                    **changes,
                }
            )
            for n in range(number)
        ]

    return make
