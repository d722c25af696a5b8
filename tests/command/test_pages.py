"""The pages, as those who work with them see them, and what they cost."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hues.cases.models import Case
from hues.command import actions
from hues.command.models import Incident, LogLine
from hues.command.queries import active, history
from hues.kernel.actors import Actor
from tests.command.conftest import WARD, agency, fresh, signed_in

# Statements at most, with the session's own.
BOARD, PART, LIST = 48, 26, 12
PARTS = ("head", "tasks", "log", "cases", "plan", "papers")


@pytest.fixture
def full(rain: Incident, report: Callable[..., Case], lead: Actor) -> Incident:
    """A board with something in each part."""
    cases = [report() for _ in range(6)]
    actions.link_cases(actor=lead, code=rain.code, cases=[case.code for case in cases[:4]])
    for code in ("HEP", "PCH"):
        actions.give_task(actor=lead, code=rain.code, agency_id=agency(code).pk, title="Bơm nước", case=cases[0].code)
        actions.commit_force(actor=lead, code=rain.code, agency_id=agency(code).pk, name=f"Đội {code}", people=3)
    for n in range(5):
        actions.add_log(actor=lead, code=rain.code, body=f"Dòng {n}", kind="decision" if n == 2 else "radio")
    actions.draft_sitrep(actor=lead, code=rain.code)
    return rain


def test_every_page_answers_in_few_statements(full: Incident, lead: Actor) -> None:
    client, here = signed_in(lead), f"/desk/incidents/{full.code}"
    bounds = {here: BOARD, "/desk/incidents": LIST, "/desk/incidents/new": LIST, f"{here}/area": LIST}
    bounds |= {f"{here}/parts/{part}": PART for part in PARTS} | {f"{here}/map.json": PART}
    for path in bounds:
        client.get(path)
    spent = {}
    for path in bounds:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(path).status_code == 200, path
        spent[path] = len(asked)
    assert all(spent[path] <= most for path, most in bounds.items()), spent


def test_what_it_costs_does_not_grow(full: Incident, report: Callable[..., Case], lead: Actor) -> None:
    client, path = signed_in(lead), f"/desk/incidents/{full.code}"
    client.get(path)
    with CaptureQueriesContext(connection) as before:
        client.get(path)
    actions.link_cases(actor=lead, code=full.code, cases=[report().code for _ in range(12)])
    for n in range(12):
        actions.add_log(actor=lead, code=full.code, body=f"Thêm {n}")
        actions.add_objective(actor=lead, code=full.code, words=f"Mục tiêu thêm {n}")
    with CaptureQueriesContext(connection) as after:
        client.get(path)
    assert len(after) <= len(before) + 1, "one more for the lines that are older"


def test_a_line_is_written_without_leaving_the_page(rain: Incident, lead: Actor) -> None:
    client = signed_in(lead)
    sent = {"body": "Nước sâu 45 cm.", "kind": "radio", "caller": "Tổ 1"}
    answer = client.post(f"/desk/incidents/{rain.code}/do/log", sent, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert answer.status_code == 200 and "Nước sâu 45 cm." in page and "<html" not in page
    plain = client.post(f"/desk/incidents/{rain.code}/do/log", {"body": "Không có script", "kind": "note"})
    assert plain.status_code == 302 and LogLine.objects.count() == 2


def test_what_was_refused_comes_back_as_it_was_typed(rain: Incident, lead: Actor) -> None:
    client = signed_in(lead)
    sent = {"task__title": "Bơm nước đường Lê Lợi", "task__agency": "", "task__way": "order", "task__within": "120"}
    answer = client.post(f"/desk/incidents/{rain.code}/do/task", sent)
    page = answer.content.decode()
    assert answer.status_code == 422 and "Bơm nước đường Lê Lợi" in page
    assert client.post(f"/desk/incidents/{rain.code}/do/fly", {}).status_code == 404


def test_a_task_is_given_from_the_board(rain: Incident, lead: Actor) -> None:
    sent = {
        "task__title": "Báo mực nước", "task__agency": str(agency("TL").pk), "task__way": "order",
        "task__within": "120", "task__text": "Mỗi giờ một lần.",
    }  # fmt: skip
    answer = signed_in(lead).post(f"/desk/incidents/{rain.code}/do/task", sent)
    assert answer.status_code == 302 and rain.tasks.get().agency == agency("TL")


def test_offers_are_linked_by_the_handful(rain: Incident, report: Callable[..., Case], operator: Actor) -> None:
    codes = [report().code for _ in range(3)]
    client, door = signed_in(operator), f"/desk/incidents/{rain.code}/do/link-many"
    client.post(door, {"cases": codes[:2]})
    client.post(door, {"cases": codes[2:], "not_of_it": "1"})
    assert sorted(rain.cases.values_list("state", flat=True)) == ["linked", "linked", "passed"]
    assert client.post(door, {"cases": []}).status_code == 422


def test_an_incident_is_opened_from_its_page(operator: Actor, lead: Actor) -> None:
    client = signed_in(operator)
    asked = client.get("/desk/incidents/new").content.decode()
    assert 'value="flood"' in asked and 'value="3"' not in asked.split("period_hours")[0], "levels that may be set"
    sent = {
        "kind": "flood",
        "level": "1",
        "name": "Mưa lớn",
        "units": [WARD],
        "lat": "16.46",
        "lon": "107.59",
        "radius_m": "900",
    }
    answer = client.post("/desk/incidents/new", sent)
    made = Incident.objects.get()
    assert answer.status_code == 302 and made.radius_m == 900 and made.commander_id == operator.id
    again = client.post("/desk/incidents/new", {**sent, "level": "3"})
    assert again.status_code == 403 and "Mưa lớn" in again.content.decode()
    assert client.post("/desk/incidents/new", {**sent, "polygon": "[[1,"}).status_code == 422
    drawn = {"name": "Mưa lớn khu trung tâm", "units": [WARD], "version": str(made.version), "categories": ["HT05"]}
    assert client.post(f"/desk/incidents/{made.code}/area", drawn).status_code == 302
    assert fresh(made).categories == ["HT05"] and fresh(made).radius_m is None
    stale = client.post(f"/desk/incidents/{made.code}/area", drawn)
    assert stale.status_code == 409


def test_the_page_follows_what_happens(rain: Incident, operator: Actor, ward_head: Actor) -> None:
    page = signed_in(operator).get(f"/desk/incidents/{rain.code}").content.decode()
    assert f'data-live-topics="incident:{rain.pk} centre"' in page and "data-live-ticket" in page
    own = signed_in(ward_head).get(f"/desk/incidents/{rain.code}").content.decode()
    assert f"incident:{rain.pk}" in own and "centre" not in own.split('data-live-topics="')[2].split('"')[0]


def test_the_wall_knows_what_runs_and_no_person(rain: Incident, lead: Actor) -> None:
    for n in range(6):
        actions.open_incident(actor=lead, kind="storm", level=1, name=f"Gió {n}")
    with CaptureQueriesContext(connection) as asked:
        rows = active(5)
    assert len(asked) <= 2 and len(rows) == 5
    assert rows[0].code == rain.code and rows[0].level == 2 and rows[0].open_tasks == 0
    assert lead.name not in str(rows)


def test_history_goes_page_by_page(lead: Actor) -> None:
    for n in range(5):
        made = actions.open_incident(actor=lead, kind="storm", level=1, name=f"Gió {n}")
        actions.demote_incident(actor=lead, code=made.code, why="Không có gì")
    first = history(lead, limit=3)
    second = history(lead, after=first.next, limit=3)
    assert len(first) == 3 and len(second) == 2 and second.next is None
    assert len({row.code for row in [*first, *second]}) == 5
