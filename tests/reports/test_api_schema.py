"""The whole API against its own description: whoever calls, whatever is sent, the answer is one that the description promises,
and never a fault of ours."""

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from hues.cases.models import Case
from hues.config.wsgi import application
from hues.kernel.actors import SYSTEM
from hues.people import actions
from hues.people.models import User
from tests.reports.conftest import actor_of, report

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def in_this_transaction(environ: dict[str, Any], start_response: Any) -> Any:
    """The application, without closing at the end of a request what the test's own transaction still needs."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    return application(environ, start_response)


@pytest.fixture(params=["guest", "key", "citizen", "head", "operator"])
def caller(
    request: pytest.FixtureRequest,
    client: Client,
    citizen: User,
    make_key: Callable[..., str],
    published_case: Callable[..., Case],
    settings: Any,
) -> dict[str, Any]:
    """Headers and cookies of somebody who calls, with cases that some of them may see."""
    settings.LIMITS = False
    published_case()
    report(actor_of(citizen))
    if request.param == "guest":
        return {}
    if request.param == "key":
        return {"headers": {"Authorization": f"Bearer {make_key('reports')}"}}
    user = citizen
    if request.param != "citizen":
        user = actions.create_staff(actor=SYSTEM, username="ai.do", password="mưa dầm thấm đất Huế")
        agency = "CVX" if request.param == "head" else ""
        actions.grant_role(actor=SYSTEM, user_id=user.pk, role=request.param, agency=agency)
    client.force_login(user)
    token = "a" * 32
    cookies = {django_settings.SESSION_COOKIE_NAME: client.cookies[django_settings.SESSION_COOKIE_NAME].value}
    return {"headers": {"X-CSRFToken": token}, "cookies": cookies | {django_settings.CSRF_COOKIE_NAME: token}}


MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_every_answer_is_one_that_the_description_promises(
    client: Client, caller: dict[str, Any], mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_dict(client.get("/api/v1/openapi.json").json())
    schema.app = in_this_transaction
    called = set()
    for result in schema.get_all_operations():
        operation = result.ok()
        called.add(operation.label)
        try:
            _call(operation.as_strategy(generation_mode=mode), caller)
        except Unsatisfiable:  # nothing can be wrong about an operation that takes nothing
            assert mode is GenerationMode.NEGATIVE
    assert len(called) >= 18


def _call(strategy: Any, caller: dict[str, Any]) -> None:
    @given(case=strategy)
    @settings(
        max_examples=6, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    def check(case: schemathesis.Case) -> None:
        case.call_and_validate(base_url="http://testserver", checks=CHECKS, **caller)

    check()
