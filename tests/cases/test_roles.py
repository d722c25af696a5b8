"""Every step of every process, asked for by everybody: allowed to those whom the definition names, refused to all others."""

from collections.abc import Callable

import pytest

from hues.cases import access, engine, processes, queries, reference
from hues.cases.models import Case
from hues.kernel.actors import HEAD, LEAD, OFFICER, OPERATOR, SYSTEM, Actor
from hues.kernel.errors import Conflict, Forbidden, NotFound, Problem
from tests.cases.conftest import MONDAY, People

PROCESSES = ("timed", "immediate", "command")
CATEGORY = {"timed": "DT01", "immediate": "DT03", "command": "TA03"}
ROLES = {
    "reporter": {"reporter"},
    OFFICER: {"officer"},
    HEAD: {"officer", "head"},
    "department": {"department"},
    OPERATOR: {"operator"},
    LEAD: {"operator", "lead"},
    "system": {"system"},
}
Open = Callable[..., Case]


@pytest.fixture
def by_role(people: People, citizen: Actor) -> dict[str, Actor]:
    by_code = reference.agencies_by_code()
    return {
        "reporter": citizen,
        OFFICER: people.officer(by_code["CVX"]),
        HEAD: people.head(by_code["CVX"]),
        "department": people.head(by_code["SXD"]),
        OPERATOR: people.operator,
        LEAD: people.lead,
        "system": SYSTEM,
    }


@pytest.mark.parametrize("code", PROCESSES)
def test_who_may_take_which_step(code: str, open_case: Open, by_role: dict[str, Actor], citizen: Actor) -> None:
    from tests.cases.conftest import upload

    case = open_case(category=CATEGORY[code], file_ids=[upload(citizen.id)])
    process = processes.process(case.process_id)
    case.agency = reference.agencies_by_code()["CVX"]
    case.published_at = MONDAY
    for step in process.steps.values():
        for state in process.states:
            case.state, case.pending = state, {}
            for role, actor in by_role.items():
                allowed = bool(ROLES[role].intersection(step.by))
                try:
                    engine.begin(actor, case, step.name)
                    assert allowed and state in step.source, f"{role} took {step.name} in {state}"
                except Forbidden:
                    assert not allowed, f"{role} was refused {step.name}"
                except Conflict:
                    assert allowed, f"{role} was told of a conflict for {step.name}"


@pytest.mark.parametrize("code", PROCESSES)
def test_what_is_offered_is_what_is_allowed(
    code: str, open_case: Open, by_role: dict[str, Actor], citizen: Actor
) -> None:
    from tests.cases.conftest import upload

    case = open_case(category=CATEGORY[code], file_ids=[upload(citizen.id)])
    case.agency = reference.agencies_by_code()["CVX"]
    case.published_at = MONDAY
    process = processes.process(case.process_id)
    for state in process.states:
        case.state = state
        for role, actor in by_role.items():
            offered = {step.name for step in queries.steps_for(actor, case)}
            for name in process.steps:
                try:
                    engine.begin(actor, case, name)
                    possible = actor is not SYSTEM
                except Problem:
                    possible = False
                assert (name in offered) == possible, f"{role}, {state}, {name}"


def test_steps_say_all_that_a_form_needs(open_case: Open, people: People) -> None:
    case = open_case()
    steps = {step.name: step for step in queries.steps_for(people.operator, case)}
    assert list(steps) == ["accept", "ask", "merge", "reclassify", "reject", "redirect"]
    accept = steps["accept"]
    assert (accept.label, accept.key, accept.danger) == ("Tiếp nhận và giao", "n", False)
    defaults = {field.name: field.default for field in accept.fields}
    assert defaults == {
        "category": "DT01", "agency": "CVX", "priority": "3", "visibility": "public", "public_body": case.body,
        "public_address": "27 Lê Lợi", "public_files": [],
    }  # fmt: skip
    reasons = next(field for field in steps["reject"].fields if field.name == "reason")
    assert reasons.required and len(reasons.options) == 9
    assert ("CVX", reference.agencies_by_code()["CVX"].name("vi")) in next(
        f for f in accept.fields if f.name == "agency"
    ).options
    assert steps["reject"].danger


def test_a_step_of_somebody_elses_case_does_not_exist(open_case: Open, people: People) -> None:
    case = open_case()
    for actor in (people.citizen(), people.officer(reference.agencies_by_code()["CVX"])):
        with pytest.raises(NotFound):
            engine.lock(actor, case.code)
    assert access.roles(people.citizen(), case) == frozenset()
