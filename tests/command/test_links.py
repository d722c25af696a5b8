"""Cases and calls: offered, linked, passed over, unlinked; promoted to an incident with their history."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from hues.cases.models import Case
from hues.command import actions
from hues.command.models import Incident, LinkedCase
from hues.command.queries import incidents_of, offered_count, offers
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, NotFound
from hues.kernel.models import JournalEntry
from tests.command.conftest import INSIDE, MONDAY, signed_in

Report = Callable[..., Case]
FAR = {"lat": 16.25, "lon": 107.68}


def codes(incident: Incident) -> set[str]:
    return {offer.code for offer in offers(incident, "vi")}


def test_what_fits_by_place_kind_and_time_is_offered(rain: Incident, report: Report) -> None:
    fits = report()
    far, other_kind = report(**FAR), report(category="TT04", body="Chèo kéo khách trước cửa Ngọ Môn.")
    with clock.at(MONDAY - timedelta(days=3)):
        old = report()
    assert codes(rain) == {fits.code}, (far.code, other_kind.code, old.code)
    assert offered_count(rain) == 1


def test_new_ones_are_there_when_the_page_asks_again(rain: Incident, report: Report, operator: Actor) -> None:
    client = signed_in(operator)
    part = f"/desk/incidents/{rain.code}/parts/cases"
    assert "data-offers" not in client.get(part).content.decode()
    code = report().code
    assert code in client.get(part).content.decode()


def test_a_circle_and_a_polygon_hold_what_lies_in_them(report: Report, lead: Actor) -> None:
    inside, outside = report(), report(lat=16.4637 + 0.02, lon=107.5909)
    circle = actions.open_incident(actor=lead, kind="flood", level=1, name="Ngập quanh chợ", radius_m=800, **INSIDE)
    assert codes(circle) == {inside.code}
    ring = [[107.585, 16.46], [107.596, 16.46], [107.596, 16.468], [107.585, 16.468]]
    drawn = actions.open_incident(actor=lead, kind="flood", level=1, name="Ngập khu phố", polygon=ring)
    assert codes(drawn) == {inside.code}, outside.code


def test_linked_in_bulk_all_or_none_and_known_on_both_sides(rain: Incident, report: Report, operator: Actor) -> None:
    cases = [report() for _ in range(4)]
    assert actions.link_cases(actor=operator, code=rain.code, cases=[case.code for case in cases[:3]]) == 3
    assert actions.link_cases(actor=operator, code=rain.code, cases=[case.code for case in cases]) == 1
    with pytest.raises(NotFound):
        actions.link_cases(actor=operator, code=rain.code, cases=["PA-2222-22"])
    with pytest.raises(Conflict):
        actions.link_case(actor=operator, code=rain.code, case=cases[0].code)
    told = JournalEntry.objects.filter(action="case.joined_incident")
    assert {entry.subject_id for entry in told} == {case.pk for case in cases}
    assert all("public" not in entry.parts and "party" not in entry.parts for entry in told)
    assert not codes(rain)


def test_what_does_not_belong_is_not_offered_again(rain: Incident, report: Report, operator: Actor) -> None:
    case = report()
    assert actions.pass_cases(actor=operator, code=rain.code, cases=[case.code]) == 1
    assert not codes(rain)
    actions.link_case(actor=operator, code=rain.code, case=case.code)
    assert rain.cases.get().state == LinkedCase.State.LINKED, "whoever passed it over may think again"


def test_an_ended_link_stays_as_history(rain: Incident, report: Report, operator: Actor, lead: Actor) -> None:
    case = report()
    actions.link_case(actor=operator, code=rain.code, case=case.code)
    actions.unlink_case(actor=operator, code=rain.code, case=case.code, why="Vỡ ống nước")
    with pytest.raises(NotFound):
        actions.unlink_case(actor=operator, code=rain.code, case=case.code)
    actions.link_case(actor=operator, code=rain.code, case=case.code)
    states = [row.state for row in rain.cases.order_by("pk")]
    assert states == ["unlinked", "linked"] and rain.cases.order_by("pk")[0].why == "Vỡ ống nước"
    assert [row[3] for row in incidents_of(case.pk, lead)] == ["linked"]


def test_a_case_becomes_an_incident_and_keeps_its_history(report: Report, lead: Actor) -> None:
    case = report()
    before = list(JournalEntry.objects.filter(subject_id=case.pk).order_by("pk").values_list("pk", flat=True))
    incident = actions.open_incident(actor=lead, kind="flood", level=1, name="Ngập", from_case=case.code)
    assert incident.from_case == case and incident.cases.get().case == case
    assert incident.unit_ids == [case.unit_id]
    after = list(JournalEntry.objects.filter(subject_id=case.pk).order_by("pk").values_list("pk", flat=True))
    assert after[: len(before)] == before and len(after) == len(before) + 1
    assert Case.objects.get(pk=case.pk).state == case.state, "its own process goes on"


def test_the_page_of_a_case_makes_an_incident_or_joins_one(
    rain: Incident, report: Report, lead: Actor, stranger: Actor
) -> None:
    case = report()
    client = signed_in(lead)
    panels = f"/desk/cases/{case.code}/panels"
    page = client.get(panels, headers={"HX-Request": "true"}).content.decode()
    assert f"/desk/incidents/new?case={case.code}" in page and rain.code in page
    asked = client.get(f"/desk/incidents/new?case={case.code}").content.decode()
    assert case.code in asked and 'value="flood"' in asked
    answer = client.post("/desk/incidents/join", {"case": case.code, "incident": rain.code})
    assert answer.status_code == 302 and rain.cases.filter(case=case, state="linked").exists()
    page = client.get(panels, headers={"HX-Request": "true"}).content.decode()
    assert f"/desk/incidents/{rain.code}" in page and "/desk/incidents/new?case" not in page
    other = signed_in(stranger).post("/desk/incidents/join", {"case": case.code, "incident": rain.code})
    assert other.status_code == 404


def test_a_call_of_the_hotline_is_linked_by_its_id(
    rain: Incident, report: Report, operator: Actor, lead: Actor
) -> None:
    from hues.hotline.models import Call

    case = report()
    call = Call.objects.create(
        code="CG-7K3MQ2", source="desk", source_id="1", case=case, rang_at=MONDAY, local_day=MONDAY.date(), local_hour=9
    )
    page = signed_in(operator).get(f"/desk/incidents/{rain.code}/parts/cases").content.decode()
    assert "CG-7K3MQ2" in page, "a call whose report fits is offered"
    link = actions.link_call(actor=operator, code=rain.code, call_id=call.pk)
    assert link.code == "CG-7K3MQ2" and rain.cases.get().case == case, "its report belongs to it as well"
    with pytest.raises(Conflict):
        actions.link_call(actor=operator, code=rain.code, call_id="CG-7K3MQ2")
    actions.unlink_call(actor=operator, code=rain.code, call_id=call.pk)
    assert rain.calls.get().ended_at
    desk = signed_in(operator)
    refused = desk.post(f"/desk/incidents/{rain.code}/do/link-call", {"call": "CG-2222-22"})
    assert refused.status_code in (404, 422) and "CG-2222-22" in refused.content.decode()
    assert desk.post(f"/desk/incidents/{rain.code}/do/link-call", {"call": "cg-7k3mq2"}).status_code == 302
    board = desk.get(f"/desk/incidents/{rain.code}/parts/cases").content.decode()
    assert f'href="/desk/calls/{call.pk}"' in board, "from the incident to what was said"
    made = actions.open_incident(actor=lead, kind="flood", level=1, name="Từ cuộc gọi", from_call=call.pk)
    assert made.calls.get().call_id == call.pk


def test_a_deputy_from_elsewhere_sees_the_lines_without_links_that_lead_nowhere(
    rain: Incident, report: Report, lead: Actor, stranger: Actor
) -> None:
    case = report()
    actions.link_case(actor=lead, code=rain.code, case=case.code)
    actions.name_deputies(actor=lead, code=rain.code, person_ids=[stranger.id])
    board = signed_in(stranger).get(f"/desk/incidents/{rain.code}/parts/cases").content.decode()
    assert case.code in board and f'href="/desk/cases/{case.code}"' not in board
    remains = actions.leave_case(
        actor=stranger, code=rain.code, case=case.code, words="Lập phương án nâng nền đường", category="HT04"
    )
    assert remains.origin == case
