"""The people of these stories: the chairman's office, a department, an agency below it, the centre."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from hues.cases import actions, reference
from hues.cases.models import Case
from hues.city.models import Agency
from hues.kernel.actors import Actor
from hues.orders.actions import give_order
from tests.cases.conftest import MONDAY, People, Way, citizen, lights, monday, open_case, people, upload, way

__all__ = ["MONDAY", "Way", "citizen", "lights", "monday", "open_case", "people", "upload", "way"]

DEADLINE = MONDAY + timedelta(days=2)


@pytest.fixture
def chair(people: People) -> Actor:
    """The head of the chairman's office."""
    return people.head(reference.agencies_by_code()["VPU"])


@pytest.fixture
def give(chair: Actor, lights: Agency) -> Callable[..., Case]:
    def make(**changes: Any) -> Case:
        given: dict[str, Any] = {
            "actor": chair,
            "agency_id": lights.pk,
            "title": "Sửa hết đèn tắt trên đường Lê Lợi",
            "text": "Kiểm tra toàn tuyến và thay bóng hỏng trước lễ hội.",
            "due_at": DEADLINE,
        }
        return give_order(**{**given, **changes})

    return make


def take(actor: Actor, case: Case, step: str, **data: Any) -> Case:
    return actions.take_step(actor=actor, code=case.code, step=step, data=data)
