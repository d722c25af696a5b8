"""The people of these stories, and the telephone system that tells of their calls."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client

from hues.hotline import actions, signing
from hues.hotline.models import Call
from hues.kernel import clock
from hues.kernel.actors import SYSTEM, Actor
from hues.people import actions as people
from hues.people import queries
from hues.people.models import User

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # a Tuesday, nine in the morning in the city
START = NOW - timedelta(minutes=10)  # when the first telephone of a story rings
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # of the example of Standard Webhooks
OLD_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
CALLER = "+84905123456"
HERE = (16.4637, 107.5909)


@pytest.fixture(autouse=True)
def _house(settings: LazySettings, db: None) -> Iterator[None]:
    settings.SANDBOX, settings.LIMITS = True, True
    settings.CTI_KEYS = f"pbx:{SECRET},{OLD_SECRET} other:{signing.secret_of('another')}"
    settings.CTI_ADAPTER, settings.SMS_PROVIDER = "", "sandbox"
    with clock.at(NOW):
        yield


def actor_of(user: User) -> Actor:
    return queries.actor_for(queries.account(user.pk))


def staff(name: str, role: str, agency: str = "", valid_to: date | None = None) -> Actor:
    user = people.create_staff(
        actor=SYSTEM, username=name, password="mưa dầm thấm đất Huế", display_name=name.title(), is_sample=True
    )
    people.grant_role(actor=SYSTEM, user_id=user.pk, role=role, agency=agency, valid_to=valid_to)
    return actor_of(user)


@pytest.fixture
def operator() -> Actor:
    return staff("truc.may", "operator")


@pytest.fixture
def colleague() -> Actor:
    return staff("truc.ba", "operator")


@pytest.fixture
def lead() -> Actor:
    return staff("truong.ca", "lead")


@pytest.fixture
def volunteer() -> Actor:
    return staff("tinh.nguyen", "volunteer", valid_to=date(2026, 11, 27))


@pytest.fixture
def citizen() -> User:
    """Whose telephone is CALLER."""
    return people.open_account(number=CALLER, language="vi")


def at_desk(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.id))
    return client


def moment(seconds: float = 0) -> str:
    return (START + timedelta(seconds=seconds)).isoformat()


def event(
    kind: str, call: str = "c1", *, at: float = 0, id: str = "", source: str = "pbx", **data: Any
) -> dict[str, Any]:
    """As a telephone system sends it; `at` in seconds from ten to nine."""
    return {
        "specversion": "1.0", "id": id or f"{call}-{kind}-{at}", "source": source, "type": f"cti.{kind}",
        "time": moment(at), "subject": call, "data": data,
    }  # fmt: skip


def ring(call: str = "c1", number: str = CALLER, *, at: float = 0, **data: Any) -> dict[str, Any]:
    return event("ring", call, at=at, **{"direction": "in", "from": number, "to": "19001075", **data})


def send(*events: dict[str, Any], secret: str = SECRET, client: Client | None = None, **headers: str) -> HttpResponse:
    body = orjson.dumps(events[0] if len(events) == 1 else list(events))
    signed = {**signing.headers(secret, f"msg_{uuid4().hex}", body), **headers}
    return (client or Client()).post(
        "/api/v1/cti/events", body, content_type="application/cloudevents+json", headers=signed
    )


def tell(*events: dict[str, Any]) -> Call:
    """Sent and taken; the call of the last event."""
    answer = send(*events)
    assert answer.status_code == 202, answer.content
    return Call.objects.get(source="pbx", source_id=events[-1]["subject"])


@pytest.fixture
def seated(operator: Actor) -> Actor:
    """The operator at telephone 2001, taking calls."""
    with clock.at(START - timedelta(hours=1)):
        actions.choose(actor=operator, chosen="available", extension="2001")
    return operator


@pytest.fixture
def answered(seated: Actor) -> Callable[..., Call]:
    """A call that the operator talks in."""

    def make(call: str = "c1", number: str = CALLER, at: float = 0, **data: Any) -> Call:
        return tell(ring(call, number, at=at, agent="2001"), event("answer", call, at=at + 8, agent="2001", **data))

    return make


@pytest.fixture
def over(answered: Callable[..., Call]) -> Callable[..., Call]:
    """A call that was answered after eight seconds and ended after three minutes."""

    def make(call: str = "c1", number: str = CALLER, at: float = 0, **data: Any) -> Call:
        answered(call, number, at, **data)
        return tell(event("hangup", call, at=at + 188))

    return make
