"""An incident of heavy rain, and the people around it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from hues.cases import reference
from hues.cases.models import Case
from hues.city.models import Agency
from hues.command import actions
from hues.command.models import Incident
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.people.models import User
from tests.cases.conftest import People, upload

MONDAY = datetime(2026, 10, 5, 2, 0, tzinfo=UTC)  # 09:00 in the city
WARD = "19789"
INSIDE = {"lat": 16.4637, "lon": 107.5909}


@pytest.fixture(autouse=True)
def monday(db: None) -> Iterator[None]:
    with clock.at(MONDAY):
        yield


@pytest.fixture
def people() -> People:
    return People()


def agency(code: str) -> Agency:
    return reference.agencies_by_code()[code]


@pytest.fixture
def lead(people: People) -> Actor:
    return people.lead


@pytest.fixture
def operator(people: People) -> Actor:
    return people.operator


@pytest.fixture
def ward_head(people: People) -> Actor:
    return people.head(agency(f"UBX-{WARD}"))


@pytest.fixture
def stranger(people: People) -> Actor:
    """Heads a body that takes no part."""
    return people.head(agency("SDL"))


@pytest.fixture
def rain(lead: Actor) -> Incident:
    return actions.open_incident(actor=lead, kind="flood", level=2, name="Mưa lớn 5/10", unit_codes=[WARD])


@pytest.fixture
def report(people: People) -> Callable[..., Case]:
    """A report of water in the street, inside the ward."""
    from hues.cases.actions import open_case

    def make(**changes: Any) -> Case:
        citizen = people.citizen()
        given = {
            "actor": citizen,
            "category": "HT05",
            "body": "Nước ngập tới đầu gối.",
            "address": "27 Lê Lợi",
            **INSIDE,
        }
        category = reference.categories_by_code()[str(changes.get("category", "HT05"))]
        if category.evidence.get("photos_required") and "file_ids" not in changes:
            changes["file_ids"] = [upload(citizen.id)]
        return open_case(**{**given, **changes})

    return make


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.id))
    return client


def fresh(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)
