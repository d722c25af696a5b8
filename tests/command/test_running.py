"""Leading it: levels, periods, area, objectives, sectors, forces."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from hues.command import actions, telling
from hues.command.models import Incident, LogLine
from hues.command.playbooks import playbook
from hues.kernel import clock
from hues.kernel.actors import Actor
from hues.kernel.errors import Conflict, Forbidden, Invalid
from hues.kernel.models import JournalEntry
from tests.cases.conftest import People
from tests.command.conftest import MONDAY, WARD, agency, fresh


def entries(incident: Incident, action: str) -> list[JournalEntry]:
    return list(JournalEntry.objects.filter(subject_id=incident.pk, action=f"incident.{action}").order_by("pk"))


def told(entry: JournalEntry) -> set[Any]:
    return {one["person_id"] for one in entry.parts.get("notify", [])}


def test_it_begins_with_what_the_playbook_has(rain: Incident, lead: Actor) -> None:
    flood = playbook().kinds["flood"]
    assert rain.code.startswith("SC-") and rain.commander_id == lead.id
    assert [goal.text for goal in rain.objectives.order_by("number")] == [texts["vi"] for texts in flood.objectives]
    assert rain.sectors.count() == len(flood.sectors)
    taking_part = {one.agency.code for one in rain.agencies.select_related("agency")}
    assert set(flood.agencies) <= taking_part and f"UBX-{WARD}" in taking_part
    entry = entries(rain, "opened")[0]
    assert set(entry.parts) <= {"staff", "notify"} and f"incident:{rain.pk}" in entry.topics


def test_a_level_is_told_to_those_whom_it_concerns(rain: Incident, lead: Actor, people: People) -> None:
    chair, command, ward = people.head(agency("VPU")), people.head(agency("BCH")), people.head(agency(f"UBX-{WARD}"))
    with pytest.raises(Forbidden):
        actions.set_level(actor=lead, code=rain.code, level=3, why="Nước vượt báo động 3")
    actions.set_level(actor=command, code=rain.code, level=3, why="Nước vượt báo động 3")
    entry = entries(rain, "level")[0]
    assert {str(chair.id), str(ward.id), str(lead.id)} <= told(entry) and str(command.id) not in told(entry)
    assert entry.parts["staff"]["before"] == 2 and entry.parts["staff"]["level"] == 3
    assert entry.parts["staff"]["said"]["vi"].startswith("Mưa lớn 5/10") and "en" in entry.parts["staff"]["said"]
    with pytest.raises(Forbidden):
        actions.set_level(actor=lead, code=rain.code, level=2, why="Nước đã rút")
    actions.set_level(actor=chair, code=rain.code, level=1, why="Nước đã rút")
    assert fresh(rain).level == 1


def test_periods_begin_by_themselves_once_and_late_rather_than_never(rain: Incident) -> None:
    assert actions.begin_due_periods() == 0
    with clock.at(MONDAY + timedelta(hours=6)):
        assert actions.begin_due_periods() == 1
        assert actions.begin_due_periods() == 0
    with clock.at(MONDAY + timedelta(hours=25)):  # nobody was there for three periods
        assert actions.begin_due_periods() == 3
    now = fresh(rain)
    assert now.period_number == 5 and now.period_ends_at == MONDAY + timedelta(hours=30)
    starts = [period.starts_at - MONDAY for period in now.periods.order_by("number")]
    assert starts == [timedelta(hours=n) for n in (0, 6, 12, 18, 24)]
    begun = entries(rain, "period")
    assert [entry.parts["staff"]["missed"] for entry in begun] == [0, 2]
    assert now.sitreps.count() == 1, "each period leaves a draft, unless one waits to be signed"


def test_another_area_brings_its_wards_in(rain: Incident, lead: Actor) -> None:
    actions.change_area(actor=lead, code=rain.code, unit_codes=[WARD, "19753"], lat=16.47, lon=107.58, radius_m=900)
    now = fresh(rain)
    assert len(now.unit_ids) == 2 and now.radius_m == 900
    assert now.agencies.filter(agency__code="UBX-19753", left_at=None).exists()
    for wrong in (
        {"lat": 10.0, "lon": 100.0, "radius_m": 500},
        {"polygon": [[107.5, 16.4], [107.6, 16.5], [107.6, 16.4], [107.5, 16.5]]},
        {"polygon": [[107.5, 16.4], [107.6, 16.5]]},
        {"unit_codes": ["99999"]},
        {"lat": 16.47, "lon": 107.58, "radius_m": 5},
    ):
        with pytest.raises(Invalid):
            actions.change_area(actor=lead, code=rain.code, **wrong)


def test_two_who_change_it_at_once_do_not_overwrite_each_other(rain: Incident, lead: Actor) -> None:
    actions.change_area(actor=lead, code=rain.code, unit_codes=[WARD], version=rain.version)
    with pytest.raises(Conflict):
        actions.change_area(actor=lead, code=rain.code, unit_codes=["19753"], version=rain.version)


def test_a_sector_leader_judges_the_objectives_of_the_sector(rain: Incident, lead: Actor, people: People) -> None:
    officer = people.officer(agency("PC07"))
    sector = actions.set_sector(
        actor=lead, code=rain.code, name="Bờ bắc", agency_id=agency("PC07").pk, leader_id=officer.id
    )
    assert str(officer.id) in told(entries(rain, "sector")[0])
    goal = actions.add_objective(actor=officer, code=rain.code, words="Đưa hết người ra khỏi tổ 4", sector_id=sector.pk)
    actions.judge_objective(actor=officer, code=rain.code, objective_id=goal.pk, state="reached", note="34 người")
    other = rain.objectives.filter(sector=None).first()
    assert other is not None
    with pytest.raises(Forbidden):
        actions.judge_objective(actor=officer, code=rain.code, objective_id=other.pk, state="reached")
    with pytest.raises(Forbidden):
        actions.add_objective(actor=officer, code=rain.code, words="Mục tiêu của cả sự cố")


def test_a_team_of_the_rosters_is_committed_once(rain: Incident, operator: Actor) -> None:
    from hues.duty.models import Team

    team = Team.objects.create(agency=agency("HEP"), name="Đội thoát nước", kind="utility", created_at=MONDAY)
    force = actions.commit_force(actor=operator, code=rain.code, team_id=team.pk, gear="3 máy bơm")
    assert force.name == "Đội thoát nước" and force.people == 0, "nobody is on duty"
    with pytest.raises(Conflict):
        actions.commit_force(actor=operator, code=rain.code, team_id=team.pk)
    actions.release_force(actor=operator, code=rain.code, commitment_id=force.pk)
    assert actions.commit_force(actor=operator, code=rain.code, team_id=team.pk).pk != force.pk


def test_the_log_is_only_written_on(rain: Incident, lead: Actor) -> None:
    line = actions.add_log(actor=lead, code=rain.code, body="Nước sâu 45 cm.", kind="radio", caller="Tổ 1")
    mended = actions.add_log(actor=lead, code=rain.code, body="Nước sâu 54 cm.", corrects=line.pk)
    assert mended.corrects == line and [mended.number, line.number] == [2, 1]
    for change in ({"body": "khác"}, {"number": 9}, {"inside": True}):
        with pytest.raises(Exception, match="only written on"), transaction.atomic():
            LogLine.objects.filter(pk=line.pk).update(**change)
    with pytest.raises(Exception, match="only written on"), transaction.atomic():
        LogLine.objects.filter(pk=mended.pk).delete()
    assert LogLine.objects.get(pk=line.pk).body == "Nước sâu 45 cm."
    actions.pin_line(actor=lead, code=rain.code, line_id=line.pk)
    assert LogLine.objects.get(pk=line.pk).pinned_at


def test_what_the_command_alone_may_read_is_in_nobody_elses_part(rain: Incident, lead: Actor) -> None:
    actions.add_log(actor=lead, code=rain.code, body="Nhà báo hỏi về ông A.", inside=True)
    entry = entries(rain, "logged")[0]
    assert "ông A" not in str(entry.parts)


def test_every_language_of_the_city_has_its_sentence() -> None:
    assert set(telling.said(lambda: "x")) == {"vi", "en"}
